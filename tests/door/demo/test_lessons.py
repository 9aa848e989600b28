"""Lesson files: those that ship, and what is said of faulty ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.door.demo.lessons import Lesson, load_lessons, read_lesson
from cms_sim.door.demo.tally import OTHERS, TALLY
from cms_sim.door.demo.words import LANGUAGES
from cms_sim.errors import InputError

GOOD = """
title = "Mine"
summary = "One sentence."
[settings]
violence_interrupters = 2
[[steps]]
run_to_day = 30
keep = "before"
say = "Watch {left_victims}."
[[steps]]
change = { credibility = 0.1 }
run_to_day = 60
ask = "How many?"
[[steps.answers]]
when = "left_victims > before.left_victims"
en = "{left_victims} after {before.left_victims}."
es = "{left_victims} despues de {before.left_victims}."
[[steps.answers]]
en = "None more."
"""


def read(text: str, tmp_path: Path) -> Lesson:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return read_lesson(file)


def test_the_lessons_that_ship_speak_both_languages() -> None:
    lessons = load_lessons()
    assert {"contagion", "first_messenger", "credibility_and_nights", "services", "before_and_after"} <= lessons.keys()
    for name, lesson in lessons.items():
        texts = [lesson.title, lesson.summary]
        for step in lesson.steps:
            texts += [text for text in (step.say, step.ask, *step.answers) if text]
        assert all(text.es for text in texts), name
        assert sum(step.ask is not None for step in lesson.steps) >= 2, name
        assert any(step.highlight for step in lesson.steps), name


def test_a_lesson_of_ones_own_joins_or_replaces(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "services.toml").write_text(GOOD, encoding="utf-8")
    lessons = load_lessons(tmp_path)
    assert list(lessons)[-2:] == ["mine", "services"]
    assert lessons["services"].title.in_("es") == "Mine"


def test_the_answer_that_holds_is_given(tmp_path: Path) -> None:
    lesson = read(GOOD, tmp_path)
    numbers = {"left_victims": 7.0, "before.left_victims": 3.0}
    assert lesson.filled(1, "answer", numbers, "en") == "7 after 3."
    assert lesson.filled(1, "answer", numbers, "es") == "7 despues de 3."
    assert lesson.filled(1, "answer", {**numbers, "left_victims": 2.0}, "es") == "None more."
    assert lesson.filled(0, "say", {"left_victims": -4.0}, "en") == "Watch −4."


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('summary = "One', 'sumary = "One', 3, "Did you mean 'summary'?"),
        ("violence_interrupters = 2", "violence_interupters = 2", 5, "Did you mean 'violence_interrupters'?"),
        ("violence_interrupters = 2", "violence_interrupters = 99", 5, "from 0 to 8"),
        ("credibility = 0.1", "seed = 4", 11, "start_again"),
        ("credibility = 0.1", 'credibility = "high"', 11, "from 0 to 1"),
        ("run_to_day = 30", "run_to_day = 0", 7, "must be at least 1"),
        ("run_to_day = 30", 'run_to_day = "soon"', 7, "whole number"),
        ("{left_victims}.", "{left_victim}.", 9, "Did you mean 'left_victims'?"),
        ("{before.left_victims}.", "{befor.left_victims}.", 0, "Did you mean 'before'?"),
        ('when = "left_victims >', 'when = "left_victim >', 15, "Did you mean 'left_victims'?"),
        ('when = "left_victims > before.left_victims"', 'when = "import os"', 15, "a comparison"),
        ("{left_victims} after", "{others_fewer_mean} after", 0, "others = true"),
        ('\n[[steps.answers]]\nen = "None more."', "", 15, "Leave out `when`"),
        ('ask = "How many?"', 'ask = "How many?"\nhighlight = ["lef"]', 14, "'left'"),
        ('keep = "before"', 'keep = "Before!"', 8, "keep"),
        ("[[steps]]\nrun_to_day = 30", "[[steps]\nrun_to_day = 30", 6, "Mend that line"),
    ],
)
def test_a_faulty_lesson_is_told_with_file_line_and_remedy(
    old: str, new: str, line: int, says: str, tmp_path: Path
) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        read(GOOD.replace(old, new, 1), tmp_path)
    assert "mine.toml" in caught.value.where
    assert not line or f"line {line}" in caught.value.where, caught.value.where
    assert says in str(caught.value)


def test_a_question_is_filled_from_the_run(tmp_path: Path) -> None:
    lesson = read(GOOD.replace("How many?", "How many of {left_victims}?"), tmp_path)
    assert lesson.filled(1, "ask", {"left_victims": 7.0}, "en") == "How many of 7?"
    assert lesson.filled(0, "ask", {}, "en") == ""


def test_a_faulty_step_is_told_as_such_and_a_lesson_needs_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'en' is missing") as caught:
        read('title = "a"\nsummary = "b"\n[[steps]]\nsay = { es = "x" }\n', tmp_path)
    assert "line 4" in caught.value.where and "more after" not in str(caught.value)
    with pytest.raises(InputError, match="no steps") as caught:
        read('title = "a"\nsummary = "b"\nsteps = []\n', tmp_path)
    assert "line 3: steps" in caught.value.where


def test_a_question_needs_an_answer_and_a_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no answer"):
        read('title = "a"\nsummary = "b"\n[[steps]]\nask = "?"\n', tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        load_lessons(tmp_path / "nowhere")


def test_markup_in_a_lesson_stays_text(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>{left_victims}"
    lesson = read(GOOD.replace("Watch {left_victims}.", evil), tmp_path)
    assert lesson.filled(0, "say", {"left_victims": 1.0}, "en") == "<img src=x onerror=alert(1)>1"


def test_languages_are_those_of_the_words() -> None:
    assert set(LANGUAGES) == {"en", "es"}
    assert not TALLY.keys() & OTHERS.keys()
