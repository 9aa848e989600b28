"""What the money buys: money beyond the reference against people not shot, run by run."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.style import (
    BLUE,
    FAINT,
    INK,
    QUIET,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
    spread,
    zero_line,
)
from cms_sim.report.words import plan_alt, usd

HEIGHT_IN: Final = 4.8
PRICES_USD: Final = (50e3, 100e3, 200e3, 500e3, 1e6, 2e6, 5e6, 10e6, 20e6)
"""Dollars for each person not shot of which those that fit are drawn as lines."""
LANE, LABEL = 0.017, 0.055
"""Least distance between two plans, and between two labels, as shares of the height."""
MOST_RUNS: Final = 300
CAPTION: Final = (
    "Each plan at its cost (plans of the same cost a hair apart, so that none hides another). Strokes: single runs. "
    "Bar: 95% interval of the mean. Dotted lines: the same money for each person not shot, bent to fit every plan."
)


@drawn
def cost_plane(sheet: Sheet) -> Picture:
    """Each plan at its cost: a stroke for each run, the interval and the mean; lines of equal price."""
    lines = sorted(sheet.compared, key=lambda line: (round(line.extra_usd_per_year, -5), line.averted.mean))
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    headline(
        figure,
        _finding(sheet),
        f"Extra money and people not shot, against “{sheet.reference.title}”",
    )
    axes = figure.add_axes((0.085, 0.205, 0.6, 0.63))
    costs = [round(line.extra_usd_per_year, -5) / 1e6 for line in lines]
    runs = np.concatenate([line.runs for line in lines]) if lines else np.zeros(1)
    left, right = min(-0.5, float(np.quantile(runs, 0.01))), max(1.0, float(np.quantile(runs, 0.99)))
    bottom, top = 1.15 * min([0.0, *costs]), 1.25 * max([0.5, *costs])
    lanes = spread(costs, LANE * (top - bottom))
    for line, lane, label in zip(lines, lanes, spread(costs, LABEL * (top - bottom)), strict=True):
        _lane(axes, line, lane, label)
    if runs.max() > 0.0:
        _prices(axes, costs, lanes, right, top)
    margin = 0.03 * (right - left)
    zero_line(axes)
    zero_line(axes, vertical=False)
    axes.set(xlim=(left - margin, right + margin), ylim=(bottom - 0.03 * (top - bottom), top))
    axes.set_xlabel("◀ more people shot   ·   fewer people shot a year ▶", color=INK)
    axes.set_ylabel("million dollars a year beyond the reference")
    footnote(figure, CAPTION)
    return Picture("cost_plane", figure, CAPTION, "; ".join(plan_alt(line) for line in lines) + ".")


def _finding(sheet: Sheet) -> str:
    if sheet.too_few:
        return "Too few runs to put a price on a person not shot"
    priced = [line for line in sheet.compared if line.averted.clear and line.price.usd > 0]
    if not priced:
        return "No plan averts clearly enough to put a price on it"
    best = min(priced, key=lambda line: line.price.usd)
    return f"“{best.info.title}” averts at the lowest cost: about {usd(best.price.usd)} for each person not shot"


def _lane(axes: Axes, line: PlanLine, lane: float, label: float) -> None:
    averted = line.averted
    colour = VERMILLION if averted.mean < 0 else BLUE
    runs = line.runs[:MOST_RUNS]
    axes.plot(runs, np.full(len(runs), lane), "|", color=colour, markersize=3.4, alpha=0.45, markeredgewidth=0.6)
    axes.plot([averted.low, averted.high], [lane, lane], color=colour, linewidth=3, solid_capstyle="butt")
    axes.plot([averted.mean], [lane], "o", color="white", markersize=3.2, markeredgecolor=INK, markeredgewidth=0.8)
    place = axes.get_yaxis_transform()
    axes.plot([1.0, 1.025, 1.05], [lane, lane, label], color=FAINT, linewidth=0.7, transform=place, clip_on=False)
    words = textwrap.shorten(line.info.title, 36, placeholder="…")
    axes.text(1.06, label, words, transform=place, fontsize=7.8, va="center")


def _prices(axes: Axes, costs: list[float], lanes: list[float], right: float, top: float) -> None:
    """A line for each price, right at every lane: it goes through what that price would buy at the lane's true cost."""
    paid = [(cost, lane) for cost, lane in zip(costs, lanes, strict=True) if cost > 0.0]
    height = np.array([0.0, *(lane for _, lane in paid), top])
    bought = np.array([0.0, *(cost for cost, _ in paid), top]) * 1e6
    for price in PRICES_USD:
        if not 0.06 * right < bought[-1] / price < 1.8 * right:
            continue
        x, y = bought / price, height
        axes.plot(x, y, color=QUIET, linewidth=0.7, linestyle=(0, (1, 2)), zorder=0)
        end = min(right, x[-1])
        style: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "va": "bottom"}
        place = (end, float(np.interp(end, x, y)))
        side = "center" if end == x[-1] else "right"
        axes.annotate(usd(price), place, (0, 3), textcoords="offset points", ha=side, **style)
