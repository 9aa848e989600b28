"""`cms-sim calibrate`: progress, what was learned of each parameter, and where the posteriors are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.door.progress import progress
from cms_sim.experiment.draws import uncertain_parameters
from cms_sim.experiment.posterior import FOLDER, posterior_file, write_posterior

if TYPE_CHECKING:
    from cms_sim.evaluation.calibration.calibrate import Calibration, Fitted

WIDTH = 96
"""Characters that the table needs."""
HEADINGS = ("parameter", "prior 90%", "mean", "posterior 90%", "learned", "in 50%", "in 90%")


def calibrate(name: str | None, draws: int, seed: int, workers: int, ship: bool, as_json: bool, out: Path) -> bool:
    """Calibrate one hypothesis, or each; False when Ctrl-C ended it early."""
    names = [hypothesis(name).name] if name else list(load_hypotheses())
    try:
        found = {each: _calibrated(each, draws, seed, workers, out / each) for each in names}
    except KeyboardInterrupt:
        click.echo("Interrupted. What is finished is kept; to go on, give the same command again.", err=True)
        return False
    if ship:
        for each, calibration in found.items():
            for variant, fitted in calibration.fitted.items():
                write_posterior(fitted.posterior, posterior_file(each, variant, FOLDER))
    if as_json:
        click.echo(json.dumps({each: _told(calibration) for each, calibration in found.items()}, indent=1))
        return True
    for each, calibration in found.items():
        _show(each, calibration)
    click.echo(f"Posteriors: {out}{'; and in the package. Now solve their levels: cms-sim levels' if ship else ''}")
    return True


def _calibrated(name: str, draws: int, seed: int, workers: int, folder: Path) -> Calibration:
    from cms_sim.evaluation.calibration.calibrate import calibrate as run

    with progress() as show:
        return run(name, folder, draws, seed, workers, lambda done, of: show(f"Histories under '{name}'", done, of))


def _show(name: str, calibration: Calibration) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    fitted = calibration.fitted[""]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, no_wrap=True)
    click.echo(f"\n{hypothesis(name).title}: {fitted.posterior.histories:,} histories")
    for row in rows_of(fitted):
        table.add_row(*row)
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)
    unknown = [each.name for each in fitted.recovered if not each.is_identified]
    if unknown:
        click.echo(f"Not identified by these statistics: {', '.join(unknown)}.")


def rows_of(fitted: Fitted) -> list[tuple[str, ...]]:
    """The table's cells, a row for each calibrated parameter."""
    posterior, rows = fitted.posterior, []
    priors = uncertain_parameters(hypothesis(posterior.hypothesis))
    values = np.array(posterior.values)
    for each in fitted.recovered:
        sample = values[:, posterior.names.index(each.name)]
        low, high = np.quantile(sample, [0.05, 0.95])
        prior = priors[each.name]
        cells = (
            each.name,
            f"{_short(prior.quantile(0.05))} to {_short(prior.quantile(0.95))}",
            _short(float(sample.mean())),
            f"{_short(low)} to {_short(high)}",
            f"{each.contraction:.2f}",
            *(f"{share:.0%}" for share in each.coverage.values()),
        )
        rows.append(cells)
    return rows


def _short(value: float) -> str:
    """Two digits, and whole numbers from a hundred on."""
    return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"


def _told(calibration: Calibration) -> dict[str, object]:
    return {
        variant or "all": {"histories": fitted.posterior.histories, "checks": dict(fitted.posterior.checks)}
        for variant, fitted in calibration.fitted.items()
    }
