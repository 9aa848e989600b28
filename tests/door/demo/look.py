"""Pictures of the page, to be looked at: `python -m tests.door.demo.look FOLDER` (or `docs/images/demo.png`).

In a folder: every view, panel, dialog and lesson step, in both languages, on two screens of a room and in a narrow
window. In a file: the picture of docs/demo.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.door.demo.serving import browsing, serving
from tests.door.demo.steps import VIEWS, go_to, show, speak, tab, through

SIZES = {"1280": (1280, 720), "1920": (1920, 1080), "narrow": (420, 860)}


@contextmanager
def opened(browser: Any, url: str, size: tuple[int, int], language: str = "en") -> Iterator[Any]:
    """A page of this size and language, ready."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(240_000)
    page.goto(url)
    page.wait_for_selector("body[data-ready=yes]")
    speak(page, language)
    yield page
    context.close()


def a_year_on(page: Any) -> None:
    """After a year, and a few weeks played, so that marks are on the pictures."""
    go_to(page, "2021-06-28")
    for _ in range(3):
        page.click("#week")
        page.wait_for_timeout(100)


def all_views(browser: Any, url: str, folder: Path) -> None:
    """Each view and panel after a year, and each step of each lesson with its answer."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in ("en", "es"):
        for name, size in SIZES.items():
            with opened(browser, url, size, language) as page:
                a_year_on(page)
                for view in VIEWS[:-1]:
                    show(page, view)
                    page.wait_for_timeout(200)
                    page.screenshot(path=folder / f"{view}-{name}-{language}.png", full_page=name == "narrow")
        with opened(browser, url, SIZES["1280"], language) as page:
            for lesson, number in through(page):
                page.screenshot(path=folder / f"lesson-{lesson}-{number}-{language}.png")


def main(wanted: Path) -> None:
    """All pictures, or the one of the docs."""
    with serving() as served, browsing() as browser:
        if browser is None:
            sys.exit("There is no Chromium or no Playwright here.")
        if wanted.suffix != ".png":
            all_views(browser, served.url, wanted)
            return
        with opened(browser, served.url, SIZES["1280"]) as page:
            a_year_on(page)
            tab(page, "list")
            page.wait_for_selector("#tab-list .card")
            page.screenshot(path=wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
