"""Reads one CSV table strictly: every fault is an `InputError` that names file, line and column."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cms_sim.errors import InputError, nearest

MOST = 2**31 - 1
"""The largest whole number that a table may hold."""
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table, with the place that an error about it names."""

    file: Path
    line: int
    cells: Mapping[str, str]

    def fault(self, message: str, column: str = "", remedy: str = "") -> InputError:
        """The error to raise about this record, or about one of its columns."""
        place = f"{self.file}, line {self.line}"
        return InputError(message, where=f"{place}, column '{column}'" if column else place, remedy=remedy)

    def text(self, column: str) -> str:
        """The cell without the blanks around it; may be empty."""
        return self.cells[column]

    def integer(self, column: str, low: int = 0, high: int = MOST) -> int:
        """A whole number from `low` to `high`, both included."""
        text = self.cells[column]
        try:
            value = int(text)
        except ValueError:
            raise self.fault(f"'{text}' is not a whole number", column, "Write a whole number such as 12.") from None
        if not low <= value <= high:
            allowed = f"{low} or more" if value < low and high == MOST else f"{low} to {high}"
            raise self.fault(f"{value} is out of range", column, f"Write a whole number, {allowed}.")
        return value

    def number(self, column: str, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number from `low` to `high`, both included."""
        text = self.cells[column]
        try:
            value = float(text)
        except ValueError:
            raise self.fault(f"'{text}' is not a number", column, "Write a number such as 0.25.") from None
        if not math.isfinite(value) or not low <= value <= high:
            raise self.fault(f"{text} is out of range", column, f"Write a number from {low:g} to {high:g}.")
        return value

    def month(self, column: str) -> np.datetime64:
        """A month written year-month, such as 2014-06."""
        text = self.cells[column]
        if not MONTH.fullmatch(text):
            raise self.fault(f"'{text}' is not a month", column, "Write year-month, such as 2014-06.")
        return np.datetime64(text, "M")

    def choice(self, column: str, known: Iterable[str]) -> str:
        """One of the `known` words."""
        text, options = self.cells[column], list(known)
        if text not in options:
            raise self.fault(f"'{text}' is not known", column, nearest(text, options))
        return text

    def known(self, column: str, numbers: Collection[int]) -> int:
        """The number of a precinct that stands in `precincts.csv`."""
        value = self.integer(column)
        if value not in numbers:
            remedy = f"Add it to precincts.csv or correct it. {nearest_precincts(value, numbers)}"
            raise self.fault(f"precinct {value} is not in precincts.csv", column, remedy)
        return value


def read_rows(
    file: Path,
    columns: Sequence[str],
    *,
    may_be_absent: bool = False,
    may_be_empty: bool = False,
    column_name: Callable[[str], str] = str.strip,
    remedy: str = "",
) -> list[Row]:
    """The records of a UTF-8 CSV file whose first line names at least `columns` (each as `column_name` puts it).

    Further columns and empty lines are passed over. A first line alone gives no records where `may_be_empty`, an absent
    file none where `may_be_absent`. Raises `InputError`; `remedy` is what to do about a file that is not such a table.
    """
    if may_be_absent and not file.exists():
        return []
    reader = csv.reader(io.StringIO(read_text(file), newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [column_name(name) for name in next(reader, [])]
        _check_header(file, header, columns, remedy)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = Row(file, reader.line_num, dict(zip(header, map(str.strip, cells), strict=False)))
            if len(cells) != len(header):
                message = f"{len(cells)} cells where the first line names {len(header)} columns"
                raise row.fault(message, remedy=remedy or "Quote cells that contain a comma.")
            rows.append(row)
    except csv.Error as error:
        place = f"{file}, line {reader.line_num}"
        raise InputError(str(error), where=place, remedy=remedy or "Save it again as CSV.") from error
    if not rows and not (may_be_empty or may_be_absent):
        raise InputError("the table has no records", where=f"{file}, line 2", remedy=remedy or "Add its records.")
    return rows


def read_text(file: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark. Raises `InputError` when that cannot be had."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file", where=str(file), remedy=_beside(file)) from None
    except OSError as error:
        remedy = "Check the path and that you may read it."
        raise InputError(f"cannot be read ({error.strerror})", where=str(file), remedy=remedy) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        remedy = "Save it as CSV in UTF-8; a spreadsheet or an archive has to be exported or unpacked first."
        raise InputError("is not UTF-8 text", where=f"{file}, line {line}", remedy=remedy) from None


def check_unique(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> None:
    """Raises `InputError` at the first record whose key an earlier one has."""
    seen: dict[Hashable, int] = {}
    for row in rows:
        line = seen.setdefault(key(row), row.line)
        if line != row.line:
            raise row.fault(f"repeats line {line}", remedy="Remove one of the two.")


def nearest_precincts(number: int, numbers: Collection[int]) -> str:
    """A remedy that names the two known precincts whose numbers are nearest (letters say nothing about a number)."""
    near = sorted(sorted(numbers, key=lambda known: (abs(known - number), known))[:2])
    return f"The nearest are {' and '.join(map(str, near))}."


def _check_header(file: Path, header: Sequence[str], columns: Sequence[str], remedy: str) -> None:
    place, found = f"{file}, line 1", ", ".join(header)
    if not header:
        raise InputError("the file is empty", where=place, remedy=remedy or f"It needs columns: {', '.join(columns)}.")
    for column in columns:
        if column not in header:
            advice = remedy or f"Add a column named '{column}'."
            raise InputError(
                f"column '{column}' is missing", where=place, remedy=f"{advice} The first line has: {found}."
            )
        if header.count(column) > 1:
            raise InputError(f"column '{column}' stands twice", where=place, remedy="Keep one of them.")


def _beside(file: Path) -> str:
    if not file.parent.is_dir():
        return f"The folder {file.parent} does not exist."
    others = [path.name for path in file.parent.iterdir()]
    return nearest(file.name, sorted(others)) if others else f"The folder {file.parent} is empty."
