"""`cms-sim optimise` from end to end on the simulation, as small as it goes; and what is asked wrongly."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from cms_sim.data.unit_costs import TABLE, UnitCosts
from cms_sim.door.cli import main
from cms_sim.evaluation.decision.decision import Decision
from cms_sim.evaluation.decision.decision_file import read_decision
from cms_sim.experiment.optimise.problem import Problem
from cms_sim.report.decision_section import MARKER
from tests.report.made_decision import made_decision

SMALLEST = """
title = "One precinct"
precincts = [69]
plans = ["sites_june_2020"]
[budget]
usd_per_year = 1_500_000
[rules]
sites_at_most = 1
[effort]
draws = 4
explore_plans = 8
explore_replicates = 2
rounds = 0
candidates = 3
race_replicates = 2
finalists = 2
fresh_replicates = 4
[frame]
precincts = [69]
ends = 2020-12-31
past_months = 1
"""


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["optimise", *arguments])
    return int(end.value.code or 0)


@pytest.mark.slow
def test_from_a_problem_to_a_decision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, out = tmp_path / "one.toml", tmp_path / "out"
    file.write_text(SMALLEST, encoding="utf-8")
    options = (str(file), "--parameters", "fixed", "--hypothesis", "city", "--workers", "1", "--out", str(out))
    monkeypatch.setattr(sys, "argv", ["cms-sim", "optimise", *options])
    assert ended(*options, "--json") == 0
    printed = capsys.readouterr()
    decision = read_decision(out)
    assert json.loads(printed.out)["winner"] == decision.winner and "Exploring" in printed.err
    assert (out / str(decision.plan(decision.winner).file)).is_file() and (out / "runs.parquet").is_file()
    assert decision.command == ("optimise", *options)
    assert decision.hypotheses == {"city": 1.0} and decision.effort.runs > 50
    assert ended(*options) == 0  # nothing is simulated again
    assert decision.plan(decision.winner).title in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "folder", "title"),
    [
        ((), "ten_million", "Ten million for five precincts"),
        (("--budget-usd", "1e7"), "ten_million", "Ten million for five precincts"),
        (("--budget-usd", "5e6"), "ten_million-5000000-usd", "asked with $5,000,000 a year instead"),
        (("--unit-costs", "mine.toml"), "ten_million-mine", "at the prices of mine.toml"),
        (("--budget-usd", "5e6", "--out", "here"), "here", "asked with $5,000,000 a year instead"),
    ],
)
def test_another_question_has_a_folder_and_a_title_of_its_own(
    options: tuple[str, ...], folder: str, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Problem, Path]] = []

    def decided(problem: Problem, prices: UnitCosts, parameters: str, workers: int, out: Path) -> Decision:
        asked.append((problem, out))
        return made_decision()

    monkeypatch.setattr("cms_sim.door.optimise_cli._decide", decided)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_bytes(TABLE.read_bytes())
    assert ended(*options) == 0
    ((problem, out),) = asked
    assert out.name == folder and title in problem.title


def test_pages_in_one_folder_keep_their_own_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cms_sim.door.optimise_cli._decide", lambda *_: made_decision())
    for name in ("here", "there"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{MARKER}\n", encoding="utf-8")
        assert ended("--page", str(tmp_path / f"{name}.md"), "--out", str(tmp_path / "out")) == 0
    for name in ("here", "there"):
        text = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
        drawn = {f"{name}_decision_plans.png", f"{name}_decision_map.png"}
        assert set(re.findall(r"\(images/(.*?)\)", text)) == drawn
        assert all((tmp_path / "images" / picture).is_file() for picture in drawn)
    (tmp_path / "other.md").write_text("# Other\n", encoding="utf-8")
    assert ended("--page", str(tmp_path / "other.md")) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.toml",), "none.toml"),
        (("--hypothesis", "citty"), "Did you mean 'city'"),
        (("--budget-usd", "-1"), "is no budget"),
        (("--budget-usd", "100"), "does not pay for the sites"),
        (("--parameters", "posterio"), "Did you mean 'posterior'"),
        (("--budget", "100"), "--help"),
    ],
)
def test_what_is_asked_wrongly(arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(*arguments) == 2
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said
