"""Where people are shot: how unevenly, how lastingly, and how many where sites are (docs/RECORD.md, "Where")."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.evaluation.patterns.counts import Counts, by_year

TOPS: Final = (10, 15, 20, 40)
LAST_YEARS: Final = 3
ENDS_YEARS: Final = 4
"""Years at either end of the record that are held against each other."""


def places(tables: CityTables, victims: Counts) -> dict[str, float]:
    """Of people shot [precincts, months] in a history or the record: shares of the city's last year in the precincts
    with most, Gini coefficient, likeness of first and last years, and people shot a year in the last three.
    """
    yearly = by_year(victims)
    last = np.sort(yearly[:, -1])[::-1].cumsum() / max(1, yearly[:, -1].sum())
    early, late = yearly[:, :ENDS_YEARS].sum(axis=1), yearly[:, -ENDS_YEARS:].sum(axis=1)
    recent = yearly[:, -LAST_YEARS:].sum(axis=1) / LAST_YEARS
    covered, added = _covered(tables), [tables.row(n) for n in tables.sets.get("expansion_2020", ())]
    return {
        **{f"top_{count}_share": float(last[min(count, len(last)) - 1]) for count in TOPS},
        "gini": gini(yearly[:, -1]),
        "first_and_last_years": float(np.corrcoef(early, late)[0, 1]),
        "victims_per_year": float(recent.sum()),
        "victims_per_year_with_site": float(recent[covered].sum()),
        "victims_per_year_never_listed": float(recent[_never_listed(tables)].sum()),
        "added_precincts_share": float(recent[added].sum() / max(1.0, recent.sum())),
    }


def gini(values: NDArray[np.integer]) -> float:
    """0 where all are alike, near 1 where one has all."""
    ordered, n = np.sort(values), len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / max(1, n * ordered.sum()))


def _covered(tables: CityTables) -> NDArray[np.intp]:
    """Precincts whose first listed start lies before the last years."""
    first = tables.months[-12 * LAST_YEARS] if len(tables.months) >= 12 * LAST_YEARS else tables.months[0]
    numbers = {site.precinct for site in tables.sites if site.start_month is not None and site.start_month < first}
    return np.array([row for row, number in enumerate(tables.numbers) if number in numbers], dtype=np.intp)


def _never_listed(tables: CityTables) -> NDArray[np.intp]:
    listed = {site.precinct for site in tables.sites}
    return np.array([row for row, number in enumerate(tables.numbers) if number not in listed], dtype=np.intp)
