"""The report of an optimisation: best use of a budget, finalists, when it stops being best. Eight pages at most."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cms_sim.data.city_tables import CityTables, load_city_tables
from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.decision.decision import Decision, read_decision
from cms_sim.report.decision_plots import plans_picture, winner_map
from cms_sim.report.decision_tables import equity_table, places_table, plans_table
from cms_sim.report.decision_words import (
    assumed,
    break_even,
    contrasts,
    information,
    question,
    stops_being_best,
    three_sentences,
)
from cms_sim.report.html import rendered, shown
from cms_sim.report.study_words import BEFOREHAND
from cms_sim.report.words import count

REPORT: Final = "report.html"


def write_decision_report(folder: Path) -> Path:
    """Write `report.html` beside the decision in `folder` and return it. Raises InputError where there is none."""
    from cms_sim.report.write import as_input_error

    decision = read_decision(folder)
    page = decision_page(decision, load_city_tables())
    try:
        (folder / REPORT).write_text(page, encoding="utf-8")
    except OSError as fault:
        raise as_input_error(fault, folder) from fault
    return folder / REPORT


def decision_page(decision: Decision, city: CityTables) -> str:
    """The whole page."""
    drawings = [plans_picture(decision).finished(), winner_map(decision, city).finished()]
    known = load_hypotheses()
    return rendered(
        "decision.html.j2",
        title=f"{decision.title}: the best use of a budget",
        decision=decision,
        question=question(decision),
        answer=three_sentences(decision),
        pictures=shown(drawings),
        plans_table=plans_table(decision),
        contrasts=contrasts(decision),
        places_table=places_table(decision),
        equity_table=equity_table(decision),
        break_even=break_even(decision),
        stops_being_best=stops_being_best(decision),
        information=information(decision),
        readings=[(known[name], share) for name, share in decision.hypotheses.items() if name in known],
        beforehand=BEFOREHAND,
        assumed=assumed(decision),
        pairing=count(decision.effort.saved_by_pairing) if decision.effort.saved_by_pairing else "",
    )
