"""Boundaries in every form in which a city publishes them, and a hundred that are not as they should be."""

from __future__ import annotations

import copy
import json
import math
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.errors import InputError
from cms_sim.report.maps.boundaries import load_boundaries
from tests.report.maps.conftest import PRECINCTS
from tests.report.maps.made import features, geojson, square, write_geojson

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "raw" / "precincts.geojson"
Features = list[dict[str, Any]]


def refusal(file: Path, city: CityTables) -> InputError:
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        load_boundaries(file, city, PRECINCTS)
    assert time.monotonic() - began < 20.0
    error = caught.value
    assert str(file) in error.where and error.message and error.remedy, error
    return error


def shapefile(file: Path, folder: Path, crs: str | None, column: str = "Precinct") -> Path:
    frame = gpd.read_file(file).rename(columns={"precinct": column})
    frame = frame.to_crs(crs or "EPSG:2263")
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_file(folder / "nypp.shp")
    if crs is None:
        (folder / "nypp.prj").unlink()
    return folder / "nypp.shp"


def zipped(shape: Path, target: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
        for part in sorted(shape.parent.glob("nypp.*")):
            whole.write(part, f"{inside}{part.name}")
    return target


def test_every_precinct_is_where_it_is(file: Path, city: CityTables) -> None:
    found = load_boundaries(file, city, PRECINCTS)
    assert set(found.outlines) == {precinct.number for precinct in city.precincts}
    assert found.frame.crs.to_epsg() == 4326
    a, b = (next(p for p in city.precincts if p.number == n) for n in (40, 75))
    km = [found.outlines[n].label for n in (40, 75)]
    east, north = (b.label_lon - a.label_lon) * 84.3, (b.label_lat - a.label_lat) * 111.1  # km a degree here
    assert math.dist(*km) == pytest.approx(math.hypot(east, north), rel=0.01)
    assert found.outlines[75].room_km == pytest.approx(0.5 * 0.008 * 84.3, rel=0.1)


@pytest.mark.parametrize("column", ["precinct", "Precinct", "PCT", "pct_no", "police_precinct", "something"])
def test_names_of_the_column(column: str, city: CityTables, tmp_path: Path) -> None:
    made = write_geojson(tmp_path / "x.geojson", features(city, column))
    assert len(load_boundaries(made, city, PRECINCTS).outlines) == 77


@pytest.mark.parametrize("form", [float, "{0}", "{0:03d}", "{0}.0", " {0}. ", "{0}th Precinct", "{0}ND PRECINCT"])
def test_numbers_as_texts(form: str | type[float], city: CityTables, tmp_path: Path) -> None:
    made = features(city)
    for each in made:
        number = each["properties"]["precinct"]
        each["properties"]["precinct"] = form.format(number) if isinstance(form, str) else form(number)
    file = write_geojson(tmp_path / "x.json", made)
    assert len(load_boundaries(file, city, PRECINCTS).outlines) == 77


@pytest.mark.parametrize("crs", ["EPSG:2263", "EPSG:4326", "EPSG:3857", None])
def test_shapefiles(crs: str | None, file: Path, city: CityTables, tmp_path: Path) -> None:
    """None: in feet, and its .prj is missing."""
    expected = load_boundaries(file, city, PRECINCTS).outlines[75]
    shape = shapefile(file, tmp_path / "parts", crs)
    for given in (shape, zipped(shape, tmp_path / "a.zip"), zipped(shape, tmp_path / "b {1}.zip", "nypp_24a/")):
        found = load_boundaries(given, city, PRECINCTS).outlines[75]
        assert found.label == pytest.approx(expected.label, abs=0.05)


def test_feet_in_geojson(file: Path, city: CityTables, tmp_path: Path) -> None:
    """The standard knows degrees only; files in feet are seen all the same."""
    content = json.loads(gpd.read_file(file).to_crs("EPSG:2263").to_json())
    content.pop("crs", None)
    (tmp_path / "feet.geojson").write_text(json.dumps(content), encoding="utf-8")
    assert len(load_boundaries(tmp_path / "feet.geojson", city, PRECINCTS).outlines) == 77


def test_parts_of_one_precinct_are_one(city: CityTables, tmp_path: Path) -> None:
    made = features(city)
    second = copy.deepcopy(made[-1])
    coordinates = second["geometry"]["coordinates"][0]
    second["geometry"]["coordinates"] = [[[x + 0.02, y] for x, y in coordinates]]
    found = load_boundaries(write_geojson(tmp_path / "x.geojson", [*made, second]), city, PRECINCTS)
    assert len(found.outlines[made[-1]["properties"]["precinct"]].rings) == 2


def test_the_published_file(city: CityTables) -> None:
    if not PUBLISHED.is_file():
        pytest.skip("needs the city's boundaries of police precincts")
    found = load_boundaries(PUBLISHED, city, [precinct.number for precinct in city.precincts])
    assert len(found.outlines) == 77
    assert 200 < sum(len(ring) for outline in found.outlines.values() for ring in outline.rings) < 10_000
    assert all(outline.room_km > 0.3 for outline in found.outlines.values())
    square_km = found.frame.to_crs("EPSG:2263").area.sum() * 0.3048**2 / 1e6
    assert square_km == pytest.approx(sum(precinct.area_km2 for precinct in city.precincts), rel=0.02)


def each(change: Callable[[dict[str, Any]], None]) -> Callable[[Features], None]:
    def changed(made: Features) -> None:
        for feature in made:
            change(feature)

    return changed


def one(number: int, change: Callable[[dict[str, Any]], None]) -> Callable[[Features], None]:
    def changed(made: Features) -> None:
        change(next(feature for feature in made if feature["properties"].get("precinct") == number))

    return changed


def geometry(kind: str, coordinates: object) -> Callable[[dict[str, Any]], None]:
    return lambda feature: feature.update(geometry={"type": kind, "coordinates": coordinates})


def moved(lon: float, lat: float) -> Callable[[dict[str, Any]], None]:
    def change(feature: dict[str, Any]) -> None:
        ring = feature["geometry"]["coordinates"][0]
        feature["geometry"]["coordinates"] = [[[x + lon, y + lat] for x, y in ring]]

    return change


def swapped(feature: dict[str, Any]) -> None:
    feature["geometry"]["coordinates"] = [[[y, x] for x, y in feature["geometry"]["coordinates"][0]]]


def scaled(by: float) -> Callable[[dict[str, Any]], None]:
    def change(feature: dict[str, Any]) -> None:
        feature["geometry"]["coordinates"] = [[[by * x, by * y] for x, y in feature["geometry"]["coordinates"][0]]]

    return change


def shifted(feature: dict[str, Any], by: float) -> None:
    feature["properties"]["precinct"] += by


def numbered(value: object) -> Callable[[dict[str, Any]], None]:
    return lambda feature: feature["properties"].update(precinct=value)


FEATURES: dict[str, tuple[Callable[[Features], None], str]] = {
    "empty": (lambda made: made.clear(), "holds no features"),
    "a precinct is missing": (one(73, lambda f: f["properties"].clear()), "73"),
    "precincts in play are missing": (lambda made: made.__delitem__(slice(20, None)), "has no boundary for precincts"),
    "no numbers": (each(lambda f: f["properties"].pop("precinct")), "no column holds the numbers"),
    "no properties": (each(lambda f: f.update(properties={})), "no column holds the numbers"),
    "properties are null": (each(lambda f: f.update(properties=None)), "no column holds the numbers"),
    "numbers of another city": (each(lambda f: shifted(f, 500)), "no column"),
    "numbers are names": (each(lambda f: f["properties"].update(precinct=f["properties"]["label"])), "no column"),
    "half numbers": (each(lambda f: shifted(f, 0.5)), "'precinct' holds 1.5"),
    "numbers are lists": (each(lambda f: f["properties"].update(precinct=[1])), "no column"),
    "numbers are true": (each(numbered(True)), "no column"),
    "one number for all": (each(numbered(75)), "has no boundary for precincts 40"),
    "one number too large": (one(73, numbered(10**30)), "73"),
    "one number is null": (one(73, numbered(None)), "73"),
    "one number is a text": (one(73, numbered("seventy-three")), "73"),
    "one number is not a number": (one(73, numbered(float("nan"))), "73"),
    "no shape": (one(73, lambda f: f.update(geometry=None)), "precinct 73 (column 'precinct') is no shape"),
    "no shapes at all": (each(lambda f: f.update(geometry=None)), ""),
    "a point": (one(73, geometry("Point", [-73.9, 40.66])), "is a Point"),
    "a line": (one(73, geometry("LineString", [[-73.9, 40.66], [-73.8, 40.7]])), "is a LineString"),
    "points for all": (each(geometry("Point", [-73.9, 40.66])), "is a Point"),
    "a polygon without points": (one(73, geometry("Polygon", [])), "73"),
    "a polygon of one point": (one(73, geometry("Polygon", [[[-73.9, 40.66]]])), ""),
    "a polygon of words": (one(73, geometry("Polygon", [[["a", "b"]]])), ""),
    "a polygon of null": (one(73, geometry("Polygon", [[[None, None]] * 4])), ""),
    "an unknown kind of shape": (one(73, geometry("Hexagon", [[[0, 0]]])), ""),
    "a shape that is a word": (one(73, lambda f: f.update(geometry="here")), ""),
    "coordinates not deep enough": (one(73, geometry("Polygon", [-73.9, 40.66])), ""),
    "coordinates that are endless": (one(73, geometry("Polygon", square(1e308, 1e308))), "to 1e+308 are neither"),
    "coordinates that are no numbers": (one(73, geometry("Polygon", square(float("nan"), 40.0))), ""),
    "coordinates beyond the pole": (each(moved(0.0, 80.0)), "neither degrees nor"),
    "somewhere else": (each(moved(3.0, 1.0)), "but the city's tables have it at"),
    "one somewhere else": (one(73, moved(1.0, 0.0)), "precinct 73 lies at"),
    "east and north swapped": (each(swapped), "swap east and north back"),
    "metres of no system": (each(scaled(1000.0)), "neither degrees nor EPSG:2263's feet"),
    "all at nought": (each(scaled(0.0)), ""),
    "all in one line": (each(geometry("Polygon", [[[-73.9, 40.6], [-73.8, 40.6], [-73.9, 40.6], [-73.9, 40.6]]])), ""),
}  # fmt: skip

BROOKLYN = (67, 69, 70, 71, 73, 75, 77, 79, 81, 83, 84, 88, 90, 94, 60, 61, 62, 63, 66, 68, 72, 76, 78)
RENUMBERED = {
    "Brooklyn rotated": dict(zip(BROOKLYN, BROOKLYN[1:] + BROOKLYN[:1], strict=True)),
    "three in a ring": {69: 70, 70: 71, 71: 69},
    "neighbours swapped": {71: 77, 77: 71},
}


@pytest.mark.parametrize("case", RENUMBERED)
@pytest.mark.parametrize("real", [False, True])
def test_shapes_with_each_others_numbers(case: str, real: bool, city: CityTables, tmp_path: Path) -> None:
    if real and not PUBLISHED.is_file():
        pytest.skip("needs the city's boundaries of police precincts")
    source = PUBLISHED if real else write_geojson(tmp_path / "right.geojson", features(city))
    frame = gpd.read_file(source)[["precinct", "geometry"]]
    frame["precinct"] = [RENUMBERED[case].get(int(number), int(number)) for number in frame["precinct"]]
    frame.to_file(tmp_path / "wrong.geojson")
    error = refusal(tmp_path / "wrong.geojson", city)
    number, other = next(iter(RENUMBERED[case].items()))
    assert "bear other precincts' numbers" in error.message and "'precinct'" in error.remedy
    if len(RENUMBERED[case]) < 5:
        assert f"{number}'s middle lies in the shape numbered {other}" in error.message
    else:
        assert "more" in error.message


@pytest.mark.parametrize("missed_km", [0.1, 0.19])
def test_shapes_that_miss_by_little_are_taken(missed_km: float, city: CityTables, tmp_path: Path) -> None:
    """Squares beside where the tables have the middle, as coarse shapes are."""
    made = features(city)
    for feature in made:
        moved(0.5 * 0.008 + missed_km / 84.3, 0.0)(feature)
    assert len(load_boundaries(write_geojson(tmp_path / "x.geojson", made), city, PRECINCTS).outlines) == 77


TEXTS: dict[str, tuple[str, str]] = {
    "nothing": ("", "is not GeoJSON"),
    "a word": ("precincts", "is not GeoJSON"),
    "half a file": ('{"type": "FeatureCollection", "features": [{"type": "Fea', "is not GeoJSON"),
    "a list": ("[]", "no collection of features"),
    "a number": ("75", "no collection of features"),
    "an object": ("{}", "no collection of features"),
    "one feature": ('{"type": "Feature", "geometry": null, "properties": {}}', "no collection of features"),
    "another kind": ('{"type": "Topology", "objects": {}}', "no collection of features"),
    "features are none": ('{"type": "FeatureCollection", "features": null}', "holds no features"),
    "features are words": ('{"type": "FeatureCollection", "features": ["a", "b"]}', "holds no features"),
    "features without shapes": ('{"type": "FeatureCollection", "features": [{"type": "F"}]}', "holds no features"),
    "brackets in brackets": ("[" * 100_000, "is not GeoJSON"),
    "a table": ("precinct,borough\n1,Manhattan\n", "is not GeoJSON"),
    "a page": ("<!DOCTYPE html><html>not found</html>", "is not GeoJSON"),
    "a driver that opens other files": ("<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "is not GeoJSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", FEATURES)
def test_features(case: str, city: CityTables, tmp_path: Path) -> None:
    change, words = FEATURES[case]
    made = copy.deepcopy(features(city))
    change(made)
    assert words in str(refusal(write_geojson(tmp_path / "x.geojson", made), city))


@pytest.mark.parametrize("case", TEXTS)
def test_texts(case: str, city: CityTables, tmp_path: Path) -> None:
    text, words = TEXTS[case]
    (tmp_path / "x.geojson").write_text(text, encoding="utf-8")
    assert words in str(refusal(tmp_path / "x.geojson", city))


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("ending", [".geojson", ".zip", ".shp"])
def test_cut_short(kept: float, ending: str, file: Path, city: CityTables, tmp_path: Path) -> None:
    shape = shapefile(file, tmp_path / "parts", "EPSG:2263")
    target = {".geojson": file, ".zip": zipped(shape, tmp_path / "whole.zip"), ".shp": shape}[ending]
    whole = target.read_bytes()
    broken = shape if ending == ".shp" else tmp_path / f"broken{ending}"
    broken.write_bytes(whole[: int(kept * len(whole))])
    refusal(broken, city)


@pytest.mark.parametrize("step", range(18))
def test_bytes_overwritten(step: int, file: Path, city: CityTables, tmp_path: Path) -> None:
    """Refused, or what was overwritten did not matter."""
    shape = shapefile(file, tmp_path / "parts", "EPSG:2263")
    target = (file, shape, zipped(shape, tmp_path / "whole.zip"))[step % 3]
    whole = bytearray(target.read_bytes())
    at = len(whole) * (step + 1) // 20
    whole[at : at + 24] = bytes((11 * step + 5 * k) % 256 for k in range(24))
    broken = shape if step % 3 == 1 else tmp_path / f"broken{target.suffix}"
    broken.write_bytes(whole)
    try:
        assert set(PRECINCTS) <= set(load_boundaries(broken, city, PRECINCTS).outlines)
    except InputError as error:
        assert str(broken) in error.where and error.remedy


def test_files(file: Path, city: CityTables, tmp_path: Path) -> None:
    shape = shapefile(file, tmp_path / "parts", "EPSG:2263")
    (tmp_path / "two.zip").write_bytes(zipped(shape, tmp_path / "a.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "two.zip", "a") as whole:
        whole.write(shape, "other.shp")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as whole:
        whole.writestr("readme.txt", "nothing")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("nypp.shp", bytes(250_000_000))
    (tmp_path / "folder.geojson").mkdir()
    (tmp_path / "vrt.shp").write_text("<OGRVRTDataSource/>", encoding="utf-8")
    for ending in ("shx", "dbf"):
        (tmp_path / f"vrt.{ending}").write_bytes(b"")
    for name, words in (
        ("nowhere.geojson", "there is no such file"),
        ("folder.geojson", "there is no such file"),
        ("precincts.pdf", "is no file of boundaries"),
        ("two.zip", "holds 2 shapefiles instead of one"),
        ("none.zip", "holds 0 shapefiles instead of one"),
        ("bomb.zip", "far too large"),
        ("vrt.shp", "is no shapefile"),
    ):
        assert words in str(refusal(tmp_path / name, city)), name
    shape.with_suffix(".dbf").unlink()
    assert "its part nypp.dbf is missing" in str(refusal(shape, city))
    assert "the part .dbf of its shapefile is missing" in str(refusal(zipped(shape, tmp_path / "b.zip"), city))


def test_there_are_a_hundred() -> None:
    assert len(FEATURES) + len(TEXTS) + 24 + 18 + 9 >= 100
    assert len(json.loads(geojson([]))) == 2
