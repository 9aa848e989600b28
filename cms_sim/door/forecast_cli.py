"""`cms-sim forecast`: fitted up to a year, held against the years after it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cms_sim.door import options
from cms_sim.door.progress import progress
from cms_sim.errors import InputError

if TYPE_CHECKING:
    from cms_sim.evaluation.forecast.check import Checked, Effort

INTERRUPTED: Final = 130
LIBRARIES: Final = {"scoringrules": "scoringrules", "sklearn": "scikit-learn", "statsmodels": "statsmodels"}
"""Module to the name under which it is installed."""
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--until", type=int, default=2013, help="The last year that is known (default 2013).")
@click.option("--hypothesis", "name", default=None, help="city or chicago (default: both).")
@click.option(
    "--fitted",
    type=click.IntRange(0),
    default=1000,
    help="Histories that parameters are fitted with (default 1000); 0: draws from the priors.",
)
@click.option("--histories", type=click.IntRange(20), default=1000, help="Histories that are forecast (default 1000).")
@click.option(
    "--seed", type=click.IntRange(0), default=2020, help="The same seed gives the same scores (default 2020)."
)
@options.workers
@click.option("--out", type=_FOLDER, default=None, help="Folder (default ./results/forecast/until_YEAR).")
@click.option(
    "--page", type=_FILE, default=None, help="Also write tables into this page, below the marker of the year."
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores for machines.")
def forecast(
    until: int,
    name: str | None,
    fitted: int,
    histories: int,
    seed: int,
    workers: int,
    out: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Fit the years up to one, forecast the others, and score against naive forecasts (docs/forecast.md)."""
    _check_libraries()
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.data.hypotheses import hypothesis, load_hypotheses
    from cms_sim.evaluation.calibration.inference import LEAST_DRAWS
    from cms_sim.evaluation.forecast.check import Effort
    from cms_sim.evaluation.forecast.known import check_until

    check_until(until, load_city_tables())
    names = [hypothesis(name).name] if name else list(load_hypotheses())
    if 0 < fitted < LEAST_DRAWS:
        remedy = f"Give at least {LEAST_DRAWS}, or 0 for draws from the priors."
        raise InputError(f"{fitted} histories are too few to fit parameters with", where="--fitted", remedy=remedy)
    if page is not None:
        from cms_sim.report import forecast_words, marked_page

        marked_page.check_page(page, forecast_words.marker(until))
    folder = out or Path("results") / "forecast" / f"until_{until}"
    try:
        results = [_checked(each, until, folder, Effort(fitted, histories), seed, workers) for each in names]
    except KeyboardInterrupt:
        click.echo("Interrupted. What is finished is kept; to go on, give the same command again.", err=True)
        sys.exit(INTERRUPTED)
    _write(results, folder, page)
    if as_json:
        from cms_sim.report import forecast_words

        click.echo(json.dumps([forecast_words.as_json(each) for each in results], indent=1))
        return
    for each in results:
        _print(each)
    click.echo(f"Written: {folder}")


def _check_libraries() -> None:
    for module, package in LIBRARIES.items():
        if find_spec(module) is None:
            remedy = "Install it: pip install 'cms-sim[forecast]' (in a clone: pip install -e '.[forecast]')."
            raise InputError(f"the forecast check needs {package}, which is not installed", remedy=remedy)


def _checked(name: str, until: int, folder: Path, effort: Effort, seed: int, workers: int) -> Checked:
    from cms_sim.evaluation.forecast.check import check

    what = f"Draws under '{name}', known up to {until}"
    with progress() as show:
        return check(until, name, folder / name, effort, seed, workers, lambda done: show(what, done, effort.draws))


def _print(checked: Checked) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from cms_sim.report import forecast_words as words

    screen = Console()
    for each in checked.tables:
        title = f"Known up to {checked.forecast.until}, '{checked.forecast.hypothesis}', by precinct and {each.period}"
        click.echo(title)
        table = Table(box=box.SIMPLE_HEAD if screen.is_terminal else box.ASCII2, padding=(0, 1, 0, 0), pad_edge=False)
        for place, heading in enumerate(words.HEADINGS):
            table.add_column(heading, justify="right" if place else "left", no_wrap=True)
        for row in words.rows(each):
            table.add_row(*row)
        screen.print(table)
    for line in words.sentences(checked):
        click.echo(line)
    click.echo("")


def _write(results: Sequence[Checked], folder: Path, page: Path | None) -> None:
    from cms_sim.experiment.whole_files import words_for_the_disk
    from cms_sim.report import forecast_words as words
    from cms_sim.report.forecast_plots import pictures

    with words_for_the_disk(folder):
        told = json.dumps([words.as_json(each) for each in results], indent=1)
        (folder / "forecast.json").write_text(told + "\n", encoding="utf-8")
        for each in results:
            for picture in pictures(each):
                (folder / f"{each.forecast.hypothesis}_{picture.name}.png").write_bytes(picture.png())
    if page is not None:
        words.write_section(page, results)
