"""Reads the four tables of counts of shootings, and refuses what cannot be true of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import AGE_BANDS, SEXES, UNKNOWN, AgeSex, Counts
from cms_sim.data.csv_table import Row, check_unique, read_rows
from cms_sim.errors import InputError

COUNTS = ("incidents", "victims", "fatal_incidents")


def read_monthly(file: Path, numbers: list[int]) -> tuple[NDArray[np.datetime64], list[Counts]]:
    """Months of record and the arrays of `COUNTS` by precinct and month."""
    by_precinct: dict[int, list[tuple[int, int, int, int]]] = {number: [] for number in numbers}
    last: dict[int, Row] = {}
    for row in read_rows(file, ["precinct", "month", *COUNTS]):
        number = row.known("precinct", by_precinct)
        month = int(row.month("month").astype(np.int64))
        if records := by_precinct[number]:
            _check_follows(row, month, records[-1][0], last[number])
        records.append((month, *_month_counts(row)))
        last[number] = row
    _check_same_span(file, by_precinct, last)
    table = np.array(list(by_precinct.values()), dtype=np.int64)
    return table[0, :, 0].astype("datetime64[M]"), [table[:, :, column].copy() for column in (1, 2, 3)]


def _check_follows(row: Row, month: int, before: int, earlier: Row) -> None:
    if month == before:
        raise row.fault(f"repeats line {earlier.line}", "month", "Remove one of the two.")
    if month < before:
        message = f"{row.text('month')} comes after {earlier.text('month')} (line {earlier.line})"
        raise row.fault(message, "month", "Sort the table by precinct and month, each month once.")
    if month > before + 1:
        message = (
            f"precinct {row.text('precinct')} has no record between {earlier.text('month')} and {row.text('month')}"
        )
        raise row.fault(message, "month", "Give every month a record, with zeros where nothing happened.")


def _month_counts(row: Row) -> tuple[int, int, int]:
    incidents, victims, fatal = (row.integer(column) for column in COUNTS)
    if victims < incidents or (victims and not incidents):
        message = f"{victims} victims in {incidents} incidents"
        raise row.fault(message, "victims", "Every incident has a victim: count people shot, and incidents once each.")
    if fatal > incidents:
        message = f"{fatal} fatal incidents of {incidents}"
        raise row.fault(message, "fatal_incidents", "Count incidents in which someone died, not deaths.")
    return incidents, victims, fatal


def _check_same_span(file: Path, by_precinct: dict[int, list[tuple[int, int, int, int]]], last: dict[int, Row]) -> None:
    spans = {number: (records[0][0], records[-1][0]) for number, records in by_precinct.items() if records}
    whole = (min(first for first, _ in spans.values()), max(end for _, end in spans.values()))
    first, end = (str(np.datetime64(month, "M")) for month in whole)
    for number in by_precinct:
        if spans.get(number) != whole:
            place = f"{file}, line {last[number].line}" if number in last else str(file)
            raise InputError(
                f"precinct {number} does not have every month from {first} to {end}",
                where=f"{place}, column 'month'",
                remedy="Give every precinct the same months, with zeros where nothing happened.",
            )


def read_weekday_hour(file: Path) -> Counts:
    """Incidents by weekday (0 = Monday) and hour, [7, 24]."""
    rows = read_rows(file, ["weekday", "hour", "incidents"])
    check_unique(rows, lambda row: (row.integer("weekday", 0, 6), row.integer("hour", 0, 23)))
    if len(rows) < 7 * 24:
        remedy = "Give each weekday (0 = Monday to 6) and hour (0 to 23) a record, with zeros where nothing happened."
        raise rows[-1].fault(f"{len(rows)} of 168 hours of the week", "hour", remedy)
    counts = np.zeros((7, 24), np.int64)
    for row in rows:
        counts[row.integer("weekday"), row.integer("hour")] = row.integer("incidents")
    return counts


def read_victims_per_incident(file: Path) -> Counts:
    """Incidents with k + 1 victims at place k; numbers of victims that no record names have none."""
    rows = read_rows(file, ["victims", "incidents"])
    check_unique(rows, lambda row: row.integer("victims", 1))
    counts = np.zeros(max(row.integer("victims") for row in rows), np.int64)
    for row in rows:
        counts[row.integer("victims") - 1] = row.integer("incidents")
    return counts


def read_age_sex(file: Path) -> tuple[AgeSex, AgeSex]:
    """Cells with a known band and sex, and the others."""
    rows = read_rows(file, ["age_band", "sex", "victims", "killed"])
    check_unique(rows, lambda row: (row.text("age_band"), row.text("sex")))
    known: dict[tuple[str, str], tuple[int, int]] = {}
    unknown: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        cell = (row.choice("age_band", (*AGE_BANDS, UNKNOWN)), row.choice("sex", (*SEXES, UNKNOWN)))
        victims = row.integer("victims")
        (unknown if UNKNOWN in cell else known)[cell] = (victims, row.integer("killed", 0, victims))
    return known, unknown
