"""`cms-sim compare --hypothesis both`: two ordinary comparisons, and what is put beside them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cms_sim.door import both_job
from cms_sim.door.both_job import requests_of, run_both
from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.experiment.compare import Comparison, Request, compare
from cms_sim.experiment.results import Results
from cms_sim.report.provenance import content_hash
from tests.evaluation.make_results import make_results
from tests.experiment.conftest import small_plans  # noqa: F401

HYPOTHESES = ("city", "chicago")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Comparisons that are made up and write nothing of their own; what was asked for."""
    asked: list[Request] = []

    def reported(request: Request, out: Path, boundaries: Path | None) -> tuple[Comparison, bool]:
        asked.append(request)
        results = replace(made_up(request.hypothesis), name=request.name)
        return Comparison(results, None, [], whole=True), True  # type: ignore[arg-type]

    monkeypatch.setattr(both_job, "reported", reported)
    monkeypatch.setattr(both_job, "question_of", lambda request, plans: None)
    monkeypatch.setattr(both_job, "plans_of", lambda request: [])
    return asked


def made_up(hypothesis: str) -> Results:
    return replace(make_results(40, frame_months=24, seed=HYPOTHESES.index(hypothesis) + 1), hypothesis=hypothesis)


def test_each_is_asked_for_as_by_itself(quick: list[Request], tmp_path: Path) -> None:
    request = Request(name="mine", seed=7, replicates=40, parameters="posterior")
    assert run_both(request, tmp_path)
    assert quick == [replace(request, hypothesis=name, name=f"mine-{name}") for name in HYPOTHESES]


def test_what_is_put_side_by_side(quick: list[Request], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):  # the second replaces the first
        assert run_both(Request(name="mine"), tmp_path)
    folder = tmp_path / "mine-both"
    assert {file.name for file in folder.iterdir()} == {"both.html", "both.csv", "provenance.json"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine-both"], "nothing unfinished stays"
    rows = list(csv.DictReader((folder / "both.csv").open(encoding="utf-8")))
    assert [row["plan"] for row in rows] == ["kept", "none", "expansion", "by_need", "harmful", "same"]
    told = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert told["hypotheses"]["city"]["content"] == content_hash(replace(made_up("city"), name="other"))
    assert set(told["ranking"]["orders"]) == set(HYPOTHESES) and isinstance(told["ranking"]["same"], bool)
    printed = capsys.readouterr().out
    assert all(sentence in printed for sentence in told["ranking"]["words"])
    page = (folder / "both.html").read_text(encoding="utf-8")
    assert all(f'href="../mine-{name}/report.html"' in page for name in HYPOTHESES)
    assert "<script" not in page and not re.search(r'src="', page)
    assert all(sentence.replace("“", "“") in page for sentence in told["ranking"]["words"])


def test_something_else_in_the_place_is_not_lost(quick: list[Request], tmp_path: Path) -> None:
    for name in ("mine-both", "mine-chicago"):
        mine = tmp_path / name
        mine.mkdir()
        (mine / "thesis.txt").write_text("years of work")
        with pytest.raises(InputError, match="not a result"):
            run_both(Request(name="mine"), tmp_path)
        assert quick == [] and (mine / "thesis.txt").is_file(), "refused before anything is run"
        (mine / "thesis.txt").unlink()


def test_what_one_hypothesis_refuses_is_refused_before_the_other_is_run(
    quick: list[Request], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def question_of(request: Request, plans: object) -> None:
        if request.hypothesis == "chicago":
            raise InputError("was fitted with other rules")

    monkeypatch.setattr(both_job, "question_of", question_of)
    with pytest.raises(InputError, match="other rules"):
        run_both(Request(), tmp_path)
    assert quick == [] and not list(tmp_path.iterdir())


def test_a_posteriors_file_is_of_one_hypothesis() -> None:
    with pytest.raises(InputError, match="of one hypothesis"):
        requests_of(Request(parameters="mine.json"))


def test_broken_off_it_is_not_put_side_by_side(
    quick: list[Request], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole: Callable[..., tuple[Comparison, bool]] = vars(both_job)["reported"]
    monkeypatch.setattr(
        both_job, "reported", lambda request, *rest: (whole(request, *rest)[0], request.hypothesis == "city")
    )
    assert not run_both(Request(), tmp_path)
    assert "Not put side by side" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_outcome_is_that_of_two_single_runs(
    small_plans: dict[str, str],  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From the command line, with the real engine, plans and reports."""
    plans = (small_plans["base"], small_plans["site"])
    asked = Request(plans, replicates=2, seed=3, workers=1, parameters="fixed", keep_events=0)
    options = ("--replicates", "2", "--seed", "3", "--workers", "1", "--parameters", "fixed", "--events", "0")
    with pytest.raises(SystemExit) as ended:
        main(["compare", *plans, *options, "--hypothesis", "both", "--name", "golden", "--out", str(tmp_path)])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "Side by side:" in printed and "Fewer than 8 runs" in printed
    told = json.loads((tmp_path / "golden-both" / "provenance.json").read_text(encoding="utf-8"))
    contents = []
    for name in HYPOTHESES:
        single = content_hash(compare(replace(asked, hypothesis=name)).results)
        report = json.loads((tmp_path / f"golden-{name}" / "provenance.json").read_text(encoding="utf-8"))
        assert single == report["hashes"]["content"] == told["hypotheses"][name]["content"]
        assert report["hypothesis"] == name and (tmp_path / f"golden-{name}" / "report.html").is_file()
        contents.append(single)
    assert len(set(contents)) == 2, "the two hypotheses are two runs"
