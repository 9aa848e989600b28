"""What only a model can be asked: the same history lived with and without its sites (paired: same chance)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.arrays import SITE_MONTH
from cms_sim.evaluation.patterns.counts import Monthly
from cms_sim.evaluation.studies import WINDOW_MONTHS
from cms_sim.experiment.hindcast import Lived

FIRST_YEAR_MONTH = 72
"""January 2012: from here on the published count of shootings avoided runs (T1-021)."""


def truth(lived: Lived, counts: Monthly, without: Monthly, starts: dict[int, int]) -> dict[str, float]:
    """People shot with the sites over those without, less 1: in the study's 24 months from each start on, in all months
    with an open site, in precincts that never have one; and, the other way round, how many more there would have been
    in the city since 2012.
    """
    with_sites = without_sites = 0
    for row, start in starts.items():
        span = slice(start, start + WINDOW_MONTHS)
        with_sites += int(counts.victims[row, span].sum())
        without_sites += int(without.victims[row, span].sum())
    open_ = open_months(lived)
    since = slice(FIRST_YEAR_MONTH, None)
    return {
        "true_change_in_study": _change(with_sites, without_sites),
        "true_change_where_open": _change(counts.victims[open_].sum(), without.victims[open_].sum()),
        "more_without_sites": _change(without.victims[:, since].sum(), counts.victims[:, since].sum()),
        "true_change_never_covered": _change(
            counts.victims[~open_.any(axis=1)].sum(), without.victims[~open_.any(axis=1)].sum()
        ),
    }


def open_months(lived: Lived) -> NDArray[np.bool_]:
    """[precincts, months] whether a site is open at the month's end."""
    found = np.zeros((len(lived.city.precinct), lived.months), dtype=np.bool_)
    for site, book in zip(lived.plan.site, lived.books, strict=True):
        found[site["slot"]] |= book[:, SITE_MONTH.index("open")] > 0
    return found


def _change(one: float, other: float) -> float:
    return float(one) / float(other) - 1.0 if other else float("nan")
