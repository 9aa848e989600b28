"""Extending, dated steps and additions, and what does not depend on the order of a file."""

from __future__ import annotations

import pickle
import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_sim.data.city_tables import TABLES
from cms_sim.data.parameters import Prior
from cms_sim.scenario.files import load_scenario, shipped_folder
from cms_sim.scenario.json_schema import schema
from cms_sim.scenario.resolved import Scenario, plan_hash, resolved_hash, world_hash
from cms_sim.scenario.schema import SHARED_SHIFTS, ScenarioFile, Services, Shift, Staff

Write = Callable[..., Path]

PARENT = """
[[levers.sites]]
precinct = 75
site_id = 1
provider = "One"
opens = 2019-01-01
catchment_share = 0.5
staff = { supervisors = 1, outreach_workers = 2 }

[[levers.sites.changes]]
from = 2021-01-01
staff = { outreach_workers = 4 }
payment_delay_days = 30

[[levers.sites.changes]]
from = 2021-07-01
shift = "mine"

[[levers.sites]]
precinct = 75
site_id = 2
opens = 2020-01-01
closes = 2021-10-01

[[levers.sites]]
precinct = 73
site_id = 1
opens = 2020-07-01

[[levers.add]]
precincts = [75, 73]
from = 2020-10-01
until = 2021-04-01
staff = { violence_interrupters = 2 }
services = { legal_aid_slots = 3 }

[[levers.add]]
precincts = 75
site_id = 2
from = 2021-01-01
shift = "office_hours"
payment_delay_days = 255

[[levers.patrol]]
precincts = [79, 73]
from = 2020-07-01
officers = 4
share_of_precinct = 0.2

[shifts.mine]
weekdays = ["Sun", "Sat", "Fri"]
from_hour = 22
to_hour = 2

[uncertainties]
catchment_share = 0.4
fidelity = { law = "uniform", low = 0.2, high = 0.9 }

[[uncertainties.surge]]
from = 2020-07-01
until = 2021-07-01
factor = 2.0

[[uncertainties.surge]]
from = 2021-07-01
until = 2022-01-01
factor = 1.5
precincts = [79, 75]
"""
NAMES = {"catchment_share", "fidelity"}


def load(path: Path) -> Scenario:
    return load_scenario(path, parameter_names=NAMES)


def term(scenario: Scenario, precinct: int, site_id: int, day: date) -> Any:
    (site,) = (site for site in scenario.sites if site.key == (precinct, site_id))
    return site.term_on(day)


def test_steps_and_additions_become_terms_without_gap_or_overlap(write: Write) -> None:
    scenario = load(write(PARENT))
    assert [site.key for site in scenario.sites] == [(73, 1), (75, 1), (75, 2)]
    for site in scenario.sites:
        for first, second in zip(site.terms, site.terms[1:], strict=False):
            assert first.until_date == second.from_date
            assert first.model_copy(update={"from_date": second.from_date, "until_date": second.until_date}) != second
    one = scenario.sites[1]
    assert [t.from_date.isoformat() for t in one.terms] == [
        "2019-01-01", "2020-10-01", "2021-01-01", "2021-04-01", "2021-07-01",
    ]  # fmt: skip
    assert [t.staff for t in one.terms] == [
        Staff(supervisors=1, outreach_workers=2),
        Staff(supervisors=1, outreach_workers=2, violence_interrupters=2),
        Staff(supervisors=1, outreach_workers=4, violence_interrupters=2),
        Staff(supervisors=1, outreach_workers=4),
        Staff(supervisors=1, outreach_workers=4),
    ]
    assert [t.services.legal_aid_slots for t in one.terms] == [0, 3, 3, 0, 0]
    assert [t.payment_delay_days for t in one.terms] == [0, 0, 30, 30, 30]
    assert [t.shift for t in one.terms] == ["evenings"] * 4 + ["mine"]


def test_an_addition_ends_with_its_site_and_may_name_one_site(write: Write) -> None:
    scenario = load(write(PARENT))
    last = term(scenario, 75, 2, date(2021, 9, 30))
    assert (last.shift, last.payment_delay_days, last.until_date) == ("office_hours", 255, date(2021, 10, 1))
    assert term(scenario, 75, 2, date(2021, 10, 1)) is None and term(scenario, 75, 2, date(2019, 12, 31)) is None
    assert term(scenario, 75, 1, date(2021, 2, 1)).payment_delay_days == 30


def test_what_is_not_a_lever_is_resolved_too(write: Write) -> None:
    scenario = load(write(PARENT))
    assert [patrol.precinct for patrol in scenario.patrols] == [73, 79]
    assert set(scenario.shifts) == {"evenings", "every_night", "mine", "office_hours"}
    assert [surge.precincts for surge in scenario.surges] == [None, (75, 79)]
    assert scenario.parameters == {"catchment_share": 0.4, "fidelity": Prior("uniform", {"low": 0.2, "high": 0.9})}
    assert scenario.frame.past_starts == date(2017, 7, 1) and scenario.frame.until_date == date(2022, 7, 1)
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_a_child_lies_over_its_parent(write: Write) -> None:
    parent = load(write(PARENT, "parent"))
    child = load(
        write(
            """
            title = "Child"
            extends = "parent"
            [constants]
            ends = 2021-12-31
            [uncertainties]
            fidelity = { law = "beta", a = 2, b = 3 }
            [[uncertainties.surge]]
            from = 2021-01-01
            until = 2021-02-01
            factor = 3.0
            [[levers.sites]]
            site_id = 1
            precinct = 75
            staff = { outreach_workers = 9 }
            changes = []
            [[levers.sites]]
            site_id = 3
            precinct = 75
            opens = 2021-01-01
            [[levers.add]]
            precincts = 73
            from = 2020-10-01
            staff = { violence_interrupters = 1 }
            """,
            "child",
            frame=False,
        )
    )
    assert (child.title, child.summary, child.default_set, child.order) == ("Child", "", False, 100)
    assert child.reference == parent.reference == "parent"
    assert child.frame == parent.frame.model_copy(update={"ends": date(2021, 12, 31)})
    assert child.parameters == {"catchment_share": 0.4, "fidelity": Prior("beta", {"a": 2.0, "b": 3.0})}
    assert [surge.factor for surge in child.surges] == [2.0, 3.0, 1.5]
    assert [site.key for site in child.sites] == [(73, 1), (75, 1), (75, 2), (75, 3)]
    merged = child.sites[1]
    assert (merged.provider, merged.opens, merged.catchment_share) == ("One", date(2019, 1, 1), 0.5)
    assert {t.staff.outreach_workers for t in merged.terms} == {9} and merged.terms[0].staff.supervisors == 1
    assert term(child, 73, 1, date(2020, 10, 1)).staff.violence_interrupters == 3
    assert child.sites[2] == parent.sites[2]


def test_adding_nothing_changes_nothing(write: Write) -> None:
    parent = load(write(PARENT, "parent"))
    idle = """
    title = "Idle"
    extends = "parent"
    [[levers.add]]
    precincts = [73, 75]
    from = 2021-02-03
    staff = { outreach_workers = 0 }
    services = { employment_slots = 0 }
    [shifts.unused]
    weekdays = ["Mon"]
    from_hour = 1
    to_hour = 2
    """
    same = load(write(idle, "idle", frame=False))
    assert (same.sites, same.shifts) == (parent.sites, parent.shifts)
    assert resolved_hash(same) == resolved_hash(parent)


def test_hashes_tell_levers_from_world(write: Write) -> None:
    base = load(write(PARENT))
    frame = base.frame
    for change, same_plan, same_world in (
        ({"title": "Another", "summary": "words", "order": 1, "budget": None}, True, True),
        ({"sites": base.sites[1:]}, False, True),
        ({"patrols": ()}, False, True),
        ({"surges": ()}, True, False),
        ({"parameters": {"catchment_share": 0.41}}, True, False),
        ({"frame": frame.model_copy(update={"past_months": 35})}, True, False),
        ({"frame": frame.model_copy(update={"city_folder": Path("elsewhere")})}, True, True),
        ({"frame": frame.model_copy(update={"city_hash": "another city"})}, True, False),
    ):
        other = base.model_copy(update=change)
        assert (plan_hash(other) == plan_hash(base)) is same_plan
        assert (world_hash(other) == world_hash(base)) is same_world
        assert (resolved_hash(other) == resolved_hash(base)) is (same_plan and same_world)


def test_a_city_is_known_by_its_tables_and_not_by_its_folder(write: Write, tmp_path: Path) -> None:
    """One city in two folders is one world; two cities in folders of one name are two."""

    def world_in(place: str) -> str:
        file = write(PARENT)
        file.write_text(file.read_text(encoding="utf-8").replace("[constants]", f'[constants]\ncity = "{place}"'))
        return world_hash(load(file))

    for place in ("a/town", "b/town", "c/village"):
        shutil.copytree(TABLES, tmp_path / place)
    for place in ("a/town", "c/village"):
        precincts = tmp_path / place / "precincts.csv"
        precincts.write_text(precincts.read_text(encoding="utf-8").replace("66679", "66680", 1), encoding="utf-8")
    changed, packaged, moved = map(world_in, ("a/town", "b/town", "c/village"))
    assert changed == moved != packaged == world_hash(load(write(PARENT)))


def test_restricting_to_fewer_precincts_drops_what_lies_elsewhere(write: Write) -> None:
    part = load(write(PARENT)).restricted_to([73, 79])
    assert part.frame.precincts == (73, 79)
    assert [site.key for site in part.sites] == [(73, 1)]
    assert [surge.precincts for surge in part.surges] == [None, (79,)]


def written(value: Any, draw: Callable[[list[Any]], list[Any]]) -> str:
    """A TOML value, with its tables' keys and lists of tables in the order that `draw` gives."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {written(v, draw)}" for k, v in draw(list(value.items()))) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(written(part, draw) for part in draw(value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_order_in_the_file_changes_nothing(write: Write, data: st.DataObject) -> None:
    file = write(PARENT)
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    text = "\n".join(
        f"{name} = {written(value, lambda parts: data.draw(st.permutations(parts)))}  # {data.draw(st.integers())}"
        for name, value in data.draw(st.permutations(list(content.items())))
    )
    first, second = load(file), load(write(text, "test", frame=False))
    assert second == first
    assert resolved_hash(second) == resolved_hash(first)


@pytest.mark.parametrize("name", ["by_need", "opening_late"])
def test_reversing_the_entries_of_a_shipped_file_changes_nothing(name: str, tmp_path: Path) -> None:
    folder = shipped_folder()
    assert folder is not None
    content = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    lines = [f"{key} = {written(value, lambda parts: parts[::-1])}" for key, value in reversed(content.items())]
    turned = tmp_path / f"{name}.toml"
    turned.write_text("\n".join(lines), encoding="utf-8")
    assert load_scenario(turned).model_copy(update={"folder": folder}) == load_scenario(folder / f"{name}.toml")


def test_a_shift_past_midnight_falls_on_the_next_weekday() -> None:
    shift = Shift(weekdays=["Sun"], from_hour=22, to_hour=2)
    on = {(day, hour) for day in range(7) for hour in range(24) if shift.on_duty[day][hour]}
    assert shift.hours == 4 and on == {(6, 22), (6, 23), (0, 0), (0, 1)}
    assert SHARED_SHIFTS["evenings"].hours == 8 and not any(SHARED_SHIFTS["evenings"].on_duty[6])
    assert Shift(weekdays=["Mon"], from_hour=0, to_hour=24).hours == 24


def test_the_schema_shows_every_key_with_a_description() -> None:
    tables = [schema(), *schema()["$defs"].values()]
    keys = {key: value for table in tables for key, value in table.get("properties", {}).items()}
    assert {
        "from",
        "until",
        "payment_delay_days",
        "site_id",
        *Staff.model_fields,
        *Services.model_fields,
    } <= keys.keys()
    assert all("description" in value or "$ref" in value for value in keys.values())
    assert set(schema()["properties"]) == set(ScenarioFile.model_fields)
