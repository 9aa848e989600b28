"""What a plan costs beyond the reference, and per victim averted, with an interval that can say 'no upper end'.

Costs follow from a plan and are the same in every replicate; all uncertainty of the ratio is in what is averted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from cms_sim.evaluation.differences import averted_counts, labels
from cms_sim.evaluation.intervals import (
    LEVEL,
    Floats,
    Labels,
    enough,
    resampled_sums,
    sample_range,
    standard_error,
    t_quantile,
)
from cms_sim.experiment.results import Results


class Shape(Enum):
    """What Fieller's set of ratios looks like."""

    BOUNDED = "from low to high"
    TWO_RAYS = "low or less, or high or more"
    EVERYTHING = "every ratio"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class RatioSet:
    """The ratios that runs do not rule out: [low, high], or (-inf, low] with [high, inf), or all."""

    shape: Shape
    low: float = math.nan
    high: float = math.nan


class Quadrant(Enum):
    """Where a plan lies on the cost-effectiveness plane, by mean averted and incremental cost."""

    SAME = "averts nothing and costs nothing more"
    COSTS_AVERTS = "costs more and averts"
    SAVES_AVERTS = "costs no more and averts"
    COSTS_NOTHING = "costs more and averts nothing"
    COSTS_HARMS = "costs more and adds"
    SAVES_HARMS = "costs no more and adds"
    SAVES_NOTHING = "costs less and averts nothing"


@dataclass(frozen=True)
class CostPerAverted:
    """Extra dollars per event averted of one plan over the frame."""

    outcome: str
    quadrant: Quadrant
    incremental_cost_usd: float
    averted: float
    """Mean over replicates, whole frame."""
    usd: float
    """Ratio of means; NaN unless the plan costs more and averts: elsewhere the ratio misleads."""
    fieller: RatioSet
    """95% interval of the ratio of means; not known, as all that follows, where `usd` is NaN."""
    bootstrap_low_usd: float
    """Bootstrap 95% interval of the same; NaN where some resample averts nothing or adds."""
    bootstrap_high_usd: float
    low_90_usd: float
    """Range of 90% of replicates; `high_90_usd` is infinite where over 5% of them avert nothing."""
    high_90_usd: float


def incremental_cost_usd(results: Results) -> Floats:
    """[P] cost over the frame beyond the reference's."""
    cost = np.array([plan.cost_usd for plan in results.plans])
    return np.asarray(cost - cost[results.reference], dtype=np.float64)


def plane(results: Results, outcome: str = "victims") -> tuple[Floats, Floats]:
    """Points of the cost-effectiveness plane: averted over the frame [R, P], incremental cost in US dollars [P]."""
    return averted_counts(results, outcome).sum(axis=-1), incremental_cost_usd(results)


def cost_per_averted(results: Results, outcome: str = "victims") -> tuple[CostPerAverted, ...]:
    """Extra cost per event averted of every plan."""
    averted, cost = plane(results, outcome)
    label = labels(results)
    return tuple(_one(outcome, float(cost[p]), averted[:, p], label) for p in range(len(results.plans)))


def _one(outcome: str, cost_usd: float, averted: Floats, label: Labels) -> CostPerAverted:
    mean, error = float(averted.mean()), float(standard_error(averted, label))
    quadrant, none = _quadrant(cost_usd, mean), math.nan
    if quadrant is not Quadrant.COSTS_AVERTS:
        return CostPerAverted(outcome, quadrant, cost_usd, mean, none, RatioSet(Shape.UNKNOWN), none, none, none, none)
    fewest, most = (float(end) for end in sample_range(averted, 0.90))
    low, high = _bootstrap(cost_usd, averted, label)
    return CostPerAverted(
        outcome=outcome,
        quadrant=quadrant,
        incremental_cost_usd=cost_usd,
        averted=mean,
        usd=cost_usd / mean,
        fieller=fieller(cost_usd, mean, 0.0, error**2, 0.0, t_quantile(0.5 + LEVEL / 2.0, int(label.max()))),
        bootstrap_low_usd=low,
        bootstrap_high_usd=high,
        low_90_usd=_per_averted(cost_usd, most),
        high_90_usd=_per_averted(cost_usd, fewest),
    )


def _quadrant(cost_usd: float, averted: float) -> Quadrant:
    if averted == 0.0:
        if cost_usd == 0.0:
            return Quadrant.SAME
        return Quadrant.COSTS_NOTHING if cost_usd > 0.0 else Quadrant.SAVES_NOTHING
    if cost_usd > 0.0:
        return Quadrant.COSTS_AVERTS if averted > 0.0 else Quadrant.COSTS_HARMS
    return Quadrant.SAVES_AVERTS if averted > 0.0 else Quadrant.SAVES_HARMS


def _per_averted(cost_usd: float, averted: float) -> float:
    if math.isnan(averted):
        return math.nan
    return cost_usd / averted if averted > 0.0 else math.inf


def _bootstrap(cost_usd: float, averted: Floats, label: Labels) -> tuple[float, float]:
    if not enough(label):
        return math.nan, math.nan
    sums = resampled_sums(np.column_stack([averted, np.ones_like(averted)]), label)
    means = sums[:, 0] / sums[:, 1]
    if means.min() <= 0.0:
        return math.nan, math.nan
    low, high = sample_range(cost_usd / means, LEVEL)
    return float(low), float(high)


def fieller(
    numerator: float, denominator: float, variance_n: float, variance_d: float, covariance: float, t: float
) -> RatioSet:
    """Fieller's set (Journal of the Royal Statistical Society B 1954): every ratio r with
    (numerator - r denominator)^2 <= t^2 var(numerator - r denominator).

    `t` is the quantile of Student's t for the level wanted. Where the denominator is not told from 0 the set has no
    upper end, and where the numerator is not either it may be everything."""
    if not all(map(math.isfinite, (numerator, denominator, variance_n, variance_d, covariance, t))):
        return RatioSet(Shape.UNKNOWN)
    a = denominator**2 - t * t * variance_d
    b = numerator * denominator - t * t * covariance
    c = numerator**2 - t * t * variance_n
    root = b * b - a * c
    if a > 0.0:
        root = max(root, 0.0)  # below 0 by rounding only: numerator / denominator itself is always in the set
    if a == 0.0:
        return _half_line(b, c)
    if root < 0.0:  # only where a < 0: the quadratic is negative everywhere
        return RatioSet(Shape.EVERYTHING)
    ends = sorted(((b - math.sqrt(root)) / a, (b + math.sqrt(root)) / a))
    return RatioSet(Shape.BOUNDED if a > 0.0 else Shape.TWO_RAYS, *ends)


def _half_line(b: float, c: float) -> RatioSet:
    """The solutions of c <= 2 b r."""
    if b == 0.0:
        return RatioSet(Shape.EVERYTHING) if c <= 0.0 else RatioSet(Shape.UNKNOWN)
    end = c / (2.0 * b)
    return RatioSet(Shape.BOUNDED, end, math.inf) if b > 0.0 else RatioSet(Shape.BOUNDED, -math.inf, end)
