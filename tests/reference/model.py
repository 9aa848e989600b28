"""The city as a Mesa model: one step is one day, in the order of the rules.

Every resident and every messenger is an agent, and every resident is stepped every day. Nothing here is fast.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from cms_sim.city.arrays import City
from cms_sim.engine import decisions as of
from cms_sim.engine.arrays import ROLE_NAMES, Course, Plan, Rules
from tests.reference.city import settle
from tests.reference.conflicts import Conflict
from tests.reference.keys import count_from, from_table, lineage, uniform
from tests.reference.messengers import SERVICES, Messenger, Post, Site
from tests.reference.people import UNIT, Precinct, Resident

ALL_PLACES = 65536.0
DESCENDANTS_AT_MOST = 32.0
"""Candidate conflicts placed around a shooting, of which the rules then take up some."""
RETALIATIONS_AT_MOST = 0.3
"""The part of them that are retaliations."""


class CityModel(mesa.Model):
    """The city under one plan."""

    def __init__(self, city: City, rules: Rules, course: Course, plan: Plan, begins: int, until: int) -> None:
        super().__init__(rng=0)  # every draw is keyed: the generator of the model is never asked
        self.rules = SimpleNamespace(**{name: rules[name].tolist() for name in rules.dtype.names})
        self.course = SimpleNamespace(**{name: course[name].tolist() for name in course.dtype.names})
        self.key: int = self.course.key
        self.day = begins
        self.horizon = until
        self.precincts = settle(self, city)
        self.sites = self._sites(plan)
        self.posts = self._posts(plan)
        self.conflicts: list[Conflict] = []
        self.open: list[Conflict] = []
        self.opening: dict[int, list[Conflict]] = {}
        self.shootings: list[Conflict] = []  # of the day
        self.resolved: list[Conflict] = []  # mediations of the day
        self.mediations: list[tuple[Any, ...]] = []
        self.enrolments: list[tuple[Site, int, Resident, int, int]] = []
        self.books: dict[tuple[int, int], tuple[int, ...]] = {}

    def _sites(self, plan: Plan) -> list[Site]:
        sites = []
        for record in plan.site:
            site = Site(self, self.precincts[record["slot"]], _facts(record))
            site.precinct.sites.append(site)
            sites.append(site)
        for record in plan.term:
            sites[record["site"]].terms.append(_facts(record) | {"shift": _facts(plan.shift[record["shift"]])})
        for record in plan.patrol:
            patrol = _facts(record) | {"shift": _facts(plan.shift[record["shift"]])}
            self.precincts[record["slot"]].patrols.append(patrol)
        return sites

    def _posts(self, plan: Plan) -> list[Post]:
        posts = []
        for record in plan.post:
            post = Post(self, self.sites[record["site"]], _facts(record) | {"role": ROLE_NAMES[record["role"]]})
            post.site.precinct.posts.append(post)
            posts.append(post)
        return posts

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return int(self.rules.weekday_of[self.day])

    def hour_of(self, key: int, day: int, decision: int) -> int:
        """An hour by the profile of the weekday."""
        return from_table(self.rules.hour[self.rules.weekday_of[day]], key, decision)

    def run(self) -> None:
        """Live every day up to the horizon."""
        while self.day < self.horizon:
            self.step()

    def step(self) -> None:
        """One day."""
        self.agents_by_type[Resident].do("step")
        self.shootings, self.resolved = [], []
        self.calendar()
        self.ignition()
        self.shift()
        self.canvass()
        self.head()
        self.exposure()
        self.ripple()
        self.record()
        self.day += 1

    def calendar(self) -> None:
        """Services end, sites open and close, staff come and go."""
        for site, kind, who, _, until in self.enrolments:
            if until == self.day:
                site.in_use[kind] -= 1
                who.services.discard(kind)
        for site in self.sites:
            site.morning()
        for post in self.posts:
            post.morning()
        leads = {post.site for post in self.posts if post.role == "supervisors" and post.messenger is not None}
        for site in self.sites:
            site.supervised = site in leads
        for messenger in self.agents_by_type.get(Messenger, []):
            messenger.weigh()

    def enrol(self, site: Site, kind: int, who: Resident) -> None:
        """A place in a service, until it has run its length."""
        self.enrolments.append((site, kind, who, self.day, self.day + self.rules.service_days[kind]))
        site.in_use[kind] += 1
        who.services.add(kind)
        who.take()

    def ignition(self) -> None:
        """Background conflicts arise; those scheduled earlier open."""
        for slot, precinct in enumerate(self.precincts):
            course = self.course
            self._arise(precinct, "background", course.counts[slot], course.bound[slot], course.level[slot])
            if course.import_bound[slot] > 0.0:
                self._arise(
                    precinct, "imported", course.import_counts[slot], course.import_bound[slot], course.imported[slot]
                )
        for conflict in self.opening.pop(self.day, []):
            if conflict.over_without_head:
                conflict.outcome = "cooled"
            else:
                self.open.append(conflict)

    def _arise(self, precinct: Precinct, cause: str, counts: list[float], bound: float, level: list[float]) -> None:
        """Candidates come at a bound and are accepted against the rate of the day on which they come to a head."""
        origin = {"background": of.BACKGROUND, "imported": of.IMPORTED}[cause]
        stream = lineage(self.key, origin, precinct.number, self.day)
        for i in range(count_from(counts, uniform(stream, of.COUNT))):
            key = lineage(stream, of.EACH, i)
            head = self.day + from_table(self.rules.duration, key, of.DURATION)
            rate = level[self.rules.month_of[head]] * self.rules.weekday[self.rules.weekday_of[head]]
            if uniform(key, of.IGNITE) * bound >= rate:
                continue
            who = precinct.instigator(key)
            if who is None or who.dead:
                continue
            against, relation = who.opponent(key)
            self._fall_out(key, who, against, relation, cause, None, self.day, head)

    def _fall_out(
        self,
        key: int,
        who: Resident | None,
        against: Resident | None,
        relation: str,
        cause: str,
        parent: Conflict | None,
        opens: int,
        head: int,
    ) -> None:
        """A conflict, if there are two different people alive for it."""
        if who is None or against is None or who is against or who.dead or against.dead or opens >= self.horizon:
            return
        conflict = Conflict(self, key, (who, against), relation, cause, parent, opens, head)
        self.conflicts.append(conflict)
        self.opening.setdefault(opens, []).append(conflict)

    def shift(self) -> None:
        """Messengers on duty hear of conflicts and mediate, what looks most dangerous first."""
        cases = [(conflict, hour) for conflict in self.open if (hour := self._surfaces(conflict)) is not None]
        for conflict, hour in sorted(cases, key=lambda case: (-case[0].danger, case[0].key)):
            messenger = self._mediator(conflict, hour)
            if messenger is not None:
                result = messenger.mediate(conflict)
                if result in ("for good", "for now"):
                    self.resolved.append(conflict)
                self.mediations.append((conflict.key, messenger.post.key, messenger.tenure, self.day, hour, result))

    def _surfaces(self, conflict: Conflict) -> int | None:
        """The hour at which today's staff could mediate the conflict; None when they do not hear of it or need not."""
        if conflict.standing in ("for good", "inflamed"):
            return None
        key = conflict.key_of_day()
        hour = self.hour_of(key, self.day, of.SURFACE_HOUR)
        if conflict.head_day == self.day and hour > conflict.head_hour:
            return None
        if not conflict.detected:
            missed = 1.0
            for messenger in self._on_duty(conflict, hour):
                if messenger.post.role in ("violence_interrupters", "outreach_workers"):
                    missed *= 1.0 - messenger.chance_to_hear(conflict)
            conflict.detected = uniform(key, of.DETECT) >= missed
        return hour if conflict.detected and conflict.follow_up_day <= self.day else None

    def _on_duty(self, conflict: Conflict, hour: int) -> list[Messenger]:
        """Who works at that place and hour, in the order of posts."""
        staff = [post.messenger for post in conflict.precinct.posts if post.messenger is not None]
        return [m for m in staff if m.on_duty(hour) and m.site.covers(conflict.place)]

    def _mediator(self, conflict: Conflict, hour: int) -> Messenger | None:
        """The interrupter with time left who knows most of the parties, then the one with most weight."""
        free = [
            messenger
            for messenger in self._on_duty(conflict, hour)
            if messenger.post.role == "violence_interrupters"
            and messenger.mediations_today < self.rules.mediations_per_shift
        ]
        return max(free, key=lambda messenger: (messenger.parties_known(conflict), messenger.weight), default=None)

    def canvass(self) -> None:
        """Messengers' day on the street; who comes first gets the last free place."""
        for post in self.posts:
            if post.messenger is not None and post.role in ("violence_interrupters", "outreach_workers"):
                post.messenger.step()

    def head(self) -> None:
        """Conflicts due today cool or become a shooting, in the order of hour and key."""
        due = [conflict for conflict in self.open if conflict.head_day == self.day]
        self.open = [conflict for conflict in self.open if conflict.head_day != self.day]
        for conflict in sorted(due, key=lambda conflict: (conflict.head_hour, conflict.key)):
            if conflict.over_without_head:
                conflict.outcome = "cooled"
            elif uniform(conflict.key, of.SHOOT) < conflict.chance_of_shooting():
                conflict.outcome = "shooting"
                self.shootings.append(conflict)
                self._harm(conflict)
            else:
                mediated = {"for good": "mediated for good", "for now": "mediated for now"}
                conflict.outcome = mediated.get(conflict.standing, "cooled")

    def _harm(self, conflict: Conflict) -> None:
        """The opponent is hit, sometimes others; some die; those who respond are called."""
        hit = 1 + count_from(self.rules.victims, uniform(conflict.key, of.VICTIMS))
        for j in range(hit):
            key = lineage(conflict.key, of.VICTIM, j)
            who = conflict.opponent if j == 0 else self._companion(conflict, key)
            if who is None or who is conflict.instigator or who in conflict.victims or who.dead:
                continue
            who.take()
            who.injuries += 1
            conflict.victims.append(who)
            if uniform(key, of.FATAL) < self.rules.fatal_chance:
                who.dead = True
                conflict.killed.append(who)
        posts = conflict.precinct.posts
        responders = any(post.role == "hospital_responders" and post.messenger is not None for post in posts)
        reached = uniform(conflict.key, of.RESPONDED) < self.rules.response_coverage
        conflict.hospital_response = responders and reached
        conflict.shooting_response = any(site.covers(conflict.place) for site in conflict.precinct.sites)

    def _companion(self, conflict: Conflict, key: int) -> Resident | None:
        """Somebody with the opponent, or a bystander."""
        if uniform(key, of.COMPANION) < self.rules.companion_share:
            return conflict.opponent.companion(key, of.COMPANION_PICK)
        return conflict.precinct.stranger(key)

    def exposure(self) -> None:
        """Trauma around shooters and victims, and the conflicts that descend from a shooting."""
        for shooting in self.shootings:
            dose = self.rules.trauma_dose * UNIT
            if shooting.hospital_response:
                dose *= 1.0 - self.rules.response_relief
            for person in [shooting.instigator, *shooting.victims]:
                for exposed in [person, *person.kin, *(person.street_ties or [])]:
                    if exposed is not None:
                        exposed.take(trauma=int(dose))
            candidates = count_from(self.rules.children, uniform(shooting.key, of.DESCENDANTS))
            for j in range(candidates):
                key = lineage(shooting.key, of.DESCENDANT, j)
                if uniform(key, of.KIND) < RETALIATIONS_AT_MOST:
                    self._retaliate(shooting, key)
                else:
                    self._spread(shooting, key)

    def _taken_up(self, key: int, rate: float, head: int) -> bool:
        """Whether a candidate is taken up, given weekday and season of its head."""
        profile = self.rules.weekday[self.rules.weekday_of[head]] * self.rules.season[self.rules.season_month_of[head]]
        return uniform(key, of.TAKE_UP) < rate * profile

    def _opens(self, key: int, head: int) -> int:
        """The day on which a conflict that comes to a head later opens: tomorrow at the earliest."""
        return max(self.day + 1, head - from_table(self.rules.duration, key, of.DURATION))

    def _retaliate(self, shooting: Conflict, key: int) -> None:
        """The victim, or somebody close to the victim, goes after the shooter or somebody of the shooter's crew."""
        rules = self.rules
        head = self.day + from_table(rules.lag_retaliation, key, of.LAG)
        rate = rules.branching_retaliation / (rules.shooting_chance * rules.retaliation_heat)
        rate /= DESCENDANTS_AT_MOST * RETALIATIONS_AT_MOST
        if shooting.hospital_response:
            rate *= 1.0 - rules.response_effect
        if not self._taken_up(key, rate, head):
            return
        victim, target = shooting.opponent, shooting.instigator
        taker = victim if uniform(key, of.SOURCE) < rules.victim_retaliates else victim.somebody_close(key)
        if target.crew is not None and uniform(key, of.ROLE) < rules.retaliation_on_crew:
            target = target.crew.member(key, of.AGAINST)
        self._fall_out(key, taker, target, "rival crew", "retaliation", shooting, self._opens(key, head), head)

    def _spread(self, shooting: Conflict, key: int) -> None:
        """Somebody close to victim or shooter is drawn into a later conflict, on either side of it."""
        rules = self.rules
        head = self.day + from_table(rules.lag_contagion, key, of.LAG)
        rate = rules.branching_contagion / rules.shooting_chance / (DESCENDANTS_AT_MOST * (1.0 - RETALIATIONS_AT_MOST))
        if not self._taken_up(key, rate, head):
            return
        source = shooting.opponent if uniform(key, of.SOURCE) < 0.5 else shooting.instigator
        one = source.somebody_close(key)
        if one is None:
            return
        other, relation = one.opponent(key)
        who, against = (other, one) if uniform(key, of.ROLE) < 0.5 else (one, other)
        self._fall_out(key, who, against, relation, "contagion", shooting, self._opens(key, head), head)

    def ripple(self) -> None:
        """Norms and trust move in those touched and, one step weaker, in their street ties."""
        rules = self.rules
        for shooting in self.shootings:
            for victim in shooting.victims:
                self._move(victim, rules.norm_after_shooting, -rules.trust_after_shooting)
        for conflict in self.resolved:
            for party in (conflict.instigator, conflict.opponent):
                self._move(party, -rules.norm_after_mediation, rules.trust_after_mediation)
        for precinct in self.precincts:
            self._move_everyone(precinct)
        for shooting in self.shootings:
            if shooting.shooting_response:
                shooting.precinct.norm_shift -= int(rules.response_norm)

    def _move(self, who: Resident, norm: float, trust: float) -> None:
        who.take(norm=int(norm), trust=int(trust))
        peers = self.rules.peer_share
        for tie in who.street_ties or []:
            if tie is not None:
                tie.take(norm=int(norm * peers), trust=int(trust * peers))

    def _move_everyone(self, precinct: Precinct) -> None:
        """What a precinct has in common fades, and moves by public education and patrol."""
        rules = self.rules
        norm, trust = precinct.norm_shift * rules.fade_norm[1], precinct.trust_shift * rules.fade_trust[1]
        for site in precinct.sites:
            if site.open:
                share = len(site.places) / ALL_PLACES * site.fidelity
                norm -= rules.education_norm_per_day * share
                trust += rules.education_trust_per_day * share
        for patrol in precinct.patrols:
            if patrol["from_day"] <= self.day < patrol["until_day"]:
                trust -= rules.patrol_trust_per_day * min(1.0, patrol["officers"] / rules.patrol_officers)
        precinct.norm_shift, precinct.trust_shift = int(norm), int(trust)

    def record(self) -> None:
        """On the last day of a month, the books of each site."""
        month = self.rules.month_of[self.day]
        if self.rules.month_of[self.day + 1] == month:
            return
        for site in self.sites:
            posts = [post for post in self.posts if post.site is site and post.from_day <= self.day < post.until_day]
            staff = [post.messenger for post in posts if post.messenger is not None]
            caseloads = sum(len(messenger.caseload) for messenger in staff)
            self.books[site.key, month] = (
                caseloads,
                len(staff),
                len(posts),
                sum(site.in_use),
                site.recruited,
                int(site.open),
            )


def _facts(record: np.void) -> dict[str, Any]:
    """A record as a plain dictionary."""
    assert record.dtype.names is not None
    return {name: record[name].tolist() for name in record.dtype.names}


__all__ = ["SERVICES", "CityModel", "Conflict", "Messenger", "Post", "Resident", "Site"]
