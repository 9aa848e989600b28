"""Two intervals that must not be taken for one another, over replicates paired by draw and seed.

The **interval of the mean** says how well these runs know the average over draws and chance: more replicates narrow it.
The **range** says where one future may fall, parameters and chance both included: more replicates do not narrow it.
Both are of the quantity itself; for a difference they are taken over paired differences, never from two intervals.

Replicates that share a parameter draw are not independent: they form a cluster, in the t interval (cluster-robust
standard error) and in the bootstrap (whole draws are resampled). With one draw a replicate, the usual case, both are
the ordinary ones. With fewer than `FEWEST_DRAWS` clusters an interval is NaN: a handful of runs that happen to agree
would claim a certainty that nobody has. So is a range that has no replicate to leave out at either end
(`fewest_for_range`: under 20 for 90%, under 40 for 95%).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]
"""[R] the draw of each replicate."""

LEVEL: Final = 0.95
FEWEST_DRAWS: Final = 8
"""Parameter draws (runs, where each has its own) under which no interval of a mean is given."""
RESAMPLES: Final = 2000
_SEED: Final = 20200610
"""Of the bootstrap only: the same results give the same tables."""


@dataclass(frozen=True)
class Spread:
    """A quantity over replicates; every field has the quantity's own shape (0-d, [P] or [P, S])."""

    mean: Floats
    mean_low: Floats
    """Lower end of the 95% interval of the mean."""
    mean_high: Floats
    low_90: Floats
    """Lower end of the range that holds 90% of replicates."""
    high_90: Floats
    low_95: Floats
    high_95: Floats


def spread(samples: Floats, label: Labels) -> Spread:
    """Mean, interval of the mean and ranges of `samples` [R, ...]."""
    return Spread(
        np.asarray(samples.mean(axis=0)),
        *mean_interval(samples, label),
        *sample_range(samples, 0.90),
        *sample_range(samples, 0.95),
    )


def draw_labels(parameters: Mapping[str, Floats], replicates: int) -> Labels:
    """[R] which draw each replicate belongs to; with one draw in all, each replicate is its own cluster."""
    own = np.arange(replicates, dtype=np.intp)
    if not parameters:
        return own
    _, label = np.unique(np.column_stack(list(parameters.values())), axis=0, return_inverse=True)
    return np.asarray(label, dtype=np.intp).reshape(-1) if label.max() > 0 else own


def enough(label: Labels) -> bool:
    """Whether there are draws enough for an interval of a mean."""
    return int(label.max()) + 1 >= FEWEST_DRAWS


def standard_error(samples: Floats, label: Labels) -> Floats:
    """Cluster-robust standard error of the mean of `samples` [R, ...]; NaN with too few clusters."""
    clusters = int(label.max()) + 1
    if not enough(label):
        return np.full(samples.shape[1:], np.nan)
    sums = np.zeros((clusters, *samples.shape[1:]))
    np.add.at(sums, label, samples - samples.mean(axis=0))
    squares = np.square(sums).sum(axis=0) * clusters / (clusters - 1)
    return np.asarray(np.sqrt(squares) / len(samples), dtype=np.float64)


def mean_interval(samples: Floats, label: Labels, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Student's t interval of the mean of `samples` [R, ...] over replicates."""
    mean = samples.mean(axis=0)
    half = t_quantile(0.5 + level / 2.0, int(label.max())) * standard_error(samples, label)
    return np.asarray(mean - half), np.asarray(mean + half)


def t_quantile(probability: float, degrees: int) -> float:
    """Quantile of Student's t; NaN without a degree of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability)) if degrees > 0 else float("nan")


def sample_range(samples: Floats, level: float) -> tuple[Floats, Floats]:
    """Central range that holds `level` of the replicates of `samples` [R, ...], those that are NaN left out.

    NaN where a tail would be less than one replicate."""
    if len(samples) < fewest_for_range(level):
        none = np.full(samples.shape[1:], np.nan)
        return none, none
    tails = (0.5 - level / 2.0, 0.5 + level / 2.0)
    low, high = _nan_quantiles(samples, tails) if np.isnan(samples).any() else np.quantile(samples, tails, axis=0)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def fewest_for_range(level: float) -> int:
    """Replicates under which a central range of `level` has none to leave out at either end."""
    return round(2.0 / (1.0 - level))


def _nan_quantiles(samples: Floats, tails: tuple[float, float]) -> Floats:
    """As `numpy.nanquantile`, but silent where every replicate is NaN."""
    columns = samples.reshape(len(samples), -1).T
    found = [np.quantile(kept, tails) if (kept := row[~np.isnan(row)]).size else (np.nan, np.nan) for row in columns]
    return np.array(found, dtype=np.float64).T.reshape(2, *samples.shape[1:])


def resampled_sums(samples: Floats, label: Labels) -> Floats:
    """[RESAMPLES, ...] sums of `samples` [R, ...] over bootstrap resamples of whole draws.

    Sums of whole numbers are exact, so ties stay ties; the resamples are the same for all samples with these labels,
    so that ratios and differences are resampled in pairs."""
    return np.asarray(np.tensordot(_weights(label.tobytes()), samples, axes=(1, 0)), dtype=np.float64)


def resampled_ratio(numerator: Floats, denominator: Floats, label: Labels) -> tuple[Floats, Floats]:
    """95% bootstrap interval of sum(numerator) / sum(denominator), samples [R, ...]; NaN with too few draws."""
    if not enough(label):
        none = np.full(numerator.shape[1:], np.nan)
        return none, none
    return sample_range(ratio(resampled_sums(numerator, label), resampled_sums(denominator, label)), LEVEL)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Element by element; NaN where the denominator is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    quotient = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0.0)
    return np.asarray(quotient, dtype=np.float64)


@lru_cache(maxsize=2)
def _weights(label_bytes: bytes) -> Floats:
    """[RESAMPLES, R] how often each replicate counts."""
    label = np.frombuffer(label_bytes, dtype=np.intp)
    clusters = int(label.max()) + 1
    generator = np.random.Generator(np.random.Philox(_SEED))
    picked = generator.integers(0, clusters, (RESAMPLES, clusters)) + clusters * np.arange(RESAMPLES)[:, None]
    counts = np.bincount(picked.ravel(), minlength=RESAMPLES * clusters).reshape(RESAMPLES, clusters)
    return counts[:, label].astype(np.float64)
