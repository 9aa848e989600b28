"""The estimators by hand, on the published record, and against the truth of synthetic runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.evaluation.record import listed_starts, record_design, record_event_study, record_study
from cms_sim.evaluation.studies import NoStudy, Study, before_after, event_study, study
from tests.evaluation.make_results import EXPANSION, REFERENCE, SAME, MadePlan, make_results

SITES = [23, 32, 40, 42, 44, 46, 47, 60, 67, 73, 75, 77, 79, 101, 113, 114, 120]


def test_the_seventeen_sites_of_the_record() -> None:
    tables = load_city_tables()
    assert [tables.numbers[row] for row in record_design(tables).starts] == SITES
    assert listed_starts(tables)[75] == np.datetime64("2012-07") and 40 in listed_starts(tables)


@pytest.mark.parametrize(
    ("control", "expected", "relative"),
    [
        ("all other precincts", -0.167, -0.145),
        ("not covered by the window's end", -0.125, -0.187),
        ("not among the sites", -0.132, -0.180),
        ("never listed", -0.114, -0.197),
    ],
)
def test_the_record_reproduces(control: str, expected: float, relative: float) -> None:
    found = record_study(load_city_tables(), control)
    assert (float(found.before), float(found.after)) == (1740.0, 1238.0)
    assert float(found.raw_change) == pytest.approx(-0.2885, abs=5e-5)
    assert float(found.control_change) == pytest.approx(expected, abs=5e-4)
    assert float(found.relative_change) == pytest.approx(relative, abs=5e-4)
    # Sampling error of counts alone; untreated groups of 17 precincts scatter by 6% (their overdispersion).
    assert 0.035 < float(found.log_error) < 0.06 and float(found.z) < -3.0


def test_the_event_study_of_the_record() -> None:
    found = record_event_study(load_city_tables())
    assert [round(found[year], 2) for year in (-2, -1, 1, 2, 3)] == [1.14, 0.95, 0.81, 0.87, 0.84]
    assert found[4] == pytest.approx(0.83, abs=0.01)  # five sites have no fourth year before 2020


def test_an_unknown_control_group_names_the_known() -> None:
    with pytest.raises(InputError, match="never listed"):
        record_study(load_city_tables(), "never lsited")


def counts(*rows: tuple[int, int]) -> np.ndarray:
    """[S, 4] with each row's (before, after) put in two months each."""
    return np.array([[before, 0, after, 0] for before, after in rows])


def test_the_ratio_of_ratios_by_hand() -> None:
    control = np.array([[False, True, True]])
    found = before_after(counts((40, 30), (50, 60), (50, 60)), {0: 2}, control, window=2)
    assert float(found.raw_change) == -0.25 and float(found.expected) == 48.0
    assert float(found.relative_change) == pytest.approx((30 / 40) / (120 / 100) - 1)
    assert float(found.log_error) == pytest.approx(np.sqrt(1 / 40 + 1 / 30 + 1 / 100 + 1 / 120))


def test_sites_that_open_together_are_one_group() -> None:
    together = before_after(
        counts((25, 20), (15, 10), (50, 60), (50, 60)),
        {0: 2, 1: 2},
        np.array([[False, False, True, True]] * 2),
        window=2,
    )
    assert float(together.relative_change) == pytest.approx((30 / 40) / (120 / 100) - 1)
    assert float(together.log_error) == pytest.approx(np.sqrt(1 / 40 + 1 / 30 + 1 / 100 + 1 / 120))


def test_empty_cells_are_unknown_and_never_significant() -> None:
    control = np.array([[False, True]])
    for rows in (((0, 3), (5, 5)), ((3, 0), (5, 5)), ((3, 3), (0, 5)), ((3, 3), (5, 0))):
        found = before_after(counts(*rows), {0: 2}, control, window=2)
        assert float(found.z) == 0.0 and np.isinf(found.log_error)


def test_replicates_go_in_front() -> None:
    one = counts((40, 30), (50, 60))
    many = before_after(np.stack([one, 2 * one]), {0: 2}, np.array([[False, True]]), window=2)
    assert many.after.tolist() == [30.0, 60.0] and many.relative_change[0] == pytest.approx(many.relative_change[1])


def test_a_steady_city_has_a_flat_event_study() -> None:
    flat = event_study(np.full((3, 96), 2), {0: 48}, np.array([[False, True, True]]))
    assert set(map(float, flat.values())) == {1.0}
    late = event_study(np.full((3, 60), 2), {0: 48}, np.array([[False, True, True]]))
    assert float(late[1]) == 1.0 and np.isnan(late[2])


def test_a_study_of_a_plan_against_the_truth() -> None:
    plan = MadePlan("strong", 0.5, 70e6, (43, 69))
    found = study(make_results(300, (REFERENCE, plan)), 1)
    assert isinstance(found, Study)
    assert found.true_percent == pytest.approx(-50.0, abs=1.0)
    assert found.raw_percent == pytest.approx(-50.0, abs=3.0) and abs(found.did_bias) < 3.0
    assert found.fall_share > 0.95 and found.rise_share == 0.0
    assert 0.02 < found.false_alarm_share < 0.09  # Poisson counts: the conventional test keeps its 5%
    assert found.false_alarm_share == found.false_fall_share + found.false_rise_share
    assert abs(found.did_reference_percent) < 2.0
    assert found.did_reference_low_90 < found.did_reference_percent < found.did_reference_high_90
    assert found.raw_low_90 < found.raw_percent < found.raw_high_90


def test_a_study_is_held_against_the_truth_like_with_like() -> None:
    """With few victims a mean of ratios lies far above the ratio of sums, though nothing opened."""
    results = make_results(400, (REFERENCE, MadePlan("idle", 0.0, 70e6, (43,))), victims_per_month=0.4)
    found, victims = study(results, 1), results.counts[:, 1, 1, :, 1]
    before, after = victims[:, :24].sum(axis=1), victims[:, 24:48].sum(axis=1)
    assert isinstance(found, Study) and found.true_percent == 0.0
    assert found.raw_percent == pytest.approx(100.0 * after.sum() / before.sum() - 100.0)
    kept = before > 0
    assert abs(found.raw_percent) < 4.0 < 100.0 * (after[kept] / before[kept]).mean() - 100.0


def test_precincts_with_years_of_their_own_raise_false_alarms_on_either_side() -> None:
    results = make_results(300, (REFERENCE, EXPANSION), victims_per_month=12.0)
    generator = np.random.Generator(np.random.PCG64(6))
    spread = generator.lognormal(0.0, 0.15, (300, 1, 5, 6)).repeat(12, axis=-1)[..., None]
    found = study(replace(results, counts=np.round(results.counts * spread).astype(np.int32)), 1)
    assert isinstance(found, Study) and found.false_alarm_share > 0.2
    assert min(found.false_fall_share, found.false_rise_share) > 0.05


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"plans": (REFERENCE, SAME)}, "opens no site"),
        ({"opening_month": None}, "no plan opens"),
        ({"past_months": 12, "opening_month": 12}, "there are 12 and 48"),
        ({"precincts": (43, 69)}, "none is left to compare with"),
    ],
)
def test_no_study_says_why(change: dict[str, object], reason: str) -> None:
    found = study(make_results(**({"replicates": 3, "plans": (REFERENCE, EXPANSION)} | change)), 1)  # type: ignore[arg-type]
    assert isinstance(found, NoStudy) and reason in found.reason
