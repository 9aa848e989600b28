"""How a workbook looks, and what helps to fill it in: formats, lists to choose from, frozen headings."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from cms_sim.errors import InputError
from cms_sim.scenario.workbook.layout import FIRST_YEAR, HEADING_ROW, LISTS, SPARE_ROWS, Column, TableSheet

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS: Final[Mapping[str, str]] = {
    "date": "yyyy-mm-dd",
    "whole": "0",
    "number": "General",
    "share": "0.00",
    "usd": "#,##0",
    "precincts": "@",
}
_HEAD, _GREY, _EDGE = "FFDCE6F0", "FFF0F0F0", "FFBFBFBF"
_TAB = "FF0072B2"
_HEADING_HEIGHT, _LINE_HEIGHT = 45.0, 15.0
_HELP_LETTERS = 120


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Any,
    *,
    kind: str = "text",
    wrap: bool = False,
    quiet: bool = False,
) -> None:
    """Write a value, never as a formula."""
    from openpyxl.styles import Alignment, Font

    cell = sheet.cell(row, column)
    cell.value = _plain(value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = is a text
    elif isinstance(value, float):
        cell.value, cell.data_type = repr(value), "n"  # to the last digit, which the library would round
    cell.number_format = FORMATS.get(kind, "General")
    cell.alignment = Alignment(
        wrap_text=wrap, vertical="top", horizontal="left" if wrap or kind == "precincts" else None
    )
    if quiet:
        cell.font = Font(color="FF666666", italic=True)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, date) and value.year < FIRST_YEAR:
        remedy = f"Keep the plan as a text file, or begin in {FIRST_YEAR} or later."
        raise InputError(f"no workbook can hold the date {value}", remedy=remedy)
    return value


def finish(book: Workbook, computed: Sequence[str]) -> None:
    """Every sheet printed across the width of a page, and tabs in two colours: to fill in, and computed."""
    from openpyxl.worksheet.properties import PageSetupProperties

    for sheet in book.worksheets:
        sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.sheet_properties.tabColor = _EDGE if sheet.title in computed else _TAB
        if sheet.freeze_panes:
            sheet.print_title_rows = f"1:{int(''.join(filter(str.isdigit, sheet.freeze_panes))) - 1}"


def grow(sheet: Worksheet, row: int, texts: Mapping[int, object]) -> None:
    """Make a row as high as its wrapped texts need (by width of their column): not every program does by itself."""
    lines = max((len(textwrap.wrap(str(text), width)) for width, text in texts.items()), default=1)
    sheet.row_dimensions[row].height = _LINE_HEIGHT * max(1, lines)


def formula(sheet: Worksheet, row: int, column: int, text: str, form: str = "#,##0") -> None:
    """Write a formula, in grey: it is computed and not to be filled in."""
    from openpyxl.styles import PatternFill

    cell = sheet.cell(row, column, text)
    cell.number_format = form
    cell.fill = PatternFill("solid", start_color=_GREY)


def style_title(sheet: Worksheet, title: str, help_line: str) -> None:
    """The first two rows of a sheet: what it is, and how to fill it in."""
    from openpyxl.styles import Font

    put(sheet, 1, 1, title)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    for row, line in enumerate(textwrap.wrap(help_line, _HELP_LETTERS)[:2], start=2):
        put(sheet, row, 1, line, quiet=True)


def style_heading(sheet: Worksheet, row: int, headings: Sequence[str]) -> None:
    """A row of headings."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    for column, heading in enumerate(headings, start=1):
        put(sheet, row, column, heading)
        cell = sheet.cell(row, column)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color=_HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = Border(bottom=Side("medium", color=_EDGE))


def style_input(sheet: Worksheet, row: int, column: int) -> None:
    """A thin frame: this is to be filled in."""
    from openpyxl.styles import Border, Side

    edge = Side("thin", color=_EDGE)
    sheet.cell(row, column).border = Border(left=edge, right=edge, top=edge, bottom=edge)


def write_table(book: Workbook, sheet: TableSheet, rows: Sequence[Mapping[str, object]]) -> None:
    """A sheet with title, help, headings and rows (by key of the column)."""
    page = book.create_sheet(sheet.name)
    style_title(page, sheet.title, sheet.help)
    style_heading(page, HEADING_ROW, [column.heading for column in sheet.columns])
    page.row_dimensions[HEADING_ROW].height = _HEADING_HEIGHT
    for number, row in enumerate(rows, start=HEADING_ROW + 1):
        for at, column in enumerate(sheet.columns, start=1):
            put(page, number, at, row.get(column.key), kind=column.kind)


def format_table(book: Workbook, sheet: TableSheet, rows: int) -> None:
    """Widths, frozen headings, formats and lists to choose from, also in the spare rows."""
    from openpyxl.utils import get_column_letter

    page, first, last = book[sheet.name], HEADING_ROW + 1, HEADING_ROW + rows + SPARE_ROWS
    for at, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(at)].width = column.width
        for row in range(first, last + 1):
            page.cell(row, at).number_format = FORMATS.get(column.kind, "General")
            style_input(page, row, at)
        restrict(page, column, first, last, at)
    keys = sum(column.key in ("precinct", "site_id") for column in sheet.columns)
    page.freeze_panes = f"{get_column_letter(keys + 1)}{first}"


def restrict(sheet: Worksheet, column: Column, first: int, last: int, at: int) -> None:
    """Let the program refuse in these cells what reading would refuse, and show a list where there is one."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    rule: dict[str, Any] | None = {
        "precinct": {"type": "list", "formula1": f"={LISTS}!$A$2:$A$400"},
        "shift": {"type": "list", "formula1": f"=Hours!$A${HEADING_ROW + 1}:$A$60"},
        "law": {"type": "list", "formula1": '"uniform,beta,lognormal"'},
        "yes": {"type": "list", "formula1": '"yes,no"'},
        "whole": {"type": "whole", "operator": "between", "formula1": "0", "formula2": "1000000"},
        "share": {"type": "decimal", "operator": "between", "formula1": "0", "formula2": "1"},
        "usd": {"type": "decimal", "operator": "greaterThanOrEqual", "formula1": "0"},
        "date": {"type": "date", "operator": "between", "formula1": "DATE(2000,1,1)", "formula2": "DATE(2040,1,1)"},
    }.get(column.kind)
    if rule is None:
        return
    validation = DataValidation(**rule, allow_blank=True, showErrorMessage=True, showInputMessage=True)
    validation.errorTitle, validation.error = column.heading, _HINTS.get(column.kind, "Choose from the list.")
    letter = get_column_letter(at)
    validation.add(f"{letter}{first}:{letter}{last}")
    sheet.add_data_validation(validation)


_HINTS = {
    "whole": "A whole number, 0 or more.",
    "share": "A number from 0 to 1, such as 0.5.",
    "usd": "A sum in US dollars, 0 or more.",
    "date": "A date such as 2020-07-01.",
}
