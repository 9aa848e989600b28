"""Morris screening of a noisy model: how far each parameter moves the outcome, and how unevenly.

An elementary effect is the change in the outcome when one parameter alone makes its step, over the step as a share of
the parameter's range: what the whole range would bring if every step were like this one. mu is its mean over
trajectories, mu* (Campolongo et al., Environmental Modelling & Software 2007) that of its size, sigma its standard
deviation: great where the effect depends on the parameter itself or on others.

Noise left in means over replicates widens every effect. mu stays right; sigma swells, and what noise adds to its
square is taken off; mu* swells too, but by an amount that hangs on the effects' law, so that nothing can be taken off
without assuming one: instead `floor` is the mu* that a parameter without any effect would show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.noise import (
    half_width,
    jackknife,
    left_out,
    noise_share,
    noise_share_error,
    replicate_part,
    resamples,
)


@dataclass(frozen=True)
class MorrisEffects:
    """Effects of `names`, in the outcome's unit for the whole range; arrays are [K]. An interval is +- half (95%)."""

    names: tuple[str, ...]
    trajectories: int
    replicates: int
    noise_share: float
    """Share of the variance of the means over replicates that is noise."""
    noise_share_error: float
    """Its standard error."""
    mu: Floats
    mu_half: Floats
    mu_star: Floats
    mu_star_half: Floats
    sigma: Floats
    sigma_half: Floats
    sigma_uncorrected: Floats
    floor: Floats
    """mu* of noise alone, were it normal."""
    replicate_part: float
    """Of the interval of the greatest mu*: the part of its variance that only more replicates narrow."""


def morris_effects(names: tuple[str, ...], points: Floats, outcome: Floats, step: float) -> MorrisEffects:
    """Effects from `points` [T (K + 1), K], as SALib samples them, and `outcome` [T (K + 1), R], R of 2 or more.

    `step`: share of its range that a parameter moves by (with SALib's 4 levels, 2/3)."""
    effects = elementary_effects(points, outcome, step)
    count, _, replicates = effects.shape
    means, picked = effects.mean(axis=2), resamples(count)
    off = effects - means[..., None]
    noise = (off**2).sum(axis=2) / (replicates * (replicates - 1))
    own = ((off - off.mean(axis=0)) ** 2).sum(axis=(0, 2)) / ((count - 1) * replicates * (replicates - 1))
    known = own[:, None]
    mu, mu_star, sigma = _measures(means[..., None], known)[..., 0]
    rows = _measures(np.moveaxis(means[picked], 1, 2), known).var(axis=2, ddof=1)
    dice = jackknife(_measures(left_out(effects), known * replicates / (replicates - 1)))
    half = half_width(rows, dice, count, replicates)
    return MorrisEffects(
        names=names,
        trajectories=count,
        replicates=replicates,
        noise_share=noise_share(outcome),
        noise_share_error=noise_share_error(outcome),
        mu=mu,
        mu_half=half[0],
        mu_star=mu_star,
        mu_star_half=half[1],
        sigma=sigma,
        sigma_half=half[2],
        sigma_uncorrected=means.std(axis=0, ddof=1),
        floor=np.sqrt(2.0 / np.pi * noise.mean(axis=0)),
        replicate_part=replicate_part(rows[1], dice[1], int(np.argmax(mu_star))),
    )


def elementary_effects(points: Floats, outcome: Floats, step: float) -> Floats:
    """[T, K, R] change of the outcome for the whole range of each parameter, in each trajectory and replicate."""
    inputs = points.shape[1]
    moves = np.diff(points.reshape(-1, inputs + 1, inputs), axis=1)
    changes = np.diff(outcome.reshape(-1, inputs + 1, outcome.shape[1]), axis=1)
    return np.asarray(np.einsum("tmk,tmr->tkr", np.sign(moves), changes) / step, dtype=np.float64)


def _measures(means: Floats, noise: Floats) -> Floats:
    """[3, K, J] mu, mu* and sigma, from mean effects [T, K, J] and the variance of the noise in them [K, 1 or J]."""
    left = np.maximum(means.var(axis=0, ddof=1) - noise, 0.0)
    return np.stack([means.mean(axis=0), np.abs(means).mean(axis=0), np.sqrt(left)])
