"""The rule: inside the middle 90%, with the publication's error where it is known; and what is counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.evaluation.validation.check import (
    GROUPS,
    Validation,
    check,
    check_row,
    different_line,
    last_line,
    predictive,
    validate,
)
from cms_sim.evaluation.validation.different import alike
from cms_sim.evaluation.validation.histories import statistics_of_record
from cms_sim.evaluation.validation.row import Row

PLAIN = Row("plain", "A figure", "thing", ("record",), 5.0, times=1.0)
EVEN = {"thing": np.linspace(0.0, 10.0, 1001)}


def test_the_middle_ninety_percent() -> None:
    assert predictive(PLAIN, EVEN) == pytest.approx((0.5, 5.0, 9.5))


@pytest.mark.parametrize(("published", "covered"), [(0.49, False), (0.51, True), (9.49, True), (9.51, False)])
def test_a_figure_is_covered_inside_it(published: float, covered: bool) -> None:
    found = check_row(replace(PLAIN, published=published), EVEN, {})
    assert found.covered is covered
    assert bool(found.side) is not covered


def test_the_side_is_named() -> None:
    assert check_row(replace(PLAIN, published=-1.0), EVEN, {}).side.startswith("The model lies above")
    assert check_row(replace(PLAIN, published=11.0), EVEN, {}).side.startswith("The model lies below")


@pytest.mark.parametrize(("low", "high", "covered"), [(0.0, 10.0, True), (1.0, 10.0, False), (0.0, 9.0, False)])
def test_a_range_must_hold_the_whole_of_it(low: float, high: float, covered: bool) -> None:
    bound = replace(PLAIN, published=None, low=low, high=high, is_bound=True)
    assert check_row(bound, EVEN, {}).covered is covered


def test_a_published_interval_is_added_only_where_the_row_says_so() -> None:
    own = replace(PLAIN, low=3.04, high=6.96)
    assert own.added_error == 0.0
    assert replace(own, adds_error=True).added_error == pytest.approx(1.0, rel=1e-3)
    narrow = {"thing": np.full(4000, 5.0)}
    low, median, high = predictive(replace(own, adds_error=True), narrow)
    assert (low, median, high) == pytest.approx((5 - 1.645, 5.0, 5 + 1.645), abs=0.12)


def test_the_same_error_is_added_every_time() -> None:
    row = replace(PLAIN, low=4.0, high=6.0, adds_error=True)
    assert predictive(row, EVEN) == predictive(row, EVEN)


def test_the_records_own_figure_is_taken_where_none_is_given() -> None:
    found = check_row(replace(PLAIN, published=None, times=100.0), {"thing": np.linspace(0, 0.1, 50)}, {"thing": 0.05})
    assert found.published == pytest.approx(5.0)
    assert found.covered


def test_histories_that_do_not_know_a_statistic() -> None:
    some = {"thing": np.array([1.0, 2.0, 3.0, np.nan])}
    assert predictive(PLAIN, some)[1] == 2.0
    with pytest.raises(InputError, match="do not know 'thing'"):
        predictive(PLAIN, {"thing": np.array([1.0, np.nan, np.nan])})


def _made(value: float, error: float = 0.0) -> dict[str, np.ndarray]:
    """Every row's statistic, around `value`."""
    return {row.statistic: np.linspace(value - error, value + error, 40) for group in GROUPS for row in group.rows}


def test_rows_about_sites_are_held_against_the_posterior_that_knows_nothing_of_them() -> None:
    record = statistics_of_record(load_city_tables())
    groups = check(_made(1.0), _made(2.0), record)
    for group, rows in groups:
        for each in rows:
            expected = 2.0 if each.row.about_sites else 1.0
            assert each.median == pytest.approx(expected * each.row.times, abs=12.0 if each.row.added_error else 1e-9)
            assert np.isfinite(each.after_low) == each.row.about_sites
            assert group.unit in ("%", "ratio", "days", "count")


def test_counts_and_the_last_line() -> None:
    rows = [replace(PLAIN, name=name) for name in "abc"]
    rows.append(replace(PLAIN, name="d", input_by="levels"))
    given = [check_row(replace(row, published=value), EVEN, {}) for row, value in zip(rows, (5, 50, 5, 5), strict=True)]
    validation = Validation("city", "made", 40, True, ((GROUPS[0], tuple(given)),))
    assert last_line([validation]) == "rows = 4, covered = 3, predicted = 3, predicted and covered = 2"
    assert last_line([validation] * 2) == "rows = 8, covered = 6, predicted = 6, predicted and covered = 4"


def test_statistics_that_go_together_are_one() -> None:
    """Over a third one, of either sign, known in most histories; what only half goes along stays apart."""
    rng = np.random.default_rng(3)
    first = rng.random(200)
    made = {
        "first": first,
        "complement": 1.0 - first,
        "near": np.r_[np.full(20, np.nan), np.exp(first[20:] + 0.02 * rng.random(180))],
        "half": first + rng.random(200),
        "other": rng.random(200),
        "still": np.ones(200),
    }
    assert alike(made, ["first", "complement", "first", "near", "half", "other", "still"]) == {
        "first": "first", "complement": "first", "near": "first", "half": "half", "other": "other", "still": "still"
    }  # fmt: skip


def test_what_differs_is_counted_once_and_covered_only_whole() -> None:
    rows = [replace(PLAIN, name=name) for name in "abcde"]
    rows[3] = replace(rows[3], input_by="levels")
    values, asks = (5, 50, 5, 5, 5), ("one", "one", "two", "three", "three")
    found = tuple(
        replace(check_row(replace(row, published=value), EVEN, {}), asks=what)
        for row, value, what in zip(rows, values, asks, strict=True)
    )
    validation = Validation("city", "made", 40, True, ((GROUPS[0], found),))
    told = "different statistics = 3, covered = 2, predicted = 2, predicted and covered = 1"
    assert different_line([validation]) == told, "one is covered in half, three is predicted in half"
    assert last_line([validation]) == "rows = 5, covered = 4, predicted = 4, predicted and covered = 3"


def test_the_same_statistic_of_two_posteriors_is_two() -> None:
    plain = check_row(PLAIN, EVEN, {})
    about = check_row(replace(PLAIN, name="about", about_sites=True), EVEN, {})
    validation = Validation("city", "made", 40, True, ((GROUPS[0], (plain, about)),))
    assert validation.count_different() == 2


def test_rows_of_one_statistic_ask_the_same() -> None:
    rng = np.random.default_rng(5)
    made = {row.statistic: rng.random(60) for group in GROUPS for row in group.rows}
    made["background_share"] = 1.0 - made["descended_share"]
    found = [each for _, rows in check(made, made, statistics_of_record(load_city_tables())) for each in rows]
    asks = {each.row.name: each.asks for each in found}
    assert asks["did_published"] == asks["did_record"] == asks["comptroller"] == "did"
    assert asks["background_majority"] == asks["descended_washington"] == "descended_share"
    assert len({(each.row.about_sites, each.asks) for each in found}) == len({*made} - {"background_share"})


def test_too_few_histories_are_refused() -> None:
    with pytest.raises(InputError, match="too few"):
        validate("city", 5)


def test_the_record_knows_every_figure_that_rows_leave_to_it() -> None:
    record = statistics_of_record(load_city_tables())
    for group in GROUPS:
        for row in group.rows:
            if row.published is None and not row.is_bound:
                assert np.isfinite(record[row.statistic]), row.name
