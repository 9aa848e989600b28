"""The page that a planner can mail: one file, no script, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.report.answer import answer, cautions, question
from cms_sim.report.assumptions import FEWEST_RUNS, Assumption, assumptions
from cms_sim.report.method import method
from cms_sim.report.money_tables import returns_notes, returns_tables
from cms_sim.report.page_tables import assumptions_table, money_table, plans_table, precincts_table
from cms_sim.report.plan_notes import plan_notes
from cms_sim.report.precinct_levels import precinct_levels
from cms_sim.report.programme_tables import activity_table, false_alarms, services_table, studies_table
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import Drawing
from cms_sim.report.words import joined, ties

TEMPLATES = Path(__file__).parent / "templates"


def page(sheet: Sheet, drawings: Sequence[Drawing], origin: Mapping[str, Any]) -> str:
    """The whole page. `origin` is what `provenance` returned."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    uncertain = assumptions(sheet)
    return environment.get_template("report.html.j2").render(
        title=f"{sheet.results.name}: plans for {len(sheet.results.precincts)} precincts",
        question=question(sheet),
        answer=answer(sheet),
        cautions=cautions(sheet),
        pictures={drawing.name: _shown(drawing) for drawing in drawings},
        plans=[line.info for line in sheet.lines],
        plans_table=plans_table(sheet),
        ties=ties(sheet),
        too_few=sheet.too_few,
        precinct_levels=precinct_levels(sheet),
        money_table=money_table(sheet),
        returns_tables=returns_tables(sheet),
        returns_notes=returns_notes(sheet),
        precincts_table=precincts_table(sheet),
        activity_table=activity_table(sheet),
        services_table=services_table(sheet),
        studies_table=studies_table(sheet),
        false_alarms=false_alarms(sheet) if sheet.studies else "",
        assumptions_table=assumptions_table(uncertain),
        notes=plan_notes(sheet),
        advice=_advice(sheet, uncertain),
        hypotheses=list(load_hypotheses().values()),
        hypothesis=sheet.results.hypothesis,
        method=method(sheet),
        origin=_origin_rows(origin),
    )


def _shown(drawing: Drawing) -> dict[str, str]:
    """A picture for the page: as data, so that the file stands alone."""
    data = base64.b64encode(drawing.svg).decode()
    return {"data": f"data:image/svg+xml;base64,{data}", "alt": drawing.alt, "caption": drawing.caption}


def _advice(sheet: Sheet, found: Sequence[Assumption]) -> list[str]:
    """What would change the advice, in sentences."""
    leader = sheet.leader
    if leader is None:
        return ["No plan was compared, so there is no advice that an assumption could change."]
    if sheet.replicates < FEWEST_RUNS:
        return [f"There are too few runs to say which assumption the advice hangs on (at least {FEWEST_RUNS})."]
    if not found:
        return ["No parameter was varied, so these runs cannot say what would change the advice."]
    changing = [a for a in found if a.changes_advice]
    moving = [a for a in found if a.moves_result]
    prior_only = [a.name for a in changing if a.prior_only]
    said = []
    if changing:
        said.append(f"The advice depends on: {_meanings(changing)}. The last column says how.")
    else:
        said.append(
            "In no half of the draws of any one parameter does another plan clearly avert more than "
            f"“{leader.info.title}”."
        )
    if prior_only:
        said.append(f"No count of this city can settle {joined(prior_only)}: there the ranking rests on judgement.")
    if moving:
        said.append(f"How much is averted depends most clearly on: {_meanings(moving)}.")
    said.append("Parameters were looked at one at a time; together they may do what none does alone.")
    return said


def _meanings(found: Sequence[Assumption]) -> str:
    return "; ".join(f"{a.known.meaning[0].lower()}{a.known.meaning[1:]}" if a.known else a.name for a in found)


def _origin_rows(origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What `provenance.json` says, as far as a reader of the page wants it."""
    run, hashes = origin.get("run", {}), origin["hashes"]
    command = origin.get("command", "")
    rows = [
        ("Version", f"CMS Sim {origin['cms_sim']}"),
        ("Command", "cms-sim " + " ".join(command) if isinstance(command, list | tuple) else str(command)),
        ("Seed and runs", f"seed {run.get('seed', 'not recorded')}, {origin['replicates']} paired runs of each plan"),
        ("Parameters", str(run.get("parameters", "not recorded"))),
        ("Started", str(origin.get("started", "not recorded"))),
        ("Took", f"{origin['seconds']} seconds" if "seconds" in origin else "not recorded"),
        ("Python and platform", f"{origin['python']}, {origin['platform']}"),
        ("Libraries", ", ".join(f"{name} {value}" for name, value in origin["libraries"].items())),
        ("Content", hashes["content"]),
        ("City's tables", hashes["city"]),
        ("Parameter table", hashes["parameters"]),
    ]
    return rows + [(f"Plan {name}", str(value)) for name, value in sorted(run.get("scenarios", {}).items())]
