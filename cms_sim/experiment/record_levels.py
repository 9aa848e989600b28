"""What the record says of each precinct without a programme: precinct factor x citywide trend x season.

Fitted to precincts never listed and to months before a precinct's first programme, by the Poisson likelihood (rows
and columns in turn), so that no programme effect is built into the levels of covered years: how they fit is a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import CityTables
from cms_sim.engine.rules import profiles

NEW_YORK: Final = "New York City"
SPLITS: Final = {120: "2013-07", 121: "2013-07", 122: "2013-07"}
"""Precincts whose territory changed (121 was cut out of 120 and 122): a factor for each side of the month."""
PLANNING_YEARS: Final = 3
"""The level of planning years is the mean trend of the record's last three (2017-2019)."""


@dataclass(frozen=True)
class RecordLevels:
    """Expected incidents a day without a programme, as the record has it."""

    factor: NDArray[np.float64]
    """[precincts, months of record] precinct factor, incidents a day at trend 1."""
    trend: NDArray[np.float64]
    """[years of record] mean 1."""
    season: NDArray[np.float64]
    """[12] mean 1."""
    clean: NDArray[np.bool_]
    """[precincts, months of record] the cells that were fitted."""

    def incidents_per_day(self, n_months: int) -> NDArray[np.float64]:
        """[precincts, n_months] expected incidents a day by month since the record began; planning years after its
        end.
        """
        record = self.factor.shape[1]
        trend = np.repeat(self.trend, 12)[: min(n_months, record)]
        beyond = max(0, n_months - record)
        trend = np.concatenate([trend, np.full(beyond, self.trend[-PLANNING_YEARS:].mean())])
        factor = np.concatenate([self.factor, np.repeat(self.factor[:, -1:], beyond, axis=1)], axis=1)[:, :n_months]
        return factor * trend * self.season[np.arange(n_months) % 12]


def clean_cells(tables: CityTables) -> NDArray[np.bool_]:
    """[precincts, months] months without any programme so far: before the earliest known start of any site."""
    clean = np.ones(tables.incidents.shape, dtype=np.bool_)
    for site in tables.sites:
        starts = [month for month in (site.earliest_start, site.start_month) if month is not None]
        if starts:
            clean[tables.row(site.precinct)] &= tables.months < min(starts)
    return clean


@lru_cache(maxsize=8)
def fit_record_levels(tables: CityTables, months_used: int | None = None) -> RecordLevels:
    """Fit the record's first `months_used` months (default: all). Needs whole years."""
    used = months_used or len(tables.months)
    counts = tables.incidents[:, :used].astype(np.float64)
    days = ((tables.months[:used] + 1).astype("M8[D]") - tables.months[:used].astype("M8[D]")).astype(np.float64)
    clean = clean_cells(tables)[:, :used]
    era = _eras(tables, used)
    season = profiles(tables)[1]
    exposure = season[np.arange(used) % 12] * days
    trend = np.ones(used // 12)
    for _ in range(200):
        factor = _factors(counts, clean, era, exposure * np.repeat(trend, 12))
        expected = np.where(clean, factor * exposure, 0.0).sum(axis=0).reshape(-1, 12).sum(axis=1)
        observed = np.where(clean, counts, 0.0).sum(axis=0).reshape(-1, 12).sum(axis=1)
        updated = observed / expected
        updated /= updated.mean()
        if np.abs(updated - trend).max() < 1e-10:
            break
        trend = updated
    return RecordLevels(factor, trend, season, clean)


def _eras(tables: CityTables, used: int) -> NDArray[np.int64]:
    """[precincts, months] 0 before a change of territory, 1 after."""
    era = np.zeros((len(tables.precincts), used), dtype=np.int64)
    for number, month in SPLITS.items():
        if tables.name == NEW_YORK and number in tables.numbers:
            era[tables.row(number)] = tables.months[:used] >= np.datetime64(month)
    return era


def _factors(
    counts: NDArray[np.float64], clean: NDArray[np.bool_], era: NDArray[np.int64], exposure: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[precincts, months] incidents a day at trend 1: counted in clean cells over their exposure."""
    factor = np.zeros(counts.shape)
    for each in (0, 1):
        cells = era == each
        seen = np.where(clean & cells, counts, 0.0).sum(axis=1)
        lived = np.where(clean & cells, exposure, 0.0).sum(axis=1)
        rate = np.divide(seen, lived, out=np.zeros(len(seen)), where=lived > 0)
        factor += np.where(cells, rate[:, None], 0.0)
    return factor
