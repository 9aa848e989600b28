"""`cms-sim identify`: which statistics say something of which parameter, from the histories of a calibration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cms_sim.experiment.threads import one_thread_from_now

if TYPE_CHECKING:
    from cms_sim.evaluation.calibration.bank import Bank

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--ship", is_flag=True, help="Put it into the package, for docs/PARAMETERS.md.")
@click.option("--json", "as_json", is_flag=True, help="Print it for machines.")
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write what recovery found of each posterior below the marker of this page, with pictures.",
)
@click.argument("folders", type=_FOLDER, nargs=-1)
def identify(folders: tuple[Path, ...], ship: bool, as_json: bool, page: Path | None) -> None:
    """Say which statistics identify which parameter, by recovery on finished calibrations (docs/calibration.md).

    FOLDERS are those of single hypotheses (default: results/calibration/city and /chicago).
    """
    one_thread_from_now()  # before NumPy is loaded: thousands of small regressions
    from cms_sim.data.hypotheses import hypothesis
    from cms_sim.data.targets import targets_of
    from cms_sim.evaluation.calibration.prior_predictive import placed_targets
    from cms_sim.evaluation.identified import (
        finished_bank,
        identified,
        identified_markdown,
        learned_from,
        write_learned,
    )
    from cms_sim.report.marked_page import check_page
    from cms_sim.report.recovery_words import MARKER, placed_sentence

    if page is not None:
        check_page(page, MARKER)
    chosen = folders or tuple(Path("results/calibration") / name for name in ("city", "chicago"))
    banks = [finished_bank(folder) for folder in chosen]
    if page is not None:
        _write(page, banks)
    learned = {bank.plan.hypothesis: learned_from(bank) for bank in banks}
    if ship:
        write_learned(learned)
    if as_json:
        click.echo(json.dumps(learned, indent=1))
        return
    for line in identified_markdown(identified(learned)):
        click.echo(line)
    names = [target.name for target in targets_of()]
    for bank in banks:
        click.echo(f"\n{hypothesis(bank.plan.hypothesis).title}: {placed_sentence(placed_targets(bank, names))}")


def _write(page: Path, banks: Sequence[Bank]) -> None:
    """Recovery of every posterior of these banks, worked out again: no history is lived."""
    from cms_sim.evaluation.calibration.calibrate import VARIANTS, fit
    from cms_sim.experiment.posterior import variant_of
    from cms_sim.report import marked_page, recovery_words
    from cms_sim.report.recovery_plot import ranks_plot

    told = [
        recovery_words.told_of(bank, fit(bank, left_out), variant_of(left_out))
        for bank in banks
        for left_out in VARIANTS
    ]
    drawings = [ranks_plot(each).finished() for each in told]
    marked_page.write_section(page, recovery_words.MARKER, recovery_words.section(told, drawings), drawings)
