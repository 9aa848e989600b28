"""Averted: against both references, by precinct, and what a plan that changes nothing or harms looks like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms_sim.errors import InputError
from cms_sim.evaluation.differences import OUTCOMES, averted, averted_by_precinct, variance_parts
from tests.evaluation.make_results import (
    EXPANSION,
    HARMFUL,
    NO_PROGRAMME,
    PLANS,
    REFERENCE,
    SAME,
    MadePlan,
    make_results,
)


def test_averted_is_the_paired_difference_a_year() -> None:
    results = make_results()
    found = averted(results)
    by_hand = (results.frame("victims")[:, 0] - results.frame("victims")[:, 2]).sum(axis=-1) / 4.0
    assert found.per_year.mean[2] == pytest.approx(by_hand.mean())
    assert found.per_year.low_90[2] == pytest.approx(np.quantile(by_hand, 0.05))
    half = found.per_year.mean_high[2] - found.per_year.mean[2]
    assert half == pytest.approx(2.0010 * by_hand.std(ddof=1) / np.sqrt(60), rel=1e-4)  # t(0.975, 59)


def test_percent_is_of_the_reference() -> None:
    found = averted(make_results(plans=(REFERENCE, MadePlan("cut", 0.3)), replicates=200))
    assert found.percent[1] == pytest.approx(30.0, abs=0.5)
    assert found.percent_mean_low[1] < 30.2 and found.percent_mean_high[1] > 29.8
    assert found.percent_low_90[1] < found.percent_mean_low[1] < found.percent_mean_high[1] < found.percent_high_90[1]


def test_no_programme_is_a_second_reference() -> None:
    results = make_results()
    against = averted(results, reference=results.no_programme)
    assert against.per_year.mean[1] == 0.0
    assert against.per_year.mean[2] == pytest.approx(
        averted(results).per_year.mean[2] - averted(results).per_year.mean[1]
    )


def test_a_plan_like_its_reference_averts_exactly_nothing() -> None:
    found = averted(make_results(plans=(REFERENCE, SAME)))
    for values in vars(found.per_year).values():
        assert values.tolist() == [0.0, 0.0]
    assert found.percent[1] == found.probability_averts[1] == found.probability_harm[1] == 0.0


def test_harm_is_said() -> None:
    found = averted(make_results(plans=(REFERENCE, HARMFUL)))
    assert found.per_year.mean_high[1] < 0.0 and found.probability_harm[1] > 0.95 and found.probability_averts[1] < 0.05


def test_a_city_without_victims_divides_by_nothing() -> None:
    found = averted(make_results(victims_per_month=0.0))
    assert np.isnan(found.percent).all() and (found.per_year.mean == 0.0).all()


def test_an_unknown_outcome_names_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'victims'"):
        averted(make_results(replicates=2), "victim")


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 30), st.integers(1, 6), st.floats(0.0, 6.0), st.integers(0, 99), st.sampled_from(OUTCOMES))
def test_precincts_add_up_to_the_city(replicates: int, slots: int, level: float, seed: int, outcome: str) -> None:
    results = make_results(
        replicates, PLANS, (43, 69, 40, 73, 75, 81)[:slots], 24, 24, victims_per_month=level, seed=seed
    )
    city, parts = averted(results, outcome), averted_by_precinct(results, outcome)
    np.testing.assert_allclose(parts.per_year.mean.sum(axis=-1), city.per_year.mean, atol=1e-9)
    assert (city.probability_averts + city.probability_harm <= 1.0).all()


def test_variance_splits_where_draws_are_repeated() -> None:
    generator = np.random.Generator(np.random.PCG64(5))
    draw = np.repeat(generator.normal(0.0, 3.0, 400), 5)
    parts = variance_parts((draw + generator.normal(0.0, 2.0, 2000))[:, None], {"a": draw})
    assert parts.reason is None
    assert parts.parameters[0] == pytest.approx(9.0, rel=0.2) and parts.chance[0] == pytest.approx(4.0, rel=0.1)


def test_variance_that_cannot_be_split_says_why() -> None:
    results = make_results(plans=(REFERENCE, EXPANSION, NO_PROGRAMME))
    samples = results.frame("victims").sum(axis=-1).astype(float)
    parts = variance_parts(samples, results.parameters)
    assert parts.reason is not None and "cannot be separated" in parts.reason and np.isnan(parts.chance).all()
    fixed = variance_parts(samples, {"level": np.ones(60)})
    assert fixed.reason is None and (fixed.parameters == 0.0).all() and (fixed.chance > 0.0).all()
    assert variance_parts(samples[:1], {}).reason == "one replicate shows no variance"
