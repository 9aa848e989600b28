"""Maps are drawn and results written so that mapping programs and spreadsheets open them, and nothing else."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.errors import InputError
from cms_sim.experiment.results import Results
from cms_sim.report.events import events_table
from cms_sim.report.maps.boundaries import Boundaries
from cms_sim.report.maps.exports import excel_csv, export_table, write_exports
from cms_sim.report.maps.finished import map_finished
from cms_sim.report.maps.outline_map import Gains, alt_of, draw_gains, leader_outlines, plan_outlines
from cms_sim.report.pictures import all_pictures
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import FEWER_OR_MORE, WIDTH_IN
from cms_sim.report.write import write_results
from cms_sim.scenario.files import load_scenario
from tests.evaluation.make_results import make_results
from tests.report.conftest import degenerate
from tests.report.maps.conftest import PRECINCTS


@pytest.fixture(scope="module")
def mapped(results: Results, boundaries: Boundaries) -> Sheet:
    return Sheet(results, boundaries=boundaries)


def test_pictures_take_the_place_of_tiles(mapped: Sheet, boundaries: Boundaries) -> None:
    tiles = all_pictures(Sheet(mapped.results))
    shapes = all_pictures(mapped)
    assert [picture.name for picture in shapes] == [picture.name for picture in tiles]
    leader = next(picture for picture in shapes if picture.name == "map_of_leader")
    assert leader.figure.get_figwidth() == WIDTH_IN and leader.alt == leader_outlines(mapped, boundaries).alt
    written = {text.get_text().split("\n")[0].split("  ")[0] for text in leader.figure.axes[0].texts}
    assert {"40", "◤43", "73", "75"} <= written
    assert len(leader.svg()) < 600_000 and leader.png() == leader.png()


def test_colours_say_what_the_numbers_say(boundaries: Boundaries) -> None:
    mean = np.array([4.0, 2.0, 0.0, -2.0, -4.0])
    gains = Gains(PRECINCTS, mean, mean - 1.0, mean + 1.0)
    figure = draw_gains(boundaries, gains, "Finding", "detail")
    main, low, high, key, _ = figure.axes
    assert key.images[0].get_cmap() is FEWER_OR_MORE
    rest, shapes, hatched, more = main.collections
    colours = shapes.get_facecolor()
    assert colours[0][2] > colours[0][0] and colours[-1][0] > colours[-1][2]
    assert len(rest.get_paths()) == 72 and len(hatched.get_paths()) == 1 and len(more.get_paths()) == 2
    assert not np.allclose(low.collections[1].get_facecolor(), high.collections[1].get_facecolor())
    assert "precinct 40: 4.0 (3.0 to 5.0)" in alt_of(gains)


def test_too_few_runs_have_no_ends(boundaries: Boundaries) -> None:
    nan = np.full(5, np.nan)
    figure = draw_gains(boundaries, Gains(PRECINCTS, np.ones(5), nan, nan), "Finding", "detail")
    assert len(figure.axes) == 3 and not figure.axes[0].collections[2].get_paths()


@pytest.mark.parametrize("name", [name for name in degenerate() if "unknown" not in name])
def test_little_to_say_is_drawn_all_the_same(name: str, boundaries: Boundaries) -> None:
    sheet = Sheet(degenerate()[name], boundaries=boundaries)
    if sheet.leader:
        assert leader_outlines(sheet, boundaries).alt and plan_outlines(sheet, boundaries).caption


def put(results: Results, folder: Path, boundaries: Boundaries | None) -> Path:
    plans = [load_scenario("expansion_2020")]
    return write_results(results, events_table(results, []), plans, folder, {"command": ["compare"]}, boundaries)


@pytest.fixture(scope="module")
def finished(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison's folder, without boundaries."""
    return put(results, tmp_path_factory.mktemp("finished") / "made", None)


def test_exports_stand_beside_the_report(
    results: Results, boundaries: Boundaries, finished: Path, tmp_path: Path
) -> None:
    folder = put(results, tmp_path / "made", boundaries)
    names = {file.name for file in (folder / "maps").iterdir()}
    assert names == {
        "precincts.csv",
        "precincts.gpkg",
        *(f"{n}.geojson" for n in ("expansion", "by_need", "harmful", "same")),
    }
    by_precinct = pd.read_csv(folder / "by_precinct.csv").set_index(["plan", "precinct"])
    layer = gpd.read_file(folder / "maps" / "precincts.gpkg", layer="by_need")
    text = gpd.read_file(folder / "maps" / "by_need.geojson")
    sheet = pd.read_csv(folder / "maps" / "precincts.csv", encoding="utf-8-sig")
    sheet = sheet[sheet["plan"] == "by_need"]
    for frame in (layer, text, sheet):
        assert list(frame["precinct"]) == list(PRECINCTS)
        expected = [by_precinct.loc[("by_need", n), "averted_victims_per_year"] for n in PRECINCTS]
        assert frame["averted"].tolist() == pytest.approx(expected, rel=1e-5)
    assert layer.crs.to_epsg() == 4326 and set(layer.geom_type) <= {"Polygon", "MultiPolygon"}
    assert set(layer["told"]) <= {"fewer", "more", "not told apart"}
    assert not (finished / "maps").exists()


def test_a_finished_comparison_is_mapped_without_running_it(
    finished: Path, file: Path, city: CityTables, tmp_path: Path
) -> None:
    written = map_finished(finished, file, tmp_path / "maps", city)
    assert {path.name for path in written} >= {"by_need.png", "by_need.svg", "precincts.gpkg", "precincts.csv"}
    assert all(path.stat().st_size > 500 for path in written)
    for bad in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"has no by_precinct\.csv"):
            map_finished(bad, file, tmp_path / "maps", city)
    (tmp_path / "by_precinct.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="not a table of a comparison"):
        map_finished(tmp_path, file, tmp_path / "maps", city)


def test_geojson_has_no_nan(boundaries: Boundaries, tmp_path: Path) -> None:
    sheet = Sheet(make_results(replicates=2))
    table = export_table(sheet.short_tables["by_precinct"], {})
    write_exports(table, boundaries, tmp_path, ["by_need"])
    content = json.loads((tmp_path / "by_need.geojson").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert content["features"][0]["properties"]["averted_low"] is None
    assert content["features"][0]["properties"]["told"] == "too few runs"


def test_the_same_content_gives_the_same_files(mapped: Sheet, boundaries: Boundaries, tmp_path: Path) -> None:
    table = export_table(mapped.short_tables["by_precinct"], {})
    for name in "ab":
        write_exports(table, boundaries, tmp_path / name, ["by_need", "harmful"])
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_no_text_becomes_a_formula() -> None:
    texts = ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "  =1", "plain", "d'Arc, “é”"]
    table = pd.DataFrame({"=name": texts, "value": np.arange(-4.0, 5.0)})
    content = excel_csv(table)
    assert content.startswith(b"\xef\xbb\xbf'=name,value\r\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert all(row[0].startswith("'") for row in rows[1:8]) and [row[0] for row in rows[8:]] == texts[7:]
    assert [float(row[1]) for row in rows[1:]] == table["value"].tolist()


def test_a_table_of_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="lacks"):
        export_table(pd.DataFrame({"plan": ["a"]}), {})


def test_the_command(
    finished: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cms_sim.door.cli import main

    for arguments, code, words in (
        (["map", str(finished), "--boundaries", str(file), "--out", "maps"], 0, "precincts.gpkg"),
        (["map", str(tmp_path / "nowhere"), "--boundaries", str(file)], 2, "has no by_precinct.csv"),
        (["map", str(finished), "--boundaries", str(finished / "summary.csv")], 2, "is no file of boundaries"),
        (["map", str(finished)], 2, "--boundaries"),
        (["compare", "--boundaries", "nowhere.geojson"], 2, "there is no such file"),
    ):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        assert ended.value.code == code and words in said.out + said.err, said
    assert not (tmp_path / "nowhere").exists()
