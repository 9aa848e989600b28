"""An optimisation's plans on the precincts' own shapes, and by precinct for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cms_sim.data.city_tables import CityTables
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import DECISION, Decision, PrecinctPart
from cms_sim.report.maps.boundaries import Boundaries, load_boundaries
from cms_sim.report.maps.exports import told_of, write_exports

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.report.style import Picture


def decision_boundaries(file: Path, decision: Decision, city: CityTables) -> Boundaries:
    """Boundaries that have every precinct of the decision. Raises InputError."""
    return load_boundaries(file, city, [part.precinct for part in decision.plans[0].precincts])


def decision_table(decision: Decision, city: CityTables) -> pd.DataFrame:
    """One row per plan (the reference last) and precinct, in the columns of a comparison's exports; those of single
    runs are not there, and what the plan adds is: dollars a year, posts, places of services."""
    import pandas as pd

    reference, *plans = decision.plans
    rows = [
        {"plan": plan.name, "title": plan.title, **_row(part, city)}
        for plan in (*plans, reference)
        for part in plan.precincts
    ]
    table = pd.DataFrame(rows).astype({"averted_low": float, "averted_high": float})
    table["told"] = told_of(table)
    return table


def _row(part: PrecinctPart, city: CityTables) -> dict[str, object]:
    if part.precinct not in city.numbers:
        remedy = (
            "It takes the tables that the optimisation was of: cms-sim map has --city for them, cms-sim report knows "
            "the packaged ones alone."
        )
        raise InputError(f"the city has no precinct {part.precinct}", where=DECISION, remedy=remedy)
    return {
        "precinct": part.precinct,
        "name": part.name,
        "new_site": part.sites > 0,
        "residents": city.precincts[city.row(part.precinct)].population,
        "shot_a_year": part.victims_per_year,
        "averted": part.averted_per_year.mean,
        "averted_low": part.averted_per_year.low,
        "averted_high": part.averted_per_year.high,
        "usd_a_year": part.usd_per_year,
        "posts": sum(part.staff.values()),
        "places": sum(part.services.values()),
    }


def write_decision_exports(decision: Decision, boundaries: Boundaries, folder: Path, city: CityTables) -> list[Path]:
    """`precincts.csv`, `precincts.gpkg` and a GeoJSON a plan, into `folder`; the advised plan first."""
    names = [plan.name for plan in decision.plans[1:]]
    return write_exports(decision_table(decision, city), boundaries, folder, names)


def winner_outlines(decision: Decision, boundaries: Boundaries, city: CityTables) -> Picture:
    """Where the advised plan averts, in place of the tile map of the report."""
    from cms_sim.report.maps.finished import gains_picture

    table = decision_table(decision, city)
    rows = table[table["plan"] == decision.winner]
    caption = (
        "People not shot a year in each precinct, mean over fresh runs, on the boundaries given. Hatched: the 95% "
        "interval of the mean includes no change."
    )
    title = decision.plan(decision.winner).title
    return gains_picture("decision_map", rows, boundaries, title, decision.plans[0].title, caption)
