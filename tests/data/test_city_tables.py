"""The packaged record holds what was counted, and another city's folder is read as strictly as it should be."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms_sim.data.city_tables import CityTables, load_city_tables
from cms_sim.errors import InputError

INCIDENTS = [1566, 1442, 1520, 1420, 1473, 1510, 1373, 1103, 1172, 1138, 997, 789, 754, 777]
VICTIMS = [1881, 1720, 1807, 1727, 1775, 1821, 1624, 1299, 1391, 1344, 1181, 936, 897, 923]
"""Incidents and people shot in New York City, 2006 to 2019."""


@pytest.fixture(scope="module")
def city() -> CityTables:
    return load_city_tables()


def test_counts_by_year(city: CityTables) -> None:
    assert city.months[0] == np.datetime64("2006-01") and city.months[-1] == np.datetime64("2019-12")
    assert city.incidents.reshape(77, 14, 12).sum(axis=(0, 2)).tolist() == INCIDENTS
    assert city.victims.reshape(77, 14, 12).sum(axis=(0, 2)).tolist() == VICTIMS


def test_shapes_types_and_order(city: CityTables) -> None:
    assert city.name == "New York City"
    assert city.incidents.shape == city.victims.shape == city.fatal_incidents.shape == (77, 168)
    assert city.weekday_hour.shape == (7, 24)
    assert {array.dtype for array in (city.incidents, city.victims, city.weekday_hour)} == {np.dtype(np.int64)}
    assert list(city.numbers) == sorted(city.numbers) and len(city.numbers) == 77
    assert not city.incidents.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        city.victims[0, 0] = 1


def test_profiles_agree_with_the_months(city: CityTables) -> None:
    since_2009 = city.incidents[:, city.months >= np.datetime64("2009-01")].sum()
    # One incident of the department's separate list has no hour.
    assert city.weekday_hour.sum() == since_2009 - 1
    victims = (np.arange(1, len(city.victims_per_incident) + 1) * city.victims_per_incident).sum()
    assert city.victims_per_incident.sum() == since_2009
    assert victims == city.victims[:, city.months >= np.datetime64("2009-01")].sum()
    assert city.victims_per_incident[9] == 0  # no incident with ten victims: a gap in the table
    assert city.weekday_hour.sum(axis=1).argmax() == 6  # Sunday
    assert 0.180 < city.fatal_incidents.sum() / city.incidents.sum() < 0.195


def test_precinct_121_begins_in_july_2013(city: CityTables) -> None:
    first = np.flatnonzero(city.incidents[city.row(121)])[0]
    assert city.months[first] == np.datetime64("2013-07")


def test_unknown_ages_are_kept_apart(city: CityTables) -> None:
    assert {band for band, _ in city.victim_age_sex} == {"<18", "18-24", "25-44", "45-64", "65+"}
    assert all("UNKNOWN" in cell for cell in city.victim_age_sex_unknown)
    men = sum(victims for (_, sex), (victims, _) in city.victim_age_sex.items() if sex == "M")
    assert men / sum(victims for victims, _ in city.victim_age_sex.values()) == pytest.approx(0.91, abs=0.01)
    assert city.victim_age_sex["18-24", "M"] == (2149, 340)


def test_reach_is_symmetric_and_never_of_itself(city: CityTables) -> None:
    assert len(city.boundaries) == 155 and len(city.near_pairs) == 37
    for number in city.numbers:
        assert number not in city.reach(number)
        assert all(number in city.reach(other) for other in city.reach(number))
    assert 76 in city.reach(1) and 5 in city.reach(1)  # across the water, and by a boundary


def test_sets_sites_and_tiles(city: CityTables) -> None:
    assert {name: len(members) for name, members in city.sets.items()} == {
        "covered_2020": 26,
        "covered_june_2020": 21,
        "expansion_2020": 5,
        "top20_2015_2019": 20,
    }
    assert all(set(members) <= set(city.numbers) for members in city.sets.values())
    assert set(city.sets["covered_2020"]) == {*city.sets["covered_june_2020"], *city.sets["expansion_2020"]}
    assert {site.precinct for site in city.sites if site.operating_june_2020} == set(city.sets["covered_june_2020"])
    assert {site.precinct for site in city.sites if site.announced_2020_expansion} == set(city.sets["expansion_2020"])
    assert set(city.tiles) == set(city.numbers) and len(set(city.tiles.values())) == 77
    recent = city.victims[:, city.months >= np.datetime64("2015-01")].sum(axis=1)
    assert set(city.sets["top20_2015_2019"]) == {city.numbers[row] for row in np.argsort(-recent)[:20]}


def test_months_of_sites(city: CityTables) -> None:
    crown_heights, east_new_york = (next(site for site in city.sites if site.precinct == n) for n in (77, 75))
    assert crown_heights.start_month == np.datetime64("2012-02")
    assert crown_heights.earliest_start == np.datetime64("2010-01")
    assert east_new_york.earliest_start == np.datetime64("2010-01")  # the table gives the year alone
    ended = {site.precinct: site.end_month for site in city.sites if site.end_month is not None}
    assert ended == {67: np.datetime64("2021-10"), 88: np.datetime64("2021-10")}
    assert sum(site.start_month is None for site in city.sites) == 2


def test_a_blank_share_takes_the_borough_mean(city: CityTables) -> None:
    manhattan = [p for p in city.precincts if p.borough == "Manhattan" and p.number != 22]
    weights = [p.population_2010 for p in manhattan]
    park = city.precincts[city.row(22)]
    assert park.share_male == pytest.approx(np.average([p.share_male for p in manhattan], weights=weights))
    assert park.population == park.population_2010 == 25


def test_unknown_precinct_names_the_city_and_the_nearest(city: CityTables) -> None:
    with pytest.raises(InputError, match=r"precinct 2 does not exist in New York City\n  The nearest are 1 and 5"):
        city.reach(2)


def test_a_copied_folder_is_the_same_city(folder: Path, city: CityTables) -> None:
    copy = load_city_tables(folder)
    assert copy.name == "city"
    assert copy.content_hash == city.content_hash == pickle.loads(pickle.dumps(copy)).content_hash


@pytest.mark.parametrize("table", ["precincts", "precinct_adjacency", "weekday_hour", "cms_sites", "victim_age_sex"])
def test_the_hash_ignores_row_order_and_line_ends(folder: Path, city: CityTables, table: str) -> None:
    file = folder / f"{table}.csv"
    header, *records = file.read_text().splitlines()
    file.write_bytes("\r\n".join([header, *reversed(records)]).encode("utf-8-sig"))
    assert load_city_tables(folder).content_hash == city.content_hash


def test_the_hash_sees_one_changed_count(folder: Path, city: CityTables) -> None:
    file = folder / "weekday_hour.csv"
    file.write_text(file.read_text().replace("0,0,113", "0,0,114"))
    assert load_city_tables(folder).content_hash != city.content_hash


def test_optional_tables_have_defaults(folder: Path) -> None:
    for name in ("precinct_near_pairs", "cms_sites", "precinct_sets", "tile_grid"):
        (folder / f"{name}.csv").unlink()
    city = load_city_tables(folder)
    assert (city.near_pairs, city.sites, dict(city.sets)) == ((), (), {})
    assert set(city.tiles) == set(city.numbers) and len(set(city.tiles.values())) == 77
    north, south = max(city.precincts, key=lambda p: p.centroid_lat), min(city.precincts, key=lambda p: p.centroid_lat)
    assert city.tiles[north.number][0] == 0 < city.tiles[south.number][0]


@pytest.mark.parametrize("table", ["precinct_adjacency", "precinct_near_pairs", "cms_sites", "precinct_sets"])
def test_a_first_line_alone_says_that_there_are_none(folder: Path, city: CityTables, table: str) -> None:
    file = folder / f"{table}.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    alone = load_city_tables(folder)
    assert (not alone.boundaries, not alone.near_pairs, not alone.sites, not alone.sets).count(True) == 1
    assert alone.content_hash != city.content_hash


@given(shift=st.integers(-600, 600), counts=st.lists(st.integers(0, 9), min_size=154, max_size=154))
def test_monthly_counts_come_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, shift: int, counts: list[int]
) -> None:
    from cms_sim.data.shooting_tables import read_monthly

    numbers = load_city_tables().numbers
    months = np.datetime64("2006-01") + shift + np.arange(2)
    values = np.array(counts).reshape(77, 2)
    file = tmp_path_factory.mktemp("monthly") / "precinct_month.csv"
    lines = [
        f"{number},{month},{values[i, j]},{2 * values[i, j]},{values[i, j] // 2}"
        for j, month in enumerate(months)
        for i, number in enumerate(numbers)
    ]
    file.write_text("\n".join(["precinct,month,incidents,victims,fatal_incidents", *lines]))
    read_months, (incidents, victims, fatal) = read_monthly(file, list(numbers))
    assert (read_months == months).all()
    assert (incidents == values).all() and (victims == 2 * values).all() and (fatal == values // 2).all()


def test_no_folder() -> None:
    with pytest.raises(InputError, match="no such folder"):
        load_city_tables(Path("nowhere"))


def test_reading_needs_no_heavy_library() -> None:
    code = (
        "import sys; from cms_sim.data.city_tables import load_city_tables; load_city_tables();"
        "print(sorted({'pandas', 'scipy', 'numba', 'matplotlib', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
