"""The smallest fall that a study finds 8 times in 10, between which planted falls, and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cms_sim.evaluation.intervals import Floats

if TYPE_CHECKING:
    import pandas as pd

WANTED_POWER: Final = 0.8
ONE_SIDE: Final = 0.025
FEWEST: Final = 40
"""Histories without an effect below which their outer 2.5% say nothing."""
NAN: Final = float("nan")
_ALMOST_NONE: Final = 0.005
"""None and all of so many histories are taken as this share of them, and the rest."""
_RESAMPLES: Final = 200
_SEED: Final = 700


@dataclass(frozen=True)
class Smallest:
    """The size of a fall (percent, above 0) from which on it is found 8 times in 10."""

    value: float
    """Between the two planted falls around it (`crossing`); NaN unless it lies between two."""
    missed: float
    """The largest planted fall that is found less often; 0: none that was planted; NaN: not even no change is."""
    found: float
    """The planted fall above it; 0: "a fall" is said where nothing happened; NaN: none of those planted."""

    @property
    def size(self) -> float:
        """`value` for sorting: 0 for less than any planted fall, infinite for more, NaN if nothing is known."""
        if np.isnan(self.found):
            return NAN if np.isnan(self.missed) else float("inf")
        return 0.0 if np.isnan(self.value) else self.value


UNKNOWN: Final = Smallest(NAN, NAN, NAN)


def crossing(sizes: Floats, power: Floats, wanted: float = WANTED_POWER) -> Smallest:
    """From which of `sizes` (ascending, 0 the first) on power stays at `wanted` or above, on a line of normal quantiles
    between two of them: power bends as the normal distribution does, and a straight line would lie up to a third of the
    gap too high.

    No change is no planted fall: what lies between it and the smallest one is only known to be less than that."""
    from scipy.special import ndtri

    if len(sizes) < 2 or np.isnan(power).any():
        return UNKNOWN
    below = np.flatnonzero(power < wanted)
    if not len(below):
        return Smallest(NAN, NAN, float(sizes[0]))
    k = below[-1]
    if k == len(sizes) - 1:
        return Smallest(NAN, float(sizes[k]), NAN)
    low, goal, high = ndtri(np.clip([power[k], wanted, power[k + 1]], _ALMOST_NONE, 1.0 - _ALMOST_NONE))
    part = (goal - low) / (high - low)
    value = float(sizes[k] + part * (sizes[k + 1] - sizes[k])) if sizes[k] > 0.0 else NAN
    return Smallest(value, float(sizes[k]), float(sizes[k + 1]))


def critical(nothing: Floats, share: float) -> float:
    """The value below which another report lies with the chance `share`, from known ones (k-th of n: k / (n + 1)).

    The usual quantile of 60 reports has 4% of others below its 2.5%."""
    return float(np.quantile(nothing, share, method="weibull"))


def calibrated_power(values: Floats) -> Floats:
    """[E] share of each row of `values` [E, H] that lies below what all but 2.5% of the first row, without an effect,
    are; unknown ones (NaN) aside. NaN where fewer than 40 histories without an effect are known."""
    nothing = values[0][np.isfinite(values[0])]
    if len(nothing) < FEWEST:
        return np.full(len(values), NAN)
    below = values < critical(nothing, ONE_SIDE)
    known = np.isfinite(values).sum(axis=1)
    return np.asarray(np.where(known > 0, below.sum(axis=1) / np.maximum(known, 1), NAN))


def detectable(planted: pd.DataFrame) -> tuple[Smallest, float, float]:
    """The smallest fall that 8 of 10 studies report below what all but 2.5% report where nothing happened, and its 95%
    range (`Smallest.size`) over resampled histories, the critical value found anew in each.

    `planted`: one estimator's reports of one study, no effect and falls among them; the size of a fall is what is true
    of it (`true_percent`). Of 60 histories with normal reports the range holds the truth 90 times in 100, of 300 about
    95 times."""
    falls = planted[planted["true_percent"] <= 0.0]
    if falls["true_percent"].nunique() < falls["effect_percent"].nunique():
        return UNKNOWN, NAN, NAN  # sites whose effect nobody next door feels
    wide = falls.pivot(index="true_percent", columns="history", values="value").sort_index(ascending=False)
    sizes, values = -wide.index.to_numpy(dtype=np.float64), wide.to_numpy(dtype=np.float64)
    if len(sizes) < 2 or np.isfinite(values[0]).sum() < FEWEST:
        return UNKNOWN, NAN, NAN
    histories = values.shape[1]
    again = np.random.default_rng(_SEED).integers(histories, size=(_RESAMPLES, histories))
    drawn = np.array([crossing(sizes, calibrated_power(values[:, each])).size for each in again])
    low, high = np.quantile(drawn[~np.isnan(drawn)], (ONE_SIDE, 1 - ONE_SIDE), method="inverted_cdf")
    return crossing(sizes, calibrated_power(values)), float(low), float(high)


def at(sizes: Floats, values: Floats, size: float) -> float:
    """A value at a fall between two that were planted, on a line between its neighbours; NaN beyond them."""
    order, planted = np.argsort(sizes), sizes[sizes > 0.0]
    inside = len(planted) and planted.min() <= size <= planted.max()
    return float(np.interp(size, sizes[order], values[order])) if inside else NAN
