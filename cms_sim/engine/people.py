"""What a person carries: trauma, norm and trust, fading with time.

A record holds millionths as they stood on `person.day`; reading fades them to today, writing fades them first and
then adds. All writes are sums of whole numbers, so the order in which a day's events are written does not matter.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import N_TOUCHED, UNIT

_WORD = np.uint64(1)
_PLACE = 63
_SHIFT = 6


@bare_kernel
def is_blank(state, resident):  # type: ignore[no-untyped-def]
    """Whether nothing has happened to the resident yet: one bit, so that most people's records need not be read."""
    return (state.mark[resident >> _SHIFT] >> np.uint64(resident & _PLACE)) & _WORD == 0


@bare_kernel
def is_dead(state, resident):  # type: ignore[no-untyped-def]
    """Whether the resident has died."""
    return not is_blank(state, resident) and state.person[resident].dead == 1


@bare_kernel
def touch(state, rules, resident, day):  # type: ignore[no-untyped-def]
    """The resident's record, faded to `day` and marked as different from a blank one."""
    person = state.person[resident]
    if is_blank(state, resident):
        state.mark[resident >> _SHIFT] |= _WORD << np.uint64(resident & _PLACE)
        person.day = day
        state.touched[state.count[N_TOUCHED]] = resident
        state.count[N_TOUCHED] += 1
    gap = day - person.day
    if gap > 0:
        person.trauma = np.int32(person.trauma * rules.fade_trauma[gap])
        person.norm = np.int32(person.norm * rules.fade_norm[gap])
        person.trust = np.int32(person.trust * rules.fade_trust[gap])
        person.day = day
    return person


@bare_kernel
def move(state, rules, resident, day, norm, trust):  # type: ignore[no-untyped-def]
    """Move a person's willingness to use violence and trust in police by so many millionths."""
    person = touch(state, rules, resident, day)
    person.norm += np.int32(norm)
    person.trust += np.int32(trust)


@bare_kernel
def trauma_of(state, rules, resident, day):  # type: ignore[no-untyped-def]
    """Trauma today (0 to 1)."""
    if is_blank(state, resident):
        return 0.0
    person = state.person[resident]
    return min(1.0, person.trauma * rules.fade_trauma[day - person.day] / UNIT)


@bare_kernel
def norm_of(city, state, rules, resident, day):  # type: ignore[no-untyped-def]
    """Willingness to use violence today (0 to 1): the person's own, and what holds in the precinct."""
    own = city.resident[resident]
    shift = np.float64(state.local[own.slot].norm)
    if not is_blank(state, resident):
        person = state.person[resident]
        shift += person.norm * rules.fade_norm[day - person.day]
    return min(1.0, max(0.0, own.norm * 1e-4 + shift / UNIT))


@bare_kernel
def trust_of(city, state, rules, resident, day):  # type: ignore[no-untyped-def]
    """Trust in police today (0 to 1)."""
    own = city.resident[resident]
    shift = np.float64(state.local[own.slot].trust)
    if not is_blank(state, resident):
        person = state.person[resident]
        shift += person.trust * rules.fade_trust[day - person.day]
    return min(1.0, max(0.0, own.trust * 1e-4 + shift / UNIT))


@bare_kernel
def street_row(city, resident):  # type: ignore[no-untyped-def]
    """The resident's row in the street ties, or -1 without street ties."""
    return street_row_in(city, city.resident[resident].slot, resident)


@bare_kernel
def street_row_in(city, slot, resident):  # type: ignore[no-untyped-def]
    """The same where the resident's precinct is known: the record need not be read."""
    precinct = city.precinct[slot]
    local = resident - precinct.first
    return precinct.street_first + local if local < precinct.street else -1
