"""docs/evaluate.md says what the command prints."""

from __future__ import annotations

import re
import shlex

import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.door.evaluate_cli import evaluate
from cms_sim.evaluation.estimators import synthetic_control
from cms_sim.evaluation.estimators.battery import ESTIMATORS, estimate_all
from cms_sim.evaluation.estimators.panel import Panel, record_panel
from tests import pages

PAGE = pages.DOCS / "evaluate.md"


@pytest.fixture(scope="module")
def panel() -> Panel:
    return record_panel(load_city_tables())


@pytest.mark.slow
def test_the_lines_of_the_record(panel: Panel) -> None:
    (block,) = pages.blocks(PAGE, "text")
    assert block.splitlines() == [estimate.line() for estimate in estimate_all(panel)]


def test_every_estimator_is_explained(panel: Panel) -> None:
    (block,) = pages.blocks(PAGE, "text")
    names = [line.split(" = ")[0] for line in block.splitlines()]
    assert len(names) == len(ESTIMATORS)
    assert [row[0].strip("`") for row in pages.tables(PAGE)[0]] == names


def test_the_commands_have_these_options() -> None:
    known = {option for parameter in evaluate.params for option in parameter.opts}
    for line in pages.blocks(PAGE, "sh")[1].splitlines():
        words = shlex.split(line, comments=True)
        assert words[:2] == ["cms-sim", "evaluate"]
        assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.slow
def test_the_blend_hangs_on_which_precincts_may_be_in_it(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    told = re.search(
        r"with half of that the\s+estimate is (-\d+)%, with almost twice of it (-\d+)%", pages.text_of(PAGE)
    )
    assert told
    for level, said in zip((3.0, 10.0), told.groups(), strict=True):
        monkeypatch.setattr(synthetic_control, "LEVEL_FEWEST", level)
        assert round(synthetic_control.synthetic_control(panel).value) == int(said)
