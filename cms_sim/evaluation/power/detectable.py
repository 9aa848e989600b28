"""The smallest fall that a study finds 8 times in 10, and how well so many histories know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats

if TYPE_CHECKING:
    import pandas as pd

WANTED_POWER: Final = 0.8
ONE_SIDE: Final = 0.025
FEWEST: Final = 40
"""Histories without an effect below which their outer 2.5% say nothing."""
NAN: Final = float("nan")
_RESAMPLES: Final = 200
_SEED: Final = 700


def crossing(sizes: Floats, power: Floats, wanted: float = WANTED_POWER) -> float:
    """The size from which on power stays at `wanted` or above, on a line between the two sizes around it."""
    below = np.flatnonzero(~(power >= wanted))
    if not len(sizes) or (len(below) and below[-1] == len(sizes) - 1):
        return NAN
    if not len(below):
        return float(sizes[0])
    k = below[-1]
    part = (wanted - power[k]) / (power[k + 1] - power[k])
    return float(sizes[k] + part * (sizes[k + 1] - sizes[k]))


def calibrated_power(values: Floats) -> Floats:
    """[E] share of each row of `values` [E, H] that lies below what all but 2.5% of the first row, without an effect,
    are; unknown ones (NaN) aside. NaN where fewer than 40 histories without an effect are known."""
    nothing = values[0][np.isfinite(values[0])]
    if len(nothing) < FEWEST:
        return np.full(len(values), NAN)
    below = values < np.quantile(nothing, ONE_SIDE)
    known = np.isfinite(values).sum(axis=1)
    return np.asarray(np.where(known > 0, below.sum(axis=1) / np.maximum(known, 1), NAN))


def smallest_calibrated(planted: pd.DataFrame) -> tuple[float, float, float]:
    """The smallest fall (percent, below 0) that 8 of 10 studies report below what all but 2.5% report where nothing
    happened, and its 95% range over resampled histories; NaN for more than any size planted, or too few histories.

    `planted`: one estimator's reports of one study, effects of 0 and below among them."""
    falls = planted[planted["effect_percent"] <= 0.0]
    wide = falls.pivot(index="effect_percent", columns="history", values="value").sort_index(ascending=False)
    sizes, values = -wide.index.to_numpy(dtype=np.float64), wide.to_numpy(dtype=np.float64)
    if np.isfinite(values[0]).sum() < FEWEST:
        return NAN, NAN, NAN
    histories = values.shape[1]
    again = np.random.default_rng(_SEED).integers(histories, size=(_RESAMPLES, histories))
    drawn = np.array([crossing(sizes, calibrated_power(values[:, each])) for each in again])
    beyond = np.where(np.isnan(drawn), np.inf, drawn)
    low, high = np.quantile(beyond, (ONE_SIDE, 1 - ONE_SIDE), method="inverted_cdf")
    return -crossing(sizes, calibrated_power(values)), -_finite(low), -_finite(high)


def power_at(sizes: NDArray[np.float64], power: NDArray[np.float64], size: float) -> float:
    """Power at a fall between those planted, on a line between its neighbours; NaN beyond the largest."""
    order = np.argsort(sizes)
    inside = sizes.min() <= size <= sizes.max()
    return float(np.interp(size, sizes[order], power[order])) if inside else NAN


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else NAN
