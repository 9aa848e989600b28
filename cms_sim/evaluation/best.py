"""Which plan is best, and how sure that is.

Two questions are kept apart. *Which plan will have averted most?* is answered replicate by replicate: parameters and
chance both count. *Which plan averts most on average?* is answered by the means: with enough replicates every real
difference shows, however small beside chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.differences import averted_counts, labels
from cms_sim.evaluation.intervals import (
    LEVEL,
    Floats,
    Labels,
    enough,
    mean_interval,
    resampled_sums,
    standard_error,
    t_quantile,
)
from cms_sim.evaluation.money import incremental_cost_usd
from cms_sim.experiment.results import Results


@dataclass(frozen=True)
class Best:
    """How the candidate plans compare on one outcome. Arrays are [P]; plans that are no candidates have NaN."""

    outcome: str
    candidates: tuple[int, ...]
    probability: Floats
    """Share of replicates in which the plan averts most; ties are split, so candidates add up to 1."""
    probability_low: Floats
    """95% interval of that share (Wilson's: a bootstrap has no width where a share is 0 or 1)."""
    probability_high: Floats
    regret_per_year: Floats
    """Mean shortfall from the replicate's best plan."""
    probability_highest_mean: Floats
    """Share of bootstrap resamples in which the plan's mean is the highest."""
    probability_lowest_cost: Floats
    """Share of replicates in which the plan averts victims at the lowest extra cost each (`lowest_cost_scores`)."""
    leader: int
    """The plan with the highest mean."""
    p_value: Floats
    """Paired t test of the leader against each plan, two-sided, by Holm's correction; 1 for the leader itself and NaN
    with too few replicates. The leader is chosen on the same runs, so values near 0.05 are optimistic."""

    @property
    def not_told_apart(self) -> tuple[int, ...]:
        """Candidates whose mean cannot be told from the leader's at 5%, the leader among them."""
        return tuple(plan for plan in self.candidates if not self.p_value[plan] < 1.0 - LEVEL)


def best(results: Results, outcome: str = "victims", candidates: Sequence[int] | None = None) -> Best:
    """Compares `candidates` (indices; all plans unless told, the reference too: doing nothing more may be best)."""
    chosen = tuple(range(len(results.plans))) if candidates is None else tuple(candidates)
    columns, label = list(chosen), labels(results)
    counts = averted_counts(results, outcome).sum(axis=-1)[:, columns]
    share = first_share(counts)
    low, high = wilson(share, int(label.max()) + 1)
    mean = counts.mean(axis=0)
    leader = int(np.argmax(mean))

    def spread_out(values: Floats) -> Floats:
        full = np.full(len(results.plans), np.nan)
        full[columns] = values
        return full

    return Best(
        outcome=outcome,
        candidates=chosen,
        probability=spread_out(share),
        probability_low=spread_out(low),
        probability_high=spread_out(high),
        regret_per_year=spread_out((counts.max(axis=1, keepdims=True) - counts).mean(axis=0) / results.years),
        probability_highest_mean=spread_out(first_share(resampled_sums(counts, label))),
        probability_lowest_cost=spread_out(
            first_share(lowest_cost_scores(incremental_cost_usd(results)[columns], counts))
        ),
        leader=chosen[leader],
        p_value=spread_out(paired_p_values(counts[:, [leader]] - counts, leader, label)),
    )


def neighbours_not_told_apart(results: Results, candidates: Sequence[int]) -> list[tuple[int, int]]:
    """Below the leader, plans next to each other in the order of their means (the one that averts more first) whose
    paired difference has a 95% interval that includes zero. Each pair by itself; none with too few replicates."""
    counts, label = averted_counts(results).sum(axis=-1), labels(results)
    order = sorted(candidates, key=lambda plan: -counts[:, plan].mean())[1:]
    pairs = list(pairwise(order))
    if not pairs or not enough(label):
        return []
    low, _ = mean_interval(np.stack([counts[:, above] - counts[:, below] for above, below in pairs], axis=1), label)
    return [pair for pair, least in zip(pairs, low, strict=True) if least <= 0.0]


def acceptability(results: Results, values_usd: Floats, candidates: Sequence[int] | None = None) -> Floats:
    """[V, P] share of replicates in which each plan has the highest net benefit, if averting one victim is worth
    `values_usd` [V]: value x averted - incremental cost. Plans that are no candidates have NaN."""
    columns = list(range(len(results.plans)) if candidates is None else candidates)
    counts = averted_counts(results).sum(axis=-1)[:, columns]
    cost = incremental_cost_usd(results)[columns]
    shares = np.full((len(values_usd), len(results.plans)), np.nan)
    for row, value_usd in enumerate(values_usd):
        shares[row, columns] = first_share(value_usd * counts - cost)
    return shares


def first_share(scores: Floats) -> Floats:
    """[P] share of rows of `scores` [N, P] in which each column is highest, ties split."""
    first = scores == scores.max(axis=1, keepdims=True)
    return np.asarray((first / first.sum(axis=1, keepdims=True)).mean(axis=0), dtype=np.float64)


def lowest_cost_scores(cost_usd: Floats, averted: Floats) -> Floats:
    """[R, P] a score, higher is better, from extra cost [P] and averted [R, P] in each replicate.

    A plan that averts for no extra cost comes before all others, the one that averts most first; then plans that avert,
    by victims averted per dollar; then what neither averts nor adds at no extra cost, such as the reference. A plan
    that averts nothing for money, or adds, is never first while the reference is a candidate."""
    per_dollar = np.divide(averted, cost_usd, out=np.zeros_like(averted), where=(averted > 0.0) & (cost_usd > 0.0))
    free = (averted > 0.0) & (cost_usd <= 0.0)
    idle = (averted > 0.0) | ((averted == 0.0) & (cost_usd <= 0.0))
    return np.where(free, 1e6 + averted, np.where(idle, per_dollar, -1.0))


def wilson(share: Floats, count: int) -> tuple[Floats, Floats]:
    """95% interval of a share of `count` independent trials, by Wilson's score; wide, not absent, for one trial."""
    z = t_quantile(0.5 + LEVEL / 2.0, 10**9)
    centre = (share + z * z / (2.0 * count)) / (1.0 + z * z / count)
    half = z * np.sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count)) / (1.0 + z * z / count)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def paired_p_values(behind: Floats, leader: int, label: Labels) -> Floats:
    """[P] Holm-corrected two-sided p-values that the mean of each column of `behind` [R, P] is 0."""
    from scipy.special import stdtr

    plans, degrees = behind.shape[1], int(label.max())
    if not enough(label):
        return np.where(np.arange(plans) == leader, 1.0, np.nan)
    mean, error = np.abs(behind.mean(axis=0)), standard_error(behind, label)
    statistic = np.divide(mean, error, out=np.where(mean > 0.0, np.inf, 0.0), where=error > 0.0)
    raw = 2.0 * np.asarray(stdtr(degrees, -statistic), dtype=np.float64)
    others = np.flatnonzero(np.arange(plans) != leader)
    corrected = np.ones(plans)
    corrected[others] = holm(raw[others])
    return corrected


def holm(p_values: Floats) -> Floats:
    """Holm's step-down correction (Scandinavian Journal of Statistics 1979) of [K] p-values."""
    order: NDArray[np.intp] = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
