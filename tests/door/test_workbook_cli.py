from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.door.cli import main
from tests.full_disk import fill_disk

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `cms-sim` in a folder of its own: its code, and what it said."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    return run


def test_a_full_disk_leaves_nothing_in_the_way_of_the_next_try(tmp_path: Path, run: Run) -> None:
    for arguments, name in (
        (("write", "expansion_2020", "new/plan.xlsx"), "plan.xlsx"),
        (("read", "new/plan.xlsx", "new/plan.toml"), "plan.toml"),
    ):
        before = sorted(tmp_path.rglob("*.*"))
        with pytest.MonkeyPatch.context() as patch:
            fill_disk(patch, name)
            code, said = run("workbook", *arguments)
        assert code == 1 and f"{arguments[-1]}: the disk is full" in said
        assert sorted(tmp_path.rglob("*.*")) == before
        assert run("workbook", *arguments)[0] == 0
    assert run("check", "new/plan.toml")[0] == 0


def test_a_workbook_that_is_held_against_nothing_is_not_written(tmp_path: Path, run: Run) -> None:
    from openpyxl import load_workbook

    assert run("workbook", "write", "expansion_2020", "plan.xlsx")[0] == 0
    book = load_workbook("plan.xlsx")
    book["Plan"]["B6"] = "nothing_such"
    book.save("plan.xlsx")
    code, said = run("workbook", "read", "plan.xlsx", "plan.toml")
    assert code == 2 and "plan.xlsx, Plan!B6: Held against: there is no scenario file 'nothing_such'" in said
    assert [file.name for file in tmp_path.iterdir()] == ["plan.xlsx"]
