"""Guided lessons: text files that a trainer can edit or add (docs/demo.md), checked as they are read.

A lesson sets the scene, runs to a day, asks the room, and answers with what the run shows: numbers in braces are
filled from the run on the page, and of several answers the first whose condition holds is given.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ValidationError

from cms_sim.door.demo.settings import AT_RESTART, Settings
from cms_sim.door.demo.tally import OTHERS, TALLY
from cms_sim.door.demo.words import LANGUAGES
from cms_sim.errors import InputError, nearest
from cms_sim.scenario.problems import input_error
from cms_sim.scenario.schema import Table, key
from cms_sim.scenario.source import Source, read_source

SHIPPED: Final = Path(__file__).parent / "lessons"
MOST_TEXT: Final = 1200
MOST_LESSONS: Final = 100
Place = Literal["left", "right", "counters", "fewer", "charts", "list", "settings", "play", "map"]
View = Literal["network", "charts", "map"]
_NUMBER: Final = re.compile(r"\{([^{}]*)\}")
_CONDITION: Final = re.compile(r"\s*([\w.]+)\s*(<=|>=|==|!=|<|>)\s*([\w.-]+)\s*")
_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}


class Text(Table):
    """What is said, by language; a text of its own counts as English."""

    en: str = key("In English.", min_length=1, max_length=MOST_TEXT)
    es: str | None = key("In Spanish; left out, the English is shown.", None, max_length=MOST_TEXT)

    def in_(self, language: str) -> str:
        """In this language, or in English."""
        return (self.es if language == "es" else None) or self.en


def _as_text(given: Any) -> Any:
    return {"en": given} if isinstance(given, str) else given


Words = Annotated[Text, BeforeValidator(_as_text)]


class Answer(Text):
    """What is said when the condition holds."""

    when: str | None = key("A comparison such as `fewer_victims > 0`; left out, it always holds.", None, max_length=80)


class Step(Table):
    """One step: something changes, days go by, something is said and asked, and answered from the run."""

    say: Words | None = key("What is told first.", None)
    start_again: dict[str, Any] | None = key("Start again with these settings changed; the dice stay.", None)
    change: dict[str, Any] | None = key("Settings that change now, without a new start.", None)
    run_to_day: int | None = key("Play on until so many days have been lived.", None, unit="days", ge=1, le=2800)
    view: View | None = key("Which view is shown.", None)
    highlight: tuple[
        Literal["left", "right", "counters", "fewer", "charts", "list", "settings", "play", "map"], ...
    ] = key("Places on the page that are framed.", (), strict=False)
    others: bool = key("Also live the same days with twenty other dice, for `others_` numbers.", False)
    keep: str | None = key("Keep the numbers of this moment under this name.", None, pattern=r"^[a-z][a-z_]{0,20}$")
    ask: Words | None = key("The question to the room.", None)
    answers: tuple[Answer, ...] = key("The first whose condition holds is given.", (), strict=False, max_length=8)


class Lesson(Table):
    """A lesson file."""

    title: Words = key("Its name in the list.")
    summary: Words = key("One sentence on what it shows.")
    order: int = key("Place in the list.", 1000)
    settings: dict[str, Any] = key("Settings of the first run; the others have their defaults.", {})
    steps: tuple[Step, ...] = key("The steps, in order.", strict=False, max_length=40)

    def told(self, name: str, language: str) -> dict[str, Any]:
        """For the page, in one language; answers stay here until they can be filled."""
        plain = ("run_to_day", "view", "highlight", "change", "start_again", "others", "keep")
        steps = [
            {
                **{field: getattr(step, field) for field in plain},
                "say": step.say.in_(language) if step.say else "",
                "ask": step.ask.in_(language) if step.ask else "",
                "answers": bool(step.answers),
            }
            for step in self.steps
        ]
        return {"name": name, "title": self.title.in_(language), "settings": self.settings, "steps": steps}

    def filled(
        self, index: int, part: Literal["say", "ask", "answer"], numbers: Mapping[str, float], language: str
    ) -> str:
        """What a step says or asks, or the answer that holds, with the run's numbers; empty where there is none."""
        step = self.steps[index]
        if part != "answer":
            text = step.say if part == "say" else step.ask
            return _fill(text.in_(language), numbers) if text else ""
        holds = (answer for answer in step.answers if answer.when is None or _holds(answer.when, numbers))
        answer = next(holds, None)
        return _fill(answer.in_(language), numbers) if answer else ""


def load_lessons(folder: Path | None = None) -> dict[str, Lesson]:
    """The shipped lessons, and those of `folder` (same name: the folder's), by name, in order. InputError."""
    if folder is not None and not folder.is_dir():
        raise InputError("there is no such folder", where=str(folder), remedy="Give a folder that holds lesson files.")
    files = {file.stem: file for place in (SHIPPED, folder) if place for file in sorted(place.glob("*.toml"))}
    if len(files) > MOST_LESSONS:
        raise InputError(f"there are {len(files)} lessons", where=str(folder), remedy=f"{MOST_LESSONS} are the most.")
    lessons = {name: read_lesson(file) for name, file in files.items()}
    return dict(sorted(lessons.items(), key=lambda item: (item[1].order, item[0])))


def read_lesson(file: Path) -> Lesson:
    """One lesson file, everything in it looked up. InputError with file, line, key and remedy."""
    source = read_source(file)
    try:
        lesson = Lesson.model_validate(source.content)
    except ValidationError as failure:
        raise input_error(source, failure, Lesson) from None
    if not lesson.steps:  # told here: as a rule of the schema it would be told beside every fault of a step
        raise InputError("the lesson has no steps", where=source.where("steps"), remedy="Add [[steps]].")
    _check_settings(source, lesson.settings, "settings", restart=True)
    kept: list[str] = []
    for index, step in enumerate(lesson.steps):
        _check_settings(source, step.start_again or {}, "steps", index, "start_again", restart=True)
        _check_settings(source, step.change or {}, "steps", index, "change", restart=False)
        _check_numbers(source, step, index, kept)
        if step.keep:
            kept.append(step.keep)
    return lesson


def _check_settings(source: Source, given: Mapping[str, Any], *path: str | int, restart: bool) -> None:
    for name, value in given.items():
        where = source.where(*path, name)
        if name in AT_RESTART and not restart:
            remedy = "Put it under start_again instead of change."
            raise InputError(f"'{name}' takes effect at the next start only", where=where, remedy=remedy)
        try:
            Settings().changed({name: value})
        except InputError as error:
            raise InputError(error.message, where=where, remedy=error.remedy) from None


def _check_numbers(source: Source, step: Step, index: int, kept: Sequence[str]) -> None:
    """Every number that a text or a condition names must be one that a run has by then."""
    texts: list[tuple[str, Text | None]] = [("say", step.say), ("ask", step.ask)]
    for part, text in [*texts, *(("answers", answer) for answer in step.answers)]:
        where = source.where("steps", index, part)
        for language in LANGUAGES:
            for name in _NUMBER.findall(text.in_(language) if text else ""):
                _check_number(name, kept, step.others, where)
    for number, answer in enumerate(step.answers):
        where = source.where("steps", index, "answers", number, "when")
        if answer.when is not None:
            parts = _CONDITION.fullmatch(answer.when)
            if not parts:
                remedy = "Write a comparison of a number's name with another or with a figure: fewer_victims > 0."
                raise InputError(f"'{answer.when}' is no condition", where=where, remedy=remedy)
            for side in (parts[1], parts[3]):
                if not _figure(side):
                    _check_number(side, kept, step.others, where)
    if step.ask and not step.answers:
        where = source.where("steps", index, "ask")
        raise InputError("the question has no answer", where=where, remedy="Add [[steps.answers]] below it.")
    if step.answers and step.answers[-1].when is not None:
        where = source.where("steps", index, "answers", len(step.answers) - 1, "when")
        remedy = "Leave out `when` in the last answer, so that one always holds."
        raise InputError("it may be that no answer holds", where=where, remedy=remedy)


def _check_number(name: str, kept: Sequence[str], others: bool, where: str) -> None:
    prefix, _, own = name.rpartition(".")
    if prefix and prefix not in kept:
        remedy = nearest(prefix, kept) if kept else "No earlier step has `keep`."
        raise InputError(f"nothing was kept as '{prefix}' before", where=where, remedy=remedy)
    known = (*TALLY, *OTHERS)
    if own not in known:
        raise InputError(f"there is no number '{own}'", where=where, remedy=nearest(own, known))
    if own in OTHERS and not prefix and not others:
        raise InputError(f"'{own}' needs other dice", where=where, remedy="Add others = true to the step.")


def _figure(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _holds(condition: str, numbers: Mapping[str, float]) -> bool:
    parts = _CONDITION.fullmatch(condition)
    assert parts, "conditions were checked as the file was read"
    one, other = (float(side) if _figure(side) else numbers.get(side, 0.0) for side in (parts[1], parts[3]))
    return _COMPARED[parts[2]](one, other)


def _fill(text: str, numbers: Mapping[str, float]) -> str:
    def shown(found: re.Match[str]) -> str:
        value = numbers.get(found[1])
        return "–" if value is None else f"{value:g}".replace("-", "−")

    return _NUMBER.sub(shown, text)
