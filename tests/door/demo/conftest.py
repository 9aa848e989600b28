"""A server of the demonstration for all tests, and pages of it in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.door.demo.serving import Served, browsing, serving

PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with browsing() as running:
        if running is None:
            pytest.skip("no Chromium or no Playwright on this machine")
        yield running


Open = Callable[..., Any]


@pytest.fixture
def open_page(served: Served, browser: Any) -> Iterator[Open]:
    """Opens a page of the demonstration, ready; nothing on it may fail, and it may fetch from its server only."""
    faults: list[str] = []
    contexts: list[Any] = []

    def open_one(context: Any = None, at: Served = served, **options: Any) -> Any:
        if context is None:
            context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("request", lambda asked: _check_address(asked.url, at, faults))
        page.goto(at.url)
        page.wait_for_selector("body[data-ready=yes]")
        return page

    yield open_one
    for context in contexts:
        context.close()
    served.wait_for_pages(0)
    assert faults == []


def _check_address(url: str, served: Served, faults: list[str]) -> None:
    own = (served.url, served.url.replace("http", "ws"), "data:", "blob:", "file:")
    if not url.startswith(own):
        faults.append(f"fetched {url}")
