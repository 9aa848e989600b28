"""Opens a workbook that anybody may have made: small, without macros or links, and never larger than it looks.

A workbook is a zip of XML parts. What is declared in the zip's directory bounds what can be unpacked, so that it is
looked at before anything is parsed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from cms_sim.errors import InputError

if TYPE_CHECKING:
    from openpyxl import Workbook

READ: Final = (".xlsx", ".xlsm")
"""Endings of the one format that is read."""
MOST_BYTES: Final = 8_000_000
"""Of the file; a plan with every precinct has some 30,000."""
MOST_XML_BYTES: Final = 12_000_000
"""Of all parts unpacked, pictures apart."""
MOST_PARTS: Final = 500
MOST_ROWS: Final = 2_000
MOST_COLUMNS: Final = 60
LAST_ROW: Final = 1_048_576
"""Of any sheet in the format."""
OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
"""First bytes of the older format, in which a workbook with a password is wrapped as well."""

_MERGED = re.compile(rb"mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Za-z0-9:$]{1,40})[\"']")
_DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Cell:
    """A cell with something in it: its value, and whether that is the text of a formula or an error."""

    value: object
    is_formula: bool = False
    is_error: bool = False


Grid = Mapping[tuple[int, int], Cell]
"""The cells of a sheet with something in them, by row and column from 1."""


@dataclass(frozen=True)
class Opened:
    """A workbook's sheets by name, and the ranges that are merged in each."""

    path: Path
    sheets: Mapping[str, Grid]
    merged: Mapping[str, Sequence[str]]


def open_workbook(path: Path) -> Opened:
    """Read every sheet. Raises InputError for what is no workbook, is not safe to open, or is far too large."""
    check_library()
    _check_file(path)
    try:
        with zipfile.ZipFile(path) as parts:
            _check_parts(path, parts)
            merged = _merged(parts)
        return Opened(path, _sheets(path), merged)
    except InputError:
        raise
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as fault:  # a broken part can make the libraries raise anything at all
        reason = "broken or cut short" if isinstance(fault, zipfile.BadZipFile | EOFError) else "a part is broken"
        remedy = "Open it in a spreadsheet program and save it again as .xlsx, or write it anew from the plan."
        raise InputError(f"cannot be read as a workbook ({reason})", where=str(path), remedy=remedy) from None


def check_library() -> None:
    """Raise InputError when the library that reads workbooks is not installed."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        remedy = "Install it: pip install 'cms-sim[spreadsheet]' (from a clone: pip install -e '.[spreadsheet]')."
        raise InputError("workbooks need the package openpyxl", remedy=remedy) from None


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        remedy = "Check the path and the permissions, and close it elsewhere."
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy=remedy) from None
    if size > MOST_BYTES:
        raise _too_large(path, f"{size / 1e6:.0f} MB; a plan has less than {MOST_BYTES / 1e6:.0f} MB")
    if head == OLD_OR_LOCKED:
        remedy = "Take the password off, or save the older format (.xls) as .xlsx."
        raise InputError("has a password, or is in the older format", where=str(path), remedy=remedy)
    if path.suffix.lower() not in READ:
        remedy = "Open it in a spreadsheet program and save it as .xlsx."
        raise InputError(f"is no workbook that can be read: it ends in {path.suffix}", where=str(path), remedy=remedy)


def _check_parts(path: Path, parts: zipfile.ZipFile) -> None:
    entries = parts.infolist()
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MOST_PARTS:
        raise _too_large(path, f"{len(entries):,} parts")
    if any(entry.flag_bits & 1 for entry in entries):
        raise InputError("has a password", where=str(path), remedy="Take the password off and save it again.")
    size = sum(entry.file_size for entry in entries if "/media/" not in entry.filename)
    if size > MOST_XML_BYTES:
        raise _too_large(path, f"{size / 1e6:,.0f} MB when unpacked")
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        remedy = "Save it as an ordinary workbook (.xlsx, without macros); a plan needs none."
        raise InputError("holds macros", where=str(path), remedy=remedy)
    if any("externallinks/" in name for name in names):
        remedy = "Break the links (Data, Edit links) and save it again; a plan must stand alone."
        raise InputError("holds links to other files", where=str(path), remedy=remedy)
    if "xl/workbook.xml" not in names:
        raise InputError("is a zip file but no workbook", where=str(path), remedy="Save it as .xlsx.")
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")) and _DOCUMENT_TYPE.search(parts.read(entry)):
            remedy = "Open it in a spreadsheet program and save it again as .xlsx."
            raise InputError("holds a document type, which no workbook has", where=str(path), remedy=remedy)


def _too_large(path: Path, what: str) -> InputError:
    remedy = "Keep only the plan's sheets, and delete the rows below the last one used (not only what is in them)."
    return InputError(f"is far too large for a plan ({what})", where=str(path), remedy=remedy)


def _merged(parts: zipfile.ZipFile) -> dict[str, list[str]]:
    """Merged ranges by sheet: asked of the text of the parts, for a library would make a cell of every one in them."""
    names = set(parts.namelist())
    targets = {
        relation.get("Id"): str(relation.get("Target"))
        for relation in ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    }
    merged: dict[str, list[str]] = {}
    for sheet in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter():
        target = targets.get(sheet.get(_RELATION)) if sheet.tag.endswith("}sheet") else None
        if target is None:
            continue
        part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        if part in names:
            found = _MERGED.findall(parts.read(part))
            merged[str(sheet.get("name"))] = [each.decode() for each in found]
    return merged


def _sheets(path: Path) -> dict[str, Grid]:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the library leaves out: lists to choose from, formats
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            return {name: _grid(path, book, name) for name in book.sheetnames}
        finally:
            book.close()


def _grid(path: Path, book: Workbook, name: str) -> Grid:
    sheet = book[name]
    if not hasattr(sheet, "reset_dimensions"):  # a sheet that is a chart
        return {}
    sheet.reset_dimensions()  # what a file says of its size is not to be believed
    cells: dict[tuple[int, int], Cell] = {}
    before: object = None
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if number > LAST_ROW:
            raise _too_large(path, f"sheet '{name}'")
        if row is before:  # the rows of a gap are one and the same: there may be a million of them
            continue
        before = row
        for column, cell in enumerate(row, start=1):
            if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
                continue
            if number > MOST_ROWS:
                raise _too_large(path, f"sheet '{name}' goes on past row {MOST_ROWS:,}")
            cells[number, column] = Cell(cell.value, cell.data_type == "f", cell.data_type == "e")
    return cells
