"""How good a forecast of counts was: log score, CRPS, and where what came lies in it.

Both scores are losses: lower is better. CRPS is in people; for a forecast without spread it is the absolute error. The
randomised PIT (Czado, Gneiting and Held 2009) is uniform if the forecast is right: the share of it in the middle 90% is
the coverage of the 90% interval, without the excess that intervals of whole numbers have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cms_sim.errors import InputError
from cms_sim.keys import lineage, uniform

Floats = NDArray[np.float64]
Counts = NDArray[np.integer[Any]]

MIDDLES: Final = (0.5, 0.9)
_BEYOND: Final = 1e-12
"""Chance of more than is summed over."""
_PIT_ROOT: Final = 2013
"""Root of the keys of the randomised PIT: precinct number and period decide the draw."""


class Law(Protocol):
    """A forecast of counts [precincts, periods]."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(precincts, periods)."""

    def log_score(self, came: Counts) -> Floats:
        """Minus the logarithm of the probability of what came."""

    def crps(self, came: Counts) -> Floats:
        """Continuous ranked probability score, people."""

    def pit(self, came: Counts, u: Floats) -> Floats:
        """Distribution function at what came, its step there filled at `u` (0 to 1)."""


@dataclass(frozen=True)
class NegativeBinomial:
    """Variance mean + excess x mean squared; with excess 0 the Poisson law."""

    mean: Floats
    """[precincts, periods], above 0."""
    excess: Floats
    """[precincts, periods]."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(precincts, periods)."""
        return self.mean.shape

    def log_score(self, came: Counts) -> Floats:
        """Minus the logarithm of the probability of what came."""
        return np.asarray(-np.where(self._poisson, self._p.logpmf(came), self._nb.logpmf(came)))

    def crps(self, came: Counts) -> Floats:
        """Sum of the squared distance between both distribution functions, which holds for any count and excess (closed
        forms with hypergeometric functions do not).
        """
        furthest = np.where(self._poisson, self._p.isf(_BEYOND), self._nb.isf(_BEYOND))
        most = int(max(furthest.max(), came.max()))
        total = np.zeros(came.shape)
        for place in range(most + 1):
            total += np.square(self._cumulative(np.asarray(place)) - (place >= came))
        return total

    def pit(self, came: Counts, u: Floats) -> Floats:
        """Distribution function at what came, its step there filled at `u`."""
        below, to = self._cumulative(came - 1), self._cumulative(came)
        return np.asarray(below + u * (to - below))

    def _cumulative(self, place: Counts) -> Floats:
        """Distribution function by its special functions: many times faster than through `scipy.stats`."""
        from scipy.special import betainc, gammaincc

        up_to = np.maximum(place, 0) + 1.0
        size = self._size
        found = np.where(self._poisson, gammaincc(up_to, self.mean), betainc(size, up_to, size / (size + self.mean)))
        return np.asarray(np.where(np.asarray(place) < 0, 0.0, found))

    @property
    def _poisson(self) -> NDArray[np.bool_]:
        return np.asarray(self.excess <= 0.0)

    @property
    def _size(self) -> Floats:
        return 1.0 / np.where(self._poisson, 1.0, self.excess)

    @property
    def _p(self) -> Any:
        from scipy.stats import poisson

        return poisson(self.mean)

    @property
    def _nb(self) -> Any:
        from scipy.stats import nbinom

        return nbinom(self._size, self._size / (self._size + self.mean))


@dataclass(frozen=True)
class Sample:
    """Counts of many histories."""

    counts: Counts
    """[histories, precincts, periods]."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(precincts, periods)."""
        return self.counts.shape[1:]

    def log_score(self, came: Counts) -> Floats:
        """Of the negative binomial law with the sample's mean and variance: a sample gives no probability to what none
        of it has.
        """
        return self.smoothed().log_score(came)

    def crps(self, came: Counts) -> Floats:
        """Unbiased for the law that the sample is of, whatever its size."""
        import scoringrules as sr  # type: ignore[import-untyped]

        last = np.moveaxis(self.counts, 0, -1).astype(np.float64)
        return np.asarray(sr.crps_ensemble(came.astype(np.float64), last, estimator="pwm"))

    def pit(self, came: Counts, u: Floats) -> Floats:
        """The rank of what came among the histories, ties broken by `u`: uniform for a sample of any size."""
        below, same = (self.counts < came).sum(axis=0), (self.counts == came).sum(axis=0)
        return np.asarray((below + u * (same + 1)) / (len(self.counts) + 1))

    def smoothed(self) -> NegativeBinomial:
        """Negative binomial by moments; a mean of nothing is half a person in all histories."""
        mean = np.maximum(self.counts.mean(axis=0), 0.5 / len(self.counts))
        excess = (self.counts.var(axis=0, ddof=1) - mean) / np.square(mean)
        return NegativeBinomial(mean, np.maximum(excess, 0.0))


@dataclass(frozen=True)
class Scored:
    """One forecast held against what came; [precincts, periods] each."""

    name: str
    log_score: Floats
    crps: Floats
    pit: Floats

    def covered(self, middle: float) -> float:
        """Share of what came inside the central interval of that probability."""
        return float((np.abs(self.pit - 0.5) <= middle / 2.0).mean())


def score(name: str, law: Law, came: Counts, numbers: Sequence[int]) -> Scored:
    """Scores of a forecast of the precincts `numbers`. Raises InputError where it is of other cells."""
    if came.shape != law.shape or len(came) != len(numbers):
        remedy = "Precincts and periods of both must be the same."
        raise InputError(
            f"forecast {law.shape}, came {came.shape}, {len(numbers)} precincts", where=name, remedy=remedy
        )
    u = keyed_uniform(numbers, came.shape[1])
    return Scored(name, law.log_score(came), law.crps(came), law.pit(came, u))


def keyed_uniform(numbers: Sequence[int], periods: int, root: int = _PIT_ROOT) -> Floats:
    """[precincts, periods] draws in [0, 1) that belong to precinct and period."""
    return np.array([[uniform(lineage(root, number, period), 0) for period in range(periods)] for number in numbers])


@dataclass(frozen=True)
class Gain:
    """By how much one forecast scores lower (better, if below 0) than another; 95% interval, precincts as clusters."""

    against: str
    difference: float
    low: float
    high: float

    @property
    def settled(self) -> bool:
        """Whether the interval leaves no doubt about the sign."""
        return self.low > 0.0 or self.high < 0.0


def gain(ours: Floats, theirs: Floats, against: str) -> Gain:
    """Difference of mean scores [precincts, periods]; Student's t over precincts' means."""
    from scipy.stats import t

    by_precinct = (ours - theirs).mean(axis=1)
    n = len(by_precinct)
    half = t.ppf(0.975, n - 1) * by_precinct.std(ddof=1) / np.sqrt(n)
    mean = float(by_precinct.mean())
    return Gain(against, mean, mean - float(half), mean + float(half))
