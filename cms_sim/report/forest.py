"""The plans one under another: people not shot a year with what is sure of it, and the money beside."""

from __future__ import annotations

import textwrap
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.style import (
    BLUE,
    INK,
    QUIET,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
    zero_line,
)
from cms_sim.report.words import average, best_in, between, extra_usd, finding, plan_alt, price

ROW_IN: Final = 0.42
TOP_IN, BOTTOM_IN = 1.05, 0.85
COLUMNS: Final = ((0.75, "extra money\na year"), (0.865, "for each\nperson not shot"), (0.96, "chance\nof best"))
"""Where the columns beside the plot stand (share of the width) and what stands above them."""


@drawn
def forest_plot(sheet: Sheet) -> Picture:
    """Every plan but the references, the one that averts most on top."""
    lines = sorted(sheet.compared, key=lambda line: line.averted.mean)
    rows = max(len(lines), 1)
    height = TOP_IN + ROW_IN * rows + BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, finding(sheet), f"People not shot a year, against “{sheet.reference.title}”")
    axes = figure.add_axes((0.32, BOTTOM_IN / height, 0.355, ROW_IN * rows / height))
    for row, line in enumerate(lines):
        _row(axes, row, line, best_in(sheet, line))
    zero_line(axes)
    axes.set(ylim=(-0.5, rows - 0.5), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("◀ more people shot     fewer people shot ▶", color=INK, fontsize=8)
    for x, words in COLUMNS:
        figure.text(x, 1 - (TOP_IN - 0.06) / height, words, fontsize=7.5, color=QUIET, ha="center", va="bottom")
    footnote(figure, _caption(sheet))
    return Picture("plans", figure, _caption(sheet), "; ".join(plan_alt(line) for line in reversed(lines)) + ".")


def _caption(sheet: Sheet) -> str:
    """Of what is drawn: few runs have no lines."""
    mean = "" if sheet.too_few else " Thick line: 95% interval of that mean."
    thin = " Thin line: where 90 of 100 single runs fall, with chance and the drawn parameters in it."
    return f"Dot: {average(sheet)}.{mean}{thin if sheet.has_ranges else ''}"


def _row(axes: Axes, row: int, line: PlanLine, best: str) -> None:
    averted = line.averted
    colour = VERMILLION if averted.mean < 0 else BLUE
    across = blended_transform_factory(axes.figure.transFigure, axes.transData)
    if row % 2 == 0:
        axes.fill_between(
            [0, 1], row - 0.5, row + 0.5, transform=across, color="#f4f4f4", clip_on=False, zorder=0, linewidth=0
        )
    axes.plot([averted.run_low, averted.run_high], [row, row], color=colour, linewidth=1.0)
    axes.plot([averted.low, averted.high], [row, row], color=colour, linewidth=6, alpha=0.45, solid_capstyle="butt")
    axes.plot([averted.mean], [row], "o", color=colour, markersize=4.5)
    title = textwrap.wrap(line.info.title, 32)
    axes.text(
        0.01,
        row + 0.17,
        title[0] + ("…" if title[1:] else ""),
        transform=across,
        fontsize=8.5,
        va="center",
        weight="bold",
    )
    axes.text(0.01, row - 0.2, f"{between(averted)} a year", transform=across, fontsize=7.5, va="center", color=QUIET)
    cells = (extra_usd(line.extra_usd_per_year), price(line.price, averted), best)
    for (x, _), words in zip(COLUMNS, cells, strict=True):
        axes.text(x, row, words, transform=across, fontsize=8, va="center", ha="center")
