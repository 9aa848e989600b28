"""`cms-sim calibrate`: progress, what was learned of each parameter and whether it would be found, where files are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.door.progress import progress
from cms_sim.experiment.posterior import FOLDER, posterior_file, write_posterior
from cms_sim.experiment.whole_files import words_for_the_disk

if TYPE_CHECKING:
    from cms_sim.evaluation.calibration.calibrate import Calibration
    from cms_sim.report.recovery_words import Told

WIDTH: Final = 96
"""Characters that the tables need."""


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
    told = {each: _told(calibration) for each, calibration in found.items()}
    for each, posteriors in told.items():
        _draw(posteriors, out / each)
    if as_json:
        click.echo(json.dumps({each: _for_machines(posteriors) for each, posteriors in told.items()}, indent=1))
        return True
    for posteriors in told.values():
        _show(posteriors)
    click.echo(f"Posteriors, and pictures of the ranks: {out}")
    if ship:
        click.echo("Posteriors are in the package as well. Now solve their levels: cms-sim levels")
    return True


def _calibrated(name: str, draws: int, seed: int, workers: int, folder: Path) -> Calibration:
    from cms_sim.evaluation.calibration.calibrate import calibrate as run

    with progress() as show:
        return run(name, folder, draws, seed, workers, lambda done, of: show(f"Histories under '{name}'", done, of))


def _told(calibration: Calibration) -> list[Told]:
    from cms_sim.report.recovery_words import told_of

    return [told_of(calibration.bank, fitted, variant) for variant, fitted in calibration.fitted.items()]


def _draw(posteriors: Sequence[Told], folder: Path) -> None:
    """Rank histograms beside the posteriors."""
    from cms_sim.report.recovery_plot import ranks_plot

    with words_for_the_disk(folder):
        for told in posteriors:
            ranks_plot(told).finished().write(folder)


def _show(posteriors: Sequence[Told]) -> None:
    """What the posterior that comparisons use is; then for each posterior what recovery found."""
    from cms_sim.report import recovery_words as words

    first = posteriors[0]
    click.echo(f"\n{first.title}, {first.fitted.posterior.histories:,} histories")
    _table(words.POSTERIOR_HEADINGS, words.posterior_rows(first))
    for told in posteriors:
        click.echo(f"Recovery. {told.title}")
        _table(words.RECOVERY_HEADINGS, words.recovery_rows(told))
        for sentence in words.sentences(told):
            click.echo(sentence)
        click.echo("")
    click.echo(f"{words.HOW_TO_READ}\n")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "so")
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


def _for_machines(posteriors: Sequence[Told]) -> dict[str, object]:
    return {
        told.variant or "all": {
            "histories": told.fitted.posterior.histories,
            "checks": dict(told.fitted.posterior.checks),
            "so": {each.recovered.name: each.words for each in told.verdicts},
            "observed": {each.name: asdict(each) for each in told.placed},
        }
        for told in posteriors
    }
