"""Unit costs of a plan, read from `tables/unit_costs.toml`: each with its unit, its fund, and its source or reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cms_sim.errors import InputError

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


UnitCosts = Mapping[str, UnitCost]
"""Unit costs by name."""


def load_unit_costs(file: Path | None = None) -> UnitCosts:
    """The unit costs of `file` (the packaged ones when None), every one of `KINDS`.

    Raises InputError when one is missing, unknown, negative, or has neither or both of `source` and `assumed`.
    """
    return _read(file or TABLE)


@cache
def _read(file: Path) -> UnitCosts:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(file), remedy="Start from the packaged table.") from None
    wanted = {f"{kind}.{name}" for kind, names in KINDS.items() for name in names}
    given = {f"{kind}.{name}": entry for kind, table in content.items() for name, entry in table.items()}
    if given.keys() != wanted:
        missing, unknown = sorted(wanted - given.keys()), sorted(given.keys() - wanted)
        message = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}"
        raise InputError(message, where=str(file), remedy="Give exactly the entries of the packaged table.")
    return {name: _unit_cost(name, entry, file) for name, entry in given.items()}


def _unit_cost(name: str, entry: Mapping[str, Any], file: Path) -> UnitCost:
    usd, fund = entry.get("usd"), entry.get("fund")
    sound = isinstance(usd, int | float) and usd >= 0 and fund in FUNDS and "unit" in entry
    if not sound or ("source" in entry) == ("assumed" in entry):
        remedy = "Give usd (not negative), unit, fund (core or wraparound), and either source or assumed."
        raise InputError("not a whole entry", where=f"{file}: {name}", remedy=remedy)
    return UnitCost(
        name=name,
        usd=float(entry["usd"]),
        unit=entry["unit"],
        fund=entry["fund"],
        source=tuple(entry.get("source", ())),
        assumed=entry.get("assumed", ""),
        low_usd=entry.get("low_usd"),
        high_usd=entry.get("high_usd"),
    )
