from __future__ import annotations

import numpy as np
import pytest

from cms_sim.data.city_tables import CityTables
from cms_sim.experiment.record_levels import clean_cells, fit_record_levels


def _by_year(counts: np.ndarray) -> np.ndarray:
    return counts.reshape(len(counts), -1, 12).sum(axis=2)


def _expected(tables: CityTables) -> np.ndarray:
    levels = fit_record_levels(tables)
    days = ((tables.months + 1).astype("M8[D]") - tables.months.astype("M8[D]")).astype(int)
    return levels.incidents_per_day(len(tables.months)) * days


def test_fitted_cells_sum_to_the_record_by_year_and_by_precinct(tables: CityTables) -> None:
    """The equations of the Poisson likelihood: what was counted in clean cells is what is expected there."""
    clean = clean_cells(tables)
    seen, expected = np.where(clean, tables.incidents, 0), np.where(clean, _expected(tables), 0.0)
    assert _by_year(expected).sum(axis=0) == pytest.approx(_by_year(seen).sum(axis=0))
    assert expected.sum(axis=1) == pytest.approx(seen.sum(axis=1), abs=1e-6)


def test_no_month_with_a_programme_is_fitted(tables: CityTables) -> None:
    clean = clean_cells(tables)
    assert not clean[tables.row(77), tables.months >= np.datetime64("2010-01")].any()
    assert clean[tables.row(77), tables.months < np.datetime64("2010-01")].all()
    assert clean[tables.row(43)].all(), "its site opened after the record"
    assert clean[tables.row(28)].all(), "never listed"


def test_a_change_of_territory_has_a_factor_on_each_side(tables: CityTables) -> None:
    levels = fit_record_levels(tables)
    before, after = tables.months < np.datetime64("2013-07"), tables.months >= np.datetime64("2013-07")
    row = tables.row(121)
    assert np.all(levels.factor[row, before] == 0)
    assert np.all(levels.factor[row, after] > 0)


def test_planning_years_stand_at_the_mean_of_the_last_three(tables: CityTables) -> None:
    levels = fit_record_levels(tables)
    beyond = levels.incidents_per_day(len(tables.months) + 12)[:, -12:]
    last = levels.incidents_per_day(len(tables.months))[:, -36:].reshape(len(tables.precincts), 3, 12).mean(axis=1)
    assert beyond == pytest.approx(last)


def test_a_fit_to_earlier_years_reads_no_later_row(tables: CityTables) -> None:
    early = fit_record_levels(tables, 96)
    assert early.factor.shape[1] == 96
    assert early.trend.shape == (8,)
