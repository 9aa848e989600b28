"""The words of the answer, case by case: they claim what the runs show and nothing more."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from cms_sim.evaluation.money import CostPerAverted, Quadrant, RatioSet, Shape
from cms_sim.report.advice import decides, would_change
from cms_sim.report.answer import (
    Found,
    answer,
    found_in,
    harms,
    how_sure,
    month,
    question,
    readings,
    what,
    what_cost,
)
from cms_sim.report.assumptions import Assumption
from cms_sim.report.page_tables import plans_table
from cms_sim.report.sheet import Estimate, PlanLine, Sheet
from cms_sim.report.words import fewer, people, per_dollar
from tests.evaluation.make_results import (
    BY_NEED,
    EXPANSION,
    HARMFUL,
    NO_PROGRAMME,
    REFERENCE,
    SAME,
    MadePlan,
    make_results,
)
from tests.report.conftest import degenerate

UNPRICED = CostPerAverted(
    "victims", Quadrant.COSTS_NOTHING, 4e7, 0.0, *[math.nan] * 1, RatioSet(Shape.UNKNOWN), *[math.nan] * 4
)


def plan(
    mean: float,
    ends: tuple[float, float],
    runs: tuple[float, float] = (10.0, 55.0),
    *,
    title: str = "New",
    percent: float = 2.4,
    harm: float = 0.0,
    best: float = 0.8,
    extra_usd: float = 10e6,
    price: CostPerAverted | None = None,
) -> PlanLine:
    """A plan with these numbers, against a reference called Old."""
    (line,) = Sheet(make_results(replicates=20, plans=[REFERENCE, BY_NEED])).compared
    told = CostPerAverted(
        "victims",
        Quadrant.COSTS_AVERTS,
        4 * extra_usd,
        4 * mean,
        extra_usd / mean if mean > 0.0 else math.nan,
        RatioSet(Shape.BOUNDED, extra_usd / ends[1], extra_usd / ends[0]) if ends[0] > 0.0 else RatioSet(Shape.UNKNOWN),
        *[math.nan] * 4,
    )
    return replace(
        line,
        info=replace(line.info, name=title.lower(), title=title),
        averted=Estimate(mean, *ends, *runs),
        percent=percent,
        chance_more_shot=harm,
        chance_best=best,
        extra_usd_per_year=extra_usd,
        price=price or told,
    )


SECOND = plan(20.0, (18.0, 22.0), title="Second", best=0.2)
WINNER = Found("Old", plan(33.0, (30.0, 36.0)), [SECOND])


def test_a_clear_winner_is_named_with_what_is_sure_of_it() -> None:
    assert what(WINNER) == (
        "“New” averts most of the 2 plans: about 33 fewer people are shot a year than under “Old” (30 to 36 with 95% "
        "confidence in the average; 2.4% of all)."
    )
    assert how_sure(WINNER) == (
        "One future may turn out otherwise: in nine runs of ten 10 to 55 fewer people are shot a year, in no run are "
        "more people shot than under “Old” and it is the best plan in 80% of runs."
    )
    assert what_cost(WINNER) == (
        "“New” costs $10M a year more than “Old”, which is about $300,000 for each person not shot ($280,000 to "
        "$330,000 with 95% confidence in the average)."
    )


def test_moved_hours_stand_beside_the_price() -> None:
    assert "(its teams' hours are moved without extra pay, which is assumed)" in what_cost(
        replace(WINNER, moves_hours=True)
    )


def test_plans_that_cannot_be_told_apart_are_not_ranked() -> None:
    third = plan(32.0, (28.0, 36.0), title="Third")
    all_tied = what(Found("Old", WINNER.leader, [third], ["Third"]))
    assert all_tied.startswith("No plan is distinguishable from the best: under “New”, the first of 2, about 33 fewer")
    some = what(Found("Old", WINNER.leader, [third, SECOND], ["Third"]))
    assert some.startswith("No single plan is shown to be best: under “New”, the first of 3, about 33 fewer people")
    assert some.endswith("and “Third” cannot be told from it.") and "averts most" not in all_tied + some


def test_plans_that_cannot_be_told_from_the_reference_are_not_advised() -> None:
    leader = plan(3.2, (-1.4, 7.8), (-30.0, 38.0), harm=0.42, price=UNPRICED)
    found = Found("Old", leader, [plan(1.0, (-4.0, 6.0), title="Second")], ["Second"])
    assert what(found) == (
        "No plan is distinguishable from “Old”: under “New”, the best of them, about 3 fewer people are shot a year on "
        "average, with a 95% interval that includes none (from 1.4 more to 8 fewer)."
    )
    assert "in nine runs of ten the number lies anywhere from 30 more to 38 fewer people shot a year" in how_sure(found)
    assert "in 42% of runs this plan does harm: more people are shot than under “Old”" in how_sure(found)
    assert what_cost(found).endswith(
        "what a person not shot costs cannot be said, because these runs do not show that any is spared."
    )
    assert what(Found("Old", leader)).startswith("“New” is not distinguishable from “Old”: under it about 3 fewer")


def test_a_plan_that_is_shown_to_avert_is_not_hidden_by_a_wider_one() -> None:
    wide, sure = plan(3.0, (-2.0, 8.0)), plan(1.6, (1.3, 1.9), title="Sure")
    said = what(Found("Old", wide, [sure], ["Sure"]))
    assert said.startswith("Of the plans shown to avert anything “Sure” averts most: about 1.6 fewer people")
    assert said.endswith("“New” has the higher average, but its interval includes none (from 2 more to 8 fewer).")


def test_harm_is_said_and_has_no_price() -> None:
    leader = plan(-12.0, (-13.0, -11.0), (-16.0, -9.0), harm=1.0, percent=-2.0, price=UNPRICED)
    alone = Found("Old", leader)
    assert what(alone).startswith(
        "“New” does harm: about 12 more people are shot a year than under “Old” (11 to 13 more"
    )
    assert "in nine runs of ten 9 to 16 more people are shot a year" in how_sure(alone)
    assert "in every run this plan does harm" in how_sure(alone)
    assert what_cost(alone).endswith("there is no price for a person not shot, because more are shot.")
    several = Found("Old", leader, [plan(-20.0, (-22.0, -18.0), title="Worse")])
    assert what(several).startswith("No plan helps: even under “New”, the best of them, about 12 more people are shot")
    assert "it is the best plan" not in how_sure(several)  # of plans that do harm none is called best


def test_another_plan_that_does_harm_is_named_in_the_answer() -> None:
    worse = plan(-20.0, (-22.0, -18.0), title="Worse", harm=0.9)
    assert how_sure(Found("Old", WINNER.leader, [worse])).endswith("and under “Worse” more people are shot on average.")


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        (0.0, "as many people are shot"),
        (0.02, "less than one person fewer is shot in twenty years"),
        (-0.02, "less than one person more is shot in twenty years"),
        (0.1, "about one person fewer is shot in ten years"),
        (0.34, "about 3 fewer people are shot in ten years"),
        (-0.8, "about 8 more people are shot in ten years"),
        (1.6, "about 1.6 fewer people are shot a year"),
        (5.9, "about 6 fewer people are shot a year"),
        (33.4, "about 33 fewer people are shot a year"),
        (234.0, "about 230 fewer people are shot a year"),
        (-1234.0, "about 1,200 more people are shot a year"),
    ],
)
def test_numbers_of_people_are_rounded_as_one_says_them(mean: float, said: str) -> None:
    assert fewer(mean) == said


def test_an_effect_near_zero_is_told_in_ten_years_and_as_less_than_a_tenth_of_a_percent() -> None:
    said = what(Found("Old", plan(0.3, (0.2, 0.4), percent=0.04), [SECOND]))
    assert "about 3 fewer people are shot in ten years than under “Old” (2 to 4 " in said
    assert said.endswith("less than 0.1% of all).")


def test_plans_that_change_nothing_say_so() -> None:
    sentences = answer(Sheet(make_results(replicates=30, plans=[REFERENCE, SAME])))
    assert sentences[0] == "“Same” is not distinguishable from “Kept”: the same number of people are shot in every run."
    assert "nearly every run gives the same: as many people are shot" in sentences[1]
    assert "costs no more than “Kept”; what a person not shot costs cannot be said" in sentences[2]


def test_a_very_wide_interval_is_told_by_its_ends() -> None:
    said = what(Found("Old", plan(10.0, (1.0, 19.0))))
    assert said.startswith("Under “New” between 1 and 19 fewer people are shot a year than under “Old”")
    assert "about 10" not in said


def test_hundreds_are_said_as_such() -> None:
    said = what(Found("Old", plan(234.0, (212.0, 256.0)), [SECOND]))
    assert "about 230 fewer people are shot a year than under “Old” (210 to 260 with" in said


def test_one_plan_is_not_ranked() -> None:
    alone = Found("Old", WINNER.leader)
    assert what(alone).startswith("Under “New” about 33 fewer people") and "most" not in what(alone)
    assert "best" not in how_sure(alone) and what_cost(alone).startswith("It costs $10M a year more than “Old”")


def test_a_plan_that_costs_no_more_has_no_price() -> None:
    free = CostPerAverted(
        "victims", Quadrant.SAVES_AVERTS, 0.0, 40.0, math.nan, RatioSet(Shape.UNKNOWN), *[math.nan] * 4
    )
    said = what_cost(Found("Old", plan(10.0, (8.0, 12.0), extra_usd=0.0, price=free)))
    assert said == "It costs no more than “Old”, so the people not shot come at no extra cost to the programme."
    less = what_cost(Found("Old", plan(10.0, (8.0, 12.0), extra_usd=-2e6, price=free)))
    assert less.startswith("It costs $2M a year less than “Old”, so")


def test_a_cost_is_undefined_where_averted_is_near_zero() -> None:
    near = plan(0.01, (-0.03, 0.05), price=UNPRICED)
    assert "cannot be said" in what_cost(Found("Old", near)) and "for each person" not in what_cost(Found("Old", near))


def test_without_enough_runs_for_a_range_none_is_said() -> None:
    few = plan(10.0, (8.0, 12.0), (math.nan, math.nan))
    assert "how far one future may lie from that average is not said (too few runs" in how_sure(Found("Old", few))


CITY, CHICAGO = "This city's record", "Chicago's social contagion"


def test_both_hypotheses_agree_or_the_answer_hangs_on_them() -> None:
    only = readings({CITY: WINNER}, [CITY, CHICAGO])
    assert only.endswith(f"“{CITY}”; under “{CHICAGO}” the answer may be another, and these runs do not say.")
    larger = Found("Old", plan(50.0, (44.0, 56.0)), [SECOND])
    same = readings({CITY: WINNER, CHICAGO: larger}, [CITY, CHICAGO])
    assert same.startswith("Under both readings of how violence spreads “New” averts most: about 33 fewer people")
    other = Found("Old", plan(40.0, (35.0, 45.0), title="Other"), [WINNER.leader])
    differs = readings({CITY: WINNER, CHICAGO: other}, [CITY, CHICAGO])
    assert differs.startswith("The answer depends on how violence spreads: “New” under “This city's record” (")
    none = readings({CITY: WINNER, CHICAGO: Found("Old", plan(2.0, (-1.0, 5.0)))}, [CITY, CHICAGO])
    assert none.endswith(f"and no plan that is shown to avert under “{CHICAGO}”.")


def test_people_and_dollars() -> None:
    assert [people(x) for x in (0.34, 1.62, 2.96, 5.9, 9.7, 33.3, 1234.0)] == [
        *("0.3", "1.6", "3", "6", "10", "33", "1,200"),
    ]
    assert per_dollar(6.98, 6.2, 7.7) == "$7 (6.2 to 7.7)"
    assert per_dollar(0.086, 0.077, 0.094) == "8.6 cents (7.7 to 9.4)"
    assert per_dollar(0.5, -0.2, 1.2) == "$0.5 (−0.2 to 1.2)"


# From results


def test_answer_names_the_best_plan_and_its_price(sheet: Sheet) -> None:
    which, sure, cost = answer(sheet)
    assert sheet.leader is not None and which.startswith(f"“{sheet.leader.info.title}” averts most of the 4 plans")
    assert "in nine runs of ten" in sure and "best plan in every run" in sure and "for each person not shot" in cost
    assert "under “Harmful” more people are shot on average" in sure
    (harm,) = harms(sheet)
    assert "“Harmful” in every run" in harm and harm.endswith("; the others in no run.")
    (all_harm,) = harms(Sheet(make_results(replicates=30, plans=[REFERENCE, HARMFUL])))
    assert all_harm == "Harm, that is more people shot than under “Kept”: “Harmful” in every run."
    assert plans_table(sheet).strong == 0
    assert plans_table(Sheet(make_results(replicates=30, plans=[REFERENCE, HARMFUL]))).strong is None


def test_no_plan_is_advised_that_is_not_shown_to_avert() -> None:
    for plans in ([REFERENCE, SAME], [REFERENCE, HARMFUL]):
        (advice,) = would_change(Sheet(make_results(replicates=30, plans=plans)), [])
        assert advice.startswith("These runs give no reason to prefer")


def test_a_dearer_leader_is_said_to_buy_less_per_dollar() -> None:
    small, large = MadePlan("small", 0.15, 34e6), MadePlan("large", 0.2, 130e6)

    def advice(*plans: MadePlan) -> str:
        return " ".join(would_change(Sheet(make_results(replicates=40, plans=[REFERENCE, *plans])), []))

    assert re.search(r"“Small” \(\$[\d,]+, \$[\d,]+ to \$[\d,]+\) buys more per dollar\.", advice(small, large))
    assert "per dollar" not in advice(replace(small, effect=0.19, cost_usd=124e6), large)
    free = advice(replace(small, cost_usd=30e6), large)
    assert "“Small” (fewer people, for no more money) buys more per dollar" in free


def test_no_programme_alone_is_what_happens_without_it() -> None:
    sheet = Sheet(degenerate()["references alone"])
    which, often, cost = answer(sheet)
    assert re.match(
        r"Without the programme about \d+ more people are shot a year than under “Kept” \(\d+ to \d+", which
    )
    assert cost == "The programme of “Kept” costs $7.5M a year."
    assert often.startswith("More people are shot without it in every run; ")
    assert "without the programme of “Kept”?" in question(sheet)
    few = answer(Sheet(make_results(replicates=3, plans=[REFERENCE, NO_PROGRAMME])))[1]
    assert few.startswith("More people are shot without it in 3 of 3 runs; ")


def test_answer_of_one_run_is_an_example() -> None:
    assert "example" in answer(Sheet(make_results(replicates=1)))[0]


def test_answer_without_a_plan() -> None:
    assert "nothing to compare" in answer(Sheet(make_results(replicates=5, plans=[REFERENCE])))[0]
    assert found_in(Sheet(make_results(replicates=5, plans=[REFERENCE]))) is None


def test_tied_plans_are_found_by_their_titles() -> None:
    twins = Sheet(
        make_results(replicates=30, plans=[REFERENCE, EXPANSION, replace(EXPANSION, name="twin", effect=0.1501)])
    )
    found = found_in(twins)
    assert found is not None and len(found.tied) == 1


def test_question_names_frame_and_reference(sheet: Sheet) -> None:
    assert "July 2020 to June 2024" in question(sheet) and "“Kept”" in question(sheet)
    assert month("2024-02") == "February 2024"


def moving(name: str, prior_only: bool) -> Assumption:
    """An assumption that moves the result and not the ranking."""
    return Assumption(name, None, 0.0, 1.0, 0.9, True, 0.5, (None, None), prior_only)


def test_what_moves_the_result_and_is_known_by_its_prior_only_is_said() -> None:
    sheet = Sheet(make_results(replicates=20, plans=[REFERENCE, BY_NEED]))
    said = " ".join(decides(sheet, [moving("kept", True), moving("lost", False)]))
    assert "depends most clearly on: kept; lost. No count of this city can settle kept: there" in said
    assert "No count of this city" not in " ".join(decides(sheet, [moving("lost", False)]))
    named = [*(moving(f"lost_{k}", False) for k in range(3)), moving("kept", True)]
    assert "No count of this city" not in " ".join(decides(sheet, named)), "only of those that are named"
