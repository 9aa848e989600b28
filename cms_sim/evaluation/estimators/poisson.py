"""Poisson regression of counts on precinct and period effects, errors clustered by precinct (`statsmodels`).

Months between two openings are one period: with month effects, rates within it differ from precinct to precinct by a
factor only, so its sums hold all that the months hold. The estimate is the same to the last digit, and so is the
clustered error but for its small-sample factor, from a tenth of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.estimate import CONFIDENCE, Estimate, percent, unknown
from cms_sim.evaluation.estimators.libraries import library, quiet
from cms_sim.evaluation.estimators.panel import Panel

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Periods:
    """Counts [S, K] of K periods, and the month with which each begins [K]."""

    counts: NDArray[np.int64]
    begins: NDArray[np.int64]


def between_openings(panel: Panel) -> Periods:
    """Periods that begin where a site opens."""
    begins = np.unique([0, *panel.opening[panel.changing]])
    return Periods(np.add.reduceat(panel.counts, begins, axis=1), begins)


def calendar_years(panel: Panel) -> Periods:
    """Whole calendar years on record."""
    return years(panel, int(-panel.months[0].astype(int) % 12))


def years(panel: Panel, first: int) -> Periods:
    """Whole years of twelve months from month `first` on."""
    count = (len(panel.months) - first) // 12
    cut = panel.counts[:, first : first + 12 * count]
    return Periods(cut.reshape(len(cut), count, 12).sum(axis=2), first + 12 * np.arange(count))


def change(name: str, counts: NDArray[np.int64], treated: Mask, kept: Mask) -> Estimate:
    """The change of the rate where `treated`, of the cells `kept` (all [S, K]), in percent; NaN without a contrast.

    Precincts and periods in which nobody was shot are left out: their effects are minus infinity whatever the rest."""
    models, families = library("statsmodels.genmod.generalized_linear_model"), library("statsmodels.genmod.families")
    kept = kept & (np.where(kept, counts, 0).sum(axis=1) > 0)[:, None]
    kept = kept & (np.where(kept, counts, 0).sum(axis=0) > 0)
    precinct, period = np.nonzero(kept)
    design = np.column_stack([treated[kept], _dummies(precinct), _dummies(period)[:, 1:]]).astype(np.float64)
    if not len(design) or np.linalg.matrix_rank(design) < design.shape[1]:
        return unknown(name, "nothing to compare with: no precinct tells the effect from the periods")
    clusters = {"groups": precinct, "use_correction": True}
    with quiet():
        model = models.GLM(counts[kept], design, family=families.Poisson())
        fitted = model.fit(cov_type="cluster", cov_kwds=clusters, use_t=True)
    low, high = fitted.conf_int(alpha=1.0 - CONFIDENCE)[0]
    value, low, high = (percent(np.exp(x)) for x in (fitted.params[0], low, high))
    return Estimate(name, value, low, high, len(np.unique(precinct)), "precincts")


def _dummies(labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.asarray(labels[:, None] == np.unique(labels))
