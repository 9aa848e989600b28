"""docs/demo.md: its lesson runs, and it names every setting and every number that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.door.demo.lessons import load_lessons
from cms_sim.door.demo.settings import AT_RESTART, Settings
from cms_sim.door.demo.tally import OTHERS, TALLY
from tests.pages import DOCS, blocks, tables, text_of

PAGE = DOCS / "demo.md"


def test_the_lesson_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    (lesson,) = blocks(PAGE, "toml")
    (tmp_path / "nights.toml").write_text(lesson, encoding="utf-8")
    loaded = load_lessons(tmp_path)["nights"]
    assert [bool(step.ask) for step in loaded.steps] == [True, True]


def test_every_setting_is_named() -> None:
    text = text_of(PAGE)
    at_start, from_tomorrow = text.split("From a start only hold")[1].split("from the next day on")
    for name in Settings.model_fields:
        assert f"`{name}`" in (at_start if name in AT_RESTART else from_tomorrow), name


def test_every_number_is_explained_as_in_the_code() -> None:
    (rows,) = tables(PAGE)
    assert [(name.strip("`"), words) for name, words in rows] == [*TALLY.items(), *OTHERS.items()]


def test_solara_viz_shows_the_model() -> None:
    pytest.importorskip("solara", reason="Mesa's viewer is not installed (the extra `viz`)")
    import runpy

    import solara

    names = runpy.run_path(str(DOCS / "examples" / "app.py"))
    _, rendered = solara.render(names["page"], handle_error=False)
    model = names["Precinct"](precincts=73, rng=2)
    model.step()
    assert model.datacollector.get_model_vars_dataframe().shape[0] == 2
    rendered.close()
