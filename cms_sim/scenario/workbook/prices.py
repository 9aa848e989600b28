"""Unit costs on a sheet: written from the table in use, and read back as a table of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cms_sim.data.unit_costs import KINDS, PlaceOf, UnitCosts, load_unit_costs, unit_costs_of
from cms_sim.errors import InputError
from cms_sim.scenario.source import WORKBOOKS
from cms_sim.scenario.workbook.cells import Place, rows_of
from cms_sim.scenario.workbook.guard import open_workbook
from cms_sim.scenario.workbook.layout import PRICES

if TYPE_CHECKING:
    from openpyxl import Workbook

ORDER = tuple(f"{kind}.{name}" for kind, names in KINDS.items() for name in names)
"""Names of unit costs, in the order of the rows."""
_RANGE = {"usd": "US dollars", "low_usd": "Low", "high_usd": "High"}


def read_unit_costs(file: Path | None) -> UnitCosts:
    """The unit costs of a table (TOML) or of a workbook's sheet; the packaged ones when None. Raises InputError."""
    if file is None or file.suffix.lower() not in WORKBOOKS:
        return _table(file)
    entries: dict[str, dict[str, object]] = {}
    places: dict[str, Mapping[str, Place]] = {}
    for row in rows_of(open_workbook(file), PRICES):
        entry = dict(row.values)
        name = str(entry.pop("name"))
        if name in entries:
            remedy = "Keep one row for each price."
            raise InputError(f"'{name}' is there twice", where=f"{file}, {row.place.name}", remedy=remedy)
        if ids := str(entry.pop("source", "")).replace(",", " ").split():
            entry["source"] = ids
        entries[name], places[name] = entry, row.places

    def place_of(name: str, key: str) -> str:
        place = places[name][key or "name"]
        return f"{file}, {place.name}: {place.heading}"

    for name, entry in entries.items():
        _check_source(name, entry, place_of)
        _check_range(name, entry, place_of)
    try:
        return unit_costs_of(entries, f"{file}, sheet {PRICES.name}", place_of)
    except InputError as error:
        remedy = error.remedy.replace("`assumed`", "'Assumed because'")
        raise InputError(error.message, where=error.where, remedy=remedy) from None


def _table(file: Path | None) -> UnitCosts:
    try:
        return load_unit_costs(file)
    except InputError as error:
        if isinstance(error.__context__, UnicodeDecodeError):
            remedy = "Give a table of prices as a text file (TOML), or a workbook that ends in .xlsx."
            raise InputError("is no text and no workbook", where=error.where, remedy=remedy) from None
        raise


def _check_source(name: str, entry: Mapping[str, object], place_of: PlaceOf) -> None:
    """Refuse a price that has neither evidence nor a reason, or both."""
    if "source" not in entry and "assumed" not in entry:
        remedy = "Fill in Evidence (ids of the project, such as T5-042), or Assumed because (the reason)."
        raise InputError("nothing says where the price is from", where=place_of(name, "source"), remedy=remedy)
    if "source" in entry and "assumed" in entry:
        remedy = "Clear Evidence where the price is your own, or this cell where the evidence holds."
        raise InputError("Evidence is filled in as well", where=place_of(name, "assumed"), remedy=remedy)


def _check_range(name: str, entry: Mapping[str, Any], place_of: PlaceOf) -> None:
    """Refuse a price outside its own range, at a cell without which the others are in order, the price first."""
    given = {key: entry[key] for key in ("low_usd", "usd", "high_usd") if key in entry}
    if _in_order(given):
        return
    wrong = next((key for key in _RANGE if _in_order({k: v for k, v in given.items() if k != key})), "usd")
    told = ", ".join(f"{_RANGE[key]} {value:,}" for key, value in given.items())
    message = f"the price lies outside its own range ({told})"
    raise InputError(message, where=place_of(name, wrong), remedy="Put Low, US dollars and High in order.")


def _in_order(amounts: Mapping[str, float]) -> bool:
    return list(amounts.values()) == sorted(amounts.values())


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
