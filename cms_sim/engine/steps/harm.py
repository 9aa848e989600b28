"""Step 5, Harm: who was hit, who died, and whether a response was called.

The opponent is hit; others are people with the opponent, or bystanders of the precinct. A companion who cannot be hit
(dead, the shooter, hit already) is not drawn again. Victims per incident and deaths follow the city's
record (docs/RECORD.md: 1.19; 16% of victims). Writes harmed, person (injuries, dead), conflict (victims, killed,
responded).
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import FULL, N_HARMED, ROLE_RESPONDER
from cms_sim.engine.decisions import COMPANION, COMPANION_PICK, FATAL, RESPONDED, VICTIM, VICTIMS
from cms_sim.engine.draws import count_from, kin_in_harm, stranger, street_tie
from cms_sim.engine.people import street_row, touch
from cms_sim.keys import mix, uniform

HOSPITAL_RESPONSE = np.uint8(1)
SHOOTING_RESPONSE = np.uint8(2)


@bare_kernel
def harm(city, plan, rules, state, row, day):  # type: ignore[no-untyped-def]
    """Injure and kill, and call those who respond."""
    conflict = state.conflict[row]
    hit = 1 + count_from(rules.victims, uniform(conflict.key, VICTIMS))
    for j in range(hit):
        key = mix(mix(conflict.key, VICTIM), j)
        who = np.int64(conflict.opponent) if j == 0 else _companion(city, rules, conflict, key)
        if who >= 0 and who != conflict.instigator and not _hit_already(state, row, who) and not state.person[who].dead:
            _injure(rules, state, row, who, key, day)
    if _responders(plan, state, conflict.slot) and uniform(conflict.key, RESPONDED) < rules.response_coverage:
        conflict.responded |= HOSPITAL_RESPONSE
    if _in_catchment(plan, state, conflict.slot, conflict.place):
        conflict.responded |= SHOOTING_RESPONSE


@bare_kernel
def _companion(city, rules, conflict, key):  # type: ignore[no-untyped-def]
    """Someone with the opponent, or a bystander."""
    if uniform(key, COMPANION) < rules.companion_share:
        opponent = np.int64(conflict.opponent)
        if street_row(city, opponent) < 0:
            who, _ = kin_in_harm(city, rules, opponent, key, COMPANION_PICK)
        else:
            who = street_tie(city, opponent, key, COMPANION_PICK)
        if who >= 0:
            return who
    return stranger(city, rules, np.int64(conflict.slot), key)


@bare_kernel
def _hit_already(state, row, who):  # type: ignore[no-untyped-def]
    """Whether the resident is among this shooting's victims so far."""
    for j in range(state.conflict[row].victims):
        if state.harmed[state.count[N_HARMED] - 1 - j].resident == who:
            return True
    return False


@bare_kernel
def _injure(rules, state, row, who, key, day):  # type: ignore[no-untyped-def]
    n = state.count[N_HARMED]
    if n >= state.harmed.shape[0]:
        state.count[FULL] = 1
        return
    state.count[N_HARMED] = n + 1
    killed = uniform(key, FATAL) < rules.fatal_chance
    person = touch(state, rules, who, day)
    person.injuries += np.uint8(1)
    if killed:
        person.dead = 1
    conflict = state.conflict[row]
    conflict.victims += np.uint8(1)
    conflict.killed += np.uint8(killed)
    line = state.harmed[n]
    line.conflict = row
    line.resident = who
    line.killed = killed


@bare_kernel
def _responders(plan, state, slot):  # type: ignore[no-untyped-def]
    """Whether a hospital responder's post of the precinct is filled."""
    for k in range(plan.precinct[slot].first_post, plan.precinct[slot].posts_end):
        if plan.post[k].role == ROLE_RESPONDER and state.post[k].filled:
            return True
    return False


@bare_kernel
def _in_catchment(plan, state, slot, place):  # type: ignore[no-untyped-def]
    """Whether an open site covers the place; its staff then hold a shooting response."""
    for s in range(plan.precinct[slot].first_site, plan.precinct[slot].sites_end):
        area = plan.site[s]
        if state.site[s].open and area.place_from <= place < area.place_to:
            return True
    return False
