"""Money, by hand: an example small enough to add up on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.data.evidence import load_evidence
from cms_sim.data.unit_costs import KINDS, load_unit_costs
from cms_sim.errors import InputError
from cms_sim.scenario.cost import CostLine, PlanCost, check_budget, cost_of, incremental
from cms_sim.scenario.files import load_reference, load_scenario
from cms_sim.scenario.schema import Budget, Services, Staff

Write = Callable[..., Path]
UNIT_COSTS = load_unit_costs()

SITES = """
[[levers.sites]]
precinct = 73
site_id = 1
opens = 2019-01-01
staff = { supervisors = 1, hospital_responders = 2 }

[[levers.sites]]
precinct = 75
site_id = 1
opens = 2021-01-01
closes = 2021-09-29
services = { employment_slots = 10 }

[[levers.patrol]]
precincts = 79
from = 2021-06-01
until = 2021-07-11
officers = 2
share_of_precinct = 0.1
"""


def test_by_hand(write: Write) -> None:
    cost = cost_of(load_scenario(write(SITES)), UNIT_COSTS)
    # Fiscal year 2021: 2020-07-01 to 2021-06-30; the second site is open 181 of its days, and 90 days of the next year.
    first = 102_000 + 2 * 87_500 + 36_000
    half, quarter = 181 / 365, 90 / 365
    employment = 129_400
    assert cost.by_precinct() == {
        73: pytest.approx(2 * first),
        75: pytest.approx((36_000 + employment) * (half + quarter) + 46_000),
        79: pytest.approx(2 * 170_000 * 40 / 365),
    }
    assert cost.by_fiscal_year() == {
        2021: pytest.approx(first + (36_000 + employment) * half + 46_000 + 340_000 * 30 / 365),
        2022: pytest.approx(first + (36_000 + employment) * quarter + 340_000 * 10 / 365),
    }
    assert cost.by_kind() == {
        "patrol.officers": pytest.approx(340_000 * 40 / 365),
        "service.employment_slots": pytest.approx(employment * (half + quarter)),
        "site.running": pytest.approx(36_000 * (2 + half + quarter)),
        "site.start_up": 46_000,
        "staff.hospital_responders": pytest.approx(350_000),
        "staff.supervisors": pytest.approx(204_000),
    }
    assert cost.by_fund()["wraparound"] == pytest.approx(350_000 + employment * (half + quarter))
    assert cost.total_usd == pytest.approx(sum(cost.by_fund().values()))


def test_a_leap_years_fiscal_year_costs_a_year(write: Write) -> None:
    text = 'title = "x"\n[constants]\nprecincts = 73\nstarts = 2023-07-01\nends = 2024-06-30\n'
    text += "[[levers.sites]]\nprecinct = 73\nsite_id = 1\nopens = 2019-01-01\n"
    assert cost_of(load_scenario(write(text, frame=False)), UNIT_COSTS).by_fiscal_year() == {
        2024: pytest.approx(36_000)
    }


def test_incremental_cancels_what_both_pay(write: Write) -> None:
    plan = PlanCost((CostLine(2021, 73, "site.running", "core", 5.0), CostLine(2021, 75, "site.running", "core", 7.0)))
    reference = PlanCost(
        (CostLine(2021, 73, "site.running", "core", 5.0), CostLine(2022, 75, "site.start_up", "core", 2.0))
    )
    assert incremental(plan, reference).lines == (
        CostLine(2021, 75, "site.running", "core", 7.0),
        CostLine(2022, 75, "site.start_up", "core", -2.0),
    )
    assert incremental(plan, plan).lines == ()


@pytest.mark.parametrize(
    ("budget", "unspent"),
    [
        (Budget(usd_per_year=300_000.0), {2021: 300_000 - 102_000, 2022: 300_000 - 204_000}),
        (Budget(usd_per_year=400_000.0, recurring=False), {2021: 400_000 - 306_000}),
        (Budget(usd_per_year=300_000.0, wraparound_usd_per_year=50_000.0), {2021: 248_000, 2022: 146_000}),
    ],
)
def test_what_a_budget_leaves(budget: Budget, unspent: dict[int, float], write: Write) -> None:
    write(SITES, "reference")
    text = 'title = "x"\nextends = "reference"\n'
    for day in ("2020-07-01", "2021-07-01"):
        text += f"[[levers.add]]\nprecincts = 73\nfrom = {day}\nstaff = {{ outreach_workers = 1 }}\n"
    plan = load_scenario(write(text, frame=False)).model_copy(update={"budget": budget})
    left = check_budget(plan, load_reference(plan), UNIT_COSTS)
    assert left == {year: pytest.approx(usd) for year, usd in unspent.items()}


def test_core_money_buys_services_and_wraparound_buys_no_posts(write: Write) -> None:
    write(SITES, "reference")
    add = 'title = "x"\nextends = "reference"\n[[levers.add]]\nprecincts = 73\nfrom = 2020-07-01\n'
    services = load_scenario(write(add + "services = { employment_slots = 10 }", frame=False))
    posts = load_scenario(write(add + "staff = { outreach_workers = 1 }", frame=False))
    core, wraparound = Budget(usd_per_year=130_000.0), Budget(usd_per_year=0.0, wraparound_usd_per_year=130_000.0)
    reference = load_reference(services)
    for plan, budget in ((services, core), (services, wraparound), (posts, core)):
        assert check_budget(plan.model_copy(update={"budget": budget}), reference, UNIT_COSTS)[2021] >= 600
    with pytest.raises(InputError, match=r"overspent by \$102,000"):
        check_budget(posts.model_copy(update={"budget": wraparound}), reference, UNIT_COSTS)


def test_unit_costs_carry_their_source() -> None:
    evidence = load_evidence()
    assert KINDS["staff"] == tuple(Staff.model_fields) and KINDS["service"] == tuple(Services.model_fields)
    for cost in UNIT_COSTS.values():
        cited = {word.strip(" .,:;()") for word in cost.assumed.split()} | set(cost.source)
        assert {word for word in cited if word.startswith(("T5-", "T6-"))} <= evidence.keys(), cost.name
        assert cost.source or len(cost.assumed) > 40
    assert UNIT_COSTS["staff.outreach_workers"].source == ("T5-042",)


def test_lines_of_the_city_come_out() -> None:
    price = {name: cost.usd for name, cost in UNIT_COSTS.items()}
    evidence = load_evidence()
    assert 7 * price["staff.supervisors"] + price["site.running"] == evidence["T5-013"].value
    assert 10 * price["service.employment_slots"] == evidence["T5-014"].value
    assert 20 * price["service.school_mediation_slots"] == evidence["T5-015"].value
    assert 7 * price["service.trauma_counselling_slots"] == evidence["T5-016"].value
    assert 2 * price["staff.hospital_responders"] == evidence["T5-017"].value
    assert 10 * price["service.mental_health_slots"] == evidence["T5-021"].value


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("usd = 36_000", "usd = -1"),
        ('fund = "core"', 'fund = "other"'),
        ("[site.running]", "[site.rent]"),
        ("assumed =", "source = ['T5-001']\nassumed ="),
        ("[site.running]", "[site.running"),
    ],
)
def test_a_broken_table_of_unit_costs_is_refused(old: str, new: str, tmp_path: Path) -> None:
    from cms_sim.data.unit_costs import TABLE

    file = tmp_path / "unit_costs.toml"
    file.write_text(TABLE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_unit_costs(file)
    assert str(file) in caught.value.where and caught.value.remedy


def test_posts_and_sites_cost_something_and_places_and_openings_may_not(tmp_path: Path) -> None:
    from cms_sim.data.unit_costs import NEVER_FREE, TABLE

    text = re.sub(r"^low_usd = .*\n", "", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    refused = set()
    for name in UNIT_COSTS:
        file = tmp_path / "unit_costs.toml"
        file.write_text(re.sub(rf"(\[{name}\]\nusd = )[\d_]+", r"\g<1>0", text), encoding="utf-8")
        try:
            assert load_unit_costs(file)[name].usd == 0.0
        except InputError as error:
            assert error.where == f"{file}: {name}.usd" and "costs nothing" in error.message and error.remedy
            refused.add(name)
    assert refused == set(NEVER_FREE) == {f"staff.{role}" for role in Staff.model_fields} | {"site.running"}
