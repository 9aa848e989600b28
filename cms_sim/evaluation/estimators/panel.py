"""What every estimator takes: counts by precinct and month, and when a site opened in which precinct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.csv_table import nearest_precincts
from cms_sim.errors import InputError, nearest
from cms_sim.evaluation.studies import WINDOW_MONTHS, Controls

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES: Final = ("victims", "incidents")
NEVER: Final = 2**31 - 1
"""Opening month of a precinct that never gets a site."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Counts [precincts, months] of people shot, or of shootings, with the opening months of sites.

    `openings` are indices in `months` and may lie outside them (0 or less: covered all along). `listed` are the
    precincts that any list names for a site, dated or not. `sites` are the precincts under study: each opens on record.
    """

    precincts: tuple[int, ...]
    months: NDArray[np.datetime64]
    counts: NDArray[np.int64]
    openings: Mapping[int, int]
    listed: frozenset[int]
    neighbours: Mapping[int, tuple[int, ...]]
    sites: tuple[int, ...]
    outcome: str = OUTCOMES[0]
    """What is counted, of `OUTCOMES`."""

    @cached_property
    def opening(self) -> NDArray[np.int64]:
        """[S] opening month of each precinct, `NEVER` without one."""
        return np.array([self.openings.get(number, NEVER) for number in self.precincts], dtype=np.int64)

    @cached_property
    def changing(self) -> NDArray[np.bool_]:
        """[S] precincts that a site opens in during these months."""
        return (self.opening > 0) & (self.opening < len(self.months))

    @cached_property
    def starts(self) -> dict[int, int]:
        """Row to opening month of the sites whose window lies on record: what a before/after study can use."""
        last = len(self.months) - WINDOW_MONTHS
        within = {number: self.openings[number] for number in self.sites}
        return {self.row(n): m for n, m in within.items() if WINDOW_MONTHS <= m <= last}

    @cached_property
    def site_rows(self) -> NDArray[np.intp]:
        """Rows of the sites under study."""
        return np.array([self.row(number) for number in self.sites], dtype=np.intp)

    def row(self, number: int) -> int:
        """The place of a precinct on axis 0."""
        return self.precincts.index(number)

    def with_openings(self, starts: Mapping[int, int]) -> Panel:
        """The same counts, as if the sites under study were those of `starts` (row to month) and had opened then."""
        openings = {self.precincts[row]: month for row, month in starts.items()}
        return replace(self, openings=openings, sites=tuple(openings), listed=self.listed | openings.keys())

    def studying(self, sites: Iterable[int], where: str = "--sites") -> Panel:
        """The same record with these sites under study. Raises `InputError` for a precinct where none opens."""
        opened = [number for number, changes in zip(self.precincts, self.changing, strict=True) if changes]
        chosen = tuple(dict.fromkeys(sites))
        for number in chosen:
            if number not in self.precincts:
                remedy = nearest_precincts(number, self.precincts)
                raise InputError(f"precinct {number} is not on record", where=where, remedy=remedy)
            if number not in opened:
                message = f"no site opens in precinct {number} between {self.months[0]} and {self.months[-1]}"
                remedy = f"Sites open in: {', '.join(map(str, opened))}." if opened else "None opens anywhere."
                raise InputError(message, where=where, remedy=remedy)
        return replace(self, sites=chosen)


def record_panel(tables: CityTables, outcome: str = "victims") -> Panel:
    """A city's record; under study are all sites with 24 months on record before and after (`docs/RECORD.md`).

    In New York 2006-2019 these are the 17 precincts with a first listed start in 2012-2016."""
    if outcome not in OUTCOMES:
        raise InputError(f"there is no count of '{outcome}'", remedy=nearest(outcome, OUTCOMES))
    first: dict[int, int] = {}
    for site in tables.sites:
        if site.start_month is not None:
            month = int((site.start_month - tables.months[0]).astype(int))
            first[site.precinct] = min(first.get(site.precinct, month), month)
    last = len(tables.months) - WINDOW_MONTHS
    return Panel(
        precincts=tables.numbers,
        months=tables.months,
        counts=tables.victims if outcome == "victims" else tables.incidents,
        openings=first,
        listed=frozenset(site.precinct for site in tables.sites),
        neighbours=adjacent(tables),
        sites=tuple(number for number in sorted(first) if WINDOW_MONTHS <= first[number] <= last),
        outcome=outcome,
    )


def tidy_panel(
    frame: pd.DataFrame, openings: Mapping[int, object], tables: CityTables, outcome: str = "victims"
) -> Panel:
    """The panel of a table with the columns precinct, month and the outcome, a row for each precinct and month.

    `openings` is precinct to month (as NumPy reads it, such as "2015-05"); a precinct without a row in a month had
    nothing there. `tables` tells which precincts are neighbours."""
    wide = frame.pivot_table(index="precinct", columns="month", values=outcome, aggfunc="sum", fill_value=0)
    precincts = tuple(int(number) for number in wide.index)
    seen = np.asarray(wide.columns.to_numpy(), dtype="datetime64[M]")
    months = np.arange(seen[0], seen[-1] + 1)
    counts = np.zeros((len(precincts), len(months)), dtype=np.int64)
    counts[:, np.searchsorted(months, seen)] = wide.to_numpy(dtype=np.int64)
    start = {number: int((np.datetime64(str(m), "M") - months[0]).astype(int)) for number, m in openings.items()}
    panel = Panel(precincts, months, counts, start, frozenset(start), adjacent(tables), (), outcome)
    return replace(panel, sites=tuple(n for n, changes in zip(precincts, panel.changing, strict=True) if changes))


def adjacent(tables: CityTables) -> dict[int, tuple[int, ...]]:
    """Precinct to those that share a boundary with it."""
    pairs = [(pair.a, pair.b) for pair in tables.boundaries]
    both = pairs + [(b, a) for a, b in pairs]
    return {number: tuple(sorted(b for a, b in both if a == number)) for number in tables.numbers}


def all_others(panel: Panel) -> Controls:
    """[sites, S] for each of `panel.starts`: every other precinct."""
    return np.asarray(np.arange(len(panel.precincts)) != np.array(list(panel.starts), dtype=np.int64)[:, None])


def not_yet_covered(panel: Panel) -> Controls:
    """[sites, S] for each of `panel.starts`: precincts without a site by the end of its window."""
    ends = np.array(list(panel.starts.values()), dtype=np.int64) + WINDOW_MONTHS
    return np.asarray(panel.opening >= ends[:, None])


def not_among_sites(panel: Panel) -> Controls:
    """[sites, S] for each of `panel.starts`: precincts not under study."""
    return np.tile(~np.isin(panel.precincts, panel.sites), (len(panel.starts), 1))


def never_listed(panel: Panel) -> Controls:
    """[sites, S] for each of `panel.starts`: precincts that no list names for a site."""
    return np.tile(~np.isin(panel.precincts, list(panel.listed)), (len(panel.starts), 1))
