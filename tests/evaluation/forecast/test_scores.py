"""Scores against closed forms and sums; the PIT of right and wrong forecasts."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cms_sim.errors import InputError
from cms_sim.evaluation.forecast.scores import NegativeBinomial, Sample, gain, keyed_uniform, score

NUMBERS = tuple(range(1, 41))
ERROR_RATE = 1e-4
"""Of each test below that could fail by chance, if its draws were not fixed by their seed."""


def law(mean: float, excess: float = 0.0) -> NegativeBinomial:
    return NegativeBinomial(np.array([[mean]]), np.array([[excess]]))


def test_the_log_score_of_a_poisson_law() -> None:
    came = np.array([[4]])
    assert law(2.5).log_score(came)[0, 0] == pytest.approx(2.5 - 4 * np.log(2.5) + np.log(24))


def test_the_log_score_of_a_geometric_law() -> None:
    """Negative binomial with excess 1 is geometric: p (1 - p)^k with p = 1 / (1 + mean)."""
    assert law(3.0, 1.0).log_score(np.array([[2]]))[0, 0] == pytest.approx(-np.log(0.25 * 0.75**2))


@settings(max_examples=25, deadline=None)
@given(mean=st.floats(0.05, 80.0), excess=st.sampled_from([0.0, 0.01, 0.3, 2.0]), came=st.integers(0, 120))
def test_crps_is_that_of_the_closed_forms(mean: float, excess: float, came: int) -> None:
    """Of Wei and Held (2014), as `scoringrules` has them."""
    if excess == 0.0:
        closed = scoringrules.crps_poisson(came, mean)
    else:
        closed = scoringrules.crps_negbinom(came, 1 / excess, 1 / (1 + excess * mean))
    assert law(mean, excess).crps(np.array([[came]]))[0, 0] == pytest.approx(closed, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("excess", [0.0, 1e-4, 0.2])
def test_crps_holds_for_large_counts(excess: float) -> None:
    """By the mean distance to what came less half the mean distance of two draws."""
    places = np.arange(8_000)
    whole = stats.poisson(500.0) if excess == 0.0 else stats.nbinom(1 / excess, 1 / (1 + excess * 500.0))
    chance, below = whole.pmf(places), whole.cdf(places)
    expected = chance @ np.abs(places - 900) - (below * (1.0 - below)).sum()
    assert law(500.0, excess).crps(np.array([[900]]))[0, 0] == pytest.approx(expected, rel=1e-6)


def test_a_sample_scores_as_the_law_that_it_is_of() -> None:
    rng = np.random.default_rng(1)
    came, whole = np.array([[7, 0, 20]]), NegativeBinomial(np.full((1, 3), 9.0), np.full((1, 3), 0.1))
    drawn = Sample(rng.negative_binomial(10.0, 10.0 / 19.0, (40_000, 1, 3)))
    assert drawn.crps(came) == pytest.approx(whole.crps(came), rel=0.03)
    assert drawn.log_score(came) == pytest.approx(whole.log_score(came), rel=0.03)


def test_the_crps_of_small_samples_is_right_on_average() -> None:
    rng = np.random.default_rng(2)
    small = Sample(rng.poisson(6.0, (5, 1, 20_000)))
    came = np.full((1, 20_000), 4)
    assert small.crps(came).mean() == pytest.approx(law(6.0).crps(np.array([[4]]))[0, 0], rel=0.02)


@pytest.mark.parametrize("excess", [0.0, 0.5])
def test_the_pit_of_a_right_forecast_is_uniform(excess: float) -> None:
    """In keyed replicates: what came is drawn from the law itself, from small means to large ones."""
    rng = np.random.default_rng(3)
    mean = np.tile(np.geomspace(0.05, 60.0, len(NUMBERS))[:, None], 50)
    whole = NegativeBinomial(mean, np.full_like(mean, excess))
    came = rng.poisson(mean if excess == 0.0 else rng.gamma(1 / excess, mean * excess))
    pit = score("right", whole, came, NUMBERS).pit
    assert stats.kstest(pit.ravel(), "uniform").pvalue > ERROR_RATE


@pytest.mark.parametrize("histories", [9, 200])
def test_the_pit_among_histories_is_uniform_for_any_number_of_them(histories: int) -> None:
    rng = np.random.default_rng(4)
    mean = np.tile(np.geomspace(0.05, 60.0, len(NUMBERS))[:, None], 50)
    found = score("right", Sample(rng.poisson(mean, (histories, *mean.shape))), rng.poisson(mean), NUMBERS)
    assert stats.kstest(found.pit.ravel(), "uniform").pvalue > ERROR_RATE
    error = stats.norm.isf(ERROR_RATE) * np.sqrt(0.9 * 0.1 / mean.size)
    assert found.covered(0.9) == pytest.approx(0.9, abs=error)
    assert found.covered(0.5) == pytest.approx(0.5, abs=error * np.sqrt(0.25 / 0.09))


def test_a_forecast_that_is_too_narrow_covers_too_little() -> None:
    rng = np.random.default_rng(5)
    mean = np.full((len(NUMBERS), 50), 20.0)
    came = rng.poisson(rng.gamma(5.0, mean / 5.0))
    found = score("narrow", NegativeBinomial(mean, np.zeros_like(mean)), came, NUMBERS)
    assert found.covered(0.9) < 0.75
    assert stats.kstest(found.pit.ravel(), "uniform").pvalue < 1e-6


def test_the_draws_of_the_pit_belong_to_precinct_and_period() -> None:
    u = keyed_uniform(NUMBERS, 6)
    assert u[3:5, :2] == pytest.approx(keyed_uniform(NUMBERS[3:5], 2))
    assert len(np.unique(u)) == u.size


def test_a_gain_takes_precincts_as_clusters() -> None:
    ours, theirs = np.zeros((3, 4)), np.repeat([[1.0], [2.0], [3.0]], 4, axis=1)
    found = gain(ours, theirs, "other")
    half = stats.t.ppf(0.975, 2) * 1.0 / np.sqrt(3)
    assert (found.difference, found.low, found.high) == pytest.approx((-2.0, -2.0 - half, -2.0 + half))
    assert not found.settled
    assert gain(ours, np.full((3, 4), 2.0) + np.arange(3)[:, None] / 10, "other").settled


def test_a_sample_without_anyone_gives_some_probability_to_someone() -> None:
    assert np.isfinite(Sample(np.zeros((50, 1, 1), dtype=np.int64)).log_score(np.array([[2]]))).all()


def test_a_forecast_of_other_cells_is_refused() -> None:
    with pytest.raises(InputError, match="must be the same"):
        score("other", law(1.0), np.array([[1, 2]]), (1,))
    with pytest.raises(InputError, match="2 precincts"):
        score("other", law(1.0), np.array([[1]]), (1, 2))
