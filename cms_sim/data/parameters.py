"""The parameter table: every number of the model with its unit, default, prior and source.

The table is the folder `tables/parameters/`, one file per theme. An entry has an evidence id or the class `assumed`
with its reason, never both dressed as one: a number that leans on evidence but does not follow from it is `assumed`.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cms_sim.errors import InputError, nearest

TABLE = Path(__file__).parent / "tables" / "parameters"

LAWS: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "beta": ("a", "b"),
    "lognormal": ("median", "sigma", "low", "high"),
}
"""Laws of a prior and the arguments that each takes; `lognormal` is truncated to low..high."""


PRIOR_ONLY = "prior only"
"""What stands as `identified_by` where no statistic speaks of a parameter."""
_SHARES = ("share", "0 to 1", "probability")
"""Units (or their first words) of what lies between 0 and 1."""


@dataclass(frozen=True)
class Prior:
    """What is believed of a parameter before the data: a law of `LAWS` and its arguments, in its unit."""

    law: str
    arguments: Mapping[str, float]

    def quantile(self, probability: float) -> float:
        """The value below which this prior puts `probability` (0 to 1)."""
        from scipy import stats

        a = self.arguments
        if self.law == "uniform":
            return a["low"] + probability * (a["high"] - a["low"])
        if self.law == "beta":
            return float(stats.beta.ppf(probability, a["a"], a["b"]))
        law = stats.lognorm(a["sigma"], scale=a["median"])
        low, high = float(law.cdf(a["low"])), float(law.cdf(a["high"]))
        return float(law.ppf(low + probability * (high - low)))

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that this prior allows."""
        return (0.0, 1.0) if self.law == "beta" else (self.arguments["low"], self.arguments["high"])

    def __str__(self) -> str:
        return f"{self.law}({', '.join(f'{name} {value:g}' for name, value in self.arguments.items())})"


@dataclass(frozen=True)
class Parameter:
    """One row of the table."""

    name: str
    theme: str
    meaning: str
    unit: str
    default: float
    prior: Prior | None
    source: tuple[str, ...]
    assumed: str
    identified_by: str

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value that the unit allows."""
        return (0.0, 1.0 if self.unit.startswith(_SHARES) else math.inf)

    @property
    def source_class(self) -> str:
        """`evidence` or `assumed`."""
        return "assumed" if self.assumed else "evidence"

    @property
    def prior_only(self) -> bool:
        """Whether no statistic is said to identify it."""
        return self.identified_by == PRIOR_ONLY


@cache
def load_parameters() -> dict[str, Parameter]:
    """Every parameter by name, in the order of the files and of the entries in them."""
    table: dict[str, Parameter] = {}
    for file in sorted(TABLE.glob("*.toml")):
        for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if name in table:
                raise InputError(
                    f"'{name}' stands in two files", where=str(file), remedy="Keep one of the two entries."
                )
            table[name] = _parameter(name, file, entry)
    return table


def _parameter(name: str, file: Path, entry: dict[str, Any]) -> Parameter:
    where = f"{file.name}: {name}"
    missing = {"meaning", "unit", "default"} - entry.keys()
    if missing or ("source" in entry) == ("assumed" in entry):
        raise InputError(
            "needs meaning, unit, default and either source or assumed "
            f"(missing: {', '.join(sorted(missing)) or 'a source'})",
            where=where,
            remedy="Give an evidence id in `source`, or the reason in `assumed`.",
        )
    prior = prior_of(entry["prior"], where) if "prior" in entry else None
    return Parameter(
        name=name,
        theme=file.stem,
        meaning=entry["meaning"],
        unit=entry["unit"],
        default=float(entry["default"]),
        prior=prior,
        source=tuple(entry.get("source", ())),
        assumed=entry.get("assumed", ""),
        identified_by=entry.get("identified_by", PRIOR_ONLY if prior else "fixed"),
    )


def prior_of(entry: Mapping[str, Any], where: str) -> Prior:
    """The prior written as a table `{ law = "...", ... }`; `where` names the place for the message."""
    law = str(entry.get("law"))
    if law not in LAWS:
        raise InputError(f"unknown law '{law}'", where=where, remedy=nearest(law, LAWS))
    arguments = {name: value for name, value in entry.items() if name != "law"}
    if set(arguments) != set(LAWS[law]):
        raise InputError(f"'{law}' takes {', '.join(LAWS[law])}", where=where, remedy="Give each of them once.")
    prior = Prior(law, {name: float(arguments[name]) for name in LAWS[law]})
    low, high = prior.bounds
    if not low < high:
        raise InputError(f"low {low:g} is not below high {high:g}", where=where, remedy="Put the two in order.")
    return prior


def parameters_hash() -> str:
    """A hash (hex) of names, units, defaults and priors: what was fitted with another table is stale."""
    rows = [(p.name, p.unit, p.default, str(p.prior)) for p in load_parameters().values()]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
