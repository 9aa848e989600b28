"""The table that the main job prints when it is done, in 80 to 100 columns; plain text where there is no terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from cms_sim.experiment.results import Results
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.words import best_in, between, count, extra_usd, nine_in_ten, pairing_gain, price, ties

if TYPE_CHECKING:
    from rich.console import Console

WIDTH: Final = 100
NARROWEST: Final = 80
ROOM_FOR_RUNS: Final = 90
"""Columns from which the range of single runs is shown: numbers are never cut, names of plans are wrapped."""
HEADINGS: Final = (
    "",
    "shot\na year",
    "not shot a year\n(95% of mean)",
    "90 of 100\nruns",
    "money\nbeyond",
    "a person\nnot shot",
    "best\nin",
)
RUNS: Final = HEADINGS.index("90 of 100\nruns")


def print_summary(results: Results, console: Console | None = None) -> None:
    """Print the plans, the one that averts most first, and what can be said of the whole."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    sheet = Sheet(results)
    screen = console or Console()
    screen.width = max(NARROWEST, min(screen.width, WIDTH)) if screen.is_terminal else WIDTH
    years = f"{results.months[results.first_month]} to {results.months[-1]}"
    runs = f"{sheet.replicates} paired run{'s' * (sheet.replicates != 1)}"
    screen.print(
        f"People shot, {years}, {len(results.precincts)} precincts, {runs}; money is a year, beyond the reference.",
        highlight=False,
    )
    table = Table(box=box.SIMPLE_HEAD if screen.is_terminal else box.ASCII2, padding=(0, 1, 0, 0), pad_edge=False)
    shown = [column for column in range(len(HEADINGS)) if column != RUNS or screen.width >= ROOM_FOR_RUNS]
    for column in shown:
        table.add_column(HEADINGS[column], justify="right" if column else "left", no_wrap=column > 0)
    for line in sorted(sheet.lines, key=lambda line: -line.averted.mean):
        cells = _cells(sheet, line)
        table.add_row(*(cells[column] for column in shown), style="bold" if line is sheet.leader else None)
    screen.print(table)
    for sentence in [*sheet.verdict, *ties(sheet), *pairing_gain(sheet)]:
        screen.print(sentence, highlight=False)


def _cells(sheet: Sheet, line: PlanLine) -> tuple[str, ...]:
    title, shot = line.info.title, count(line.victims_per_year, 1.0)
    best = best_in(sheet, line)
    if line.index == sheet.results.reference:
        return title, shot, "reference", "", "", "", best
    averted, extra = line.averted, extra_usd(line.extra_usd_per_year)
    runs = "" if math.isnan(averted.run_low) else nine_in_ten(averted)
    paid = "" if line is sheet.without else price(line.price, averted)
    return title, shot, between(averted), runs, extra, paid, best
