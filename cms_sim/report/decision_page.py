"""The report of an optimisation: best use of a budget, finalists, when it stops being best. Eight pages at most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cms_sim.data.city_tables import CityTables, load_city_tables
from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.decision.decision import MAPS, REPORT, Decision
from cms_sim.evaluation.decision.decision_file import read_decision
from cms_sim.evaluation.decision.gaps import widened_in_short
from cms_sim.evaluation.decision.words import information
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole
from cms_sim.report.decision_money import acceptability_table, cost_table, lens_table, money_notes
from cms_sim.report.decision_places import in_short, places_table, share_of_all
from cms_sim.report.decision_plots import plans_picture, winner_map
from cms_sim.report.decision_tables import (
    equity_notes,
    equity_table,
    front_table,
    groups_table,
    origin,
    plans_table,
)
from cms_sim.report.decision_words import (
    assumed,
    contrasts,
    question,
    stops_being_best,
    three_sentences,
)
from cms_sim.report.html import rendered, shown
from cms_sim.report.precinct_levels import decision_levels
from cms_sim.report.study_words import BEFOREHAND
from cms_sim.report.words import at_least

POWER: Final = (
    "Whether a study would find an effect of such a size, after how long, and how often it would find one where there "
    "is none, is what cms-sim power works out (docs/power.md)."
)

if TYPE_CHECKING:
    from cms_sim.report.maps.boundaries import Boundaries


def write_decision_report(folder: Path, boundaries_file: Path | None = None) -> Path:
    """Write `report.html` beside the decision in `folder` and return it; with boundaries its map is of the precincts'
    own shapes, and `maps` in the folder has exports for mapping programs.

    Raises InputError where there is no decision, or the boundaries cannot be used."""
    from cms_sim.report.maps.decided import decision_boundaries, write_decision_exports

    decision, city = read_decision(folder), load_city_tables()
    boundaries = decision_boundaries(boundaries_file, decision, city) if boundaries_file else None
    page = decision_page(decision, city, boundaries)
    with words_for_the_disk(folder):
        if boundaries is not None:
            write_decision_exports(decision, boundaries, folder / MAPS, city)
        write_whole(folder / REPORT, lambda part: part.write_text(page, encoding="utf-8"))
    return folder / REPORT


def decision_page(decision: Decision, city: CityTables, boundaries: Boundaries | None = None) -> str:
    """The whole page."""
    from cms_sim.report.maps.decided import winner_outlines

    where = winner_map(decision, city) if boundaries is None else winner_outlines(decision, boundaries, city)
    drawings = [plans_picture(decision).finished(), where.finished()]
    known = load_hypotheses()
    return rendered(
        "decision.html.j2",
        title=f"{decision.title}: the best use of a budget",
        decision=decision,
        question=question(decision),
        answer=three_sentences(decision),
        in_short=" ".join((in_short(decision), *share_of_all(decision), *widened_in_short(decision))),
        pictures=shown(drawings),
        plans_table=plans_table(decision),
        contrasts=contrasts(decision),
        places_table=places_table(decision),
        levels=decision_levels(decision),
        equity_table=equity_table(decision),
        equity_notes=equity_notes(decision),
        front_table=front_table(decision),
        groups_table=groups_table(decision),
        cost_table=cost_table(decision),
        lens_table=lens_table(decision),
        acceptability_table=acceptability_table(decision),
        money_notes=money_notes(decision),
        origin=origin(decision),
        stops_being_best=stops_being_best(decision),
        information=information(decision),
        readings=[(known[name], share) for name, share in decision.hypotheses.items() if name in known],
        beforehand=[*BEFOREHAND, POWER],
        assumed=assumed(decision),
        pairing=at_least(decision.effort.saved_by_pairing) if decision.effort.saved_by_pairing else "",
    )
