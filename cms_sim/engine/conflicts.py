"""The conflict log, which is also the storage: opening a conflict writes its row and files it by day."""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import FULL, N_CONFLICTS, NOBODY, OUTCOME_OPEN
from cms_sim.engine.decisions import DAILY, HEAD_HOUR
from cms_sim.engine.draws import place_in_table
from cms_sim.keys import mix


@bare_kernel
def new_conflict(city, rules, course, state, key, who, against, relation, cause, parent, opens, head):  # type: ignore[no-untyped-def]
    """Write a conflict and file it under the day it opens; returns its row, or NOBODY when the log is full."""
    row = state.count[N_CONFLICTS]
    if row >= state.conflict.shape[0]:
        state.count[FULL] = 1
        return NOBODY
    state.count[N_CONFLICTS] += 1
    conflict = state.conflict[row]
    own = city.resident[who]
    conflict.key = key
    conflict.instigator = who
    conflict.opponent = against
    conflict.parent = parent
    conflict.generation = 0 if parent == NOBODY else state.conflict[parent].generation + 1
    conflict.slot = own.slot
    conflict.place = own.place
    conflict.cause = cause
    conflict.relation = relation
    conflict.open_day = opens
    conflict.head_day = head
    conflict.head_hour = rules.hour[rules.weekday_of[head], place_in_table(key, HEAD_HOUR)]
    conflict.follow_up_day = 0
    conflict.site = NOBODY
    conflict.outcome = OUTCOME_OPEN
    conflict.standing = 0
    conflict.detected = 0
    conflict.responded = 0
    conflict.victims = 0
    conflict.killed = 0
    conflict.next_head = NOBODY
    conflict.next_open = NOBODY
    if opens < state.day.shape[0]:
        conflict.next_open = state.day[opens].opens
        state.day[opens].opens = row
    return row


@bare_kernel
def file_by_head(state, row):  # type: ignore[no-untyped-def]
    """Put an open conflict into the list of its head day; beyond the horizon it stays open."""
    conflict = state.conflict[row]
    day = conflict.head_day
    if day < state.day.shape[0]:
        conflict.next_head = state.day[day].heads
        state.day[day].heads = row


@bare_kernel
def day_key(conflict_key, day):  # type: ignore[no-untyped-def]
    """The lineage of what happens to a conflict, or to a messenger, on one day."""
    return mix(mix(conflict_key, DAILY), day)


@bare_kernel
def open_hour(rules, course, key, day, decision):  # type: ignore[no-untyped-def]
    """An hour of the day by the profile of its weekday."""
    return np.int64(rules.hour[rules.weekday_of[day], place_in_table(key, decision)])
