"""A design small enough to be run many times: a made-up city in a folder, two plans, runs of a few milliseconds."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from cms_sim.data.city_records import CityTables, Precinct
from tests.small_city import island_tables

PLAN = """
title = "{name}"
reference = "base"
[constants]
city = "city"
precincts = [11, 22]
starts = 2012-01-01
ends = 2012-06-30
past_months = 3
{sites}
"""
SITE = """
[[levers.sites]]
precinct = {precinct}
site_id = 1
opens = 2012-0{month}-15
staff = {{ supervisors = 1, violence_interrupters = 4, outreach_workers = 2 }}
services = {{ employment_slots = 5 }}
"""
DESIGN = """
title = "A small one"
plans = ["base.toml", "site.toml"]
replicates = {replicates}
seed = 7
method = "latin_hypercube"
points = {points}
levels = "once"
{more}
[uncertainties.detection]
low = 0.01
high = 0.06
[levers.violence_interrupters]
of = "new"
values = [2, 4, 6]
"""


def make_world(folder: Path) -> Path:
    """The city and the plans in `folder`; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_city(island_tables(2, 2500, connected=True), folder / "city")
    base = SITE.format(precinct=11, month=1)
    sites = {"base": base, "site": base + SITE.format(precinct=22, month=2)}
    for name, text in sites.items():
        (folder / f"{name}.toml").write_text(PLAN.format(name=name, sites=text), encoding="utf-8")
    return folder


def write_design(folder: Path, name: str = "design", points: int = 5, replicates: int = 4, more: str = "") -> Path:
    """A design in the folder of a world."""
    file = folder / f"{name}.toml"
    file.write_text(DESIGN.format(points=points, replicates=replicates, more=more), encoding="utf-8")
    return file


def write_city(tables: CityTables, folder: Path) -> None:
    """The tables of a city as the files of a folder."""
    folder.mkdir()
    names = [field.name for field in fields(Precinct)]
    own = [[getattr(precinct, name) for name in names] for precinct in tables.precincts]
    _write(folder / "precincts.csv", ["precinct", *names[1:]], own)
    _write(
        folder / "precinct_adjacency.csv", ["a", "b", "shared_km"], [(p.a, p.b, p.shared_km) for p in tables.boundaries]
    )
    columns = ["precinct", "month", "incidents", "victims", "fatal_incidents"]
    counts = (tables.incidents, tables.victims, tables.fatal_incidents)
    months = [
        (number, month, *(int(table[row, column]) for table in counts))
        for row, number in enumerate(tables.numbers)
        for column, month in enumerate(tables.months)
    ]
    _write(folder / "precinct_month.csv", columns, months)
    hours = [(day, hour, int(tables.weekday_hour[day, hour])) for day in range(7) for hour in range(24)]
    _write(folder / "weekday_hour.csv", ["weekday", "hour", "incidents"], hours)
    victims = [(count + 1, int(incidents)) for count, incidents in enumerate(tables.victims_per_incident)]
    _write(folder / "victims_per_incident.csv", ["victims", "incidents"], victims)
    cells = [(band, sex, *counted) for (band, sex), counted in tables.victim_age_sex.items()]
    _write(folder / "victim_age_sex.csv", ["age_band", "sex", "victims", "killed"], cells)


def _write(file: Path, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a store by name, but for its lock."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
