"""What a worker sends back of a run: counts by precinct and month, causes, the match with the reference, a survey."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import MALE, City
from cms_sim.engine.arrays import (
    N_CONFLICTS,
    N_ENROLMENTS,
    N_MEDIATIONS,
    OUTCOME_SHOOTING,
    SERVICES,
    SITE_MONTH,
    STANDING_GOOD,
    STANDING_NOW,
    UNIT,
    Plan,
    State,
)
from cms_sim.engine.decisions import RESPONDENT, SURVEY
from cms_sim.engine.simulate import World
from cms_sim.experiment.results import CAUSES, FIELDS, MATCHED
from cms_sim.keys import below, lineage

SAMPLE: Final = 200
"""Respondents in a precinct, as in the survey (T2-003: 180 to 200)."""
YOUNGEST, OLDEST = 18, 30


@dataclass(frozen=True)
class Frame:
    """The run that is summarised: its world, plan and days."""

    world: World
    plan: Plan
    begins: int
    split: int
    until: int

    @property
    def months(self) -> tuple[int, int, int]:
        """Index of the first month lived, of the first of the frame, and of the one after the last."""
        month_of = self.world.rules["month_of"]
        return int(month_of[self.begins]), int(month_of[self.split]), int(month_of[self.until - 1]) + 1


@dataclass(frozen=True)
class ArmSummary:
    """One plan in one replicate; arrays as in `Results`, without the axes of replicates and plans."""

    counts: NDArray[np.int32]
    causes: NDArray[np.int32]
    matched: NDArray[np.int32]
    survey: NDArray[np.float64]
    participants: NDArray[np.float64]
    posts_filled: NDArray[np.float64]
    enrolled: NDArray[np.int32]
    shootings: NDArray[Any]
    """CONFLICT records of the frame's shootings, sorted by key; for matching and for the event log."""
    mediations: NDArray[Any]
    extra: dict[str, float] = field(default_factory=dict)
    """Outcomes that an extension adds, by name."""


def summarise(
    frame: Frame,
    state: State,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    reference: ArmSummary | None,
) -> ArmSummary:
    """Summarise a finished run; `before` and `after` are the survey's answers, `reference` the first arm's summary."""
    conflicts = state.conflict[: state.count[N_CONFLICTS]]
    shootings = _where(conflicts, conflicts["outcome"] == OUTCOME_SHOOTING)
    in_frame = _where(shootings, shootings["head_day"] >= frame.split)
    in_frame = in_frame.take(np.argsort(in_frame["key"]))
    mediations = state.mediation[: state.count[N_MEDIATIONS]]
    slots = len(frame.world.city.precinct)
    participants, filled = _books(frame, state, slots)
    return ArmSummary(
        counts=_counts(frame, shootings, mediations, conflicts, slots),
        causes=_table(in_frame["slot"], in_frame["cause"], slots, len(CAUSES)),
        matched=_match(in_frame, reference.shootings if reference else in_frame, slots),
        survey=np.stack([before[:, 0], after[:, 0], before[:, 1], after[:, 1]], axis=1),
        participants=participants,
        posts_filled=filled,
        enrolled=_enrolled(frame, state, slots),
        shootings=in_frame,
        mediations=_where(mediations, mediations["day"] >= frame.split),
    )


def _where(records: NDArray[Any], is_so: NDArray[np.bool_]) -> NDArray[Any]:
    """`records[is_so]`; NumPy copies whole records by `take` ten times faster than by an index."""
    return records.take(np.flatnonzero(is_so))


def _counts(
    frame: Frame, shootings: NDArray[Any], mediations: NDArray[Any], conflicts: NDArray[Any], slots: int
) -> NDArray[np.int32]:
    first, _, after = frame.months
    month_of = frame.world.rules["month_of"]
    months = after - first
    counts = np.zeros((slots, months, len(FIELDS)), dtype=np.int32)
    place = shootings["slot"].astype(np.int64) * months + month_of[shootings["head_day"]] - first
    counts[..., 0] = _tally(place, slots, months)
    counts[..., 1] = _tally(place, slots, months, shootings["victims"])
    counts[..., 2] = _tally(place, slots, months, shootings["killed"])
    slot = conflicts["slot"][mediations["conflict"]].astype(np.int64)
    place = slot * months + month_of[mediations["day"]] - first
    counts[..., 3] = _tally(place, slots, months)
    settled = (mediations["result"] == STANDING_GOOD) | (mediations["result"] == STANDING_NOW)
    counts[..., 4] = _tally(place[settled], slots, months)
    return counts


def _tally(
    place: NDArray[np.int64], n_rows: int, n_columns: int, weights: NDArray[Any] | None = None
) -> NDArray[np.int32]:
    """[rows, columns] how often each place (row * columns + column) is named, or the sum of its whole weights."""
    sums = np.bincount(place, weights=weights, minlength=n_rows * n_columns)
    return sums.astype(np.int32).reshape(n_rows, n_columns)


def _table(rows: NDArray[Any], columns: NDArray[Any], n_rows: int, n_columns: int) -> NDArray[np.int32]:
    return _tally(rows.astype(np.int64) * n_columns + columns, n_rows, n_columns)


def _match(plan: NDArray[Any], reference: NDArray[Any], slots: int) -> NDArray[np.int32]:
    """Shootings of two arms (sorted by key) by lineage: averted, added, moved to another day, changed in harm."""
    ours, theirs = np.ascontiguousarray(plan["key"]), np.ascontiguousarray(reference["key"])
    found = np.searchsorted(theirs, ours)
    shared = np.zeros(len(ours), dtype=np.bool_)
    inside = found < len(theirs)
    shared[inside] = theirs[found[inside]] == ours[inside]
    here, there = np.flatnonzero(shared), found[shared]
    added, averted = np.flatnonzero(~shared), np.delete(np.arange(len(theirs)), there)

    def differ(name: str) -> NDArray[np.bool_]:
        return np.asarray(plan[name][here] != reference[name][there])

    moved = differ("head_day") | differ("head_hour")
    changed = ~moved & (differ("victims") | differ("killed"))
    slot = plan["slot"]
    kinds = (reference["slot"][averted], slot[added], slot[here[moved]], slot[here[changed]])
    table = np.stack([np.bincount(kind, minlength=slots) for kind in kinds], axis=1)
    assert table.shape == (slots, len(MATCHED))
    return table.astype(np.int32)


def _books(frame: Frame, state: State, slots: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[slots] mean caseload of the frame's months, and mean share of posts filled (NaN without posts)."""
    _, first, after = frame.months
    books = state.site_month[:, first:after].sum(axis=1)
    site_slot = frame.plan.site["slot"]
    participants, posts, posts_filled = (
        np.bincount(site_slot, weights=books[:, SITE_MONTH.index(name)], minlength=slots)
        for name in ("participants", "posts", "posts_filled")
    )
    filled = np.full(slots, np.nan)
    np.divide(posts_filled, posts, out=filled, where=posts > 0)
    return participants / max(1, after - first), filled


def _enrolled(frame: Frame, state: State, slots: int) -> NDArray[np.int32]:
    lines = state.enrolment[: state.count[N_ENROLMENTS]]
    new = lines["from_day"] >= frame.split
    return _table(frame.plan.site["slot"][lines["site"][new]], lines["kind"][new], slots, SERVICES)


@dataclass(frozen=True)
class Respondents:
    """Men aged 18 to 30 with street ties, a keyed sample of each precinct: whom a survey of young men reaches
    (T2-003).
    """

    resident: NDArray[np.int64]
    slot: NDArray[np.int64]
    norm: NDArray[np.float64]
    """Their own norm and trust, 0 to 1, to which what they lived through is added."""
    trust: NDArray[np.float64]

    def answers(self, world: World, state: State, day: int) -> NDArray[np.float64]:
        """[slots, 2] mean answer on `day`: willingness to use violence on the 1 to 5 scale, trust in police 0 to 1.

        The scale is read as linear in the norm: 0 is 1 (would ignore), 1 is 5 (would use a weapon): assumed.
        """
        gap = day - state.person["day"][self.resident]  # of a blank record any will do: it holds zeros
        norm, trust = (
            own + (state.local[name][self.slot] + state.person[name][self.resident] * world.rules[fade][gap]) / UNIT
            for own, name, fade in ((self.norm, "norm", "fade_norm"), (self.trust, "trust", "fade_trust"))
        )
        slots = len(world.city.precinct)
        asked = np.maximum(1, np.bincount(self.slot, minlength=slots))
        means = [
            np.bincount(self.slot, weights=np.clip(answer, 0.0, 1.0), minlength=slots) / asked
            for answer in (norm, trust)
        ]
        return np.stack([1.0 + 4.0 * means[0], means[1]], axis=1)


def respondents(city: City, seed: int) -> Respondents:
    """The survey's sample: the same people at both dates and in every arm."""
    residents: list[int] = []
    slots: list[int] = []
    for slot, precinct in enumerate(city.precinct):
        first, street = int(precinct["first"]), int(precinct["street"])
        people = city.resident[first : first + street]
        eligible = np.flatnonzero((people["sex"] == MALE) & (people["age"] >= YOUNGEST) & (people["age"] <= OLDEST))
        for n in range(SAMPLE if len(eligible) else 0):
            key = lineage(seed, SURVEY, int(precinct["number"]), n)
            residents.append(first + int(eligible[below(key, RESPONDENT, len(eligible))]))
            slots.append(slot)
    chosen = np.array(residents, dtype=np.int64)
    own = city.resident[chosen]
    return Respondents(chosen, np.array(slots, dtype=np.int64), own["norm"] * 1e-4, own["trust"] * 1e-4)
