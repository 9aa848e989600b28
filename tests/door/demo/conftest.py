"""A server of the demonstration in a thread, and a browser that looks at it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cms_sim.door.demo.lessons import load_lessons
from cms_sim.door.demo.server import HOST, Demo, configured, listen
from tests.chromium import ARGUMENTS, find_chromium

PATIENCE_MS = 60_000


@dataclass
class Served:
    """A running server."""

    demo: Demo

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.demo.port}/"

    def wait_for_pages(self, count: int) -> None:
        """Until so many pages are open."""
        ends = time.monotonic() + 10.0
        while self.demo.open_pages != count:
            assert time.monotonic() < ends, f"{self.demo.open_pages} pages are open, not {count}"
            time.sleep(0.02)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    import uvicorn

    listening = listen(0)
    demo = Demo(listening.getsockname()[1], load_lessons())
    server = uvicorn.Server(configured(demo))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield Served(demo)
    server.should_exit = True
    thread.join(timeout=10.0)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as tool:
        running = tool.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


Open = Callable[..., Any]


@pytest.fixture
def open_page(served: Served, browser: Any) -> Iterator[Open]:
    """Opens a page of the demonstration, ready; nothing on it may fail, and it may fetch from its server only."""
    faults: list[str] = []
    contexts: list[Any] = []

    def open_one(context: Any = None, **options: Any) -> Any:
        if context is None:
            context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("request", lambda asked: _check_address(asked.url, served, faults))
        page.goto(served.url)
        page.wait_for_selector("body[data-ready=yes]")
        return page

    yield open_one
    for context in contexts:
        context.close()
    served.wait_for_pages(0)
    assert faults == []


def until(page: Any, says: str, arg: Any = None) -> None:
    """Until an expression is true on the page. The page forbids `eval`, which Playwright's own waiting needs."""
    ends = time.monotonic() + PATIENCE_MS / 1000.0
    while not page.evaluate(says, arg):
        assert time.monotonic() < ends, f"never came true: {says} with {arg}"
        page.wait_for_timeout(20)


def _check_address(url: str, served: Served, faults: list[str]) -> None:
    own = (served.url, served.url.replace("http", "ws"), "data:", "blob:", "file:")
    if not url.startswith(own):
        faults.append(f"fetched {url}")
