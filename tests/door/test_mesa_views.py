"""Residents, conflicts and messengers through the Mesa door: what is read, what a write does, and from which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cms_sim.city.arrays import MALE
from cms_sim.door.mesa_agents import Messenger
from cms_sim.door.mesa_conflicts import Conflict
from cms_sim.door.mesa_model import CMSModel
from cms_sim.engine.arrays import N_TOUCHED, ROLE_NAMES
from cms_sim.engine.people import move, norm_of, trauma_of, trust_of
from cms_sim.engine.state import begin
from cms_sim.errors import InputError
from tests.door.conftest import Make

DAY_OF_CHANGE = 120
CHANGED = pd.Timestamp("2012-03-01") + pd.Timedelta(days=DAY_OF_CHANGE)
"""The first day after the change."""


@pytest.fixture(scope="module")
def model(make: Make) -> CMSModel:
    """A model in mid-run, for tests that may write to it."""
    return run(make(rng=5), 100)


def run(model: CMSModel, days: int) -> CMSModel:
    for _ in range(days):
        model.step()
    return model


def with_change(model: CMSModel, change: Callable[[CMSModel], Any]) -> CMSModel:
    run(model, DAY_OF_CHANGE)
    change(model)
    model.run_model()
    return model


def assert_same_until_the_change(changed: CMSModel, plain: CMSModel) -> None:
    for name, column in (("events", "open_date"), ("harmed", "date"), ("mediations", "date")):
        before = [getattr(each, name)[lambda frame, c=column: frame[c] < CHANGED] for each in (changed, plain)]
        if name == "events":  # what had ended by then; later ends may differ
            before = [frame[frame["head_date"] < CHANGED] for frame in before]
        assert len(before[0]) > 3
        assert_frame_equal(*(frame.reset_index(drop=True) for frame in before))


@pytest.fixture(scope="module")
def plain(make: Make) -> CMSModel:
    return with_change(make(rng=5), lambda model: None)


def after(frame: pd.DataFrame, column: str = "date") -> pd.DataFrame:
    return frame[frame[column] >= CHANGED]


# What a write changes, and from when


def test_norms_raised_by_hand_mean_more_shootings_from_that_day(make: Make, plain: CMSModel) -> None:
    def raise_norms(model: CMSModel) -> None:
        model.residents().norm = 1.0

    changed = with_change(make(rng=5), raise_norms)
    assert_same_until_the_change(changed, plain)
    assert len(after(changed.harmed)) > len(after(plain.harmed))


def test_the_dice_of_an_open_conflict_stay_what_they_are(make: Make) -> None:
    """Calmer parties can only take shootings away from the conflicts that are open, angrier ones only add some."""

    def shootings_of_open_conflicts(change: Callable[[CMSModel], Any]) -> set[int]:
        model = with_change(make(rng=5, conflict_duration_mean_days=30), change)
        open_then = model.events[(model.events["open_date"] < CHANGED) & (model.events["head_date"] >= CHANGED)]
        return set(open_then["key"][open_then["victims"] > 0])

    def assign(share: float) -> Callable[[CMSModel], None]:
        def change(model: CMSModel) -> None:
            for conflict in model.open_conflicts():
                conflict.instigator.norm = conflict.instigator.trauma = share

        return change

    as_it_was = shootings_of_open_conflicts(lambda model: None)
    assert shootings_of_open_conflicts(assign(0.0)) <= as_it_was < shootings_of_open_conflicts(assign(1.0))


def test_when_messengers_leave_mediation_stops_from_that_day_until_they_are_replaced(
    make: Make, plain: CMSModel
) -> None:
    changed = with_change(make(rng=5), lambda model: [messenger.end_tenure() for messenger in model.messengers])
    assert_same_until_the_change(changed, plain)
    assert after(plain.mediations)["date"].min() < CHANGED + pd.Timedelta(days=10)
    assert len(after(changed.mediations)) < len(after(plain.mediations))
    assert all(messenger.tenure >= 2 for messenger in changed.messengers)


def test_ending_a_tenure_empties_the_post_and_its_circle_and_participants_wait_for_who_comes_next(make: Make) -> None:
    model = run(make(rng=5), DAY_OF_CHANGE)
    worker = max(model.messengers, key=lambda messenger: messenger.caseload_count)
    participants, present = set(worker.caseload), worker.tenure
    worker.end_tenure()
    assert worker.filled  # until the next day begins
    model.step()
    assert not worker.filled and worker.hired is None and worker.weight == 0.0
    assert len(worker.known) == 0
    assert set(worker.caseload) == participants and {each.client for each in participants} == {worker}
    worker.fill()
    model.step()
    assert worker.filled and worker.tenure == present + 1 and worker.hired == model.date
    assert worker.known_count > 0
    for _ in range(7):
        model.step()
    assert participants & set(worker.caseload) and set(worker.caseload) <= set(worker.known)


def test_a_removed_agent_works_no_more(make: Make, plain: CMSModel) -> None:
    def remove(model: CMSModel) -> None:
        for messenger in list(model.agents_by_type[Messenger]):
            messenger.remove()

    changed = with_change(make(rng=5), remove)
    assert_same_until_the_change(changed, plain)
    assert after(changed.mediations).empty and len(changed.agents) == 0
    assert changed.posts_filled == 0
    assert len(changed.datacollector.get_model_vars_dataframe()) == 307


def test_a_post_removed_before_it_begins_never_does(make: Make) -> None:
    model = make(rng=5, starts="2012-01-01", past_months=0)
    assert not model.messengers[0].filled
    model.messengers[0].remove()
    run(model, 30)
    assert [messenger.filled for messenger in model.messengers[:2]] == [False, True]


def test_conflicts_settled_by_hand_seldom_become_shootings(make: Make, plain: CMSModel) -> None:
    changed = make(rng=5)
    for _ in range(DAY_OF_CHANGE):
        changed.step()
    while changed.running:
        for conflict in changed.open_conflicts():
            conflict.standing = "for good"
        changed.step()
    assert_same_until_the_change(changed, plain)
    assert len(after(changed.harmed)) < len(after(plain.harmed))
    assert "mediated for good" in set(after(changed.events, "head_date")["outcome"])


def test_the_dead_stay_out(make: Make) -> None:
    model = run(make(rng=5), DAY_OF_CHANGE)
    residents = model.residents(precinct=11)
    residents.alive = False
    assert not residents.alive.any()
    model.run_model()
    assert after(model.harmed)["resident_precinct"].eq(11).sum() == 0
    assert after(model.harmed)["resident_precinct"].eq(22).sum() > 0


def test_credibility_carries_a_messengers_weight(make: Make) -> None:
    model = run(make(rng=5), DAY_OF_CHANGE)
    messenger = next(each for each in model.messengers if each.filled)
    messenger.credibility = 1.0
    model.step()
    high = messenger.weight
    messenger.credibility = 0.5
    model.step()
    assert messenger.weight == pytest.approx(high / 2, rel=0.02)


# What is read


def test_residents_are_those_of_the_city(model: CMSModel) -> None:
    people = model.residents(precinct=22)
    own = model.city.resident[3000:]
    assert len(people) == 3000 and people.number.tolist() == list(range(3000))
    assert set(people.precinct) == {22}
    assert people.age.tolist() == own["age"].tolist() and people.crew.tolist() == own["crew"].tolist()
    assert ((people.sex == "male") == (own["sex"] == MALE)).all()
    assert people.street.sum() == model.city.precinct["street"][1]
    young = people.where(people.street & (people.age < 25))
    assert 0 < len(young) < len(people) and young.age.max() < 25
    mask = model.city.resident["age"] < 25
    assert len(model.residents(mask)) == mask.sum()
    assert model.mean_norm(22) == pytest.approx(people.where(people.street).norm.mean())
    resident = model.resident(22, 5)
    assert resident == people[5] and resident in set(people) and resident.index == 3005
    assert (resident.precinct, resident.number, resident.age) == (22, 5, people.age[5])
    assert resident.crew == (None if people.crew[5] < 0 else people.crew[5])


def test_views_read_what_the_engine_will_read(model: CMSModel) -> None:
    """Trauma, norm and trust against the engine's own functions, on people with something to fade."""
    touched = model.state.touched[: model.state.count[N_TOUCHED]]
    people = model.residents(np.isin(np.arange(6000), touched))
    assert len(people) > 100
    world, day = model.world, model.next_day
    for resident in list(people)[:50]:
        who = np.int64(resident.index)
        assert resident.norm == pytest.approx(norm_of(world.city, model.state, world.rules, who, day), abs=1e-12)
        assert resident.trust == pytest.approx(trust_of(world.city, model.state, world.rules, who, day), abs=1e-12)
        assert resident.trauma == pytest.approx(trauma_of(model.state, world.rules, who, day), abs=1e-12)
    assert people.trauma.max() > 0


@settings(max_examples=40, deadline=None)
@given(
    index=st.integers(0, 2999),
    name=st.sampled_from(["norm", "trust", "trauma"]),
    value=st.floats(0.0, 1.0),
)
def test_what_is_written_is_read_and_nobody_else_moves(model: CMSModel, index: int, name: str, value: float) -> None:
    everyone = model.residents(precinct=11)
    before = {each: getattr(everyone, each) for each in ("norm", "trust", "trauma")}
    setattr(model.resident(11, index), name, value)
    assert getattr(model.resident(11, index), name) == pytest.approx(value, abs=2e-6)
    for each, old in before.items():
        # Marking a record fades it to whole millionths.
        np.testing.assert_allclose(np.delete(getattr(everyone, each), index), np.delete(old, index), atol=0)
        if each != name:
            assert getattr(everyone, each)[index] == pytest.approx(old[index], abs=2e-6)


def test_a_write_is_marked_as_the_engine_marks_it(make: Make) -> None:
    """The same shift through a view and through the engine leaves the same record."""
    by_view, by_engine = run(make(rng=5), 50), run(make(rng=5), 50)
    resident = by_view.open_conflicts()[0].instigator
    wanted = resident.norm - 0.25 if resident.norm > 0.25 else resident.norm + 0.25
    move(by_engine.state, by_engine.rules, np.int64(resident.index), by_engine.next_day, 0, 0)
    shift = round(wanted * 1e6) - round(by_engine.resident(resident.precinct, resident.number).norm * 1e6)
    move(by_engine.state, by_engine.rules, np.int64(resident.index), by_engine.next_day, shift, 0)
    resident.norm = wanted
    one, other = (each.state.person[resident.index] for each in (by_view, by_engine))
    assert abs(int(one["norm"]) - int(other["norm"])) <= 1
    for field in ("day", "trauma", "trust", "known"):
        assert one[field] == other[field]
    begin(by_view.state, 0)
    assert not by_view.state.person.view(np.uint8).any()  # every write was remembered, so all of it is cleared


def test_conflicts_are_those_of_the_log(model: CMSModel) -> None:
    table = model.events[model.events["outcome"] == "open"].set_index("key")
    conflicts = {conflict.key: conflict for conflict in model.open_conflicts()}
    assert set(conflicts) == set(table.index)
    for key, row in table.iterrows():
        conflict = conflicts[key]
        assert (conflict.precinct, conflict.cause, conflict.relation) == (row.precinct, row.cause, row.relation)
        assert (conflict.generation, conflict.head_hour) == (row.generation, row.head_hour)
        assert pd.Timestamp(conflict.open_date) == row.open_date <= pd.Timestamp(model.date)
        assert pd.Timestamp(conflict.head_date) == row.head_date
        assert (conflict.victims, conflict.killed) == (0, 0)
        assert conflict.instigator.alive and conflict.instigator != conflict.opponent
        assert (conflict.parent is None) == pd.isna(row.parent_key)
    heard_of = [conflict for conflict in conflicts.values() if conflict.standing != "not resolved"]
    assert all(conflict.detected for conflict in heard_of)


def test_messengers_are_the_posts_of_the_plan(model: CMSModel) -> None:
    assert list(model.agents_by_type[Messenger]) == model.messengers
    assert [ROLE_NAMES.index(each.role) for each in model.messengers] == [0] * 4 + [1] * 4 + [2, 3]
    site = model.sites[0]
    assert (site.precinct, site.site_id, site.open) == (11, 1, True) and site.messengers == model.messengers
    assert site.slots["employment"] == 20 and 0 < site.slots_used["employment"] <= 20
    assert 0 < site.fidelity <= 1
    for messenger in model.messengers:
        assert messenger.site is site and messenger.precinct == 11
        assert messenger.on_duty(22) == messenger.filled and not messenger.on_duty(12)
        assert all(resident.precinct == 11 for resident in messenger.known)
        assert all(resident.client is messenger for resident in messenger.caseload)
    assert model.messengers[4].on_duty(2, dt.date(2012, 6, 1)) == model.messengers[4].filled


def test_a_caseload_can_be_changed(make: Make) -> None:
    model = run(make(rng=5), 100)
    worker, other = [each for each in model.messengers if each.role == "outreach_workers" and each.filled][:2]
    resident = next(each for each in model.residents(precinct=11) if each.street and each.alive and not each.client)
    others, recruited = worker.caseload_count, int(model.state.site["recruits"][0])
    resident.client = worker
    assert resident.client is worker and worker.caseload_count == others + 1
    assert int(model.state.site["recruits"][0]) == recruited + 1
    other.take_on(resident, stay_days=7)
    assert resident.client is other and worker.caseload_count == others
    run(model, 14)  # a week's stay ends with the visit after it
    assert resident.client is not other
    people = list(other.caseload)
    other.role = "violence_interrupters"
    assert len(other.caseload) == 0 and all(each.client is None for each in people)
    run(model, 14)
    assert other.role == "violence_interrupters" and len(other.caseload) == 0


def test_a_messenger_can_be_introduced(make: Make) -> None:
    model = run(make(rng=5), 20)
    messenger = min((each for each in model.messengers if each.filled), key=lambda each: each.known_count)
    known = set(messenger.known.index)
    resident = next(each for each in model.residents(precinct=11) if each.index not in known)
    messenger.meet(resident)
    messenger.meet(resident)
    assert messenger.known_count == len(known) + 1 and resident in set(messenger.known)


def test_late_payment_by_hand_drives_staff_away(make: Make) -> None:
    def late(model: CMSModel) -> None:
        model.sites[0].payment_delay_days = 2000.0

    def tenures(model: CMSModel) -> int:
        return sum(messenger.tenure for messenger in model.messengers)

    assert tenures(with_change(make(rng=5), late)) > tenures(with_change(make(rng=5), lambda model: None))


# What cannot be done

BAD: list[tuple[str, Callable[[CMSModel], Any]]] = [
    ("out of range", lambda m: setattr(m.resident(11, 0), "norm", 1.5)),
    ("out of range", lambda m: setattr(m.resident(11, 0), "trust", float("nan"))),
    ("out of range", lambda m: setattr(m.residents(), "trauma", -0.1)),
    ("not a number", lambda m: setattr(m.resident(11, 0), "norm", "low")),
    ("no count", lambda m: setattr(m.resident(11, 0), "injuries", 1.5)),
    ("no count", lambda m: setattr(m.resident(11, 0), "injuries", 300)),
    ("has no resident 3000", lambda m: m.resident(11, 3000)),
    ("has no resident -1", lambda m: m.resident(11, -1)),
    ("precinct 12 is not in play", lambda m: m.resident(12, 0)),
    ("mask does not fit", lambda m: m.residents(np.ones(5, dtype=bool))),
    ("mask does not fit", lambda m: m.residents(np.arange(6000))),
    ("there is no standing", lambda m: setattr(m.open_conflicts()[0], "standing", "settled")),
    ("has ended", lambda m: setattr(ended(m), "standing", "for good")),
    ("there is no role", lambda m: setattr(m.messengers[0], "role", "interrupter")),
    ("out of range", lambda m: setattr(m.messengers[0], "credibility", 2.0)),
    ("out of range", lambda m: setattr(m.sites[0], "fidelity", -1.0)),
    ("out of range", lambda m: setattr(m.sites[0], "payment_delay_days", -1.0)),
    ("is no hour", lambda m: m.messengers[0].on_duty(24)),
    ("lives outside precinct 11", lambda m: m.messengers[0].meet(m.resident(22, 0))),
    ("only an outreach worker", lambda m: m.messengers[0].take_on(m.resident(11, 0))),
    ("cannot be a participant", lambda m: outreach_worker(m).take_on(m.resident(11, 2999))),
    ("not in the caseload", lambda m: m.messengers[0].let_go(m.resident(11, 0))),
]


def outreach_worker(model: CMSModel) -> Messenger:
    return next(each for each in model.messengers if each.role == "outreach_workers" and each.filled)


def ended(model: CMSModel) -> Conflict:
    return Conflict(model, int(np.flatnonzero(model.state.conflict["outcome"] > 0)[0]))


@pytest.mark.parametrize(("says", "act"), BAD, ids=[f"{n}-{says}" for n, (says, _) in enumerate(BAD)])
def test_what_makes_no_sense_is_refused(model: CMSModel, says: str, act: Callable[[CMSModel], Any]) -> None:
    with pytest.raises(InputError, match=says):
        act(model)


def test_a_full_caseload_takes_nobody(make: Make) -> None:
    model = run(make(rng=5), 100)
    worker = outreach_worker(model)
    people = [each for each in model.residents(precinct=11) if each.street and each.alive and each.client is None]
    with pytest.raises(InputError, match="the caseload is full"):
        for resident in people:
            worker.take_on(resident)
    assert len(worker.caseload) == 32 == len(set(worker.caseload.index))
