"""From cells to values: what a planner typed, or a message that names sheet and cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from cms_sim.errors import InputError, nearest
from cms_sim.scenario.workbook.guard import Cell, Grid, Opened
from cms_sim.scenario.workbook.layout import FIRST_YEAR, Column, TableSheet

_YES, _NO = {"yes", "y", "x", "true", "1"}, {"no", "n", "false", "0"}
_ASKED = {
    "whole": "a whole number",
    "precinct": "a precinct's number",
    "number": "a number",
    "share": "a number from 0 to 1",
    "usd": "a sum in US dollars",
}
Fail = Callable[[str, str], InputError]
"""`fail(message, remedy)`: an error at the cell in hand."""

_MOST_EXACT = 1e15
LAST_HEADING_ROW = 20


@dataclass(frozen=True)
class Place:
    """A cell of a workbook."""

    sheet: str
    row: int
    column: int
    heading: str = ""

    @property
    def name(self) -> str:
        """As a spreadsheet names it: `Sites!C7`."""
        from openpyxl.utils import get_column_letter

        return f"{self.sheet}!{get_column_letter(self.column)}{self.row}"


@dataclass(frozen=True)
class Row:
    """One entry of a table: values and places by the key of their column; `place` is its first cell."""

    place: Place
    values: Mapping[str, object]
    places: Mapping[str, Place]


def rows_of(book: Opened, sheet: TableSheet) -> list[Row]:
    """The entries of a table, empty rows left out. Raises InputError at the first cell that is not as it should be."""
    grid = sheet_of(book, sheet.name)
    top, columns = _headings(book, sheet, grid)
    check_merged(book, sheet.name, top, max(columns))
    rows = []
    for number in sorted({row for row, _ in grid if row > top}):
        cells = {column: grid[number, column] for column in columns if (number, column) in grid}
        _check_stray(book, sheet.name, number, top, columns, grid)
        if cells:
            rows.append(_row(book, sheet, number, columns, cells))
    return rows


def sheet_of(book: Opened, name: str) -> Grid:
    """The cells of a sheet, which must be there."""
    if name not in book.sheets:
        remedy = f"{nearest(name, book.sheets)} Every sheet is needed, also an empty one: name it '{name}' again."
        raise InputError(f"there is no sheet '{name}'", where=str(book.path), remedy=remedy)
    return book.sheets[name]


def check_merged(book: Opened, name: str, top: int, right: int) -> None:
    """Refuse merged cells from row `top` down in the columns up to `right`: only the first of them has a value."""
    from openpyxl.utils import range_boundaries

    for merged in book.merged.get(name, ()):
        try:
            left, _, _, bottom = range_boundaries(merged)
        except ValueError:
            left = bottom = None
        if left is None or bottom is None or (left <= right and bottom >= top):
            remedy = "Unmerge them, and write the value into each cell that it holds for."
            raise InputError("cells are merged", where=f"{book.path}, {name}!{merged}", remedy=remedy)


def value_of(book: Opened, cell: Cell, column: Column, place: Place) -> object:
    """What a cell says, as a scenario file would: a date as a date, a list of precincts as a list."""

    def fail(message: str, remedy: str) -> InputError:
        return InputError(message, where=f"{book.path}, {place.name}: {column.heading}", remedy=remedy)

    value = cell.value
    if cell.is_formula:
        raise fail("holds a formula", "Type its result (copy, then paste as values): what is read must stand there.")
    if cell.is_error or (isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "/A"))):
        raise fail(f"holds the error {value}", "Type the value itself.")
    if column.kind in ("text", "shift", "law"):
        return _text(value)
    if column.kind == "precincts":
        return _precincts(value, fail=fail)
    if column.kind == "date":
        return _date(value, fail=fail)
    if column.kind == "yes":
        return _yes(value, fail=fail)
    if isinstance(value, bool) or not isinstance(value, int | float):
        remedy = "Type the number by itself, without a unit, in a cell that is not formatted as text."
        raise fail(f"{_shown(value)} is not {_ASKED[column.kind]}", remedy)
    if column.kind == "precinct" and not float(value).is_integer():
        raise fail(f"{value} is not {_ASKED[column.kind]}", "`cms-sim city` lists them.")
    return int(value) if float(value).is_integer() and abs(value) < _MOST_EXACT else float(value)


def _headings(book: Opened, sheet: TableSheet, grid: Grid) -> tuple[int, dict[int, Column]]:
    """The row of headings, and the column of the layout under each of them."""
    known = {_plain(column.heading): column for column in sheet.columns}
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in grid.items():
        if row <= LAST_HEADING_ROW and isinstance(cell.value, str):
            rows.setdefault(row, {})[column] = cell.value.strip()
    top = max(rows, key=lambda row: (sum(_plain(each) in known for each in rows[row].values()), -row), default=1)
    found = rows.get(top, {})
    columns: dict[int, Column] = {}
    for column, heading in sorted(found.items()):
        place = f"{book.path}, {Place(sheet.name, top, column).name}"
        if _plain(heading).startswith("note"):
            continue
        if _plain(heading) not in known:
            remedy = nearest(heading, (each.heading for each in sheet.columns))
            raise InputError(f"unknown column '{heading}'", where=place, remedy=f"{remedy} Remarks go under 'Notes'.")
        if known[_plain(heading)] in columns.values():
            raise InputError(f"column '{heading}' is there twice", where=place, remedy="Keep one of the two.")
        columns[column] = known[_plain(heading)]
    for missing in (column for column in sheet.columns if column not in columns.values()):
        remedy = f"The headings are: {', '.join(each.heading for each in sheet.columns)}."
        place = f"{book.path}, {Place(sheet.name, top, 1).name}"
        raise InputError(f"column '{missing.heading}' is missing", where=place, remedy=remedy)
    return top, columns


def _row(book: Opened, sheet: TableSheet, number: int, columns: Mapping[int, Column], cells: Mapping[int, Cell]) -> Row:
    places = {each.key: Place(sheet.name, number, column, each.heading) for column, each in columns.items()}
    for column, each in columns.items():
        if each.required and column not in cells:
            remedy = "Fill it in, or clear the whole row."
            where = f"{book.path}, {places[each.key].name}"
            raise InputError(f"{each.heading} is missing", where=where, remedy=remedy)
    values = {columns[at].key: value_of(book, cell, columns[at], places[columns[at].key]) for at, cell in cells.items()}
    return Row(Place(sheet.name, number, min(columns)), values, places)


def _check_stray(book: Opened, sheet: str, number: int, top: int, columns: Mapping[int, Column], grid: Grid) -> None:
    """Refuse a value inside the table under no heading: its heading may have been deleted."""
    for column in range(min(columns), max(columns)):
        if column not in columns and (top, column) not in grid and (number, column) in grid:
            remedy = "Give the column its heading again (Notes, for remarks), or clear the cell."
            where = f"{book.path}, {Place(sheet, number, column).name}"
            raise InputError("a value stands under no heading", where=where, remedy=remedy)


def _plain(heading: object) -> str:
    return re.sub(r"\W+", " ", str(heading)).strip().lower()


def _shown(value: object) -> str:
    return f"'{str(value)[:60]}'" if isinstance(value, str | date | time) else str(value)


def _text(value: object) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value).strip()


def _date(value: object, fail: Fail) -> date:
    if isinstance(value, datetime) and value.time() == time() and value.year >= FIRST_YEAR:
        return value.date()
    remedy = "Type it as 2020-07-01 in a cell that is formatted as a date, not as text or a number."
    raise fail(f"{_shown(value)} is not a date", remedy)


def _yes(value: object, fail: Fail) -> bool:
    said = str(value).strip().lower()
    if said in _YES | _NO:
        return said in _YES
    raise fail(f"{_shown(value)} is neither yes nor no", "Write yes or no.")


def _precincts(value: object, fail: Fail) -> int | str | list[int]:
    if isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer():
        return int(value)
    parts = [part for part in re.split(r"[,;\s]+", str(value).strip()) if part] if isinstance(value, str) else []
    if parts and all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        numbers = [int(part) for part in parts]
        for number in numbers:
            if numbers.count(number) > 1:
                raise fail(f"precinct {number} is there twice", "Keep it once, or write the number that was meant.")
        return numbers
    if len(parts) == 1:
        return parts[0]
    remedy = "Give one number, several with commas between in a cell formatted as text, or the name of a set."
    raise fail(f"{_shown(value)} does not name precincts", remedy)
