"""What a room waits for: the demonstration in a real Chromium, its server in a process of its own as users have it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import Result
from cms_sim.errors import InputError, RunError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_ROOT = Path(__file__).resolve().parents[1]
_PAGES = 20
_CALENDAR_DAYS = 2892
"""Of a run from its first day to its last."""
_HOUR_DAYS = 54_000
"""What an hour of play at 15 days a second lives."""
_EACH_DAY_DRAWN = """async (days) => {
  const { player } = window.cmsSim;
  const began = performance.now();
  for (let day = 0; day < days; day += 1) {
    await new Promise(requestAnimationFrame);
    await player.go(1);
  }
  return days / ((performance.now() - began) / 1000);
}"""
_LIVE = """async (days) => {
  const { player, store } = window.cmsSim;
  for (let day = 0; day < days; day += 31) {
    await player.go(31);
    if (store.now.ended) document.getElementById("again").click();
    while (store.now.ended) await new Promise(requestAnimationFrame);
  }
}"""
_WATCH_CLICKS = """() => {
  window.answered = [];
  let pressed = 0;
  addEventListener("click", (event) => (pressed = event.timeStamp), true);
  const dialog = document.getElementById("dialog");
  new MutationObserver(() => {
    if (dialog.open) requestAnimationFrame(() => setTimeout(() => window.answered.push(performance.now() - pressed)));
  }).observe(dialog, { attributes: true, attributeFilter: ["open"] });
}"""
_ANSWERED = """async (count) => {
  const ends = performance.now() + 2000;
  while (window.answered.length < count && performance.now() < ends) await new Promise((done) => setTimeout(done, 20));
  return window.answered.length >= count;
}"""
_OPEN_CONFLICT = """() => {
  const network = window.cmsSim.networks[0];
  const { left, top } = network.canvas.getBoundingClientRect();
  const conflict = [...network.last.open.values()].at(-1);
  if (!conflict) return null;
  return [left + network.x(conflict.a) / network.ratio, top + network.y(conflict.a) / network.ratio];
}"""


def demo_start_s() -> Result:
    """From the command to a page that shows its first day, in a browser that runs already; the middle of three."""
    with _browser() as browser:
        times = []
        for _ in range(4):  # the first warms the cache
            began = time.perf_counter()
            with _served() as server:
                _opened(browser, server.address).close()
                times.append(time.perf_counter() - began)
    return "demo_start_s", statistics.median(times[1:]), "s"


def demo_days_per_s() -> Result:
    """Days a second, each drawn on both sides, 2,000 residents each, in a window of 1280 x 720, after a year."""
    with _browser() as browser, _served() as server:
        page = _opened(browser, server.address)
        page.evaluate(_LIVE, 365)
        page.evaluate(_EACH_DAY_DRAWN, 30)
        rate = page.evaluate(_EACH_DAY_DRAWN, 300)
        page.fill("#speed", "6")
        first, began = page.evaluate("window.cmsSim.player.day"), time.perf_counter()
        page.click("#play")
        page.wait_for_timeout(5000)
        played = (page.evaluate("window.cmsSim.player.day") - first) / (time.perf_counter() - began)
        print(f"with Play at 30 days a second, some days drawn together: {played:.1f} days a second")
    return "demo_days_per_s", rate, "days/s"


def demo_click_ms() -> Result:
    """From a click on a conflict to its family tree on the page, while playing 15 days a second: 95 of 100 within."""
    with _browser() as browser, _served() as server:
        page = _opened(browser, server.address)
        page.evaluate(_LIVE, 365)
        page.evaluate(_WATCH_CLICKS)
        page.fill("#speed", "5")
        for asked in range(1, 41):
            page.click("#play")
            page.wait_for_timeout(300)
            answered = False
            while not answered:  # a conflict may end before the click comes to it
                if place := page.evaluate(_OPEN_CONFLICT):
                    page.mouse.click(*place)
                answered = page.evaluate(_ANSWERED, asked)
            page.keyboard.press("Escape")
        times = sorted(page.evaluate("window.answered"))
    print(f"half within {statistics.median(times):.0f} ms, the slowest of {len(times)} {times[-1]:.0f} ms")
    return "demo_click_ms", times[int(0.95 * len(times))], "ms"


def demo_server_mb() -> Result:
    """Resident memory of the server at its highest while one page lives a whole calendar."""
    return "demo_server_mb", _hour()["highest_mb"], "MB"


def demo_hour_growth_mb() -> Result:
    """Growth of server and page together over as many days as an hour at 15 a second lives, after one calendar."""
    hour = _hour()
    print(f"{_HOUR_DAYS:,} days lived in {hour['minutes']:.1f} minutes instead of 60, 31 days drawn together")
    print(f"server {hour['server_growth_mb']:+.1f} MB, page {hour['page_growth_mb']:+.1f} MB")
    return "demo_hour_growth_mb", hour["server_growth_mb"] + hour["page_growth_mb"], "MB"


def demo_pages() -> Result:
    """Pages that play at once, each with dice and a pair of its own; the second round shows that closing frees."""
    with _browser() as browser, _served() as server:
        rounds = [_round(browser, server) for _ in range(2)]
    for lived, seeds, open_mb, closed_mb in rounds:
        print(f"{lived / _PAGES:.1f} days a second each; server {open_mb:.0f} MB, {closed_mb:.0f} MB with all closed")
        if seeds != set(range(1, _PAGES + 1)):
            raise RunError("pages had the dice of others", where="demo_pages")
    if rounds[1][3] > rounds[0][3] + 10.0:
        raise RunError("closed pages were not freed", where="demo_pages")
    return "demo_pages", _PAGES, "pages"


@cache
def _hour() -> dict[str, float]:
    with _browser() as browser, _served() as server:
        page = _opened(browser, server.address)
        page.evaluate(_LIVE, _CALENDAR_DAYS + 400)
        highest, before, heap = server.highest_mb, server.resident_mb, _heap_mb(page)
        began = time.perf_counter()
        for _ in range(_HOUR_DAYS // 3000):  # in parts: an answer is waited for 30 s only
            page.evaluate(_LIVE, 3000)
        minutes = (time.perf_counter() - began) / 60.0
        grown = {"server_growth_mb": server.resident_mb - before, "page_growth_mb": _heap_mb(page) - heap}
    return {"highest_mb": highest, "minutes": minutes, **grown}


def _round(browser: Browser, server: _Server) -> tuple[float, set[int], float, float]:
    """All pages play for ten seconds: days a second in all, their dice, MB of the server meanwhile and when closed."""
    pages = [_opened(browser, server.address, seed) for seed in range(1, _PAGES + 1)]
    for page in pages:
        page.fill("#speed", "5")
        page.click("#play")
    days = [page.evaluate("window.cmsSim.player.day") for page in pages]
    began = time.perf_counter()
    pages[0].wait_for_timeout(10_000)
    lived = sum(page.evaluate("window.cmsSim.player.day") for page in pages) - sum(days)
    rate = lived / (time.perf_counter() - began)
    seeds = {page.evaluate("window.cmsSim.store.settings.seed") for page in pages}
    open_mb = server.resident_mb
    for page in pages:
        page.context.close()
    time.sleep(1.0)
    return rate, seeds, open_mb, server.resident_mb


class _Server:
    """A running server: where it answers, and its memory."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        said = process.stdout.readline()
        self.address = next((word for word in said.split() if word.startswith("http://")), "")
        self._process = process
        if not self.address:
            raise RunError("the demonstration did not start", where="cms-sim demo")

    @property
    def resident_mb(self) -> float:
        return self._status("VmRSS")

    @property
    def highest_mb(self) -> float:
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024.0


@contextmanager
def _served() -> Iterator[_Server]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-u", str(_ROOT / "run_sim.py"), "demo", "--no-browser"]
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _Server(process)
        finally:
            process.terminate()


@contextmanager
def _browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise InputError("Playwright is not installed", remedy="Install it: pip install 'cms-sim[dev]'") from None
    from tests.chromium import ARGUMENTS, find_chromium

    found = find_chromium()
    if found is None:
        raise InputError("there is no Chromium here", remedy="Install Chromium, or run: playwright install chromium")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def _opened(browser: Browser, address: str, seed: int | None = None) -> Page:
    """A page of its own context, ready, with these dice."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector("body[data-ready=yes]")
    if seed:
        page.click('[data-tab="settings"]')
        page.fill("#set-seed", str(seed))
        page.keyboard.press("Tab")
        page.click("#again")
        page.wait_for_selector("#notice:not([hidden])")
    return page


def _heap_mb(page: Page) -> float:
    """What the page's own objects hold once the rest is cleared away."""
    line = page.context.new_cdp_session(page)
    line.send("HeapProfiler.collectGarbage")
    used: Any = line.send("Runtime.getHeapUsage")
    line.detach()
    return float(used["usedSize"] + used.get("backingStorageSize", 0.0)) / 2**20
