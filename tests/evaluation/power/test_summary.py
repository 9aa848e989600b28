"""What studies are worth, from reports whose worth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cms_sim.evaluation.power.detectable import crossing, power_at
from cms_sim.evaluation.power.summary import summarised

N = 2000


def reports(effects: tuple[float, ...], bias: float = 0.0, claimed: float = 10.0, true: float = 10.0) -> pd.DataFrame:
    """Normal estimates in percent with a scatter of `true` that claim one of `claimed`; the same dice for each size."""
    error = np.random.default_rng(2).normal(0.0, true, N)
    frames = []
    for effect in effects:
        value = effect + bias + error
        bounds = {"low": value - 1.96 * claimed, "high": value + 1.96 * claimed}
        frame = pd.DataFrame({"history": np.arange(N), "true_percent": effect, "value": value, **bounds})
        frames.append(frame.assign(study="one", estimator="windows_raw", kind="planted", effect_percent=effect))
    return pd.concat(frames, ignore_index=True)


def test_a_study_that_is_right_covers_and_cries_wolf_as_it_says() -> None:
    found = summarised(reports((0.0, -20.0)))
    null = found.power.iloc[0]
    assert null["coverage"] == pytest.approx(0.95, abs=0.02)
    assert found.smallest["false_alarm"][0] == pytest.approx(0.05, abs=0.02)
    assert null["calibrated_fall"] == pytest.approx(0.025, abs=0.001)
    assert found.power["bias_points"].to_numpy() == pytest.approx(0.0, abs=0.7)
    assert found.power["rmse_points"].to_numpy() == pytest.approx(10.0, rel=0.05)
    assert null["fall_low"] < null["fall"] < null["fall_high"]


def test_bias_and_a_claim_that_is_too_sure_show() -> None:
    found = summarised(reports((0.0, -20.0), bias=-12.0, claimed=5.0))
    assert found.smallest["bias_points"][0] == pytest.approx(-12.0, abs=0.7)
    assert found.smallest["false_alarm"][0] > 0.5
    assert found.smallest["critical_low_percent"][0] == pytest.approx(-12.0 - 19.6, abs=2.0)
    assert found.power["calibrated_fall"][0] == pytest.approx(0.025, abs=0.001), "calibrated, it is right again"


def test_the_smallest_effect_is_that_of_the_closed_form() -> None:
    found = summarised(reports(tuple(-float(size) for size in range(0, 60, 5))))
    # A normal estimate: 1.96 + 0.8416 standard deviations.
    assert found.smallest["smallest_found_percent"][0] == pytest.approx(-28.0, abs=1.0)
    assert found.smallest["smallest_found_calibrated_percent"][0] == pytest.approx(-28.0, abs=1.5)


def test_an_effect_that_no_size_reaches_is_unknown() -> None:
    assert np.isnan(summarised(reports((0.0, -5.0))).smallest["smallest_found_percent"][0])


def test_a_rise_counts_for_nothing_in_finding_a_fall() -> None:
    with_rise = summarised(reports((50.0, 0.0, -20.0, -40.0))).smallest["smallest_found_percent"][0]
    assert with_rise == pytest.approx(summarised(reports((0.0, -20.0, -40.0))).smallest["smallest_found_percent"][0])


@pytest.mark.parametrize(
    ("power", "size"),
    [((0.1, 0.6, 1.0), 15.0), ((0.9, 0.9, 0.9), 0.0), ((0.1, 0.9, 0.7), np.nan), ((0.9, 0.7, 0.9), 15.0)],
)
def test_power_must_stay_above(power: tuple[float, ...], size: float) -> None:
    found = crossing(np.array([0.0, 10.0, 20.0]), np.array(power), 0.8)
    assert found == pytest.approx(size, nan_ok=True)


def test_too_few_histories_have_no_critical_value() -> None:
    few = reports((0.0,))
    found = summarised(few[few["history"] < 20])
    assert np.isnan(found.smallest["critical_low_percent"][0]) and np.isnan(found.power["calibrated_fall"][0])


def test_estimates_without_an_interval_have_no_test() -> None:
    found = summarised(reports((0.0, -20.0)).assign(low=np.nan, high=np.nan))
    assert found.power[["coverage", "fall", "rise"]].isna().all(axis=None)
    assert found.power["calibrated_fall"].notna().all()


def test_how_well_the_smallest_effect_is_known() -> None:
    effects = tuple(-float(size) for size in range(0, 60, 5))
    names = [f"smallest_found_calibrated{end}_percent" for end in ("_low", "", "_high")]
    width = {}
    for histories in (200, 2000):
        some = reports(effects)
        low, found, high = summarised(some[some["history"] < histories]).smallest.loc[0, names]
        assert low > found > high
        width[histories] = low - high
    # Ten times as many histories know it some three times as well.
    assert 2.0 < width[200] / width[2000] < 5.0


def test_how_many_times_too_small_an_error_is() -> None:
    assert summarised(reports((0.0,), claimed=5.0)).smallest["error_times"][0] == pytest.approx(2.0, abs=0.15)
    assert summarised(reports((0.0,))).smallest["error_times"][0] == pytest.approx(1.0, abs=0.08)


def test_power_between_two_sizes() -> None:
    sizes, power = np.array([0.0, 20.0, 10.0]), np.array([0.0, 1.0, 0.4])
    assert power_at(sizes, power, 15.0) == pytest.approx(0.7)
    assert np.isnan(power_at(sizes, power, 25.0))
