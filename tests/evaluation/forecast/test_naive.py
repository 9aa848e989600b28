"""Naive forecasts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.evaluation.forecast.naive import (
    RULES,
    Naive,
    city_trend,
    excess_by_moments,
    last_year,
    mean_of_three,
    month_shares,
    naive_forecasts,
    own_trend,
)

KNOWN = np.array([[4.0, 6.0, 2.0, 7.0], [0.0, 0.0, 0.0, 0.0]])


def test_the_last_year_and_the_mean_of_three() -> None:
    assert last_year(KNOWN, 2) == pytest.approx(np.array([[7.0, 7.0], [0.5, 0.5]]))
    assert mean_of_three(KNOWN, 2) == pytest.approx(np.array([[5.0, 5.0], [0.5 / 3, 0.5 / 3]]))


def test_an_exact_trend_goes_on() -> None:
    halves = np.array([[64.0, 32.0, 16.0, 8.0], [640.0, 320.0, 160.0, 80.0]])
    assert city_trend(halves, 2) == pytest.approx(np.array([[4.0, 2.0], [40.0, 20.0]]))
    assert own_trend(halves * 100, 2) == pytest.approx(np.array([[400.0, 200.0], [4000.0, 2000.0]]), rel=1e-3)


def test_the_trend_of_the_city_is_the_regression_with_a_level_for_each_precinct() -> None:
    models = pytest.importorskip("statsmodels.api")
    known = np.random.default_rng(1).poisson([[30.0], [5.0], [12.0]], (3, 6)).astype(float)
    years, levels = np.tile(np.arange(8.0), 3), np.repeat(np.eye(3), 8, axis=0)
    design = np.column_stack([levels, years])
    seen = years < 6
    fitted = models.GLM(known.ravel(), design[seen], family=models.families.Poisson()).fit()
    assert city_trend(known, 2).ravel() == pytest.approx(fitted.predict(design[~seen]))


def test_the_excess_is_the_rules_own_error_less_chance() -> None:
    """Known 3, 3, 3, 9: the last year says 3 for the fourth, is off by 6: (36 - 3) / 9. Then nothing is known."""
    assert excess_by_moments(last_year, np.array([[3.0, 3.0, 3.0, 9.0]]), 3) == pytest.approx([33 / 9] * 3)
    # A year more: one year ahead from 3 and from 9, two years ahead from 3.
    known = np.array([[3.0, 3.0, 3.0, 9.0, 12.0]])
    ahead_1 = ((36 - 3) + (9 - 9)) / (9 + 81)
    ahead_2 = (81 - 3) / 9
    assert excess_by_moments(last_year, known, 3) == pytest.approx([ahead_1, ahead_2, ahead_2])
    assert excess_by_moments(last_year, np.full((2, 5), 7.0), 2) == pytest.approx([0.0, 0.0])


def test_months_share_the_error_of_their_year() -> None:
    shares = np.full(12, 0.05)
    shares[0] = 0.45
    law = Naive("by hand", np.array([[10.0, 20.0]]), np.array([0.0, 0.5])).monthly(shares)
    assert law.mean[0, [0, 1, 12, 13]] == pytest.approx([4.5, 0.5, 9.0, 1.0])
    assert law.excess[0, [0, 11, 12, 23]] == pytest.approx([0.0, 0.0, 0.5, 0.5])


def test_a_month_has_its_days_and_its_season() -> None:
    season = np.ones(12)
    season[6] = 2.0
    shares = month_shares(season, np.arange("2006-01", "2010-01", dtype="datetime64[M]"))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[6] / shares[0] == pytest.approx(2.0)
    assert shares[1] / shares[0] == pytest.approx(28.25 / 31)


def test_every_rule_comes_under_both_laws() -> None:
    known = np.random.default_rng(2).poisson(9.0, (4, 7))
    found = naive_forecasts(known, 3)
    assert len(found) == 2 * len(RULES) == len({each.name for each in found})
    assert all(each.yearly().mean.shape == (4, 3) and (each.yearly().mean > 0).all() for each in found)
