"""How far counts scatter beyond chance (docs/RECORD.md, "Shape" and "Self-excitation").

Dispersion: chi-square over degrees of freedom of a precinct's counts against its own year's total spread by the whole
city's season and weekday of the same years, the twenty precincts with most victims in the last six. Share statistic:
chi-square of incidents by precinct and year against precinct total x year total / grand total.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.calendar_days import months
from cms_sim.evaluation.patterns.counts import Counts, Monthly, busiest, by_year, daily, day_profile
from cms_sim.experiment.hindcast import Lived

BUSIEST: Final = 20
LAST_YEARS: Final = 6
MOVED: Final = (22, 120, 121, 122)
"""Precincts left out of the share statistic: Central Park, and those whose territory changed (docs/RECORD.md)."""


def dispersion(lived: Lived, counts: Monthly) -> dict[str, float]:
    """Daily, weekly and monthly dispersion inside precincts, weekly of the city, and both share statistics."""
    month_of = months()
    first = int(np.searchsorted(month_of, lived.months - 12 * LAST_YEARS))
    until = int(np.searchsorted(month_of, lived.months))
    days = daily(lived, busiest(counts.victims, BUSIEST, LAST_YEARS), first, until)
    everywhere = daily(lived, np.arange(len(counts.incidents)), first, until).sum(axis=0, keepdims=True)
    year = (month_of[first:until] // 12) - month_of[first] // 12
    profile = day_profile(everywhere[0], first)
    weeks = np.arange(until - first) // 7
    city = scatter(everywhere, profile, year, weeks)
    yearly = by_year(counts.incidents)[[number not in MOVED for number in lived.tables.numbers]]
    return {
        "dispersion_daily": scatter(days, profile, year, np.arange(until - first)),
        "dispersion_weekly": scatter(days, profile, year, weeks),
        "dispersion_monthly": scatter(days, profile, year, month_of[first:until] - month_of[first]),
        "dispersion_city_weekly": city,
        "share_statistic": share_statistic(yearly),
        "share_statistic_last_years": share_statistic(yearly[:, -LAST_YEARS:]),
    }


def scatter(days: Counts, profile: NDArray[np.float64], year: NDArray[np.int64], bins: NDArray[np.int64]) -> float:
    """Chi-square over degrees of freedom of counts [precincts, days], put into `bins`, against year totals spread by
    `profile`.
    """
    years, n_bins = int(year[-1]) + 1, int(bins[-1]) + 1
    one_year = np.eye(years)[year]
    expected = ((days @ one_year) / (profile @ one_year)) @ one_year.T * profile
    member = _members(bins, n_bins)
    seen, hoped = member(days), member(expected)
    known = hoped > 0
    return float((np.square(seen - hoped)[known] / hoped[known]).sum() / (len(days) * (n_bins - years)))


def _members(bins: NDArray[np.int64], n_bins: int):  # type: ignore[no-untyped-def]
    starts = np.searchsorted(bins, np.arange(n_bins))
    return lambda values: np.add.reduceat(values, starts, axis=1)


def share_statistic(yearly: Counts) -> float:
    """Chi-square of [precincts, years] against rows x columns, over its degrees of freedom."""
    expected = yearly.sum(axis=1, keepdims=True) * yearly.sum(axis=0) / yearly.sum()
    known = expected > 0
    chi_square = (np.square(yearly - expected)[known] / expected[known]).sum()
    return float(chi_square / ((len(yearly) - 1) * (yearly.shape[1] - 1)))
