"""Draws from tables: counts, table places, members of a precinct, ties."""

from __future__ import annotations

import numpy as np

from cms_sim.city.arrays import MALE
from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import NOBODY, RELATION_KIN, RELATION_RIVAL, RELATION_STRANGER, RELATION_STREET
from cms_sim.engine.decisions import (
    INSTIGATOR_ALIAS,
    INSTIGATOR_LAYER,
    INSTIGATOR_PICK,
    KIN_KEPT,
    OPPONENT_PICK,
    RELATION,
    RIVAL_CREW,
    STRANGER_ALIAS,
    STRANGER_LAYER,
    STRANGER_PICK,
)
from cms_sim.engine.people import street_row
from cms_sim.keys import below, mix, uniform

_TOP_12 = np.uint64(52)


@bare_kernel
def place_in_table(key, decision):  # type: ignore[no-untyped-def]
    """The top 12 bits of a draw: an index into a table of 4096 quantiles."""
    return np.int64(mix(key, decision) >> _TOP_12)


@bare_kernel
def count_from(cumulative, u):  # type: ignore[no-untyped-def]
    """How many of the increasing cumulative probabilities lie at or below `u`."""
    count = 0
    while count < cumulative.shape[0] and cumulative[count] <= u:
        count += 1
    return count


@bare_kernel
def street_member(city, slot, key, pick, alias):  # type: ignore[no-untyped-def]
    """A resident with street ties, drawn by propensity (Walker's alias method); NOBODY where there are none."""
    precinct = city.precinct[slot]
    if precinct.street == 0:
        return NOBODY
    local = below(key, pick, precinct.street)
    row = precinct.street_first + local
    if uniform(key, alias) >= city.propensity[row].chance:
        local = np.int64(city.propensity[row].otherwise)
    return precinct.first + local


@bare_kernel
def other_resident(city, slot, key, layer, pick):  # type: ignore[no-untyped-def]
    """A resident without street ties, drawn by sex and age band in proportion to victims of that class."""
    chosen = count_from(city.class_weight[slot], uniform(key, layer))
    if chosen >= city.class_weight.shape[1]:
        return NOBODY
    start = city.class_start[slot, chosen]
    size = city.class_start[slot, chosen + 1] - start
    if size <= 0:
        return NOBODY
    return city.precinct[slot].first + start + below(key, pick, size)


@bare_kernel
def instigator(city, rules, slot, key):  # type: ignore[no-untyped-def]
    """Who starts a background conflict in a precinct: a fixed law, whatever the state of the city."""
    u = uniform(key, INSTIGATOR_LAYER)
    share = rules.street_instigator_share
    if u < share:
        return street_member(city, slot, key, INSTIGATOR_PICK, INSTIGATOR_ALIAS)
    return other_resident(city, slot, key, INSTIGATOR_ALIAS, INSTIGATOR_PICK)


@bare_kernel
def stranger(city, rules, slot, key):  # type: ignore[no-untyped-def]
    """A stranger of the same precinct."""
    if uniform(key, STRANGER_LAYER) < rules.street_stranger_share:
        return street_member(city, slot, key, STRANGER_PICK, STRANGER_ALIAS)
    return other_resident(city, slot, key, STRANGER_ALIAS, STRANGER_PICK)


@bare_kernel
def street_tie(city, resident, key, pick):  # type: ignore[no-untyped-def]
    """A street tie of the resident; NOBODY without one, or when the tie leads out of play."""
    return tie_of_row(city, street_row(city, resident), key, pick)


@bare_kernel
def tie_of_row(city, row, key, pick):  # type: ignore[no-untyped-def]
    """One of the ties of a street row; NOBODY without a row, without a tie, or when the tie leads out of play."""
    if row < 0:
        return NOBODY
    start = city.street_start[row]
    ties = city.street_start[row + 1] - start
    if ties == 0:
        return NOBODY
    return np.int64(city.street_tie[start + below(key, pick, ties)])


@bare_kernel
def crew_mate(city, crew, key, pick):  # type: ignore[no-untyped-def]
    """A member of a crew."""
    return np.int64(city.crew[crew].first) + below(key, pick, city.crew[crew].size)


@bare_kernel
def kin_tie(city, resident, key, pick):  # type: ignore[no-untyped-def]
    """A relative or friend; NOBODY in a precinct too small to have them all."""
    return np.int64(city.kin[resident, below(key, pick, city.kin.shape[1])])


@bare_kernel
def kin_in_harm(city, rules, resident, key, pick):  # type: ignore[no-untyped-def]
    """Kin or a friend who may be shot: women seldom are, whoever their relatives are; otherwise a stranger."""
    who = kin_tie(city, resident, key, pick)
    if who >= 0 and (city.resident[who].sex == MALE or uniform(key, KIN_KEPT) < rules.kin_woman_kept):
        return who, RELATION_KIN
    return stranger(city, rules, city.resident[resident].slot, key), RELATION_STRANGER


@bare_kernel
def opponent(city, rules, resident, key):  # type: ignore[no-untyped-def]
    """Over whom a person falls out, and what they are to each other: (resident or NOBODY, relation).

    Rival crew, street tie, kin or friend, stranger of the same precinct, in fixed shares; who has no rival falls out
    with a street tie, who has no street tie in play, or no kin who may be shot, with a stranger.
    """
    own = city.resident[resident]
    u = uniform(key, RELATION)
    if street_row(city, resident) < 0:
        if u < rules.kin_share_off_street:
            return kin_in_harm(city, rules, resident, key, OPPONENT_PICK)
        return stranger(city, rules, own.slot, key), RELATION_STRANGER
    if u < rules.rival_share and own.crew >= 0:
        start = city.rival_start[own.crew]
        rivals = city.rival_start[own.crew + 1] - start
        if rivals > 0:
            crew = city.rival[start + below(key, RIVAL_CREW, rivals)]
            return crew_mate(city, crew, key, OPPONENT_PICK), RELATION_RIVAL
    if u < rules.rival_share + rules.street_tie_share:
        tie = street_tie(city, resident, key, OPPONENT_PICK)
        if tie >= 0:
            return tie, RELATION_STREET
    elif u < rules.rival_share + rules.street_tie_share + rules.kin_share:
        return kin_in_harm(city, rules, resident, key, OPPONENT_PICK)
    return stranger(city, rules, own.slot, key), RELATION_STRANGER
