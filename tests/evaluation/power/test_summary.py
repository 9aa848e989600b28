"""What studies are worth, from reports whose worth is known."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm

from cms_sim.evaluation.power.detectable import Smallest, at, critical, crossing, detectable
from cms_sim.evaluation.power.said import detectable_range, smallest
from cms_sim.evaluation.power.summary import summarised
from cms_sim.evaluation.power.tables import detail
from tests.evaluation.power.made_up import made

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
    assert found.smallest["shown_percent"][0] == pytest.approx(-28.0, abs=1.0)
    assert found.smallest["detectable_percent"][0] == pytest.approx(-28.0, abs=1.5)


def test_planting_a_few_falls_gives_what_planting_many_gives() -> None:
    some = reports(tuple(-float(size) for size in range(0, 60, 5)))
    few = some[some["effect_percent"].isin([0.0, -20.0, -40.0])]
    fine, coarse = (summarised(each).smallest["detectable_percent"][0] for each in (some, few))
    assert coarse == pytest.approx(fine, abs=1.0)  # a straight line is 3 points off


def test_the_limit_of_few_histories_leaves_out_as_many_as_that_of_many() -> None:
    rng = np.random.default_rng(6)
    beyond = [norm.cdf(critical(rng.normal(size=60), 0.025)) for _ in range(2000)]
    assert np.mean(beyond) == pytest.approx(0.025, abs=0.003)


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ((0.0, -5.0), "more than 5%"),
        ((0.0, -10.0, -20.0), "more than 20%"),
        ((0.0, -60.0), "less than 60%"),
        ((0.0, -40.0, -60.0), "less than 40%"),
    ],
)
def test_no_fall_is_told_but_between_two_that_were_planted(effects: tuple[float, ...], said: str) -> None:
    found = summarised(reports(effects)).smallest
    line = found.to_dict("records")[0]
    for name in ("shown", "detectable"):
        assert np.isnan(line[f"{name}_percent"]) and smallest(line, name) == said
    high = line["detectable_high_percent"]
    assert np.isinf(high) if said.startswith("more") else high == 0.0
    assert detectable_range(line) == ""


def test_a_fall_between_two_that_were_planted_says_which_and_how_many_detect_them() -> None:
    some = reports((0.0, -20.0, -30.0, -40.0))
    found = summarised(some[some["history"] < 60])
    line = found.smallest.to_dict("records")[0]
    missed, enough = (line[f"detectable_{side}_percent"] for side in ("missed", "found"))
    assert missed > line["detectable_percent"] > enough and {missed, enough} < {-20.0, -30.0, -40.0}
    last = detail(found, made("one"), 20.0)[1][-1]
    power = found.power.set_index("effect_percent")
    for effect in (missed, enough):
        k = round(60 * power["calibrated_fall"][effect])
        low, high = binomtest(k, 60).proportion_ci(method="wilson")
        assert f"{-effect:g}%: {100 * k / 60:.0f} of 100 ({100 * low:.0f} to {100 * high:.0f})" in last
    assert power["calibrated_fall"][missed] < 0.8 <= power["calibrated_fall"][enough]


def test_a_rise_counts_for_nothing_in_finding_a_fall() -> None:
    with_rise = summarised(reports((50.0, 0.0, -20.0, -40.0))).smallest["detectable_percent"][0]
    assert with_rise == pytest.approx(summarised(reports((0.0, -20.0, -40.0))).smallest["detectable_percent"][0])


def test_what_lies_next_door_is_held_against_what_is_true_next_door() -> None:
    some = reports((0.0, -20.0, -30.0, -40.0))
    beside = some.assign(effect_percent=2.0 * some["effect_percent"])
    own, half = (summarised(each).smallest["detectable_percent"][0] for each in (some, beside))
    assert half == pytest.approx(own)
    nobody = summarised(some.assign(true_percent=0.0)).smallest.to_dict("records")[0]
    assert smallest(nobody, "detectable") == smallest(nobody, "shown") == "unknown"


NAN = float("nan")


@pytest.mark.parametrize(
    ("power", "found"),
    [
        ((0.1, 0.7, 0.9), Smallest(10.0 + 10.0 * (0.8416 - 0.5244) / (1.2816 - 0.5244), 10.0, 20.0)),
        ((0.1, 0.6, 1.0), Smallest(10.0 + 10.0 * (0.8416 - 0.2533) / (2.5758 - 0.2533), 10.0, 20.0)),
        ((0.1, 0.9, 0.9), Smallest(NAN, 0.0, 10.0)),
        ((0.9, 0.9, 0.9), Smallest(NAN, NAN, 0.0)),
        ((0.1, 0.9, 0.7), Smallest(NAN, 20.0, NAN)),
        ((0.9, 0.7, 0.9), Smallest(10.0 + 10.0 * (0.8416 - 0.5244) / (1.2816 - 0.5244), 10.0, 20.0)),
        ((0.1, NAN, 0.9), Smallest(NAN, NAN, NAN)),
    ],
)
def test_power_must_stay_above(power: tuple[float, ...], found: Smallest) -> None:
    told = crossing(np.array([0.0, 10.0, 20.0]), np.array(power), 0.8)
    assert astuple(told) == pytest.approx(astuple(found), nan_ok=True, abs=0.01)


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
    names = [f"detectable{end}_percent" for end in ("_low", "", "_high")]
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


def test_an_error_is_not_asked_to_mend_a_bias() -> None:
    biased = summarised(reports((0.0,), bias=-5.0, claimed=2.0, true=2.0)).smallest
    assert biased["false_alarm"][0] > 0.5 and biased["error_times"][0] == pytest.approx(1.0, abs=0.1)


def test_the_range_of_60_histories_holds_the_truth_about_as_often_as_is_said() -> None:
    sizes, true, held = np.array([0.0, 10.0, 15.0, 20.0]), (1.96 + 0.8416) * 5.0, 0
    rng = np.random.default_rng(1)
    for _ in range(40):
        value = rng.normal(0.0, 5.0, 60) - sizes[:, None]
        columns = {"effect_percent": -sizes[:, None] + 0 * value, "history": np.arange(60) + 0 * value, "value": value}
        frame = pd.DataFrame({name: array.ravel() for name, array in columns.items()})
        _, low, high = detectable(frame.assign(true_percent=frame["effect_percent"]))
        held += low <= true <= high
    assert held / 40 == pytest.approx(0.9, abs=4 * np.sqrt(0.9 * 0.1 / 40))


def test_a_value_between_two_sizes() -> None:
    sizes, power = np.array([0.0, 20.0, 10.0]), np.array([0.0, 1.0, 0.4])
    assert at(sizes, power, 15.0) == pytest.approx(0.7)
    assert np.isnan(at(sizes, power, 25.0)) and at(sizes, power, 10.0) == pytest.approx(0.4)
    assert np.isnan(at(sizes, power, 5.0)), "no change is no planted fall"
