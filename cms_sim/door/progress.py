"""How far a long command is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

LINE_EVERY_S: Final = 15.0
Show = Callable[[str, int, int], None]
"""Is told what is done, how many of it, and of how many."""


@contextmanager
def progress() -> Iterator[Show]:
    """What shows it, on the error stream; a bar for each thing that is done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bars:
        known: dict[str, TaskID] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in known:
                known[what] = bars.add_task(what, total=of)
            bars.update(known[what], completed=done, total=of)

        yield show


def _lines() -> Show:
    due: dict[str, float] = {}

    def show(what: str, done: int, of: int) -> None:
        if time.monotonic() >= due.get(what, 0.0) or done == of:
            due[what] = time.monotonic() + LINE_EVERY_S
            click.echo(f"{what}: {done:,} of {of:,}", err=True)

    return show
