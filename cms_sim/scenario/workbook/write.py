"""A plan written as a workbook: sheets to fill in, lists to choose from, and costs that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cms_sim.data.unit_costs import UnitCosts
from cms_sim.errors import InputError
from cms_sim.scenario.content import Content, content_of
from cms_sim.scenario.files import load_reference
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.schema import SHARED_SHIFTS
from cms_sim.scenario.workbook.costs import write_costs
from cms_sim.scenario.workbook.guard import check_library
from cms_sim.scenario.workbook.layout import (
    ABOUT,
    COSTS,
    DATES,
    HOURS,
    LISTS,
    PARAMETERS,
    PATROL,
    PLAN,
    PLAN_ROWS,
    PLAN_TOP,
    PRICES,
    SERVICES_SHEET,
    SITES,
    STAFF,
    SURGES,
    WORKINGS,
    TableSheet,
)
from cms_sim.scenario.workbook.looks import (
    finish,
    format_table,
    grow,
    put,
    restrict,
    style_heading,
    style_input,
    style_title,
    write_table,
)
from cms_sim.scenario.workbook.prices import write_prices

if TYPE_CHECKING:
    from openpyxl import Workbook

_HELP = (
    "This workbook is one plan for New York City's Crisis Management System: which precincts have which sites, with "
    "what staff and services, from which day on.",
    "Fill in the white cells. Grey cells are computed, and are not read back.",
    "Plan: what the plan is called, what it is held against, its dates, and the money granted.",
    "Sites: one row for each site. Staff and Services: what each site has from its opening on.",
    "Dates: what changes later, step by step: another number of posts or places, other hours, late payment.",
    "Hours: the shifts that the other sheets name.",
    "Patrol, Surges, Parameters: for comparisons and for what nobody knows. Mostly empty.",
    "Unit costs: prices, each with its source. Costs: what the plan comes to, by fiscal year, at those prices.",
    "To take a site out, delete its rows on Sites, Staff, Services and Dates.",
    "Dates are written as 2020-07-01. A column of your own for remarks is headed Notes.",
    "Then check it and run it, with the name of this file:",
    "    cms-sim check {file}",
    "    cms-sim compare {file}",
    "A mistake is named with its sheet and cell, such as Sites!C7, and with what to do about it.",
    "To turn it into a text file:  cms-sim workbook read {file} {stem}.toml",
)


def workbook_bytes(scenario: Scenario, file: Path, unit_costs: UnitCosts) -> bytes:
    """`scenario`, whole and without what it extends, as the workbook that `file` is to be.

    What is read from it resolves to the same hash. Raises InputError for what no cell can hold.
    """
    check_library()
    import io

    from openpyxl import Workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook()
    content = content_of(scenario, file)
    try:
        _fill(book, scenario, content, file, unit_costs)
    except IllegalCharacterError:
        remedy = "Take control characters out of its title, summary, notes and names."
        raise InputError("a text holds a sign that no cell can hold", where=str(scenario.file), remedy=remedy) from None
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(book: Workbook, scenario: Scenario, content: Content, file: Path, unit_costs: UnitCosts) -> None:
    if book.active is not None:
        book.remove(book.active)
    _about(book, content, file)
    _plan(book, content)
    tables = _tables(content)
    for sheet, rows in tables.items():
        write_table(book, sheet, rows)
    reference = load_reference(scenario)
    write_costs(book, scenario, reference, {sheet.name: len(rows) for sheet, rows in tables.items()})
    write_prices(book, unit_costs)
    _lists(book, scenario)
    for sheet, rows in tables.items():
        format_table(book, sheet, len(rows))
    for name, place in ((COSTS, 6), (PRICES.name, 7)):
        book.move_sheet(name, place - book.sheetnames.index(name))
    finish(book, (ABOUT, COSTS, WORKINGS, LISTS))
    book[LISTS].sheet_state = "hidden"
    book.active = book.sheetnames.index(PLAN)
    book.calculation.fullCalcOnLoad = True


def _about(book: Workbook, content: Content, file: Path) -> None:
    sheet = book.create_sheet(ABOUT)
    style_title(sheet, str(content["title"]), "A plan of CMS Sim")
    for row, line in enumerate(_HELP, start=4):
        words = line.format(file=file.name, stem=file.stem)
        put(sheet, row, 1, words, wrap=True)
        grow(sheet, row, {100: words})
    sheet.column_dimensions["A"].width = 110


def _plan(book: Workbook, content: Content) -> None:
    sheet = book.create_sheet(PLAN)
    style_title(
        sheet, "Plan", "What the plan is, when and where it is compared, and the money beyond what it is held against."
    )
    style_heading(sheet, PLAN_TOP - 1, ("What", "Value", "Help"))
    for row, column in enumerate(PLAN_ROWS, start=PLAN_TOP):
        value: Any = content
        for key in column.key.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        put(sheet, row, 1, column.heading)
        put(sheet, row, 2, value, kind=column.kind, wrap=True)
        put(sheet, row, 3, _PLAN_HELP[column.key], quiet=True, wrap=True)
        grow(sheet, row, {55: sheet.cell(row, 2).value or "", 64: _PLAN_HELP[column.key]})
        style_input(sheet, row, 2)
        restrict(sheet, column, row, row, 2)
    for letter, width in (("A", 32), ("B", 60), ("C", 70)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"B{PLAN_TOP}"


_PLAN_HELP = {
    "title": "Short name, as shown in tables and figures.",
    "summary": "One or two sentences for a reader of the report.",
    "reference": "What averted victims and added cost are counted from: a plan that ships, or a file beside this one.",
    "order": "Place in tables and figures, small first.",
    "constants.precincts": "Numbers with commas between, or a named set such as covered_2020.",
    "constants.starts": "A fiscal year begins on 1 July.",
    "constants.ends": "If dates change, write the workbook anew: the sheet Costs has the years of these dates.",
    "constants.past_months": "So that sites know people on the first day.",
    "constants.city": "Another city's folder of tables, seen from this file; empty: New York.",
    "budget.usd_per_year": "Beyond the reference, may buy anything; empty: the cost is held against nothing.",
    "budget.wraparound_usd_per_year": "On top, only for services and hospital responders.",
    "budget.recurring": "yes: each fiscal year; no: once, for all years together.",
    "budget.note": "",
}


def _tables(content: Content) -> dict[TableSheet, list[Mapping[str, object]]]:
    """The rows of every table, by key of the column."""
    levers, uncertain = content.get("levers", {}), content.get("uncertainties", {})
    sites = levers.get("sites", [])
    keys = [{"precinct": site["precinct"], "site_id": site["site_id"]} for site in sites]
    shifts = {name: shift.model_dump() for name, shift in SHARED_SHIFTS.items()} | content.get("shifts", {})
    changes = [(key, change) for key, site in zip(keys, sites, strict=True) for change in site.get("changes", [])]
    return {
        SITES: sites,
        STAFF: [key | dict(_flat("staff", site)) for key, site in zip(keys, sites, strict=True)],
        SERVICES_SHEET: [key | dict(_flat("services", site)) for key, site in zip(keys, sites, strict=True)],
        DATES: [
            key
            | {n: v for n, v in change.items() if n not in ("staff", "services")}
            | dict(_flat("staff", change))
            | dict(_flat("services", change))
            for key, change in changes
        ],
        HOURS: [
            {"name": name, "from_hour": shift["from_hour"], "to_hour": shift["to_hour"]}
            | {f"weekdays.{day}": True for day in shift["weekdays"]}
            for name, shift in shifts.items()
        ],
        PATROL: levers.get("patrol", []),
        SURGES: uncertain.get("surge", []),
        PARAMETERS: [
            {"name": name} | (dict(value) if isinstance(value, Mapping) else {"value": value})
            for name, value in uncertain.items()
            if name != "surge"
        ],
    }


def _flat(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for key, value in entry.get(name, {}).items():
        yield f"{name}.{key}", value


def _lists(book: Workbook, scenario: Scenario) -> None:
    from cms_sim.data.city_tables import load_city_tables

    sheet = book.create_sheet(LISTS)
    style_heading(sheet, 1, ("Precinct", "Name", "Borough"))
    for row, precinct in enumerate(load_city_tables(scenario.frame.city_folder).precincts, start=2):
        for column, value in enumerate((precinct.number, precinct.short_name, precinct.borough), start=1):
            put(sheet, row, column, value)
    for letter, width in (("A", 10), ("B", 32), ("C", 16)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
