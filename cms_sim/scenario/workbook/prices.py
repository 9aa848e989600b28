"""Unit costs on a sheet: written from the table in use, and read back as a table of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cms_sim.data.unit_costs import KINDS, UnitCosts, load_unit_costs, unit_costs_of
from cms_sim.errors import InputError
from cms_sim.scenario.source import WORKBOOKS
from cms_sim.scenario.workbook.cells import Place, rows_of
from cms_sim.scenario.workbook.guard import open_workbook
from cms_sim.scenario.workbook.layout import PRICES

if TYPE_CHECKING:
    from openpyxl import Workbook

ORDER = tuple(f"{kind}.{name}" for kind, names in KINDS.items() for name in names)
"""Names of unit costs, in the order of the rows."""


def read_unit_costs(file: Path | None) -> UnitCosts:
    """The unit costs of a table (TOML) or of a workbook's sheet; the packaged ones when None. Raises InputError."""
    if file is None or file.suffix.lower() not in WORKBOOKS:
        return load_unit_costs(file)
    entries: dict[str, dict[str, object]] = {}
    places: dict[str, Mapping[str, Place]] = {}
    for row in rows_of(open_workbook(file), PRICES):
        entry = dict(row.values)
        name = str(entry.pop("name"))
        if name in entries:
            remedy = "Keep one row for each price."
            raise InputError(f"'{name}' is there twice", where=f"{file}, {row.place.name}", remedy=remedy)
        if "source" in entry:
            entry["source"] = str(entry["source"]).replace(",", " ").split()
        entries[name], places[name] = entry, row.places

    def place_of(name: str, key: str) -> str:
        place = places[name][key or "name"]
        return f"{file}, {place.name}: {place.heading}"

    return unit_costs_of(entries, f"{file}, sheet {PRICES.name}", place_of)


def write_prices(book: Workbook, unit_costs: UnitCosts) -> None:
    """The sheet of unit costs."""
    from cms_sim.scenario.workbook.looks import format_table, write_table

    rows = []
    for name in ORDER:
        cost = unit_costs[name]
        rows.append(
            {
                "name": name,
                "usd": cost.usd,
                "unit": cost.unit,
                "fund": cost.fund,
                "source": ", ".join(cost.source) or None,
                "assumed": cost.assumed or None,
                "low_usd": cost.low_usd,
                "high_usd": cost.high_usd,
            }
        )
    write_table(book, PRICES, rows)
    format_table(book, PRICES, 0)
