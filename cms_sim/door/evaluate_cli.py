"""`cms-sim evaluate`: every estimator on a record, a download or simulated runs, as a person or a machine reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cms_sim.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

    from cms_sim.evaluation.estimators.estimate import Estimate
    from cms_sim.evaluation.estimators.sources import Sample

REPLICATES = 16


@click.command()
@click.argument("source", default="record")
@click.option("--sites", default="", help="Precincts under study, with commas between (default: all that can be).")
@click.option("--count", "outcome", default="victims", help="What is counted: victims (default) or incidents.")
@click.option(
    "--replicates", type=click.IntRange(1), default=REPLICATES, help=f"Of simulated runs (default {REPLICATES})."
)
@click.option("--json", "as_json", is_flag=True, help="Print the same for machines.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder for table and pictures."
)
def evaluate(source: str, sites: str, outcome: str, replicates: int, as_json: bool, out: Path | None) -> None:
    """Estimate what sites changed: before and after, with controls, event study, regressions, placebos.

    SOURCE is `record` (the packaged one), a folder of results, a city's folder, or the police department's published
    shootings (CSV)."""
    from cms_sim.evaluation.estimators.libraries import check_libraries

    check_libraries()
    from cms_sim.evaluation.estimators.sources import samples

    chosen = _numbers(sites)
    if out is not None:
        from cms_sim.report.write import check_writable

        check_writable(out)
    found = samples(source, outcome, chosen)
    results = [(sample, _estimates(sample, replicates)) for sample in found]
    if out is not None:
        _write(results, out)
    if as_json:
        click.echo(json.dumps([_as_json(sample, estimates) for sample, estimates in results], indent=2))
        return
    for sample, estimates in results:
        for line in _lines(sample, estimates):
            click.echo(line)


def _numbers(sites: str) -> tuple[int, ...]:
    """Precincts as they were written; none where nothing was."""
    try:
        numbers = tuple(int(number) for number in sites.split(",") if number.strip())
    except ValueError:
        numbers = ()
    if sites and not numbers:
        remedy = "Write precincts with commas between, such as 73,75."
        raise InputError(f"'{sites}' is not a list of precincts", where="--sites", remedy=remedy)
    return numbers


def _estimates(sample: Sample, replicates: int) -> list[Estimate]:
    from cms_sim.evaluation.estimators.battery import ESTIMATORS, estimate_all, over_replicates

    panels = sample.panels[:replicates]
    with _progress() as progress:
        task = progress.add_task(f"Evaluating {sample.name}", total=len(panels) * len(ESTIMATORS))
        by_replicate = [estimate_all(panel, lambda: progress.advance(task)) for panel in panels]
    if not sample.simulated:
        return by_replicate[0]
    return [replace(each, name=f"{sample.name}.{each.name}") for each in over_replicates(by_replicate)]


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress


def _lines(sample: Sample, estimates: list[Estimate]) -> Iterator[str]:
    """Sites and truth, then what estimates are made of, then a line for each estimator."""
    panel = sample.panels[0]
    yield f"{sample.name}: {panel.months[0]} to {panel.months[-1]}, {len(panel.precincts)} precincts"
    yield f"  sites under study: {', '.join(map(str, panel.sites))}"
    if sample.true_percent is not None:
        yield f"  true change in the 24 months from the start on, which only runs can tell: {sample.true_percent:.2f}%"
    for estimate in estimates:
        if not estimate.known:
            continue
        yield f"{estimate.name}: {'; '.join((f'{estimate.n:,} {estimate.n_of}', *estimate.notes))}"
        for part in estimate.parts:
            yield f"  {part.line()}" + (f"  [{'; '.join(part.notes)}]" if part.notes else "")
    yield ""
    for estimate in estimates:
        yield estimate.line()


def _as_json(sample: Sample, estimates: list[Estimate]) -> dict[str, object]:
    panel = sample.panels[0]
    return {
        "name": sample.name,
        "simulated": sample.simulated,
        "months": [str(panel.months[0]), str(panel.months[-1])],
        "sites": list(panel.sites),
        "true_percent": sample.true_percent,
        "estimates": [estimate.as_json() for estimate in estimates],
    }


def _write(results: list[tuple[Sample, list[Estimate]]], out: Path) -> None:
    """`estimates.csv`, and for each sample the two pictures that its estimates allow."""
    import pandas as pd

    from cms_sim.report.estimate_plots import spread_plot, years_plot
    from cms_sim.report.tables import csv_bytes

    rows = [
        {"sample": sample.name, **row} for sample, estimates in results for each in estimates for row in each.rows()
    ]
    out.mkdir(parents=True, exist_ok=True)
    (out / "estimates.csv").write_bytes(csv_bytes(pd.DataFrame(rows)))
    for sample, estimates in results:
        by_name = {each.name.removeprefix(f"{sample.name}."): each for each in estimates}
        panel, pictures = sample.panels[0], []
        place = f"{sample.name}, {panel.months[0]} to {panel.months[-1]}, {len(panel.starts)} sites"
        if by_name["event_study"].parts:
            pictures.append(years_plot(by_name["event_study"], place))
        if by_name["placebo_random_starts"].draws and not sample.simulated:
            pictures.append(spread_plot(by_name["placebo_random_starts"], by_name["before_after_rest_of_city"], place))
        for picture in pictures:
            name = f"{sample.name}_{picture.name}" if sample.simulated else picture.name
            replace(picture, name=name).finished().write(out)
