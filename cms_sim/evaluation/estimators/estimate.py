"""What every estimator hands back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

CONFIDENCE: Final = 0.95
UNKNOWN: Final = float("nan")

Unit = Literal["%", "ratio"]


@dataclass(frozen=True)
class Estimate:
    """An estimate with its interval (95%).

    `unit` "%" is a change in percent (-28 is 28% fewer), "ratio" observed over expected. NaN where it is not known;
    `notes` say why, or what else a reader must know. `n` counts `n_of`. `parts` are the same estimate by site, year or
    variant; `draws` a placebo's spread.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    n_of: str
    unit: Unit = "%"
    notes: tuple[str, ...] = ()
    parts: tuple[Estimate, ...] = ()
    draws: tuple[float, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return not math.isnan(self.value)

    @property
    def shows_fall(self) -> bool:
        """Whether the whole interval lies below no change."""
        return self.high < (0.0 if self.unit == "%" else 1.0)

    @property
    def shows_rise(self) -> bool:
        """Whether the whole interval lies above no change."""
        return self.low > (0.0 if self.unit == "%" else 1.0)

    def line(self) -> str:
        """`name = value (low, high)`, or why it is not known."""
        if not self.known:
            return f"{self.name} = unknown ({'; '.join(self.notes)})"
        low, high = (self._written(bound) for bound in (self.low, self.high))
        return f"{self.name} = {self._written(self.value)} ({low}, {high})"

    def as_json(self) -> dict[str, Any]:
        """For machines; what is not known is null."""
        return {
            "name": self.name,
            "value": _or_null(self.value),
            "low": _or_null(self.low),
            "high": _or_null(self.high),
            "unit": self.unit,
            "n": self.n,
            "n_of": self.n_of,
            "notes": list(self.notes),
            "parts": [part.as_json() for part in self.parts],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """This estimate and its parts as rows of a table; `part` is empty for the estimate itself."""
        for part in (self, *self.parts):
            yield {
                "estimator": self.name,
                "part": "" if part is self else part.name,
                "value": part.value,
                "low": part.low,
                "high": part.high,
                "unit": part.unit,
                "n": part.n,
                "n_of": part.n_of,
                "notes": "; ".join(part.notes),
            }

    def _written(self, value: float) -> str:
        if math.isnan(value):
            return "unknown"
        return f"{value:.2f}%" if self.unit == "%" else f"{value:.2f}"


def unknown(name: str, reason: str) -> Estimate:
    """An estimate that cannot be made of this panel, and why."""
    return Estimate(name, UNKNOWN, UNKNOWN, UNKNOWN, 0, "sites", notes=(reason,))


def percent(ratio: float) -> float:
    """A ratio as a change in percent: 0.72 is -28."""
    return 100.0 * (float(ratio) - 1.0)


def _or_null(value: float) -> float | None:
    return value if math.isfinite(value) else None
