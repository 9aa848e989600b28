"""What pairing replicates bought: the variance of a difference against what independent seeds would have given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cms_sim.evaluation.differences import labels
from cms_sim.evaluation.intervals import LEVEL, RESAMPLES, Floats, Labels, enough, ratio, resampled_sums, sample_range
from cms_sim.experiment.results import Results


@dataclass(frozen=True)
class Pairing:
    """Variance of a difference [P] between a plan and another, per replicate, over the same runs."""

    paired: Floats
    """var(a - b)."""
    independent: Floats
    """var(a) + var(b): what runs with seeds and, where parameters are drawn, draws of their own would have."""
    ratio: Floats
    """independent / paired: above 1 pairing helps. Infinite where two plans differ in no replicate, or always by the
    same; NaN with one replicate."""
    ratio_low: Floats
    """Bootstrap 95% interval of `ratio`."""
    ratio_high: Floats
    replicates_saved: Floats
    """How many more replicates independent seeds would have needed for the same precision."""


def pairing(results: Results, outcome: str = "victims", against: int | None = None) -> Pairing:
    """Every plan against `against` (the reference unless told), on the city's count over the frame."""
    other = results.reference if against is None else against
    counts = results.frame(outcome).sum(axis=-1).astype(np.float64)
    return pair_variances(counts, counts[:, [other]], labels(results))


def pair_variances(a: Floats, b: Floats, label: Labels) -> Pairing:
    """Compares var(a - b) with var(a) + var(b) for samples `a` [R, P] and `b` [R, P] or [R, 1]."""
    a, b = np.broadcast_arrays(a, b)
    replicates = len(a)
    if replicates < 2:
        unknown = np.full(a.shape[1:], np.nan)
        return Pairing(unknown, unknown, unknown, unknown, unknown, unknown)
    paired = (a - b).var(axis=0, ddof=1)
    independent = a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)
    gain = _gain(independent, paired)
    if not enough(label):
        low = high = np.full(gain.shape, np.nan)
    else:
        low, high = sample_range(_resampled_gains(a, b, label), LEVEL)
    return Pairing(paired, independent, gain, low, high, replicates * (gain - 1.0))


def _gain(independent: Floats, paired: Floats) -> Floats:
    return np.where((paired == 0.0) & (independent > 0.0), np.inf, ratio(independent, paired))


def _resampled_gains(a: Floats, b: Floats, label: Labels) -> Floats:
    """[RESAMPLES, P]; resamples in which nothing varies are NaN."""
    size = resampled_sums(np.ones(len(a)), label).reshape(RESAMPLES, *[1] * (a.ndim - 1))

    def variance(samples: Floats) -> Floats:
        centred = samples - samples.mean(axis=0)
        mean = resampled_sums(centred, label) / size
        return np.maximum(resampled_sums(np.square(centred), label) / size - np.square(mean), 0.0)

    same = (a == b).all(axis=0)
    return np.where(same, np.nan, ratio(variance(a) + variance(b), variance(a - b)))
