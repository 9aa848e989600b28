"""What each plan averts against a reference: paired differences, in the city and by precinct, with what is uncertain.

Averted is the reference's count less the plan's in the same replicate, per year of the frame; below 0 the plan adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cms_sim.errors import InputError, nearest
from cms_sim.evaluation.intervals import (
    Floats,
    Labels,
    Spread,
    draw_labels,
    ratio,
    resampled_ratio,
    sample_range,
    spread,
)
from cms_sim.experiment.results import Results

OUTCOMES: Final = ("victims", "incidents", "deaths")


@dataclass(frozen=True)
class Averted:
    """What every plan averts of one outcome. Arrays are [P] for the city, [P, S] by precinct."""

    outcome: str
    reference: int
    per_year: Spread
    percent: Floats
    """Mean averted over the reference's mean, x 100; NaN where the reference has none in any replicate."""
    percent_mean_low: Floats
    """Bootstrap 95% interval of `percent`."""
    percent_mean_high: Floats
    percent_low_90: Floats
    """Range of 90% of the replicates' own percentages."""
    percent_high_90: Floats
    probability_averts: Floats
    """Share of replicates in which the plan averts at least one."""
    probability_harm: Floats
    """Share of replicates in which the plan adds at least one. What is left changes nothing."""


@dataclass(frozen=True)
class VarianceParts:
    """Variance of averted per year [P]: between parameter draws, and by chance within a draw.

    Both are NaN and `reason` says why where the runs cannot separate them."""

    parameters: Floats
    chance: Floats
    reason: str | None = None


def labels(results: Results) -> Labels:
    """[R] the parameter draw of each replicate of `results`."""
    return draw_labels(results.parameters, results.counts.shape[0])


def averted_counts(results: Results, outcome: str = "victims", reference: int | None = None) -> Floats:
    """[R, P, S] events averted over the whole frame, whole numbers. Against `results.reference` unless told."""
    counts = outcome_counts(results, outcome)
    return counts[:, results.reference if reference is None else reference, None] - counts


def outcome_counts(results: Results, outcome: str) -> Floats:
    """[R, P, S] events of one of `OUTCOMES` over the whole frame, whole numbers."""
    if outcome not in OUTCOMES:
        raise InputError(f"there is no outcome '{outcome}'", remedy=nearest(outcome, OUTCOMES))
    return results.frame(outcome).astype(np.float64)


def averted(results: Results, outcome: str = "victims", reference: int | None = None) -> Averted:
    """What every plan averts in the city (the precincts in play)."""
    return _averted(results, outcome, reference, city=True)


def averted_by_precinct(results: Results, outcome: str = "victims", reference: int | None = None) -> Averted:
    """What every plan averts in each precinct; the means add up to the city's."""
    return _averted(results, outcome, reference, city=False)


def _averted(results: Results, outcome: str, reference: int | None, *, city: bool) -> Averted:
    happened = outcome_counts(results, outcome)
    if city:
        happened = happened.sum(axis=-1)
    against = results.reference if reference is None else reference
    base = happened[:, [against]]
    counts, label = base - happened, labels(results)
    mean_low, mean_high = resampled_ratio(counts, np.broadcast_to(base, counts.shape), label)
    low_90, high_90 = sample_range(100.0 * ratio(counts, base), 0.90)
    return Averted(
        outcome=outcome,
        reference=against,
        per_year=spread(counts / results.years, label),
        percent=100.0 * ratio(counts.sum(axis=0), base.sum(axis=0)),
        percent_mean_low=100.0 * mean_low,
        percent_mean_high=100.0 * mean_high,
        percent_low_90=low_90,
        percent_high_90=high_90,
        probability_averts=np.asarray((counts > 0.0).mean(axis=0)),
        probability_harm=np.asarray((counts < 0.0).mean(axis=0)),
    )


def variance_parts(samples: Floats, parameters: Mapping[str, Floats]) -> VarianceParts:
    """Splits the variance of `samples` [R, P] into parameters and chance (one-way analysis of variance, moments)."""
    replicates, plans = samples.shape
    unknown = np.full(plans, np.nan)
    if replicates < 2:
        return VarianceParts(unknown, unknown, "one replicate shows no variance")
    varied = {name: values for name, values in parameters.items() if np.ptp(values) > 0.0}
    if not varied:
        return VarianceParts(np.zeros(plans), samples.var(axis=0, ddof=1), None)
    label = draw_labels(varied, replicates)
    sizes = np.bincount(label).astype(np.float64)
    if sizes.max() < 2.0:
        return VarianceParts(unknown, unknown, "each replicate has its own parameter draw, so they cannot be separated")
    means = np.zeros((len(sizes), plans))
    np.add.at(means, label, samples)
    means /= sizes[:, None]
    within = np.square(samples - means[label]).sum(axis=0) / (replicates - len(sizes))
    between = (sizes[:, None] * np.square(means - samples.mean(axis=0))).sum(axis=0) / (len(sizes) - 1)
    size = (replicates - np.square(sizes).sum() / replicates) / (len(sizes) - 1)
    return VarianceParts(np.maximum(between - within, 0.0) / size, within)
