"""Reads a city from a folder of tables: New York's packaged ones, or a user's own with the same files.

`tables/README.md` gives every file's columns and units. In another city's folder `precinct_near_pairs.csv`,
`cms_sites.csv` and `precinct_sets.csv` may be absent (none are known) and so may `tile_grid.csv` (a grid is then laid
from north to south and west to east by centroid)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import (
    Boundary,
    CityTables,
    NearPair,
    Precinct,
    SiteRecord,
)
from cms_sim.data.csv_table import Row, check_unique, read_rows
from cms_sim.data.shooting_tables import read_age_sex, read_monthly, read_victims_per_incident, read_weekday_hour
from cms_sim.errors import InputError

__all__ = [
    "STATIC_TABLES",
    "TABLES",
    "Boundary",
    "CityTables",
    "NearPair",
    "Precinct",
    "SiteRecord",
    "load_city_tables",
]

TABLES = Path(__file__).parent / "tables"
STATIC_TABLES = (
    "precincts.csv",
    "precinct_adjacency.csv",
    "precinct_near_pairs.csv",
    "cms_sites.csv",
    "precinct_sets.csv",
    "tile_grid.csv",
)
"""The tables that do not come from counts of shootings."""

SHARES = (
    "share_male",
    "share_15_34",
    "share_under18",
    "share_black",
    "share_hispanic",
    "share_snap_households",
    "unemployment_rate",
)
SITE_TEXTS = ("organisation", "programme", "area_served", "status")
SITE_MONTHS = ("start_month", "end_month", "expected_start")
SITE_FLAGS = ("announced_2020_expansion", "operating_june_2020")


def load_city_tables(folder: Path | None = None) -> CityTables:
    """The city in `folder`, named as the folder is, or New York's packaged record when none is given.

    Raises `InputError` naming file, line and column for anything missing, repeated, out of order or contradictory."""
    if folder is None:
        return _packaged()
    if not folder.is_dir():
        remedy = "Give the folder that holds precincts.csv and the other tables of a city."
        raise InputError("there is no such folder", where=str(folder), remedy=remedy)
    return _read_city(folder, folder.resolve().name)


@cache
def _packaged() -> CityTables:
    return _read_city(TABLES, "New York City")


def _read_city(folder: Path, name: str) -> CityTables:
    precincts = _precincts(folder / "precincts.csv")
    numbers = [precinct.number for precinct in precincts]
    months, counts = read_monthly(folder / "precinct_month.csv", numbers)
    known, unknown = read_age_sex(folder / "victim_age_sex.csv")
    return CityTables(
        name=name,
        precincts=precincts,
        boundaries=tuple(
            Boundary(a, b, row.number("shared_km", low=0.0))
            for a, b, row in _pairs(folder / "precinct_adjacency.csv", "shared_km", numbers)
        ),
        near_pairs=tuple(
            NearPair(a, b, row.number("gap_m", low=0.0))
            for a, b, row in _pairs(folder / "precinct_near_pairs.csv", "gap_m", numbers)
        ),
        months=_frozen(months),
        incidents=_frozen(counts[0]),
        victims=_frozen(counts[1]),
        fatal_incidents=_frozen(counts[2]),
        weekday_hour=_frozen(read_weekday_hour(folder / "weekday_hour.csv")),
        victims_per_incident=_frozen(read_victims_per_incident(folder / "victims_per_incident.csv")),
        victim_age_sex=known,
        victim_age_sex_unknown=unknown,
        sites=_sites(folder / "cms_sites.csv", numbers),
        sets=_sets(folder / "precinct_sets.csv", numbers),
        tiles=_tiles(folder / "tile_grid.csv", precincts),
    )


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


# Places


def _precincts(file: Path) -> tuple[Precinct, ...]:
    names, people = ("borough", "short_name", "neighbourhoods"), ("population_2010", "population_2020")
    points = ("centroid_lon", "label_lon", "centroid_lat", "label_lat")
    rows = read_rows(file, ["precinct", *names, *people, "area_km2", *points, *SHARES])
    check_unique(rows, lambda row: row.integer("precinct"))
    shares = {column: _shares(rows, column) for column in SHARES}
    precincts = []
    for index, row in enumerate(rows):
        cells: dict[str, Any] = {column: row.text(column) for column in names}
        cells |= {column: row.integer(column) for column in people}
        cells |= {column: row.number(column, low=-180.0, high=180.0) for column in points}
        cells |= {column: shares[column][index] for column in SHARES}
        precincts.append(Precinct(number=row.integer("precinct"), area_km2=_area_km2(row), **cells))
    return tuple(sorted(precincts, key=lambda precinct: precinct.number))


def _area_km2(row: Row) -> float:
    area_km2 = row.number("area_km2")
    if area_km2 <= 0.0:
        raise row.fault(f"{area_km2:g} is out of range", "area_km2", "Write the land area in square kilometres.")
    return area_km2


def _shares(rows: list[Row], column: str) -> list[float]:
    """The column, its blanks filled by the mean of the borough (of the city, if all of the borough is blank)."""
    given = {row.line: row.number(column, 0.0, 1.0) for row in rows if row.text(column)}
    if not given:
        remedy = "Give a share from 0 to 1 in at least one record; an estimate will do."
        raise rows[0].fault("no record has a value", column, remedy)

    def mean(chosen: list[Row]) -> float:
        weights = [max(row.integer("population_2010"), 1) for row in chosen]
        return math.fsum(w * given[row.line] for w, row in zip(weights, chosen, strict=True)) / sum(weights)

    def fill(blank: Row) -> float:
        present = [row for row in rows if row.line in given]
        return mean([row for row in present if row.text("borough") == blank.text("borough")] or present)

    return [given[row.line] if row.line in given else fill(row) for row in rows]


def _pairs(file: Path, measure: str, numbers: list[int]) -> Iterable[tuple[int, int, Row]]:
    """Pairs (a, b, record) with a < b, ascending; none where every precinct is an island."""
    may_be_absent = file.name == "precinct_near_pairs.csv"
    rows = read_rows(file, ["a", "b", measure], may_be_absent=may_be_absent, may_be_empty=True)
    for row in rows:
        if row.known("a", numbers) == row.known("b", numbers):
            remedy = "A pair names two different precincts; remove the line."
            raise row.fault(f"precinct {row.text('a')} is paired with itself", "b", remedy)
    check_unique(rows, lambda row: frozenset((row.integer("a"), row.integer("b"))))
    pairs = [(*_ascending(row.integer("a"), row.integer("b")), row) for row in rows]
    return sorted(pairs, key=lambda pair: pair[:2])


def _ascending(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _sets(file: Path, numbers: list[int]) -> dict[str, tuple[int, ...]]:
    rows = read_rows(file, ["set", "precinct"], may_be_absent=True)
    check_unique(rows, lambda row: (row.text("set"), row.integer("precinct")))
    members: dict[str, list[int]] = {}
    for row in rows:
        if not row.text("set"):
            raise row.fault("the name is empty", "set", "Give the set a name.")
        members.setdefault(row.text("set"), []).append(row.known("precinct", numbers))
    return {name: tuple(sorted(members[name])) for name in sorted(members)}


def _tiles(file: Path, precincts: tuple[Precinct, ...]) -> dict[int, tuple[int, int]]:
    rows = read_rows(file, ["precinct", "row", "col"], may_be_absent=True)
    if not rows:
        return _grid_by_centroid(precincts)
    numbers = [precinct.number for precinct in precincts]
    check_unique(rows, lambda row: row.known("precinct", numbers))
    check_unique(rows, lambda row: (row.integer("row"), row.integer("col")))
    tiles = {row.integer("precinct"): (row.integer("row"), row.integer("col")) for row in rows}
    if missing := sorted(set(numbers) - tiles.keys()):
        raise rows[-1].fault(
            f"precinct {missing[0]} has no tile", "precinct", "Give every precinct one row and column."
        )
    return dict(sorted(tiles.items()))


def _grid_by_centroid(precincts: tuple[Precinct, ...]) -> dict[int, tuple[int, int]]:
    width = math.ceil(math.sqrt(len(precincts)))
    south = sorted(precincts, key=lambda precinct: (-precinct.centroid_lat, precinct.number))
    bands = [south[start : start + width] for start in range(0, len(south), width)]
    tiles = {
        precinct.number: (row, column)
        for row, band in enumerate(bands)
        for column, precinct in enumerate(sorted(band, key=lambda precinct: (precinct.centroid_lon, precinct.number)))
    }
    return dict(sorted(tiles.items()))


# The programme


def _sites(file: Path, numbers: list[int]) -> tuple[SiteRecord, ...]:
    columns = ["precinct", *SITE_TEXTS, *SITE_MONTHS, *SITE_FLAGS, "earliest_start"]
    rows = read_rows(file, columns, may_be_absent=True)
    check_unique(rows, lambda row: tuple(row.text(column) for column in columns))
    return tuple(sorted((_site(row, numbers) for row in rows), key=_site_order))


def _site(row: Row, numbers: list[int]) -> SiteRecord:
    cells: dict[str, Any] = {column: row.text(column) for column in SITE_TEXTS}
    cells |= {column: row.month(column) if row.text(column) else None for column in SITE_MONTHS}
    cells |= {column: row.integer(column, 0, 1) == 1 for column in SITE_FLAGS}
    earliest_start = _month_or_year(row, "earliest_start")
    site = SiteRecord(precinct=row.known("precinct", numbers), earliest_start=earliest_start, **cells)
    if site.end_month is not None and (site.start_month is None or site.end_month <= site.start_month):
        message = f"ends in {site.end_month} but starts in {site.start_month or 'no month'}"
        raise row.fault(message, "end_month", "Give an end after the start, or leave it blank.")
    return site


def _month_or_year(row: Row, column: str) -> np.datetime64 | None:
    """A month; a bare year stands for its January."""
    text = row.text(column)
    if not text:
        return None
    return np.datetime64(f"{text}-01", "M") if len(text) == 4 and text.isdigit() else row.month(column)


def _site_order(site: SiteRecord) -> tuple[int, str, str, str]:
    return site.precinct, str(site.start_month or "~"), site.organisation, site.area_served
