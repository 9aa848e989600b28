"""A workbook read as a scenario file: the same content, so that the same checks hold, with a cell for each key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from cms_sim.data.parameters import load_parameters
from cms_sim.errors import InputError, nearest
from cms_sim.scenario.schema import SHARED_SHIFTS, WEEKDAYS
from cms_sim.scenario.source import KeyPath, Source, is_there
from cms_sim.scenario.workbook.cells import Place, Row, check_merged, rows_of, sheet_of, value_of
from cms_sim.scenario.workbook.guard import Opened, open_workbook
from cms_sim.scenario.workbook.layout import (
    DATES,
    HOURS,
    PARAMETERS,
    PATROL,
    PLAN,
    PLAN_ROWS,
    SERVICES_SHEET,
    SITES,
    STAFF,
    SURGES,
    TABLES,
    TableSheet,
)

_PLAN_HEADING = "what"
_WORDS = {
    "constants.precincts": "'Precincts in play' on the sheet Plan",
    "under [[levers.sites.changes]] of the first": "on the sheet Dates",
    'extend a scenario that has it: extends = "sites_june_2020"': "write the workbook anew from a plan",
    "under [constants]": "on the sheet Plan",
    "catchment_share": "Share covered",
    "site_id": "Site",
    " (until)": "",
}
"""Words of a scenario file, and what a planner sees instead."""


@dataclass(frozen=True)
class WorkbookSource(Source):
    """As a scenario file's source, but each key stands in a cell."""

    cells: Mapping[KeyPath, Place] = field(default_factory=dict)

    def where(self, *path: str | int) -> str:
        """`file, Sites!C7: heading` for the key or, when it has no cell of its own, for what encloses it."""
        for length in range(len(path), 0, -1):
            if place := self.cells.get(path[:length]):
                return f"{self.path}, {place.name}" + (f": {place.heading}" if place.heading else "")
        return str(self.path)


class _Made:
    """The content of a file as it comes together, and the cell of each key."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.cells: dict[KeyPath, Place] = {}

    def put(self, path: KeyPath, value: object, place: Place) -> None:
        """Set a key; the tables and lists on the way to it are there or made here."""
        self.cells[path] = place
        table: Any = self.content
        for step, following in pairwise(path):
            if isinstance(step, int):
                while len(table) <= step:
                    table.append({})
                table = table[step]
            else:
                table = table.setdefault(step, [] if isinstance(following, int) else {})
        table[path[-1]] = value

    def put_row(self, path: KeyPath, row: Row, leave: tuple[str, ...] = ()) -> None:
        """Set every filled cell of a row under `path`, but for those that `leave` names."""
        self.cells.setdefault(path, row.place)
        for key, place in row.places.items():
            if key not in leave:
                self.cells.setdefault((*path, *key.split(".")), place)
        for key, value in row.values.items():
            if key not in leave:
                self.put((*path, *key.split(".")), value, row.places[key])


def workbook_source(path: Path) -> WorkbookSource:
    """The content of a workbook as a scenario file would say it. Raises InputError naming sheet and cell."""
    book = open_workbook(path)
    made = _Made()
    _plan(book, made)
    sites = _sites(book, made)
    _check_names(book, made, sites)
    _of_sites(book, made, sites)
    _changes(book, made, sites)
    _hours(book, made)
    for sheet, path_ in ((PATROL, ("levers", "patrol")), (SURGES, ("uncertainties", "surge"))):
        for number, row in enumerate(rows_of(book, sheet)):
            made.put_row((*path_, number), row)
    _parameters(book, made)
    order = {name: rank for rank, name in enumerate((PLAN, *(sheet.name for sheet in TABLES)))}
    lines = {key: order[place.sheet] * 10**6 + place.row * 10**2 + place.column for key, place in made.cells.items()}
    return WorkbookSource(path, made.content, lines, made.cells)


def in_words(error: InputError) -> InputError:
    """The same message with the workbook's own words for keys of a scenario file."""
    message, remedy = error.message, error.remedy
    for key, words in _WORDS.items():
        message, remedy = message.replace(key, words), remedy.replace(key, words)
    return InputError(message, where=error.where, remedy=remedy)


def _plan(book: Opened, made: _Made) -> None:
    grid = sheet_of(book, PLAN)
    check_merged(book, PLAN, 3, 2)
    known = {column.heading.lower(): column for column in PLAN_ROWS}
    seen: dict[str, int] = {}
    for (row, at), cell in sorted(grid.items()):
        name = str(cell.value).strip().rstrip(":").lower()
        if at != 1 or name not in known:
            if at == 1 and (row, 2) in grid and name != _PLAN_HEADING:
                where = f"{book.path}, {Place(PLAN, row, 1).name}"
                remedy = nearest(str(cell.value), (column.heading for column in PLAN_ROWS))
                raise InputError(f"unknown line '{cell.value}'", where=where, remedy=remedy)
            continue
        column, place = known[name], Place(PLAN, row, 2, known[name].heading)
        if column.key in seen:
            where = f"{book.path}, {Place(PLAN, row, 1).name}"
            raise InputError(f"'{column.heading}' is there twice", where=where, remedy="Keep one of the two.")
        seen[column.key] = row
        path = tuple(column.key.split("."))
        made.cells[path] = place
        if (row, 2) in grid:
            made.put(path, value_of(book, grid[row, 2], column, place), place)
    for column in PLAN_ROWS:
        if column.required and column.key.split(".")[-1] not in _inner(made.content, column.key):
            where = f"{book.path}, {Place(PLAN, seen[column.key], 2).name if column.key in seen else PLAN}"
            raise InputError(f"'{column.heading}' is missing", where=where, remedy="Fill it in.")
    _city(book, made)
    _budget(book, made)
    made.cells.setdefault(("constants",), Place(PLAN, 1, 1))


def _inner(content: dict[str, Any], key: str) -> dict[str, Any]:
    table = content
    for step in key.split(".")[:-1]:
        table = table.get(step, {})
    return table


def _city(book: Opened, made: _Made) -> None:
    """Refuse a folder that is there and holds no city."""
    given = made.content.get("constants", {}).get("city")
    if given is None:
        return
    folder = book.path.parent / given
    if is_there(folder.is_dir) and not is_there((folder / "precincts.csv").is_file):
        place = made.cells["constants", "city"]
        remedy = "Give the folder that holds precincts.csv and the other tables of a city; empty: New York."
        where = f"{book.path}, {place.name}: {place.heading}"
        raise InputError(f"'{given}' holds no precincts.csv, and so no city", where=where, remedy=remedy)


def _budget(book: Opened, made: _Made) -> None:
    """Without core money there is no budget, and then nothing else of it may be filled in but its defaults."""
    budget = made.content.get("budget", {})
    if not budget or "usd_per_year" in budget:
        return
    if set(budget) <= {"recurring", "note"}:
        del made.content["budget"]
        return
    place = made.cells["budget", "usd_per_year"]
    remedy = "Fill it in (0 for none), or clear the lines on money: then the cost is held against nothing."
    raise InputError("core money is missing", where=f"{book.path}, {place.name}: {place.heading}", remedy=remedy)


def _sites(book: Opened, made: _Made) -> dict[tuple[object, object], int]:
    """The sites, and the index of each by precinct and number."""
    sites: dict[tuple[object, object], int] = {}
    for number, row in enumerate(rows_of(book, SITES)):
        key = (row.values["precinct"], row.values["site_id"])
        if key in sites:
            message = f"precinct {key[0]} has two sites with Site {key[1]}: the other one is in row "
            other = made.cells["levers", "sites", sites[key]].row
            remedy = "Give each site of a precinct its own number, or mend the precinct of one of the two."
            raise InputError(f"{message}{other}", where=f"{book.path}, {row.place.name}", remedy=remedy)
        made.put_row(("levers", "sites", number), row)
        sites[key] = number
    return sites


def _check_names(book: Opened, made: _Made, sites: Mapping[tuple[object, object], int]) -> None:
    """Refuse a site that only the sheet Sites calls so, where it is another one on every sheet that tells of it."""
    named = [
        {(row.values["precinct"], row.values["site_id"]): row for row in rows_of(book, sheet)}
        for sheet in (STAFF, SERVICES_SHEET, DATES)
    ]
    staff = named[0]
    for key, row in staff.items():
        alone = [each for each in sites if not any(each in sheet for sheet in named)]
        alike = [each for each in alone if each[0] == key[0] or each[1] == key[1]]
        if key in sites or not alike:
            continue
        own = min(alike, key=lambda each: abs(made.cells["levers", "sites", sites[each]].row - row.place.row))
        part = "precinct" if own[0] != key[0] else "site_id"
        place = made.cells["levers", "sites", sites[own], part]
        raise InputError(
            f"precinct {own[0]} site {own[1]} has no posts, and {row.place.name} has posts of precinct {key[0]} site "
            f"{key[1]}, which is not on this sheet",
            where=f"{book.path}, {place.name}: {place.heading}",
            remedy="Write the same precinct and site on both sheets: mend the one that is wrong.",
        )


def _of_sites(book: Opened, made: _Made, sites: Mapping[tuple[object, object], int]) -> None:
    for sheet in (STAFF, SERVICES_SHEET):
        seen: dict[int, Row] = {}
        for row in rows_of(book, sheet):
            site = _site(book, sheet, row, sites)
            if site in seen:
                remedy = "Keep one row a site; what changes later is on the sheet Dates."
                where = f"{book.path}, {row.place.name}"
                raise InputError(f"this site is already in row {seen[site].place.row}", where=where, remedy=remedy)
            seen[site] = row
            made.put_row(("levers", "sites", site), row, leave=("precinct", "site_id"))
            made.cells["levers", "sites", site, sheet.name.lower()] = row.place


def _changes(book: Opened, made: _Made, sites: Mapping[tuple[object, object], int]) -> None:
    counts: dict[int, int] = {}
    for row in rows_of(book, DATES):
        site = _site(book, DATES, row, sites)
        number = counts[site] = counts.get(site, -1) + 1
        made.put_row(("levers", "sites", site, "changes", number), row, leave=("precinct", "site_id"))


def _site(book: Opened, sheet: TableSheet, row: Row, sites: Mapping[tuple[object, object], int]) -> int:
    key = (row.values["precinct"], row.values["site_id"])
    if key not in sites:
        close = nearest(f"{key[0]} site {key[1]}", [f"{p} site {n}" for p, n in sites])
        remedy = f"Add it to the sheet Sites, or mend the number. {close}"
        where = f"{book.path}, {row.place.name}"
        raise InputError(f"precinct {key[0]} has no site {key[1]} on the sheet Sites", where=where, remedy=remedy)
    return sites[key]


def _hours(book: Opened, made: _Made) -> None:
    """Shifts by name; those that every plan shares are left out where they are as shared."""
    for row in rows_of(book, HOURS):
        name = str(row.values["name"])
        path = ("shifts", name)
        if path in made.cells:
            remedy = "Give one of the two another name."
            raise InputError(f"shift '{name}' is there twice", where=f"{book.path}, {row.place.name}", remedy=remedy)
        days = [day for day in WEEKDAYS if row.values.get(f"weekdays.{day}")]
        if not days:
            remedy = "Write yes under the days on which it begins, or clear the row."
            where = f"{book.path}, {row.places[f'weekdays.{WEEKDAYS[0]}'].name}"
            raise InputError(f"shift '{name}' begins on no day", where=where, remedy=remedy)
        made.cells[path] = row.place
        shift = {"weekdays": days} | {hour: row.values[hour] for hour in ("from_hour", "to_hour")}
        shared = SHARED_SHIFTS.get(name)
        if shared is None or shared.model_dump() != shift:
            for key, value in shift.items():
                place = row.places.get(key, row.places[f"weekdays.{WEEKDAYS[0]}"])
                made.put((*path, key), value, place)


def _parameters(book: Opened, made: _Made) -> None:
    for row in rows_of(book, PARAMETERS):
        values = dict(row.values)
        name, number = str(values.pop("name")), values.pop("value", None)
        path = ("uncertainties", name)
        where = f"{book.path}, {row.place.name}"
        if path in made.cells or name == "surge":
            problem = "is there twice" if path in made.cells else "is no parameter: surges have their own sheet"
            raise InputError(f"'{name}' {problem}", where=where, remedy="Keep one row for each parameter.")
        remedy = "Give either a value, or a law and its numbers."
        if number is None and not values:
            known = load_parameters()
            close = "" if name in known else f"There is no parameter '{name}'. {nearest(name, known)} "
            raise InputError(f"'{name}' has neither a value nor a law", where=where, remedy=close + remedy)
        if number is not None and values:
            raise InputError(f"'{name}' needs a value or a law, not both", where=where, remedy=remedy)
        made.cells[path] = row.place
        if number is not None:
            made.put(path, number, row.places["value"])
        else:
            made.put_row(path, row, leave=("name", "value"))
