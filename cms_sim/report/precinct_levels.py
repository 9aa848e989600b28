"""How far the levels of single precincts stand from the recent record, and what follows for plans placed by need."""

from __future__ import annotations

import numpy as np

from cms_sim.evaluation.record import recent_victims_per_year
from cms_sim.evaluation.words import joined
from cms_sim.report.sheet import Sheet
from cms_sim.report.words import count

NAMED = 3
"""Precincts that are named: those that differ most."""
LEAST_DIFFERENCE = 1.0
"""People shot a year under which a difference is not named."""


def precinct_levels(sheet: Sheet) -> list[str]:
    """A paragraph; none where the record of 2017 to 2019 is not known, or a surge lifts the levels by design."""
    results = sheet.results
    recorded = recent_victims_per_year(results, sheet.city)
    lived = results.frame("victims")[:, results.reference].mean(axis=0) / results.years
    if np.isnan(recorded).all() or any(scenario.surges for scenario in sheet.scenarios):
        return []
    apart = np.nan_to_num(np.abs(lived - recorded))
    named = [s for s in np.argsort(-apart, kind="stable")[:NAMED] if apart[s] >= LEAST_DIFFERENCE]
    said = [
        f"{results.precincts[s]} {results.precinct_names[s]} ({count(lived[s], 1.0)} people shot a year, "
        f"{count(recorded[s], 1.0)} in the record)"
        for s in named
    ]
    most = f" Most apart {'stand' if len(said) > 1 else 'stands'} {joined(said)}." if said else ""
    return [
        "Levels of single precincts differ from the record of 2017 to 2019, for they are not fitted to it: they are "
        "solved from years and precincts without a programme, and moved to the years compared by one factor for the "
        f"whole city.{most} What a plan averts is counted on the levels of the runs: a plan that places its posts by "
        "the record, as one that follows need does, is judged on levels other than those it was made for."
    ]
