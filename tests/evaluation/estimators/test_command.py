"""`cms-sim evaluate` on the record, a download, a city's folder and simulated runs, and what it says to bad input."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from cms_sim.data.city_tables import TABLES
from cms_sim.door.cli import main
from cms_sim.evaluation.estimators.battery import ESTIMATORS
from cms_sim.evaluation.estimators.sources import samples
from cms_sim.evaluation.long_tables import precinct_month
from tests.data.test_published_file import RAW
from tests.evaluation.make_results import EXPANSION, REFERENCE, SAME, make_results

Evaluate = Callable[..., tuple[int, str, str]]
LINE = re.compile(r"^([\w.]+) = (-?[\d.]+%?) \((-?[\d.]+%?|unknown), (-?[\d.]+%?|unknown)\)$")


@pytest.fixture
def evaluate(capsys: pytest.CaptureFixture[str]) -> Evaluate:
    """Run the command: exit code, what it printed, what it complained of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["evaluate", *map(str, arguments)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return int(ended.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a comparison whose new sites avert 15%: what the command reads of it."""
    folder = tmp_path_factory.mktemp("results") / "made"
    folder.mkdir()
    made = make_results(
        replicates=3,
        plans=[REFERENCE, EXPANSION, SAME],
        precincts=(40, 43, 69, 73, 75, 77, 79, 81),
        past_months=36,
        opening_month=36,
        victims_per_month=8.0,
    )
    precinct_month(made).to_parquet(folder / "precinct_month.parquet")
    sites = [{"precinct": number, "terms": [{"from_date": "2021-07-01"}]} for number in EXPANSION.new_precincts]
    told = {
        "plans": [asdict(plan) for plan in made.plans],
        "scenarios": {EXPANSION.name: {"reference": REFERENCE.name, "sites": sites}},
    }
    (folder / "provenance.json").write_text(json.dumps(told, default=str), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_record(evaluate: Evaluate, tmp_path: Path) -> None:
    code, printed, _ = evaluate("--out", tmp_path / "out")
    assert code == 0
    lines = [LINE.match(line) for line in printed.splitlines()[-len(ESTIMATORS) :]]
    assert all(lines)
    assert [found[0] for found in lines if found][:1] == ["before_after_raw = -28.85% (-33.81%, -23.09%)"]
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    pictures = [f"{name}.{ending}" for name in ("event_study", "placebo_spread") for ending in ("png", "svg")]
    assert written == sorted(["estimates.csv", *pictures])
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert set(table["estimator"]) == {found[1] for found in lines if found}
    assert (table["part"] == "year +4").sum() == 1


def test_simulated_runs_are_told_by_plan_with_their_truth(evaluate: Evaluate, results: Path, tmp_path: Path) -> None:
    code, printed, _ = evaluate(results, "--replicates", 2, "--json", "--out", tmp_path)
    assert code == 0
    (told,) = json.loads(printed)
    assert (told["name"], told["simulated"], told["sites"]) == (EXPANSION.name, True, [43, 69])
    assert told["true_percent"] == pytest.approx(-15.0, abs=2.0)
    by_name = {each["name"]: each for each in told["estimates"]}
    raw = by_name[f"{EXPANSION.name}.before_after_raw"]
    assert raw["n"] == 2 and raw["low"] <= raw["value"] <= raw["high"] < 0.0
    assert (tmp_path / f"{EXPANSION.name}_event_study.svg").is_file()


def test_simulated_sites_open_when_the_scenario_says(results: Path) -> None:
    (sample,) = samples(str(results))
    assert len(sample.panels) == 3 and set(sample.panels[0].starts.values()) == {36}
    assert str(sample.panels[0].months[36]) == "2021-07"
    assert sample.panels[0].counts.sum() != sample.panels[1].counts.sum()


def test_a_city_folder_is_the_same_as_the_record(tmp_path: Path) -> None:
    shutil.copytree(TABLES, tmp_path / "city")
    (own,), (record,) = samples(str(tmp_path / "city")), samples("record")
    assert own.name == "city" and (own.panels[0].counts == record.panels[0].counts).all()
    (some,) = samples("record", "incidents", [73, 75])
    assert some.panels[0].sites == (73, 75) and some.panels[0].counts.sum() < record.panels[0].counts.sum()


@pytest.mark.skipif(not RAW.exists(), reason="the published download is not beside the checkout")
def test_a_download_is_read_by_the_importer() -> None:
    (download,), (record,) = samples(str(RAW), "incidents"), samples("record", "incidents")
    assert download.panels[0].sites == record.panels[0].sites
    assert abs(download.panels[0].counts - record.panels[0].counts).sum() <= 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["recrod"], "recrod: there is no such file or folder Did you mean 'record'?"),
        (["--sites", "73,x"], "--sites: '73,x' is not a list of precincts"),
        (["--sites", ","], "--sites: ',' is not a list of precincts"),
        (["--sites", " "], "--sites: ' ' is not a list of precincts"),
        (["--sites", "74"], "--sites: precinct 74 is not on record The nearest are 73 and 75."),
        (["--sites", "43"], "--sites: no site opens in precinct 43"),
        (["--sites", "88"], "no site has 24 months on record before and after its start"),
        (["--count", "victim"], "--count: there is no count of 'victim' Did you mean 'victims'?"),
    ],
)
def test_bad_input_is_said_once(evaluate: Evaluate, arguments: list[str], told: str) -> None:
    code, printed, complaint = evaluate(*arguments)
    assert code == 2 and printed == ""
    assert told in " ".join(complaint.split())


def test_bad_folders_are_named(evaluate: Evaluate, results: Path, tmp_path: Path) -> None:
    code, _, complaint = evaluate(tmp_path)
    assert code == 2 and "holds neither results nor a city" in complaint
    broken = tmp_path / "broken"
    shutil.copytree(results, broken)
    (broken / "provenance.json").unlink()
    assert "provenance.json: there is no such file" in evaluate(broken)[2]
    (broken / "provenance.json").write_text("{", encoding="utf-8")
    assert "provenance.json: cannot be read" in evaluate(broken)[2]
    shutil.copy(results / "provenance.json", broken)
    frame = pd.read_parquet(broken / "precinct_month.parquet")
    frame.iloc[:-1].to_parquet(broken / "precinct_month.parquet")
    assert "lacks or repeats months" in evaluate(broken)[2]
    frame.drop(columns="victims").to_parquet(broken / "precinct_month.parquet")
    assert "precinct_month.parquet: cannot be read" in evaluate(broken)[2]
    assert "precinct 73 gets no new site" in evaluate(results, "--sites", 73)[2]
    nothing = tmp_path / "nothing.csv"
    nothing.write_text("a,b\n1,2\n", encoding="utf-8")
    code, _, complaint = evaluate(nothing)
    assert code == 2 and "nothing.csv" in complaint
