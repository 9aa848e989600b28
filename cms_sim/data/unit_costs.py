"""Unit costs of a plan, read from `tables/unit_costs.toml`: each with its unit, its fund, and its source or reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cms_sim.data.evidence import load_evidence
from cms_sim.data.toml_table import read_toml
from cms_sim.errors import InputError, nearest

TABLE = Path(__file__).parent / "tables" / "unit_costs.toml"
FUNDS = ("core", "wraparound")
KINDS: Mapping[str, tuple[str, ...]] = {
    "staff": ("violence_interrupters", "outreach_workers", "hospital_responders", "supervisors"),
    "site": ("running", "start_up"),
    "service": (
        "employment_slots",
        "mental_health_slots",
        "trauma_counselling_slots",
        "school_mediation_slots",
        "legal_aid_slots",
    ),
    "patrol": ("officers",),
}
"""What has a price, by table of the file."""
NEVER_FREE = (*(f"staff.{role}" for role in KINDS["staff"]), "site.running")
"""What a plan is made of: at no price, a budget would set no limit to it."""


@dataclass(frozen=True)
class UnitCost:
    """A price. `name` is such as `staff.supervisors`; `fund` pays it; either `source` or `assumed` is empty."""

    name: str
    usd: float
    unit: str
    fund: str
    source: tuple[str, ...]
    assumed: str
    low_usd: float | None
    high_usd: float | None


_KEYS = ("usd", "unit", "fund", "source", "assumed", "low_usd", "high_usd")

UnitCosts = Mapping[str, UnitCost]
"""Unit costs by name."""
PlaceOf = Callable[[str, str], str]
"""`place_of(name, key)`: where a key of an entry stands, or the entry itself when the key is empty."""


def load_unit_costs(file: Path | None = None) -> UnitCosts:
    """The unit costs of `file` (the packaged ones when None), every one of `KINDS`.

    Raises InputError when one is missing, unknown, negative, free though it is of `NEVER_FREE`, outside its own range,
    or has neither or both of `source` (ids of the evidence table) and `assumed`.
    """
    return _packaged() if file is None else _read(file)


@cache
def _packaged() -> UnitCosts:
    return _read(TABLE)


def _read(file: Path) -> UnitCosts:
    content = read_toml(file)
    tables = {kind: table for kind, table in content.items() if isinstance(table, dict)}
    loose = {kind: kind for kind in content if kind not in tables}
    return unit_costs_of(
        {f"{k}.{name}": entry for k, table in tables.items() for name, entry in table.items()} | loose, str(file)
    )


def unit_costs_of(entries: Mapping[str, Any], where: str, place_of: PlaceOf | None = None) -> UnitCosts:
    """Unit costs from entries by name, as a file has them. Raises InputError at the place that `place_of` says."""
    place_of = place_of or (lambda name, key: f"{where}: {name}" + (f".{key}" if key else ""))
    wanted = {f"{kind}.{name}" for kind, names in KINDS.items() for name in names}
    missing, unknown = sorted(wanted - entries.keys()), sorted(entries.keys() - wanted)
    if unknown:
        remedy = f"Give exactly the entries of the packaged table. {nearest(unknown[0], missing or sorted(wanted))}"
        raise InputError(f"there is no price '{unknown[0]}'", where=place_of(unknown[0], ""), remedy=remedy)
    if missing:
        remedy = "Give exactly the entries of the packaged table."
        raise InputError(f"prices are missing: {', '.join(missing)}", where=where, remedy=remedy)
    return {name: _unit_cost(name, entry, place_of) for name, entry in entries.items()}


def _unit_cost(name: str, entry: object, place_of: PlaceOf) -> UnitCost:
    sound = isinstance(entry, Mapping) and {"usd", "unit", "fund"} <= entry.keys() <= {*_KEYS}
    if not isinstance(entry, Mapping) or not sound or ("source" in entry) == ("assumed" in entry):
        remedy = "Give usd, unit, fund, and either source or assumed; low_usd and high_usd where a range can be said."
        raise InputError("not a whole entry", where=place_of(name, ""), remedy=remedy)
    usd, low, high = (_amount(entry.get(key), place_of(name, key)) for key in ("usd", "low_usd", "high_usd"))
    if usd is None or not (low or 0.0) <= usd <= (math.inf if high is None else high):
        remedy = "Put low_usd, usd and high_usd in order."
        raise InputError("usd lies outside its own range", where=place_of(name, "usd"), remedy=remedy)
    if usd == 0.0 and name in NEVER_FREE:
        remedy = (
            "Give what it costs, whoever pays: at no price a budget sets no limit. Where others pay most of it, give "
            "the rest, and say so in `assumed`."
        )
        raise InputError(f"'{name}' costs nothing", where=place_of(name, "usd"), remedy=remedy)
    fund, source = entry["fund"], entry.get("source", [])
    if fund not in FUNDS:
        raise InputError(f"there is no fund '{fund}'", where=place_of(name, "fund"), remedy=nearest(fund, FUNDS))
    _check_words(name, entry, source, place_of)
    return UnitCost(name, usd, entry["unit"], fund, tuple(source), entry.get("assumed", ""), low, high)


def _amount(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise InputError(f"{value} is not a sum of 0 or more", where=where, remedy="Give US dollars.")
    return float(value)


def _check_words(name: str, entry: Mapping[str, Any], source: object, place_of: PlaceOf) -> None:
    """Refuse texts that are none, and a source that is no id of the evidence table."""
    remedy = "Give unit and assumed as texts, source as a list of evidence ids."
    for key in ("unit", "assumed"):
        text = entry.get(key, "as sourced")
        if not isinstance(text, str) or not text.strip():
            raise InputError("a text is missing or is no text", where=place_of(name, key), remedy=remedy)
    where = place_of(name, "source")
    if not isinstance(source, list):
        raise InputError("is no list", where=where, remedy=remedy)
    if "source" in entry and not source:
        raise InputError("source names nothing", where=where, remedy=remedy)
    known = load_evidence() if source else {}
    for each in source:
        if each not in known:
            close = nearest(each, known)
            remedy = f"{close} Where the price is from elsewhere, say so in `assumed` instead."
            raise InputError(f"there is no evidence '{each}'", where=where, remedy=remedy)
