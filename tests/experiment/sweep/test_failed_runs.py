"""Runs that fail in unusual ways are rows like any other failed run: none of them ends the sweep."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from cms_sim.experiment.sweep.cells import ENDED, LONGEST_WORDS, words_for
from cms_sim.experiment.sweep.design import Design, load_design
from cms_sim.experiment.sweep.limits import TimeLimit
from cms_sim.experiment.sweep.read import load_sweep
from cms_sim.experiment.sweep.run import run_sweep
from tests.experiment.sweep.world import contents

EXTENSION = """
import sys
from cms_sim.experiment.extension import Extension


class Wordless(Exception):
    def __str__(self):
        raise ValueError


def evening(world, plan, state, own, day):
    if own["fault"] == 1:
        sys.exit(3)
    if own["fault"] == 2:
        raise GeneratorExit
    if own["fault"] == 3:
        raise Wordless
    if own["fault"] == 4:
        raise ValueError("no letter: \\udcff\\n" + "long " * 1_000_000)
    if own["fault"] == 5:
        raise MemoryError("an array of many TB")


def outcomes(world, plan, state, own, starts, until):
    return {"visits": "many" if own["fault"] == 6 else 1.0}


EXTENSION = Extension(
    name="strange", parameters={"fault": 0.0}, evening=evening, outcomes=outcomes, columns=["visits"]
)
"""
DESIGN = """
plans = ["base.toml", "site.toml"]
replicates = 1
method = "grid"
levels = "once"
[frame]
ends = 2012-01-31
past_months = 0
[extension]
file = "strange.py"
[extension.parameters.fault]
values = [0, 1, 2, 3, 4, 5, 6]
"""


@pytest.fixture
def design(world: Path) -> Design:
    (world / "strange.py").write_text(EXTENSION)
    (world / "strange.toml").write_text(DESIGN)
    return load_design(world / "strange.toml")


@pytest.mark.slow
def test_no_exception_of_an_extension_ends_the_sweep(design: Design, tmp_path: Path) -> None:
    assert run_sweep(design, tmp_path / "one", 1).failed == 12
    assert run_sweep(design, tmp_path / "two", 2).failed == 12
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    runs = load_sweep(tmp_path / "one").runs
    errors = runs.groupby("point")["error"].agg(list)
    assert errors[0] == ["", ""] and all(first == second for first, second in errors)
    said = errors.str[0]
    assert said[1].startswith("SystemExit: 3 (strange.py, line 13)")
    assert said[2].startswith("GeneratorExit") and said[3].startswith("Wordless: without words")
    assert said[4].startswith("ValueError: no letter: ? long long") and len(said[4]) < LONGEST_WORDS + 100
    assert said[5] == ENDED
    assert said[6].startswith("strange.py: outcomes returned something else than numbers")  # no folder of this machine
    assert runs.loc[runs["error"] != "", "victims"].isna().all()


def test_ctrl_c_is_no_failed_run(design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cms_sim.experiment.sweep.cells import PointArms

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PointArms, "run_with", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(design, tmp_path, 1)
    assert load_sweep(tmp_path).runs.empty


def test_words_are_one_line() -> None:
    assert words_for(ValueError(" two\nlines ")) == "ValueError: two lines"


def test_a_limit_that_nobody_needs_any_more_looks_no_longer() -> None:
    before = threading.active_count()
    limits = [TimeLimit(60.0, may_exit=False) for _ in range(5)]
    assert threading.active_count() == before + 5
    limits.clear()
    ends = time.monotonic() + 10.0
    while threading.active_count() > before:
        assert time.monotonic() < ends
        time.sleep(0.02)
