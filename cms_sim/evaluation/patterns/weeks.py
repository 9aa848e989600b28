"""What one week's shootings say of the next: in the city, and next door (docs/validation.md says how each is defined).

Residuals are of counts by precinct and week, 2014-2019, less each precinct's own year spread by the season and weekday
of the whole record: those of six years alone would be fitted to the very weeks that are compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.engine.calendar_days import months, weekdays
from cms_sim.evaluation.patterns.counts import Counts, daily
from cms_sim.evaluation.patterns.dispersion import LAST_YEARS
from cms_sim.experiment.hindcast import Lived

MEDIAN_YEARS: Final = 5
FEWEST_INCIDENTS: Final = 30
"""Precincts that the median dispersion counts: at least this many in its years (T8-036)."""

Floats = NDArray[np.float64]


def weeks(lived: Lived) -> dict[str, float]:
    """Lag-one autocorrelation of the city's weeks, and extra incidents next week in all adjacent precincts together per
    incident (own and neighbours' counts less what the whole city did in that week).
    """
    month_of = months()
    first = int(np.searchsorted(month_of, lived.months - 12 * LAST_YEARS))
    until = int(np.searchsorted(month_of, lived.months))
    counts = daily(lived, np.arange(len(lived.city.precinct)), first, until)
    year = month_of[first:until] // 12 - month_of[first] // 12
    seen, hoped = by_week(counts), by_week(expected(counts, _profile(lived.tables)[first:until], year))
    left, city = seen - hoped, (seen - hoped).sum(axis=0)
    apart = left - hoped * city / np.maximum(hoped.sum(axis=0), 1e-9)
    return {
        "city_week_to_week": float((city[1:] * city[:-1]).sum() / np.square(city).sum()),
        "extra_next_door": slope(apart[:, :-1], (adjacency(lived.tables) @ apart)[:, 1:]),
    }


def median_dispersion(incidents: Counts) -> dict[str, float]:
    """Median over precincts of the dispersion of monthly incidents [precincts, months] against precinct total x month
    total / grand total, last five years.
    """
    last = incidents[:, -12 * MEDIAN_YEARS :]
    kept = last[last.sum(axis=1) >= FEWEST_INCIDENTS]
    hoped = kept.sum(axis=1, keepdims=True) * last.sum(axis=0) / max(1, last.sum())
    by_precinct = (np.square(kept - hoped) / np.maximum(hoped, 1e-9)).sum(axis=1) / (last.shape[1] - 1)
    return {"dispersion_monthly_median": float(np.median(by_precinct)) if len(kept) else float("nan")}


def expected(days: Counts, profile: Floats, year: NDArray[np.int64]) -> Floats:
    """[precincts, days] each precinct's year spread by `profile`."""
    one_year = np.eye(int(year[-1]) + 1)[year]
    return np.asarray(((days @ one_year) / (profile @ one_year)) @ one_year.T * profile)


@lru_cache(maxsize=4)
def _profile(tables: CityTables) -> Floats:
    """[days] factor of season and weekday of each day."""
    from cms_sim.engine.rules import profiles

    weekday, season, _ = profiles(tables)
    return np.asarray(weekday[weekdays()] * season[months() % 12])


def by_week(days: NDArray[np.integer] | Floats) -> Floats:
    """[precincts, weeks] sums of whole weeks from the first day on."""
    count = days.shape[1] // 7
    return np.asarray(days[:, : 7 * count].reshape(len(days), count, 7).sum(axis=2), dtype=np.float64)


def slope(before: Floats, after: Floats) -> float:
    """Of a regression through the origin."""
    return float((before * after).sum() / max(1e-9, np.square(before).sum()))


def adjacency(tables: CityTables) -> Floats:
    """[precincts, precincts] 1 where two share a boundary."""
    found = np.zeros((len(tables.numbers), len(tables.numbers)))
    for pair in tables.boundaries:
        a, b = tables.row(pair.a), tables.row(pair.b)
        found[a, b] = found[b, a] = 1.0
    return found
