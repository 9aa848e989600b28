"""A decision that was changed by hand is answered with file, key and remedy; never with a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import DECISION
from cms_sim.evaluation.decision.decision_file import read_decision, write_decision
from cms_sim.report.decision_page import write_decision_report
from tests.report.made_decision import made_decision


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.update(values)


def put_plan(place: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: told["plans"][place].update(values)


def put_region(told: dict[str, Any]) -> None:
    told["plans"][1]["robustness"]["stops_being_best"][0]["best_there"] = "nobody"


CHANGED: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "no such winner": (put(winner="nobody"), ": winner", "no plan is called 'nobody'"),
    "the reference wins": (put(winner="kept"), ": winner", "held against"),
    "no plans": (put(plans=[]), ": plans", "a reference and a plan"),
    "a plan's precincts are gone": (put_plan(1, precincts=[]), ": plans[1].precincts", "the same precincts"),
    "nobody's precincts": (put_plan(0, precincts=[]), ": plans[0].precincts", "at least one"),
    "two of a name": (put_plan(2, name="first"), ": plans[2].name", "no name of its own"),
    "a name that leads elsewhere": (put_plan(2, name="../first"), ": plans[2].name", "no name of its own"),
    "no such careful choice": (put(careful_choice="nobody"), ": careful_choice", "'nobody'"),
    "no such likely plan": (put(likely_best=["first", "nobody"]), ": likely_best", "'nobody'"),
    "no such rival": (put(not_told_apart=["nobody"]), ": not_told_apart", "'nobody'"),
    "nobody is better there": (put_region, ": plans[1].robustness.stops_being_best", "'nobody'"),
    "starts on no day": (put(starts="hello"), ": starts", "is no date"),
    "ends on no day": (put(ends="2024-02-30"), ": ends", "is no date"),
    "no hypothesis": (put(hypotheses={}), ": hypotheses", "there must be one"),
    "a budget in words": (put(problem={"budget": {"usd_per_year": "ten"}}), ": problem.budget", "is no number"),
    "a fund in words": (put(problem={"budget": {"wraparound_usd_per_year": None}}), ": problem.budget", "is no number"),
    "weights in words": (put(problem={"weigh": {"deaths": "many"}}), ": problem.weigh", "numbers only"),
    "a mean that is none": (put_plan(1, cost_usd=float("nan")), DECISION, "is not a decision"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_decision_is_answered(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, key, words = CHANGED[name]
    file = write_decision(made_decision(), tmp_path)
    told = json.loads(file.read_text(encoding="utf-8"))
    change(told)
    file.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_decision(tmp_path)
    error = caught.value
    assert error.where.startswith(str(file)) and error.where.endswith(key) and words in error.message and error.remedy
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 2 and words in capsys.readouterr().err and not (tmp_path / "report.html").exists()


def test_a_file_from_before_some_fields_is_read_and_reported_all_the_same(tmp_path: Path) -> None:
    file = write_decision(made_decision(), tmp_path)
    told = json.loads(file.read_text(encoding="utf-8"))
    del told["command"]
    for plan in told["plans"]:
        for name in ("nine_runs_in_ten_per_year", "within_budget", "breaks_rules_in"):
            del plan[name]
    file.write_text(json.dumps(told), encoding="utf-8")
    assert read_decision(tmp_path) == read_decision(write_decision(made_decision(), tmp_path / "new").parent)
    assert "of the problem that decision.json holds" in write_decision_report(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "hello", "[]", '{"form": 1}', "[" * 100_000, '{"form": 2}', '{"form": 1e999}'])
def test_what_is_no_decision_is_answered(text: str, tmp_path: Path) -> None:
    (tmp_path / DECISION).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is not a"):
        read_decision(tmp_path)
