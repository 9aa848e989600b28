"""What plans take for granted, read from the shipped scenarios under the names of made-up results."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cms_sim.report.advice import would_change
from cms_sim.report.answer import answer
from cms_sim.report.plan_notes import moves_hours, plan_notes
from cms_sim.report.sheet import Sheet
from cms_sim.scenario.files import load_scenario
from tests.evaluation.make_results import BY_NEED, REFERENCE, MadePlan, make_results


def against_june_2020(*others: str) -> Sheet:
    """The reference and one or two shipped plans, with numbers that are made up; the first averts most."""
    results = make_results(replicates=30, plans=[REFERENCE, MadePlan("all", 0.3, 70e6), BY_NEED][: len(others) + 1])
    names = ("sites_june_2020", *others)
    scenarios = [load_scenario(each) for each in names]
    plans = tuple(
        replace(plan, name=each.name, title=each.title) for plan, each in zip(results.plans, scenarios, strict=True)
    )
    return Sheet(replace(results, plans=plans), scenarios=scenarios)


def test_moved_hours_are_said_to_cost_nothing_extra() -> None:
    sheet = against_june_2020("nights_weekends")
    (note,) = plan_notes(sheet)
    assert note.startswith("Under “Expansion, nights and weekends” teams work other hours than under “Sites of June")
    assert "without extra pay" in note and "assumed" in note
    assert "hours are moved without extra pay" in answer(sheet)[2]


def test_hours_of_the_references_own_teams_are_not_told_apart_from_money() -> None:
    """Said where the leader moved them; a plan that differs in hours only says what its posts avert without."""

    def advice(*plans: str) -> str:
        return " ".join(would_change(against_june_2020(*plans), []))

    alone = advice("nights_weekends")
    assert "moves the hours of 22 sites that “Sites of June 2020” has" in alone
    assert "the plans compared do not tell apart." in alone
    beside = against_june_2020("nights_weekends", "expansion_2020")
    assert beside.leader is not None and beside.leader.info.name == "nights_weekends"
    assert "(“Expansion of 2020”, the same posts at the usual hours, averts about " in advice(
        "nights_weekends", "expansion_2020"
    )
    assert "Expansion of 2020" not in advice("nights_weekends", "by_need")
    assert "moves the hours" not in advice("expansion_2020")


def test_a_second_supervisor_is_said_to_only_cover_a_vacancy() -> None:
    (note,) = plan_notes(against_june_2020("existing_staff"))
    assert note.startswith("Under “Same money into staff” sites have a second supervisor.") and "vacant" in note


def test_late_payment_is_compared_with_a_reference_paid_on_time() -> None:
    (note,) = plan_notes(against_june_2020("late_payment"))
    assert "is paid 255 days late" in note and "“Sites of June 2020”, which is paid on time" in note


@pytest.mark.parametrize("name", ["expansion_2020", "opening_late", "hot_spot_patrol", "services", "no_programme"])
def test_plans_of_the_same_hours_and_payment_have_no_note(name: str) -> None:
    """New sites too keep the hours of the others; patrol has hours of its own and is no team."""
    assert plan_notes(against_june_2020(name)) == []


def test_one_new_site_at_other_hours_is_enough() -> None:
    sheet = against_june_2020("expansion_2020")
    reference, plan = sheet.scenarios
    old = {site.key for site in reference.sites}
    late = load_scenario("nights_weekends")
    mixed = tuple(
        next(s for s in (plan if site.key in old else late).sites if s.key == site.key) for site in plan.sites
    )
    moved = plan.model_copy(update={"sites": mixed, "shifts": {**plan.shifts, **late.shifts}})
    assert not moves_hours(sheet, 1)
    assert moves_hours(replace(sheet, scenarios=(reference, moved)), 1)


def test_without_the_scenarios_nothing_is_said() -> None:
    assert plan_notes(Sheet(against_june_2020("nights_weekends").results)) == []
