"""From a bank and what is observed to a posterior sample: approximate Bayesian computation with regression.

1. Each calibrated parameter's expected value given the statistics is learned from the bank (ridge regression on the
   statistics and their products, scikit-learn): these expectations are the summaries, one for each parameter
   (semi-automatic summaries: Fearnhead and Prangle 2012).
2. The histories whose summaries lie nearest to the observed ones are kept, weighted by nearness.
3. Their parameters are moved along a local linear regression on the summaries to where these are the observed ones
   (Beaumont, Zhang and Balding 2002).
All on the scale on which the prior is a standard normal, so that nothing leaves its prior. Once the bank is there, a
posterior costs milliseconds: that is what makes checks by simulation (`recovery`) affordable. On problems of this size
it covered as it should where neural estimators with as many runs did not (docs/calibration.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.parameters import load_parameters
from cms_sim.data.targets import Target
from cms_sim.errors import InputError
from cms_sim.evaluation.calibration.bank import LIVED, Bank, places
from cms_sim.evaluation.calibration.targets import scaled

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Floats = NDArray[np.float64]

KEPT_SHARE: Final = 0.25
"""Share of the bank that is kept in step 2."""
FOLDS: Final = 8
LEAST_DRAWS: Final = 200
"""With fewer histories the regressions mean nothing."""
_INSIDE: Final = 1e-6
_NOISE_STREAM: Final = 7


def calibrated(names: Sequence[str]) -> tuple[str, ...]:
    """Those parameters that some statistic is said to identify (the table's `identified_by`); the others keep their
    prior.
    """
    table = load_parameters()
    return tuple(name for name in names if not table[name].prior_only)


@dataclass(frozen=True)
class Examples:
    """A bank, ready to be learned from."""

    names: tuple[str, ...]
    """All drawn parameters."""
    fitted: tuple[str, ...]
    """The calibrated ones."""
    normal: Floats
    """[draws, names] where each value lies in its prior, as a standard normal."""
    statistics: Floats
    """[draws, targets] scaled, with the measurement's error added."""

    @property
    def theta(self) -> Floats:
        """[draws, fitted]."""
        return self.normal[:, [self.names.index(name) for name in self.fitted]]

    def without(self, rows: NDArray[np.intp]) -> Examples:
        """The same less some draws."""
        kept = np.setdiff1d(np.arange(len(self.normal)), rows)
        return Examples(self.names, self.fitted, self.normal[kept], self.statistics[kept])


def examples_of(bank: Bank, targets: Sequence[Target]) -> Examples:
    """The bank's draws and scaled statistics. Raises InputError for a bank that is too small."""
    from scipy.special import ndtri

    if len(bank.values) < LEAST_DRAWS:
        remedy = f"Give at least {LEAST_DRAWS}, better some thousands."
        raise InputError(f"{len(bank.values)} histories are too few", where="--draws", remedy=remedy)
    names = tuple(bank.values.columns)
    noise = np.random.default_rng([bank.plan.seed, _NOISE_STREAM])
    columns = [
        scaled(target, bank.statistics[target.name].to_numpy()) + target.error * noise.standard_normal(len(bank.values))
        for target in targets
    ]
    normal = ndtri(np.clip(places(bank), _INSIDE, 1.0 - _INSIDE))
    lived = bank.statistics[LIVED].to_numpy() > 0
    return Examples(names, calibrated(names), normal[lived], np.column_stack(columns)[lived])


class Learned:
    """The summaries learned from examples: posteriors for any observation."""

    def __init__(self, examples: Examples) -> None:
        from sklearn.model_selection import cross_val_predict

        self.examples = examples
        self._model = _regression().fit(examples.statistics, examples.theta)
        # Out of fold: what a rule says of rows that it was fitted to lies nearer to the truth than the rest.
        self._summaries: Floats = cross_val_predict(_regression(), examples.statistics, examples.theta, cv=FOLDS)
        self._spread = np.maximum(self._summaries.std(axis=0), 1e-9)

    def posterior(self, observation: Floats, count: int, seed: int) -> Floats:
        """[count, names] on the normal scale: a sample given the statistics [targets] observed."""
        kept, weight, theta = self._adjusted(observation)
        rng = np.random.default_rng(seed)
        ticks = (np.arange(count) + rng.random()) / count
        chosen = rng.permutation(np.minimum(np.searchsorted(np.cumsum(weight), ticks), len(kept) - 1))
        sample = self.examples.normal[kept[chosen]].copy()
        sample[:, [self.examples.names.index(name) for name in self.examples.fitted]] = theta[chosen]
        return np.asarray(sample, dtype=np.float64)

    def _adjusted(self, observation: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Rows kept, their weights (sum 1) and their parameters moved to the observation."""
        from sklearn.linear_model import LinearRegression

        aim = self._model.predict(observation[None])[0]
        away = (self._summaries - aim) / self._spread
        distance = np.sqrt(np.square(away).sum(axis=1))
        count = max(LEAST_DRAWS // 2, round(KEPT_SHARE * len(distance)))
        kept = np.argsort(distance, kind="stable")[:count]
        weight = 1.0 - np.square(distance[kept] / (distance[kept[-1]] * (1.0 + 1e-9)))
        line = LinearRegression().fit(away[kept], self.examples.theta[kept], sample_weight=weight)
        fitted = line.predict(away[kept])
        residual = self.examples.theta[kept] - fitted
        weight = weight / weight.sum()
        rows = 1.0 / np.square(weight).sum()  # as many as the weighted ones are worth
        loss = np.sqrt(rows / max(1.0, rows - away.shape[1] - 1.0))  # residuals are too small by what the line took up
        return kept, weight, np.asarray(line.intercept_ + loss * residual, dtype=np.float64)


def _regression() -> Pipeline:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    products = PolynomialFeatures(2, include_bias=False)
    return make_pipeline(StandardScaler(), products, StandardScaler(), RidgeCV(np.logspace(-1, 4, 16)))
