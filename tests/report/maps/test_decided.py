"""An optimisation on the precincts' own shapes: the winner in its report, every plan as a picture, and exports."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import Estimate
from cms_sim.evaluation.decision.decision_file import write_decision
from cms_sim.report.decision_page import decision_page
from cms_sim.report.maps.boundaries import Boundaries
from cms_sim.report.maps.decided import decision_table, winner_outlines
from cms_sim.report.maps.finished import clear_changes
from tests.report.made_decision import made_decision

FEW = Estimate(10.0, None, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_decision(made_decision(), tmp_path / "found")
    return tmp_path / "found"


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_rows_are_those_of_the_decision(city: CityTables) -> None:
    decision = made_decision()
    table = decision_table(decision, city)
    assert len(table) == sum(len(plan.precincts) for plan in decision.plans)
    assert list(table["plan"].unique()) == ["first", "second", "announced", "kept"]
    row = table[(table["plan"] == "first") & (table["precinct"] == 43)].iloc[0]
    assert (row["averted"], row["averted_low"], row["averted_high"], row["told"]) == (10.0, 8.0, 12.0, "fewer")
    assert (row["new_site"], row["posts"], row["places"], row["usd_a_year"]) == (True, 5, 10, 1e6)
    assert row["residents"] == city.precincts[city.row(43)].population
    assert set(decision_table(made_decision(FEW), city).query("plan == 'first' and precinct == 43")["told"]) == {
        "too few runs"
    }


def test_the_winner_is_drawn_on_shapes_in_the_report(city: CityTables, boundaries: Boundaries) -> None:
    picture = winner_outlines(made_decision(), boundaries, city)
    written = {text.get_text().split("\n")[0].split("  ")[0] for text in picture.figure.axes[0].texts}
    assert {"◤43", "69", "75"} <= written and "precinct 43: 10.0 (8.0 to 12.0)" in picture.alt
    with_shapes, tiles = (decision_page(made_decision(), city, each) for each in (boundaries, None))
    assert "on the boundaries given" in with_shapes and "on the boundaries given" not in tiles
    few = decision_page(made_decision(FEW), city, boundaries)
    assert "nan" not in re.sub(r"base64,[^\"]*", "", few)


def test_the_commands(folder: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("map", str(folder), "--boundaries", str(file)) == 0
    said = capsys.readouterr().out
    names = {path.name for path in (folder / "maps").iterdir()}
    each = {f"{plan}.{ending}" for plan in ("first", "second", "announced") for ending in ("geojson", "png", "svg")}
    assert names == {"precincts.csv", "precincts.gpkg", *each} and all(name in said for name in names)
    layer = gpd.read_file(folder / "maps" / "precincts.gpkg", layer="first")
    assert list(layer["precinct"]) == [43, 69, 75] and list(layer["averted"]) == [10.0, 0.0, 0.0]
    sheet = pd.read_csv(folder / "maps" / "precincts.csv", encoding="utf-8-sig")
    assert set(sheet["plan"]) == {"first", "second", "announced", "kept"}


def test_the_printed_report_has_the_map_and_exports_beside_it(
    folder: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("weasyprint", reason="the extra `pdf` is not installed", exc_type=ImportError)
    assert ended("report", str(folder), "--boundaries", str(file)) == 0
    (pages,) = re.findall(r"report\.pdf \((\d+) pages\)", capsys.readouterr().out)
    assert 2 <= int(pages) <= 8
    assert "on the boundaries given" in (folder / "report.html").read_text(encoding="utf-8")
    assert {"precincts.csv", "precincts.gpkg", "first.geojson"} <= {path.name for path in (folder / "maps").iterdir()}


def test_a_disk_that_takes_nothing_more_is_told(
    folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pyogrio.errors import DataSourceError

    def full(*_: object, **more: object) -> None:
        raise DataSourceError("sqlite3_exec() failed: database or disk is full")

    monkeypatch.setattr(gpd.GeoDataFrame, "to_file", full)
    assert ended("map", str(folder), "--boundaries", str(file)) == 1
    assert "disk is full" in capsys.readouterr().err and not (folder / "maps" / "precincts.gpkg").exists()


@pytest.mark.parametrize("ending", ["csv", "gpkg", "geojson", "png", "svg"])
def test_where_writing_breaks_off_the_older_file_stays_whole(
    ending: str, folder: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last file of each kind is cut short, as by a full disk in the middle."""
    assert ended("map", str(folder), "--boundaries", str(file)) == 0
    before = {each.name: each.read_bytes() for each in (folder / "maps").iterdir()}
    breaks = {"csv": "precincts.csv", "gpkg": "precincts.gpkg"}.get(ending, f"announced.{ending}")
    write_bytes, to_file = Path.write_bytes, gpd.GeoDataFrame.to_file

    def half(path: Path, content: bytes) -> int:
        if breaks not in path.name:
            return write_bytes(path, content)
        write_bytes(path, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    def half_package(frame: gpd.GeoDataFrame, path: Path, **more: object) -> None:
        if ending == "gpkg" and more["layer"] == "announced":
            write_bytes(path, path.read_bytes()[:5000])
            raise OSError(28, "No space left on device")
        to_file(frame, path, **more)

    monkeypatch.setattr(Path, "write_bytes", half)
    monkeypatch.setattr(gpd.GeoDataFrame, "to_file", half_package)
    write_decision(made_decision(Estimate(20.0, 18.0, 22.0)), folder)
    assert ended("map", str(folder), "--boundaries", str(file)) == 1
    assert "the disk is full" in capsys.readouterr().err
    after = {each.name: each.read_bytes() for each in (folder / "maps").iterdir()}
    assert set(after) == set(before) and after[breaks] == before[breaks]


def test_what_cannot_be_mapped_is_said(
    folder: Path, file: Path, city: CityTables, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, words in (
        (("report", str(tmp_path), "--boundaries", str(file)), "has its maps already"),
        (("report", str(folder), "--boundaries", str(tmp_path / "none.geojson")), "there is no such file"),
        (("map", str(folder), "--boundaries", str(folder / "decision.json")), "no collection of features"),
    ):
        assert ended(*arguments) == 2 and words in capsys.readouterr().err
    assert not (folder / "report.html").exists()
    elsewhere = made_decision()
    part = replace(elsewhere.plans[0].precincts[0], precinct=9999)
    with pytest.raises(InputError, match="no precinct 9999"):
        decision_table(replace(elsewhere, plans=(replace(elsewhere.plans[0], precincts=(part,)),)), city)


def test_what_prints_as_nothing_is_not_counted_as_clear(city: CityTables) -> None:
    table = decision_table(made_decision(), city)
    rows = table[table["plan"] == "first"].copy()
    rows["averted"], rows["told"] = [7.0, 0.3, 0.01], "fewer"
    assert clear_changes(rows) == (
        "clearly fewer people shot in 2 (1 of them by less than 0.5 a year), clearly more in 0 of 3 precincts"
    )
    rows["averted"], rows["told"] = [7.0, -0.3, -0.01], ["fewer", "more", "more"]
    assert clear_changes(rows) == "clearly fewer people shot in 1, clearly more in 1 of 3 precincts"


def test_another_citys_precinct_is_answered_with_what_there_is(city: CityTables) -> None:
    decision = made_decision()
    parts = (replace(decision.plans[1].precincts[0], precinct=999),)
    other = replace(decision, plans=tuple(replace(plan, precincts=parts) for plan in decision.plans))
    with pytest.raises(InputError, match="no precinct 999") as raised:
        decision_table(other, city)
    assert raised.value.remedy and "cms-sim map has --city" in raised.value.remedy
