"""How levels go on: closed forms, and what is known of precincts covered early."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.forecast.known import packaged_until
from cms_sim.evaluation.forecast.level_forecast import DRIFTS, PRIOR_SHOOTINGS, CityLevel, PrecinctLevels
from cms_sim.evaluation.patterns.dispersion import MOVED
from cms_sim.experiment.record_levels import fit_record_levels
from tests import pages

PAGE = pages.DOCS / "forecast.md"


def test_the_city_after_one_year_follows_students_t() -> None:
    level = CityLevel.of(np.array([1.1, 1.0, 1.05, 0.98, 0.9, 0.92]))
    drawn = np.array([level.draw(1, np.random.default_rng([7, k]))[0] for k in range(4000)])
    scale = level.spread * np.sqrt(1.0 + 1.0 / level.changes)
    standard = (np.log(drawn / level.last) - level.drift) / scale
    assert stats.kstest(standard, stats.t(level.changes - 1).cdf).pvalue > 1e-3
    assert level.drift == pytest.approx(np.log(0.92 / 1.1) / 5)


def test_without_drift_a_level_is_the_gamma_law_of_a_poisson_rate() -> None:
    levels = PrecinctLevels(
        np.array([[3.0, 5.0, 4.0], [10.0, 0.0, 0.0]]), np.array([[90.0, 90.0, 90.0], [80.0, 0.0, 0.0]])
    )
    _, shape, rate = levels.filtered(0.0)
    city = 22.0 / 350.0
    assert DRIFTS[0] == 0.0
    assert shape[0] == pytest.approx([PRIOR_SHOOTINGS + 12.0, PRIOR_SHOOTINGS + 10.0])
    assert rate[0] == pytest.approx([PRIOR_SHOOTINGS / city + 270.0, PRIOR_SHOOTINGS / city + 80.0])


def test_with_a_drift_less_is_known_of_a_precinct_covered_early_and_its_mean_stays() -> None:
    counted = np.array([[30.0] * 6, [30.0] * 3 + [0.0] * 3])
    seen = PrecinctLevels(counted, np.array([[365.0] * 6, [365.0] * 3 + [0.0] * 3]))
    _, shape, rate = seen.filtered(0.0)
    relative = 1.0 / np.sqrt(shape)
    assert (relative[1:, 1] > relative[1:, 0]).all()
    assert shape[-1, 1] / rate[-1, 1] == pytest.approx(30.0 / 365.0, rel=0.05)


def test_the_likelihood_finds_the_drift() -> None:
    rng = np.random.default_rng(8)
    for drift in (0.0, 0.15):
        rates = 60.0 * np.exp(np.cumsum(drift * rng.standard_normal((70, 9)), axis=1))
        likelihood, _, _ = PrecinctLevels(rng.poisson(rates).astype(float), np.ones((70, 9))).filtered(0.0)
        assert DRIFTS[likelihood.argmax()] == pytest.approx(drift, abs=0.03)


def test_a_spread_of_single_years_is_not_taken_for_a_drift() -> None:
    rng = np.random.default_rng(9)
    rates = 60.0 * np.exp(0.15 * rng.standard_normal((70, 9)))
    levels = PrecinctLevels(rng.poisson(rates).astype(float), np.ones((70, 9)))
    assert DRIFTS[levels.filtered(0.15)[0].argmax()] <= 0.03 < DRIFTS[levels.filtered(0.0)[0].argmax()]


def test_months_with_a_programme_are_not_counted() -> None:
    tables = packaged_until(2013)
    levels = PrecinctLevels.of(tables, fit_record_levels(tables))
    assert levels.lived[tables.row(77)].tolist()[4:] == [0.0] * 4, "covered since January 2010"
    assert (levels.lived[tables.row(77), :4] > 0).all()
    assert np.count_nonzero(levels.lived[tables.row(121)]) == 1, "since July 2013"
    assert levels.counted[tables.row(28)].sum() == tables.incidents[tables.row(28)].sum()


def test_the_page_says_what_the_known_years_say_of_drift() -> None:
    (table,) = [each for each in pages.tables(PAGE) if each[0][0].startswith("2006-")]
    for row in table:
        until = int(row[0][-4:])
        assert [f"{value:.3f}" for value in squared_differences(until, 6)] == list(row[1:])


def test_the_page_says_how_the_trend_changed() -> None:
    text = " ".join(pages.text_of(PAGE).split())
    for until in (2013, 2016):
        level = CityLevel.of(fit_record_levels(load_city_tables().before(until + 1)).trend)
        assert f"{100 * level.drift:.1f}%" in text and f"{100 * level.spread:.1f}%" in text


def squared_differences(until: int, furthest: int) -> list[float]:
    """Of whole years without a programme; weighted by how exactly each is known, were the rest 0.01."""
    tables = load_city_tables().before(until + 1)
    record = fit_record_levels(tables)
    days = ((tables.months + 1).astype("M8[D]") - tables.months.astype("M8[D]")).astype(float)
    expected = record.incidents_per_day(len(days)) * days

    def yearly(cells: np.ndarray) -> np.ndarray:
        return np.where(record.clean, cells, 0.0).reshape(len(cells), -1, 12).sum(axis=2)

    seen, hoped = yearly(tables.incidents), yearly(expected)
    whole = record.clean.reshape(len(seen), -1, 12).all(axis=2) & (hoped > 0)
    whole &= np.array([number not in MOVED for number in tables.numbers])[:, None]
    found = []
    for apart in range(1, furthest + 1):
        usable = whole[:, :-apart] & whole[:, apart:]
        first, second = hoped[:, :-apart][usable], hoped[:, apart:][usable]
        ratio = seen[:, :-apart][usable] / first - seen[:, apart:][usable] / second
        chance = 1.0 / first + 1.0 / second
        found.append(float(np.average(ratio**2 - chance, weights=1.0 / (chance + 0.02) ** 2)))
    return found
