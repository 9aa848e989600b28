"""The table that the main job prints when it is done, in at most 100 columns; plain text where there is no terminal."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

from cms_sim.experiment.results import Results
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.words import best_in, between, count, extra_usd, nine_in_ten, price

if TYPE_CHECKING:
    from rich.console import Console

WIDTH: Final = 100
PLAN_WIDTH: Final = 31
HEADINGS: Final = (
    "",
    "shot\na year",
    "not shot a year\n(95% of mean)",
    "90 of 100\nruns",
    "money\nbeyond",
    "a person\nnot shot",
    "best\nin",
)


def print_summary(results: Results, console: Console | None = None) -> None:
    """Print the plans, the one that averts most first, and what can be said of the whole."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    sheet = Sheet(results)
    screen = console or Console()
    screen.width = min(screen.width, WIDTH) if screen.is_terminal else WIDTH
    years = f"{results.months[results.first_month]} to {results.months[-1]}"
    runs = f"{sheet.replicates} paired run{'s' * (sheet.replicates != 1)}"
    screen.print(
        f"People shot, {years}, {len(results.precincts)} precincts, {runs}; money is a year, beyond the reference."
    )
    table = Table(box=box.SIMPLE_HEAD if screen.is_terminal else box.ASCII2, padding=(0, 1, 0, 0), pad_edge=False)
    for column, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if column else "left", no_wrap=True)
    for line in sorted(sheet.lines, key=lambda line: -line.averted.mean):
        table.add_row(*_cells(sheet, line), style="bold" if line is sheet.leader else None)
    screen.print(table)
    for sentence in sheet.verdict:
        screen.print(sentence, highlight=False)


def _cells(sheet: Sheet, line: PlanLine) -> tuple[str, ...]:
    title, shot = textwrap.shorten(line.info.title, PLAN_WIDTH, placeholder="…"), count(line.victims_per_year, 1.0)
    if line.index == sheet.results.reference:
        return title, shot, "reference", "", "", "", best_in(line)
    best = "" if line.index == sheet.results.no_programme else best_in(line)
    averted, extra = line.averted, extra_usd(line.extra_usd_per_year)
    runs = "" if math.isnan(averted.run_low) else nine_in_ten(averted)
    return title, shot, between(averted), runs, extra, price(line.price, averted), best
