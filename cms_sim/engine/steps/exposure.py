"""Step 6, Exposure: what a shooting does to those around it, and the conflicts that descend from it.

Ties of victims and shooter carry trauma. Some take up a retaliation (crew ties, days to weeks) or are drawn into a
later conflict (social ties, months: T3-003 to T3-005), as instigator or as opponent. Candidates of each kind come as a
Poisson number and are thinned, so that the branching ratio is a parameter and closed forms exist. A public response to
the shooting lowers the uptake of retaliation (T3-020, T3-021), a hospital response that and trauma. Reads shooting,
city ties. Writes person.trauma, conflict (new rows), day.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import (
    CAUSE_CONTAGION,
    CAUSE_RETALIATION,
    N_HARMED,
    N_SHOOTINGS,
    RELATION_RIVAL,
    RELATION_STREET,
    UNIT,
)
from cms_sim.engine.candidates import candidate_key, candidates_in, height_in, layer_of
from cms_sim.engine.conflicts import new_conflict
from cms_sim.engine.decisions import (
    AGAINST,
    CONTAGIONS,
    DURATION,
    LAG,
    RETALIATIONS,
    ROLE,
    ROUTE,
    SOURCE,
    TIE,
)
from cms_sim.engine.draws import crew_mate, kin_tie, opponent, place_in_table, street_tie
from cms_sim.engine.people import is_dead, street_row, touch
from cms_sim.engine.steps.harm import HOSPITAL_RESPONSE, SHOOTING_RESPONSE
from cms_sim.keys import mix, uniform


@bare_kernel
def exposure(city, rules, course, state, day):  # type: ignore[no-untyped-def]
    """Spread the harm of today's shootings; the harmed of today are the last rows of that log."""
    n = state.count[N_SHOOTINGS]
    if n == 0:
        return
    for s in range(n):
        row = np.int64(state.shooting[s])
        _burden(city, rules, state, np.int64(state.conflict[row].instigator), row, day)
        _descend(city, rules, course, state, row, day)
    for h in range(first_harmed_today(state), state.count[N_HARMED]):
        _burden(city, rules, state, np.int64(state.harmed[h].resident), np.int64(state.harmed[h].conflict), day)


@bare_kernel
def first_harmed_today(state):  # type: ignore[no-untyped-def]
    """Where today's part of the harmed log begins."""
    total = 0
    for s in range(state.count[N_SHOOTINGS]):
        total += state.conflict[state.shooting[s]].victims
    return state.count[N_HARMED] - total


@bare_kernel
def _burden(city, rules, state, who, row, day):  # type: ignore[no-untyped-def]
    """Trauma for the person and the people around."""
    dose = rules.trauma_dose * UNIT
    if state.conflict[row].responded & HOSPITAL_RESPONSE:
        dose *= 1.0 - rules.response_relief
    step = np.int32(dose)
    touch(state, rules, who, day).trauma += step
    for j in range(city.kin.shape[1]):
        if city.kin[who, j] >= 0:
            touch(state, rules, np.int64(city.kin[who, j]), day).trauma += step
    line = street_row(city, who)
    if line >= 0:
        for t in range(city.street_start[line], city.street_start[line + 1]):
            if city.street_tie[t] >= 0:
                touch(state, rules, np.int64(city.street_tie[t]), day).trauma += step


@bare_kernel
def _descend(city, rules, course, state, row, day):  # type: ignore[no-untyped-def]
    """Place the candidate descendants of one shooting and thin them: conflicts, each of which becomes a shooting with
    the chance of its kind, so that the expected number of shootings is the branching ratio.
    """
    parent_key = state.conflict[row].key
    rate = rules.branching_retaliation / (rules.shooting_chance * rules.retaliation_heat)
    layer = 0
    while layer < rate * rules.profile_peak:
        key = layer_of(mix(parent_key, RETALIATIONS), layer)
        for i in range(candidates_in(key, rules.children)):
            _retaliate(city, rules, course, state, row, candidate_key(key, i), rate, height_in(key, layer, i), day)
        layer += 1
    rate = rules.branching_contagion / rules.shooting_chance
    layer = 0
    while layer < rate * rules.profile_peak:
        key = layer_of(mix(parent_key, CONTAGIONS), layer)
        for i in range(candidates_in(key, rules.children)):
            _spread(city, rules, course, state, row, candidate_key(key, i), rate, height_in(key, layer, i), day)
        layer += 1


@bare_kernel
def _rises(rules, height, rate, head):  # type: ignore[no-untyped-def]
    """Whether a candidate of that height is taken up at `rate`, given the weekday and season of its head."""
    return height < rate * rules.weekday[rules.weekday_of[head]] * rules.season[rules.season_month_of[head]]


@bare_kernel
def _retaliate(city, rules, course, state, row, key, rate, height, day):  # type: ignore[no-untyped-def]
    """The victim, or someone of the victim's crew or street ties, goes after the shooter or the shooter's crew."""
    parent = state.conflict[row]
    head = day + rules.lag_retaliation[place_in_table(key, LAG)]
    if parent.responded & HOSPITAL_RESPONSE:
        rate *= 1.0 - rules.hospital_response_effect
    if parent.responded & SHOOTING_RESPONSE:
        rate *= 1.0 - rules.shooting_response_effect
    if not _rises(rules, height, rate, head):
        return
    victim = np.int64(parent.opponent)
    taker = victim if uniform(key, SOURCE) < rules.victim_retaliates else _near(city, rules, victim, key)
    target = np.int64(parent.instigator)
    crew = city.resident[target].crew
    if crew >= 0 and uniform(key, ROLE) < rules.retaliation_on_crew:
        target = crew_mate(city, crew, key, AGAINST)
    if taker >= 0 and target >= 0:
        relation = _between(city, taker, target)
        _schedule(city, rules, course, state, key, taker, target, relation, CAUSE_RETALIATION, row, day, head)


@bare_kernel
def _between(city, one, other):  # type: ignore[no-untyped-def]
    """What two people are to each other in a retaliation: of two crews, or else people of the street."""
    crew, others = city.resident[one].crew, city.resident[other].crew
    return RELATION_RIVAL if crew >= 0 and others >= 0 and crew != others else RELATION_STREET


@bare_kernel
def _spread(city, rules, course, state, row, key, rate, height, day):  # type: ignore[no-untyped-def]
    """Someone around the victim or the shooter is drawn into a later conflict, as instigator or as opponent."""
    parent = state.conflict[row]
    head = day + rules.lag_contagion[place_in_table(key, LAG)]
    if not _rises(rules, height, rate, head):
        return
    source = np.int64(parent.opponent) if uniform(key, SOURCE) < 0.5 else np.int64(parent.instigator)
    drawn_in = _near(city, rules, source, key)
    if drawn_in < 0:
        return
    other, relation = opponent(city, rules, drawn_in, key)
    if uniform(key, ROLE) < 0.5:
        drawn_in, other = other, drawn_in
    _schedule(city, rules, course, state, key, drawn_in, other, relation, CAUSE_CONTAGION, row, day, head)


@bare_kernel
def _near(city, rules, who, key):  # type: ignore[no-untyped-def]
    """Someone close: crew mate or street tie for those with street ties, kin or friend otherwise; NOBODY if out of
    play.
    """
    if street_row(city, who) < 0:
        return kin_tie(city, who, key, TIE)
    crew = city.resident[who].crew
    if crew >= 0 and uniform(key, ROUTE) < rules.crew_route:
        return crew_mate(city, crew, key, TIE)
    return street_tie(city, who, key, TIE)


@bare_kernel
def _schedule(city, rules, course, state, key, who, against, relation, cause, row, day, head):  # type: ignore[no-untyped-def]
    """File the conflict under the day it opens, tomorrow at the earliest."""
    if who < 0 or against < 0 or who == against or is_dead(state, who) or is_dead(state, against):
        return
    opens = max(day + 1, head - rules.duration[place_in_table(key, DURATION)])
    if opens < state.day.shape[0]:
        new_conflict(city, rules, course, state, key, who, against, relation, cause, row, opens, head)
