"""Step 2, Ignition: background conflicts arise, and those scheduled by earlier shootings open.

Candidates are accepted against the rate of the day on which they would come to a head, so a precinct's heads follow
trend, season and weekday exactly. Reads course, rules. Writes conflict, day, watched.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import CAUSE_BACKGROUND, CAUSE_IMPORTED, FULL, N_WATCHED, NOBODY, OUTCOME_COOLED
from cms_sim.engine.candidates import candidate_key, candidates_in, height_in, layer_of
from cms_sim.engine.conflicts import file_by_head, new_conflict
from cms_sim.engine.decisions import BACKGROUND, DURATION, IMPORTED
from cms_sim.engine.draws import instigator, opponent, place_in_table
from cms_sim.engine.people import is_dead
from cms_sim.keys import mix


@bare_kernel
def ignition(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Open the conflicts of `day`. One pass for each question, since memory then answers several at a time."""
    n = 0
    for slot in range(city.precinct.shape[0]):
        n = _arise(
            city, rules, course, state, day, slot, BACKGROUND, CAUSE_BACKGROUND,
            course.counts, course.width, course.peak, course.level, n,
        )  # fmt: skip
        n = _arise(
            city, rules, course, state, day, slot, IMPORTED, CAUSE_IMPORTED,
            course.import_counts, course.import_width, course.import_peak, course.imported, n,
        )  # fmt: skip
    for i in range(n):
        state.arising[i].who = instigator(city, rules, state.arising[i].slot, state.arising[i].key)
    for i in range(n):
        _begin(city, rules, course, state, state.arising[i], day)
    _open(plan, state, day)


@bare_kernel
def _arise(city, rules, course, state, day, slot, origin, cause, counts, width, peak, level, n):  # type: ignore[no-untyped-def]
    """One stream of candidates of one precinct, thinned to its level; returns how many are accepted so far today."""
    highest = peak[slot, rules.month_of[day]]
    layer = 0
    while layer * width[slot] < highest:
        key = layer_of(mix(mix(mix(course.key, origin), city.precinct[slot].number), day), layer)
        for i in range(candidates_in(key, counts[slot])):
            height = height_in(key, layer, i) * width[slot]
            if height < highest:
                candidate = candidate_key(key, i)
                head = day + rules.duration[place_in_table(candidate, DURATION)]
                if height < level[slot, rules.month_of[head]] * rules.weekday[rules.weekday_of[head]]:
                    n = _accept(state, candidate, slot, cause, head, n)
        layer += 1
    return n


@bare_kernel
def _accept(state, key, slot, cause, head, n):  # type: ignore[no-untyped-def]
    """Note an accepted candidate in place `n`; returns the next place."""
    if n == state.arising.shape[0]:
        state.count[FULL] = 1
        return n
    arising = state.arising[n]
    arising.key = key
    arising.slot = slot
    arising.cause = cause
    arising.head = head
    return n + 1


@bare_kernel
def _begin(city, rules, course, state, arising, day):  # type: ignore[no-untyped-def]
    """Two people fall out; without an eligible pair nothing arises."""
    who = np.int64(arising.who)
    if who < 0 or is_dead(state, who):
        return
    key = arising.key
    against, relation = opponent(city, rules, who, key)
    if against < 0 or against == who or is_dead(state, against):
        return
    new_conflict(
        city, rules, course, state, key, who, against, relation, arising.cause, NOBODY, day, np.int64(arising.head)
    )


@bare_kernel
def _open(plan, state, day):  # type: ignore[no-untyped-def]
    """Everything filed under today becomes an open conflict."""
    row = state.day[day].opens
    while row != NOBODY:
        conflict = state.conflict[row]
        after = conflict.next_open
        if is_dead(state, conflict.instigator) or is_dead(state, conflict.opponent):
            conflict.outcome = OUTCOME_COOLED
        else:
            file_by_head(state, row)
            if conflict.place < plan.precinct[conflict.slot].covered:
                state.watched[state.count[N_WATCHED]] = row
                state.count[N_WATCHED] += 1
        row = after
