"""Small cities made up for tests: tables built in the program, no files."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cms_sim.data.city_records import AGE_BANDS, SEXES, Boundary, CityTables, NearPair, Precinct

FIRST_NUMBER = 11
"""Precincts of a made-up city are 11, 22, 33, ...: numbers that are no indices."""


def island_tables(n_precincts: int, residents: int, connected: bool) -> CityTables:
    """A city of `n_precincts` with `residents` each: islands out of each other's reach, or `connected` in a chain.

    In the chain each precinct shares 2 km with the next; from three on, the first and the third face each other over
    water. The record has four years of 2, 3 or 4 incidents a month by precinct, one victim each.
    """
    numbers = [FIRST_NUMBER * (i + 1) for i in range(n_precincts)]
    chain = list(pairwise(numbers)) if connected else []
    months = np.arange("2006-01", "2010-01", dtype="datetime64[M]")
    incidents = np.repeat(2 + np.arange(n_precincts)[:, None] % 3, months.size, axis=1).astype(np.int64)
    by_band = dict(zip(AGE_BANDS, (8, 36, 47, 8, 1), strict=True))
    return CityTables(
        name="test city",
        precincts=tuple(_precinct(number, residents) for number in numbers),
        boundaries=tuple(Boundary(a, b, 2.0) for a, b in chain),
        near_pairs=(NearPair(numbers[0], numbers[2], 300.0),) if connected and n_precincts > 2 else (),
        months=months,
        incidents=incidents,
        victims=incidents.copy(),
        fatal_incidents=incidents // 4,
        weekday_hour=np.ones((7, 24), np.int64),
        victims_per_incident=np.array([86, 11, 2, 1], np.int64),
        victim_age_sex={(b, s): (n * (91 if s == "M" else 9), n) for b, n in by_band.items() for s in SEXES},
        victim_age_sex_unknown={},
        sites=(),
        sets={"all": tuple(numbers)},
        tiles={number: (0, column) for column, number in enumerate(numbers)},
    )


def _precinct(number: int, residents: int) -> Precinct:
    return Precinct(
        number=number,
        borough="Test",
        short_name=f"Precinct {number}",
        neighbourhoods=f"Precinct {number}",
        population_2010=residents,
        population_2020=residents,
        area_km2=2.0,
        centroid_lon=-73.9 + number / 1000,
        centroid_lat=40.7,
        label_lon=-73.9 + number / 1000,
        label_lat=40.7,
        share_male=0.48,
        share_15_34=0.3,
        share_under18=0.24,
        share_black=0.3,
        share_hispanic=0.3,
        share_snap_households=0.2,
        unemployment_rate=0.08,
    )
