"""What a posterior, a bank and kept histories hang on: each part of it is changed in a copy of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import cms_sim
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.data.targets import targets_hash
from cms_sim.evaluation.calibration.bank import BankPlan
from cms_sim.experiment.fitted_with import fitted_with, history_hash, other_than_today
from cms_sim.experiment.posterior import Posterior, write_posterior

TARGETS = ("share_statistic",)
SCENARIOS = Path(__file__).parents[2] / "scenarios"
ASK = """
import json, sys
from pathlib import Path
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.errors import InputError
from cms_sim.evaluation.calibration.bank import BankPlan, _claim
from cms_sim.evaluation.identified import finished_bank
from cms_sim.experiment.fitted_with import history_hash
from cms_sim.experiment.posterior import read_posterior

def said(what):
    try:
        what()
    except InputError as fault:
        return fault.message
    return ""

folder, told = Path(sys.argv[1]), {}
for name in ("city", "chicago"):
    bank = folder / f"bank-{name}" / "bank"
    told[name] = {
        "posterior": said(lambda: read_posterior(folder / f"{name}.json")),
        "begun again": said(lambda: _claim(BankPlan.now(name, 400, 3), bank)),
        "read": said(lambda: finished_bank(bank.parent)),
        "histories": history_hash(hypothesis(name), load_city_tables()),
    }
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A posterior and a begun bank of each hypothesis, as the package of now leaves them."""
    folder = tmp_path_factory.mktemp("kept")
    for name, reading in load_hypotheses().items():
        today = fitted_with(reading, load_city_tables(), TARGETS)
        made = Posterior(name, ("detection",), ((0.1,),), ("detection",), TARGETS, 400, 3, today)
        write_posterior(made, folder / f"{name}.json")
        (folder / f"bank-{name}" / "bank").mkdir(parents=True)
        plan = json.dumps(asdict(BankPlan.now(name, 400, 3)), indent=1, sort_keys=True)
        (folder / f"bank-{name}" / "bank" / "bank.json").write_text(plan)
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(Path(cms_sim.__file__).parent, root / "cms_sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SCENARIOS, root / "scenarios")
    return root


def asked(package: Path, kept: Path) -> dict[str, Any]:
    """What the copy says of what was kept, by hypothesis."""
    given = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", ASK, kept], env=given, cwd=package, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout))


def test_an_unchanged_copy_takes_all(package: Path, kept: Path) -> None:
    for name, found in asked(package, kept).items():
        assert found["posterior"] == found["begun again"] == ""
        assert found["read"].startswith("holds no finished bank"), "it has no parts"
        assert found["histories"] == history_hash(hypothesis(name), load_city_tables())


@pytest.mark.parametrize(
    ("file", "old", "new", "words", "hypotheses"),
    [
        ("keys.py", "", "\nMORE = 1\n", "other rules or parameters", {"city", "chicago"}),
        ("data/tables/hypotheses.toml", "high = 0.16", "high = 0.2", "another reading of the hypothesis", {"city"}),
        ("data/tables/hypotheses.toml", "share = 0.9", "share = 0.8", "another reading of the hypothesis", {"chicago"}),
        ("data/tables/precinct_month.csv", "1,2006-01,0,0,0", "1,2006-01,1,1,0", "another record", {"city", "chicago"}),
        ("data/tables/cms_sites.csv", "2012", "2013", "another record", {"city", "chicago"}),
        ("experiment/hindcast.py", "", "\nMORE = 1\n", "another way of living", {"city", "chicago"}),
        ("experiment/levels_between.py", "2020", "2021", "another way of living", {"city", "chicago"}),
        ("evaluation/patterns/dispersion.py", "BUSIEST: Final = 20", "BUSIEST: Final = 10", "other statistics",
         {"city", "chicago"}),
        ("experiment/summary.py", "", "\nMORE = 1\n", "another way of living", {"city", "chicago"}),
        ("evaluation/studies.py", "", "\nMORE = 1\n", "other statistics", {"city", "chicago"}),
        ("evaluation/estimators/panel.py", "", "\nMORE = 1\n", "other statistics", {"city", "chicago"}),
        ("evaluation/intervals.py", "", "\nMORE = 1\n", "other statistics", {"city", "chicago"}),
        ("evaluation/calibration/targets.py", "np.log(values)", "2 * np.log(values)", "another way of fitting",
         {"city", "chicago"}),
        ("evaluation/calibration/inference.py", "KEPT_SHARE: Final = 0.25", "KEPT_SHARE: Final = 0.2",
         "another way of fitting", {"city", "chicago"}),
        ("data/tables/targets.toml", "observed = 1.20", "observed = 1.21", "other targets", {"city", "chicago"}),
        ("data/tables/targets.toml", "[share_statistic]", "[share_of_old]", "other targets", {"city", "chicago"}),
    ],
)  # fmt: skip
def test_what_was_made_with_anything_else_is_not_taken(
    file: str, old: str, new: str, words: str, hypotheses: set[str], package: Path, kept: Path
) -> None:
    path = package / "cms_sim" / file
    before = path.read_text(encoding="utf-8")
    assert old in before
    try:
        path.write_text(before.replace(old, new, 1) if old else before + new, encoding="utf-8")
        found = asked(package, kept)
    finally:
        path.write_text(before, encoding="utf-8")
    of_the_fit = words in ("other targets", "another way of fitting")
    of_histories = not of_the_fit
    for name, told in found.items():
        changed = name in hypotheses
        assert (in_full(words) in told["posterior"]) == changed and bool(told["posterior"]) == changed
        assert (in_full(words) in told["begun again"]) == (changed and of_histories)
        assert told["read"].startswith("holds histories of") == (changed and of_histories)
        same = told["histories"] == history_hash(hypothesis(name), load_city_tables())
        assert same == (not changed or of_the_fit or words == "other statistics")


def test_sites_of_another_scenario_of_that_name_are_not_taken_for_those_on_record(package: Path, kept: Path) -> None:
    """What lies in ./scenarios comes first, so that somebody may have put another programme there."""
    ours = package / "scenarios" / "sites_june_2020.toml"
    before = ours.read_text(encoding="utf-8")
    ours.write_text(before.replace("violence_interrupters = 3", "violence_interrupters = 5", 1), encoding="utf-8")
    try:
        found = asked(package, kept)
    finally:
        ours.write_text(before, encoding="utf-8")
    for name, told in found.items():
        assert "other sites on record" in told["posterior"] and "./scenarios" in told["begun again"]
        assert told["histories"] != history_hash(hypothesis(name), load_city_tables())


def in_full(words: str) -> str:
    """The part of a message that begins so."""
    today = dict.fromkeys(("rules", "hypothesis", "record", "sites", "living", "statistics", "targets", "fitting"), "")
    (full,) = (told for part in today if (told := other_than_today(today, {**today, part: "x"})).startswith(words))
    return full


def test_words_and_sources_of_targets_are_no_part_of_it(package: Path, kept: Path) -> None:
    path = package / "cms_sim" / "data/tables/targets.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("No interval is published", "None is"), encoding="utf-8")
    try:
        assert all(found["posterior"] == "" for found in asked(package, kept).values())
    finally:
        path.write_text(before, encoding="utf-8")
    assert targets_hash(["share_statistic"]) != targets_hash(["share_statistic", "no such target"])
