"""What chance leaves in means over replicates, and intervals that hold it beside the chance of the points drawn.

The interval of an index has two sources: which points were drawn (resampled, see `resamples`) and which dice
(replicates left out one at a time, `left_out`: a few replicates drawn with return would take the same dice twice, and
their noise for effect). Their variances are added, which counts what belongs to both twice: rather too wide.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import LEVEL, Floats, t_quantile

RESAMPLES: Final = 500
_SEED: Final = 20200610
"""Of the bootstrap only: the same sweep gives the same tables."""


def noise_share(outcome: Floats) -> float:
    """Share of noise in the variance of the means of `outcome` [P, R] over replicates, R of 2 or more; 1 where means
    do not vary. What a replicate has at every point alike is no noise."""
    replicates = outcome.shape[1]
    centred = outcome - outcome.mean(axis=0)
    means = centred.mean(axis=1)
    noise = ((centred - means[:, None]) ** 2).sum() / (len(outcome) * replicates * (replicates - 1))
    variance = float(means.var())
    return min(1.0, float(noise) / variance) if variance > 0.0 else 1.0


def noise_share_error(outcome: Floats) -> float:
    """Standard error of that share, from leaving out one replicate at a time; `outcome` [P, R], R of 3 or more, else 1.

    Great where noise goes over the points in step, as it does with the same dice at all of them: then chance looks
    like an effect."""
    count, replicates = outcome.shape
    if replicates < 3:
        return 1.0
    centred = outcome - outcome.mean(axis=0)
    off = centred - centred.mean(axis=1, keepdims=True)
    variance = left_out(centred).var(axis=0)
    squares = (off**2).sum() - (off**2).sum(axis=0) * replicates / (replicates - 1)
    noise = squares / (count * (replicates - 1) * (replicates - 2))
    shares = np.divide(noise, variance, out=np.ones(replicates), where=variance > 0.0)
    return float(np.sqrt(jackknife(shares)))


def resamples(count: int) -> NDArray[np.int64]:
    """[count, RESAMPLES] which of `count` rows each resample takes."""
    return np.random.Generator(np.random.Philox(_SEED)).integers(0, count, (count, RESAMPLES))


def left_out(cube: Floats) -> Floats:
    """[..., R] means of `cube` [..., R] over all replicates but one."""
    return np.asarray((cube.sum(axis=-1, keepdims=True) - cube) / (cube.shape[-1] - 1), dtype=np.float64)


def jackknife(found: Floats) -> Floats:
    """Variance of an estimate, from `found` [..., R] with each replicate left out."""
    return np.asarray(found.var(axis=-1) * (found.shape[-1] - 1), dtype=np.float64)


def half_width(rows: Floats, dice: Floats, count: int, replicates: int) -> Floats:
    """Half of a 95% interval, from the variance by `count` independent rows and that by replicates.

    Student's t, with Welch's degrees of freedom."""
    both, spent = rows + dice, rows**2 / (count - 1) + dice**2 / (replicates - 1)
    degrees = np.divide(both**2, spent, out=np.ones(both.shape), where=spent > 0.0)
    quantiles = [t_quantile(0.5 + LEVEL / 2.0, d) for d in degrees.ravel()]
    return np.asarray(np.reshape(quantiles, both.shape) * np.sqrt(both), dtype=np.float64)


def replicate_part(rows: Floats, dice: Floats, at: int) -> float:
    """Part of the variance of estimate `at` that only more replicates narrow."""
    both = float(rows[at] + dice[at])
    return float(dice[at]) / both if both > 0.0 else 0.0
