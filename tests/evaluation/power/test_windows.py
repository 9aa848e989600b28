"""Before/after studies of many histories: the same as one by one, and right where counts are Poisson."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, poisson

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.estimators.before_after import against_not_yet_covered, against_rest_of_city, raw_change
from cms_sim.evaluation.estimators.panel import record_panel
from cms_sim.evaluation.power import windows
from cms_sim.evaluation.power.windows import Setting
from tests.evaluation.power.made_up import setting


def test_the_record_gives_what_evaluate_gives() -> None:
    panel = record_panel(load_city_tables())
    rows = np.array([list(panel.starts)])
    size = len(panel.precincts)
    place = Setting(rows, tuple(panel.starts.values()), 24, 24, np.zeros((size, size), dtype=bool), ())
    counts = panel.counts[None]
    assert windows.raw_change(counts, place).value[0] == pytest.approx(raw_change(panel).value)
    rest = windows.relative_change(counts, place, "rest_of_city").value[0]
    assert rest == pytest.approx(against_rest_of_city(panel).value)
    mine = panel.with_openings(panel.starts)  # other sites are not known to a study of these
    not_yet = windows.relative_change(counts, place, "not_yet_covered").value[0]
    assert not_yet == pytest.approx(against_not_yet_covered(mine).value)


def test_windows_of_different_length_by_hand() -> None:
    counts = np.array([[[9, 4, 6, 6], [5, 10, 5, 10], [9, 9, 9, 9]]])
    place = setting(1, 3, [0], (2,), before=1, after=2)
    assert windows.raw_change(counts, place).value[0] == pytest.approx(50.0)
    # 4 before, controls 19 to 33: 6.947 are expected, 12 seen.
    relative = windows.relative_change(counts, place, "not_among_sites").value[0]
    assert relative == pytest.approx(100 * (12 / (4 * 33 / 19) - 1))
    apart = windows.relative_change(counts, place, "not_next_door").value[0]
    assert apart == pytest.approx(100 * (12 / (4 * 18 / 9) - 1))


def test_sites_may_differ_from_history_to_history() -> None:
    counts = np.random.default_rng(5).poisson(20.0, (2, 6, 48))
    beside = np.zeros((6, 6), dtype=bool)
    both = Setting(np.array([[0, 3], [4, 2]]), (24, 24), 24, 24, beside, ())
    found = windows.relative_change(counts, both, "rest_of_city")
    for k in range(2):
        alone = Setting(both.sites[k : k + 1], both.starts, 24, 24, beside, ())
        one = windows.relative_change(counts[k : k + 1], alone, "rest_of_city")
        assert (one.value[0], one.low[0]) == pytest.approx((found.value[k], found.low[k]))


def mutual_controls(sites: int, precincts: int) -> float:
    """True over claimed variance of the log ratio, all means equal, where sites are controls of each other.

    Each of the c = S - 1 controls weighs 1/(k c) in each site's expectation. A site's count weighs 1/k as its own and
    -1/(k c) in each of the k - 1 others', which the study's error leaves out: it adds them as if they were apart."""
    k, c = sites, precincts - 1
    own, other = 1 / k - (k - 1) / (k * c), 1 / c
    true = 2 * (k * own**2 + (precincts - k) * other**2)
    claimed = 2 / k + 2 / c
    return true / claimed


@pytest.mark.parametrize("controls", ["raw", "not_among_sites", "rest_of_city"])
def test_false_alarms_of_poisson_counts_are_those_of_the_closed_form(controls: str) -> None:
    histories = 20_000
    counts = np.random.default_rng(3).poisson(30.0, (histories, 8, 8))
    place = setting(histories, 8, [2, 5], (4, 4), before=4, after=4)
    raw = controls == "raw"
    found = windows.raw_change(counts, place) if raw else windows.relative_change(counts, place, controls)
    alarms = ((found.high < 0.0) | (found.low > 0.0)).mean()
    too_wide = mutual_controls(2, 8) if controls == "rest_of_city" else 1.0
    expected = float(2.0 * norm.sf(1.959964 / np.sqrt(too_wide)))
    assert expected == pytest.approx(0.025 if controls == "rest_of_city" else 0.05, abs=0.001)
    assert alarms == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / histories))


@pytest.mark.parametrize("sites", [1, 5])
def test_yearly_drift_of_precincts_makes_poisson_errors_too_small_however_many_the_sites(sites: int) -> None:
    histories, precincts, years, mean, spread = 6000, 15, 2, 60.0, 0.15
    rng = np.random.default_rng(7)
    level = np.exp(rng.normal(-(spread**2) / 2, spread, (histories, precincts, 2 * years)))
    place = setting(histories, precincts, list(range(sites)), (years,) * sites, before=years, after=years)
    found = windows.relative_change(rng.poisson(mean * level), place, "not_among_sites")
    alarms = ((found.high < 0.0) | (found.low > 0.0)).mean()
    # Of a precinct's window of m people over Y years: 1/m by chance and spread^2 / Y by drift. Both average over sites.
    too_small = 1.0 + spread**2 * (mean * years) / years
    expected = float(2.0 * norm.sf(1.959964 / np.sqrt(too_small)))
    assert 0.19 < expected < 0.21
    assert alarms == pytest.approx(expected, abs=0.02)


def test_power_is_that_of_two_poisson_counts() -> None:
    mean, ratio, histories = 100.0, 0.7, 20_000
    count = np.arange(400)
    before, after = poisson.pmf(count, mean)[:, None], poisson.pmf(count, ratio * mean)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (np.log(count)[None, :] - np.log(count)[:, None]) / np.sqrt(1 / count[:, None] + 1 / count[None, :])
    expected = float((before * after)[z < -1.959964].sum())
    rng = np.random.default_rng(11)
    counts = np.stack([rng.poisson(mean, histories), rng.poisson(ratio * mean, histories)], axis=1)[:, None, :]
    found = windows.raw_change(counts, setting(histories, 1, [0], (1,), before=1, after=1))
    power = (found.high < 0.0).mean()
    assert 0.5 < expected < 0.8
    assert power == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / histories))


def test_nobody_before_is_unknown_and_never_a_finding() -> None:
    counts = np.array([[[0, 0], [5, 5]], [[3, 0], [5, 5]]])
    found = windows.raw_change(counts, setting(2, 2, [0], (1,), before=1, after=1))
    assert np.isnan(found.value[0]) and found.value[1] == -100.0
    assert not (found.high < 0.0).any() and not (found.low > 0.0).any()
