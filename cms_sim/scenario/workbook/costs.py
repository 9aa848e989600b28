"""What the plan costs, as formulas: a spreadsheet program works them out again whenever a cell or a price changes.

The same rule as `cms_sim.scenario.cost`: a yearly price over the days of its fiscal year, inside the frame. On the
sheet Workings each row of Sites, Dates and Patrol has what it adds from its day on, and its share of every fiscal year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from cms_sim.scenario.cost import amounts_of, fiscal_year_of
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.workbook.layout import (
    COSTS,
    DATES,
    HEADING_ROW,
    PATROL,
    PLAN,
    PLAN_ROWS,
    PLAN_TOP,
    PRICES,
    SERVICES_SHEET,
    SITES,
    SPARE_ROWS,
    STAFF,
    WORKINGS,
    TableSheet,
)
from cms_sim.scenario.workbook.looks import formula, put, style_heading, style_title
from cms_sim.scenario.workbook.prices import ORDER

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

START_UP: Final = "site.start_up"
YEARLY: Final = tuple(name for name in ORDER if name != START_UP)
_TOP: Final = 8
"""First row of the sheet Workings with an entry."""
_FIRST_KIND: Final = 6
"""Column of the first kind there; fiscal years follow the kinds."""
_FIRST: Final = 6
"""First row of the sheet Costs with a kind."""


def write_costs(book: Workbook, plan: Scenario, reference: Scenario, rows: Mapping[str, int]) -> None:
    """The sheets Costs and Workings; `rows` is how many entries each table has."""
    years = list(range(fiscal_year_of(plan.frame.starts), fiscal_year_of(plan.frame.ends) + 1))
    last = _write_workings(book, years, rows)
    _write_costs(book, plan, reference, years, last, rows)


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


def _plan(key: str) -> str:
    """The cell of the sheet Plan that has `key`."""
    row = PLAN_TOP + [column.key for column in PLAN_ROWS].index(key)
    return f"{PLAN}!$B${row}"


def _range(sheet: TableSheet, key: str, rows: Mapping[str, int]) -> str:
    """The column of a table, spare rows too."""
    letter = _letter(1 + [column.key for column in sheet.columns].index(key))
    return f"'{sheet.name}'!${letter}${HEADING_ROW + 1}:${letter}${HEADING_ROW + rows[sheet.name] + SPARE_ROWS}"


def _at(sheet: TableSheet, key: str, row: int) -> str:
    return f"'{sheet.name}'!${_letter(1 + [column.key for column in sheet.columns].index(key))}{row}"


def _price(name: str) -> str:
    top, bottom = HEADING_ROW + 1, HEADING_ROW + len(ORDER) + SPARE_ROWS
    return f"SUMIFS('{PRICES.name}'!$B${top}:$B${bottom},'{PRICES.name}'!$A${top}:$A${bottom},\"{name}\")"


def _table_of(kind: str) -> tuple[TableSheet, str]:
    """The sheet and column in which a site's amount of a kind stands at its opening."""
    part, name = kind.split(".")
    return (STAFF, f"staff.{name}") if part == "staff" else (SERVICES_SHEET, f"services.{name}")


def _write_workings(book: Workbook, years: list[int], rows: Mapping[str, int]) -> int:
    """One row for each row of Sites, Dates and Patrol; returns the last."""
    page = book.create_sheet(WORKINGS)
    style_title(page, "Workings: what the sheet Costs adds up", "Computed. Each row adds its amounts from its day on.")
    first_year = _FIRST_KIND + len(YEARLY)
    for row, label in enumerate(("price", "from", "until", "days of the fiscal year"), start=3):
        put(page, row, 1, label, quiet=True)
    for at, kind in enumerate(YEARLY, start=_FIRST_KIND):
        formula(page, 3, at, f"={_price(kind)}")
    starts, ends = _plan("constants.starts"), _plan("constants.ends")
    for at, year in enumerate(years, start=first_year):
        formula(page, 4, at, f"=MAX(DATE({year - 1},7,1),{starts})", "yyyy-mm-dd")
        formula(page, 5, at, f"=MIN(DATE({year},7,1),{ends}+1)", "yyyy-mm-dd")
        formula(page, 6, at, f"=DATE({year},7,1)-DATE({year - 1},7,1)", "0")
    headings = ("Row of", "Precinct", "Site", "From", "Until", *(kind.split(".")[1] for kind in YEARLY))
    style_heading(page, _TOP - 1, (*headings, *(f"share of FY{year}" for year in years), "US dollars"))
    row = _TOP
    for sheet, write in ((SITES, _site_row), (DATES, _step_row), (PATROL, _patrol_row)):
        for number in range(HEADING_ROW + 1, HEADING_ROW + 1 + rows[sheet.name] + SPARE_ROWS):
            write(page, row, number, rows)
            _shares(page, row, first_year, len(years), sheet is SITES)
            row += 1
    page.freeze_panes = page.cell(_TOP, 4)
    for column in range(1, first_year + len(years) + 1):
        page.column_dimensions[_letter(column)].width = 12
    return row - 1


def _keys(page: Worksheet, row: int, sheet: TableSheet, number: int, first: str, until: str) -> None:
    """The first five cells of a row: of which sheet, precinct, site, and the days from and until."""
    put(page, row, 1, f"{sheet.name} {number}", quiet=True)
    key = _at(sheet, sheet.columns[0].key, number)
    site = _at(sheet, "site_id", number) if sheet is not PATROL else '"patrol"'
    formula(page, row, 2, f'=IF({key}="","",{key})', "0")
    formula(page, row, 3, f'=IF({key}="","",{site})', "0")
    formula(page, row, 4, f'=IF($B{row}="","",{first})', "yyyy-mm-dd")
    formula(page, row, 5, f'=IF($B{row}="","",IF({until}=0,{_plan("constants.ends")}+1,{until}))', "yyyy-mm-dd")


def _of_site(sheet: TableSheet, key: str, row: int, rows: Mapping[str, int], more: str = "") -> str:
    """The sum of a column over the rows of this row's site."""
    keys = f"{_range(sheet, 'precinct', rows)},$B{row},{_range(sheet, 'site_id', rows)},$C{row}"
    return f"SUMIFS({_range(sheet, key, rows)},{keys}{more})"


def _site_row(page: Worksheet, row: int, number: int, rows: Mapping[str, int]) -> None:
    _keys(page, row, SITES, number, _at(SITES, "opens", number), _at(SITES, "closes", number))
    for at, kind in enumerate(YEARLY, start=_FIRST_KIND):
        amount = "1" if kind == "site.running" else "0" if kind.startswith("patrol") else ""
        formula(page, row, at, f'=IF($B{row}="",0,{amount or _of_site(*_table_of(kind), row, rows)})', "0")


def _step_row(page: Worksheet, row: int, number: int, rows: Mapping[str, int]) -> None:
    """What a step adds: its amount less the one before, which is that of the latest earlier step that names it."""
    _keys(page, row, DATES, number, _at(DATES, "from", number), _of_site(SITES, "closes", row, rows))
    same = f"({_range(DATES, 'precinct', rows)}=$B{row})*({_range(DATES, 'site_id', rows)}=$C{row})"
    days = _range(DATES, "from", rows)
    for at, kind in enumerate(YEARLY, start=_FIRST_KIND):
        if kind.startswith(("site", "patrol")):
            put(page, row, at, 0)
            continue
        sheet, key = _table_of(kind)
        named = f'({_range(DATES, key, rows)}<>"")'
        before = f"SUMPRODUCT(MAX({same}*{named}*({days}<$D{row})*{days}))"
        earlier = _of_site(DATES, key, row, rows, f",{days},{before}")
        own = _at(DATES, key, number)
        formula(page, row, at, f'=IF({own}="",0,{own}-IF({before}=0,{_of_site(sheet, key, row, rows)},{earlier}))', "0")


def _patrol_row(page: Worksheet, row: int, number: int, rows: Mapping[str, int]) -> None:
    _keys(page, row, PATROL, number, _at(PATROL, "from", number), _at(PATROL, "until", number))
    for at, kind in enumerate(YEARLY, start=_FIRST_KIND):
        formula(page, row, at, f'=IF($B{row}="",0,{_at(PATROL, "officers", number) if "patrol" in kind else 0})', "0")


def _shares(page: Worksheet, row: int, first_year: int, years: int, opens: bool) -> None:
    """The share of each fiscal year in which the row counts, and its dollars over the frame."""
    for at in range(first_year, first_year + years):
        letter = _letter(at)
        days = f"MAX(0,MIN($E{row},{letter}$5)-MAX($D{row},{letter}$4))"
        formula(page, row, at, f'=IF($B{row}="",0,{days}/{letter}$6)', "0.000")
    kinds = f"${_letter(_FIRST_KIND)}{row}:${_letter(first_year - 1)}{row}"
    prices = f"${_letter(_FIRST_KIND)}$3:${_letter(first_year - 1)}$3"
    shares = f"SUM({_letter(first_year)}{row}:{_letter(first_year + years - 1)}{row})"
    inside = f"AND($D{row}>={_plan('constants.starts')},$D{row}<={_plan('constants.ends')})"
    once = f"+IF({inside},{_price(START_UP)},0)" if opens else ""
    formula(page, row, first_year + years, f'=IF($B{row}="",0,SUMPRODUCT({kinds},{prices})*{shares}{once})')


def _write_costs(
    book: Workbook, plan: Scenario, reference: Scenario, years: list[int], last: int, rows: Mapping[str, int]
) -> None:
    page = book.create_sheet(COSTS)
    style_title(page, "Costs: what the plan comes to", "Computed, in US dollars; a fiscal year ends on 30 June.")
    starts, ends = _plan("constants.starts"), _plan("constants.ends")
    outside = f"OR(YEAR({starts})+(MONTH({starts})>=7)<>{years[0]},YEAR({ends})+(MONTH({ends})>=7)<>{years[-1]})"
    formula(page, 3, 1, f'=IF({outside},"The dates have moved to other fiscal years: write the workbook anew.","")')
    style_heading(page, _FIRST - 1, ("Plan", "Fund", "Unit cost", *(f"FY{year}" for year in years), "All years"))
    columns = range(4, 4 + len(years))
    first_year = _FIRST_KIND + len(YEARLY)
    opens = _range(SITES, "opens", rows)
    for row, kind in enumerate(ORDER, start=_FIRST):
        _name_and_price(page, row, kind)
        for at in columns:
            share = _letter(first_year + at - 4)
            if kind == START_UP:
                bounds = f'{opens},">="&{WORKINGS}!{share}$4,{opens},"<"&{WORKINGS}!{share}$5'
                amount = f"COUNTIFS({bounds})"
            else:
                letter = _letter(_FIRST_KIND + YEARLY.index(kind))
                spans = (f"{WORKINGS}!${each}${_TOP}:${each}${last}" for each in (letter, share))
                amount = f"SUMPRODUCT({','.join(spans)})"
            formula(page, row, at, f"={amount}*$C{row}")
        _sum(page, row, columns)
    row = _funds(page, _FIRST + len(ORDER), "Plan", columns, _FIRST, "")
    row = _write_reference(page, row + 1, plan, reference, years)
    _write_precincts(page, row + 1, plan, first_year + len(years), last)
    page.column_dimensions["A"].width = 46
    for column in range(2, 5 + len(years)):
        page.column_dimensions[_letter(column)].width = 14
    page.freeze_panes = page.cell(_FIRST, 4)


def _name_and_price(page: Worksheet, row: int, kind: str) -> None:
    part, name = kind.split(".")
    put(page, row, 1, f"{part.capitalize()}: {name.replace('_', ' ')}")
    top, bottom = HEADING_ROW + 1, HEADING_ROW + len(ORDER) + SPARE_ROWS
    names, funds = (f"'{PRICES.name}'!${letter}${top}:${letter}${bottom}" for letter in "AD")
    formula(page, row, 2, f'=INDEX({funds},MATCH("{kind}",{names},0))', "General")
    formula(page, row, 3, f"={_price(kind)}")


def _sum(page: Worksheet, row: int, columns: range) -> None:
    formula(page, row, columns.stop, f"=SUM({_letter(columns.start)}{row}:{_letter(columns.stop - 1)}{row})")


def _funds(page: Worksheet, row: int, what: str, columns: range, first: int, times: str) -> int:
    """Three rows from `row` on: core, wraparound and both, of the kinds from row `first` on; returns the next."""
    from openpyxl.styles import Font

    last = first + len(ORDER) - 1
    for offset, fund in enumerate(("core", "wraparound", "")):
        put(page, row + offset, 1, f"{what}: {fund or 'in all'}")
        page.cell(row + offset, 1).font = Font(bold=True)
        for at in (*columns, columns.stop):
            letter = _letter(at)
            kinds = f'($B${first}:$B${last}="{fund}")*' if fund else ""
            formula(page, row + offset, at, f"=SUMPRODUCT({kinds}{letter}${first}:{letter}${last}{times})")
    return row + 3


def _write_reference(page: Worksheet, row: int, plan: Scenario, reference: Scenario, years: list[int]) -> int:
    """What the reference pays for (years of posts and places, fixed), what the plan costs beyond it, and the budget."""
    columns = range(4, 4 + len(years))
    put(page, row, 1, "What it is held against pays for the following; to hold the plan against another one, write the "
        "workbook anew.", quiet=True)  # fmt: skip
    style_heading(
        page, row + 1, (f"{reference.title}: years of", "Fund", "Unit cost", *(f"FY{year}" for year in years))
    )
    amounts: defaultdict[tuple[int, str], float] = defaultdict(float)
    for (year, _, kind), amount in amounts_of(reference).items():
        amounts[year, kind] += amount
    first = row + 2
    for at_row, kind in enumerate(ORDER, start=first):
        _name_and_price(page, at_row, kind)
        for at, year in zip(columns, years, strict=True):
            put(page, at_row, at, amounts[year, kind], kind="usd")
            page.cell(at_row, at).number_format = "#,##0.00"
        _sum(page, at_row, columns)
    held = first + len(ORDER)
    prices = f"*$C${first}:$C${held - 1}"
    row = _funds(page, held, "Held against", columns, first, prices)
    totals = _FIRST + len(ORDER)
    for offset, fund in enumerate(("core", "wraparound", "in all")):
        put(page, row + offset, 1, f"Beyond it: {fund}")
        for at in (*columns, columns.stop):
            letter = _letter(at)
            formula(page, row + offset, at, f"={letter}{totals + offset}-{letter}{held + offset}")
    _write_budget(page, row + 3, columns, beyond=row)
    return row + 8


def _write_budget(page: Worksheet, row: int, columns: range, beyond: int) -> None:
    core, more, again = (_plan(f"budget.{key}") for key in ("usd_per_year", "wraparound_usd_per_year", "recurring"))
    first_year = _FIRST_KIND + len(YEARLY)
    lines = (("Granted: core", core), ("Granted: core and wraparound", f"({core}+{more})"))
    for offset, (name, sum_) in enumerate(lines):
        put(page, row + offset, 1, name)
        for at in columns:
            share = f"{WORKINGS}!{_letter(first_year + at - 4)}"
            of_year = f"{sum_}*MAX(0,{share}$5-{share}$4)/{share}$6"
            once = sum_ if at == columns.start else "0"
            formula(page, row + offset, at, f'=IF({again}="no",{once},{of_year})')
        _sum(page, row + offset, columns)
    for offset, name in enumerate(("Left: core", "Left: in all")):
        put(page, row + 2 + offset, 1, f"{name} (negative: overspent)")
        for at in (*columns, columns.stop):
            letter = _letter(at)
            left = f"{letter}{row + offset}-{letter}{beyond + 2 * offset}"
            formula(page, row + 2 + offset, at, f'=IF({core}="","",{left})', "#,##0;[Red]-#,##0")


def _write_precincts(page: Worksheet, row: int, plan: Scenario, usd_column: int, last: int) -> None:
    style_heading(page, row, ("Plan, by precinct", "", "", "All years"))
    usd, precincts = (f"{WORKINGS}!${letter}${_TOP}:${letter}${last}" for letter in (_letter(usd_column), "B"))
    for at, precinct in enumerate(plan.frame.precincts, start=row + 1):
        put(page, at, 1, precinct)
        formula(page, at, 4, f"=SUMIFS({usd},{precincts},$A{at})")
