"""`cms-sim sensitivity` on sweeps that are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cms_sim.door.cli import main
from tests.evaluation.make_sweep import made_sweep

pytest.importorskip("SALib", reason="SALib is in the extra `research`")

NAMES = ("detection", "kin_share")
PLANS = {"more": lambda x: 10.0 * x[:, 0] + x[:, 1], "same": lambda x: 0.01 * x[:, 0]}


def run(monkeypatch: pytest.MonkeyPatch, sweep: Any, *arguments: str) -> int:
    monkeypatch.setattr("cms_sim.experiment.sweep.read.load_sweep", lambda folder: sweep)
    with pytest.raises(SystemExit) as ended:
        main(["sensitivity", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def sweep(tmp_path: Path) -> Any:
    made = made_sweep("morris", NAMES, PLANS, points=12, noise=0.5)
    made.folder = tmp_path
    return made


def test_each_plan_that_can_be_asked(
    sweep: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, sweep, "results/made") == 0
    said = capsys.readouterr()
    assert "hangs most on detection" in said.out and "averted-more.png" in said.out
    assert "Not given" in said.err and "averted of 'same'" in said.err and "told from chance" in said.err
    assert (sweep.folder / "sensitivity" / "averted-more.csv").is_file()
    assert not (sweep.folder / "sensitivity" / "averted-same.csv").exists()


def test_as_json(sweep: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, sweep, "results/made", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["plan"] for each in told["found"]] == ["more"] and list(told["refused"]) == ["same"]
    assert told["found"][0]["names"][0]["name"] == "detection"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("results/made", "--plan", "same"), "averted of 'same'"),
        (("results/made", "--plan", "moore"), "Did you mean 'more'"),
        (("results/made", "--outcome", "victim"), "Did you mean 'victims'"),
        (("design.toml",), "there is no such design"),
    ],
)
def test_refused(
    arguments: tuple[str, ...],
    message: str,
    sweep: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, sweep, *arguments) == 2
    said = capsys.readouterr()
    assert message in said.err and said.out == "" and not (sweep.folder / "sensitivity").exists()


def test_a_design_that_was_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text("", encoding="utf-8")
    assert run(monkeypatch, None, "mine.toml") == 2
    assert "cms-sim sweep mine.toml" in capsys.readouterr().err


def test_a_method_without_indices(
    sweep: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep.design.method = "grid"
    assert run(monkeypatch, sweep, "results/made") == 2
    assert 'method = "morris"' in capsys.readouterr().err


def test_a_folder_without_a_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sensitivity", str(tmp_path)])
    assert ended.value.code == 2 and "there is no sweep" in capsys.readouterr().err


def test_a_reason_that_all_plans_share_is_given_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = made_sweep("morris", NAMES, PLANS, points=12)
    made.design.method = "sobol"
    assert run(monkeypatch, made, "results/made", "--outcome", "victims") == 2
    assert capsys.readouterr().err.count("gives no sensitivity indices") == 1
