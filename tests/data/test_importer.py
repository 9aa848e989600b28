"""The importer meets each trap of the published files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.import_report import ImportReport
from cms_sim.data.importer import import_download
from cms_sim.errors import InputError

HEADER = (
    "INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,BORO,PRECINCT,STATISTICAL_MURDER_FLAG,PERP_AGE_GROUP,PERP_SEX,PERP_RACE,"
    "VIC_AGE_GROUP,VIC_SEX,VIC_RACE,Latitude,Longitude"
)
TRAPS = [
    # 1: one victim, two perpetrators: two rows, one victim
    "1,06/27/2014,17:40:00,BRONX,40,false,18-24,M,BLACK,18-24,M,BLACK,40.81,-73.92",
    "1,06/27/2014,17:40:00,BRONX,40,false,25-44,M,BLACK,18-24,M,BLACK,40.81,-73.92",
    # 2: described alike, one dead and one alive: two victims; the second row stands twice
    "2,06/28/2014,23:59:00,BRONX,40,true,(null),(null),(null),25-44,M,BLACK,,",
    "2,06/28/2014,23:59:00,BRONX,40,false,(null),(null),(null),25-44,M,BLACK,,",
    "2,06/28/2014,23:59:00,BRONX,40,false,(null),(null),(null),25-44,M,BLACK,,",
    # 3: two victims told apart, ages impossible and not stated, the perpetrator's impossible too
    "3,08/01/2014,00:00:00,QUEENS,113,true,1020,M,BLACK,940,F,BLACK,,",
    "3,08/01/2014,00:00:00,QUEENS,113,true,1020,M,BLACK,UNKNOWN,U,NONE,,",
    # 4: before 121 was cut
    "4,06/30/2013,12:00:00,STATEN ISLAND,120,Y,,,,<18,M,WHITE,,",
    # 5 to 7: precinct 116, east and west of the old boundary of 105, and without coordinates
    "5,06/01/2014,12:00:00,QUEENS,116,false,,,,45-64,F,BLACK,40.6850,-73.7400",
    "6,06/02/2014,12:00:00,QUEENS,116.0,false,,,,45-64,F,BLACK,40.6850,-73.7600",
    "7,06/03/2014,12:00:00,QUEENS,116,false,,,,65+,F,BLACK,,",
    # 8: Central Park
    "8,06/04/2014,12:00:00,MANHATTAN,22,false,,,,(null),(null),(null),,",
]


def publish(folder: Path, rows: Sequence[str], header: str = HEADER) -> Path:
    file = folder / "download.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def report(tmp_path: Path) -> ImportReport:
    return import_download(publish(tmp_path, TRAPS), tmp_path / "city")


def test_each_trap_is_counted(report: ImportReport) -> None:
    assert (report.rows, report.repeated_rows, report.incidents) == (12, 1, 8)
    assert (report.fatal_incidents, report.both_flags_incidents) == (3, 1)
    assert report.victims_described == 10
    assert report.unknown_ages == {"UNKNOWN": 1, "(NULL)": 1}
    assert report.impossible_ages == {"940": 1}
    assert report.perpetrator_impossible_ages == {"1020": 2}
    assert report.unknown_sexes == {"U": 1, "(NULL)": 1}
    assert report.given_back_from_116 == {105: 2, 113: 1}
    assert (report.unplaced_116, report.before_121_incidents, report.central_park_incidents) == (1, 1, 1)
    assert (report.first_day, report.last_day) == (date(2013, 6, 30), date(2014, 8, 1))
    assert (report.months, report.empty_months) == (15, 12)
    assert report.rows_that_disagree == 0


def test_each_trap_is_told(report: ImportReport) -> None:
    text = "\n".join(report.lines())
    for words in (
        "12 rows, 2013-06-30 to 2014-08-01",
        "1 rows dropped",
        "12 months have no incident",
        "8 incidents in 15 months, 3 of them fatal",
        "10 whom the file tells apart",
        "age not stated, taken as unknown: (NULL) 1, UNKNOWN 1",
        "impossible age, taken as unknown: 940 1",
        "impossible age, not used: 1020 2",
        "Precinct 121 was cut from 120 and 122 in July 2013: 1 earlier incidents",
        "2 to 105 and 1 to 113",
        "(1 of them without coordinates, to 105)",
        "Precinct 22 is Central Park: 1 incidents",
        "No year is whole",
    ):
        assert words in text
    assert max(map(len, report.lines()[1:])) <= 110


def test_the_folder_is_a_whole_city(tmp_path: Path, report: ImportReport) -> None:
    city = load_city_tables(tmp_path / "city")
    assert city.months[0] == np.datetime64("2013-06") and city.months[-1] == np.datetime64("2014-08")
    assert city.incidents.sum() == 8 and city.victims.sum() == report.victims
    june, bronx = int(np.flatnonzero(city.months == np.datetime64("2014-06"))[0]), city.row(40)
    assert (city.incidents[bronx, june], city.victims[bronx, june], city.fatal_incidents[bronx, june]) == (2, 3, 1)
    assert city.weekday_hour[4, 17] == 1 and city.weekday_hour[5, 23] == 1  # a Friday and a Saturday
    assert city.victim_age_sex["18-24", "M"] == (1, 0)
    assert city.victim_age_sex["25-44", "M"] == (2, 1)
    assert city.victim_age_sex_unknown == {
        ("UNKNOWN", "F"): (1, 1),
        ("UNKNOWN", "UNKNOWN"): (2, 1),
    }
    assert city.reach(40) == load_city_tables().reach(40)


def test_column_names_may_vary_in_case_and_spacing(tmp_path: Path, report: ImportReport) -> None:
    spaced = HEADER.replace("_", " ").title().replace("Latitude", " latitude ")
    iso = [row.replace("06/27/2014", "2014-06-27T00:00:00.000") for row in TRAPS]
    other = tmp_path / "other"
    import_download(publish(tmp_path, iso, spaced), other)
    assert load_city_tables(other).content_hash == load_city_tables(tmp_path / "city").content_hash


def test_rows_that_disagree_follow_the_first(tmp_path: Path) -> None:
    rows = [TRAPS[0], TRAPS[1].replace("06/27/2014", "06/28/2014")]
    report = import_download(publish(tmp_path, rows), tmp_path / "city")
    assert (report.incidents, report.rows_that_disagree, report.first_day) == (1, 1, date(2014, 6, 27))


def spoil(old: str, new: str) -> list[str]:
    return [TRAPS[0], TRAPS[1].replace(old, new)]


BAD = {
    "date": (spoil("06/27/2014", "27/06/2014"), "line 3, column 'OCCUR_DATE'", "month/day/year"),
    "no such day": (spoil("06/27/2014", "02/30/2014"), "line 3, column 'OCCUR_DATE'", "month/day/year"),
    "year": (spoil("06/27/2014", "06/27/0214"), "line 3, column 'OCCUR_DATE'", "month/day/year"),
    "time": (spoil("17:40:00", "25:00:00"), "line 3, column 'OCCUR_TIME'", "hour:minute:second"),
    "precinct": (spoil(",40,", ",4O,"), "line 3, column 'PRECINCT'", "such as 40"),
    "precinct number": (spoil(",40,", ",2,"), "line 3, column 'PRECINCT'", "The nearest are 1 and 5."),
    "flag": (spoil("false", "perhaps"), "line 3, column 'STATISTICAL_MURDER_FLAG'", "true or false"),
    "key": (spoil("1,06/27", ",06/27"), "line 3, column 'INCIDENT_KEY'", "download the file again"),
    "cut short": ([TRAPS[0], TRAPS[1][:40]], "line 3", "cells where the first line names 14"),
    "no rows": ([], "line 2", "no records"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_row_is_named_and_nothing_is_written(tmp_path: Path, fault: str) -> None:
    rows, place, words = BAD[fault]
    with pytest.raises(InputError) as error:
        import_download(publish(tmp_path, rows), tmp_path / "city")
    assert place in error.value.where and words in str(error.value) and error.value.remedy
    assert names(tmp_path) == ["download.csv"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1: the file is empty"),
        (b"precinct,month\n1,2006-01\n", "column 'INCIDENT_KEY' is missing"),
        (HEADER.replace("VIC_RACE,", "").encode() + b"\n", "column 'VIC_RACE' is missing"),
        (HEADER.encode() + b"\n\xff\xfe\n", "line 2: is not UTF-8"),
        (b"PK\x03\x04\x9c", "line 1: is not UTF-8"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "download.csv"
    file.write_bytes(data)
    with pytest.raises(InputError) as error:
        import_download(file, tmp_path / "city")
    assert words in str(error.value) and error.value.remedy


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    publish(tmp_path, TRAPS)
    with pytest.raises(InputError, match=r"no such file\n  Did you mean 'download.csv'"):
        import_download(tmp_path / "downlaod.csv", tmp_path / "city")


def test_an_earlier_import_is_replaced_and_nothing_else(tmp_path: Path, report: ImportReport) -> None:
    import_download(publish(tmp_path, TRAPS[:1]), tmp_path / "city")
    assert load_city_tables(tmp_path / "city").incidents.sum() == 1
    (tmp_path / "city" / "thesis.docx").touch()
    with pytest.raises(InputError, match=r"holds something else \(thesis.docx\)"):
        import_download(publish(tmp_path, TRAPS), tmp_path / "city")
    assert load_city_tables(tmp_path / "city").incidents.sum() == 1
    with pytest.raises(InputError, match="is a file"):
        import_download(tmp_path / "download.csv", tmp_path / "download.csv")
    with pytest.raises(InputError, match="cannot be written"):
        import_download(tmp_path / "download.csv", tmp_path / "download.csv" / "city")
    assert names(tmp_path) == ["city", "download.csv"]


def test_a_full_disk_leaves_the_earlier_import(
    tmp_path: Path, report: ImportReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_city_tables(tmp_path / "city").content_hash

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        import_download(publish(tmp_path, TRAPS[:1]), tmp_path / "city")
    assert names(tmp_path) == ["city", "download.csv"]
    assert load_city_tables(tmp_path / "city").content_hash == before


VICTIMS = st.lists(st.tuples(st.sampled_from(["<18", "18-24", "25-44", "UNKNOWN"]), st.sampled_from("MF")), min_size=1)
INCIDENTS = st.lists(
    st.tuples(
        st.dates(date(2012, 1, 1), date(2013, 12, 31)),
        st.integers(0, 23),
        st.sampled_from([22, 40, 73, 105, 113]),
        st.booleans(),
        VICTIMS,
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(incidents=INCIDENTS, order=st.randoms(use_true_random=False))
def test_whatever_is_published_comes_back(tmp_path_factory, incidents, order) -> None:  # type: ignore[no-untyped-def]
    """Rows of victims times perpetrators, in any order, give the incidents and at least the victims told apart."""
    folder = tmp_path_factory.mktemp("round")
    rows = [
        f"{key},{day:%m/%d/%Y},{hour:02}:30:00,X,{precinct},{fatal},P{p},M,BLACK,{age},{sex},BLACK,,"
        for key, (day, hour, precinct, fatal, victims, perpetrators) in enumerate(incidents)
        for age, sex in victims
        for p in range(perpetrators)
    ]
    order.shuffle(rows)
    import_download(publish(folder, rows), folder / "city")
    city = load_city_tables(folder / "city")
    for number in (22, 40, 73, 105, 113):
        mine = [incident for incident in incidents if incident[2] == number]
        assert city.incidents[city.row(number)].sum() == len(mine)
        assert city.fatal_incidents[city.row(number)].sum() == sum(incident[3] for incident in mine)
    told_apart = sum(len(set(incident[4])) for incident in incidents)
    assert told_apart <= city.victims.sum() <= told_apart + len(incidents)
    k = np.arange(1, len(city.victims_per_incident) + 1)
    assert (k * city.victims_per_incident).sum() == city.victims.sum()
    assert city.victims_per_incident.sum() == city.weekday_hour.sum() == len(incidents)


def test_those_described_alike_are_estimated(tmp_path: Path) -> None:
    """Of a hundred incidents that show one victim, 4.6 hide another."""
    rows = [TRAPS[0].replace("1,", f"{key},", 1) for key in range(100)]
    report = import_download(publish(tmp_path, rows), tmp_path / "city")
    assert (report.victims_described, report.victims) == (100, 105)
    assert load_city_tables(tmp_path / "city").victims_per_incident.tolist() == [95, 5]
