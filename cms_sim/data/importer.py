"""Makes a city folder from a download of New York's shooting data: counts from the file, the rest from packaged tables.

How victims are counted. The published file does not number its victims, and victims of one incident who are described
alike (age band, sex, race) cannot be told apart in it. The department's separate count of victims, which
`precinct_month.csv` packages, shows by how much: 5.7% are hidden in 2006-2019, between 5.2% and 6.9% by year.
`HIDDEN_VICTIMS` is that shortfall by the number of victims an incident shows, by least squares over the precincts and
months of 2006-2019. The hidden victims are laid on incidents by systematic sampling with these chances, in order of
precinct and time: no random draw, the sum of chances kept within a half, and every count a whole number."""

from __future__ import annotations

import csv
import math
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import AGE_BANDS, SEXES, UNKNOWN, CityTables
from cms_sim.data.city_tables import STATIC_TABLES, TABLES, load_city_tables
from cms_sim.data.download import Download, Incident, read_download
from cms_sim.data.import_report import ImportReport, YearComparison
from cms_sim.errors import InputError

HIDDEN_VICTIMS = (0.0460, 0.2114, 0.5983)
"""Victims hidden per incident that shows one, two, or three and more."""

COUNTED_TABLES = ("precinct_month.csv", "weekday_hour.csv", "victims_per_incident.csv", "victim_age_sex.csv")

CUT_121 = date(2013, 7, 1)
CENTRAL_PARK = 22


def import_download(file: Path, out: Path) -> ImportReport:
    """Reads a published CSV file and writes the folder `out`, which `load_city_tables(out)` accepts.

    `out` appears whole or not at all. An earlier import in its place is replaced; a folder with anything else in it is
    refused. Raises `InputError` for a file that cannot be used or a folder that cannot be written."""
    out = out.resolve()
    _check_replaceable(out)
    city = load_city_tables()
    download = read_download(file, city.numbers)
    victims = _count_victims(download.incidents)
    with _whole_folder(out) as folder:
        for name in STATIC_TABLES:
            shutil.copyfile(TABLES / name, folder / name)
        _write(folder / "precinct_month.csv", _precinct_month(download.incidents, victims, city.numbers))
        _write(folder / "weekday_hour.csv", _weekday_hour(download.incidents))
        _write(folder / "victims_per_incident.csv", _victims_per_incident(victims))
        _write(folder / "victim_age_sex.csv", _age_sex(download.incidents))
        imported = load_city_tables(folder)
    return _report(file, out, download, imported, city)


# Counting


def _count_victims(incidents: Sequence[Incident]) -> list[int]:
    """Victims of each incident: those described, and one more where the running sum of chances passes a half."""
    victims = [len(incident.victims) for incident in incidents]
    hidden = 0.0
    for index in sorted(range(len(incidents)), key=lambda index: incidents[index].precinct):
        before = math.floor(hidden + 0.5)
        hidden += HIDDEN_VICTIMS[min(victims[index], len(HIDDEN_VICTIMS)) - 1]
        victims[index] += math.floor(hidden + 0.5) - before
    return victims


def _precinct_month(
    incidents: Sequence[Incident], victims: Sequence[int], numbers: Sequence[int]
) -> Iterator[Sequence[object]]:
    counts = {(number, month): [0, 0, 0] for number in numbers for month in _months(incidents)}
    for incident, people in zip(incidents, victims, strict=True):
        cell = counts[incident.precinct, f"{incident.day:%Y-%m}"]
        cell[0] += 1
        cell[1] += people
        cell[2] += incident.fatal
    yield "precinct", "month", "incidents", "victims", "fatal_incidents"
    yield from ((*key, *cell) for key, cell in counts.items())


def _months(incidents: Sequence[Incident]) -> list[str]:
    first, last = (np.datetime64(incident.day, "M") for incident in (incidents[0], incidents[-1]))
    return [str(month) for month in np.arange(first, last + 1)]


def _weekday_hour(incidents: Sequence[Incident]) -> Iterator[Sequence[object]]:
    counts = Counter((incident.day.weekday(), incident.hour) for incident in incidents)
    yield "weekday", "hour", "incidents"
    yield from ((weekday, hour, counts[weekday, hour]) for weekday in range(7) for hour in range(24))


def _victims_per_incident(victims: Sequence[int]) -> Iterator[Sequence[object]]:
    yield "victims", "incidents"
    yield from sorted(Counter(victims).items())


def _age_sex(incidents: Sequence[Incident]) -> Iterator[Sequence[object]]:
    """Victims whom the file tells apart, and those of them who count as killed.

    Of two described alike, one dead and one alive, one counts; otherwise nobody can say who of a fatal incident's
    victims died, and all of them carry its flag."""
    victims, killed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for incident in incidents:
        victims.update(incident.victims)
        if incident.fatal:
            killed.update(set(incident.victims) if _one_of_each(incident) else incident.victims)
    yield "age_band", "sex", "victims", "killed"
    cells = [(band, sex) for band in (*AGE_BANDS, UNKNOWN) for sex in (*SEXES, UNKNOWN)]
    yield from ((*cell, victims[cell], killed[cell]) for cell in cells if victims[cell])


def _one_of_each(incident: Incident) -> bool:
    return incident.some_lived and len(incident.victims) == 2 and len(set(incident.victims)) == 1


# Writing


def _check_replaceable(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError("is a file, not a folder", where=str(out), remedy="Give the folder to write.")
    ours = {*STATIC_TABLES, *COUNTED_TABLES}
    if out.is_dir() and (other := sorted(path.name for path in out.iterdir() if path.name not in ours)):
        remedy = "Give a new folder: an import replaces the whole folder."
        raise InputError(f"the folder holds something else ({other[0]})", where=str(out), remedy=remedy)


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its place when all went well and is removed when not."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    old = partial.with_suffix(".old")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        if out.exists():
            out.rename(old)
        partial.rename(out)
    except OSError as error:
        remedy = "Free space on the disk, or choose a folder that you may write; nothing was left behind."
        raise InputError(f"cannot be written ({error.strerror})", where=str(out), remedy=remedy) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _write(file: Path, records: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(records)
        stream.flush()
        os.fsync(stream.fileno())


# Reporting


def _report(file: Path, out: Path, download: Download, imported: CityTables, packaged: CityTables) -> ImportReport:
    incidents = download.incidents
    return ImportReport(
        file=file,
        folder=out,
        rows=download.rows,
        repeated_rows=download.repeated_rows,
        incidents=len(incidents),
        fatal_incidents=sum(incident.fatal for incident in incidents),
        both_flags_incidents=sum(incident.fatal and incident.some_lived for incident in incidents),
        rows_that_disagree=download.rows_that_disagree,
        victims_described=sum(len(incident.victims) for incident in incidents),
        victims=int(imported.victims.sum()),
        unknown_ages=download.unknown_ages,
        impossible_ages=download.impossible_ages,
        perpetrator_impossible_ages=download.perpetrator_impossible_ages,
        unknown_sexes=download.unknown_sexes,
        first_day=incidents[0].day,
        last_day=incidents[-1].day,
        months=len(imported.months),
        empty_months=int((imported.incidents.sum(axis=0) == 0).sum()),
        central_park_incidents=sum(incident.precinct == CENTRAL_PARK for incident in incidents),
        given_back_from_116=download.given_back_from_116,
        unplaced_116=download.unplaced_116,
        before_121_incidents=sum(incident.precinct in (120, 122) and incident.day < CUT_121 for incident in incidents),
        comparison=tuple(_compare(imported, packaged)),
    )


def _compare(imported: CityTables, packaged: CityTables) -> Iterator[YearComparison]:
    shared = np.intersect1d(imported.months, packaged.months)
    years = shared.astype("datetime64[Y]")
    for year in np.unique(years):
        months = shared[years == year]
        if len(months) == 12:
            totals = (_totals(name, months, imported, packaged) for name in ("incidents", "victims", "fatal_incidents"))
            yield YearComparison(int(str(year)), *totals)


def _totals(name: str, months: NDArray[np.datetime64], imported: CityTables, packaged: CityTables) -> tuple[int, int]:
    first, second = (int(getattr(city, name)[:, np.isin(city.months, months)].sum()) for city in (imported, packaged))
    return first, second
