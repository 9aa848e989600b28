"""Step 3, Shift: messengers on duty hear of conflicts and mediate them before their hour.

Each open conflict surfaces at a keyed hour each day; only staff of a site that covers the place, on duty at that
hour, can hear of it, more surely the more of the two parties they know. What looks most dangerous goes first (T5-088
to T5-092). Reads plan, site, post, person.known. Writes conflict (detected, standing, head day, site), post.busy,
mediation, watched, case. Canvassing and the caseload, the other half of the shift, are in `canvass.py`.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import (
    CAUSE_CONTAGION,
    CAUSE_RETALIATION,
    FULL,
    N_CASES,
    N_MEDIATIONS,
    N_RESOLVED,
    N_WATCHED,
    NOBODY,
    OUTCOME_OPEN,
    RELATION_RIVAL,
    ROLE_INTERRUPTER,
    ROLE_OUTREACH,
    STANDING_GOOD,
    STANDING_INFLAMED,
    STANDING_NONE,
    STANDING_NOW,
)
from cms_sim.engine.conflicts import day_key, open_hour
from cms_sim.engine.decisions import DETECT, FOLLOW_UP, MEDIATE, RESPITE, SURFACE_HOUR
from cms_sim.engine.draws import place_in_table
from cms_sim.keys import uniform


@bare_kernel
def shift(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Detect, then mediate by urgency."""
    state.count[N_CASES] = 0
    state.count[N_RESOLVED] = 0
    if plan.site.shape[0] == 0:
        return
    _listen(city, plan, rules, course, state, day)
    _by_urgency(state)
    for c in range(state.count[N_CASES]):
        _mediate(city, plan, rules, course, state, state.case[c], day)


@bare_kernel
def _listen(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Go through the open conflicts: drop those that ended, hear of others, list today's cases."""
    w = 0
    while w < state.count[N_WATCHED]:
        row = state.watched[w]
        conflict = state.conflict[row]
        if conflict.outcome != OUTCOME_OPEN or conflict.standing >= STANDING_GOOD:
            state.count[N_WATCHED] -= 1
            state.watched[w] = state.watched[state.count[N_WATCHED]]
            continue
        w += 1
        if conflict.detected == 1 and conflict.follow_up_day > day:
            continue
        if not _some_shift_today(plan, state, conflict, rules.weekday_of[day]):
            continue
        key = day_key(conflict.key, day)
        hour = open_hour(rules, course, key, day, SURFACE_HOUR)
        if conflict.head_day == day and hour > conflict.head_hour:
            continue
        if conflict.detected == 0:
            missed = _chance_missed(city, plan, rules, course, state, conflict, day, hour)
            if missed >= 1.0 or uniform(key, DETECT) < missed:
                continue
            conflict.detected = 1
        _list_case(rules, state, conflict, row, hour)


@bare_kernel
def _some_shift_today(plan, state, conflict, weekday):  # type: ignore[no-untyped-def]
    """Whether any site of the precinct is on duty at some hour of the weekday: otherwise nobody can hear or mediate."""
    precinct = plan.precinct[conflict.slot]
    for s in range(precinct.first_site, precinct.sites_end):
        if state.site[s].open == 1 and plan.shift[state.site[s].shift].some[weekday] == 1:
            return True
    return False


@bare_kernel
def at_work(plan, state, site, place, weekday, hour):  # type: ignore[no-untyped-def]
    """Whether an open site's catchment holds the place and its shift is on at that hour."""
    area, now = plan.site[site], state.site[site]
    return now.open == 1 and area.place_from <= place < area.place_to and plan.shift[now.shift].duty[weekday, hour] == 1


@bare_kernel
def _parties_known(city, plan, state, k, conflict):  # type: ignore[no-untyped-def]
    """How many of the two parties the messenger knows; in another precinct the bit is another messenger's."""
    bit = plan.post[k].bit
    known = 0
    if state.person[conflict.instigator].known & bit:
        known += 1
    if state.person[conflict.opponent].known & bit and city.resident[conflict.opponent].slot == conflict.slot:
        known += 1
    return known


@bare_kernel
def _chance_missed(city, plan, rules, course, state, conflict, day, hour):  # type: ignore[no-untyped-def]
    """Probability that nobody on duty hears of the conflict."""
    missed = 1.0
    precinct = plan.precinct[conflict.slot]
    for s in range(precinct.first_site, precinct.sites_end):
        if not at_work(plan, state, s, conflict.place, rules.weekday_of[day], hour):
            continue
        for k in range(plan.site[s].first_post, plan.site[s].posts_end):
            if state.post[k].filled == 0 or plan.post[k].role > ROLE_OUTREACH:
                continue
            hears = rules.detection * state.post[k].weight
            known = _parties_known(city, plan, state, k, conflict)
            if known == 1:
                hears *= rules.detection_knows_one
            elif known == 2:
                hears *= rules.detection_knows_both
            missed *= 1.0 - hears
    return missed


@bare_kernel
def _list_case(rules, state, conflict, row, hour):  # type: ignore[no-untyped-def]
    """Today's case, with how dangerous it looks to someone who cannot see the future."""
    urgency = 0.0
    if conflict.standing == STANDING_NONE:
        urgency += rules.urgency_unsettled
    if conflict.cause == CAUSE_RETALIATION:
        urgency += rules.urgency_retaliation
    if conflict.relation == RELATION_RIVAL:
        urgency += rules.urgency_rival
    if conflict.cause == CAUSE_CONTAGION:
        urgency += rules.urgency_contagion
    n = state.count[N_CASES]
    state.count[N_CASES] = n + 1
    case = state.case[n]
    case.key = conflict.key
    case.urgency = urgency
    case.row = row
    case.hour = hour


@bare_kernel
def _by_urgency(state):  # type: ignore[no-untyped-def]
    """Order today's cases by urgency, ties by key (an insertion sort: there are few)."""
    for i in range(1, state.count[N_CASES]):
        j = i
        while j > 0 and _more_urgent(state.case[j], state.case[j - 1]):
            _swap(state, j)
            j -= 1


@bare_kernel
def _more_urgent(one, other):  # type: ignore[no-untyped-def]
    if one.urgency != other.urgency:
        return one.urgency > other.urgency
    return one.key < other.key


@bare_kernel
def _swap(state, j):  # type: ignore[no-untyped-def]
    key, urgency, row, hour = state.case[j].key, state.case[j].urgency, state.case[j].row, state.case[j].hour
    before, after = state.case[j - 1], state.case[j]
    after.key, after.urgency, after.row, after.hour = before.key, before.urgency, before.row, before.hour
    before.key, before.urgency, before.row, before.hour = key, urgency, row, hour


@bare_kernel
def _mediator(city, plan, rules, course, state, conflict, day, hour):  # type: ignore[no-untyped-def]
    """The violence interrupter on duty with time left who knows most of the parties, then the one with most weight;
    or NOBODY.
    """
    best, best_known, best_weight = NOBODY, -1, 0.0
    precinct = plan.precinct[conflict.slot]
    for s in range(precinct.first_site, precinct.sites_end):
        if not at_work(plan, state, s, conflict.place, rules.weekday_of[day], hour):
            continue
        for k in range(plan.site[s].first_post, plan.site[s].posts_end):
            here = state.post[k]
            if here.filled == 0 or plan.post[k].role != ROLE_INTERRUPTER or here.busy >= rules.mediations_per_shift:
                continue
            known = _parties_known(city, plan, state, k, conflict)
            if known > best_known or (known == best_known and here.weight > best_weight):
                best, best_known, best_weight = k, known, here.weight
    return best


@bare_kernel
def _mediate(city, plan, rules, course, state, case, day):  # type: ignore[no-untyped-def]
    """One attempt: for good, for now, without result, or worse than before."""
    conflict = state.conflict[case.row]
    k = _mediator(city, plan, rules, course, state, conflict, day, case.hour)
    if k == NOBODY:
        return
    here = state.post[k]
    here.busy += 1
    weight = here.weight
    key = day_key(conflict.key, day)
    again = conflict.standing == STANDING_NOW
    u = uniform(key, FOLLOW_UP if again else MEDIATE)
    conflict.site = plan.post[k].site
    result = 0
    skill = 1.0 - rules.weight_in_mediation * (1.0 - weight)
    if u < rules.settled_for_good * skill:
        result = STANDING_GOOD
    elif not again and u < (rules.settled_for_good + rules.settled_for_now) * skill:
        result = STANDING_NOW
    elif not again and u >= 1.0 - rules.backfire * (1.0 - weight):
        result = STANDING_INFLAMED
    if result != 0:
        conflict.standing = result
    if result == STANDING_NOW:
        conflict.head_day += rules.respite[place_in_table(key, RESPITE)]
    conflict.follow_up_day = day + np.int32(rules.follow_up_days)
    if result == STANDING_GOOD or result == STANDING_NOW:
        state.resolved[state.count[N_RESOLVED]] = case.row
        state.count[N_RESOLVED] += 1
    _log(plan, state, case, k, day, result)


@bare_kernel
def _log(plan, state, case, k, day, result):  # type: ignore[no-untyped-def]
    n = state.count[N_MEDIATIONS]
    if n >= state.mediation.shape[0]:
        state.count[FULL] = 1
        return
    state.count[N_MEDIATIONS] = n + 1
    line = state.mediation[n]
    line.conflict = case.row
    line.post = k
    line.tenure = state.post[k].tenure
    line.day = day
    line.hour = case.hour
    line.result = result
