"""The neighbourhood of the demonstration: made up, small, and far more violent than any real one.

It is built by the ordinary builder from tables of a single precinct with New York's hours, seasons and victims per
incident. Nobody lives there: with a real rate, a room would wait years for the first event. Everything that happens
in it follows the model's own rules.

Rules, course and city of a size are made once, in a process of their own, and kept on disk: the server then needs
neither SciPy nor the tables, and stays small.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ALIAS, CREW, PRECINCT, RESIDENT, City
from cms_sim.compiled import cache_root, sources_hash
from cms_sim.door.demo.faults import RunFault
from cms_sim.engine.tables import COURSE, Course, Rules

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

STARTS: Final = date(2020, 7, 1)
UNTIL: Final = date(2028, 6, 1)
"""First day not lived: the engine's calendar ends soon after."""
NUMBER: Final = 1
"""The neighbourhood's number as a precinct."""
FULL_SIZE: Final = 2000
WEEKLY_AT_TEMPLATE: Final = 7.0
"""Conflicts a week in the course that is kept: one a day; a session scales it."""
NETWORK: Final = {
    "street_share": 0.12,  # twice the city's, so that a small place has crews at all
    "crews_per_100k_residents": 300.0,
    "crew_size_mean": 18.0,
    "rivals_per_crew": 2.0,
    "rivals_cross_share": 0.0,
    "street_cross_share": 0.0,
}
_RECORDS: Final = {"precinct": PRECINCT, "resident": RESIDENT, "propensity": ALIAS, "crew": CREW, "course": COURSE}
_FORM: Final = "1"
"""Raised when what is kept on disk changes its form."""


@dataclass(frozen=True)
class Neighbourhood:
    """What every pair of one size starts from."""

    city: City
    rules: Rules
    """At the parameters' defaults, without yearly deviations."""
    course: Course
    """Of seed 0, with `WEEKLY_AT_TEMPLATE` conflicts a week."""


@lru_cache(maxsize=4)
def load_neighbourhood(residents: int) -> Neighbourhood:
    """The neighbourhood of a size, from disk, or made there first (some seconds). RunError when that fails."""
    file = file_of(residents)
    kept = _read(file)
    if kept is None:
        context = multiprocessing.get_context("spawn")
        maker = context.Process(target=make_and_keep, args=(residents, str(file)), daemon=True)
        maker.start()
        maker.join()
        kept = _read(file)
    if kept is None:
        raise RunFault("neighbourhood", where=str(file.parent))
    return kept


def file_of(residents: int) -> Path:
    """Where the neighbourhood of a size is kept."""
    return cache_root() / "demo" / f"{_name(residents)}.npz"


def make_and_keep(residents: int, file: str) -> None:
    """Build the neighbourhood and write it to `file`, by renaming a finished one."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = make_neighbourhood(residents)
    arrays: dict[str, Any] = dict(made.city._asdict())
    arrays |= {"rules": np.asarray(made.rules), "course": np.asarray(made.course)}
    part = path.with_suffix(f".{os.getpid()}.part.npz")
    np.savez(part, **arrays)
    part.replace(path)


def make_neighbourhood(residents: int) -> Neighbourhood:
    """Build it by the ordinary builder, rules and course as the main job makes them."""
    from cms_sim.city.build import build_city
    from cms_sim.city.spec import NetworkSpec
    from cms_sim.engine.calendar_days import month_index
    from cms_sim.engine.course import make_course, replicate_key
    from cms_sim.engine.rules import make_rules

    tables = _tables(residents)
    rules = make_rules(tables, {"yearly_city_spread": 0.0, "yearly_precinct_spread": 0.0})
    months = np.arange(month_index(UNTIL) + 1)
    level = (WEEKLY_AT_TEMPLATE / 7.0 * rules["season"][months % 12])[None, :]
    course = make_course(tables, [NUMBER], rules, replicate_key(0, 0), level, np.zeros_like(level))
    return Neighbourhood(build_city(tables, [NUMBER], NetworkSpec.of(NETWORK)), rules, course)


def _tables(residents: int) -> CityTables:
    """Tables of a city that is this one neighbourhood, with New York's profiles."""
    from cms_sim.data.city_records import CityTables, Precinct
    from cms_sim.data.city_tables import load_city_tables

    record = load_city_tables()
    incidents = np.rint(record.incidents.sum(axis=0) / record.incidents.sum(axis=0).mean() * 6.0).astype(np.int64)
    names = {"borough": "Nowhere", "short_name": "A neighbourhood", "neighbourhoods": "A neighbourhood"}
    where = {"centroid_lon": 0.0, "centroid_lat": 0.0, "label_lon": 0.0, "label_lat": 0.0, "area_km2": 0.5}
    shares = {"share_male": 0.48, "share_15_34": 0.3, "share_under18": 0.24, "share_black": 0.3, "share_hispanic": 0.3}
    means = {"share_snap_households": 0.2, "unemployment_rate": 0.08}
    people = {"population_2010": residents, "population_2020": residents}
    cells: dict[str, Any] = {**names, **where, **shares, **means, **people}
    return CityTables(
        name="a made-up neighbourhood",
        precincts=(Precinct(number=NUMBER, **cells),),
        boundaries=(),
        near_pairs=(),
        months=record.months,
        incidents=incidents[None, :],
        victims=incidents[None, :],
        fatal_incidents=incidents[None, :] // 6,
        weekday_hour=record.weekday_hour,
        victims_per_incident=record.victims_per_incident,
        victim_age_sex=record.victim_age_sex,
        victim_age_sex_unknown={},
        sites=(),
        sets={},
        tiles={NUMBER: (0, 0)},
    )


def _name(residents: int) -> str:
    here = Path(__file__).read_bytes()
    return hashlib.sha256(f"{_FORM} {residents} {sources_hash()}".encode() + here).hexdigest()[:24]


def _read(file: Path) -> Neighbourhood | None:
    """What was kept; None where there is nothing, or nothing whole."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            array = {name: _as_made(name, kept[name]) for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError):
        return None
    city = City(**{name: array[name] for name in City._fields})
    for each in city:
        each.flags.writeable = False
    return Neighbourhood(city, array["rules"].reshape(1)[0], array["course"].reshape(1)[0])


def _as_made(name: str, stored: NDArray[Any]) -> NDArray[Any]:
    """A file forgets that records were aligned; compiled code then has a second signature."""
    return stored.view(_RECORDS[name]) if name in _RECORDS else stored
