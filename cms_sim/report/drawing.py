"""Draws the pictures beside everything else: pictures take most of a report's time, and one needs no other.

On Linux in processes that are copies of this one, which start at once and hold the results already; elsewhere, and on
one core, here. The bytes are the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from cms_sim.experiment.pool import end_with_main, usable_cores
from cms_sim.report.pictures import painters
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import Drawing

_sheet: Sheet | None = None


@contextmanager
def being_drawn(sheet: Sheet) -> Iterator[Callable[[], list[Drawing]]]:
    """Begin to draw every picture of `sheet`; what it yields waits for them, in the order of the page."""
    count = len(painters(sheet))
    processes = min(usable_cores(), count) if sys.platform == "linux" else 1
    if processes == 1:
        yield lambda: _here(sheet)
        return
    sheet.prepare()
    with ProcessPoolExecutor(processes, get_context("fork"), _begin_worker, (sheet,)) as pool:
        begun = [pool.submit(_draw, number) for number in range(count)]

        def drawings() -> list[Drawing]:
            try:
                return [drawing.result() for drawing in begun]
            except BrokenProcessPool:  # short of memory, perhaps: one at a time needs less
                return _here(sheet)

        yield drawings


def _here(sheet: Sheet) -> list[Drawing]:
    return [paint(sheet).finished() for paint in painters(sheet)]


def _begin_worker(sheet: Sheet) -> None:
    global _sheet
    end_with_main()
    _sheet = sheet


def _draw(number: int) -> Drawing:
    assert _sheet is not None
    return painters(_sheet)[number](_sheet).finished()
