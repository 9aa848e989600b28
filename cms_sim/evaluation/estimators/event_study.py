"""Each year around the start against what precincts never listed predict, four years before = 1 (docs/RECORD.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.before_after import NO_SITE, NOBODY
from cms_sim.evaluation.estimators.estimate import Estimate, unknown
from cms_sim.evaluation.estimators.panel import Panel, never_listed
from cms_sim.evaluation.estimators.resampling import interval
from cms_sim.evaluation.studies import EVENT_YEARS
from cms_sim.evaluation.studies import event_study as years_around

NAME = "event_study"


def event_study(panel: Panel) -> Estimate:
    """Mean of the ratios of the two years from the start on, less 1; parts are the ratio of each year.

    The level before is that of four years, or of as many whole years as every site has. A year counts the sites that
    have all of it on record."""
    if not panel.starts:
        return unknown(NAME, NO_SITE)
    controls = never_listed(panel)
    if not controls.any():
        return unknown(NAME, "every precinct is listed for a site, so none is left to compare with")
    earliest = min(panel.starts.values())
    years = tuple(year for year in EVENT_YEARS if -year <= earliest // 12)

    def ratios(counts: NDArray[np.int64]) -> NDArray[np.float64]:
        found = years_around(counts, panel.starts, controls, years)
        first_two = (found[1] + found[2]) / 2.0
        return np.stack([first_two, *found.values()])

    values = ratios(panel.counts[None])[:, 0]
    if not np.isfinite(values[0]):
        return unknown(NAME, NOBODY)
    low, high = interval(panel, ratios)
    parts = [
        Estimate(f"year {year:+d}", float(value), float(a), float(b), _sites_with(panel, year), "sites", unit="ratio")
        for year, value, a, b in zip(years, values[1:], low[1:], high[1:], strict=True)
        if np.isfinite(value)
    ]
    value, a, b = (100.0 * (float(x[0]) - 1.0) for x in (values, low, high))
    note = f"mean of the two years from the start on; the level before is that of {-min(years)} years"
    return Estimate(NAME, value, a, b, len(panel.starts), "sites", notes=(note,), parts=tuple(parts))


def _sites_with(panel: Panel, year: int) -> int:
    """Sites that have the whole year on record."""
    end = 12 * (year + 1 if year < 0 else year)
    return sum(start + end <= len(panel.months) for start in panel.starts.values())
