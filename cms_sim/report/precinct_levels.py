"""How far the levels of single precincts stand from the recent record, and what follows for plans placed by need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cms_sim.evaluation.decision.decision import Decision
from cms_sim.evaluation.record import recent_victims_per_year
from cms_sim.evaluation.words import joined
from cms_sim.report.sheet import Sheet
from cms_sim.report.words import count

NAMED = 3
"""Precincts that are named: those that differ most."""
LEAST_DIFFERENCE = 1.0
"""People shot a year under which a difference is not named."""
JUDGED = (
    "What a plan averts is counted on the levels of the runs: a plan that places its posts by the record, as one that "
    "follows need does, is judged on levels other than those it was made for."
)


@dataclass(frozen=True)
class Level:
    """People shot a year in a precinct, in the runs of the reference and on record in 2017 to 2019."""

    place: str
    lived: float
    recorded: float


def precinct_levels(sheet: Sheet) -> list[str]:
    """A paragraph; none where the record of 2017 to 2019 is not known, or a surge lifts the levels by design."""
    results = sheet.results
    recorded = recent_victims_per_year(results.precincts, sheet.city)
    lived = results.frame("victims")[:, results.reference].mean(axis=0) / results.years
    if np.isnan(recorded).all() or any(scenario.surges for scenario in sheet.scenarios):
        return []
    places = [f"{number} {name}" for number, name in zip(results.precincts, results.precinct_names, strict=True)]
    levels = [Level(*each) for each in zip(places, lived.tolist(), recorded.tolist(), strict=True)]
    return [f"{_solved(levels)} {JUDGED}"]


def decision_levels(decision: Decision) -> list[str]:
    """The same of the precincts of an optimisation's question; none where no record is kept with it."""
    levels = [
        Level(f"{part.precinct} {part.name}", part.victims_per_year, part.recorded_per_year)
        for part in decision.plans[0].precincts
        if part.in_play and part.recorded_per_year is not None
    ]
    if not levels:
        return []
    lived, recorded = (count(sum(values), 1.0) for values in zip(*((e.lived, e.recorded) for e in levels), strict=True))
    where = f"In these {len(levels)} precincts together" if len(levels) > 1 else "There"
    return [
        f"{_solved(levels)} {where} {lived} people are shot a year in the runs, {recorded} in the record. {JUDGED} The "
        "search, too, goes by the levels of the runs: it gives less to a precinct where these lie below the record."
    ]


def _solved(levels: Sequence[Level]) -> str:
    """Where levels are from, and which stand farthest from the record."""
    apart = sorted(levels, key=lambda each: -np.nan_to_num(abs(each.lived - each.recorded)))
    said = [
        f"{each.place} ({count(each.lived, 1.0)} people shot a year, {count(each.recorded, 1.0)} in the record)"
        for each in apart[:NAMED]
        if abs(each.lived - each.recorded) >= LEAST_DIFFERENCE
    ]
    most = f" Most apart {'stand' if len(said) > 1 else 'stands'} {joined(said)}." if said else ""
    return (
        "Levels of single precincts differ from the record of 2017 to 2019, for they are not fitted to it: they are "
        "solved from years and precincts without a programme, and moved to the years compared by one factor for the "
        f"whole city.{most}"
    )
