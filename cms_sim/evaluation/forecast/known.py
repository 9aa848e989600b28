"""The city as a forecaster knew it at the end of a year: counts up to then, and the sites' dates as a known plan.

What is published only as sums over years (weekdays and hours, ages, victims per incident) cannot be cut. Weekdays,
hours and ages do not decide how many are shot in a precinct's month. Victims per incident do: the mean is taken from
the rows before the cut, the published table keeps only the proportions among incidents with two and more.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.experiment.record_levels import NEW_YORK

LEAST_YEARS: Final = 5
"""Years before a cut: a trend, and forecasts made inside them, from fewer mean nothing."""
_CUT_OUT: Final = (121, (120, 122), np.datetime64("2013-07"))
"""A precinct, those whose territory it was, and since when (docs/RECORD.md)."""
_WHOLE: Final = 1_000_000
"""Incidents that the table of victims per incident is written for: its unit does not matter."""


def check_until(until: int, tables: CityTables) -> None:
    """Raise InputError unless years enough lie up to `until`, and a year after it."""
    first, last = (tables.months[k].astype(object).year for k in (0, -1))
    if not first + LEAST_YEARS - 1 <= until < last:
        remedy = f"Give a year from {first + LEAST_YEARS - 1} to {last - 1}: the record has {first} to {last}."
        raise InputError(f"no forecast can be checked that is fitted up to {until}", where="--until", remedy=remedy)


def known_until(until: int, tables: CityTables | None = None) -> CityTables:
    """The city with its counts up to the end of `until`, precincts as they were then."""
    whole = tables or load_city_tables()
    check_until(until, whole)
    return _with_own_victims(_as_divided(whole.before(until + 1)))


@lru_cache(maxsize=4)
def packaged_until(until: int) -> CityTables:
    """The packaged city, the same object at each call."""
    return known_until(until)


def _as_divided(tables: CityTables) -> CityTables:
    """Counts of a precinct that was cut out of others, also before: its share of their counts since.

    Shifts counts between three precincts only, so that one with a few months on record has a past to compare with.
    """
    number, parents, since = _CUT_OUT
    if tables.name != NEW_YORK or number not in tables.numbers or tables.months[-1] < since:
        return tables
    old = tables.months < since
    rows = [tables.row(each) for each in (number, *parents)]
    share = tables.incidents[rows[0], ~old].sum() / tables.incidents[rows][:, ~old].sum()
    names = ("incidents", "victims", "fatal_incidents")
    moved: dict[str, Any] = {name: _moved(getattr(tables, name), rows, old, float(share)) for name in names}
    return replace(tables, **moved)


def _moved(counts: NDArray[np.int64], rows: list[int], old: NDArray[np.bool_], share: float) -> NDArray[np.int64]:
    """Of each run of 1 / `share` counted in a parent, one is the new precinct's."""
    found = counts.copy()
    for parent in rows[1:]:
        part = np.diff(np.floor(share * np.cumsum(counts[parent, old])), prepend=0.0).astype(np.int64)
        found[parent, old] -= part
        found[rows[0], old] += part
    found.flags.writeable = False
    return found


def _with_own_victims(tables: CityTables) -> CityTables:
    """Victims per incident with the mean of the rows before the cut."""
    several = tables.victims_per_incident[1:] / tables.victims_per_incident[1:].sum()
    more = float(several @ np.arange(1, len(several) + 1))
    share = min(1.0, max(0.0, float(tables.victims.sum() / tables.incidents.sum()) - 1.0) / more)
    counts = np.round(_WHOLE * np.concatenate([[1.0 - share], share * several])).astype(np.int64)
    counts.flags.writeable = False
    return replace(tables, victims_per_incident=counts)
