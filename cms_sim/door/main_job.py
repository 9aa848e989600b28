"""The main job as a person sees it: progress, a table, and where the report is."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cms_sim.errors import RunError
from cms_sim.experiment.compare import Comparison, Request, compare, plans_of
from cms_sim.scenario.resolved import Scenario

if TYPE_CHECKING:
    from cms_sim.report.maps.boundaries import Boundaries


def run_and_report(request: Request, out: Path, boundaries_file: Path | None = None) -> bool:
    """Compare, write `out/<name>/`, print the table; False when Ctrl-C ended it early, with what was finished."""
    return reported(request, out, boundaries_file)[1]


def reported(request: Request, out: Path, boundaries_file: Path | None = None) -> tuple[Comparison, bool]:
    """As `run_and_report`, with the comparison.

    Whatever can be refused is refused before anything is made. When a worker is lost, what was finished is written and
    then its RunError raised.
    """
    from cms_sim.report.terminal import print_summary
    from cms_sim.report.write import check_replaceable, check_writable, write_report

    whole, part = out / request.name, out / f"{request.name}-interrupted"
    boundaries = _boundaries(plans_of(request)[0], boundaries_file)
    check_writable(out)
    for folder in (whole, part):
        check_replaceable(folder)
    started, clock = datetime.now(UTC), time.monotonic()
    comparison = _compare_with_progress(request)
    told = {
        "command": sys.argv[1:] or ["compare"],
        "started": started.isoformat(),
        "seconds": round(time.monotonic() - clock, 1),
    }
    with _ctrl_c_twice() as pressed:
        written = write_report(comparison, whole if comparison.whole else part, told, boundaries)
    print_summary(comparison.results)
    click.echo(f"Report: {written / 'report.html'}")
    if not comparison.whole:
        finished = comparison.results.replicates
        click.echo(f"Interrupted: this is from {finished} of {request.replicates} replicates.", err=True)
    if isinstance(comparison.ended_by, RunError):
        raise comparison.ended_by
    return comparison, not (comparison.ended_by or pressed)


def _boundaries(plan: Scenario, file: Path | None) -> Boundaries | None:
    """The precincts' own shapes, read before anything is run."""
    if file is None:
        return None
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.report.maps.boundaries import load_boundaries

    return load_boundaries(file, load_city_tables(plan.frame.city_folder), plan.frame.precincts)


@contextmanager
def _ctrl_c_twice() -> Iterator[list[int]]:
    """While the report is written, the first Ctrl-C only asks (and is told of): it takes seconds, the runs longer."""
    pressed: list[int] = []

    def ask(number: int, _: object) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("The report is being written, which takes seconds; Ctrl-C again drops it.", err=True)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _compare_with_progress(request: Request) -> Comparison:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Starting", total=request.replicates)
        return compare(
            request,
            on_stage=lambda stage: progress.update(task, description=stage),
            on_progress=lambda finished: progress.update(task, completed=finished),
        )


def solve_bank(draws: int | None, hypothesis: str | None, workers: int) -> None:
    """Solve and write the banks of levels that the package ships."""
    from cms_sim.experiment.bank import write_bank

    for line in write_bank(draws, hypothesis, workers):
        click.echo(line)
