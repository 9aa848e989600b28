"""The report of an optimisation: its words case by case, its page, and its pages on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.parameters import load_parameters
from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.acceptable import Acceptable
from cms_sim.evaluation.decision.decision import Condition, Decision, Estimate, Information, Known, Region
from cms_sim.evaluation.decision.decision_file import write_decision
from cms_sim.evaluation.decision.rivals import contrast_sentence
from cms_sim.evaluation.decision.words import answer, information
from cms_sim.report.decision_money import acceptability_table, cost_table, granted_usd, lens_table, money_notes
from cms_sim.report.decision_page import decision_page, write_decision_report
from cms_sim.report.decision_places import in_short, places_table, share_of_all
from cms_sim.report.decision_section import section
from cms_sim.report.decision_tables import equity_notes, equity_table, front_table, groups_table, origin, plans_table
from cms_sim.report.decision_words import (
    assumed,
    contrasts,
    question,
    stops_being_best,
    three_sentences,
)
from cms_sim.report.precinct_levels import decision_levels
from tests.report.made_decision import REGION, made_decision
from tests.report.maps.made import features, write_geojson
from tests.report.test_page import Reader


def with_region(region: Region) -> Decision:
    decision = made_decision()
    winner = decision.plan("first")
    plan = replace(winner, robustness=replace(winner.robustness, stops_being_best=(region,)))
    return replace(decision, plans=(decision.plans[0], plan, *decision.plans[2:]))


def test_a_clear_winner_is_the_best_use_found() -> None:
    first, _, sure = three_sentences(made_decision())
    assert first == (
        "The best use found is “First”: about 10 fewer people are shot a year than under “Kept” (8 to 12 with 95% "
        "confidence in the average); it costs $5M a year more, which is about $500,000 for each person not shot "
        "($400,000 to $600,000 with 95% confidence in the average)."
    )
    assert sure == (
        "How sure that is: “First” is the best of 3 choices, on average over what is not known, with 70% probability; "
        "it is expected to fall short of the best choice by 0.3 people a year; more people are shot under “First” than "
        "under “Kept” in 12% of runs, and on average in 4% of the draws of what is not known."
    )
    assert question(made_decision()).startswith("What is the best use of $5M a year in precincts 43 and 69 from 1 July")


def test_what_cannot_be_told_apart_is_said() -> None:
    (first, *_) = three_sentences(made_decision(not_told_apart=("second",)))
    assert first.startswith("“First” comes first, but “Second” cannot be told from it: about 10 fewer people")


@pytest.mark.parametrize(
    ("averted", "says", "cost_says"),
    [
        (
            Estimate(2.0, -1.0, 5.0),
            "No plan that was found is distinguishable from “Kept”: under “First”",
            "cannot be said",
        ),
        (
            Estimate(-6.0, -8.0, -4.0),
            "No plan that was found helps: even under “First”, the best of them, about 6 more",
            "because more are shot",
        ),
        (Estimate(2.0, None, None), "These are examples and no advice: 32 fresh draws", "cannot be said"),
    ],
)
def test_no_advice_where_nothing_is_shown_to_avert(averted: Estimate, says: str, cost_says: str) -> None:
    first, *_ = three_sentences(made_decision(averted))
    assert first.startswith(says) and cost_says in first and "$500,000" not in first


def test_where_it_stops_being_best_is_told_by_what_parameters_mean() -> None:
    said = " ".join(stops_being_best(made_decision()))
    assert re.search(
        r"Where “chance that a messenger .*” is at most 0.02, which is 25% of what may be true, “Second”", said
    )
    assert "“Second” is ahead by 1.4 people a year" in said and "tell 40% of how its lead varies" in said
    assert "10 fewer a year under “This city's record” (8 to 12)" in said
    assert "falls short of the best choice by 2.6 people a year" in said
    chicago = replace(REGION, conditions=(Condition("hypothesis", "", None, None, "chicago"),))
    assert "Where violence spreads as in “Chicago's social contagion”" in stops_being_best(with_region(chicago))[0]
    none = made_decision()
    winner = replace(none.plans[1], robustness=replace(none.plans[1].robustness, stops_being_best=()))
    assert "that is no proof" in stops_being_best(replace(none, plans=(none.plans[0], winner)))[0]


def test_the_plan_with_the_least_to_regret_is_named_where_it_is_another() -> None:
    assert "least to regret" not in " ".join(stops_being_best(made_decision()))
    other = stops_being_best(replace(made_decision(), careful_choice="second"))[-1]
    assert other == (
        "Who wants the least to regret, whatever is true, takes “Second”: at worst it falls short by 2.6 people a year."
    )


def test_what_it_is_worth_to_know_stands_above_its_noise() -> None:
    decision = made_decision()
    assert decision.information is not None
    assert information(decision)[1].startswith("Most of it lies in chance that a messenger")
    small = replace(decision.information, everything_per_year=0.9)
    assert information(replace(decision, information=small))[1].startswith("Most worth knowing: chance that a")
    noisy = replace(decision.information.by_parameter[0], noise_per_year=0.5)
    told = information(replace(decision, information=replace(decision.information, by_parameter=(noisy,))))
    assert told[1].startswith("No single unknown is worth knowing first")


def test_sources_are_in_plain_words() -> None:
    weighs, city, chicago, *_ = assumed(made_decision())
    assert weighs == "What is weighed: people not shot, each alike."
    assert "fitted to this city's record of 2006-2019" in city and "they were not fitted" in chicago


def weighing(**weights: float) -> Decision:
    """The made decision, by these weights."""
    decision = made_decision()
    return replace(decision, problem={**decision.problem, "weigh": {"victims": 1.0, **weights}})


def changed(decision: Decision, name: str, **changes: object) -> Decision:
    plans = tuple(replace(plan, **changes) if plan.name == name else plan for plan in decision.plans)  # type: ignore[arg-type]
    return replace(decision, plans=plans)


def with_nothing_more_ahead(score: Estimate) -> Decision:
    """Money weighs so much that doing nothing more comes first."""
    ahead = changed(weighing(million_usd=3.0), "first", score_per_year=score, probability_best=0.0)
    return changed(ahead, "kept", expected_regret_per_year=0.0, probability_best=0.99)


def test_where_doing_nothing_more_is_best_by_the_weights_that_comes_first() -> None:
    decision = with_nothing_more_ahead(Estimate(-5.0, -7.0, -3.0))
    said = (
        "By these weights (1 for each person not shot, 3 off for each million dollars) doing nothing more than “Kept”"
    )
    first, _, sure = three_sentences(decision)
    assert first.startswith(f"{said} is best: what “First”") and "about 10 fewer people are shot a year" in first
    assert next(iter(answer(decision))).startswith(f"{said} is best")
    assert (
        "doing nothing more is the best of 3 choices, on average over what is not known, with 99%" in sure
        and "fall short" not in sure
    )
    assert any("doing nothing more is the best" in each.lower() for each in answer(decision))
    near = with_nothing_more_ahead(Estimate(-0.5, -2.0, 1.0))
    assert three_sentences(near)[0].startswith(f"{said} comes first, though “First”")
    assert "3 off for each million dollars" in assumed(decision)[0] and "it costs $5M a year more" in first


def test_a_plan_that_averts_fewer_victims_leads_for_a_reason_that_is_said() -> None:
    decision = changed(weighing(victims=0.0, deaths=1.0), "second", averted_per_year=Estimate(14.0, 12.0, 16.0))
    why = "Under “Second” fewer people are shot (14 fewer a year, under “First” 10 fewer), but what is weighed is 1 for"
    assert three_sentences(decision)[1].startswith(why) and any(each.startswith(why) for each in answer(decision))
    assert not any("but what is weighed" in each for each in three_sentences(made_decision()))


def test_mean_and_interval_are_in_one_unit() -> None:
    first, *_ = three_sentences(made_decision(Estimate(0.3, 0.02, 0.58)))
    assert "about 3 fewer people are shot in ten years than under “Kept” (0.2 to 5.8 with 95% confidence" in first
    first, *_ = three_sentences(made_decision(Estimate(0.02, -0.2, 0.24)))
    assert (
        "less than one person fewer is shot in twenty years" in first and "2 more to 2.4 fewer in ten years)" in first
    )


@pytest.mark.parametrize("averted", [Estimate(2.0, -1.0, 5.0), Estimate(-6.0, -8.0, -4.0)])
def test_nothing_is_sold_that_is_not_shown_to_help(averted: Estimate) -> None:
    decision = made_decision(averted)
    said = " ".join([*three_sentences(decision), *answer(decision), *money_notes(decision)])
    assert "is the best of" not in said and "fall short" not in said and "pays" not in said
    assert lens_table(decision) is None and "no return and no price is told" in said
    assert not re.search(r"[-−]\d|0\.0\b", said)


def test_harm_is_told_in_one_sentence_that_agrees_with_itself() -> None:
    none = changed(made_decision(), "first", chance_of_harm=0.0)
    assert "; in no run of “First” are more people shot than under “Kept”." in three_sentences(none)[2]
    robust = made_decision().plans[1].robustness
    unknown = changed(made_decision(), "first", robustness=replace(robust, share_harm=None))
    assert three_sentences(unknown)[2].endswith("more people are shot under “First” than under “Kept” in 12% of runs.")


def test_where_draws_were_run_once_that_is_said_and_what_it_takes() -> None:
    robust = replace(made_decision().plans[1].robustness, share_harm=None, maximum_regret_per_year=None)
    once = changed(replace(made_decision(), information=None, careful_choice=None), "first", robustness=robust)
    said = " ".join(stops_being_best(once))
    assert "cannot be told from chance" in said and "raise fresh_replicates to 64" in said and "At worst" not in said
    assert information(once) == [] and any("raise fresh_replicates to 64" in each for each in answer(once))
    assert "What it would be worth to know first" not in decision_page(once, load_city_tables())


def test_a_plan_that_nobody_examined_is_not_called_safe() -> None:
    robust = replace(made_decision().plans[1].robustness, stops_being_best=(), tree_skill=None)
    unseen = changed(made_decision(), "first", robustness=robust)
    for said in (" ".join(stops_being_best(unseen)), " ".join(answer(unseen))):
        assert "was not examined" in said and "No assumption was found" not in said and "These conditions" not in said


def test_other_plans_are_told_with_what_they_cost() -> None:
    ahead = contrast_sentence("A", "B", Estimate(3.0, 1.0, 5.0), True, 2.5e6)
    assert (
        ahead == "Under “A” 3 fewer people are shot a year than under “B” (1 to 5); “A” costs $2.5 million a year more."
    )
    behind = contrast_sentence("A", "B", Estimate(-3.0, -5.0, -1.0), True, -2.5e6)
    assert "3 more people are shot a year than under “B” (1 to 5); “A” costs $2.5 million a year less" in behind
    near = contrast_sentence("A", "B", Estimate(0.1, -0.03, 0.4), False, 0.0)
    assert "cannot be told apart: from less than 0.1 more to 0.4 fewer people are shot a year" in near
    alike, *said = contrasts(made_decision())
    assert said == ["First averts 3 more than Second.", "First averts 4 more than Announced."]
    assert alike == "The 2 plans that came out of the search lie at most 3 people not shot a year apart."


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ((5.0, 20.0), "($250,000 to $1M over what is not known: 5 to 20 people a year)."),
        ((-1.0, 20.0), "($250,000 at best, and no bound above, over what is not known)."),
    ],
)
def test_the_price_is_told_over_what_is_not_known(expected: tuple[float, float], words: str) -> None:
    """More runs make the average surer, and not the price."""
    decision = made_decision()
    winner = replace(decision.plans[1], expected_range_per_year=expected)
    first = three_sentences(replace(decision, plans=(decision.plans[0], winner, *decision.plans[2:])))[0]
    assert first.endswith(words), first


def test_the_money_by_year_and_by_who_counts() -> None:
    decision = made_decision()
    costs, lenses = cost_table(decision), lens_table(decision)
    assert costs.headings[-4:] == ("FY 2021", "FY 2022", "FY 2023", "FY 2024")
    assert costs.rows[0] == ("First", "+$20M", "+$400,000", "+$19.6M", "+$5.4M", "+$5M", "+$5M", "+$4.6M")
    assert lenses is not None
    assert lenses.rows[0] == ("Society", "$4.1 (3 to 5.2)", "–", "$60M ($40M to $80M)", "2.2", "$20M")
    assert lenses.rows[1][1] == "25 cents (20 to 30)" and lenses.rows[1][3].startswith("−$15M")
    ranged = [replace(each, per_dollar_range=(0.22, 2.96)) for each in decision.break_even]
    told = lens_table(replace(decision, break_even=tuple(ranged)))
    assert told is not None and told.rows[0][2] == "22 cents to $3" and "by its sources" in told.caption
    assert "packaged table" in money_notes(decision)[-1]
    own = replace(decision, problem={**decision.problem, "unit_costs_usd": {"staff.supervisors": 1.0}})
    assert "differs from the packaged one in 1 of" in money_notes(own)[-1]


def test_which_choice_is_worth_most_is_told_by_what_a_person_not_shot_is_worth() -> None:
    assert acceptability_table(made_decision()) is None
    points = ((1e5, "kept", 1.0), (3e5, "first", 0.6), (6e5, "first", 0.9), (1e6, "first", 0.7), (2e6, "second", 0.004))
    told = tuple(Acceptable(*each) for each in points)
    decision = replace(made_decision(), acceptability=told)
    table = acceptability_table(decision)
    assert table is not None and table.rows == [
        ("$100,000", "Kept", "100%"),
        ("$300,000 to $1M", "First", "60% to 90%"),
        ("$2M", "Second", "less than 1%"),
    ]
    assert "Worth most on average" in decision_page(decision, load_city_tables())


def test_the_front_and_whom_it_reaches_are_in_plain_words() -> None:
    front, groups = front_table(made_decision()), groups_table(made_decision())
    assert front.rows[0] == ("First", "10", "2", "+$5M", "10", "10") and len(front.rows) == 4
    assert not any("_" in heading or "hypothesis" in heading for heading in front.headings)
    assert groups is not None and groups.rows[1] == ("Men", "9 (7 to 11)")
    assert "it is no choice" in plans_table(made_decision()).caption
    winner = made_decision().plans[1]
    places = tuple(replace(part, in_play=part.precinct != 75) for part in winner.precincts)
    assert places_table(changed(made_decision(), "first", precincts=places)).rows[-2][0] == "1 other precinct"


def test_what_a_plan_is_and_what_each_precinct_gets_is_told_in_full() -> None:
    assert in_short(made_decision()) == (
        "What “First” is: 1 new site, 5 posts and 10 service places. A year it puts into 43 Place 43 ($1M)."
    )
    first, *_, total = places_table(made_decision()).rows
    assert first == (
        "43 Place 43",
        "1 new site, on evenings; 5 posts (1 supervisor, 4 violence interrupters); 10 service places (10 employment)",
        *("$1M", "–", "30.0", "20.0", "10", "8 to 12"),
    )
    assert total[:3] == ("All together", "1 new site, 5 posts and 10 service places", "$5M") and total[-1] == "8 to 12"
    part = made_decision().plans[1].precincts[0]
    both = replace(part, sites=3, shifts=("evenings", "nights_weekends", "evenings"))
    told = places_table(changed(made_decision(), "first", precincts=(both,))).rows[0][1]
    assert told.startswith("3 new sites, 2 on evenings and 1 on nights and weekends; 5 posts")


def test_what_reads_as_nothing_in_a_precinct_is_said_shortly() -> None:
    part = made_decision().plans[1].precincts[0]
    for low, said in ((-0.04, "about 0"), (-0.3, "from 0.3 more to less than 0.1 fewer")):
        tiny = replace(part, averted_per_year=Estimate(0.0, low, 0.04))
        assert places_table(changed(made_decision(), "first", precincts=(tiny,))).rows[0][-1] == said


def on_record(decision: Decision, *recorded: float) -> Decision:
    """The made decision with people shot a year on record in its precincts, in all plans."""
    plans = tuple(
        replace(
            plan,
            precincts=tuple(
                replace(part, recorded_per_year=told) for part, told in zip(plan.precincts, recorded, strict=True)
            ),
        )
        for plan in decision.plans
    )
    return replace(decision, plans=plans)


def test_levels_that_stand_far_from_the_record_are_shown_and_named() -> None:
    assert decision_levels(made_decision()) == []
    decision = on_record(made_decision(), 50.0, 20.4, 19.6)
    assert places_table(decision).rows[0][3] == "50.0" and places_table(decision).headings[3] == "On record, 2017-19"
    (said,) = decision_levels(decision)
    assert "Most apart stands 43 Place 43 (20 people shot a year, 50 in the record)." in said
    assert "In these 2 precincts together 40 people are shot a year in the runs, 70 in the record." in said
    page = decision_page(decision, load_city_tables())
    assert said in page and said in "\n".join(section(decision, []))


def test_what_is_averted_is_told_beside_all_who_are_shot() -> None:
    (said,) = share_of_all(made_decision())
    assert said == (
        "That is 14% of the 70 people who are shot a year without it in these 3 precincts, and 20% of the 50 in the 2 "
        "of the question."
    )
    assert share_of_all(changed(made_decision(), "first", averted_per_year=Estimate(1.0, -1.0, 3.0))) == []


def test_what_no_plan_changes_reads_as_no_difference() -> None:
    nothing = made_decision(Estimate(0.0, 0.0, 0.0))
    first = next(iter(answer(nothing)))
    assert first == (
        "Nothing that was found averts anything: under “First”, the first of them, as many people are shot as under "
        "“Kept”, in every run."
    )
    assert "as many people are shot as under “Kept”, in every run; it costs" in three_sentences(nothing)[0]
    said = " ".join([*answer(nothing), *three_sentences(nothing)])
    assert "none people" not in said and "as many people are shot than" not in said
    half = next(iter(answer(made_decision(Estimate(1.0, 0.0, 3.0)))))
    assert "the first of them, 0 to 3 fewer people are shot a year" in half
    level = three_sentences(made_decision(Estimate(0.0, -1.0, 1.0)))[0]
    assert "as many people are shot as under “Kept”, with a 95% interval that includes none" in level


def test_the_first_printed_sentence_says_what_its_interval_is_and_what_is_added() -> None:
    assert next(iter(answer(made_decision()))) == (
        "“First” averts 10 victims a year (8 to 12: 95% interval of the average, for the chance of these runs alone) "
        "for $5.0M a year: 5 posts in precinct 43 ($1.0M)."
    )
    part, *others = made_decision().plans[1].precincts
    services = (replace(part, sites=1, staff={}, services={"legal_aid_slots": 1178}), *others)
    assert ": 1 site and 1,178 service places in precinct 43 ($1.0M)." in next(
        iter(answer(changed(made_decision(), "first", precincts=services)))
    )


def test_a_budget_granted_once_is_not_told_as_a_year() -> None:
    budget = {"usd_per_year": 5e6, "wraparound_usd_per_year": 1e6, "recurring": False}
    asked = question(replace(made_decision(), problem={"budget": budget}))
    assert asked.startswith("What is the best use of $5M in all, and $1M in all for services") and "year" not in asked


def test_how_often_numbers_are_drawn_is_said_as_it_is() -> None:
    effort = replace(made_decision().effort, draws={"city": 64, "chicago": 64}, fresh_replicates=256)
    known = Known(next(iter(load_parameters())), "share", 0.4, 0.1)
    decision = replace(made_decision(), effort=effort, information=Information(0.6, (known,), 0.2))
    (said,) = [each for each in assumed(decision) if "drawn:" in each]
    assert said.startswith("Not known and therefore drawn: 1 number, ")
    assert said.endswith(
        " 64 draws of them, numbered alike under each reading, are taken in turn for the 128 histories of each."
    )


def test_plans_that_lie_close_do_not_look_a_person_apart() -> None:
    means = {"first": 27.54, "second": 27.49}
    decision = made_decision()
    for name, mean in means.items():
        found = Estimate(mean, 26.0, 29.0)
        criteria = {**decision.plan(name).criteria, "averted_per_year": mean}
        decision = changed(decision, name, averted_per_year=found, criteria=criteria)
    assert [row[2] for row in plans_table(decision).rows] == ["27.5", "27.5", "6", "–"]
    assert [row[1] for row in front_table(decision).rows][:2] == ["27.5", "27.5"]
    far = changed(decision, "second", averted_per_year=Estimate(26.6, 26.0, 29.0))
    assert [row[2] for row in plans_table(far).rows][:2] == ["28", "27"]


def everywhere(number: int = 26) -> Decision:
    """Every precinct in play gets two sites, with posts and services of every kind."""
    decision = made_decision()
    part = replace(
        decision.plans[1].precincts[0],
        name="Crown Heights South",
        in_play=True,
        sites=2,
        staff={"violence_interrupters": 12, "outreach_workers": 11, "hospital_responders": 2, "supervisors": 2},
        services={f"{name}_slots": 20 for name in ("employment", "mental_health", "trauma_counselling", "legal_aid")},
        shifts=("evenings", "nights_weekends"),
    )
    known = [each.number for each in load_city_tables().precincts][:number]
    parts = tuple(replace(part, precinct=each) for each in known)
    plans = tuple(replace(plan, precincts=parts) for plan in decision.plans)
    more = tuple(replace(plans[2], name=f"more_{k}", title=f"One plan more, number {k}") for k in range(30))
    return replace(decision, plans=(*plans, *more))


def test_many_places_have_one_line_each() -> None:
    row, *_ = places_table(everywhere()).rows
    assert row[1] == "2 sites, 27 posts, 80 places" and "precincts.csv" in places_table(everywhere()).caption
    assert "12 violence interrupters" in places_table(everywhere(10)).rows[0][1]
    assert in_short(everywhere()).endswith("and 16 more ($16M).")
    assert next(iter(answer(everywhere()))).endswith(", the rest in 16 more ($16.0M).")


def test_with_every_precinct_in_play_it_prints_on_eight_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("weasyprint", reason="the extra `pdf` is not installed", exc_type=ImportError)
    assert 2 <= printed_pages(everywhere(), tmp_path, capsys) <= 8
    shapes = write_geojson(tmp_path / "precincts.geojson", features(load_city_tables()))
    assert 2 <= printed_pages(everywhere(), tmp_path, capsys, "--boundaries", str(shapes)) <= 8


def test_long_titles_keep_to_their_cells() -> None:
    title = "Where the money that is granted each year is spent best, " * 2
    decision = changed(made_decision(), "second", title=title)
    for table in (plans_table(decision), front_table(decision), cost_table(decision), equity_table(decision)):
        (cell,) = {row[0] for row in table.rows if row[0].startswith("Where the money")}
        assert len(cell) <= 44 and cell.endswith("…")


def test_whether_gaps_narrow_or_widen_is_said_where_intervals_lie_apart() -> None:
    assert equity_notes(made_decision()) == []
    equity = made_decision().plans[1].equity
    wider = replace(equity, rate_ratio_by_census={"black_or_hispanic": Estimate(1.62, 1.6, 1.64)})
    closer = replace(wider, rate_ratio=Estimate(1.2, 1.1, 1.25))
    narrows, widens = equity_notes(changed(made_decision(), "first", equity=closer))
    (told,) = [each for each in answer(changed(made_decision(), "first", equity=closer)) if "widens" in each]
    assert told == (
        "“First” clearly widens the gap between precincts with a higher and with a lower share of Black or Hispanic "
        "residents (rates 1.62 to 1, 1.4 to 1 without)."
    )
    page = decision_page(changed(made_decision(), "first", equity=closer), load_city_tables())
    assert "widens the gap by share of Black or Hispanic residents (1.4 to 1 without it, 1.62 with it).</p>" in page
    assert not any("widens" in each for each in answer(made_decision()))
    assert narrows.startswith("“First” narrows the gap between the worst-off and the best-off precinct")
    assert widens.endswith("of Black or Hispanic residents: 1.62 (1.60 to 1.64) with it, 1.4 (1.3 to 1.5) without.")
    under = replace(equity, rate_ratio_by_census={"black_or_hispanic": Estimate(0.7, 0.65, 0.75)})
    before = replace(equity, rate_ratio_by_census={"black_or_hispanic": Estimate(0.9, 0.85, 0.95)})
    below = changed(changed(made_decision(), "first", equity=under), "kept", equity=before)
    assert "“First” widens the gap" in equity_notes(below)[0]


def test_what_is_granted_stands_beside_what_is_spent_and_what_is_left_is_explained() -> None:
    decision = replace(made_decision(), problem={"budget": {"usd_per_year": 5e6, "wraparound_usd_per_year": 1e6}})
    assert question(decision).startswith("What is the best use of $5M a year, and $1M a year for services and hospital")
    assert cost_table(decision).rows[-1] == ("Granted", "$24M", "–", "–", "$6M", "$6M", "$6M", "$6M")
    assert any("leaves $4M of the $24M granted" in each for each in money_notes(decision))
    assert not any("leaves" in each for each in money_notes(made_decision()))
    cheaper = {"kind": "cheaper", "cost_usd_per_year": 4e6}
    assert money_notes(changed(made_decision(), "second", **cheaper))[0] == (
        "The last dollars buy as much: the $1M a year that “First” costs beyond “Second” spare people at $330,000 "
        "each, all of it at $500,000."
    )
    dear = changed(made_decision(), "second", **{**cheaper, "cost_usd_per_year": 2e6})
    assert "The last dollars buy less" in money_notes(dear)[0]
    assert "last dollars" not in money_notes(replace(dear, not_told_apart=("second",)))[0]
    half = granted_usd(replace(decision, starts="2022-01-01", ends="2022-12-31"))
    assert list(half) == [2022, 2023] and sum(half.values()) == pytest.approx(6e6, rel=0.01)
    once = {"budget": {"usd_per_year": 5e6, "recurring": False}}
    assert granted_usd(replace(decision, problem=once)) == {2021: 5e6}


def test_what_a_victim_averted_is_worth_is_told_once_and_with_the_money() -> None:
    decision = weighing(usd_per_victim=1e6)
    assert [each for each in money_notes(decision) if "pays from" in each] == [
        "At $1M for a person not shot it pays from 5 a year on."
    ]
    assert not any("pays" in each for each in answer(decision))


def test_single_runs_and_the_rules_of_the_question_are_told() -> None:
    decision = changed(made_decision(), "first", nine_runs_in_ten_per_year=(-2.0, 24.0))
    assert "in nine single runs of ten from 2 more to 24 fewer people are shot a year;" in three_sentences(decision)[2]
    sure = changed(made_decision(), "first", nine_runs_in_ten_per_year=(3.0, 24.0))
    assert "in nine single runs of ten 3 to 24 fewer people are shot a year;" in three_sentences(sure)[2]
    assert assumed(made_decision())[-2] == (
        "Only plans that the question's rules allow were looked for: 1 to 2 new sites in each of its precincts that "
        "has none; at a new site at least 2 violence interrupters, 1 outreach worker, 1 supervisor, at most 12 "
        "violence interrupters, 12 outreach workers, 2 hospital responders, 1 supervisor, which may also be added to a "
        "site that is there; in a precinct at most 20 employment, 20 mental health, 20 trauma counselling, 80 school "
        "mediation, 20 legal aid places. Other rules may have another answer."
    )
    bad = replace(made_decision(), problem={"rules": {"sites_at_least": "many"}})
    assert assumed(bad)[-2] == "Only plans that the question's rules allow were looked for."


def test_no_probability_from_samples_is_certain() -> None:
    sure = changed(changed(made_decision(), "first", probability_best=1.0), "second", probability_best=0.0)
    assert "with more than 99% probability" in three_sentences(sure)[2]
    assert plans_table(sure).rows[1][7] == "less than 1%"


def test_where_the_numbers_come_from_can_be_repeated() -> None:
    assert dict(origin(made_decision()))["Command"].startswith("cms-sim optimise, of the problem that decision.json")
    asked = replace(made_decision(), command=("optimise", "my plans/ten.toml", "--budget-usd", "8e6"))
    assert dict(origin(asked))["Command"] == "cms-sim optimise 'my plans/ten.toml' --budget-usd 8e6"
    told = dict(origin(made_decision()))
    assert told["Version"] == "0.1.0" and told["SHA-256: prices"] == "2c" * 32
    assert "32 under “This city's record”" in told["Fresh draws"]


def test_the_page_stands_alone_and_can_be_read_without_seeing_it() -> None:
    reader = Reader()
    reader.feed(decision_page(made_decision(), load_city_tables()))
    tags = [tag for tag, _ in reader.attributes]
    assert reader.open == [] and not {"script", "link", "iframe", "object", "a"} & set(tags)
    images = [found for tag, found in reader.attributes if tag == "img"]
    assert len(images) == 2 and all(len(found["alt"] or "") > 20 for found in images)
    assert all((found["src"] or "").startswith("data:") for found in images)
    assert tags.count("table") == tags.count("caption") == 8
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert not re.search(r"\b(nan|inf|None)\b", reader.text) and "1 supervisor," in reader.text


def printed_pages(decision: Decision, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> int:
    """Pages of the report that the command prints."""
    write_decision(decision, folder)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(folder), *options])
    printed = capsys.readouterr().out
    assert ended.value.code == 0 and f"Report: {folder / 'report.html'}" in printed
    (pages,) = re.findall(r"report\.pdf \((\d+) pages\)", printed)
    return int(pages)


def test_the_command_prints_it_on_eight_pages_at_most(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("weasyprint", reason="the extra `pdf` is not installed", exc_type=ImportError)
    decision = made_decision()
    more = tuple(replace(decision.plans[2], name=f"more_{k}", title=f"One plan more, number {k}") for k in range(30))
    assert 2 <= printed_pages(replace(decision, plans=(*decision.plans, *more)), tmp_path, capsys) <= 8


def test_a_folder_without_a_decision_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no decision"):
        write_decision_report(tmp_path)


def test_a_full_disk_leaves_reports_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_decision(made_decision(), tmp_path)
    page, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    for file in (page, printed):
        file.write_text("older, and whole", encoding="utf-8")

    class Printer:
        def __init__(self, **_: object) -> None:
            self.pages = ["one"]

        def render(self) -> Printer:
            return self

        def write_pdf(self, file: Path, **_: object) -> None:
            file.write_bytes(b"%PDF-half")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("cms_sim.report.pdf._printer", lambda: Printer)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 1 and "the disk is full" in capsys.readouterr().err
    assert printed.read_text(encoding="utf-8") == "older, and whole"

    page.write_text("older, and whole", encoding="utf-8")

    def half(file: Path, text: str, **_: object) -> int:
        file.write_bytes(text[:100].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 1 and page.read_text(encoding="utf-8") == "older, and whole"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["decision.json", "report.html", "report.pdf"]


def test_what_is_little_does_not_read_as_nothing() -> None:
    tiny = made_decision(Estimate(0.02, 0.01, 0.03))
    assert plans_table(tiny).rows[0][2:4] == ("about 0", "0.01 to 0.03")
    said = contrast_sentence("A", "B", Estimate(0.02, 0.01, 0.03), True, 0.0)
    assert said.startswith("Under “A” less than 0.1 fewer people are shot a year")
    assert any(
        "less than 0.1 victims a year (0.01 to 0.03: 95% interval of the average" in each for each in answer(tiny)
    )
    assert "“A” and “B” the same people" in contrast_sentence("A", "B", Estimate(0.0, 0.0, 0.0), False, 0.0)
