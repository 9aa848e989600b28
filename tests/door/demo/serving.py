"""A server of the demonstration in a thread, and a browser to look at it with."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cms_sim.door.demo.lessons import load_lessons
from cms_sim.door.demo.pair import Pair
from cms_sim.door.demo.server import HOST, Demo, configured, listen
from cms_sim.door.demo.settings import Settings
from tests.chromium import ARGUMENTS, find_chromium


@dataclass
class Served:
    """A running server."""

    demo: Demo

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.demo.port}/"

    def wait_for_pages(self, count: int) -> None:
        """Until so many pages are open."""
        ends = time.monotonic() + 30.0
        while self.demo.open_pages != count:
            assert time.monotonic() < ends, f"{self.demo.open_pages} pages are open, not {count}"
            time.sleep(0.02)


@contextmanager
def serving(lessons: Path | None = None, port: int = 0) -> Iterator[Served]:
    """A server, by default on a free port, with the lessons that ship and those of a folder."""
    import uvicorn

    Pair(Settings()).advance_to(1)  # compiled and built before a browser waits for it
    listening = listen(port)
    demo = Demo(listening.getsockname()[1], load_lessons(lessons))
    server = uvicorn.Server(configured(demo))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    try:
        yield Served(demo)
    finally:
        server.should_exit = True
        thread.join(timeout=10.0)


@contextmanager
def browsing() -> Iterator[Any]:
    """A Chromium; None where there is none, or no Playwright."""
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        yield None
        return
    with sync_playwright() as tool:
        running = tool.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()
