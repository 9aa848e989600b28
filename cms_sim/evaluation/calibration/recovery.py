"""Would the calibration find the truth? Histories of the bank stand in for the record, whose truth is then known.

Simulation-based calibration (Talts and others 2018): the rank of the truth in its posterior sample is uniform if the
posterior is right. Coverage: how often intervals hold the truth, which are those between two draws of the sample, so
that a right posterior covers exactly as it says. Contraction: 1 - variance of the posterior over that of the prior, 0
where the statistics say nothing. `verdicts` says of which parameters this is more than chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.calibration.inference import Examples, Learned

TRUTHS: Final = 1600
"""So many that the share which an interval of 50% holds is known to 2.5 points either way (95%)."""
ROUNDS: Final = 8
"""In each a part of the truths is left out of what is learned from."""
SAMPLE: Final = 199
"""Draws of each posterior: ranks 0 to 199, in `BINS` bins."""
BINS: Final = 20
LEVELS: Final = (0.5, 0.9)
NOT_IDENTIFIED: Final = 0.1
"""A contraction below this is called none."""


@dataclass(frozen=True)
class Recovered:
    """One parameter, over all truths."""

    name: str
    ranks: NDArray[np.int64]
    """[BINS] truths by rank; even where the posterior is right."""
    p_uniform: float
    """Of the chi-square test of even ranks."""
    coverage: Mapping[float, float]
    """Share of truths inside the central interval of each of `LEVELS`."""
    contraction: float
    error: float
    """Root mean square of posterior mean minus truth, in standard deviations of the prior."""

    @property
    def truths(self) -> int:
        """Histories that stood in for the record."""
        return int(self.ranks.sum())

    @property
    def is_identified(self) -> bool:
        """Whether the statistics say something of it."""
        return self.contraction >= NOT_IDENTIFIED


def recover(examples: Examples, truths: int = TRUTHS, seed: int = 0) -> list[Recovered]:
    """For each calibrated parameter, over `truths` histories (all, where there are fewer), each left out of what its
    posterior is learned from.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(examples.normal), min(truths, len(examples.normal)), replace=False)
    parts = np.array_split(np.arange(len(chosen)), ROUNDS)
    samples = np.concatenate([_samples(examples, chosen[part], seed + int(part[0])) for part in parts])
    truth = examples.theta[chosen]
    ranks = (samples < truth[:, None, :]).sum(axis=1)
    spread = samples.var(axis=1).mean(axis=0) / examples.theta.var(axis=0)
    away = np.sqrt(np.square(samples.mean(axis=1) - truth).mean(axis=0))
    return [
        of_ranks(name, ranks[:, column], float(1.0 - spread[column]), float(away[column]))
        for column, name in enumerate(examples.fitted)
    ]


def _samples(examples: Examples, rows: NDArray[np.intp], seed: int) -> NDArray[np.float64]:
    """[rows, SAMPLE, fitted] the posterior of each of `rows`, learned from all others."""
    learned = Learned(examples.without(rows))
    places = [examples.names.index(name) for name in examples.fitted]
    return np.stack(
        [learned.posterior(examples.statistics[row], SAMPLE, seed + n)[:, places] for n, row in enumerate(rows)]
    )


def of_ranks(name: str, ranks: NDArray[np.int64], contraction: float, error: float) -> Recovered:
    """One parameter from `ranks` [truths]: how many of the `SAMPLE` draws lie below each truth."""
    from scipy.stats import chisquare

    bins = np.bincount(ranks * BINS // (SAMPLE + 1), minlength=BINS)
    coverage = {level: _covered(ranks, level) for level in LEVELS}
    return Recovered(name, bins, float(chisquare(bins).pvalue), coverage, contraction, error)


def _covered(ranks: NDArray[np.int64], level: float) -> float:
    """Share of truths with as many draws on either side as the central interval has outside."""
    outside = round((SAMPLE + 1) * (1.0 - level) / 2.0)
    return float(((ranks >= outside) & (ranks <= SAMPLE - outside)).mean())
