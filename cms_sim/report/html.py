"""The page that a planner can mail: one file, no script, nothing fetched."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.report.answer import answer, month, question
from cms_sim.report.assumptions import Assumption, assumptions
from cms_sim.report.page_tables import (
    activity_table,
    assumptions_table,
    money_table,
    plans_table,
    precincts_table,
    studies_table,
)
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import Picture
from cms_sim.report.words import count, joined, pairing_gain

TEMPLATES = Path(__file__).parent / "templates"


def page(sheet: Sheet, pictures: Sequence[Picture], drawings: Mapping[str, bytes], origin: Mapping[str, Any]) -> str:
    """The whole page. `drawings` has each picture's SVG by name, `origin` is what `provenance` returned."""
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
        pictures={picture.name: _shown(picture, drawings[picture.name]) for picture in pictures},
        plans=[line.info for line in sheet.lines],
        plans_table=plans_table(sheet),
        money_table=money_table(sheet),
        precincts_table=precincts_table(sheet),
        activity_table=activity_table(sheet),
        studies_table=studies_table(sheet),
        assumptions_table=assumptions_table(uncertain),
        advice=_advice(sheet, uncertain),
        hypotheses=list(load_hypotheses().values()),
        hypothesis=sheet.results.hypothesis,
        method=_method(sheet),
        origin=_origin_rows(origin),
    )


def _shown(picture: Picture, drawing: bytes) -> dict[str, str]:
    """A picture for the page: as data, so that the file stands alone."""
    data = base64.b64encode(drawing).decode()
    return {"data": f"data:image/svg+xml;base64,{data}", "alt": picture.alt, "caption": picture.caption}


def _advice(sheet: Sheet, found: Sequence[Assumption]) -> list[str]:
    """What would change the advice, in sentences."""
    leader = sheet.leader
    if leader is None or not found:
        return ["No parameter was varied, so these runs cannot say what would change the advice."]
    if math.isnan(found[0].correlation):
        return ["There are too few runs to say which assumption the advice hangs on."]
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


def _method(sheet: Sheet) -> list[str]:
    """How it was done, in sentences."""
    results = sheet.results
    first, last = results.months[results.first_month], results.months[-1]
    usual = float(results.frame("victims")[:, results.reference].sum(axis=-1).mean()) / results.years
    histories = "history" if sheet.replicates == 1 else "histories"
    said = [
        f"{int(results.residents.sum()):,} residents of {len(results.precincts)} precincts are simulated person by "
        f"person from {month(results.months[0])}, and the plans are compared from {month(first)} to {month(last)}. "
        f"In the record of 2017 to 2019 {count(results.record_victims_per_year, 1.0)} people a year were shot in these "
        f"precincts; in these runs, under the reference, {count(usual, 1.0)} a year are.",
        f"Every plan lives through the same {sheet.replicates} possible {histories}: the same people, the same "
        "quarrels, the same chance, and the same draw of what is not known. A difference between two plans is "
        "therefore what the plans did. The level of violence after the record ends is an assumption with a spread of "
        "its own.",
    ]
    said += pairing_gain(sheet)
    said.append(
        "The 95% interval says how well these runs know the average; more runs make it narrower. The range of 90 of "
        "100 runs says where one future may fall, with chance and the drawn parameters in it (parameters that are "
        "assumed and not drawn, and unit costs, stay fixed); more runs do not make it narrower."
    )
    return said


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
