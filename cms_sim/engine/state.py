"""The state of a run: made once for a worker, reset only where it was touched, kept and restored as a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import (
    ARISING,
    CASE,
    CONFLICT,
    CONTACT,
    DAY,
    ENROLMENT,
    HARMED,
    LOCAL,
    MEDIATION,
    N_CONFLICTS,
    N_COUNTS,
    N_ENROLMENTS,
    N_HARMED,
    N_MEDIATIONS,
    N_TOUCHED,
    N_WATCHED,
    NOBODY,
    PERSON,
    POST_STATE,
    SITE_MONTH,
    SITE_STATE,
    TODAY,
    Plan,
    State,
)
from cms_sim.engine.calendar_days import SPAN_DAYS, date_of, months
from cms_sim.errors import InputError

_LOGS = {"conflict": N_CONFLICTS, "harmed": N_HARMED, "mediation": N_MEDIATIONS, "enrolment": N_ENROLMENTS}
_LISTS = {"watched": N_WATCHED}
_LINE_BYTES = 64
_WHOLE = ("count", "day", "post", "site", "local", "site_month")


def make_state(city: City, plan: Plan, until: int, room: int) -> State:
    """A blank state for runs that end before day `until`, with room for `room` conflicts in the log.

    Every other log grows with `room`, so that a run whose logs were too small succeeds with more of it.
    Raises InputError for a last day beyond the tables by day.
    """
    if until > SPAN_DAYS:
        last = date_of(SPAN_DAYS - 1)
        raise InputError(
            f"the run would end after {last}, where the engine's tables end",
            where="constants.ends",
            remedy=f"End on {last} at the latest.",
        )
    n_sites, n_posts = len(plan.site), len(plan.post)
    n_months = int(months()[until]) + 2
    state = State(
        count=np.zeros(N_COUNTS, dtype=np.int64),
        person=_in_lines(len(city.resident), PERSON),
        mark=np.zeros(len(city.resident) // 64 + 1, dtype=np.uint64),
        touched=np.zeros(len(city.resident), dtype=np.int32),
        conflict=_in_lines(room, CONFLICT),
        harmed=np.zeros(room // 2 + 64, dtype=HARMED),
        mediation=np.zeros(room, dtype=MEDIATION),
        enrolment=np.zeros(room + n_sites * 2000, dtype=ENROLMENT),
        day=np.zeros(until, dtype=DAY),
        watched=np.zeros(room, dtype=np.int32),
        case=np.zeros(room, dtype=CASE),
        shooting=np.zeros(room, dtype=np.int32),
        arising=np.zeros(room, dtype=ARISING),
        contact=np.zeros(n_posts, dtype=CONTACT),
        resolved=np.zeros(room, dtype=np.int32),
        post=_in_lines(n_posts, POST_STATE),
        site=np.zeros(n_sites, dtype=SITE_STATE),
        local=np.zeros(len(city.precinct), dtype=LOCAL),
        site_month=np.zeros((n_sites, n_months, len(SITE_MONTH)), dtype=np.int64),
    )
    begin(state, 0)
    return state


def _in_lines(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Blank records that begin where a cache line begins: one that fits a line is then read from one line, not two."""
    raw = np.zeros(count * dtype.itemsize + _LINE_BYTES, dtype=np.uint8)
    first = -raw.ctypes.data % _LINE_BYTES
    return raw[first : first + count * dtype.itemsize].view(dtype)


def begin(state: State, day: int) -> None:
    """Make the state blank again, at the morning of `day`; only what was touched is cleared."""
    _forget(state.person, state.mark, state.touched, state.count[N_TOUCHED])
    for name in _WHOLE:
        getattr(state, name).view(np.uint8)[...] = 0
    for name in ("opens", "heads", "ends"):
        state.day[name] = NOBODY
    state.site["opened"] = NOBODY
    state.post["back"] = NOBODY
    state.count[TODAY] = day


@bare_kernel
def _forget(person, mark, touched, count):  # type: ignore[no-untyped-def]
    """Blank records for the first `count` touched residents."""
    for n in range(count):
        record = person[touched[n]]
        record.known = 0
        record.trauma = 0
        record.norm = 0
        record.trust = 0
        record.day = 0
        record.client_of = 0
        record.injuries = 0
        record.dead = 0
        record.services = 0
        mark[touched[n] >> 6] = 0


def _copies(person: NDArray[Any], touched: NDArray[np.int32]) -> NDArray[Any]:
    """The records of touched residents (whole bytes: a structured copy goes field by field)."""
    return np.take(_bytes(person), touched, axis=0).view(PERSON)[:, 0]


def _recall(person: NDArray[Any], touched: NDArray[np.int32], people: NDArray[Any]) -> None:
    _bytes(person)[touched] = _bytes(people)


@bare_kernel
def _set_marks(mark, touched):  # type: ignore[no-untyped-def]
    for n in range(touched.shape[0]):
        mark[touched[n] >> 6] |= np.uint64(1) << np.uint64(touched[n] & 63)


def _bytes(person: NDArray[Any]) -> NDArray[np.uint64]:
    return person.view(np.uint64).reshape(len(person), PERSON.itemsize // 8)


@dataclass(frozen=True)
class Snapshot:
    """A state as it stood: the used part of each log, the touched people, and the rest whole."""

    whole: dict[str, NDArray[Any]]
    logs: dict[str, NDArray[Any]]
    touched: NDArray[np.int32]
    people: NDArray[Any]


def take_snapshot(state: State) -> Snapshot:
    """Copy what the run has touched so far."""
    touched = state.touched[: state.count[N_TOUCHED]].copy()
    used = {**_LOGS, **_LISTS}
    return Snapshot(
        whole={name: getattr(state, name).copy() for name in _WHOLE},
        logs={name: getattr(state, name)[: state.count[place]].copy() for name, place in used.items()},
        touched=touched,
        people=_copies(state.person, touched),
    )


def restore(state: State, snapshot: Snapshot) -> None:
    """Bring a state back to a snapshot of it (or of a state of the same shape)."""
    _forget(state.person, state.mark, state.touched, state.count[N_TOUCHED])
    for name, values in snapshot.whole.items():
        getattr(state, name)[...] = values
    for name, values in snapshot.logs.items():
        getattr(state, name)[: len(values)] = values
    state.touched[: len(snapshot.touched)] = snapshot.touched
    _recall(state.person, snapshot.touched, snapshot.people)
    _set_marks(state.mark, snapshot.touched)
