"""A point of the cost-effectiveness acceptability curve: which choice is worth most, if a person not shot is worth so
much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WORTHS_USD: Final = (1e5, 2e5, 3e5, 4e5, 5e5, 6e5, 7e5, 8e5, 9e5, 1e6, 2e6, 4e6)
"""Of a person not shot: from about what taxpayers pay to twice what society does (docs/money.md)."""


@dataclass(frozen=True)
class Acceptable:
    """The choice that is worth most at that worth, people and dollars a year, undiscounted."""

    usd_per_victim: float
    plan: str
    """Name of the choice with the highest worth of what it averts less what it costs, on average over all draws."""
    probability: float
    """Weight of draws of what is not known in which it is that one, chance taken out."""
