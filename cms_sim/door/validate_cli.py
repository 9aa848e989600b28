"""`cms-sim validate`: every published figure that the model speaks to, held against its histories."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cms_sim.door import options
from cms_sim.door.progress import progress

if TYPE_CHECKING:
    from cms_sim.evaluation.validation.check import Validation

INTERRUPTED: Final = 130
BOTH: Final = "both"
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--hypothesis", "name", default="city", help="city (default), chicago, or both.")
@click.option("--histories", type=int, default=200, help="Of each hypothesis and posterior (default 200).")
@click.option(
    "--parameters",
    "source",
    type=click.Choice(["posterior", "prior"]),
    default="posterior",
    help="Where parameters are drawn from (default posterior).",
)
@options.workers
@click.option("--json", "as_json", is_flag=True, help="Print the rows for machines.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the tables for the documentation.")
@click.option(
    "--page", type=_FILE, default=None, help="Also write tables below the marker of this page, with pictures."
)
@click.option("--out", type=_FOLDER, default=Path("results/validation"), help="Folder (default ./results/validation).")
def validate(
    name: str,
    histories: int,
    source: str,
    workers: int,
    as_json: bool,
    as_markdown: bool,
    page: Path | None,
    out: Path,
) -> None:
    """Hold every published figure that the model speaks to against its histories (docs/validation.md)."""
    from cms_sim.evaluation.estimators.libraries import check_libraries

    check_libraries()
    from cms_sim.report import marked_page
    from cms_sim.report import validation_words as words
    from cms_sim.report.write import check_writable

    names = _names(name)
    if page is not None:
        marked_page.check_page(page, words.MARKER)
    check_writable(out)
    try:
        found = [_validated(each, histories, source == "prior", workers) for each in names]
    except KeyboardInterrupt:
        click.echo("Interrupted. What is finished is kept; to go on, give the same command again.", err=True)
        sys.exit(INTERRUPTED)
    _write(found, out, page)
    if as_json:
        click.echo(json.dumps(words.json_of(found), indent=1))
        return
    if as_markdown:
        for line in words.markdown(found):
            click.echo(line)
        return
    _print(found, out)


def _names(name: str) -> list[str]:
    from cms_sim.data.hypotheses import load_hypotheses
    from cms_sim.errors import InputError, nearest

    known = list(load_hypotheses())
    if name == BOTH:
        return known
    if name not in known:
        raise InputError(f"unknown hypothesis '{name}'", where="--hypothesis", remedy=nearest(name, [*known, BOTH]))
    return [name]


def _validated(name: str, histories: int, from_priors: bool, workers: int) -> Validation:
    from cms_sim.evaluation.validation.check import to_live, validate

    of = to_live(histories, from_priors)
    with progress() as show:
        return validate(name, histories, from_priors, workers, lambda done: show(f"Histories, {name}", done, of))


def _write(found: Sequence[Validation], out: Path, page: Path | None) -> None:
    """The page, its pictures and the rows; and where asked, the section of the documentation with its pictures."""
    from cms_sim.experiment.whole_files import words_for_the_disk
    from cms_sim.report import marked_page
    from cms_sim.report import validation_words as words
    from cms_sim.report.validation_page import validation_page
    from cms_sim.report.validation_plots import pictures

    drawings = [picture.finished() for picture in pictures(found)]
    with words_for_the_disk(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / "validation.html").write_text(validation_page(found, drawings), encoding="utf-8")
        (out / "validation.json").write_text(json.dumps(words.json_of(found), indent=1) + "\n", encoding="utf-8")
        for drawing in drawings:
            (out / f"{drawing.name}.png").write_bytes(drawing.png)
    if page is not None:
        marked_page.write_section(page, words.MARKER, words.markdown(found, pictures=True), drawings)


def _print(found: Sequence[Validation], out: Path) -> None:
    """Tables by group, what is not covered and why, and the counts as the last line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from cms_sim.evaluation.validation.check import last_line
    from cms_sim.report import validation_words as words

    screen = Console()
    if not screen.is_terminal:
        screen.width = 60 + 45 * (1 + len(found))
    click.echo(f"{words.parameters(found)}.")
    for place, group in enumerate(words.groups(found)):
        table = Table(
            title=group.title, title_justify="left", box=box.SIMPLE_HEAD if screen.is_terminal else box.ASCII2
        )
        for column, heading in enumerate(words.headings(found)):
            table.add_column(heading, justify="left" if column < 2 else "right", no_wrap=column > 0)
        for row in words.cells(found, place):
            table.add_row(*row, style=None if all(not cell.endswith(" NO") for cell in row) else "bold")
        screen.print(table)
        if said := words.held_against(group, found[0].fitted):
            click.echo(said)
    for validation in found:
        click.echo(f"Not covered, {validation.hypothesis}:")
        for what, why in words.failures(validation):
            click.echo(f"  {what}: {why}")
        click.echo(words.counts(validation))
    click.echo(f"Written: {out / 'validation.html'}")
    if len(found) > 1:
        for validation in found:
            click.echo(f"{validation.hypothesis}: {last_line([validation])}")
    click.echo(words.DIFFERENT)
    for line in words.lines(found):
        click.echo(line)
