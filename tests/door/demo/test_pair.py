"""The pair lives by the engine's rules, with the same dice on both sides, and the same again from its recipe."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms_sim.door.demo.messages import Recipe
from cms_sim.door.demo.neighbourhood import NUMBER, STARTS, load_neighbourhood
from cms_sim.door.demo.numbers import conflicts_of, counts, mediations_of
from cms_sim.door.demo.pair import BEGINS, ENDS, LEFT, RIGHT, Pair, Side
from cms_sim.door.demo.session import pair_of
from cms_sim.door.demo.settings import AT_RESTART, Settings
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.simulate import simulate
from cms_sim.errors import InputError
from cms_sim.scenario.resolved import Frame, Scenario, Site, SiteTerm
from cms_sim.scenario.schema import SHARED_SHIFTS, Services, Staff

NOBODY_WORKS = {"violence_interrupters": 0, "outreach_workers": 0, "hospital_responders": 0, "supervisors": 0}


def lived(side: Side) -> tuple[Any, ...]:
    """What happened on a side, as far as it has been lived."""
    log = np.sort(conflicts_of(side), order="key")
    log = log[log["open_day"] < side.next_day]
    names = ("key", "instigator", "opponent", "open_day", "head_day", "head_hour", "outcome", "victims", "killed")
    return (*(log[name].tolist() for name in names), mediations_of(side)[["day", "hour", "result", "tenure"]].tolist())


def ordinary_plan(staff: Staff, services: Services, shift: str, share: float) -> Any:
    """The same programme, compiled as any scenario's."""
    frame = Frame(precincts=(NUMBER,), starts=STARTS, ends=date(2028, 5, 31), past_months=0, city_folder=None)
    term = SiteTerm(
        from_date=STARTS, until_date=None, staff=staff, services=services, shift=shift, payment_delay_days=0
    )
    site = Site(precinct=NUMBER, site_id=1, provider="", catchment_share=share, terms=(term,))
    scenario = Scenario(
        name="one", title="", summary="", default_set=False, order=0, reference="one", folder=Path(), frame=frame,
        sites=(site,), patrols=(), shifts=dict(SHARED_SHIFTS), surges=(), parameters={}, budget=None,
    )  # fmt: skip
    return compile_plans([scenario], [NUMBER], share)[0]


def test_the_right_side_is_the_engine_under_an_ordinary_plan() -> None:
    pair = Pair(Settings())
    pair.advance_to(400)
    chosen = Settings()
    staff = Staff(**{role: getattr(chosen, role) for role in NOBODY_WORKS})
    services = Services(employment_slots=10, trauma_counselling_slots=7, school_mediation_slots=10)
    plan = ordinary_plan(staff, services, "evenings", chosen.coverage)
    state = simulate(pair.sides[RIGHT].world, plan, BEGINS, BEGINS + 400)
    plainly = Side(pair.sides[RIGHT].world, plan, state)
    assert lived(plainly) == lived(pair.sides[RIGHT])
    assert counts(plainly)["mediations"] > 100


def test_without_messengers_both_sides_live_the_same_days() -> None:
    pair = Pair(Settings().changed(NOBODY_WORKS))
    pair.advance_to(365)
    assert lived(pair.sides[LEFT]) == lived(pair.sides[RIGHT])
    assert counts(pair.sides[LEFT])["victims"] > 20


def test_days_one_by_one_are_the_days_at_once() -> None:
    slowly, at_once = Pair(Settings(seed=3)), Pair(Settings(seed=3))
    for day in range(1, 100):
        slowly.advance_to(day)
    at_once.advance_to(99)
    assert [lived(side) for side in slowly.sides] == [lived(side) for side in at_once.sides]
    assert slowly.weeks == at_once.weeks


def test_going_back_and_a_log_that_was_too_small_give_the_same_events() -> None:
    pair = Pair(Settings(seed=5))
    pair.advance_to(200)
    before = [lived(side) for side in pair.sides]
    pair.go_to(50)
    pair.go_to(200)
    assert [lived(side) for side in pair.sides] == before
    small = Pair(Settings(seed=5))
    small.sides = tuple(  # type: ignore[assignment]
        Side(side.world, side.plan, side.state._replace(conflict=side.state.conflict[:60])) for side in small.sides
    )
    small.advance_to(200)
    assert [lived(side) for side in small.sides] == before


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 120),
            st.fixed_dictionaries(
                {},
                optional={
                    "violence_interrupters": st.integers(0, 8),
                    "outreach_workers": st.integers(0, 8),
                    "supervisors": st.integers(0, 1),
                    "shift": st.sampled_from(["evenings", "nights_weekends", "office_hours"]),
                    "credibility": st.floats(0, 1),
                    "contagion": st.floats(0, 0.6),
                    "employment_slots": st.integers(0, 40),
                },
            ),
        ),
        max_size=6,
    )
)
def test_a_recipe_brings_back_the_same_run(changes: list[tuple[int, dict[str, Any]]]) -> None:
    pair = Pair(Settings(residents=500, seed=9))
    for day, change in sorted(changes, key=lambda each: each[0]):
        pair.advance_to(day)
        pair.change(change)
    pair.advance_to(150)
    recipe = Recipe.model_validate({"settings": pair.base.model_dump(), "changes": pair.changes, "day": 150})
    again = pair_of(Recipe.model_validate_json(recipe.model_dump_json()))
    again.advance_to(150)
    assert [lived(side) for side in again.sides] == [lived(side) for side in pair.sides]
    assert again.settings == pair.settings
    state = pair.sides[RIGHT].state
    wanted = sum(pair.settings.staff)
    there = pair.sides[RIGHT].plan.post
    assert ((there["from_day"] >= 0) & (there["until_day"] > BEGINS + 150)).sum() == wanted
    assert state.post["filled"].sum() <= wanted


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"violence_interrupters": 8}, "mediations"),
        ({"outreach_workers": 0}, "participants"),
        ({"shift": "office_hours"}, "mediations"),
        ({"credibility": 0.0}, "mediations"),
        ({"supervisors": 0}, "mediations"),
        ({"employment_slots": 0, "trauma_counselling_slots": 0, "school_mediation_slots": 0}, "in_services"),
        ({"contagion": 0.0}, "shootings"),
        ({"payment_delay_days": 180}, "mediations"),
        ({"hospital_responders": 2}, "messengers"),
    ],
)
def test_a_change_takes_effect_from_the_next_day_and_never_before(change: dict[str, Any], moves: str) -> None:
    as_it_was, changed = Pair(Settings()), Pair(Settings())
    for pair in (as_it_was, changed):
        pair.advance_to(120)
    changed.change(change)
    assert [lived(side) for side in changed.sides] == [lived(side) for side in as_it_was.sides]
    for pair in (as_it_was, changed):
        pair.advance_to(700)
    assert counts(changed.sides[RIGHT])[moves] != counts(as_it_was.sides[RIGHT])[moves]
    if "contagion" not in change:  # the left side knows of no programme
        assert lived(changed.sides[LEFT]) == lived(as_it_was.sides[LEFT])


def test_a_post_opened_again_on_the_day_it_was_closed_is_as_if_nothing_was_said() -> None:
    pair, other = Pair(Settings()), Pair(Settings())
    for each in (pair, other):
        each.advance_to(60)
    pair.change({"violence_interrupters": 0})
    pair.change({"violence_interrupters": 3})
    for each in (pair, other):
        each.advance_to(200)
    assert lived(pair.sides[RIGHT]) == lived(other.sides[RIGHT])


def test_what_waits_for_a_start_cannot_be_changed_in_a_run() -> None:
    pair = Pair(Settings())
    for name in AT_RESTART:
        with pytest.raises(InputError, match="next start"):
            pair.change({name: getattr(pair.base, name)})


def test_the_site_opens_when_it_is_said_to() -> None:
    pair = Pair(Settings(opens_after_days=100, worse_before_opening=True))
    pair.advance_to(100)
    assert lived(pair.sides[LEFT]) == lived(pair.sides[RIGHT])
    assert not pair.sides[RIGHT].state.site["open"][0]
    pair.advance_to(101)
    assert pair.sides[RIGHT].state.site["open"][0] and counts(pair.sides[RIGHT])["messengers"] == 7
    calm = Pair(Settings(opens_after_days=100))
    calm.advance_to(100)
    assert len(conflicts_of(pair.sides[LEFT])) > 1.5 * len(conflicts_of(calm.sides[LEFT]))


@pytest.mark.parametrize("residents", [500, 1000, 1500, 2000])
def test_a_neighbourhood_has_its_people_and_ends_with_the_calendar(residents: int) -> None:
    assert len(load_neighbourhood(residents).city.resident) == residents
    pair = Pair(Settings.model_validate({"residents": residents, "contagion": 0.6, "conflicts_per_week": 16.0}))
    pair.advance_to(10**6)
    assert pair.day == ENDS - BEGINS and len(pair.weeks[LEFT]) == pair.day // 7 + 1


@pytest.mark.parametrize(
    ("change", "where", "remedy"),
    [
        ({"violence_interupters": 3}, "violence_interupters", "violence_interrupters"),
        ({"violence_interrupters": 9}, "violence_interrupters", "from 0 to 8"),
        ({"credibility": -0.1}, "credibility", "from 0 to 1"),
        ({"residents": 700}, "residents", "500, 1000"),
        ({"shift": "mornings"}, "shift", "evenings"),
        ({"worse_before_opening": "perhaps"}, "worse_before_opening", "true or false"),
    ],
)
def test_what_cannot_be_chosen_is_told(change: dict[str, Any], where: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        Settings().changed(change)
    assert caught.value.where == where and remedy in caught.value.remedy
