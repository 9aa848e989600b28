"""The city as a Mesa model: one step is one day, in the order of the rules.

Every resident and every messenger is an agent, and every resident is stepped every day. Nothing here is fast.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from cms_sim.city.arrays import City
from cms_sim.engine import decisions as of
from cms_sim.engine.arrays import ROLE_NAMES, Plan
from cms_sim.engine.tables import LAYERS, Course, Rules
from tests.reference.city import settle
from tests.reference.conflicts import Conflict
from tests.reference.keys import candidates, from_table, lineage, uniform
from tests.reference.messengers import Messenger, Post, Site
from tests.reference.people import Precinct, Resident
from tests.reference.shootings import exposure, head, ripple


class CityModel(mesa.Model):  # type: ignore[misc]
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
        self.deaths: list[tuple[int, Resident]] = []
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
        head(self)
        exposure(self)
        ripple(self)
        self.record()
        self.day += 1

    def calendar(self) -> None:
        """Places are taken up, services end, sites open and close, staff come and go."""
        for died, who in self.deaths:
            if math.ceil(died + self.rules.place_taken_up_days) == self.day:
                who.make_way()
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
            self._arise(precinct, "background", course.counts[slot], course.width[slot], course.level[slot])
            if course.import_width[slot] > 0.0:
                self._arise(
                    precinct, "imported", course.import_counts[slot], course.import_width[slot], course.imported[slot]
                )
        for conflict in self.opening.pop(self.day, []):
            if conflict.over_without_head:
                conflict.outcome = "cooled"
            else:
                self.open.append(conflict)

    def _arise(self, precinct: Precinct, cause: str, counts: list[float], width: float, level: list[float]) -> None:
        """Candidates come in layers and are accepted against the rate of the day on which they come to a head."""
        origin = {"background": of.BACKGROUND, "imported": of.IMPORTED}[cause]
        stream = lineage(self.key, origin, precinct.number, self.day)
        for key, height in candidates(stream, counts, LAYERS):
            head = self.day + from_table(self.rules.duration, key, of.DURATION)
            rate = level[self.rules.month_of[head]] * self.rules.weekday[self.rules.weekday_of[head]]
            if height * width >= rate:
                continue
            who = precinct.instigator(key)
            if who is None or who.dead:
                continue
            against, relation = who.opponent(key)
            self.fall_out(key, who, against, relation, cause, None, self.day, head)

    def fall_out(
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
        for conflict, hour in sorted(cases, key=lambda case: (-case[0].urgency, case[0].key)):
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

    def record(self) -> None:
        """On the last day of a month, the books of each site."""
        month = self.rules.month_of[self.day]
        if self.rules.month_of[self.day + 1] == month:
            return
        for site in self.sites:
            posts = [post for post in self.posts if post.site is site and post.from_day <= self.day < post.until_day]
            staff = [post.messenger for post in posts if post.messenger is not None]
            caseloads = sum(len(post.caseload) for post in posts)
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
