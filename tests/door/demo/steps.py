"""What a person does on the page, step by step: for tests and for pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from cms_sim.door.demo.lessons import Lesson, load_lessons

PATIENCE_S = 60.0
MAP_PATIENCE_MS = 240_000
"""A city of three million may have to be built first."""
VIEWS = ["network", "charts", "map", "settings", "list", "words", "take", "tree", "luck", "help", "lesson", "small"]
_AT_STEP = """([n, of]) => {
  const said = document.querySelector('#tab-lessons .quiet');
  return said && (said.textContent.match(/[0-9]+/g) || []).join() === `${n},${of}`;
}"""


def until(page: Any, says: str, arg: Any = None) -> None:
    """Until an expression is true on the page. The page forbids `eval`, which Playwright's own waiting needs."""
    ends = time.monotonic() + PATIENCE_S
    while not page.evaluate(says, arg):
        assert time.monotonic() < ends, f"never came true: {says} with {arg}"
        page.wait_for_timeout(20)


def go_to(page: Any, date: str) -> None:
    """Jump to a date and be there."""
    page.fill("#jump-date", date)
    page.click("#jump button")
    until(page, "date => window.cmsSim.store.now.date === date", date)


def tab(page: Any, name: str) -> None:
    """Open a panel."""
    page.click(f'[data-tab="{name}"]')


def slide(page: Any, name: str, value: float) -> None:
    """Move a slider as a hand does: input while it moves, change when it is let go."""
    page.eval_on_selector(
        f"#set-{name}",
        "(node, value) => { node.value = value; node.dispatchEvent(new Event('input'));"
        " node.dispatchEvent(new Event('change')); }",
        value,
    )


def speak(page: Any, language: str) -> None:
    """Choose a language and have it."""
    page.select_option("#language", language)
    until(page, "wanted => document.documentElement.lang === wanted", language)


def show(page: Any, view: str) -> None:
    """Bring up a view, a panel or a dialog of `VIEWS`, from whatever is on the page."""
    page.keyboard.press("Escape")
    page.click('[data-view="network"]')
    if view in ("charts", "map"):
        page.click(f'[data-view="{view}"]')
        page.wait_for_selector(f"#{view} svg", timeout=MAP_PATIENCE_MS)
        page.eval_on_selector(f"#{view} details", "details => { details.open = true; }")
        page.wait_for_selector(f"#{view} tbody tr")
    elif view in ("settings", "list", "words", "take"):
        tab(page, view)
        page.wait_for_selector(f"#tab-{view} *", state="attached")
    elif view == "tree":
        tab(page, "list")
        page.click("#tab-list .card >> nth=0")
        page.click("dialog summary")
    elif view == "lesson":
        tab(page, "lessons")
        page.click("[data-lesson] >> nth=0")
        page.wait_for_selector("#tab-lessons .main-button")
    elif view == "small":
        page.set_viewport_size({"width": 320, "height": 800})
    elif view != "network":
        page.click(f"#{view}")
        page.wait_for_selector("dialog[open] svg, dialog[open] table")


def steps_of(page: Any, name: str, lesson: Lesson) -> Iterator[int]:
    """Go through a lesson from its start to its end; yields each step's number when its answer is on the page."""
    page.click(f'[data-lesson="{name}"]')
    for number, step in enumerate(lesson.steps, start=1):
        until(page, _AT_STEP, [number, len(lesson.steps)])
        if step.run_to_day and page.locator("#tab-lessons [role=status]").count():
            page.click("#tab-lessons [role=status] + button")
        page.wait_for_selector("#tab-lessons .main-button")
        if step.ask:
            page.click("#tab-lessons .main-button")
            page.wait_for_selector(".shown:not([hidden])")
        yield number
        page.click("#tab-lessons .main-button")
    page.wait_for_selector("[data-lesson]")


def through(page: Any) -> Iterator[tuple[str, int]]:
    """Every step of every lesson that ships."""
    for name, lesson in load_lessons().items():
        for number in steps_of(page, name, lesson):
            yield name, number
