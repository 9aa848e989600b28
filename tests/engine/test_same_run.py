"""What must change nothing, changes nothing, bit for bit."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from cms_sim.engine.arrays import Plan, State
from cms_sim.engine.day import advance
from cms_sim.engine.plan import with_catchments
from cms_sim.engine.simulate import World, room_for, simulate
from cms_sim.engine.state import begin, make_state, restore, take_snapshot
from tests.engine.logs import Log, log_of
from tests.engine.worlds import BEGINS, VIOLENT, make_world, patrol, plans, scenario, site, term

DAYS = 400
UNTIL = BEGINS + DAYS


def log(world: World, plan: Plan, until: int = UNTIL) -> Log:
    return log_of(world, plan, simulate(world, plan, BEGINS, until))


def blank(world: World, plan: Plan) -> State:
    state = make_state(world.city, plan, UNTIL, room_for(world, DAYS))
    begin(state, BEGINS)
    return state


def live(world: World, plan: Plan, state: State, until: int) -> None:
    advance(world.city, plan, world.rules, world.course, state, until)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(2, 1500, connected=True, level=1.5, values=VIOLENT)


@pytest.fixture(scope="module")
def plan(world: World) -> Plan:
    return plans(world, scenario([site(11), site(22, term(30, 300))], [patrol(22)], [11, 22]))[0]


def test_a_plan_that_adds_nothing_changes_nothing(world: World) -> None:
    """A site that opens after the run, a dated step that says the same again, a patrol without officers."""
    numbers = [11, 22]
    reference = scenario([site(11)], numbers=numbers)
    idle = [
        scenario([site(11), site(22, term(DAYS + 10), site_id=3)], numbers=numbers),
        scenario([site(11, term(0, 100), term(100))], numbers=numbers),
        scenario([site(11)], [patrol(11, officers=0), patrol(22, officers=0)], numbers),
    ]
    found = [log(world, plan) for plan in plans(world, reference, *idle)]
    assert all(other == found[0] for other in found)
    assert found[0] == log(world, plans(world, reference)[0])
    assert len(found[0]["mediations"]) > 50


def test_no_programme_is_the_same_whether_or_not_other_plans_are_compared(world: World) -> None:
    none = scenario(numbers=[11, 22])
    alone = log(world, plans(world, none)[0])
    beside = log(world, plans(world, none, scenario([site(11), site(22)], [patrol(11)], [11, 22]))[0])
    assert alone == beside
    assert len(alone["harmed"]) > 100


def test_the_order_of_entries_changes_nothing(world: World) -> None:
    sites = [site(11), site(11, term(20), site_id=2), site(22)]
    patrols = [patrol(11), patrol(22, officers=7)]
    logs = [
        log(world, plans(world, scenario(order, patrols[::step], [11, 22]))[0])
        for order, step in zip(permutations(sites), (1, -1) * 3, strict=True)
    ]
    assert all(other == logs[0] for other in logs)
    assert len(logs[0]["mediations"]) > 50


@pytest.mark.parametrize("others", [(), (22,), (33,), (22, 33, 44)])
def test_an_island_is_the_same_whatever_other_islands_are_in_play(others: tuple[int, ...]) -> None:
    numbers = tuple(sorted({44, 11, *others})) if others else (44,)
    sites = [site(number) for number in numbers]

    def of_44(numbers: tuple[int, ...]) -> Log:
        world = make_world(4, 1200, numbers=numbers, level=1.2, values=VIOLENT)
        found = log(world, plans(world, scenario([s for s in sites if s.precinct in numbers], numbers=numbers))[0])
        own = {row[0] for row in found["conflicts"] if row[1][0] == 44}
        site_key = int(plans(world, scenario([site(44)], numbers=numbers))[0].site["key"][0])
        return {
            "conflicts": [row for row in found["conflicts"] if row[1][0] == 44],
            "harmed": [row for row in found["harmed"] if row[0] in own],
            "mediations": [row for row in found["mediations"] if row[0] in own],
            "enrolments": [row for row in found["enrolments"] if row[0] == site_key],
            "people": [row for row in found["people"] if row[0][0] == 44],
            "books": [row for row in found["books"] if row[0] == site_key],
            "common": [row for row in found["common"] if row[0] == 44],
        }

    alone, among = of_44((44,)), of_44(numbers)
    assert alone == among
    assert all(len(lines) > 0 for lines in alone.values())


def test_day_by_day_in_one_go_and_through_snapshots(world: World, plan: Plan) -> None:
    whole = log(world, plan)
    state = blank(world, plan)
    for day in range(BEGINS, UNTIL):
        live(world, plan, state, day + 1)
    assert log_of(world, plan, state) == whole
    for split in (BEGINS + 1, BEGINS + 123, UNTIL - 1):
        begin(state, BEGINS)
        live(world, plan, state, split)
        snapshot = take_snapshot(state)
        live(world, plan, state, UNTIL)
        for _ in range(2):  # the snapshot outlives the runs that start from it
            restore(state, snapshot)
            live(world, plan, state, UNTIL)
            assert log_of(world, plan, state) == whole
        fresh = blank(world, plan)
        live(world, plan, fresh, BEGINS + 7)
        restore(fresh, snapshot)
        live(world, plan, fresh, UNTIL)
        assert log_of(world, plan, fresh) == whole


def test_a_state_used_before_gives_the_same_run(world: World, plan: Plan) -> None:
    state = blank(world, plan)
    live(world, plan, state, UNTIL)
    first = log_of(world, plan, state)
    begin(state, BEGINS)
    untouched = blank(world, plan)
    for name in ("count", "person", "day", "post", "site", "local", "site_month"):
        assert getattr(state, name).tobytes() == getattr(untouched, name).tobytes(), name
    live(world, plan, state, UNTIL)
    assert log_of(world, plan, state) == first


def test_a_plan_may_go_on_from_the_past_of_another_that_agrees_in_it(world: World) -> None:
    """Also under another catchment share than the one it was compiled with."""
    split = 200
    common = scenario([site(11)], numbers=[11, 22])
    later = scenario(
        [site(11, term(0, split), term(split, shift="evenings")), site(22, term(split))],
        [patrol(11, from_day=split)],
        [11, 22],
    )
    compiled = plans(world, common, later)
    for share in (0.6, 0.95):
        reference, other = with_catchments(compiled, [common, later], share)
        state = blank(world, reference)
        live(world, reference, state, BEGINS + split)
        snapshot = take_snapshot(state)
        live(world, reference, state, UNTIL)
        restore(state, snapshot)
        live(world, other, state, UNTIL)
        by_snapshot = log_of(world, other, state)
        assert by_snapshot == log(world, other)
        assert by_snapshot != log(world, reference)
        assert np.any(other.precinct["covered"] == round(share * 65536))


def test_a_log_that_was_too_small_gives_the_same_run(world: World, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = log(world, plan)
    monkeypatch.setattr("cms_sim.engine.simulate.room_for", lambda *_: 20)
    assert log(world, plan) == whole
