from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.errors import InputError
from cms_sim.experiment.results import Results
from cms_sim.report import drawing, html, write
from cms_sim.report.events import events_table
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import Picture
from cms_sim.report.write import check_writable, write_results
from cms_sim.scenario.files import load_scenario
from tests.evaluation.make_results import REFERENCE, make_results


@pytest.fixture(scope="module")
def small() -> Results:
    """The reference alone: one picture, so that a report is quickly written."""
    return make_results(replicates=4, plans=[REFERENCE])


def put(results: Results, folder: Path) -> Path:
    told = {"command": ["compare", "--seed", "1"], "started": "2024-01-01T00:00:00+00:00", "seconds": 1.5}
    return write_results(results, events_table(results, []), [load_scenario("expansion_2020")], folder, told)


def test_everything_is_in_the_folder(results: Results, tmp_path: Path) -> None:
    folder = put(results, tmp_path / "results" / "made")
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert {"report.html", "details.html", "summary.csv", "provenance.json", "runs.parquet"} <= names
    assert {"figures/plans.png", "figures/plans.svg", "figures/maps.png"} <= names
    assert all(file.stat().st_size > 0 for file in folder.rglob("*"))
    assert (folder / "report.html").stat().st_size < 2e6
    assert [entry.name for entry in folder.parent.iterdir()] == ["made"]


def test_pictures_are_the_same_wherever_they_are_drawn(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processes, here on one core, and here when a process was lost."""
    sheet, parent, painters = Sheet(results), os.getpid(), drawing.painters

    def lost(sheet: Sheet) -> tuple[Callable[[Sheet], Picture], ...]:
        if os.getpid() != parent:
            os._exit(1)
        return painters(sheet)[:1]

    monkeypatch.setattr(drawing, "painters", lambda sheet: painters(sheet)[:2])
    monkeypatch.setattr(drawing, "usable_cores", lambda: 2)
    with drawing.being_drawn(sheet) as drawn:
        beside = drawn()
    monkeypatch.setattr(drawing, "usable_cores", lambda: 1)
    with drawing.being_drawn(sheet) as drawn:
        assert drawn() == beside
    monkeypatch.setattr(drawing, "usable_cores", lambda: 2)
    monkeypatch.setattr(drawing, "painters", lost)
    with drawing.being_drawn(sheet) as drawn:
        assert drawn() == beside[:1]


def test_provenance_has_what_a_second_run_needs(small: Results, tmp_path: Path) -> None:
    origin = json.loads((put(small, tmp_path / "made") / "provenance.json").read_text(encoding="utf-8"))
    assert origin["command"] == ["compare", "--seed", "1"] and origin["seconds"] == 1.5
    assert origin["libraries"]["numpy"] and origin["python"] and origin["platform"]
    assert len(origin["scenarios"]["expansion_2020"]["hash"]) == 64
    assert origin["parameters"]["level"]["p05"] <= origin["parameters"]["level"]["p50"]
    assert str(Path.cwd()) not in json.dumps(origin)


def test_a_newer_report_replaces_an_older_one(small: Results, tmp_path: Path) -> None:
    folder = put(small, tmp_path / "made")
    (folder / "left over.txt").write_text("from the older one", encoding="utf-8")
    put(small, folder)
    assert not (folder / "left over.txt").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["made"]


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("broken")])
def test_a_failure_in_the_middle_leaves_the_older_report(
    small: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    folder = put(small, tmp_path / "made")
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    def fail(*_: object) -> str:
        raise fault

    monkeypatch.setattr(html, "details_page", fail)
    expected = InputError if isinstance(fault, OSError) else RuntimeError
    with pytest.raises(expected) as caught:
        put(small, folder)
    if isinstance(caught.value, InputError):
        assert "disk is full" in str(caught.value) and str(tmp_path) in str(caught.value)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["made"]


def test_a_failing_rename_brings_the_older_report_back(
    small: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(small, tmp_path / "made")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if "unfinished" in self.name:
            raise OSError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match="permission denied"):
        put(small, folder)
    assert (folder / "report.html").is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == ["made"]


def test_what_is_not_a_result_is_never_replaced(small: Results, tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="not a result"):
        put(small, folder)
    assert (folder / "chapter.txt").read_text(encoding="utf-8") == "years of work"


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written") as caught:
        check_writable(tmp_path / "results")
    assert "--out" in caught.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="permission denied"):
        check_writable(tmp_path / "results")


def test_a_full_disk_is_said_before_anything_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write.tempfile, "TemporaryFile", full)
    with pytest.raises(InputError, match="disk is full"):
        check_writable(tmp_path)
