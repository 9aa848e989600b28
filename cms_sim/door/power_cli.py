"""`cms-sim power`: which study would find an effect of a given size, as a person or a machine reads it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cms_sim.door import options
from cms_sim.door.progress import progress
from cms_sim.experiment.threads import one_thread_from_now

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.design import Design
    from cms_sim.evaluation.power.study import Study
    from cms_sim.evaluation.power.summary import Found
    from cms_sim.report.style import Picture

INTERRUPTED: Final = 130
ON_PAGE: Final = ("power_curves", "without_an_effect")
CURVES: Final = 6
"""Studies in one picture of curves."""


@click.command()
@click.argument("design", type=click.Path(path_type=Path), required=False)
@click.option("--histories", type=click.IntRange(1), default=None, help="Simulated histories (the design's, or 300).")
@click.option(
    "--estimator-histories", type=click.IntRange(0), default=None, help="Of them, for estimators (the design's, or 60)."
)
@click.option("--hypothesis", default=None, help="How violence spreads: city or chicago (the design's, or city).")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder (default results/power/NAME)."
)
@click.option(
    "--kept", type=click.Path(path_type=Path, file_okay=False), default=Path("results/power/kept"),
    help="Folder of histories, for all designs (default results/power/kept).",
)  # fmt: skip
@click.option(
    "--effect", type=click.FloatRange(0, 100, min_open=True), default=20.0,
    help="The fall in people shot, in percent, that is to be found (default 20).",
)  # fmt: skip
@click.option(
    "--page", type=click.Path(path_type=Path, dir_okay=False), default=None,
    help="Also write tables and pictures into this page, below its marker.",
)  # fmt: skip
@options.workers
@click.option("--json", "as_json", is_flag=True, help="Print the same for machines.")
def power(
    design: Path | None,
    histories: int | None,
    estimator_histories: int | None,
    hypothesis: str | None,
    out: Path | None,
    kept: Path,
    effect: float,
    page: Path | None,
    workers: int,
    as_json: bool,
) -> None:
    """Which study would find an effect: bias, false alarms and power where the truth is known (docs/power.md).

    DESIGN is a TOML file of studies; without one: the five precincts of 2020, the 17 of 2012-2016, and 1 to 17 sites
    chosen in several ways. Ctrl-C keeps what is finished; the same command goes on.
    """
    one_thread_from_now()  # before NumPy is loaded
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.evaluation.power.design import built_in, read_design
    from cms_sim.evaluation.power.study import studies_of

    written, source = read_design(design) if design else built_in()
    given = {"histories": histories, "estimator_histories": estimator_histories, "hypothesis": hypothesis}
    asked = written.model_copy(update={name: value for name, value in given.items() if value is not None})
    tables = load_city_tables()
    studies = studies_of(asked, source, tables)
    folder = out or Path("results/power") / (design.stem if design else "built_in")
    try:
        reports = _reports(asked, studies, folder, kept, page, workers)
        _tell(asked, studies, reports, folder, effect, page, as_json)
    except KeyboardInterrupt:
        click.echo("Interrupted. What is finished is kept; to go on, give the same command again.", err=True)
        sys.exit(INTERRUPTED)


def _reports(
    design: Design, studies: list[Study], folder: Path, kept: Path, page: Path | None, workers: int
) -> pd.DataFrame:
    """What can go wrong at the end is looked for before the work begins."""
    from cms_sim.evaluation.estimators.libraries import check_libraries
    from cms_sim.evaluation.power.run import Folders, run_studies
    from cms_sim.report.marked_page import check_page
    from cms_sim.report.power_page import MARKER
    from cms_sim.report.write import check_writable

    if design.estimator_histories and any(study.estimators for study in studies):
        check_libraries()
    if page is not None:
        check_page(page, MARKER)
    for place in (folder, kept):
        check_writable(place)
    with progress() as show:
        return run_studies(design, studies, Folders(kept, folder / "kept"), workers, show)


def _tell(
    design: Design,
    studies: list[Study],
    reports: pd.DataFrame,
    folder: Path,
    effect: float,
    page: Path | None,
    as_json: bool,
) -> None:
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.evaluation.power import write
    from cms_sim.evaluation.power.summary import summarised
    from cms_sim.evaluation.power.tables import detail, lines, overview, pick
    from cms_sim.evaluation.power.words import answer, notes, place, which
    from cms_sim.report.marked_page import write_section
    from cms_sim.report.power_page import MARKER, section

    found, told = summarised(reports), write.about(design, studies)
    tables = load_city_tables()
    months = tables.months
    words = [*which(found, studies, effect), ""]
    words += [line for study in studies for line in (*answer(found, study, months), "")]
    write.write_tables(told, found, reports, words, folder)
    drawn = [picture.finished() for picture in _pictures(found, studies)]
    for picture in drawn:
        picture.write(folder)
    if page is not None:
        shown = [picture for picture in drawn if picture.name in ON_PAGE]
        write_section(page, MARKER, section(found, studies, effect, told["parameters"], shown), shown)
    if as_json:
        click.echo(json.dumps({**write.as_json(told, found), "which": write.records(pick(found, studies, effect))}))
        return
    detailed = [study for study in studies if study.estimators] or studies[:2]
    for study in detailed:
        rows = lines(detail(found, study, effect))
        _say(f"{study.name}: {place(study, months)}", *rows, *notes(found, study, tables), "")
    _say(*answer(found, studies[0], months), "")
    _say(*lines(overview(found, studies, effect)), "")
    _say(*which(found, studies, effect))
    click.echo(f"\n{design.histories} histories under the {told['parameters']}. Every study: {folder / 'answer.txt'}")


def _say(*words: str) -> None:
    for line in words:
        click.echo(line)


def _pictures(found: Found, studies: Sequence[Study]) -> Iterator[Picture]:
    from cms_sim.evaluation.power.reported import BY_WINDOWS
    from cms_sim.report import power_plots

    shared = next((name for name in studies[0].controls if all(name in study.controls for study in studies)), None)
    if shared is not None:
        estimator = BY_WINDOWS + shared
        yield power_plots.curves(found, _in_one_picture(studies), estimator)
        yield power_plots.smallest(found, [study.name for study in studies], estimator)
    asked = [study.name for study in studies if study.estimators] or [study.name for study in studies]
    yield power_plots.without_an_effect(found, asked[:2])


def _in_one_picture(studies: Sequence[Study]) -> list[str]:
    """The first study, the largest family of others that differ in the number of sites only, then listed ones."""
    plain = [study for study in studies if (study.before, study.after) == (24, 24) and not study.spillover_share]
    families: dict[tuple[object, ...], list[Study]] = {}
    for study in plain or studies:
        families.setdefault((study.choice, study.pool, study.starts[0]), []).append(study)
    listed = [study for study in plain or studies if study.choice == "listed"]
    largest = max(families.values(), key=len)
    return list(dict.fromkeys(study.name for study in (studies[0], *largest, *listed)))[:CURVES]
