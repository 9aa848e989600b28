"""Step 1, Calendar: others take up the places of people who died; sites open and close, staff leave and are replaced,
late payment empties posts, slots free up.

Reads plan, rules, harmed, conflict. Writes person, site, post.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import N_HARMED, N_TAKEN_UP, NOBODY, ROLE_SUPERVISOR, SERVICES
from cms_sim.engine.decisions import (
    CREDIBILITY,
    FIDELITY,
    FIRST_KNOWN,
    FIRST_KNOWN_ALIAS,
    POST,
    SITE,
    STAY,
    TENURE,
    VACANCY,
    VISIT_DAY,
)
from cms_sim.engine.draws import place_in_table, street_member
from cms_sim.engine.people import touch
from cms_sim.keys import below, mix, uniform


@bare_kernel
def calendar(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Bring people, sites, posts and services to the morning of `day`."""
    _take_up_places(rules, state, day)
    if plan.site.shape[0] == 0:
        return
    _end_enrolments(state, day)
    _read_terms(plan, rules, course, state, day)
    _staff(city, plan, rules, course, state, day)


@bare_kernel
def _take_up_places(rules, state, day):  # type: ignore[no-untyped-def]
    """Somebody of the same ties takes up the place of each person who died `place_taken_up_days` ago, with nothing to
    carry. Without it the people at risk would shrink by what a decade's shootings take, which no record shows.
    """
    while state.count[N_TAKEN_UP] < state.count[N_HARMED]:
        line = state.harmed[state.count[N_TAKEN_UP]]
        if state.conflict[line.conflict].head_day + rules.place_taken_up_days > day:
            return
        if line.killed:
            person = state.person[line.resident]
            person.trauma = 0
            person.norm = 0
            person.trust = 0
            person.day = day
            person.injuries = 0
            person.dead = 0
        state.count[N_TAKEN_UP] += 1


@bare_kernel
def _end_enrolments(state, day):  # type: ignore[no-untyped-def]
    """Services that ran their length free their slot."""
    row = state.day[day].ends
    while row != NOBODY:
        enrolment = state.enrolment[row]
        state.site[enrolment.site].used[enrolment.kind] -= 1
        state.person[enrolment.resident].services &= np.uint8(255 - (1 << enrolment.kind))
        row = enrolment.next


@bare_kernel
def _read_terms(plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """What the plan says of each site from today on."""
    for t in range(plan.term.shape[0]):
        term = plan.term[t]
        site = state.site[term.site]
        if term.until_day == day:
            site.open = 0
            for kind in range(SERVICES):
                site.slots[kind] = 0
        if term.from_day == day:
            site.open = 1
            site.shift = term.shift
            site.delay = term.delay
            for kind in range(SERVICES):
                site.slots[kind] = term.slots[kind]
            if site.opened == NOBODY:
                site.opened = plan.site[term.site].opens
                key = mix(mix(course.key, SITE), plan.site[term.site].key)
                site.fidelity = rules.fidelity_low + (rules.fidelity_high - rules.fidelity_low) * uniform(key, FIDELITY)


@bare_kernel
def _staff(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Each site's posts, then how much its messengers weigh with people today."""
    for s in range(plan.site.shape[0]):
        site = state.site[s]
        site.supervised = 0
        leaving = rules.turnover_per_year / 365.25 * (1.0 + site.delay * 0.01 * rules.late_payment_turnover)
        for k in range(plan.site[s].first_post, plan.site[s].posts_end):
            _morning(city, plan, rules, course, state, k, leaving, day)
            if state.post[k].filled and plan.post[k].role == ROLE_SUPERVISOR:
                site.supervised = 1
        for k in range(plan.site[s].first_post, plan.site[s].posts_end):
            if state.post[k].filled:
                state.post[k].weight = _weight(rules, state.post[k], site, day)


@bare_kernel
def _morning(city, plan, rules, course, state, k, leaving, day):  # type: ignore[no-untyped-def]
    """A post begins and ends with its window; between, messengers leave by a hazard that late payment raises."""
    post = plan.post[k]
    here = state.post[k]
    here.busy = 0
    if post.from_day == day:
        _hire(city, plan, rules, course, state, k, day)
    elif post.until_day == day:
        if here.filled:
            _leave(plan, state, k)
        _end_caseload(state, k)
        here.back = NOBODY
    elif here.filled:
        here.strain += leaving
        if here.strain >= here.limit:
            _leave(plan, state, k)
            here.back = day + 1 + rules.vacancy[place_in_table(here.key, VACANCY)]
    elif here.back == day:
        _hire(city, plan, rules, course, state, k, day)


@bare_kernel
def _weight(rules, here, site, day):  # type: ignore[no-untyped-def]
    """A messenger's weight with people: credibility grown by practice, the site's fidelity, opening and supervision."""
    days, open_days = day - here.hired, day - site.opened + 1
    practice = days / rules.experience_days if days < rules.experience_days else 1.0
    opening = open_days / rules.startup_days if open_days < rules.startup_days else 1.0
    weight = (
        here.credibility * (rules.credibility_new + (1.0 - rules.credibility_new) * practice) * site.fidelity * opening
    )
    return weight if site.supervised else weight * rules.unsupervised


@bare_kernel
def _hire(city, plan, rules, course, state, k, day):  # type: ignore[no-untyped-def]
    """A new messenger, who knows some people of the precinct from the first day."""
    post = plan.post[k]
    here = state.post[k]
    here.tenure += 1
    here.key = mix(mix(mix(mix(course.key, POST), post.key), TENURE), here.tenure)
    here.filled = 1
    here.hired = day
    here.back = NOBODY
    here.strain = 0.0
    here.limit = rules.exponential[place_in_table(here.key, STAY)]
    here.credibility = rules.credibility_low + (rules.credibility_high - rules.credibility_low) * uniform(
        here.key, CREDIBILITY
    )
    here.visit = below(here.key, VISIT_DAY, 7)
    here.known = 0
    for j in range(np.int64(rules.first_acquaintances)):
        who = street_member(city, post.slot, mix(mix(here.key, FIRST_KNOWN), j), FIRST_KNOWN, FIRST_KNOWN_ALIAS)
        if who >= 0 and not state.person[who].dead:
            meet(plan, rules, state, k, who, day)


@bare_kernel
def _leave(plan, state, k):  # type: ignore[no-untyped-def]
    """A messenger goes, and acquaintances are lost to the site; participants stay, and wait for who comes next."""
    here = state.post[k]
    here.filled = 0
    mask = ~plan.post[k].bit
    for j in range(here.known):
        state.person[here.acquaintance[j]].known &= mask
    here.known = 0


@bare_kernel
def _end_caseload(state, k):  # type: ignore[no-untyped-def]
    """The post is given up: nobody is left to visit its participants."""
    here = state.post[k]
    for j in range(here.clients):
        state.person[here.client[j]].client_of = 0
    here.clients = 0


@bare_kernel
def meet(plan, rules, state, k, who, day):  # type: ignore[no-untyped-def]
    """The messenger of post `k` comes to know `who`, while there is room in the circle."""
    bit = plan.post[k].bit
    here = state.post[k]
    if here.known >= rules.circle_limit or state.person[who].known & bit:
        return
    here.acquaintance[here.known] = who
    here.known += 1
    touch(state, rules, who, day).known |= bit
