"""Heights, coarse coordinates, shapes that cannot be the precincts meant, and parts of a shapefile that are broken."""

from __future__ import annotations

import copy
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import affinity

from cms_sim.data.city_records import CityTables
from cms_sim.errors import InputError
from cms_sim.experiment.results import Results
from cms_sim.report.events import events_table
from cms_sim.report.maps.boundaries import load_boundaries
from cms_sim.report.maps.finished import map_finished
from cms_sim.report.write import write_results
from cms_sim.scenario.files import load_scenario
from tests.report.maps.conftest import PRECINCTS
from tests.report.maps.made import features, write_geojson
from tests.report.maps.test_boundaries import PUBLISHED, Features, refusal, shapefile, zipped

needs_published = pytest.mark.skipif(not PUBLISHED.is_file(), reason="needs the city's boundaries of police precincts")


@pytest.fixture(scope="module")
def finished(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison's folder."""
    folder = tmp_path_factory.mktemp("finished") / "made"
    return write_results(
        results, events_table(results, []), [load_scenario("expansion_2020")], folder, {"command": ["compare"]}
    )


def published() -> Features:
    content: Features = json.loads(PUBLISHED.read_text(encoding="utf-8"))["features"]
    return content


def every_point(made: Features, change: Callable[[list[float]], list[float]]) -> None:
    def deep(part: Any) -> Any:
        return change(part) if isinstance(part[0], int | float) else [deep(each) for each in part]

    for feature in made:
        feature["geometry"]["coordinates"] = deep(feature["geometry"]["coordinates"])


def numbered(made: Features, number: int) -> dict[str, Any]:
    return next(feature for feature in made if feature["properties"]["precinct"] == number)


def reshape(feature: dict[str, Any], shape: shapely.Geometry) -> None:
    feature["geometry"] = json.loads(shapely.to_geojson(shape))


# Heights


@pytest.mark.parametrize("more", [[5.0], [5.0, 6.0]])
def test_heights_are_left_out(more: list[float], finished: Path, city: CityTables, tmp_path: Path) -> None:
    made = features(city)
    every_point(made, lambda point: [*point, *more])
    file = write_geojson(tmp_path / "high.geojson", made)
    written = map_finished(finished, file, tmp_path / "maps", city)
    assert {path.name for path in written} >= {"by_need.png", "by_need.geojson", "precincts.gpkg"}
    text = (tmp_path / "maps" / "by_need.geojson").read_text(encoding="utf-8")
    ring = json.loads(text)["features"][0]["geometry"]["coordinates"][0]
    assert all(len(point) == 2 for point in ring)


def test_heights_in_a_shapefile(file: Path, city: CityTables, tmp_path: Path) -> None:
    frame = gpd.read_file(file)
    frame["geometry"] = shapely.force_3d(frame.geometry.to_numpy(), 5.0)
    frame.to_file(tmp_path / "nypp.shp")
    assert gpd.read_file(tmp_path / "nypp.shp").has_z.all()
    found = load_boundaries(tmp_path / "nypp.shp", city, PRECINCTS)
    assert not found.frame.has_z.any() and all(ring.shape[1] == 2 for ring in found.outlines[75].rings)


# Coarse shapes


@needs_published
@pytest.mark.parametrize("places", [2, 3])
def test_rounded_coordinates(places: int, finished: Path, city: CityTables, tmp_path: Path) -> None:
    made = published()
    every_point(made, lambda point: [round(each, places) for each in point])
    file = write_geojson(tmp_path / "rounded.geojson", made)
    assert map_finished(finished, file, tmp_path / "maps", city)
    found = load_boundaries(file, city, [precinct.number for precinct in city.precincts])
    assert set(found.frame.geom_type) <= {"Polygon", "MultiPolygon"} and found.frame.is_valid.all()
    areas = found.frame.to_crs("EPSG:2263").area.sum() * 0.3048**2 / 1e6
    assert areas == pytest.approx(sum(precinct.area_km2 for precinct in city.precincts), rel=0.03)


@needs_published
@pytest.mark.parametrize("degrees", [0.0, 0.001, 0.005, 0.01])
def test_simplified_shapes(degrees: float, city: CityTables, tmp_path: Path) -> None:
    frame = gpd.read_file(PUBLISHED)[["precinct", "geometry"]]
    frame["geometry"] = frame.geometry.simplify(degrees)
    frame.to_file(tmp_path / "simple.geojson")
    assert len(load_boundaries(tmp_path / "simple.geojson", city, PRECINCTS).outlines) == 77


def test_a_line_that_runs_back_on_itself_is_left_out(city: CityTables, tmp_path: Path) -> None:
    """A spike on one shape, and a sliver that is a shape of its own: the area stays, and is all there is."""
    made = features(city)
    ring = numbered(made, 73)["geometry"]["coordinates"][0]
    x, y = ring[1]
    ring[1:2] = [[x, y], [x + 0.01, y], [x, y]]
    sliver = copy.deepcopy(numbered(made, 75))
    sliver["geometry"]["coordinates"] = [[[x, y], [x + 0.01, y], [x, y], [x, y]]]
    file = write_geojson(tmp_path / "coarse.geojson", [*made, sliver])
    plain = write_geojson(tmp_path / "plain.geojson", features(city))
    found, expected = (load_boundaries(each, city, PRECINCTS).frame for each in (file, plain))
    assert set(found.geom_type) == {"Polygon"}
    areas, as_expected = (shapely.area(each.geometry.to_numpy()) for each in (found, expected))
    assert areas == pytest.approx(as_expected, rel=1e-6)


@pytest.mark.parametrize("case", ["there and back", "a hole as large as itself", "rounded to nothing"])
def test_no_area(case: str, city: CityTables, tmp_path: Path) -> None:
    made = features(city)
    feature = numbered(made, 69)
    ring = feature["geometry"]["coordinates"][0]
    (x, y), (x2, y2) = ring[0], ring[2]
    feature["geometry"]["coordinates"] = {
        "there and back": [[[x, y], [x2, y2], [x, y], [x, y]]],
        "a hole as large as itself": [ring, ring[::-1]],
        "rounded to nothing": [[[round(x), round(y)] for x, y in ring]],
    }[case]
    error = refusal(write_geojson(tmp_path / "x.geojson", made), city)
    assert "precinct 69 (column 'precinct') encloses no area" in error.message and "finer detail" in error.remedy


# Shapes of others, and of no size that a precinct has


def second(of: int) -> Callable[[Features], None]:
    """A second feature numbered 69, with the shape of another precinct."""
    return lambda made: made.append({**copy.deepcopy(numbered(made, of)), "properties": {"precinct": 69}})


def changed(change: Callable[[shapely.Geometry], shapely.Geometry]) -> Callable[[Features], None]:
    """Precinct 69 with another shape."""

    def apply(made: Features) -> None:
        feature = numbered(made, 69)
        reshape(feature, change(shapely.from_geojson(json.dumps(feature["geometry"]))))

    return apply


def disc(degrees: float) -> Callable[[Features], None]:
    return changed(lambda shape: shape.representative_point().buffer(degrees))


def spiked(shape: shapely.Geometry) -> shapely.Geometry:
    point = shape.representative_point()
    return shape.union(shapely.box(point.x, point.y, point.x + 3.0, point.y + 1e-6))


WRONG: dict[str, tuple[Callable[[Features], None], tuple[str, ...]]] = {
    "a second shape: the first precinct's": (second(1), ("69",)),
    "a second shape: a neighbour's": (second(63), ("63's middle lies in the shape numbered 69",)),
    "a second shape: across the bay": (second(100), ("100's middle lies in the shape numbered 69",)),
    "a second shape: in another borough": (second(122), ("precinct 69 has a part at",)),
    "the whole city": (disc(0.5), ("precinct 69 reaches to",)),
    "a quarter of the city": (disc(0.1), ("'s middle lies in the shape numbered 69",)),
    "a dot": (disc(1e-7), ("precinct 69 (column 'precinct') has less than 0.1 km²",)),
    "less than a dot": (disc(1e-12), ("precinct 69 (column 'precinct') has less than 0.1 km²",)),
    "a twentieth as long": (
        changed(lambda shape: affinity.scale(shape, 0.05, 0.05)),
        ("precinct 69 (column 'precinct') has less than 0.1 km²",),
    ),
    "a needle": (
        changed(spiked),
        (
            "precinct 69 ",
            "but the city's tables have it at",
        ),
    ),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("real", [False, pytest.param(True, marks=needs_published)])
def test_shapes_that_cannot_be_meant(case: str, real: bool, city: CityTables, tmp_path: Path) -> None:
    made = published() if real else features(city)
    change, words = WRONG[case]
    change(made)
    error = refusal(write_geojson(tmp_path / "x.geojson", made), city)
    assert all(word in error.message for word in words), error.message
    assert "own" in error.remedy


@needs_published
def test_shapes_over_each_other(city: CityTables, tmp_path: Path) -> None:
    """A disc that takes in no other's middle, and covers a good part of all neighbours."""
    made = published()
    disc(0.03)(made)
    error = refusal(write_geojson(tmp_path / "x.geojson", made), city)
    assert "precincts 69 and " in error.message and "lie over each other" in error.message


@needs_published
def test_an_island_alone_is_not_the_precinct(city: CityTables, tmp_path: Path) -> None:
    made = published()
    changed(lambda shape: min(shapely.get_parts(shape), key=lambda part: -part.area if part.area < 1e-4 else 0.0))(made)
    error = refusal(write_geojson(tmp_path / "x.geojson", made), city)
    assert "precinct 69 ends at" in error.message and "have it at -73.90, 40.64" in error.message


@needs_published
def test_the_same_shape_twice_is_taken(city: CityTables, tmp_path: Path) -> None:
    made = published()
    second(69)(made)
    assert len(load_boundaries(write_geojson(tmp_path / "x.geojson", made), city, PRECINCTS).outlines) == 77


# Nothing stays of what is refused


def test_no_empty_folder_stays(
    finished: Path, city: CityTables, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cms_sim.door.cli import main

    made = features(city)
    disc(1e-7)(made)
    bad = write_geojson(tmp_path / "bad.geojson", made)
    out = tmp_path / "maps"
    for place in (bad, tmp_path / "nowhere.geojson"):
        with pytest.raises(SystemExit) as ended:
            main(["map", str(finished), "--boundaries", str(place), "--out", str(out)])
        assert ended.value.code == 2 and place.name in capsys.readouterr().err
        assert not out.exists()
    out.mkdir()
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(InputError):
        map_finished(finished, bad, out, city)
    assert [file.name for file in out.iterdir()] == ["mine.txt"]


# Parts of a shapefile


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: int(share * len(whole))]


def flipped(whole: bytes) -> bytes:
    """Some bytes other than they were, after the head."""
    return whole[:110] + bytes(byte ^ 255 for byte in whole[110:150]) + whole[150:]


BROKEN: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    **{f"{part} cut to {share}": (part, cut(share), f"the part {part} of its shapefile is") for part in (".shx", ".dbf")
       for share in (0.0, 0.01, 0.3, 0.9)},
    "shp cut": (".shp", cut(0.9), "the part .shp of its shapefile is cut short"),
    "shp is its head": (".shp", lambda whole: whole[:50], "the part .shp of its shapefile is broken or cut short"),
    "shx is another": (".shx", lambda whole: b"\0" * len(whole), "the part .shx of its shapefile is broken"),
    "shx flipped": (".shx", flipped, "the part .shx of its shapefile cannot be read"),
    "dbf is another": (".dbf", lambda whole: b"\0" * len(whole), "the part .dbf of its shapefile is broken"),
    "prj cut": (".prj", cut(0.3), "its coordinate system (the part .prj) cannot be read"),
    "prj cut late": (".prj", cut(0.9), "its coordinate system (the part .prj) cannot be read"),
    "prj without its datum": (
        ".prj",
        lambda whole: whole.replace(b"DATUM", b"DITUM"),
        "its coordinate system (the part .prj) cannot be read",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shapefile(file, tmp_path_factory.mktemp("whole"), "EPSG:2263")


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_which_part_is_broken(case: str, is_zipped: bool, whole: Path, city: CityTables, tmp_path: Path) -> None:
    ending, change, words = BROKEN[case]
    shape = shutil.copytree(whole.parent, tmp_path / "parts") / whole.name
    part = shape.with_suffix(ending)
    part.write_bytes(change(part.read_bytes()))
    error = refusal(zipped(shape, tmp_path / "x.zip") if is_zipped else shape, city)
    assert words in error.message and "Download it again" in error.remedy
    assert not any(odd in error.message for odd in ("Success", "missing ,", "codec", "index"))


def test_words_for_names_in_another_writing(whole: Path, city: CityTables, tmp_path: Path) -> None:
    shape = shutil.copytree(whole.parent, tmp_path / "parts") / whole.name
    shape.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    table = shape.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[-30:-1] = b"\xdf" * 29
    table.write_bytes(content)
    assert "the part .dbf of its shapefile cannot be read" in refusal(shape, city).message


@pytest.mark.parametrize("crs", ["EPSG:99999999", "nonsense"])
def test_an_unknown_system_in_geojson_is_no_matter(crs: str, city: CityTables, tmp_path: Path) -> None:
    """Degrees are seen from the numbers."""
    stated = {"type": "name", "properties": {"name": crs}}
    file = write_geojson(tmp_path / "x.geojson", features(city), crs=stated)
    assert len(load_boundaries(file, city, PRECINCTS).outlines) == 77


def test_a_line_that_is_not_closed(city: CityTables, tmp_path: Path) -> None:
    made = features(city)
    numbered(made, 69)["geometry"]["coordinates"][0].pop()
    error = refusal(write_geojson(tmp_path / "x.geojson", made), city)
    assert "whose line is not closed" in error.message


def test_zip_of_another_kind_beside(whole: Path, city: CityTables, tmp_path: Path) -> None:
    """What is in a zip beside the shapefile's parts is not read."""
    target = zipped(whole, tmp_path / "x.zip")
    with zipfile.ZipFile(target, "a") as more:
        more.writestr("readme.txt", "words")
    assert len(load_boundaries(target, city, PRECINCTS).outlines) == 77


def test_a_name_that_cannot_be_opened(whole: Path, city: CityTables, tmp_path: Path) -> None:
    error = refusal(zipped(whole, tmp_path / "a}b{c.zip"), city)
    assert "has signs with which it cannot be opened" in error.message and "letters and digits" in error.remedy
