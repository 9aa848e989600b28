"""A decision's folder never tells of two decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cms_sim.evaluation.decision import write
from cms_sim.evaluation.decision.decision import DECISION
from cms_sim.evaluation.decision.decision_file import read_decision
from cms_sim.evaluation.decision.write import write_folder
from cms_sim.experiment.optimise.search import Found
from tests.experiment.optimise.test_prices import case_at, found_without_a_search
from tests.report.made_decision import made_decision


@pytest.fixture(scope="module")
def found() -> Found:
    return found_without_a_search(case_at(None))


def told(folder: Path) -> list[Path]:
    """What `report` and `map` leave in a folder, and a file of the user's."""
    (folder / "maps").mkdir(parents=True)
    own = [folder / "report.html", folder / "report.pdf", folder / "maps" / "first.png", folder / "maps" / "x.gpkg"]
    for file in (*own, folder / "maps" / "notes.txt"):
        file.write_text("of the first decision", encoding="utf-8")
    return own


def test_what_was_told_of_an_older_decision_goes(found: Found, tmp_path: Path) -> None:
    write_folder(made_decision(), found, tmp_path)
    old = told(tmp_path)
    write_folder(replace(made_decision(), title="Another question"), found, tmp_path)
    assert read_decision(tmp_path).title == "Another question" and not any(file.exists() for file in old)
    assert (tmp_path / "maps" / "notes.txt").is_file()


def test_where_writing_breaks_off_no_decision_is_left(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(made_decision(), found, tmp_path)
    old = told(tmp_path)

    def full(file: Path, rows: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_table", full)
    with pytest.raises(OSError, match="No space"):
        write_folder(made_decision(), found, tmp_path)
    assert not (tmp_path / DECISION).exists() and not any(file.exists() for file in old)
