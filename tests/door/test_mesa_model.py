"""The Mesa door: days, identity with the fast door, repetition, tables and batch runs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from cms_sim.data.city_records import CityTables
from cms_sim.door import mesa_model
from cms_sim.door.mesa_agents import Messenger
from cms_sim.door.mesa_model import CMSModel
from cms_sim.engine.arrays import State
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.log import enrolments_frame, events_frame, harmed_frame, mediations_frame
from cms_sim.engine.simulate import simulate
from cms_sim.errors import InputError, RunError
from cms_sim.scenario.resolved import Scenario
from tests.door.conftest import SMALL, Make

DAYS = (dt.date(2012, 12, 31) - dt.date(2012, 2, 29)).days


def lived(model: CMSModel, days: int | None = None) -> CMSModel:
    for _ in range(DAYS if days is None else days):
        model.step()
    return model


def frames(model: CMSModel) -> list[pd.DataFrame]:
    return [model.events, model.harmed, model.mediations, model.enrolments]


def frames_of(state: State, model: CMSModel) -> list[pd.DataFrame]:
    plan, city = model.plan, model.city
    return [
        events_frame(state, plan, city),
        harmed_frame(state, city),
        mediations_frame(state, plan, city),
        enrolments_frame(state, plan, city),
    ]


def assert_same(some: list[pd.DataFrame], others: list[pd.DataFrame]) -> None:
    for one, other in zip(some, others, strict=True):
        assert_frame_equal(one, other)


def until(frame: pd.DataFrame, date: str, column: str) -> pd.DataFrame:
    return frame[frame[column] <= pd.Timestamp(date)].reset_index(drop=True)


# The same engine as the fast door


def test_stepping_gives_the_log_of_the_fast_door(make: Make) -> None:
    model = make(rng=5)
    lived(model)
    fast = simulate(model.world, model.plan, day_of(dt.date(2011, 12, 1)), model.until)
    assert_same(frames(model), frames_of(fast, model))
    assert all(len(frame) > 20 for frame in frames(model))


@pytest.mark.parametrize("days", [0, 1, 100])
def test_stepping_gives_the_same_on_the_way(make: Make, days: int) -> None:
    model = lived(make(rng=5), days)
    fast = simulate(model.world, model.plan, day_of(dt.date(2011, 12, 1)), model.next_day)
    assert_same(frames(model), frames_of(fast, model))


def test_looking_changes_nothing(make: Make) -> None:
    looked_at, plain = make(rng=5), lived(make(rng=5))
    while looked_at.running:
        looked_at.step()
        people = looked_at.residents(precinct=11)
        assert people.norm.min() >= 0 and people.trust.max() <= 1 and people.trauma.max() <= 1
        assert all(conflict.outcome == "open" for conflict in looked_at.open_conflicts())
        assert all(conflict.outcome == "shooting" for conflict in looked_at.shootings_today())
        assert all(line.messenger.mediations > 0 for line in looked_at.mediations_today())
        for messenger in looked_at.messengers:
            messenger.credibility = messenger.credibility
            assert len(messenger.known) == messenger.known_count
            assert {resident.client for resident in messenger.caseload} <= {messenger}
        looked_at.rng.random(), looked_at.random.random()  # Mesa's own generators decide nothing here
    assert_same(frames(looked_at), frames(plain))


def test_logs_grow_without_changing_a_thing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = lived(make(rng=5))
    monkeypatch.setattr(mesa_model, "ROOM_A_DAY", 64)
    monkeypatch.setattr(mesa_model, "room_for", lambda world, days: 1)
    grown = make(rng=5)
    assert len(grown.state.conflict) < len(plain.events)
    assert_same(frames(lived(grown)), frames(plain))


def test_a_day_that_does_not_fit_is_an_error(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    model = make(rng=5)
    monkeypatch.setattr(CMSModel, "_make_room", lambda self: None)
    model.state = model.state._replace(conflict=model.state.conflict[: model.state.count[0]].copy())
    with pytest.raises(RunError, match="can hold for a day"):
        lived(model, 30)


# Repetition


def test_the_seed_and_the_replicate_fix_the_run(make: Make) -> None:
    first = lived(make(rng=5), 60)
    assert_same(frames(first), frames(lived(make(rng=5, replicate=0), 60)))
    for other in (make(rng=6), make(rng=5, replicate=1)):
        assert set(lived(other, 60).events["key"]).isdisjoint(first.events["key"])


def test_no_seed_is_the_default_seed(make: Make) -> None:
    assert_same(frames(lived(make(), 30)), frames(lived(make(rng=mesa_model.DEFAULT_SEED), 30)))


def test_models_of_a_city_share_its_arrays(make: Make) -> None:
    one, other = make(rng=1), make(rng=2, detection=0.05)
    assert one.city.resident is other.city.resident
    assert not np.shares_memory(one.state.person, other.state.person)


def test_a_parameter_changes_the_run(make: Make) -> None:
    deaf = lived(make(rng=5, detection=0.0))
    assert deaf.mediations.empty
    assert not lived(make(rng=5)).mediations.empty


def test_a_precinct_can_be_left_out(make: Make) -> None:
    model = make(rng=5, precincts=22)
    assert model.city.precinct["number"].tolist() == [22]
    assert model.messengers == [] and len(model.agents) == 0
    lived(model, 30)


# Days and tables


def test_days_run_from_the_evening_before_to_the_last(make: Make) -> None:
    model = make()
    assert model.date == dt.date(2012, 2, 29) and model.running
    model.step()
    assert model.date == dt.date(2012, 3, 1) and model.day == day_of(model.date)
    while model.running:
        model.step()
    assert model.date == dt.date(2012, 12, 31)
    with pytest.raises(RunError, match="ended on 2012-12-31"):
        model.step()


def test_dates_can_be_given(make: Make) -> None:
    model = make(starts="2012-04-10", ends=dt.date(2012, 4, 20), past_months=0)
    assert model.date == dt.date(2012, 4, 9)  # the month begins with the past
    assert model.events["open_date"].min() >= pd.Timestamp("2012-04-01")
    model.run_model()
    assert model.date == dt.date(2012, 4, 20)


def test_the_table_by_day_adds_up_to_the_log(make: Make) -> None:
    model = lived(make(rng=5))
    table = model.datacollector.get_model_vars_dataframe()
    assert table["date"].tolist() == [dt.date(2012, 2, 29) + dt.timedelta(days=n) for n in range(DAYS + 1)]
    frame_days = table.iloc[1:]
    harmed = model.harmed[model.harmed["date"] >= pd.Timestamp("2012-03-01")]
    assert frame_days["victims"].sum() == len(harmed) > 10
    assert frame_days["incidents"].sum() == harmed["key"].nunique()
    assert frame_days["deaths"].sum() == harmed["killed"].sum()
    in_frame = model.mediations["date"] >= pd.Timestamp("2012-03-01")
    assert frame_days["mediations"].sum() == in_frame.sum() > 10
    assert table["open_conflicts"].iloc[-1] == (model.events["outcome"] == "open").sum()
    assert table["participants"].max() > 5 and 0 < table["posts_filled"].max() <= 10


def test_the_table_by_messenger_has_a_row_for_each_day_and_post(make: Make) -> None:
    model = lived(make(rng=5), 20)
    table = model.datacollector.get_agenttype_vars_dataframe(Messenger)
    assert len(table) == 21 * 10
    assert set(table["role"]) == {"supervisors", "violence_interrupters", "outreach_workers", "hospital_responders"}
    by_day = model.datacollector.get_model_vars_dataframe()
    assert table.groupby("Step")["mediations"].sum().tolist() == by_day["mediations"].tolist()
    assert table.groupby("Step")["caseload"].sum().tolist() == by_day["participants"].tolist()


def test_a_subclass_has_its_own_columns(make: Make, scenario: Scenario, tables: CityTables) -> None:
    class Norms(CMSModel):
        model_reporters = {"norm": lambda model: model.mean_norm(11)}  # noqa: RUF012
        messenger_reporters = {}  # noqa: RUF012

    model = Norms(scenario, city=tables, **SMALL)
    model.step()
    assert model.datacollector.get_model_vars_dataframe()["norm"].between(0.2, 0.6).all()


# The log


def test_descendants_come_after_the_shooting_they_descend_from(make: Make) -> None:
    events = lived(make(rng=5, branching_contagion=0.4)).events.set_index("key")
    assert events.index.is_monotonic_increasing and events.index.is_unique
    children = events[events["parent_key"].notna()]
    parents = events.loc[children["parent_key"].astype("uint64")]
    assert len(children) > 10
    assert (parents["outcome"] == "shooting").all()
    assert (children["generation"].to_numpy() == parents["generation"].to_numpy() + 1).all()
    assert (children["open_date"].to_numpy() > parents["head_date"].to_numpy()).all()
    assert set(children["cause"]) == {"retaliation", "contagion"}
    assert (events["victims"] > 0).equals(events["outcome"] == "shooting")


def test_victims_of_the_log_are_those_of_the_people(make: Make) -> None:
    model = lived(make(rng=5, place_taken_up_days=5000.0))  # who takes up a place has not been shot
    counted = model.events.set_index("key")["victims"]
    harmed = model.harmed.groupby("key").size()
    assert (harmed == counted[harmed.index]).all() and counted.sum() == harmed.sum()
    assert model.residents().injuries.sum() == len(model.harmed)
    assert (~model.residents().alive).sum() == model.harmed["killed"].sum()
    first = model.harmed.iloc[0]
    resident = model.resident(int(first["resident_precinct"]), int(first["resident"]))
    assert (resident.age, resident.sex, resident.injuries > 0) == (first["age"], first["sex"], True)


# Batches


def batch(tables: CityTables, scenario: Scenario, **arguments: Any) -> pd.DataFrame:
    parameters = {"scenario": [scenario], "city": tables, **SMALL, **arguments.pop("parameters")}
    return pd.DataFrame(mesa.batch_run(CMSModel, parameters, display_progress=False, **arguments))


class Totals(CMSModel):
    model_reporters = {"date": "date", "all_victims": lambda model: len(model.harmed)}  # noqa: RUF012


def test_replicates_of_a_batch_differ_and_can_be_repeated(tables: CityTables, scenario: Scenario, make: Make) -> None:
    parameters = {"scenario": [scenario], "city": tables, "rng": 3, "replicate": range(4), **SMALL}
    table = pd.DataFrame(mesa.batch_run(Totals, parameters, max_steps=200, number_processes=1, display_progress=False))
    assert len(table) == 4 and table["all_victims"].nunique() > 1
    assert table["Step"].tolist() == [200] * 4
    assert table["date"].tolist() == [dt.date(2012, 2, 29) + dt.timedelta(days=200)] * 4
    for replicate, victims in zip(table["replicate"], table["all_victims"], strict=True):
        assert len(lived(make(rng=3, replicate=replicate), 200).harmed) == victims


def test_iterations_of_a_batch_are_the_same_run(tables: CityTables, scenario: Scenario) -> None:
    """Why `replicate` is a parameter: Mesa gives every iteration the same arguments, hence the same seed."""
    table = batch(tables, scenario, parameters={"rng": 3}, iterations=2, max_steps=100, data_collection_period=1)
    first, second = (
        run.drop(columns=["RunId", "iteration"]).reset_index(drop=True) for _, run in table.groupby("RunId")
    )
    assert_frame_equal(first, second)
    assert first["victims"].sum() > 0


# What cannot be used


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"rng": 1.5}, "rng"),
        ({"rng": -1}, "rng"),
        ({"rng": np.random.default_rng(1)}, "rng"),
        ({"replicate": "2"}, "replicate"),
        ({"seed": 3}, "unknown parameter 'seed'"),
        ({"detektion": 0.1}, "Did you mean 'detection'"),
        ({"detection": "high"}, "parameter detection"),
        ({"street_share": 2.0}, "street_share"),
        ({"precincts": 33}, "precinct 33 is not in play"),
        ({"precincts": []}, "no precinct is left"),
        ({"precincts": "al"}, "Did you mean 'all'"),
        ({"starts": "1 March"}, "no date"),
        ({"starts": 2012}, "no date"),
        ({"starts": "2013-01-01"}, "before it starts"),
        ({"ends": "2060-01-01"}, "not all in the calendar"),
        ({"past_months": 1000}, "not all in the calendar"),
        ({"past_months": -1}, "past_months"),
        ({"hypothesis": "citty"}, "Did you mean 'city'"),
        ({"scenario": "no_such_plan"}, "no scenario file"),
    ],
)
def test_bad_arguments_are_named(make: Make, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        make(**arguments)
