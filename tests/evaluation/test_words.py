"""Numbers as people say them, and sentences that claim no more than the runs show."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms_sim.evaluation.best import best
from cms_sim.evaluation.differences import averted
from cms_sim.evaluation.words import about, chance, interval, money, number, percent, plan_verdict, verdict
from tests.evaluation.make_results import NO_PROGRAMME, REFERENCE, SAME, MadePlan, make_results


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (0.34, "0.3"),
        (4.5, "4.5"),
        (9.96, "10"),
        (23.4, "23"),
        (118, "120"),
        (1234, "1,200"),
        (-3.2, "-3.2"),
    ],
)
def test_number(value: float, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (380123, "$380,000"),
        (1.24e6, "$1.2 million"),
        (-1e7, "-$10 million"),
        (46.2e6, "$46 million"),
        (1.2e9, "$1.2 billion"),
        (999_999, "$1 million"),
        (0.0, "$0"),
        (-0.2, "$0"),
    ],
)
def test_money(usd: float, said: str) -> None:
    assert money(usd) == said


def test_intervals_round_both_ends_alike() -> None:
    assert interval(-3.2, 12.1) == "-3 to 12" and interval(1234, 1251) == "1,230 to 1,250"
    assert interval(271_234, 641_000, money) == "$270,000 to $640,000"
    assert interval(3.0, math.inf, money) == "at least $3" and interval(math.nan, 1.0) == "not known"
    assert interval(-math.inf, 3.0) == "up to 3" and interval(0.0, 0.0) == "0 to 0"


def test_about_chance_and_percent() -> None:
    assert about(1234) == "about 1,200" and about(0.0) == "none" and about(0.01) == "less than 0.1"
    assert chance(0.999) == "more than 99%" and chance(1.0) == "100%" and chance(0.001) == "less than 1%"
    assert percent(-14.2) == "-14%" and percent(math.nan) == "not known"


@given(st.floats(-1e12, 1e12))
def test_rounding_stays_near(value: float) -> None:
    said = float(number(value).replace(",", ""))
    assert said == pytest.approx(value, rel=0.051, abs=0.0501)


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e9))
def test_an_interval_is_never_said_backwards(low: float, width: float) -> None:
    ends = [float(end.replace(",", "")) for end in interval(low, low + width).split(" to ")]
    assert ends[0] <= ends[1]


def said(*plans: MadePlan, replicates: int = 60, level: float = 4.0) -> str:
    results = make_results(replicates, plans, victims_per_month=level)
    return " ".join(verdict(best(results), averted(results), [plan.name for plan in plans], results.no_programme))


def test_no_plan_can_be_told_apart() -> None:
    assert said(REFERENCE, SAME) == "No plan can be told apart from the others on these runs."


def test_a_leader_and_those_close_to_it() -> None:
    strong, twin = MadePlan("strong", 0.3), MadePlan("twin", 0.3)
    sentence = said(REFERENCE, strong, twin, level=1.0)
    assert "has the fewest victims on average" in sentence and "cannot be told apart from" in sentence
    assert "No plan is shown to be better" not in sentence


def test_harm_and_nothing_better() -> None:
    sentence = said(REFERENCE, SAME, MadePlan("harmful", -0.3))
    assert (
        "No plan is shown to be better than the reference." in sentence
        and "harmful adds victims in every run." in sentence
    )


def test_one_run_and_one_plan() -> None:
    assert all("cannot tell plans apart" in said(REFERENCE, SAME, replicates=runs) for runs in (1, 3))
    assert "nothing to rank" in said(REFERENCE)


def test_without_the_programme_is_no_plan_that_adds() -> None:
    results = make_results(plans=(REFERENCE, NO_PROGRAMME))
    found = averted(results)
    alone = verdict(best(results, candidates=[0]), found, ["kept", "none"], results.no_programme)
    assert alone == [plan_verdict(found, 1, 1)]
    assert alone[0].startswith("Without the programme about") and alone[0].endswith("more in every run.")
    assert "dds" not in alone[0]
    few = averted(make_results(3, plans=(REFERENCE, NO_PROGRAMME)))
    assert "in these runs (too few runs to say how sure" in plan_verdict(few, 1, 1)


def test_plan_verdicts() -> None:
    found = averted(make_results(plans=(REFERENCE, MadePlan("good", 0.3), MadePlan("bad", -0.3), SAME)))
    assert plan_verdict(found, 0) == "This is the reference."
    assert plan_verdict(found, 1).startswith("Averts about") and plan_verdict(found, 1).endswith(
        "Adds none in any run."
    )
    bad = plan_verdict(found, 2)
    assert bad.startswith("Adds about") and bad.endswith("Adds victims in every run.") and "-" not in bad
    assert plan_verdict(found, 3) == "Changes no number of victims in any run."
    weak = averted(make_results(20, (REFERENCE, MadePlan("weak", 0.03, 31e6, (43,))), victims_per_month=0.1, seed=4))
    assert plan_verdict(weak, 1).startswith("On average its victims cannot be told from the reference's")
    one = averted(make_results(1, (REFERENCE, MadePlan("good", 0.3))))
    assert "too few runs to say how sure" in plan_verdict(one, 1)
