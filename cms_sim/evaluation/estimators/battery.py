"""All estimators on one panel, or on every replicate of a simulated plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from cms_sim.evaluation.estimators.before_after import against_not_yet_covered, against_rest_of_city, raw_change
from cms_sim.evaluation.estimators.estimate import Estimate, unknown
from cms_sim.evaluation.estimators.event_study import event_study
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.estimators.placebo import placebo_dates, placebo_random_starts
from cms_sim.evaluation.estimators.poisson_did import poisson_did
from cms_sim.evaluation.estimators.spillover import spillover
from cms_sim.evaluation.estimators.staggered import callaway_santanna, staggered_poisson
from cms_sim.evaluation.estimators.synthetic_control import synthetic_control

Estimator = Callable[[Panel], Estimate]

ESTIMATORS: Final[tuple[Estimator, ...]] = (
    raw_change,
    against_rest_of_city,
    against_not_yet_covered,
    event_study,
    poisson_did,
    callaway_santanna,
    staggered_poisson,
    synthetic_control,
    spillover,
    placebo_dates,
    placebo_random_starts,
)
"""In the order in which they are told."""
RANGE: Final = (0.025, 0.975)


def estimate_all(panel: Panel, on_done: Callable[[], None] = lambda: None) -> list[Estimate]:
    """Every estimator's result on one panel; `on_done` is called after each."""
    found = []
    for estimator in ESTIMATORS:
        found.append(estimator(panel))
        on_done()
    return found


def over_replicates(by_replicate: Iterable[Sequence[Estimate]]) -> list[Estimate]:
    """One estimate for each estimator: mean over replicates, with the range of the middle 95% of them.

    Notes say in how many replicates the estimate's own interval shows a change. `draws` are the replicates' values."""
    return [_summary(each) for each in zip(*by_replicate, strict=True)]


def _summary(replicates: Sequence[Estimate]) -> Estimate:
    known = [each for each in replicates if each.known]
    first = replicates[0]
    if not known:
        return unknown(first.name, "; ".join(first.notes))
    values = np.array([each.value for each in known])
    low, high = np.quantile(values, RANGE)
    falls, rises = (100.0 * np.mean([getattr(each, way) for each in known]) for way in ("shows_fall", "shows_rise"))
    notes = (
        f"mean and middle 95% of {len(known)} replicates",
        f"its own interval shows a fall in {falls:.0f}% of them and a rise in {rises:.0f}%",
    )
    return Estimate(
        first.name, float(values.mean()), float(low), float(high), len(known), "replicates", known[0].unit, notes,
        parts=_parts(known), draws=tuple(values.tolist()),
    )  # fmt: skip


def _parts(known: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Parts that every replicate has, in the same way."""
    by_name = [{part.name: part for part in each.parts if part.known} for each in known]
    shared = [name for name in by_name[0] if all(name in parts for parts in by_name)]
    found = []
    for name in shared:
        values = np.array([parts[name].value for parts in by_name])
        low, high = (float(x) for x in np.quantile(values, RANGE))
        found.append(Estimate(name, float(values.mean()), low, high, len(known), "replicates", by_name[0][name].unit))
    return tuple(found)
