"""The file as published reproduces the packaged record where it can tell."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.csv_table import Row
from cms_sim.data.download import _parent_of_116
from cms_sim.data.import_report import ImportReport
from cms_sim.data.importer import import_download

RAW = Path(__file__).parents[2] / "../shared/data/raw/NYPD_Shooting_Incident_Data__Historic_.csv"

pytestmark = pytest.mark.skipif(not RAW.exists(), reason="the published download is not beside the checkout")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportReport, Path]:
    out = tmp_path_factory.mktemp("published") / "nyc"
    return import_download(RAW, out), out


def test_the_published_file_reproduces_incidents_by_precinct_and_month(published: tuple[ImportReport, Path]) -> None:
    imported, packaged = load_city_tables(published[1]), load_city_tables()
    difference = imported.incidents - packaged.incidents
    # The file lacks one incident of the department's separate list: precinct 70, November 2011.
    assert np.abs(difference).sum() == 1
    place = packaged.row(70), int(np.flatnonzero(packaged.months == np.datetime64("2011-11"))[0])
    assert difference[place] == -1
    assert np.abs(imported.fatal_incidents - packaged.fatal_incidents).sum() == 6


def test_the_published_file_gives_victims_within_a_percent(published: tuple[ImportReport, Path]) -> None:
    report, out = published
    assert [year.year for year in report.comparison] == list(range(2006, 2020))
    assert max(abs(year.victims_percent) for year in report.comparison) < 1.3
    assert report.victims == pytest.approx(20326, rel=0.002)
    # Counting alone, without the estimate of those described alike, falls short by 5.7%.
    assert report.victims_described / 20326 == pytest.approx(1 - 0.0573, abs=0.0005)
    imported, packaged = load_city_tables(out), load_city_tables()
    by_precinct = imported.victims.sum(axis=1) / packaged.victims.sum(axis=1).clip(1)
    assert np.abs(by_precinct[packaged.victims.sum(axis=1) > 200] - 1).max() < 0.04


def test_the_traps_of_the_published_file(published: tuple[ImportReport, Path]) -> None:
    report = published[0]
    assert (report.rows, report.incidents, report.repeated_rows, report.empty_months) == (21637, 17033, 0, 0)
    assert report.perpetrator_impossible_ages == {"224": 1, "940": 1, "1020": 1}
    assert (report.both_flags_incidents, report.central_park_incidents, report.rows_that_disagree) == (555, 0, 0)


def test_later_years_reproduce_the_packaged_profiles(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(RAW.read_text(encoding="utf-8"))))
    with (tmp_path / "since_2009.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([rows[0], *(row for row in rows[1:] if int(row[1][-4:]) >= 2009)])
    import_download(tmp_path / "since_2009.csv", tmp_path / "city")
    imported, packaged = load_city_tables(tmp_path / "city"), load_city_tables()
    assert (imported.weekday_hour == packaged.weekday_hour).all()
    shares = packaged.victims_per_incident[:3] / packaged.victims_per_incident.sum()
    assert imported.victims_per_incident[:3] / imported.victims_per_incident.sum() == pytest.approx(shares, abs=0.006)


def test_the_old_boundary_of_105_and_113_tells_their_incidents_apart() -> None:
    with RAW.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["PRECINCT"] in ("105", "113") and row["Latitude"]]
    places = {row["INCIDENT_KEY"]: row for row in rows}.values()
    found = [
        _parent_of_116(Row(RAW, 0, {"LATITUDE": row["Latitude"], "LONGITUDE": row["Longitude"]})) for row in places
    ]
    right = sum(parent == int(row["PRECINCT"]) for parent, row in zip(found, places, strict=True))
    assert right / len(places) > 0.98
