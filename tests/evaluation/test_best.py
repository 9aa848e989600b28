"""Probability of being best, regret, and which plans cannot be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms_sim.evaluation.best import acceptability, best, first_share, holm, lowest_cost_scores, paired_p_values, wilson
from cms_sim.evaluation.intervals import FEWEST_DRAWS
from tests.evaluation.make_results import PLANS, REFERENCE, SAME, MadePlan, make_results


def test_ties_are_split() -> None:
    scores = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [3.0, 3.0, 3.0]])
    np.testing.assert_allclose(first_share(scores), np.array([0.5 + 1 / 3, 1.5 + 1 / 3, 1 / 3]) / 3)


def test_the_share_agrees_with_the_normal_closed_form() -> None:
    # Two plans whose averted differ by N(1, 1): the first is ahead with probability Phi(1) = 0.8413.
    ahead = np.random.Generator(np.random.PCG64(8)).normal(1.0, 1.0, 20_000)
    assert first_share(np.column_stack([ahead, np.zeros_like(ahead)]))[0] == pytest.approx(0.8413, abs=0.01)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40), st.floats(0.0, 3.0), st.integers(0, 99))
def test_probabilities_sum_to_one(replicates: int, level: float, seed: int) -> None:
    found = best(make_results(replicates, victims_per_month=level, seed=seed))
    for share in (found.probability, found.probability_highest_mean, found.probability_lowest_cost):
        assert share.sum() == pytest.approx(1.0) and (share >= 0.0).all()
    assert (found.probability_low <= found.probability + 1e-12).all()
    assert (found.probability_high >= found.probability - 1e-12).all()
    assert (found.regret_per_year >= 0.0).all()


def test_a_clear_leader_stands_alone() -> None:
    results = make_results(plans=(REFERENCE, MadePlan("strong", 0.4), MadePlan("weak", 0.1)))
    found = best(results)
    assert found.leader == 1 and found.not_told_apart == (1,)
    assert found.probability.tolist() == [0.0, 1.0, 0.0] and found.regret_per_year[1] == 0.0
    assert 0.9 < found.probability_low[1] < 1.0


def test_plans_alike_are_not_told_apart() -> None:
    found = best(make_results(plans=(REFERENCE, SAME, MadePlan("again", 0.0))))
    assert found.not_told_apart == (0, 1, 2)
    np.testing.assert_allclose(found.probability, 1 / 3)
    np.testing.assert_allclose(found.probability_highest_mean, 1 / 3)


def test_only_candidates_compete() -> None:
    found = best(make_results(), candidates=(0, 3))
    assert np.isnan(found.probability[[1, 2, 4, 5]]).all() and found.probability[[0, 3]].sum() == pytest.approx(1.0)
    assert found.leader == 3 and found.not_told_apart == (3,)


@pytest.mark.parametrize("replicates", [1, 3, FEWEST_DRAWS - 1])
def test_a_few_replicates_tell_nothing_apart(replicates: int) -> None:
    assert best(make_results(replicates)).not_told_apart == tuple(range(len(PLANS)))


def test_holms_correction() -> None:
    # Hand: 0.01 x 4, 0.03 x 3, then held up: 0.04 x 2 < 0.09 and 0.2 x 1.
    np.testing.assert_allclose(holm(np.array([0.03, 0.01, 0.2, 0.04])), [0.09, 0.04, 0.2, 0.09])


def test_p_values_of_a_paired_t_test() -> None:
    behind = np.column_stack([np.zeros(8), [-2.0, 1.0, 3.0, 0.0, 4.0, 2.0, -1.0, 3.0]])
    # Mean 1.25, s = 2.12132: t = 1.25 / (2.12132 / sqrt 8) = 1.66667 on 7 degrees, two-sided p = 0.1395.
    np.testing.assert_allclose(paired_p_values(behind, 0, np.arange(8)), [1.0, 0.1395], atol=1e-4)
    few = paired_p_values(behind[:7], 0, np.arange(7))
    assert few[0] == 1.0 and np.isnan(few[1])


def test_wilsons_interval() -> None:
    low, high = wilson(np.array([0.5, 0.0]), 10)
    np.testing.assert_allclose([low, high], [[0.2366, 0.0], [0.7634, 0.2775]], atol=1e-4)


def test_lowest_cost_prefers_free_then_cheap_then_nothing() -> None:
    cost = np.array([0.0, 10.0, 10.0, -5.0])
    assert np.argmax(lowest_cost_scores(cost, np.array([[0.0, 2.0, 3.0, -1.0]]))) == 2
    assert np.argmax(lowest_cost_scores(cost, np.array([[0.0, 2.0, 3.0, 1.0]]))) == 3
    assert np.argmax(lowest_cost_scores(cost, np.array([[0.0, -2.0, 0.0, -1.0]]))) == 0


def test_what_a_victim_is_worth_moves_the_choice_from_nothing_to_the_plan() -> None:
    shares = acceptability(make_results(), np.array([1.0, 1e9]), candidates=(0, 2))
    assert shares[0, [0, 2]].tolist() == [1.0, 0.0] and shares[1, 2] == 1.0
