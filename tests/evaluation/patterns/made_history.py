"""Histories made by hand: a few shootings in a small city, or the record itself as if it had been lived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from cms_sim.city.arrays import City
from cms_sim.city.build import build_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.engine.arrays import (
    CONFLICT,
    HARMED,
    MEDIATION,
    NOBODY,
    PATROL,
    PLAN_PRECINCT,
    POST,
    SHIFT,
    SITE,
    SITE_MONTH,
    TERM,
    Plan,
)
from cms_sim.experiment.hindcast import SURVEYS, Lived
from tests.small_city import island_tables

PRECINCTS, RESIDENTS = 3, 20_000


@cache
def small_tables() -> CityTables:
    return island_tables(PRECINCTS, RESIDENTS, connected=True)


@cache
def small_city() -> City:
    tables = small_tables()
    return build_city(tables, list(tables.numbers), NetworkSpec.of({}))


def lived(
    shootings: Sequence[dict[str, Any]],
    harmed: Sequence[tuple[int, int, int]] = (),
    tables: CityTables | None = None,
    city: City | None = None,
    sites: Sequence[dict[str, Any]] = (),
    months: int | None = None,
) -> Lived:
    """`shootings` by the fields of CONFLICT (no parent and nobody in a crew where not named); `harmed` are
    (shooting, resident, killed); `sites` by the fields of SITE.
    """
    tables, city = tables or small_tables(), city or small_city()
    rows = np.zeros(len(shootings), dtype=CONFLICT)
    rows["parent"], rows["victims"] = NOBODY, 1
    for row, given in zip(rows, shootings, strict=True):
        for name, value in given.items():
            row[name] = value
    site = np.zeros(len(sites), dtype=SITE)
    for row, given in zip(site, sites, strict=True):
        for name, value in given.items():
            row[name] = value
    months = months or len(tables.months)
    plan = Plan(
        site, np.zeros(0, TERM), np.zeros(0, POST), np.zeros(0, SHIFT), np.zeros(0, PATROL),
        np.zeros(len(city.precinct), PLAN_PRECINCT),
    )  # fmt: skip
    return Lived(
        tables=tables,
        city=city,
        plan=plan,
        months=months,
        shootings=rows,
        harmed=np.array(list(harmed), dtype=HARMED) if harmed else np.zeros(0, dtype=HARMED),
        mediations=np.zeros(0, dtype=MEDIATION),
        mediated_slot=np.zeros(0, dtype=np.int64),
        books=np.zeros((len(sites), months, len(SITE_MONTH)), dtype=np.int64),
        answers=np.full((len(SURVEYS), len(city.precinct), 2), np.nan),
    )


def of_days(tables: CityTables, slots: Sequence[int], days: Sequence[int]) -> Lived:
    """A history of all precincts of `tables` in which incidents fell at these places and days."""
    found = lived([], tables=tables, city=_bare(tables), months=len(tables.months))
    rows = np.zeros(len(slots), dtype=CONFLICT)
    rows["parent"], rows["victims"], rows["slot"], rows["head_day"] = NOBODY, 1, slots, days
    return replace(found, shootings=rows[np.argsort(days, kind="stable")])


def _bare(tables: CityTables) -> City:
    """Nobody lives there; its precincts are those of `tables`."""
    city = small_city()
    precinct = np.zeros(len(tables.numbers), dtype=city.precinct.dtype)
    precinct["number"] = tables.numbers
    return city._replace(precinct=precinct)
