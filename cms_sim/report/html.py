"""The two pages of a comparison: the report that a planner mails, eight printed pages at most, and the details for who
checks. One file each, no script, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.report.advice import assumed, decides, price_notes, would_change
from cms_sim.report.answer import answer, cautions, harms, question, standing
from cms_sim.report.assumptions import assumptions
from cms_sim.report.method import levels, method
from cms_sim.report.money_tables import lens_notes, returns_notes, returns_tables, worth_table
from cms_sim.report.page_tables import assumptions_table, few_assumptions_table, money_table, plans_table
from cms_sim.report.precinct_levels import precinct_levels
from cms_sim.report.precinct_table import precincts_table, reach
from cms_sim.report.programme_tables import activity_table, false_alarms, services_table, studies_table
from cms_sim.report.sheet import Sheet
from cms_sim.report.study_words import study_advice
from cms_sim.report.style import Drawing
from cms_sim.report.words import pairing_gain, ties
from cms_sim.version import __version__

TEMPLATES: Final = Path(__file__).parent / "templates"
ON_REPORT: Final = ("Version", "Command", "Seed and runs", "Parameters", "Started", "Content", "City's tables")
"""What the report says of its origin; the details have the rest."""


def report_page(sheet: Sheet, drawings: Sequence[Drawing], origin: Mapping[str, Any]) -> str:
    """The report. `origin` is what `provenance` returned."""
    uncertain = assumptions(sheet)
    return rendered(
        "report.html.j2",
        title=f"{sheet.results.name}: plans for {len(sheet.results.precincts)} precincts",
        question=question(sheet),
        answer=answer(sheet),
        cautions=cautions(sheet),
        made=made(sheet, origin),
        standing=standing(sheet),
        pictures=shown(drawings),
        plans=[line.info for line in sheet.lines],
        plans_table=plans_table(sheet),
        harms=harms(sheet),
        ties=ties(sheet),
        too_few=sheet.too_few,
        precincts_table=precincts_table(sheet),
        reach=reach(sheet),
        precinct_levels=precinct_levels(sheet),
        money_table=money_table(sheet),
        price_notes=price_notes(sheet),
        worth_table=worth_table(sheet),
        lens_notes=lens_notes() if sheet.leader and not sheet.too_few else [],
        study_advice=study_advice(sheet),
        assumed=assumed(sheet, uncertain),
        decides=decides(sheet, uncertain),
        assumptions_table=few_assumptions_table(uncertain),
        would_change=would_change(sheet, uncertain),
        hypotheses=list(load_hypotheses().values()),
        hypothesis=sheet.results.hypothesis,
        method=method(sheet),
        origin=[(name, value) for name, value in origin_rows(origin) if name in ON_REPORT],
    )


def details_page(sheet: Sheet, drawings: Sequence[Drawing], origin: Mapping[str, Any]) -> str:
    """What the report has no room for."""
    return rendered(
        "details.html.j2",
        title=f"{sheet.results.name}: details",
        question=question(sheet),
        compared=sheet.leader is not None,
        pictures=shown(drawings),
        returns_tables=returns_tables(sheet),
        returns_notes=returns_notes(sheet),
        activity_table=activity_table(sheet),
        services_table=services_table(sheet),
        studies_table=studies_table(sheet),
        false_alarms=false_alarms(sheet) if sheet.studies else "",
        assumptions_table=assumptions_table(assumptions(sheet)),
        method=[*levels(sheet), *pairing_gain(sheet)],
        origin=origin_rows(origin),
    )


def made(sheet: Sheet, origin: Mapping[str, Any]) -> str:
    """What was compared, when and with what."""
    day = str(origin.get("started", ""))[:10]
    on = f" on {date.fromisoformat(day).day} {date.fromisoformat(day):%B %Y}" if day else ""
    return f"Comparison “{sheet.results.name}”, made{on} with CMS Sim {__version__}."


def rendered(template: str, *, title: str, **content: Any) -> str:
    """A template of this room, filled; what it names and is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    foot = f"CMS Sim {__version__}: results of a simulation"
    return environment.get_template(template).render(title=title, version=__version__, foot=foot, **content)


def shown(drawings: Sequence[Drawing]) -> dict[str, dict[str, str]]:
    """Pictures for a page by name, as data, so that the file stands alone."""
    return {
        drawing.name: {
            "data": f"data:image/svg+xml;base64,{base64.b64encode(drawing.svg).decode()}",
            "alt": drawing.alt,
            "caption": drawing.caption,
        }
        for drawing in drawings
    }


def origin_rows(origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What `provenance.json` says, as far as a reader of a page wants it."""
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
