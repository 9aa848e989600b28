"""What a shooting costs, through three lenses that are never added up, from `tables/shooting_costs.toml`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cms_sim.data.evidence import load_evidence
from cms_sim.data.toml_table import read_toml
from cms_sim.errors import InputError, nearest

TABLE: Final = Path(__file__).parent / "tables" / "shooting_costs.toml"
_TEXTS: Final = ("title", "meaning")
_SUMS: Final = tuple(f"{what}{end}_usd" for what in ("death", "injury") for end in ("", "_low", "_high"))
_MORE: Final = ("dollars", "source", "assumed", "recalled")


@dataclass(frozen=True)
class Lens:
    """One payer's cost of a death and of a survived injury, in US dollars of the year `dollars`.

    Either `source` (evidence ids) or `assumed` (the reason) is empty; `recalled` figures were not seen in their source.
    """

    name: str
    title: str
    meaning: str
    death_usd: float
    death_low_usd: float
    death_high_usd: float
    injury_usd: float
    injury_low_usd: float
    injury_high_usd: float
    dollars: int
    source: tuple[str, ...]
    assumed: str
    recalled: bool

    @property
    def origin(self) -> str:
        """Where the figures are from, and whether they were seen there."""
        said = f"evidence {', '.join(self.source)}" if self.source else "assumed"
        return f"{said}; recalled, not verified" if self.recalled else said

    def per_victim_usd(self, share_dying: float, end: str = "") -> float:
        """The cost of one victim when `share_dying` (0 to 1) of them die; `end` is "", "_low" or "_high"."""
        death, injury = getattr(self, f"death{end}_usd"), getattr(self, f"injury{end}_usd")
        return float(share_dying * death + (1.0 - share_dying) * injury)


def load_lenses(file: Path | None = None) -> dict[str, Lens]:
    """The lenses of `file` (the packaged ones when None), by name. Raises InputError for what is not a whole entry.

    A lens with a source of basis `recalled` in the evidence table is recalled, whatever the file says.
    """
    path = file or TABLE
    content = read_toml(path)
    if not content:
        raise InputError("holds no lens", where=str(path), remedy="Start from the packaged table.")
    return {name: _lens(name, entry, f"{path}: {name}") for name, entry in content.items()}


def _lens(name: str, entry: object, where: str) -> Lens:
    needed, allowed = {*_TEXTS, *_SUMS, "dollars"}, {*_TEXTS, *_SUMS, *_MORE}
    if not isinstance(entry, Mapping) or not needed <= entry.keys() <= allowed:
        found = set(entry) if isinstance(entry, Mapping) else set()
        unknown, missing = sorted(found - allowed), sorted(needed - found)
        hint = nearest(unknown[0], sorted(allowed)) if unknown else f"Missing: {', '.join(missing)}."
        raise InputError("not a whole entry", where=where, remedy=hint)
    if ("source" in entry) == ("assumed" in entry):
        remedy = "Give evidence ids in source, or the reason in assumed, and not both."
        raise InputError("needs a source or a reason", where=where, remedy=remedy)
    _check_sums(entry, where)
    source = _source(entry, where)
    evidence = load_evidence()
    given: dict[str, Any] = {key: str(entry[key]) for key in _TEXTS} | {key: float(entry[key]) for key in _SUMS}
    return Lens(
        name=name,
        **given,
        dollars=int(entry["dollars"]),
        source=source,
        assumed=str(entry.get("assumed", "")),
        recalled=bool(entry.get("recalled", False)) or any(evidence[each].basis == "recalled" for each in source),
    )


def _check_sums(entry: Mapping[str, Any], where: str) -> None:
    for key in (*_SUMS, "dollars"):
        value = entry[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise InputError(f"{key}: {value} is not a number of 0 or more", where=where, remedy="Give US dollars.")
    for what in ("death", "injury"):
        low, middle, high = (entry[f"{what}{end}_usd"] for end in ("_low", "", "_high"))
        if not low <= middle <= high:
            remedy = f"Put {what}_low_usd, {what}_usd and {what}_high_usd in order."
            raise InputError(f"{what}_usd lies outside its own range", where=where, remedy=remedy)


def _source(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    listed, known = entry.get("source", []), load_evidence()
    if not isinstance(listed, list) or ("source" in entry and not listed):
        raise InputError("source names nothing", where=where, remedy="Give a list of evidence ids.")
    for each in listed:
        if each not in known:
            remedy = f"{nearest(each, known)} Where it is from elsewhere, say so in `assumed` instead."
            raise InputError(f"there is no evidence '{each}'", where=where, remedy=remedy)
    return tuple(listed)
