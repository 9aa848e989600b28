"""The main job as a person sees it: progress, a table, and where the report is."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from cms_sim.experiment.compare import Comparison, Request, compare


def run_and_report(request: Request, out: Path) -> bool:
    """Compare, write `out/<name>/`, print the table; False when Ctrl-C ended it early, with what was finished."""
    from cms_sim.report.terminal import print_summary
    from cms_sim.report.write import check_writable, write_report

    folder = out / request.name
    check_writable(out)
    started, clock = datetime.now(UTC), time.monotonic()
    comparison = _compare_with_progress(request)
    if not comparison.whole:
        folder = folder.with_name(f"{folder.name}-interrupted")
    told = {"command": sys.argv[1:], "started": started.isoformat(), "seconds": round(time.monotonic() - clock, 1)}
    written = write_report(comparison, folder, told)
    print_summary(comparison.results)
    click.echo(f"Report: {written / 'report.html'}")
    if not comparison.whole:
        finished, asked = len(comparison.results.counts), request.replicates
        click.echo(f"Interrupted: this is from {finished} of {asked} replicates.", err=True)
    return comparison.whole


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

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
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
