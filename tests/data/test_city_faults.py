"""Each fault in a city's folder is an `InputError` that names file, line and column."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError

Spoil = Callable[[Path], None]


def edit(name: str, old: str, new: str) -> Spoil:
    """Replaces the first `old` in a table by `new`."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return spoil


def append(name: str, line: str) -> Spoil:
    def spoil(folder: Path) -> None:
        with (folder / name).open("a") as stream:
            stream.write(line + "\n")

    return spoil


def remove(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def write(name: str, data: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return spoil


def blank(name: str, column: str) -> Spoil:
    """Empties a whole column."""

    def spoil(folder: Path) -> None:
        with (folder / name).open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        with (folder / name).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows({**row, column: ""} for row in rows)

    return spoil


FAULTS: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "missing file": (remove("precinct_month.csv"), ("precinct_month.csv", "no such file")),
    "missing column": (
        edit("precincts.csv", "area_km2", "area"),
        ("precincts.csv, line 1", "column 'area_km2' is missing", "Add a column named 'area_km2'"),
    ),
    "column twice": (edit("weekday_hour.csv", "weekday,hour", "hour,hour,weekday"), ("line 1", "'hour' stands twice")),
    "empty file": (write("precinct_adjacency.csv", b""), ("precinct_adjacency.csv, line 1", "is empty")),
    "no records": (write("victims_per_incident.csv", b"victims,incidents\n"), ("line 2", "no records")),
    "not UTF-8": (write("precinct_sets.csv", b"set,precinct\n\xe9t\xe9,1\n"), ("line 2", "not UTF-8")),
    "cells missing": (append("tile_grid.csv", "1,2"), ("tile_grid.csv, line 79", "2 cells")),
    "open quote": (append("cms_sites.csv", '23,"open'), ("cms_sites.csv, line 37", "unexpected end of data")),
    "word for number": (edit("precincts.csv", "66679", "many"), ("line 2", "'population_2010'", "whole number")),
    "share above one": (edit("precincts.csv", "0.4747", "47.47"), ("line 2, column 'share_male'", "out of range")),
    "not finite": (edit("precincts.csv", "0.4747", "nan"), ("line 2, column 'share_male'", "out of range")),
    "area of nothing": (edit("precincts.csv", "4.396", "0"), ("line 2, column 'area_km2'", "out of range")),
    "negative count": (edit("weekday_hour.csv", "0,0,113", "0,0,-1"), ("line 2, column 'incidents'", "0 or more")),
    "beyond the arrays": (
        edit("weekday_hour.csv", "0,0,113", "0,0,99999999999999999999"),
        ("line 2, column 'incidents'", "99999999999999999999 is out of range", "0 to 2147483647"),
    ),
    "precinct twice": (append("victims_per_incident.csv", "1,5"), ("line 13", "repeats line 2")),
    "unknown precinct in adjacency": (
        append("precinct_adjacency.csv", "1,2,0.5"),
        ("precinct_adjacency.csv, line 157, column 'b'", "precinct 2 is not in precincts.csv"),
    ),
    "unknown precinct in months": (
        append("precinct_month.csv", "2,2006-01,0,0,0"),
        ("precinct_month.csv, line 12938, column 'precinct'", "not in precincts.csv"),
    ),
    "unknown precinct in sites": (
        edit("cms_sites.csv", "\n23,", "\n2,"),
        ("cms_sites.csv, line 2", "precinct 2 is not"),
    ),
    "unknown precinct in sets": (append("precinct_sets.csv", "mine,2"), ("precinct_sets.csv, line 74", "precinct 2")),
    "set without name": (append("precinct_sets.csv", ",1"), ("precinct_sets.csv, line 74", "name is empty")),
    "paired with itself": (append("precinct_adjacency.csv", "5,5,1"), ("line 157", "precinct 5 is paired with itself")),
    "near itself": (append("precinct_near_pairs.csv", "5,5,1"), ("precinct_near_pairs.csv, line 39", "with itself")),
    "pair twice, turned": (append("precinct_adjacency.csv", "5,1,2"), ("line 157", "repeats line 2")),
    "victims below incidents": (
        edit("precinct_month.csv", "1,2006-01,0,0,0", "1,2006-01,2,1,0"),
        ("precinct_month.csv, line 2, column 'victims'", "1 victims in 2 incidents"),
    ),
    "victims without incident": (
        edit("precinct_month.csv", "1,2006-01,0,0,0", "1,2006-01,0,1,0"),
        ("line 2, column 'victims'", "1 victims in 0 incidents"),
    ),
    "more fatal than incidents": (
        edit("precinct_month.csv", "1,2006-01,0,0,0", "1,2006-01,1,1,2"),
        ("line 2, column 'fatal_incidents'", "2 fatal incidents of 1"),
    ),
    "not a month": (
        edit("precinct_month.csv", "1,2006-01,", "1,2006-13,"),
        ("line 2, column 'month'", "'2006-13' is not a month", "2014-06"),
    ),
    "month twice": (
        edit("precinct_month.csv", "1,2006-02,", "1,2006-01,"),
        ("line 3, column 'month'", "repeats line 2"),
    ),
    "months out of order": (
        edit("precinct_month.csv", "1,2006-01,0,0,0\n1,2006-02,0,0,0\n", "1,2006-02,0,0,0\n1,2006-01,0,0,0\n"),
        ("line 3, column 'month'", "2006-01 comes after 2006-02 (line 2)", "Sort"),
    ),
    "month left out": (
        edit("precinct_month.csv", "1,2006-02,0,0,0\n", ""),
        ("line 3, column 'month'", "precinct 1 has no record between 2006-01 and 2006-03"),
    ),
    "first month left out": (
        edit("precinct_month.csv", "1,2006-01,0,0,0\n", ""),
        ("column 'month'", "precinct 1 does not have every month from 2006-01 to 2019-12"),
    ),
    "precinct without months": (
        append("precincts.csv", "124,Staten Island,New,New,9,9,1,-74,40,-74,40,.5,.3,.2,.1,.1,.1,.1"),
        ("precinct_month.csv, column 'month'", "precinct 124 does not have every month"),
    ),
    "hour left out": (edit("weekday_hour.csv", "\n0,0,113", ""), ("weekday_hour.csv", "167 of 168")),
    "hour 24": (edit("weekday_hour.csv", "\n0,23,", "\n0,24,"), ("column 'hour'", "0 to 23")),
    "zero victims": (append("victims_per_incident.csv", "0,3"), ("line 13, column 'victims'", "1 or more")),
    "unknown band": (edit("victim_age_sex.csv", "18-24,F", "18-25,F"), ("column 'age_band'", "Did you mean '18-24'?")),
    "more killed than victims": (
        edit("victim_age_sex.csv", "<18,F,68,12", "<18,F,68,69"),
        ("line 2, column 'killed'", "0 to 68"),
    ),
    "ends before it starts": (
        edit("cms_sites.csv", "2015-05,2021-10", "2015-05,2014-10"),
        ("line 17, column 'end_month'", "starts in 2015-05"),
    ),
    "flag of two": (edit("cms_sites.csv", "Fully Operational,0,1", "Fully Operational,0,2"), ("line 2", "0 to 1")),
    "tile missing": (edit("tile_grid.csv", "1,8,3\n", ""), ("tile_grid.csv", "precinct 1 has no tile")),
    "tile shared": (edit("tile_grid.csv", "1,8,3\n5,8,4\n", "1,8,3\n5,8,3\n"), ("line 3", "repeats line 2")),
    "no share at all": (
        blank("precincts.csv", "share_male"),
        ("precincts.csv, line 2, column 'share_male'", "no record has a value"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_file_line_and_column(folder: Path, fault: str) -> None:
    spoil, expected = FAULTS[fault]
    spoil(folder)
    with pytest.raises(InputError) as error:
        load_city_tables(folder)
    assert all(part in str(error.value) for part in expected), str(error.value)
    assert str(folder) in error.value.where and error.value.remedy
