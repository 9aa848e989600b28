"""What is said first of the plans that a question names: that one averts more is never left to others to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cms_sim.evaluation.decision.decision import Contrast, Decision, Estimate, PlanResult
from cms_sim.evaluation.decision.rivals import contrast_sentence, named_plans
from cms_sim.evaluation.decision.words import answer
from cms_sim.report.decision_words import three_sentences
from tests.evaluation.decision.made_up_decision import made_up_decision
from tests.report.made_decision import made_decision, made_plan

AHEAD, LEVEL, BEHIND = Estimate(-4.26, -5.15, -3.38), Estimate(0.5, -1.0, 2.0), Estimate(4.0, 2.0, 6.0)


def held(*against: tuple[str, Estimate], **changes: object) -> Decision:
    """A question that names these plans; `changes` are of each."""
    decision = made_decision()
    named = [replace(made_plan(name, "named", Estimate(14.0, 12.0, 16.0), None), **changes) for name, _ in against]  # type: ignore[arg-type]
    contrasts = tuple(
        Contrast(name, "named", gap, 0.5, gap.low is not None and gap.low * (gap.high or 0.0) > 0.0, f"On {name}.")
        for name, gap in against
    )
    return replace(decision, plans=(*decision.plans[:3], *named), contrasts=(*decision.contrasts[:1], *contrasts))


def elsewhere(usd: float) -> dict[str, object]:
    """A plan that puts so much into a precinct that the question is not about, beside $1M in one that it is."""
    inside, other, outside = made_plan("any", "named", LEVEL).precincts
    return {"precincts": (inside, other, replace(outside, usd_per_year=usd))}


def test_a_named_plan_that_averts_more_is_told_with_its_interval_its_money_and_why_it_is_not_the_advice() -> None:
    decision = held(("by_need", AHEAD), cost_usd_per_year=5.32e6, **elsewhere(3e6))
    said = (
        "Under “By need”, named for comparison, 4.3 fewer people are shot a year than under “First” (3.4 to 5.2 "
        "with 95% confidence in the average), for $320,000 a year more; it is not the advice because 75% of its money "
        "goes to precincts outside the question."
    )
    assert named_plans(decision) == said
    assert three_sentences(decision)[1] == said and len(three_sentences(decision)) == 3
    told = list(answer(decision))
    assert told[1] == said and "On by_need." not in told


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"within_budget": False}, "it is not the advice because it costs more than the budget."),
        ({"cost_usd_per_year": 6e6}, "for $1 million a year more; it is not the advice because it costs more."),
        ({"breaks_rules_in": (43,)}, "because it breaks the question's rules in precinct 43."),
        (
            {"breaks_rules_in": (43, 69), "within_budget": False},
            "it costs more than the budget and it breaks the question's rules in both precincts.",
        ),
        (elsewhere(-2e6), "because it takes money from precincts outside the question."),
        ({"score_per_year": Estimate(3.0, 2.0, 4.0)}, "because by what is weighed it is behind."),
        ({"averted_per_year": Estimate(-1.0, -3.0, 1.0)}, "because it is not shown to spare anybody beyond “Kept”."),
        ({}, "for as much money; nothing that was checked speaks against it, so weigh it before “First”."),
        ({"cost_usd_per_year": 4e6}, "for $1 million a year less; nothing that was checked speaks against it, so"),
    ],
)
def test_the_reason_is_the_plans_own(changes: dict[str, object], why: str) -> None:
    assert why in named_plans(held(("announced", AHEAD), **changes))


def test_of_several_that_avert_more_the_one_that_averts_most_is_named_and_others_are_counted() -> None:
    less, most = Estimate(-2.2, -3.0, -1.5), AHEAD
    two = named_plans(held(("less", less), ("most", most), ("level", LEVEL), **elsewhere(1e6)))
    assert two.startswith("Under “Most”, named") and two.endswith(
        "; under “Less”, too, 2.2 fewer are shot (1.5 to 3), but 50% of its money goes to precincts outside the "
        "question."
    )
    free = named_plans(held(("less", less), ("most", most)))
    assert free.endswith("2.2 fewer are shot (1.5 to 3), and nothing that was checked speaks against it.")
    three = named_plans(held(("less", less), ("most", most), ("third", less), ("behind", BEHIND)))
    assert three.startswith("Under “Most”, named") and three.endswith(
        "; under 2 other named plans fewer are shot, too."
    )
    decision = held(("less", less), ("most", most))
    assert [each for each in answer(decision) if each.startswith("On ")] == ["On less."]


def test_the_sentence_and_the_list_round_alike() -> None:
    gap = Estimate(-5.37, -6.1, -4.6)
    assert "named for comparison, 5.4 fewer people are shot" in named_plans(held(("by_need", gap)))
    assert "5.4 more people are shot" in contrast_sentence("First", "By need", gap, True, 0.0)


def test_one_that_cannot_be_told_apart_is_said_to_be() -> None:
    assert named_plans(held(("announced", LEVEL), cost_usd_per_year=6e6)) == (
        "“Announced”, named for comparison, cannot be told from “First”: from 1 more to 2 fewer people are shot a year "
        "under “First”; it costs $1 million a year more."
    )
    assert named_plans(held(("a", LEVEL), ("b", BEHIND), ("c", LEVEL))).endswith("and neither can 1 other named plan.")
    same = named_plans(held(("announced", Estimate(0.0, 0.0, 0.0))))
    assert "cannot be told from “First”: the same people are shot in every run; it costs as much." in same


def test_where_every_named_plan_averts_less_the_nearest_is_told() -> None:
    further = Estimate(7.0, 5.0, 9.0)
    assert named_plans(held(("further", further), ("near", BEHIND))) == (
        "Under “Near”, named for comparison, 4 more people are shot a year than under “First” (2 to 6 with 95% "
        "confidence in the average), for as much money; under 1 other named plan still more are."
    )


def test_where_none_is_named_or_draws_are_few_that_is_said() -> None:
    assert named_plans(held()) == "The question names no other plan to hold it against."
    assert named_plans(held(("announced", Estimate(-4.0, None, None)))) == (
        "Draws are too few to tell “First” from “Announced”, named for comparison."
    )


def named_of(decision: Decision) -> list[PlanResult]:
    return [plan for plan in decision.plans if plan.kind == "named"]


def test_why_a_scenario_is_no_choice_is_looked_up_in_the_question() -> None:
    decision = made_up_decision()
    named = named_of(decision)
    assert named and all(plan.within_budget is not None and plan.breaks_rules_in is not None for plan in named)
    assert all(plan.within_budget is plan.breaks_rules_in is None for plan in decision.plans if plan not in named)
    for plan in named:
        spent = any(part.in_play and part.sites for part in plan.precincts)
        assert spent or plan.breaks_rules_in == tuple(part.precinct for part in plan.precincts if part.in_play)


def test_single_runs_spread_about_the_mean() -> None:
    decision = made_up_decision()
    for plan in decision.plans[1:]:
        assert plan.nine_runs_in_ten_per_year is not None
        low, high = plan.nine_runs_in_ten_per_year
        assert low <= plan.averted_per_year.mean <= high
        assert (low < 0.0) >= (plan.chance_of_harm > 0.06) and (low >= 0.0) >= (plan.chance_of_harm < 0.04)
