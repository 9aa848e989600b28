"""What a city's tables hold: frozen records, counts by precinct and month, and which precincts are within reach."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.csv_table import nearest_precincts
from cms_sim.errors import InputError

Counts = NDArray[np.int64]
AgeSex = Mapping[tuple[str, str], tuple[int, int]]
"""(age band, sex) to (victims, of them in incidents flagged as murder)."""

AGE_BANDS = ("<18", "18-24", "25-44", "45-64", "65+")
SEXES = ("F", "M")
UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Precinct:
    """A police precinct and its residents. Shares are 0 to 1; longitude and latitude are degrees (WGS 84).

    `neighbourhoods` is the list as usually named, separated by commas. A share that the table leaves blank is filled
    with the mean of its borough weighted by residents: in New York only in Central Park, with 25 residents."""

    number: int
    borough: str
    short_name: str
    neighbourhoods: str
    population_2010: int
    population_2020: int
    area_km2: float
    centroid_lon: float
    centroid_lat: float
    label_lon: float
    label_lat: float
    share_male: float
    share_15_34: float
    share_under18: float
    share_black: float
    share_hispanic: float
    share_snap_households: float
    unemployment_rate: float

    @property
    def population(self) -> int:
        """Residents in 2010, the census that lies inside the years of record (2006-2019)."""
        return self.population_2010


@dataclass(frozen=True)
class Boundary:
    """Precincts `a` < `b` that share `shared_km` of boundary on land."""

    a: int
    b: int
    shared_km: float


@dataclass(frozen=True)
class NearPair:
    """Precincts `a` < `b` that face each other over water or meet at a corner, `gap_m` metres apart."""

    a: int
    b: int
    gap_m: float


@dataclass(frozen=True)
class SiteRecord:
    """A dated programme site. Months are `datetime64[M]`, None where none is given.

    `start_month` and `end_month` are administrative, as listed; a site serves part of its precinct. `expected_start`
    is a start that was announced but had not come. `earliest_start` is the first known month of any programme in the
    precinct, where that lies before the listed one; where only a year is known it is January of that year."""

    precinct: int
    organisation: str
    programme: str
    area_served: str
    start_month: np.datetime64 | None
    end_month: np.datetime64 | None
    expected_start: np.datetime64 | None
    status: str
    announced_2020_expansion: bool
    operating_june_2020: bool
    earliest_start: np.datetime64 | None


@dataclass(frozen=True, eq=False)
class CityTables:
    """A city as its record has it. Arrays are read-only int64; axis 0 follows `precincts`, axis 1 follows `months`.

    `weekday_hour` is [7, 24] incidents, 0 = Monday. `victims_per_incident[k]` is the number of incidents with k + 1
    victims. `victim_age_sex` has the known bands and sexes, `victim_age_sex_unknown` the cells where either is
    unknown. `sets` names groups of precincts; `tiles` gives the (row, column) of each precinct in a tile map."""

    name: str
    precincts: tuple[Precinct, ...]
    boundaries: tuple[Boundary, ...]
    near_pairs: tuple[NearPair, ...]
    months: NDArray[np.datetime64]
    incidents: Counts
    victims: Counts
    fatal_incidents: Counts
    weekday_hour: Counts
    victims_per_incident: Counts
    victim_age_sex: AgeSex
    victim_age_sex_unknown: AgeSex
    sites: tuple[SiteRecord, ...]
    sets: Mapping[str, tuple[int, ...]]
    tiles: Mapping[int, tuple[int, int]]

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The precincts' public numbers, ascending: the order of axis 0."""
        return tuple(precinct.number for precinct in self.precincts)

    def row(self, number: int) -> int:
        """The place of a precinct in `precincts` and on axis 0. Raises `InputError` for an unknown number."""
        try:
            return self._row[number]
        except KeyError:
            message = f"precinct {number} does not exist in {self.name}"
            raise InputError(message, remedy=nearest_precincts(number, self.numbers)) from None

    def reach(self, number: int) -> tuple[int, ...]:
        """Precincts that share a boundary with `number` or are listed as near, ascending."""
        self.row(number)
        pairs = [(pair.a, pair.b) for pair in self.boundaries] + [(pair.a, pair.b) for pair in self.near_pairs]
        return tuple(sorted({b if a == number else a for a, b in pairs if number in (a, b)}))

    def before(self, year: int) -> CityTables:
        """The same city as it was known at the start of `year`: months before it only.

        Weekdays, hours, victims per incident and victims' ages are published as sums over years and stay. Raises
        `InputError` unless whole years remain."""
        kept = int(np.count_nonzero(self.months < np.datetime64(f"{year}-01", "M")))
        if not 12 <= kept <= len(self.months) or kept % 12:
            first, last = self.months[0].astype(object).year + 1, self.months[-1].astype(object).year + 1
            raise InputError(f"no whole years lie before {year}", remedy=f"Give a year from {first} to {last}.")
        cut = {name: getattr(self, name)[:, :kept] for name in ("incidents", "victims", "fatal_incidents")}
        return replace(self, months=self.months[:kept], **cut)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over all but the name: the same content gives the same hash from any folder, in any row order."""
        content = {field.name: _plain(getattr(self, field.name)) for field in fields(self) if field.name != "name"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _row(self) -> dict[int, int]:
        return {number: row for row, number in enumerate(self.numbers)}


def _plain(value: Any) -> Any:
    """`value` as JSON knows it; mappings become sorted pairs because keys may be tuples."""
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.ndarray):
        return (value.astype(str) if value.dtype.kind == "M" else value).tolist()
    if isinstance(value, Mapping):
        return sorted([_plain(key), _plain(item)] for key, item in value.items())
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
