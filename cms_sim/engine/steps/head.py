"""Steps 4 and 5, Head and Harm, in the order of hour and key: conflicts due today cool, or become a shooting.

Whether one does depends on its cause, the two parties' relation, the instigator's norm, trauma, participation and
services, on patrol at that place and hour, and on where mediation stands. Harm is in `harm.py` and follows each
shooting at once, since nobody who died at two acts at eight. Reads person, local, site, plan. Writes conflict
(outcome), day, shooting; through harm: harmed, person.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import (
    CAUSE_RETALIATION,
    COUNSELLING,
    N_SHOOTINGS,
    NOBODY,
    OUTCOME_COOLED,
    OUTCOME_GOOD,
    OUTCOME_NOW,
    OUTCOME_OPEN,
    OUTCOME_SHOOTING,
    RELATION_RIVAL,
    SERVICES,
    STANDING_GOOD,
    STANDING_INFLAMED,
    STANDING_NOW,
)
from cms_sim.engine.conflicts import file_by_head
from cms_sim.engine.decisions import SHOOT
from cms_sim.engine.people import is_blank, is_dead, norm_of, trauma_of
from cms_sim.engine.steps.harm import harm
from cms_sim.keys import uniform


@bare_kernel
def head(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Bring the conflicts of `day` to a head."""
    state.count[N_SHOOTINGS] = 0
    row = _due(state, day)
    while row != NOBODY:
        conflict = state.conflict[row]
        if is_dead(state, conflict.instigator) or is_dead(state, conflict.opponent):
            conflict.outcome = OUTCOME_COOLED
        elif uniform(conflict.key, SHOOT) < shooting_chance(city, plan, rules, course, state, conflict, day):
            conflict.outcome = OUTCOME_SHOOTING
            state.shooting[state.count[N_SHOOTINGS]] = row
            state.count[N_SHOOTINGS] += 1
            harm(city, plan, rules, state, row, day)
        elif conflict.standing == STANDING_GOOD:
            conflict.outcome = OUTCOME_GOOD
        elif conflict.standing == STANDING_NOW:
            conflict.outcome = OUTCOME_NOW
        else:
            conflict.outcome = OUTCOME_COOLED
        row = conflict.next_head


@bare_kernel
def _due(state, day):  # type: ignore[no-untyped-def]
    """Today's list, those that were put off filed again under their new day, the others in order of hour and key."""
    first = NOBODY
    row = state.day[day].heads
    while row != NOBODY:
        after = state.conflict[row].next_head
        if state.conflict[row].head_day != day:
            file_by_head(state, row)
        elif state.conflict[row].outcome == OUTCOME_OPEN:
            first = _insert(state, first, row)
        row = after
    return first


@bare_kernel
def _insert(state, first, row):  # type: ignore[no-untyped-def]
    """Insert the row into the list ordered by (hour, key); returns the first of the list."""
    if first == NOBODY or _sooner(state, row, first):
        state.conflict[row].next_head = first
        return row
    at = first
    while state.conflict[at].next_head != NOBODY and not _sooner(state, row, np.int64(state.conflict[at].next_head)):
        at = np.int64(state.conflict[at].next_head)
    state.conflict[row].next_head = state.conflict[at].next_head
    state.conflict[at].next_head = row
    return first


@bare_kernel
def _sooner(state, one, other):  # type: ignore[no-untyped-def]
    a, b = state.conflict[one], state.conflict[other]
    if a.head_hour != b.head_hour:
        return a.head_hour < b.head_hour
    return a.key < b.key


@bare_kernel
def shooting_chance(city, plan, rules, course, state, conflict, day):  # type: ignore[no-untyped-def]
    """Probability that the conflict becomes a shooting now."""
    chance = rules.shooting_chance
    if conflict.cause == CAUSE_RETALIATION:
        chance *= rules.retaliation_heat
    elif conflict.relation == RELATION_RIVAL:
        chance *= rules.rival_heat
    who = np.int64(conflict.instigator)
    chance *= 1.0 + rules.norm_slope * (norm_of(city, state, rules, who, day) - rules.norm_reference)
    if not is_blank(state, who):
        chance *= 1.0 + rules.trauma_slope * trauma_of(state, rules, who, day) * _uncounselled(rules, state, who)
        chance *= _participation(rules, state, who)
    chance *= _deterrence(plan, rules, course, conflict, day)
    if conflict.standing == STANDING_GOOD:
        chance *= rules.residual_good
    elif conflict.standing == STANDING_NOW:
        chance *= rules.residual_now
    elif conflict.standing == STANDING_INFLAMED:
        chance *= rules.inflamed_heat
    return chance


@bare_kernel
def _uncounselled(rules, state, who):  # type: ignore[no-untyped-def]
    """What trauma counselling leaves of the weight of trauma."""
    if state.person[who].services & (1 << COUNSELLING):
        return 1.0 - rules.service_effect[COUNSELLING]
    return 1.0


@bare_kernel
def _participation(rules, state, who):  # type: ignore[no-untyped-def]
    """What the caseload and services other than counselling leave of the chance."""
    person = state.person[who]
    left = 1.0
    if person.client_of != 0:
        left *= 1.0 - rules.client_effect
    if person.services != 0:
        for kind in range(SERVICES):
            if kind != COUNSELLING and person.services & (1 << kind):
                left *= 1.0 - rules.service_effect[kind]
    return left


@bare_kernel
def _deterrence(plan, rules, course, conflict, day):  # type: ignore[no-untyped-def]
    """What directed patrol leaves of the chance at that place, weekday and hour (T9-001, T9-002)."""
    left = 1.0
    for t in range(plan.precinct[conflict.slot].first_patrol, plan.precinct[conflict.slot].patrols_end):
        patrol = plan.patrol[t]
        if patrol.from_day <= day < patrol.until_day and conflict.place < patrol.place_to:
            if plan.shift[patrol.shift].duty[rules.weekday_of[day], conflict.head_hour]:
                left *= 1.0 - rules.patrol_effect * min(1.0, patrol.officers / rules.patrol_officers)
    return left
