"""The published record, studied with the same estimators as the runs.

For the 17 precincts of New York with a first listed start in 2012-2016 the raw change of victims is -28.9%, the
announced -28% (T1-001); against controls -14% to -20% are left, with chance and regression to the mean still in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cms_sim.data.city_records import CityTables
from cms_sim.errors import InputError, nearest
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.studies import WINDOW_MONTHS, BeforeAfter, Controls, before_after, event_study

CONTROLS: Final = ("all other precincts", "not covered by the window's end", "not among the sites", "never listed")


@dataclass(frozen=True)
class RecordDesign:
    """Sites of a study of the record: row in the tables to column of the start month, and their controls."""

    starts: dict[int, int]
    controls: Controls


def recent_victims_per_year(precincts: Sequence[int], tables: CityTables | None) -> Floats:
    """[S] mean victims a year of each of `precincts` over 2017-2019 on the record; NaN where that is not known."""
    recent = np.arange("2017-01", "2020-01", dtype="datetime64[M]")
    unknown = np.full(len(precincts), np.nan)
    if tables is None or not np.isin(recent, tables.months).all():
        return unknown
    known = dict(zip(tables.numbers, tables.victims[:, np.isin(tables.months, recent)].sum(axis=1) / 3.0, strict=True))
    return np.array([known.get(number, np.nan) for number in precincts], dtype=np.float64)


def listed_starts(tables: CityTables) -> dict[int, np.datetime64]:
    """Precinct to the month of its first listed start; precincts whose sites have no start month are left out."""
    starts: dict[int, np.datetime64] = {}
    for site in tables.sites:
        if site.start_month is not None:
            starts[site.precinct] = min(starts.get(site.precinct, site.start_month), site.start_month)
    return starts


def record_design(
    tables: CityTables, control: str = "never listed", first_year: int = 2012, last_year: int = 2016
) -> RecordDesign:
    """Precincts with a first listed start in `first_year` to `last_year`, and their controls, one of `CONTROLS`."""
    if control not in CONTROLS:
        raise InputError(f"there is no control group '{control}'", remedy=nearest(control, CONTROLS))
    first, listed = listed_starts(tables), {site.precinct for site in tables.sites}
    span = np.datetime64(f"{first_year}-01", "M"), np.datetime64(f"{last_year + 1}-01", "M")
    sites = {number: month for number, month in sorted(first.items()) if span[0] <= month < span[1]}

    def serves(candidate: int, site: int, month: np.datetime64) -> bool:
        if control == "never listed":
            return candidate not in listed
        if control == "not among the sites":
            return candidate not in sites
        if control == "not covered by the window's end":
            return candidate not in first or bool(first[candidate] >= month + np.timedelta64(WINDOW_MONTHS, "M"))
        return candidate != site

    return RecordDesign(
        {tables.row(site): int((month - tables.months[0]).astype(int)) for site, month in sites.items()},
        np.array(
            [[serves(number, site, month) for number in tables.numbers] for site, month in sites.items()],
            dtype=np.bool_,
        ),
    )


def record_study(tables: CityTables, control: str = "never listed") -> BeforeAfter:
    """24 months before and after the first listed starts of 2012-2016, on the record's victims."""
    design = record_design(tables, control)
    return before_after(tables.victims, design.starts, design.controls)


def record_event_study(tables: CityTables, control: str = "never listed") -> dict[int, float]:
    """Year around the start to victims over expected, four years before = 1, on the record."""
    design = record_design(tables, control)
    return {year: float(value) for year, value in event_study(tables.victims, design.starts, design.controls).items()}
