"""The compiled engine and the plain reading of the same rules give the identical event log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_sim.engine.simulate import World, simulate
from cms_sim.scenario.resolved import Patrol, Site
from cms_sim.scenario.schema import Staff
from tests.engine.logs import Log, log_of, log_of_reference
from tests.engine.strategies import NUMBERS, patrols, sites, values
from tests.engine.worlds import BEGINS, VIOLENT, make_world, numbers_of, patrol, plans, scenario, site, term
from tests.reference.model import CityModel

SMALLER = Staff(violence_interrupters=1, outreach_workers=1)


class Happened(NamedTuple):
    """What a log says about which mechanisms were at work."""

    outcomes: Counter[str]
    causes: Counter[str]
    relations: Counter[str]
    results: Counter[str]
    kinds: Counter[int]
    most_tenures: int
    killed: int
    most_victims: int
    reached: int
    books: list[tuple[int, ...]]
    crossing: int


def happened(log: Log) -> Happened:
    conflicts = log["conflicts"]
    return Happened(
        outcomes=Counter(row[9] for row in conflicts),
        causes=Counter(row[4] for row in conflicts),
        relations=Counter(row[3] for row in conflicts),
        results=Counter(row[5] for row in log["mediations"]),
        kinds=Counter(row[1] for row in log["enrolments"]),
        most_tenures=max((row[2] for row in log["mediations"]), default=0),
        killed=sum(row[13] for row in conflicts),
        most_victims=max(row[12] for row in conflicts),
        reached=sum(row[11] & 1 for row in conflicts),
        books=log["books"],
        crossing=sum(row[1][0] != row[2][0] for row in conflicts),
    )


def both(world: World, sites: Sequence[Site], patrols: Sequence[Patrol], days: int) -> tuple[Log, Log]:
    plan = plans(world, scenario(sites, patrols, numbers_of(world)))[0]
    state = simulate(world, plan, BEGINS, BEGINS + days)
    model = CityModel(world.city, world.rules, world.course, plan, BEGINS, BEGINS + days)
    model.run()
    return log_of(world, plan, state), log_of_reference(model)


class Case(NamedTuple):
    world: Callable[[], World]
    sites: tuple[Site, ...]
    patrols: tuple[Patrol, ...]
    days: int
    occurred: Callable[[Happened], bool]


def one(**values: float) -> Callable[[], World]:
    return lambda: make_world(1, 2000, level=1.5, seed=5, values=VIOLENT | values)


CASES = {
    "no site": Case(
        one(),
        (),
        (),
        600,
        lambda h: h.outcomes["shooting"] > 100 and h.killed > 10 and h.most_victims > 1 and not h.results,
    ),
    "default rules, one site with everything": Case(
        lambda: make_world(1, 8000, level=2.0, seed=6),
        (site(11, share=1.0),),
        (),
        400,
        lambda h: h.results["for good"] > 5 and h.outcomes["shooting"] > 20 and h.reached > 5,
    ),
    "every mechanism of a site": Case(
        one(backfire=0.5, residual_good=0.6),
        (site(11),),
        (),
        600,
        lambda h: (
            min(h.results[name] for name in ("for good", "for now", "inflamed", "not resolved")) > 20
            and min(h.outcomes[name] for name in ("cooled", "mediated for good", "mediated for now", "shooting")) > 10
            and set(h.kinds) == {0, 1, 2, 3, 4}
            and h.most_tenures > 2
            and h.reached > 5
            and max(row[2] for row in h.books) > 5
        ),
    ),
    "two sites in one precinct": Case(
        one(),
        (site(11, share=0.4), site(11, site_id=2, share=0.5)),
        (),
        500,
        lambda h: len({row[0] for row in h.books}) == 2 and sum(h.results.values()) > 100,
    ),
    "staff that changes, a site that opens late and closes": Case(
        one(),
        (site(11, term(40, 160, shift="nights_weekends"), term(160, 300, staff=SMALLER, shift="evenings"), share=1.0),),
        (),
        450,
        lambda h: {row[4] for row in h.books} >= {0, 2, 7} and h.books[-1][-1] == 0 and h.results["for good"] > 3,
    ),
    "evenings, five days a week": Case(
        one(),
        (site(11, term(shift="evenings"), share=1.0),),
        (),
        500,
        lambda h: sum(h.kinds.values()) > 10 and sum(h.results.values()) > 30,
    ),
    "patrol": Case(
        one(patrol_effect=0.5),
        (),
        (patrol(11, officers=15, share=0.7, from_day=60),),
        400,
        lambda h: h.outcomes["shooting"] > 50,
    ),
    "late payment": Case(
        one(late_payment_turnover=3.0),
        (site(11, term(delay=255)),),
        (),
        500,
        lambda h: h.most_tenures > 5 and min(row[3] for row in h.books) < 6,
    ),
    "two neighbours, imports from a third precinct": Case(
        lambda: make_world(3, 1500, connected=True, numbers=(11, 22), level=1.5, imported=0.3, seed=7, values=VIOLENT),
        (site(11), site(22, term(30))),
        (patrol(22),),
        450,
        lambda h: h.crossing > 50 and h.causes["imported"] > 50 and min(h.causes.values()) > 50,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_engine_and_plain_reading_agree_to_the_last_event(name: str) -> None:
    case = CASES[name]
    engine, plain = both(case.world(), case.sites, case.patrols, case.days)
    for part, lines in engine.items():
        assert lines == plain[part], part
    seen = happened(engine)
    assert case.occurred(seen), seen
    assert len(seen.relations) == 4


def test_patrol_and_late_payment_do_change_something() -> None:
    """Otherwise agreeing about them would show nothing."""
    world = make_world(
        1, 2000, level=1.5, seed=5, values=VIOLENT | {"patrol_effect": 0.5, "late_payment_turnover": 3.0}
    )
    numbers = numbers_of(world)
    several = [
        scenario(),
        scenario(patrols=[patrol(11, share=0.7)], numbers=numbers),
        scenario([site(11)]),
        scenario([site(11, term(delay=255))]),
    ]
    compiled = plans(world, *several)
    logs = [log_of(world, plan, simulate(world, plan, BEGINS, BEGINS + 300))["conflicts"] for plan in compiled]
    assert logs[0] != logs[1]
    assert logs[2] != logs[3]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sites(), patrols(), values(), st.integers(0, 10_000))
def test_they_agree_on_random_plans(
    chosen: list[Site], patrolled: list[Patrol], drawn: dict[str, float], seed: int
) -> None:
    world = make_world(3, 800, connected=True, numbers=NUMBERS, level=1.2, imported=0.2, seed=seed, values=drawn)
    engine, plain = both(world, chosen, patrolled, 250)
    for part, lines in engine.items():
        assert lines == plain[part], part
