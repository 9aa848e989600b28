"""Sobol indices of a noisy model: what share of the variance each parameter brings, chance taken out.

The outcome of point p in replicate r is f(p) + noise. With the mean over replicates in place of f, the noise left in
that mean counts as variance, and as an interaction of every parameter with every other: first-order indices shrink,
total indices swell. What noise adds to each mean product is known from the scatter between replicates, and taken off
in the numerator and in the variance. Nothing is assumed of how a replicate's noise at one point goes with its noise at
another (the same dice run at all of them); what a replicate has at every point alike is no noise here and falls out.

Estimators: Saltelli et al. (Computer Physics Communications 2010), SALib's.
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
class SobolIndices:
    """First-order and total indices of `names`; arrays are [K]. An interval is an index +- its half-width (95%)."""

    names: tuple[str, ...]
    base_points: int
    replicates: int
    noise_share: float
    """Share of the variance of the means over replicates that is noise."""
    noise_share_error: float
    """Its standard error."""
    first: Floats
    first_half: Floats
    total: Floats
    total_half: Floats
    first_uncorrected: Floats
    """As if the means were free of noise; so is the next."""
    total_uncorrected: Floats
    replicate_part: float
    """Of the widest interval of a total index: the part of its variance that only more replicates narrow."""


@dataclass(frozen=True)
class _Means:
    """Means over replicates at A and B [N, J], and at A with one column of B [K, N, J], in J resamples; and the noise
    in their mean products: in the variance [J], in the numerators of first-order and total indices [K, J]."""

    a: Floats
    b: Floats
    ab: Floats
    in_variance: Floats
    in_first: Floats
    in_total: Floats

    def indices(self) -> Floats:
        """[2, K, J] first-order and total indices, noise taken off; NaN where noise is all there is."""
        variance = np.var(np.concatenate([self.a, self.b]), axis=0)
        products = self.uncorrected() * variance - np.stack([self.in_first, self.in_total])
        left = variance - self.in_variance
        none = np.full(products.shape, np.nan)
        return np.asarray(np.divide(products, left, out=none, where=left > 0.0), dtype=np.float64)

    def uncorrected(self) -> Floats:
        """[2, K, J] the indices, noise left in."""
        from SALib.analyze.sobol import first_order, total_order

        pairs = [[estimator(self.a, ab, self.b) for ab in self.ab] for estimator in (first_order, total_order)]
        return np.asarray(pairs, dtype=np.float64)


def sobol_indices(names: tuple[str, ...], outcome: Floats) -> SobolIndices:
    """Indices of `outcome` [N (K + 2), R], rows as SALib samples them: A, A with each column of B in turn, B; N times.

    R of 2 or more: noise is not known from one replicate."""
    cube = (outcome - outcome.mean(axis=0)).reshape(-1, len(names) + 2, outcome.shape[1])
    count, _, replicates = cube.shape
    noise = _noise(cube)
    picked = resamples(count)
    whole = _means(cube.mean(axis=2)[..., None], noise.mean(axis=0)[:, None])
    resampled = _means(np.moveaxis(cube.mean(axis=2)[picked], 1, 2), noise[picked].mean(axis=0).T)
    known = np.repeat(noise.mean(axis=0)[:, None] * replicates / (replicates - 1), replicates, axis=1)
    rows = np.var(resampled.indices(), axis=2, ddof=1)
    dice = jackknife(_means(left_out(cube), known).indices())  # how noisy one replicate is, is known from all of them
    (first, total), (plain_first, plain_total) = whole.indices()[..., 0], whole.uncorrected()[..., 0]
    first_half, total_half = half_width(rows, dice, count, replicates)
    return SobolIndices(
        names=names,
        base_points=count,
        replicates=replicates,
        noise_share=noise_share(outcome),
        noise_share_error=noise_share_error(outcome),
        first=first,
        first_half=first_half,
        total=total,
        total_half=total_half,
        first_uncorrected=plain_first,
        total_uncorrected=plain_total,
        replicate_part=replicate_part(rows[1], dice[1], int(np.argmax(total_half))),
    )


def _noise(cube: Floats) -> Floats:
    """[N, 1 + 2 K] what the noise in means over replicates adds to each row's products: variance, first, total."""
    replicates = cube.shape[2]
    off = cube - cube.mean(axis=2, keepdims=True)
    a, ab, b = off[:, :1], off[:, 1:-1], off[:, -1:]
    products = [(a * a + b * b) / 2.0, b * (ab - a), (ab - a) ** 2 / 2.0]
    return np.asarray(np.concatenate(products, axis=1).sum(axis=2) / (replicates * (replicates - 1)), dtype=np.float64)


def _means(means: Floats, noise: Floats) -> _Means:
    """From means [N, K + 2, J] and noise [1 + 2 K, J]."""
    inputs = means.shape[1] - 2
    across = np.moveaxis(means, 1, 0)
    return _Means(across[0], across[-1], across[1:-1], noise[0], noise[1 : 1 + inputs], noise[1 + inputs :])
