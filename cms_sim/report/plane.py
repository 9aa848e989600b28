"""What the money buys: money beyond the reference against people not shot, run by run."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
    spread,
    zero_line,
)
from cms_sim.report.words import average, plan_alt, usd

HEIGHT_IN: Final = 5.4
PRICES_USD: Final = (50e3, 100e3, 200e3, 500e3, 1e6, 2e6, 5e6, 10e6, 20e6)
"""Dollars for each person not shot of which those that fit are drawn as lines."""
LABEL: Final = 0.058
"""Least distance between two labels, as a share of the height."""
MOST_RUNS: Final = 1000
COLOURS: Final = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK, QUIET)


@drawn
def cost_plane(sheet: Sheet) -> Picture:
    """Each plan at its cost: a stroke for each run, the interval and the mean; lines of equal price."""
    lines = fanned(sheet.compared)
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    headline(
        figure,
        _finding(sheet),
        f"Extra money and people not shot, against “{sheet.reference.title}”",
    )
    axes = figure.add_axes((0.085, 0.205, 0.6, 0.63))
    runs = np.concatenate([line.runs[:MOST_RUNS] for line in lines]) if lines else np.zeros(1)
    left, right = min(-0.5, float(runs.min())), max(1.0, float(runs.max()))
    costs = [_million(line) for line in lines]
    bottom, top = 1.15 * min([0.0, *costs]), 1.3 * max([0.5, *costs])
    labels = spread([_level(line) for line in lines], LABEL * (top - bottom))
    for k, (line, label) in enumerate(zip(lines, labels, strict=True)):
        rank = sum(_level(other) == _level(line) and _width(other) > _width(line) for other in lines)
        _plan(axes, line, label, COLOURS[k % len(COLOURS)], rank)
    margin = 0.03 * (right - left)
    axes.set(xlim=(left - margin, right + margin), ylim=(bottom - 0.03 * (top - bottom), top))
    _prices(axes, right, top)
    zero_line(axes)
    zero_line(axes, vertical=False)
    axes.set_xlabel("◀ more people shot   ·   fewer people shot a year ▶", color=INK)
    axes.set_ylabel("million dollars a year beyond the reference")
    caption = _caption(sheet)
    footnote(figure, caption)
    return Picture("cost_plane", figure, caption, "; ".join(plan_alt(line) for line in lines) + ".")


def fanned(lines: Sequence[PlanLine]) -> list[PlanLine]:
    """From the lowest cost up; plans of one cost so that their lines to labels on the right do not cross: the dots
    farthest to the left have the outermost labels."""
    ordered: list[PlanLine] = []
    for _, same in groupby(sorted(lines, key=_level), key=_level):
        from_left = sorted(same, key=lambda line: line.averted.mean)
        ordered += [*from_left[1::2], *from_left[::2][::-1]]
    return ordered


def _million(line: PlanLine) -> float:
    return line.extra_usd_per_year / 1e6


def _level(line: PlanLine) -> float:
    """Cost in million dollars, plans whose costs cannot be told apart in the picture at one."""
    return round(_million(line), 1)


def _width(line: PlanLine) -> tuple[float, float]:
    """By which plans of one cost lie in each other: the widest interval under the others."""
    return line.averted.high - line.averted.low, line.averted.mean


def _caption(sheet: Sheet) -> str:
    """Of what is drawn: few runs have no bar."""
    drawn = f"the first {MOST_RUNS:,} single runs" if sheet.replicates > MOST_RUNS else "single runs, all of them"
    bar = "" if sheet.too_few else " Bar: 95% interval of the mean."
    priced = any(line.averted.mean > 0.0 < line.extra_usd_per_year for line in sheet.compared)
    prices = " Dotted lines: the same money for each person not shot." if priced else ""
    return f"Each plan at its cost. Strokes: {drawn}. Dot: {average(sheet)}.{bar}{prices}"


def _finding(sheet: Sheet) -> str:
    if sheet.too_few:
        return "Too few runs to put a price on a person not shot"
    priced = [line for line in sheet.compared if line.averted.clear and line.price.usd > 0]
    if not priced:
        return "No plan averts clearly enough to put a price on it"
    best = min(priced, key=lambda line: line.price.usd)
    return f"“{best.info.title}” averts at the lowest cost: about {usd(best.price.usd)} for each person not shot"


def _plan(axes: Axes, line: PlanLine, label: float, colour: str, rank: int) -> None:
    """`rank` among plans of one cost: the bars lie in each other, the later the thinner, so that all are seen."""
    averted, cost, runs = line.averted, _million(line), line.runs[:MOST_RUNS]
    style: dict[str, Any] = {"markersize": 15, "alpha": 0.55, "markeredgewidth": 0.6}
    axes.plot(runs, np.full(len(runs), cost), "|", color=colour, zorder=2, **style)
    ends, width = [averted.low, averted.high], max(9.0 - 1.2 * rank, 2.0)
    axes.plot(ends, [cost, cost], color=colour, linewidth=width, solid_capstyle="butt", zorder=3 + 0.1 * rank)
    dot: dict[str, Any] = {"markersize": 4.5, "markeredgecolor": "white", "markeredgewidth": 0.8, "zorder": 6}
    axes.plot([averted.mean], [cost], "o", color=colour, **dot)
    axes.annotate(
        textwrap.shorten(line.info.title, 36, placeholder="…"),
        (averted.mean, cost),
        (1.03, label),
        xycoords="data",
        textcoords=axes.get_yaxis_transform(),
        fontsize=7.8,
        va="center",
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "alpha": 0.7, "relpos": (0.0, 0.5)},
        zorder=5,
    )


def _prices(axes: Axes, right: float, top: float) -> None:
    """Straight from the origin: what each price buys."""
    for price in PRICES_USD:
        at_top = 1e6 * top / price
        if not 0.06 * right < at_top < 1.8 * right:
            continue
        axes.plot([0.0, at_top], [0.0, top], color=QUIET, linewidth=0.7, linestyle=(0, (1, 2)), zorder=0)
        x = min(right, at_top)
        style: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "va": "bottom", "zorder": 7}
        style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
        side = "center" if x == at_top else "right"
        axes.annotate(usd(price), (x, x * price / 1e6), (0, 3), textcoords="offset points", ha=side, **style)
