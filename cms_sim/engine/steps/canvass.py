"""Step 3, the other half: canvassing and the caseload.

Ties grow along the network from the people a messenger knows (T5 contacts a month); outreach workers take on
participants (3.3 new a month and site, up to 15 each, about a year: Picard-Fritsche & Cerniglia 2013), visit them
weekly, move norms, one step weaker among their street ties (T3-012, T3-013), and refer to services with a free slot.
Reads city ties, plan, site, post. Writes post, person, site, enrolment, day.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import FULL, N_ENROLMENTS, NOBODY, ROLE_OUTREACH, SCHOOL, SERVICES
from cms_sim.engine.conflicts import day_key
from cms_sim.engine.decisions import (
    CLIENT,
    CONTACT,
    CONTACT_OF,
    CONTACT_TIE,
    RECRUIT,
    RECRUIT_PICK,
    RECRUIT_STAY,
    REFER,
)
from cms_sim.engine.draws import crew_mate, kin_tie, place_in_table, tie_of_row
from cms_sim.engine.people import is_dead, move, street_row, street_row_in, touch
from cms_sim.engine.steps.calendar import meet
from cms_sim.keys import below, mix, uniform

PEER_WEEKS = 4
"""Street ties of participants take their share every fourth week, four weeks' worth at once: a step of the
calculation, which spares three of four writes, not of behaviour."""


@bare_kernel
def canvass(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """A day on the street for every messenger whose shift begins today: contacts, then the caseload."""
    weekday = rules.weekday_of[day]
    n = 0
    for s in range(plan.site.shape[0]):
        shift = plan.shift[state.site[s].shift]
        if state.site[s].open and shift.begins[weekday]:
            for k in range(plan.site[s].first_post, plan.site[s].posts_end):
                if state.post[k].filled and plan.post[k].role <= ROLE_OUTREACH:
                    n = _seek_contact(rules, state, k, day, n)
    _make_contacts(city, plan, rules, state, n, day)
    for s in range(plan.site.shape[0]):
        shift = plan.shift[state.site[s].shift]
        if state.site[s].open and shift.begins[weekday]:
            for k in range(plan.site[s].first_post, plan.site[s].posts_end):
                if state.post[k].filled and plan.post[k].role == ROLE_OUTREACH:
                    _tend(city, plan, rules, course, state, k, shift, day)


@bare_kernel
def _seek_contact(rules, state, k, day, n):  # type: ignore[no-untyped-def]
    """Perhaps seek an introduction through somebody known; noted in place `n`, returns the next place."""
    here = state.post[k]
    if here.known == 0 or here.known >= rules.circle_limit:
        return n
    key = day_key(here.key, day)
    if uniform(key, CONTACT) >= rules.contacts_per_day:
        return n
    state.contact[n].key = key
    state.contact[n].post = k
    state.contact[n].who = here.acquaintance[below(key, CONTACT_OF, here.known)]
    return n + 1


@bare_kernel
def _make_contacts(city, plan, rules, state, n, day):  # type: ignore[no-untyped-def]
    """Whom today's introductions lead to, then the meetings: in two passes, since memory then answers several at a
    time.
    """
    for i in range(n):
        contact = state.contact[i]
        contact.who = _introduced(city, plan, rules, state, contact)
    for i in range(n):
        who, k = np.int64(state.contact[i].who), np.int64(state.contact[i].post)
        if _lives_in(city, plan.post[k].slot, who) and not is_dead(state, who):
            meet(plan, rules, state, k, who, day)


@bare_kernel
def _introduced(city, plan, rules, state, contact):  # type: ignore[no-untyped-def]
    """Somebody close to a living acquaintance: a crew mate, a street tie, or kin; or NOBODY."""
    through, key = np.int64(contact.who), contact.key
    if is_dead(state, through):
        return NOBODY
    row = street_row_in(city, plan.post[contact.post].slot, through)
    if row < 0:
        return kin_tie(city, through, key, CONTACT_TIE)
    by_crew = uniform(key, CONTACT) < rules.contacts_through_crew * rules.contacts_per_day
    if by_crew and city.resident[through].crew >= 0:
        return crew_mate(city, city.resident[through].crew, key, CONTACT_TIE)
    return tie_of_row(city, row, key, CONTACT_TIE)


@bare_kernel
def _tend(city, plan, rules, course, state, k, shift, day):  # type: ignore[no-untyped-def]
    """An outreach worker's day: perhaps a new participant, and once a week everyone of the caseload."""
    key = day_key(state.post[k].key, day)
    if uniform(key, RECRUIT) < rules.recruits_per_day:
        _recruit(city, plan, rules, state, k, key, day)
    if shift.visits[state.post[k].visit, rules.weekday_of[day]]:
        _visit_clients(city, plan, rules, course, state, k, day)


@bare_kernel
def _lives_in(city, slot, who):  # type: ignore[no-untyped-def]
    """Whether the resident (or NOBODY) lives in the precinct: by index, so that the record need not be read."""
    first = city.precinct[slot].first
    return first <= who < first + city.precinct[slot].residents


@bare_kernel
def _recruit(city, plan, rules, state, k, key, day):  # type: ignore[no-untyped-def]
    """Offer a place in the caseload to somebody known, of the ages that the programme serves and with street ties."""
    here = state.post[k]
    if here.known == 0 or here.clients >= rules.caseload_limit:
        return
    who = np.int64(here.acquaintance[below(key, RECRUIT_PICK, here.known)])
    age = city.resident[who].age
    person = state.person[who]
    if person.dead or person.client_of != 0 or street_row(city, who) < 0:
        return
    if age < rules.client_age_from or age > rules.client_age_to:
        return
    person.client_of = k + 1
    here.client[here.clients] = who
    here.client_until[here.clients] = day + rules.client_stay[place_in_table(key, RECRUIT_STAY)]
    here.clients += 1
    state.site[plan.post[k].site].recruits += 1


@bare_kernel
def _visit_clients(city, plan, rules, course, state, k, day):  # type: ignore[no-untyped-def]
    """The week's visit to each participant; those who died or whose time is over leave the caseload."""
    here = state.post[k]
    j = 0
    while j < here.clients:
        who = np.int64(here.client[j])
        if state.person[who].dead or here.client_until[j] <= day:
            state.person[who].client_of = 0
            here.clients -= 1
            here.client[j] = here.client[here.clients]
            here.client_until[j] = here.client_until[here.clients]
        else:
            _visit(city, plan, rules, course, state, k, who, day)
            j += 1


@bare_kernel
def _visit(city, plan, rules, course, state, k, who, day):  # type: ignore[no-untyped-def]
    """One visit: norm and trust move in the participant, the norm one step weaker in street ties; then referral."""
    meet(plan, rules, state, k, who, day)  # who was left by an earlier messenger is new to this one
    weight = state.post[k].weight
    step = np.int64(rules.client_norm_per_week * weight)
    move(state, rules, who, day, -step, np.int64(rules.client_trust_per_week * weight))
    if day // 7 % PEER_WEEKS == 0:
        peer_step = np.int64(PEER_WEEKS * step * rules.peer_share)
        row = street_row(city, who)
        for t in range(city.street_start[row], city.street_start[row + 1]):
            if city.street_tie[t] >= 0:
                move(state, rules, np.int64(city.street_tie[t]), day, -peer_step, 0)
    _refer(city, rules, course, state, plan.post[k].site, who, day)


@bare_kernel
def _refer(city, rules, course, state, site, who, day):  # type: ignore[no-untyped-def]
    """Referral to each kind of service with a free slot that the participant does not use yet."""
    kinds = _kinds_open(city, rules, state, site, who)
    if kinds == 0:
        return
    own = city.precinct[city.resident[who].slot]
    key = day_key(mix(mix(mix(course.key, CLIENT), own.number), who - own.first), day)
    for kind in range(SERVICES):
        if kinds & (1 << kind) and uniform(key, REFER + kind) < rules.referral_per_week:
            _enrol(rules, state, site, kind, who, day)


@bare_kernel
def _kinds_open(city, rules, state, site, who):  # type: ignore[no-untyped-def]
    """Kinds of service (bits) with a free slot at the site that the participant may use and does not use yet."""
    offered = state.site[site]
    kinds = 0
    for kind in range(SERVICES):
        if offered.used[kind] < offered.slots[kind]:
            kinds |= 1 << kind
    if city.resident[who].age > rules.school_age_to:
        kinds &= ~(1 << SCHOOL)
    return kinds & ~np.int64(state.person[who].services)


@bare_kernel
def _enrol(rules, state, site, kind, who, day):  # type: ignore[no-untyped-def]
    """Take a slot until the service has run its length."""
    n = state.count[N_ENROLMENTS]
    if n >= state.enrolment.shape[0]:
        state.count[FULL] = 1
        return
    state.count[N_ENROLMENTS] = n + 1
    line = state.enrolment[n]
    line.resident = who
    line.site = site
    line.kind = kind
    line.from_day = day
    line.until_day = day + rules.service_days[kind]
    line.next = NOBODY
    if line.until_day < state.day.shape[0]:
        line.next = state.day[line.until_day].ends
        state.day[line.until_day].ends = n
    state.site[site].used[kind] += 1
    touch(state, rules, who, day).services |= np.uint8(1 << kind)
