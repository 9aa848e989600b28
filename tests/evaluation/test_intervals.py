"""Intervals: closed forms, clusters, and what too few runs may not claim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cms_sim.evaluation.intervals import (
    FEWEST_DRAWS,
    draw_labels,
    mean_interval,
    ratio,
    resampled_ratio,
    sample_range,
    spread,
    standard_error,
)


def test_the_interval_of_the_mean_is_students() -> None:
    # Mean 4.5, s = sqrt(6), n = 8, t(0.975, 7) = 2.364624: 4.5 -+ 2.0478.
    low, high = mean_interval(np.arange(1.0, 9.0), np.arange(8))
    assert (float(low), float(high)) == pytest.approx((4.5 - 2.047825, 4.5 + 2.047825), abs=1e-5)


def test_replicates_of_one_draw_count_as_one() -> None:
    values = np.array([1.0, 4.0, 2.0, 7.0, 3.0, 3.0, 0.0, 9.0])
    thrice = np.repeat(values, 3)
    assert standard_error(thrice, np.repeat(np.arange(8), 3)) == pytest.approx(
        float(standard_error(values, np.arange(8)))
    )
    assert standard_error(thrice, np.arange(24)) < standard_error(values, np.arange(8))


def test_draws_are_told_by_their_parameters() -> None:
    label = draw_labels({"a": np.array([1.0, 2.0, 1.0, 2.0]), "b": np.array([0.0, 0.0, 0.0, 5.0])}, 4)
    assert label[0] == label[2] and len(set(label.tolist())) == 3
    assert draw_labels({"a": np.ones(3)}, 3).tolist() == [0, 1, 2] == draw_labels({}, 3).tolist()


def test_one_replicate_has_no_interval_and_no_range() -> None:
    one = spread(np.array([[3.0, 4.0]]), np.zeros(1, dtype=np.intp))
    assert one.mean.tolist() == [3.0, 4.0]
    assert np.isnan([one.mean_low, one.mean_high, one.low_90, one.high_95]).all()
    assert np.isnan(resampled_ratio(np.ones((1, 2)), np.ones((1, 2)), np.zeros(1, dtype=np.intp))).all()


def test_an_interval_needs_draws_enough() -> None:
    """Seven runs that agree would have an interval without width."""
    few, many = np.ones((FEWEST_DRAWS - 1, 1)), np.ones((FEWEST_DRAWS, 1))
    assert np.isnan(mean_interval(few, np.arange(len(few)))).all()
    assert np.isnan(resampled_ratio(few, few, np.arange(len(few)))).all()
    assert np.array(mean_interval(many, np.arange(len(many)))).ravel().tolist() == [1.0, 1.0]
    assert np.isnan(mean_interval(np.ones(40), np.repeat(np.arange(2), 20))).all()  # two draws, many runs of each


def test_a_range_needs_a_replicate_to_leave_out_at_each_end() -> None:
    assert np.isnan(sample_range(np.arange(19.0), 0.90)).all()
    assert sample_range(np.arange(21.0), 0.90) == pytest.approx((1.0, 19.0))
    assert np.isnan(sample_range(np.arange(39.0), 0.95)).all()


def test_missing_replicates_are_left_out_of_a_range() -> None:
    values = np.column_stack([np.append(np.arange(21.0), np.nan), np.full(22, np.nan)])
    low, high = sample_range(values, 0.90)
    assert (low[0], high[0]) == pytest.approx((1.0, 19.0)) and np.isnan([low[1], high[1]]).all()


def test_the_bootstrap_of_a_ratio_is_near_the_delta_method_and_repeats() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    below = generator.normal(100.0, 10.0, 400)
    above = 0.2 * below + generator.normal(0.0, 1.0, 400)
    low, high = resampled_ratio(above, below, np.arange(400))
    quotient = above.sum() / below.sum()
    error = np.std(above - quotient * below, ddof=1) / np.sqrt(400) / below.mean()
    assert float(high - low) == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert resampled_ratio(above, below, np.arange(400)) == (low, high)


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, (25, 2), elements=st.floats(-1e6, 1e6)))
def test_ranges_lie_within_each_other(samples: np.ndarray) -> None:
    wide, narrow = sample_range(samples, 0.90), sample_range(samples, 0.50)
    assert (wide[0] <= narrow[0]).all() and (narrow[0] <= narrow[1]).all() and (narrow[1] <= wide[1]).all()


def test_a_ratio_without_a_denominator_is_unknown() -> None:
    assert np.isnan(ratio(np.array([0.0, 3.0]), np.zeros(2))).all()
