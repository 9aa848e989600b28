"""`cms-sim sweep`: progress while it runs, where the results are, and a first look at them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

import click

from cms_sim.errors import InputError
from cms_sim.experiment.sweep.design import load_design
from cms_sim.experiment.sweep.run import Progress, run_sweep
from cms_sim.experiment.sweep.store import read_record

LINE_EVERY_S: Final = 15.0
"""Where there is no terminal, a line of progress comes so often."""
SHOWN: Final = ("victims", "averted")


def sweep(file: Path, out: Path | None, workers: int, cluster: str | None, resume: bool) -> bool:
    """Run a design to its end, or go on with it; False when Ctrl-C ended it early.

    Raises InputError for whatever cannot be run, and where `resume` finds nothing to go on with.
    """
    design = load_design(file)
    folder = out or Path("results") / file.stem
    if resume and read_record(folder) is None:
        remedy = "Leave out --resume to begin, or name the folder with --out."
        raise InputError("there is no sweep to go on with", where=str(folder), remedy=remedy)
    try:
        with _display() as display:
            done = run_sweep(design, folder, workers, cluster, display.show)
    except KeyboardInterrupt:
        kept = "What is finished is kept" if read_record(folder) else "Nothing was begun"
        click.echo(f"Interrupted. {kept}; to go on, give the same command again.", err=True)
        return False
    _conclude(folder, done)
    return True


class _Display(AbstractContextManager["_Display"], Protocol):
    def show(self, progress: Progress) -> None:
        """Show how far it is."""


def _display() -> _Display:
    from rich.console import Console

    return _Bar() if Console(stderr=True).is_terminal else _Lines()


class _Bar:
    """A bar with rate and time left, on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Left

        self._rate = _Rate()
        columns = (BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
        text = TextColumn("{task.description}")
        self._bar = Progress(text, *columns, TimeElapsedColumn(), Left(), console=Console(stderr=True))
        self._task = self._bar.add_task("Starting", total=None, rate="")

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Move the bar."""
        rate = f"{self._rate.of(progress):,.0f} runs/s" if progress.done else ""
        failed = f", {progress.failed:,} failed" if progress.failed else ""
        come = progress.found + progress.done
        stage = f"{progress.stage}{failed}"
        self._bar.update(self._task, total=progress.total, completed=come, description=stage, rate=rate)


class _Lines:
    """A line now and then, where there is no terminal."""

    def __init__(self) -> None:
        self._rate = _Rate()
        self._next = 0.0

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None

    def show(self, progress: Progress) -> None:
        """Say how far it is, unless that was said a moment ago."""
        rate = self._rate.of(progress)
        if time.monotonic() < self._next and progress.left:
            return
        self._next = time.monotonic() + LINE_EVERY_S
        come = progress.found + progress.done
        line = f"{come:,} of {progress.total:,} runs ({come / max(1, progress.total):.0%})"
        if progress.failed:
            line += f", {progress.failed:,} failed"
        if rate and progress.left:
            line += f", {rate:,.0f} runs/s, {_duration(progress.left / rate)} left"
        click.echo(line, err=True)


class _Rate:
    """Runs a second since the first of this call was under way."""

    def __init__(self) -> None:
        self._began: float | None = None

    def of(self, progress: Progress) -> float:
        """The rate so far; 0 while nothing is finished."""
        if self._began is None and progress.stage == "Running":
            self._began = time.monotonic()
        seconds = time.monotonic() - self._began if self._began is not None else 0.0
        return progress.done / seconds if seconds > 0 else 0.0


def _duration(seconds: float) -> str:
    minutes, hours = seconds / 60.0, seconds / 3600.0
    return f"{hours:.1f} h" if hours >= 2 else f"{minutes:.0f} min" if minutes >= 2 else f"{seconds:.0f} s"


def _conclude(folder: Path, done: Progress) -> None:
    """Where the results are, and each plan's victims and averted, with their range over points."""
    from cms_sim.experiment.sweep.read import load_sweep

    found = load_sweep(folder)
    if not done.done:
        click.echo("Nothing was left to run.")
    _print_table(found.plans, {outcome: found.by_plan(outcome) for outcome in SHOWN})
    failed = found.count_failed()
    if failed:
        click.echo(f"{failed:,} of {done.total:,} runs failed: the column `error` of their rows says why.", err=True)
    click.echo(f"Results: {folder}")


def _print_table(plans: Sequence[str], means: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    screen = Console()
    table = Table(box=box.SIMPLE_HEAD if screen.is_terminal else box.ASCII2, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("mean over the frame (range over points)")
    for outcome in means:
        table.add_column(outcome, justify="right", no_wrap=True)
    for plan in plans:
        table.add_row(plan, *(_cell(of_plan.get(plan)) for of_plan in means.values()))
    screen.print(table)


def _cell(means: tuple[float, float, float] | None) -> str:
    return "none succeeded" if means is None else f"{means[0]:,.1f} ({means[1]:,.1f} to {means[2]:,.1f})"
