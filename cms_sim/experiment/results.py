"""What a comparison hands on: counts of every plan in every replicate, paired by replicate.

Replicate k of every plan shares parameter draw, levels, seed and past, so arrays are compared along the replicate
axis. R = replicates, P = plans, S = precincts, M = months lived through (past first).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FIELDS: Final = ("incidents", "victims", "deaths", "mediations", "settled")
"""Last axis of `Results.counts`. `mediations` are attempts; `settled` those settled for good or for now."""
CAUSES: Final = ("background", "retaliation", "contagion", "imported")
MATCHED: Final = ("averted", "added", "moved", "changed")
"""How shootings of a plan and of its reference match by lineage: only in the reference, only in the plan, in both on
another day, in both on the same day with other harm.
"""
SURVEY: Final = ("norm_before", "norm_after", "trust_before", "trust_after")
"""Means over men aged 18-30 with street ties of a precinct at the frame's first and last morning: norm on the 1 to 5
scale, trust 0 to 1.
"""


@dataclass(frozen=True)
class PlanInfo:
    """A plan as the tables and the report name it."""

    name: str
    title: str
    summary: str
    cost_usd: float
    """Over the frame."""
    cost_by_fiscal_year_usd: dict[int, float]
    budget_usd_per_year: float | None
    new_precincts: tuple[int, ...]
    """Precincts with a site in this plan and none in the reference."""
    opening_month: int | None = None
    """Index in `Results.months` of the month in which the first of its new sites opens, if it has any."""


@dataclass(frozen=True)
class Results:
    """A comparison's numbers."""

    name: str
    plans: tuple[PlanInfo, ...]
    reference: int
    """Index of the plan that averted victims and incremental cost are counted from."""
    no_programme: int | None
    """Index of the second reference, if it is among the plans."""
    precincts: tuple[int, ...]
    precinct_names: tuple[str, ...]
    months: NDArray[np.datetime64]
    """[M] months lived through, the past first."""
    first_month: int
    """Index in `months` of the first month of the frame."""
    opening_month: int | None
    """Index in `months` of the month in which the first new site of any plan opens, if any."""
    counts: NDArray[np.int32]
    """[R, P, S, M, len(FIELDS)]."""
    causes: NDArray[np.int32]
    """[R, P, S, len(CAUSES)] shootings in the frame."""
    matched: NDArray[np.int32]
    """[R, P, S, len(MATCHED)] shootings in the frame against the reference."""
    survey: NDArray[np.float64]
    """[R, P, S, len(SURVEY)]."""
    participants: NDArray[np.float64]
    """[R, P, S] mean number in caseloads over the frame's months."""
    posts_filled: NDArray[np.float64]
    """[R, P, S] share of posts filled, mean over the frame's months; NaN without posts."""
    enrolled: NDArray[np.int32]
    """[R, P, S, 5] enrolments in services in the frame, by kind."""
    residents: NDArray[np.int64]
    """[S]."""
    parameters: dict[str, NDArray[np.float64]]
    """Parameter name to [R] values drawn."""
    hypothesis: str
    record_victims_per_year: float
    """Mean victims a year of the precincts in play over 2017-2019, for orientation."""
    provenance: dict[str, Any] = field(default_factory=dict)
    replicates_asked: int | None = None
    """More than R when the runs were broken off; None: R."""

    @property
    def replicates(self) -> int:
        """R, those that are finished."""
        return len(self.counts)

    @property
    def is_part(self) -> bool:
        """Whether the runs were broken off, so that these are a part of the replicates that were asked for."""
        return (self.replicates_asked or self.replicates) > self.replicates

    def opening_of(self, plan: int) -> int | None:
        """When a plan's first new site opens (index in `months`); the comparison's opening month where it does not
        say.
        """
        own = self.plans[plan].opening_month
        return self.opening_month if own is None else own

    @property
    def years(self) -> float:
        """Length of the frame in years."""
        return (len(self.months) - self.first_month) / 12.0

    def frame(self, name: str) -> NDArray[np.int64]:
        """[R, P, S] a field of `FIELDS` summed over the frame."""
        column = self.counts[..., self.first_month :, FIELDS.index(name)]
        return np.asarray(column.sum(axis=-1, dtype=np.int64))
