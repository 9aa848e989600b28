"""What happens at the head of a conflict, and what follows: harm, exposure, and the ripple of norms and trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cms_sim.engine import decisions as of
from tests.reference.conflicts import Conflict
from tests.reference.keys import candidates, count_from, from_table, lineage, uniform
from tests.reference.people import UNIT, Precinct, Resident

if TYPE_CHECKING:
    from tests.reference.model import CityModel

ALL_PLACES = 65536.0
DESCENDANTS_AT_MOST = 16
"""Candidates of either kind placed around a shooting, of which the rules then take up some."""


def head(model: CityModel) -> None:
    """Conflicts due today cool or become a shooting, in the order of hour and key."""
    due = [conflict for conflict in model.open if conflict.head_day == model.day]
    model.open = [conflict for conflict in model.open if conflict.head_day != model.day]
    for conflict in sorted(due, key=lambda conflict: (conflict.head_hour, conflict.key)):
        if conflict.over_without_head:
            conflict.outcome = "cooled"
        elif uniform(conflict.key, of.SHOOT) < conflict.chance_of_shooting():
            conflict.outcome = "shooting"
            model.shootings.append(conflict)
            _harm(model, conflict)
        else:
            mediated = {"for good": "mediated for good", "for now": "mediated for now"}
            conflict.outcome = mediated.get(conflict.standing, "cooled")


def _harm(model: CityModel, conflict: Conflict) -> None:
    """The opponent is hit, sometimes others; some die; those who respond are called."""
    hit = 1 + count_from(model.rules.victims, uniform(conflict.key, of.VICTIMS))
    for j in range(hit):
        key = lineage(conflict.key, of.VICTIM, j)
        who = conflict.opponent if j == 0 else _companion(model, conflict, key)
        if who is None or who is conflict.instigator or who in conflict.victims or who.dead:
            continue
        who.take()
        who.injuries += 1
        conflict.victims.append(who)
        if uniform(key, of.FATAL) < model.rules.fatal_chance:
            who.dead = True
            model.deaths.append((model.day, who))
            conflict.killed.append(who)
    posts = conflict.precinct.posts
    responders = any(post.role == "hospital_responders" and post.messenger is not None for post in posts)
    reached = uniform(conflict.key, of.RESPONDED) < model.rules.response_coverage
    conflict.hospital_response = responders and reached
    conflict.shooting_response = any(site.covers(conflict.place) for site in conflict.precinct.sites)


def _companion(model: CityModel, conflict: Conflict, key: int) -> Resident | None:
    """Somebody with the opponent, or a bystander."""
    if uniform(key, of.COMPANION) < model.rules.companion_share:
        opponent = conflict.opponent
        if opponent.street_ties is None:
            who = opponent.kin_in_harm(key, of.COMPANION_PICK)[0]
        else:
            who = opponent.street_tie(key, of.COMPANION_PICK)
        if who is not None:
            return who
    return conflict.precinct.stranger(key)


def exposure(model: CityModel) -> None:
    """Trauma around shooters and victims, and the conflicts that descend from a shooting."""
    for shooting in model.shootings:
        dose = model.rules.trauma_dose * UNIT
        if shooting.hospital_response:
            dose *= 1.0 - model.rules.response_relief
        for person in [shooting.instigator, *shooting.victims]:
            for exposed in [person, *person.kin, *(person.street_ties or [])]:
                if exposed is not None:
                    exposed.take(trauma=int(dose))
        for lines, follow in ((of.RETALIATIONS, _retaliate), (of.CONTAGIONS, _spread)):
            for key, height in candidates(lineage(shooting.key, lines), model.rules.children, DESCENDANTS_AT_MOST):
                follow(model, shooting, key, height)


def _rises(model: CityModel, height: float, rate: float, head: int) -> bool:
    """Whether a candidate is taken up, given weekday and season of its head."""
    rules = model.rules
    highest: float = rate * rules.weekday[rules.weekday_of[head]] * rules.season[rules.season_month_of[head]]
    return height < highest


def _opens(model: CityModel, key: int, head: int) -> int:
    """The day on which a conflict that comes to a head later opens: tomorrow at the earliest."""
    return max(model.day + 1, head - from_table(model.rules.duration, key, of.DURATION))


def _retaliate(model: CityModel, shooting: Conflict, key: int, height: float) -> None:
    """The victim, or somebody close to the victim, goes after the shooter or somebody of the shooter's crew."""
    rules = model.rules
    head = model.day + from_table(rules.lag_retaliation, key, of.LAG)
    rate = rules.branching_retaliation / (rules.shooting_chance * rules.retaliation_heat)
    if shooting.hospital_response:
        rate *= 1.0 - rules.hospital_response_effect
    if shooting.shooting_response:
        rate *= 1.0 - rules.shooting_response_effect
    if not _rises(model, height, rate, head):
        return
    victim, target = shooting.opponent, shooting.instigator
    taker = victim if uniform(key, of.SOURCE) < rules.victim_retaliates else victim.somebody_close(key)
    if target.crew is not None and uniform(key, of.ROLE) < rules.retaliation_on_crew:
        target = target.crew.member(key, of.AGAINST)
    if taker is not None and target is not None:
        rivals = taker.crew is not None and target.crew is not None and taker.crew is not target.crew
        relation = "rival crew" if rivals else "street tie"
        model.fall_out(key, taker, target, relation, "retaliation", shooting, _opens(model, key, head), head)


def _spread(model: CityModel, shooting: Conflict, key: int, height: float) -> None:
    """Somebody close to victim or shooter is drawn into a later conflict, on either side of it."""
    rules = model.rules
    head = model.day + from_table(rules.lag_contagion, key, of.LAG)
    rate = rules.branching_contagion / rules.shooting_chance
    if not _rises(model, height, rate, head):
        return
    source = shooting.opponent if uniform(key, of.SOURCE) < 0.5 else shooting.instigator
    one = source.somebody_close(key)
    if one is None:
        return
    other, relation = one.opponent(key)
    who, against = (other, one) if uniform(key, of.ROLE) < 0.5 else (one, other)
    model.fall_out(key, who, against, relation, "contagion", shooting, _opens(model, key, head), head)


def ripple(model: CityModel) -> None:
    """Norms and trust move in those touched and, one step weaker, in their street ties."""
    rules = model.rules
    for shooting in model.shootings:
        for victim in shooting.victims:
            _move(model, victim, rules.norm_after_shooting, -rules.trust_after_shooting)
    for conflict in model.resolved:
        for party in (conflict.instigator, conflict.opponent):
            _move(model, party, -rules.norm_after_mediation, rules.trust_after_mediation)
    for precinct in model.precincts:
        _move_everyone(model, precinct)
    for shooting in model.shootings:
        if shooting.shooting_response:
            shooting.precinct.norm_shift -= int(rules.response_norm)


def _move(model: CityModel, who: Resident, norm: float, trust: float) -> None:
    who.take(norm=int(norm), trust=int(trust))
    peers = model.rules.peer_share
    for tie in who.street_ties or []:
        if tie is not None:
            tie.take(norm=int(norm * peers), trust=int(trust * peers))


def _move_everyone(model: CityModel, precinct: Precinct) -> None:
    """What a precinct has in common fades, and moves by public education and patrol."""
    rules = model.rules
    norm, trust = precinct.norm_shift * rules.fade_norm[1], precinct.trust_shift * rules.fade_trust[1]
    for site in precinct.sites:
        if site.open:
            share = len(site.places) / ALL_PLACES * site.fidelity
            norm -= rules.education_norm_per_day * share
            trust += rules.education_trust_per_day * share
    for patrol in precinct.patrols:
        if patrol["from_day"] <= model.day < patrol["until_day"]:
            trust -= rules.patrol_trust_per_day * min(1.0, patrol["officers"] / rules.patrol_officers)
    precinct.norm_shift, precinct.trust_shift = int(norm), int(trust)
