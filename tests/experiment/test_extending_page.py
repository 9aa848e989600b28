"""docs/extending.md: the files that it shows are the examples, and everything on it runs."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from cms_sim.door.cli import main
from cms_sim.engine.calendar_days import date_of, weekdays
from cms_sim.experiment.extension_checks import COLUMNS
from cms_sim.experiment.sweep.rows import KEYS, OUTCOMES
from tests import pages
from tests.pages import DOCS

PAGE = DOCS / "extending.md"
EXAMPLES = DOCS / "examples"


def test_the_page_shows_the_examples() -> None:
    shown = [block for block in pages.blocks(PAGE, "python") if "EXTENSION = Extension(" in block]
    assert shown == [(EXAMPLES / f"{name}.py").read_text("utf-8") for name in ("curfew", "hospital_programme")]


@pytest.mark.slow
def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for file in EXAMPLES.glob("*.py"):
        shutil.copy(file, tmp_path)
    (design,) = pages.blocks(PAGE, "toml")
    (tmp_path / "design.toml").write_text(design, encoding="utf-8")
    (command,) = pages.blocks(PAGE, "sh")
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(command)[1:])
    assert ended.value.code == 0
    capsys.readouterr()
    names: dict[str, object] = {"__name__": "page"}
    for block in pages.blocks(PAGE, "python"):
        if "EXTENSION = Extension(" not in block:
            exec(compile(block, PAGE.name, "exec"), names)
    printed = capsys.readouterr().out
    assert printed.count("victims averted") == 3 and "conflicts_settled_in_hospital" in printed
    by_share = names["by_share"]
    assert list(by_share.columns) == [0.0, 0.3, 0.6] and len(by_share) == 4  # type: ignore[attr-defined]  # a frame


def test_no_outcome_can_take_the_name_of_a_column() -> None:
    assert {*OUTCOMES, *KEYS, "error"} <= COLUMNS


def test_the_weekday_is_as_the_page_says() -> None:
    """`(day + 6) % 7`, 0 for Monday."""
    assert "(day + 6) % 7" in PAGE.read_text("utf-8")
    assert all((day + 6) % 7 == date_of(day).weekday() == weekdays()[day] for day in range(5000))
