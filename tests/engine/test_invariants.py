"""What must hold in every run, over random plans, parameters and seeds."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_sim.engine.arrays import (
    CIRCLE_SPACE,
    N_CONFLICTS,
    N_ENROLMENTS,
    N_HARMED,
    N_MEDIATIONS,
    N_TOUCHED,
    OUTCOME_COOLED,
    OUTCOME_OPEN,
    OUTCOME_SHOOTING,
    ROLE_INTERRUPTER,
    ROLE_OUTREACH,
    Plan,
    State,
)
from cms_sim.engine.simulate import World, simulate
from cms_sim.scenario.resolved import Patrol, Site
from tests.engine.strategies import DAYS, NUMBERS, patrols, sites, values
from tests.engine.worlds import BEGINS, make_world, plans, scenario, site

UNTIL = BEGINS + DAYS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sites(), patrols(), values(), st.integers(0, 10_000))
def test_invariants(chosen: list[Site], patrolled: list[Patrol], drawn: dict[str, float], seed: int) -> None:
    world = make_world(3, 1200, connected=True, numbers=NUMBERS, level=1.2, imported=0.2, seed=seed, values=drawn)
    plan = plans(world, scenario(chosen, patrolled, NUMBERS))[0]
    state = simulate(world, plan, BEGINS, UNTIL)
    run = Run(world, plan, state)
    run.check_outcomes()
    run.check_parents()
    run.check_deaths()
    run.check_mediations()
    run.check_caseloads()
    run.check_services()


class Run:
    """One run and its checks."""

    def __init__(self, world: World, plan: Plan, state: State) -> None:
        self.world, self.plan, self.state = world, plan, state
        count = state.count
        self.conflicts = state.conflict[: count[N_CONFLICTS]]
        self.harmed = state.harmed[: count[N_HARMED]]
        self.mediations = state.mediation[: count[N_MEDIATIONS]]
        self.enrolments = state.enrolment[: count[N_ENROLMENTS]]

    def check_outcomes(self) -> None:
        """Opened = outcomes + open, by precinct and in all; only what is still to come is open."""
        rows = self.conflicts
        assert len(np.unique(rows["key"])) == len(rows)
        table = np.zeros((len(NUMBERS), 5), dtype=int)
        np.add.at(table, (rows["slot"], rows["outcome"]), 1)
        assert table.sum() == len(rows)
        assert (rows["head_day"][rows["outcome"] == OUTCOME_OPEN] >= UNTIL).all()
        ended = rows[(rows["outcome"] != OUTCOME_OPEN) & (rows["outcome"] != OUTCOME_COOLED)]
        assert (ended["head_day"] < UNTIL).all()
        assert (rows["open_day"] <= rows["head_day"]).all()
        shot = rows[rows["outcome"] == OUTCOME_SHOOTING]
        assert (shot["victims"] >= 1).all()
        assert rows["victims"].sum() == len(self.harmed) == shot["victims"].sum()
        assert rows["killed"].sum() == self.harmed["killed"].sum()
        of_slot = np.bincount(rows["slot"][self.harmed["conflict"]], minlength=2)
        assert of_slot.tolist() == [int(rows["victims"][rows["slot"] == slot].sum()) for slot in range(2)]

    def check_parents(self) -> None:
        """Every child's parent is a shooting and earlier."""
        rows = self.conflicts
        children = rows[rows["parent"] >= 0]
        parents = rows[children["parent"]]
        assert (parents["outcome"] == OUTCOME_SHOOTING).all()
        assert (parents["head_day"] < children["open_day"]).all()
        assert (children["generation"] == parents["generation"] + 1).all()
        assert np.isin(children["cause"], [1, 2]).all()
        assert np.isin(rows["cause"][rows["parent"] < 0], [0, 3]).all()

    def check_deaths(self) -> None:
        """No one dead shoots, is shot, falls out, or enters a service, until somebody else has taken up the place."""
        rows = self.conflicts
        order = ("head_day", "head_hour", "key")
        away_days = float(self.world.rules["place_taken_up_days"])
        back: dict[int, int] = {}
        gone: set[int] = set()
        for line in self.harmed:
            when = tuple(int(rows[line["conflict"]][name]) for name in order)
            resident = int(line["resident"])
            assert resident not in back or when[0] >= back[resident]
            if line["killed"]:
                back[resident] = math.ceil(when[0] + away_days)
                self._stays_away(resident, when, back[resident])
                gone = gone | {resident} if back[resident] >= UNTIL else gone
        assert set(np.flatnonzero(self.state.person["dead"]).tolist()) == gone

    def _stays_away(self, resident: int, when: tuple[int, ...], back: int) -> None:
        """Nothing of who died at `when` until the day `back`."""
        rows = self.conflicts
        involved = rows[(rows["instigator"] == resident) | (rows["opponent"] == resident)]
        meanwhile = involved[involved["head_day"] < min(back, UNTIL)]
        for row in meanwhile:
            if row["outcome"] == OUTCOME_SHOOTING:
                assert tuple(int(row[name]) for name in ("head_day", "head_hour", "key")) <= when
            assert row["outcome"] != OUTCOME_OPEN
        later = involved[(involved["open_day"] > when[0]) & (involved["open_day"] < min(back, UNTIL))]
        assert (later["outcome"] == OUTCOME_COOLED).all()
        own = self.enrolments[self.enrolments["resident"] == resident]["from_day"]
        assert not ((own > when[0]) & (own < back)).any()

    def check_mediations(self) -> None:
        """By interrupters in their post's time, on duty, at that place, before the head; not too many a day."""
        daily: Counter[tuple[int, int]] = Counter()
        weekday_of = self.world.rules["weekday_of"]
        for line in self.mediations:
            conflict, post = self.conflicts[line["conflict"]], self.plan.post[line["post"]]
            area = self.plan.site[post["site"]]
            day, hour = int(line["day"]), int(line["hour"])
            assert post["role"] == ROLE_INTERRUPTER
            assert post["from_day"] <= day < post["until_day"]
            assert area["slot"] == conflict["slot"]
            assert area["place_from"] <= conflict["place"] < area["place_to"]
            assert self.plan.shift[self.term_on(int(post["site"]), day)["shift"]]["duty"][weekday_of[day], hour]
            assert conflict["open_day"] <= day <= conflict["head_day"]
            assert day < conflict["head_day"] or hour <= conflict["head_hour"]
            daily[int(line["post"]), day] += 1
        assert max(daily.values(), default=0) <= self.world.rules["mediations_per_shift"]
        per_conflict = Counter((int(line["conflict"]), int(line["day"])) for line in self.mediations)
        assert max(per_conflict.values(), default=0) <= 1

    def term_on(self, index: int, day: int) -> Any:
        terms = self.plan.term
        return terms[(terms["site"] == index) & (terms["from_day"] <= day) & (day < terms["until_day"])][0]

    def check_caseloads(self) -> None:
        """Within the limit, of street members of the ages served, each with one worker; circles within theirs."""
        people, limit = self.state.person, self.world.rules["caseload_limit"]
        claimed: dict[int, int] = {}
        for k, here in enumerate(self.state.post):
            assert here["clients"] <= limit
            assert here["known"] <= CIRCLE_SPACE
            own = self.plan.post[k]
            if not own["from_day"] < UNTIL <= own["until_day"]:
                assert here["filled"] == here["clients"] == here["known"] == 0
                continue
            if not here["filled"]:
                assert here["known"] == 0
            assert own["role"] == ROLE_OUTREACH or here["clients"] == 0
            acquaintances = here["acquaintance"][: here["known"]]
            assert len(set(acquaintances.tolist())) == here["known"]
            assert (people["known"][acquaintances] & own["bit"]).all()
            for client in here["client"][: here["clients"]].tolist():
                assert client not in claimed
                claimed[client] = k + 1
        touched = self.state.touched[: self.state.count[N_TOUCHED]]
        assert {int(who): int(people[who]["client_of"]) for who in touched if people[who]["client_of"]} == claimed
        assert not np.delete(people["client_of"], touched).any()
        ages = self.world.city.resident["age"][list(claimed)] if claimed else np.array([20])
        assert self.world.rules["client_age_from"] <= ages.min() <= ages.max() <= self.world.rules["client_age_to"]

    def check_services(self) -> None:
        """A place is taken only while one is free, each service once at a time; what is in use is what was taken."""
        held: dict[tuple[int, int], list[Any]] = defaultdict(list)
        for line in self.enrolments:
            site_index, kind, day = int(line["site"]), int(line["kind"]), int(line["from_day"])
            active = [other for other in held[site_index, kind] if other["until_day"] > day]
            assert len(active) < self.term_on(site_index, day)["slots"][kind]
            everywhere = [other for (_, k), lines in held.items() if k == kind for other in lines]
            assert not any(o["resident"] == line["resident"] and o["until_day"] > day for o in everywhere)
            held[site_index, kind].append(line)
        for index in range(len(self.plan.site)):
            for kind in range(5):
                active = [line for line in held[index, kind] if line["until_day"] >= UNTIL]
                assert self.state.site[index]["used"][kind] == len(active)


def test_the_checks_see_what_they_are_for() -> None:
    """A run whose log is tampered with does not pass."""
    world = make_world(1, 1200, level=1.2, values={"fatal_chance": 0.5, "detection": 0.09})
    plan = plans(world, scenario([site(11)]))[0]
    for tamper in ("outcome", "head_day", "dead", "clients", "used"):
        state = simulate(world, plan, BEGINS, UNTIL)
        run = Run(world, plan, state)
        if tamper == "dead":
            state.person["dead"] = 0
        elif tamper == "clients":
            state.post["clients"] += 1
        elif tamper == "used":
            state.site["used"] += 1
        else:
            run.conflicts[tamper][run.conflicts["outcome"] == OUTCOME_SHOOTING] = 0
        checks = (run.check_outcomes, run.check_deaths, run.check_caseloads, run.check_services)
        assert any(_fails(check) for check in checks), tamper


def _fails(check: Any) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False
