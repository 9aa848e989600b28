"""The scenarios that ship: each loads, keeps to its budget, and says what its comments promise."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.scenario.check import check_file, warnings
from cms_sim.scenario.cost import check_budget, cost_of, incremental
from cms_sim.scenario.files import list_scenarios, load_default_set, load_reference, load_scenario, shipped_folder
from cms_sim.scenario.resolved import Scenario, plan_hash, world_hash

NAMES = sorted(file.stem for file in shipped_folder().glob("*.toml"))  # type: ignore[union-attr]
UNIT_COSTS = load_unit_costs()
SAME_MONEY = ("expansion_2020", "by_need", "existing_staff", "services", "nights_weekends", "hot_spot_patrol")
NEW = {43, 69, 70, 71, 103}


def added_by_year(scenario: Scenario) -> dict[int, float]:
    return incremental(cost_of(scenario, UNIT_COSTS), cost_of(load_reference(scenario), UNIT_COSTS)).by_fiscal_year()


def test_every_plan_that_was_asked_for_ships() -> None:
    asked = {*SAME_MONEY, "no_programme", "sites_june_2020", "opening_late", "late_payment", "surge"}
    assert asked <= set(NAMES) <= set(list_scenarios())


@pytest.mark.parametrize("name", NAMES)
def test_it_checks_without_warning_and_within_budget(name: str) -> None:
    scenario = load_scenario(name)
    lines = check_file(name)
    assert lines[0].startswith(scenario.title)
    assert not list(warnings(scenario)) and not any(line.startswith("Warning") for line in lines)
    unspent = check_budget(scenario, load_reference(scenario), UNIT_COSTS)
    assert all(usd >= 0 for usd in unspent.values())


@pytest.mark.parametrize("name", SAME_MONEY)
def test_comparable_plans_use_the_money_but_for_less_than_a_post(name: str) -> None:
    scenario = load_scenario(name)
    spent = added_by_year(scenario)
    assert set(spent) == {2021, 2022, 2023, 2024}
    for usd in spent.values():
        assert 0 <= 11_222_000 - usd < UNIT_COSTS["staff.outreach_workers"].usd


def test_the_june_2020_sites_are_those_of_the_citys_list() -> None:
    with files("cms_sim").joinpath("data/tables/cms_sites.csv").open(encoding="utf-8") as file:
        listed = [row for row in csv.DictReader(file) if row["operating_june_2020"] == "1"]
    scenario = load_scenario("sites_june_2020")
    assert Counter(site.precinct for site in scenario.sites) == Counter(int(row["precinct"]) for row in listed)
    assert len(scenario.sites) == 22
    earliest = {int(row["precinct"]): row["earliest_start"] or row["start_month"] for row in listed}
    for site in scenario.sites:
        assert site.closes is None
        if site.precinct != 75:
            assert site.opens.isoformat().startswith(earliest[site.precinct])
    core = cost_of(scenario, UNIT_COSTS).of_fund("core").by_fiscal_year()
    assert core == {year: pytest.approx(22 * 750_000) for year in (2021, 2022, 2023, 2024)}


def test_the_expansion_is_five_million_for_new_sites_and_five_for_the_others() -> None:
    scenario = load_scenario("expansion_2020")
    added = incremental(cost_of(scenario, UNIT_COSTS), cost_of(load_reference(scenario), UNIT_COSTS))
    first = [line for line in added.of_fund("core").lines if line.fiscal_year == 2021]
    assert sum(line.usd for line in first if line.precinct in NEW) == pytest.approx(5_000_000)
    assert sum(line.usd for line in first if line.precinct not in NEW) == pytest.approx(4_998_000)
    wraparound = added.of_fund("wraparound")
    assert wraparound.by_fiscal_year() == {y: pytest.approx(5 * 244_400) for y in (2021, 2022, 2023, 2024)}
    assert set(wraparound.by_precinct()) == NEW


def test_the_new_sites_alone_are_the_expansions_part_in_the_five() -> None:
    alone, expansion = load_scenario("new_sites_2020"), load_scenario("expansion_2020")
    assert [site for site in expansion.sites if site.precinct in NEW] == [s for s in alone.sites if s.precinct in NEW]
    assert [site for site in alone.sites if site.precinct not in NEW] == list(load_reference(alone).sites)
    assert added_by_year(alone) == {2021: 6_222_000, 2022: 6_196_000, 2023: 6_196_000, 2024: 6_196_000}


def test_by_need_gives_each_precinct_its_part_to_within_a_post() -> None:
    with files("cms_sim").joinpath("data/tables/precinct_month.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if "2015" <= row["month"][:4] <= "2019"]
    scenario = load_scenario("by_need")
    victims = Counter[int]()
    for row in rows:
        if int(row["precinct"]) in scenario.frame.precincts:
            victims[int(row["precinct"])] += int(row["victims"])
    added = incremental(cost_of(scenario, UNIT_COSTS), cost_of(load_reference(scenario), UNIT_COSTS))
    for fund, granted, grain in (("core", 10_000_000, 102_000), ("wraparound", 1_222_000, 12_940 + 5_000 + 2_000)):
        given: Counter[int] = Counter()
        for line in added.of_fund(fund).lines:
            if line.fiscal_year == 2021:
                given[line.precinct] += line.usd  # type: ignore[assignment]
        for precinct, count in victims.items():
            part = granted * count / sum(victims.values())
            assert abs(given[precinct] - part) < grain, (fund, precinct)


def test_opening_late_moves_only_the_five_openings() -> None:
    late, announced = load_scenario("opening_late"), load_scenario("expansion_2020")
    moved = {site.precinct for site, other in zip(late.sites, announced.sites, strict=True) if site != other}
    assert moved == NEW
    assert {site.opens for site in late.sites if site.precinct in moved} == {date(2021, 7, 1)}
    unspent = check_budget(late, load_reference(late), UNIT_COSTS)
    assert unspent[2021] == pytest.approx(6_222_000 + 2_000)


def test_the_surge_differs_from_its_reference_in_levers_only() -> None:
    surge, expansion = load_scenario("surge"), load_scenario("expansion_2020")
    reference = load_reference(surge)
    assert plan_hash(surge) == plan_hash(expansion) and world_hash(surge) != world_hash(expansion)
    assert world_hash(surge) == world_hash(reference)
    assert plan_hash(reference) == plan_hash(load_scenario("sites_june_2020"))


def test_the_default_set_shares_one_world_and_is_in_order() -> None:
    plans = load_default_set()
    assert len(plans) == 10 and plans[0].name == "no_programme"
    assert len({world_hash(plan) for plan in plans}) == 1
    assert len({plan_hash(plan) for plan in plans}) == len(plans)
    assert [plan.order for plan in plans] == sorted(plan.order for plan in plans)


def test_late_payment_and_hours_reach_every_site_from_july_2020() -> None:
    day = date(2022, 1, 1)
    assert {s.term_on(day).payment_delay_days for s in load_scenario("late_payment").sites} == {255}  # type: ignore[union-attr]
    assert {s.term_on(day).shift for s in load_scenario("nights_weekends").sites} == {"nights_weekends"}  # type: ignore[union-attr]
    before = {
        s.term_on(date(2020, 6, 30)) for s in load_scenario("nights_weekends").sites if s.opens < date(2020, 7, 1)
    }
    assert {term.shift for term in before if term} == {"evenings"}
