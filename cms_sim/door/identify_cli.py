"""`cms-sim identify`: which statistics say something of which parameter, from the histories of a calibration."""

from __future__ import annotations

import json
from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--ship", is_flag=True, help="Put it into the package, for docs/PARAMETERS.md.")
@click.option("--json", "as_json", is_flag=True, help="Print it for machines.")
@click.argument("folders", type=_FOLDER, nargs=-1)
def identify(folders: tuple[Path, ...], ship: bool, as_json: bool) -> None:
    """Say which statistics identify which parameter, by recovery on finished calibrations (docs/calibration.md).

    FOLDERS are those of single hypotheses (default: results/calibration/city and /chicago).
    """
    from cms_sim.evaluation.identified import (
        finished_bank,
        identified,
        identified_markdown,
        learned_from,
        write_learned,
    )

    chosen = folders or tuple(Path("results/calibration") / name for name in ("city", "chicago"))
    banks = [finished_bank(folder) for folder in chosen]
    learned = {bank.plan.hypothesis: learned_from(bank) for bank in banks}
    if ship:
        write_learned(learned)
    if as_json:
        click.echo(json.dumps(learned, indent=1))
        return
    for line in identified_markdown(identified(learned)):
        click.echo(line)
