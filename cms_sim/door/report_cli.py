"""`cms-sim report`: a finished result as a PDF, for a hearing."""

from __future__ import annotations

from pathlib import Path

import click

PDF = "report.pdf"
_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_FILE)
@click.option("--boundaries", type=_FILE, default=None, help="Draw the plan that an optimisation advises on these.")
@click.option("--out", type=_FILE, default=None, help="The file to write (default FOLDER/report.pdf).")
def report(folder: Path, boundaries: Path | None, out: Path | None) -> None:
    """Print the report of a finished comparison or optimisation (FOLDER) as a PDF of eight pages or less
    (docs/report.md)."""
    from cms_sim.errors import InputError
    from cms_sim.evaluation.decision.decision import DECISION
    from cms_sim.report.pdf import check_pdf

    if not folder.is_dir():
        remedy = "Give the folder of a finished comparison or optimisation, such as results/default."
        raise InputError("there is no such folder", where=str(folder), remedy=remedy)
    if (folder / DECISION).is_file():
        from cms_sim.report.decision_page import write_decision_report

        click.echo(f"Report: {write_decision_report(folder, boundaries)}")
    elif boundaries is not None:
        message = f"no optimisation is finished in {folder}, and the report of a comparison has its maps already"
        remedy = (
            f"Where a comparison is, map it with cms-sim map {folder} --boundaries {boundaries}, or give them to "
            "cms-sim compare."
        )
        raise InputError(message, where="--boundaries", remedy=remedy)
    check_pdf()
    write_pdf(folder, out or folder / PDF)


def write_pdf(folder: Path, file: Path) -> None:
    """Print `folder`'s report into `file`, and say so."""
    from cms_sim.report.pdf import print_pdf

    pages = print_pdf(folder / "report.html", file)
    click.echo(f"PDF: {file} ({pages} page{'s' * (pages != 1)})")
