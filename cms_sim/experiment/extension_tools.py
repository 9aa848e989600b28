"""What a step of an extension needs to know of the engine's arrays, as functions that work in either door.

They are plain functions where Python calls them, and compiled into the step where a kernel does. So is a function of
one's own below `@both_ways`. In Python and in kernels alike a record's field is read by name: `own["share"]`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba.extending import register_jitable

from cms_sim.engine.arrays import (
    N_CONFLICTS,
    N_HARMED,
    N_SHOOTINGS,
    NOBODY,
    OUTCOME_COOLED,
    OUTCOME_OPEN,
    STANDING_GOOD,
)
from cms_sim.engine.decisions import EXTENSION
from cms_sim.engine.people import is_blank, touch
from cms_sim.engine.steps.exposure import first_harmed_today
from cms_sim.keys import mix

FIRST_DRAW: Final = EXTENSION
"""Decisions of extensions are numbered from here on: `uniform(key, FIRST_DRAW + 2)`."""

both_ways: Any = register_jitable(error_model="numpy", nogil=True, _nrt=False, forceinline=True)
"""Decorator of a function that Python calls as it is and that kernels compile, as `bare_kernel` compiles."""


@both_ways
def due(state, day):  # type: ignore[no-untyped-def]
    """In the morning: rows of the open conflicts that come to a head today, in no order that may matter."""
    row = state.day["heads"][day]
    while row != NOBODY:
        if state.conflict["head_day"][row] == day and state.conflict["outcome"][row] == OUTCOME_OPEN:
            yield row
        row = state.conflict["next_head"][row]


@both_ways
def open_conflicts(state, day):  # type: ignore[no-untyped-def]
    """Rows of all conflicts that are open on `day`: a walk through the whole log, dear when it is done every day."""
    for row in range(state.count[N_CONFLICTS]):
        if state.conflict["outcome"][row] == OUTCOME_OPEN and state.conflict["open_day"][row] <= day:
            yield row


@both_ways
def shootings(state):  # type: ignore[no-untyped-def]
    """In the evening: rows of the conflicts that became shootings today, by hour and key."""
    for n in range(state.count[N_SHOOTINGS]):
        yield state.shooting[n]


@both_ways
def harmed(state):  # type: ignore[no-untyped-def]
    """In the evening: today's rows of the log `state.harmed` (conflict, resident, killed), by hour and key."""
    if state.count[N_SHOOTINGS] > 0:
        for line in range(first_harmed_today(state), state.count[N_HARMED]):  # noqa: UP028  # Numba has no yield from
            yield line


@both_ways
def cool(state, row):  # type: ignore[no-untyped-def]
    """End an open conflict without a shooting: it does not come to a head."""
    if state.conflict["outcome"][row] == OUTCOME_OPEN:
        state.conflict["outcome"][row] = OUTCOME_COOLED


@both_ways
def settle(state, row):  # type: ignore[no-untyped-def]
    """Settle an open conflict for good, as a mediation would: its chance falls to the share `residual_good`."""
    if state.conflict["outcome"][row] == OUTCOME_OPEN:
        state.conflict["standing"][row] = STANDING_GOOD


@both_ways
def soothe(state, rules, resident, day, share):  # type: ignore[no-untyped-def]
    """Take away a share (0 to 1) of the trauma that a person carries today."""
    if not is_blank(state, resident):
        touch(state, rules, resident, day)
        state.person["trauma"][resident] = np.int32(state.person["trauma"][resident] * (1.0 - share))


@both_ways
def child_key(key, item):  # type: ignore[no-untyped-def]
    """The key of the child `item` (a whole number) of the lineage `key`; in Python `mix` itself gives no uint64."""
    return np.uint64(mix(np.uint64(key), item))


@both_ways
def person_key(city, key, resident):  # type: ignore[no-untyped-def]
    """The key of what is decided about a person within the lineage `key` (a conflict's, or the course's)."""
    precinct = city.precinct[city.resident["slot"][resident]]
    return child_key(child_key(key, precinct["number"]), resident - precinct["first"])
