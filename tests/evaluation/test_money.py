"""Cost per victim averted: Fieller's set in all its shapes, and words where a number would mislead."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cms_sim.evaluation.money import Quadrant, RatioSet, Shape, cost_per_averted, fieller, incremental_cost_usd, plane
from cms_sim.evaluation.words import cost_brief, cost_text
from tests.evaluation.make_results import EXPANSION, HARMFUL, REFERENCE, SAME, MadePlan, make_results


def test_a_bounded_set_by_hand() -> None:
    # a = 10 (SE 1), b = 5 (SE 0.5), uncorrelated, t = 1.96: g = 0.038416, and the textbook form
    # (Q -+ t / b sqrt(SEa^2 + Q^2 SEb^2 - g SEa^2)) / (1 - g) with Q = 2 is (2 -+ 0.392 x 1.400566) / 0.961584.
    found = fieller(10.0, 5.0, 1.0, 0.25, 0.0, 1.96)
    assert found.shape is Shape.BOUNDED
    assert (found.low, found.high) == pytest.approx((1.508946, 2.650858), abs=1e-5)


def test_a_denominator_near_zero_has_no_upper_end() -> None:
    found = fieller(100.0, 1.0, 0.0, 1.0, 0.0, 2.0)  # averted -1 to 3: at least 100 / 3, or below -100
    assert found == RatioSet(Shape.TWO_RAYS, pytest.approx(-100.0), pytest.approx(100.0 / 3.0))


def test_neither_told_from_zero_leaves_every_ratio() -> None:
    assert fieller(0.1, 0.1, 1.0, 1.0, 0.0, 2.0).shape is Shape.EVERYTHING
    assert fieller(1.0, 1.0, 0.0, math.nan, 0.0, 2.0).shape is Shape.UNKNOWN


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.floats(0.01, 9),
    st.floats(0.01, 9),
    st.floats(-0.9, 0.9),
    st.floats(-40, 40),
)
def test_the_set_is_what_the_theorem_says(a: float, b: float, va: float, vb: float, rho: float, r: float) -> None:
    covariance = rho * math.sqrt(va * vb)
    gap = (a - r * b) ** 2 - 4.0 * (va + r * r * vb - 2.0 * r * covariance)
    assume(abs(gap) > 1e-6)
    found = fieller(a, b, va, vb, covariance, 2.0)
    inside = {
        Shape.BOUNDED: found.low <= r <= found.high,
        Shape.TWO_RAYS: r <= found.low or r >= found.high,
        Shape.EVERYTHING: True,
    }[found.shape]
    assert inside == (gap <= 0.0)


def test_a_plan_that_averts() -> None:
    results = make_results(plans=(REFERENCE, EXPANSION))
    cost = cost_per_averted(results)[1]
    averted, extra = plane(results)
    assert cost.quadrant is Quadrant.COSTS_AVERTS and extra[1] == 40e6 == incremental_cost_usd(results)[1]
    assert cost.usd == pytest.approx(40e6 / averted[:, 1].mean())
    assert cost.fieller.shape is Shape.BOUNDED and cost.fieller.low < cost.usd < cost.fieller.high
    assert cost.bootstrap_low_usd == pytest.approx(cost.fieller.low, rel=0.03)
    assert cost.bootstrap_high_usd == pytest.approx(cost.fieller.high, rel=0.03)
    assert cost.low_90_usd < cost.fieller.low < cost.fieller.high < cost.high_90_usd
    assert cost_text(cost).startswith("$") and " to $" in cost_text(cost)


def test_a_weak_plan_has_no_upper_limit() -> None:
    results = make_results(
        replicates=20, plans=(REFERENCE, MadePlan("weak", 0.03, 31e6, (43,))), victims_per_month=0.1, seed=4
    )
    cost = cost_per_averted(results)[1]
    assert cost.quadrant is Quadrant.COSTS_AVERTS and cost.fieller.shape is Shape.TWO_RAYS
    assert math.isinf(cost.high_90_usd) and math.isnan(cost.bootstrap_high_usd)
    assert "no upper limit" in cost_text(cost) and "at least" in cost_brief(cost)


def test_a_plan_like_its_reference_has_words_and_no_number() -> None:
    cost = cost_per_averted(make_results(plans=(REFERENCE, SAME)))[1]
    assert cost.quadrant is Quadrant.SAME and math.isnan(cost.usd)
    assert cost_text(cost) == "not defined: averts nothing and costs nothing more"


def test_a_harmful_plan_has_no_cost_per_victim_averted() -> None:
    cost = cost_per_averted(make_results(plans=(REFERENCE, HARMFUL)))[1]
    assert cost.quadrant is Quadrant.COSTS_HARMS and math.isnan(cost.usd)
    assert np.isnan([cost.fieller.low, cost.fieller.high, cost.low_90_usd, cost.high_90_usd]).all()
    assert "adds victims" in cost_text(cost) and cost_brief(cost) == "adds victims"


def test_a_cheaper_plan_that_averts_is_said_to_cost_no_more() -> None:
    cost = cost_per_averted(make_results(plans=(REFERENCE, MadePlan("lean", 0.2, 20e6))))[1]
    assert cost.quadrant is Quadrant.SAVES_AVERTS and "costs no more" in cost_text(cost)


def test_one_replicate_gives_a_number_without_an_interval() -> None:
    cost = cost_per_averted(make_results(1, plans=(REFERENCE, EXPANSION)))[1]
    assert cost.fieller.shape is Shape.UNKNOWN and np.isfinite(cost.usd) and "too few runs" in cost_text(cost)


def test_cost_per_death_averted() -> None:
    victims, deaths = (cost_per_averted(make_results(), outcome)[2] for outcome in ("victims", "deaths"))
    assert deaths.usd > victims.usd and deaths.outcome == "deaths"
