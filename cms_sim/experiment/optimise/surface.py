"""The response surface: what a precinct's part of the score becomes, as a smooth function of what is added there.

Precincts hardly touch each other (docs/ODD.md, section 5), so one run says of every precinct what its own addition
did. One shape is fitted for all of them, scaled by what sites avert in each, with a small correction of each one's own.
The terms are quadratic in square roots: concave where returns diminish, with interactions between any two levers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.experiment.optimise.allocation import SHIFT

if TYPE_CHECKING:
    from sklearn.linear_model import BayesianRidge

Floats = NDArray[np.float64]
OWN: Final = 0.3
"""How large a precinct's own correction is expected to be beside the shared shape."""
LEAST_SCALE: Final = 0.05
"""A precinct's scale is at least this share of the mean one: where nothing is averted there is still a shape."""


@dataclass(frozen=True)
class Terms:
    """The terms of the surface, centred and scaled as in the runs that it was fitted to."""

    precincts: int
    shifts: int
    varied: NDArray[np.intp]
    """Columns of AMOUNTS that differ between the runs."""
    centre: Floats
    spread: Floats

    def of(self, place: NDArray[np.intp], rows: NDArray[np.int64]) -> Floats:
        """[N, terms] for `rows` [N, COLUMNS] added in the precincts at `place` [N]."""
        plain = _plain(self.varied, self.shifts, rows)
        shared = (_quadratic(plain) - self.centre) / self.spread
        linear = OWN * np.column_stack([np.ones(len(rows)), shared[:, : plain.shape[1]]])
        own = np.zeros((len(rows), self.precincts, linear.shape[1]))
        own[np.arange(len(rows)), place] = linear
        return np.hstack([shared, own.reshape(len(rows), -1)])


def _plain(varied: NDArray[np.intp], shifts: int, rows: NDArray[np.int64]) -> Floats:
    patterns = rows[:, [SHIFT]] == np.arange(1, shifts)
    return np.hstack([np.sqrt(rows[:, varied]), patterns.astype(np.float64)])


def _quadratic(plain: Floats) -> Floats:
    """The terms themselves, then every product of two."""
    first, second = np.triu_indices(plain.shape[1])
    return np.hstack([plain, plain[:, first] * plain[:, second]])


@dataclass(frozen=True)
class Surface:
    """A fitted surface, or one drawn from what the runs leave open."""

    terms: Terms
    scale: Floats
    """[precincts]."""
    weights: Floats
    level: float
    model: BayesianRidge

    def predict(self, place: int, rows: NDArray[np.int64]) -> Floats:
        """[N] part of the score of the precinct at `place` with each of `rows` [N, COLUMNS] added."""
        terms = self.terms.of(np.full(len(rows), place), rows)
        return np.asarray(self.scale[place] * (terms @ self.weights + self.level))

    def drawn(self, generator: np.random.Generator) -> Surface:
        """Another surface that the runs allow: a draw from the posterior of the weights."""
        size = len(self.weights)
        root = np.linalg.cholesky(self.model.sigma_ + 1e-10 * np.eye(size) * np.trace(self.model.sigma_) / size)
        return replace(self, weights=self.weights + root @ generator.standard_normal(size))


def fit_surface(tables: NDArray[np.int64], scores: Floats, shifts: int) -> Surface:
    """The surface through `scores` [plans, precincts] of the plans with `tables` [plans, precincts, COLUMNS].

    Weights and their uncertainty are scikit-learn's Bayesian ridge regression's.
    """
    from sklearn.linear_model import BayesianRidge

    plans, precincts = scores.shape
    rows = tables.reshape(plans * precincts, -1)
    place = np.tile(np.arange(precincts), plans)
    amounts = rows[:, :SHIFT]
    varied = np.flatnonzero(amounts.min(axis=0) < amounts.max(axis=0))
    shared = _quadratic(_plain(varied, shifts, rows))
    spread = shared.std(axis=0)
    terms = Terms(precincts, shifts, varied, shared.mean(axis=0), np.where(spread > 0.0, spread, 1.0))
    scale = scores.mean(axis=0)
    scale = np.maximum(scale, LEAST_SCALE * max(float(np.abs(scale).mean()), 1e-9))
    wanted = (scores / scale).reshape(-1)
    model = BayesianRidge().fit(terms.of(place, rows), wanted, sample_weight=np.tile(scale / scale.mean(), plans))
    return Surface(terms, scale, np.asarray(model.coef_), float(model.intercept_), model)
