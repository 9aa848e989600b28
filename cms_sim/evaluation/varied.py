"""What a sweep varied, in words: what it means, in which unit, between which values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cms_sim.data.parameters import load_parameters
from cms_sim.scenario.schema import Services, Staff

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.experiment.sweep.read import Sweep

_SITES: Final[Mapping[str, tuple[str, str]]] = {
    "payment_delay_days": ("Time by which the city pays late", "days"),
    "catchment_share": ("Share of a precinct's conflicts inside the site's catchment", "share"),
    "months_late": ("Time by which the sites open late", "months"),
}


@dataclass(frozen=True)
class Varied:
    """Something that a sweep varied: what it means, in which unit, between which values."""

    name: str
    meaning: str
    unit: str
    low: float
    high: float

    @property
    def span(self) -> str:
        """`detection · 0.01 to 0.05 share`."""
        return f"{self.name} · {self.low:.3g} to {self.high:.3g} {self.unit}".rstrip()


def varied_in(sweep: Sweep) -> dict[str, Varied]:
    """Everything that a sweep varied, by name."""
    return varied(sweep.points, sweep.design.levers)


def varied(points: pd.DataFrame, levers: Collection[str]) -> dict[str, Varied]:
    """Everything in the columns of `points`, by name; names among `levers` mean the lever, not the parameter."""
    found = {}
    for name in map(str, points.columns):
        meaning, unit = _lever(name) if name in levers else _parameter(name)
        found[name] = Varied(name, meaning, unit, float(points[name].min()), float(points[name].max()))
    return found


def _parameter(name: str) -> tuple[str, str]:
    table = load_parameters()
    return (table[name].meaning, table[name].unit) if name in table else (name.replace("_", " ").capitalize(), "")


def _lever(name: str) -> tuple[str, str]:
    for group in (Staff, Services):
        if name in group.model_fields:
            field = group.model_fields[name]
            unit = field.json_schema_extra.get("unit", "") if isinstance(field.json_schema_extra, dict) else ""
            return str(field.description).rstrip("."), str(unit)
    return _SITES.get(name, (name.replace("_", " ").capitalize(), ""))
