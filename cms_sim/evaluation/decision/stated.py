"""How sure it is which plan is best: probabilities, and the regret that is expected of choosing one.

Fresh means are normal about the plans' true scores, with the covariance that paired runs have. The finalists came out
of one search, so they are alike before they are run afresh: their true scores scatter about a common mean with a spread
that the fresh runs themselves tell (a normal hierarchical model, integrated over the spread). Without that, the
highest of many equal plans would be called best too surely. Other plans have no such prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cms_sim.evaluation.best import first_share
from cms_sim.evaluation.intervals import Floats

SAMPLES: Final = 8000
SET_PROBABILITY: Final = 0.8
_SPREADS: Final = np.geomspace(0.02, 20.0, 25)
"""Spreads of true scores that are weighed, in standard errors of a difference between finalists; beforehand by their
square roots, between one weight for all magnitudes and one for all sizes: 80% statements then hold in 76 to 86%."""
_WIDE: Final = 100.0
"""Prior spread of what has no prior, in the largest difference between means."""
_SEED: Final = 20200630


@dataclass(frozen=True)
class Stated:
    """What fresh runs say of true scores. Arrays are [plans]."""

    samples: Floats
    """[SAMPLES, plans] of the posterior."""

    @property
    def probability_best(self) -> Floats:
        """That a plan's true score is the highest."""
        return first_share(self.samples)

    @property
    def regret(self) -> Floats:
        """Expected shortfall from the best plan."""
        return np.asarray((self.samples.max(axis=1, keepdims=True) - self.samples).mean(axis=0))

    def probability_better(self, plan: int, than: int) -> float:
        """That one true score is above another."""
        difference = self.samples[:, plan] - self.samples[:, than]
        return float((difference > 0.0).mean() + 0.5 * (difference == 0.0).mean())


def state(mean: Floats, covariance: Floats, degrees: int, alike: Sequence[int]) -> Stated:
    """The posterior of true scores, given fresh means [plans], their covariance and its degrees of freedom; `alike`:
    plans that came out of the same search."""
    generator = np.random.Generator(np.random.Philox(_SEED))
    plans, group = len(mean), np.asarray(alike, dtype=np.intp)
    centred = mean - mean.mean()
    size = max(float(np.abs(centred).max()), float(np.sqrt(np.diag(covariance).max())), 1e-12)
    noise = covariance + 1e-10 * size**2 * np.eye(plans)
    unit = _standard_error(covariance, group) or size
    posteriors, weights = [], []
    for spread in _SPREADS * unit:
        prior = _prior(plans, group, float(spread), _WIDE * size)
        both = prior + noise
        gain = np.linalg.solve(both, prior).T
        posteriors.append((gain @ centred, prior - gain @ prior))
        weights.append(-0.5 * (centred @ np.linalg.solve(both, centred) + np.linalg.slogdet(both)[1]))
    chance = np.exp(np.array(weights) - max(weights)) * np.sqrt(_SPREADS)
    counts = generator.multinomial(SAMPLES, chance / chance.sum())
    drawn = [_draw(*each, int(count), degrees, generator) for each, count in zip(posteriors, counts, strict=True)]
    return Stated(np.concatenate(drawn) + mean.mean())


def likely_set(probability: Floats, wanted: float = SET_PROBABILITY) -> list[int]:
    """The fewest plans that together are best with that probability, likeliest first."""
    order = np.argsort(-probability, kind="stable")
    count = int(np.searchsorted(np.cumsum(probability[order]), wanted - 1e-9)) + 1
    return [int(plan) for plan in order[:count]]


def _standard_error(covariance: Floats, group: np.ndarray) -> float:
    """Of a usual difference between plans of a group."""
    own = covariance[np.ix_(group, group)]
    squares = np.diag(own)[:, None] + np.diag(own)[None, :] - 2.0 * own
    return float(np.sqrt(max(0.0, np.median(squares[np.triu_indices(len(group), 1)])))) if len(group) > 1 else 0.0


def _prior(plans: int, group: np.ndarray, spread: float, wide: float) -> Floats:
    prior = np.eye(plans) * wide**2
    prior[np.ix_(group, group)] = wide**2 + spread**2 * np.eye(len(group))
    return prior


def _draw(middle: Floats, covariance: Floats, count: int, degrees: int, generator: np.random.Generator) -> Floats:
    """From a multivariate t: the covariance is itself estimated."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    scale = np.sqrt(degrees / generator.chisquare(max(1, degrees), (count, 1))) if degrees > 2 else 1.0
    return np.asarray(middle + (generator.standard_normal((count, len(middle))) * scale) @ root.T)
