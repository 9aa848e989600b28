"""The picture of a posterior's recovery: histograms of the truth's rank, a panel for each parameter."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.evaluation.calibration.recovery import BINS, SAMPLE
from cms_sim.evaluation.calibration.verdicts import Verdict
from cms_sim.report.recovery_words import Told
from cms_sim.report.style import (
    FAINT,
    INK,
    QUIET,
    SKY,
    VERMILLION,
    WIDTH_IN,
    Picture,
    balanced,
    drawn,
    footnote,
    headline,
)

COLUMNS: Final = 4
HEAD_IN, TITLE_IN, PANEL_IN, ROW_IN, FOOT_IN = 0.56, 0.36, 0.8, 1.48, 0.5
"""Heights of the headline, of a panel's title, of the panel, of a row with its axis's words, and of the caption."""
BAND: Final = 0.99
"""Share of a right posterior's bars that lie in the band."""
_CAPTION: Final = (
    "Even bars: the posterior is as sure as it should be. High ends: it is too sure; a hump: not sure enough; a slope: "
    f"too high or too low. {BAND:.0%} of a right posterior's bars end between the dotted lines."
)


@drawn
def ranks_plot(told: Told) -> Picture:
    """How often the truth came in which twentieth of its posterior sample."""
    judged = told.verdicts
    rows, finding = -(-len(judged) // COLUMNS), _finding(told)
    top = HEAD_IN + 0.19 * balanced(finding).count("\n")
    deep = top + ROW_IN * rows + FOOT_IN
    figure = Figure(figsize=(WIDTH_IN, deep))
    low, high = band(told.truths)
    most = 1.08 * max(high, *(each.recovered.ranks.max() for each in judged))
    for place, each in enumerate(judged):
        row, column = divmod(place, COLUMNS)
        bottom = deep - top - ROW_IN * row - TITLE_IN - PANEL_IN
        axes = figure.add_axes((0.075 + 0.235 * column, bottom / deep, 0.2, PANEL_IN / deep))
        _panel(axes, each, (low, high), told.truths / BINS)
        axes.set(xlim=(0, SAMPLE + 1), ylim=(0, most), xticks=(0, (SAMPLE + 1) // 2, SAMPLE + 1))
        axes.set_ylabel("" if column else "histories")
        axes.set_xlabel("rank of the truth" if place + COLUMNS >= len(judged) else "")
        axes.tick_params(labelsize=7, labelleft=not column)
    headline(figure, finding, f"{told.title}; {told.truths:,} left-out histories; rank among {SAMPLE} draws")
    footnote(figure, _CAPTION)
    alt = "; ".join(f"{each.recovered.name}, {each.words}, {_ends(each)}" for each in judged)
    return Picture(f"calibration_ranks_{told.name}", figure, _CAPTION, f"Histories in a bar: {alt}.")


def band(truths: int) -> tuple[float, float]:
    """The fewest and most histories in a bar of even ranks, `BAND` of the time."""
    from scipy.stats import binom

    low, high = binom.interval(BAND, truths, 1.0 / BINS)
    return float(low), float(high)


def _panel(axes: Axes, verdict: Verdict, within: tuple[float, float], even: float) -> None:
    known = verdict.recovered.is_identified
    colour, words = (SKY, "learned") if known else (FAINT, "not identified")
    if verdict.faults:
        colour, words = VERMILLION, "recovered poorly"
    width = (SAMPLE + 1) / BINS
    axes.bar((np.arange(BINS) + 0.5) * width, verdict.recovered.ranks, width=0.9 * width, color=colour)
    axes.axhline(even, color=INK, linewidth=0.8)
    for edge in within:
        axes.axhline(edge, color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)))
    axes.set_title(verdict.recovered.name, fontsize=7.5, pad=11)
    axes.text(0.0, 1.04, words, transform=axes.transAxes, fontsize=7, color=VERMILLION if verdict.faults else QUIET)


def _finding(told: Told) -> str:
    poor, count = [each.recovered.name for each in told.poor], len(told.verdicts)
    if not poor:
        return "No parameter is recovered worse than chance explains"
    if len(poor) > 2:
        return f"{len(poor)} of {count} parameters are recovered poorly, beyond chance"
    return f"{' and '.join(poor)} {'are' if len(poor) > 1 else 'is'} recovered poorly, beyond chance"


def _ends(verdict: Verdict) -> str:
    return f"{verdict.recovered.ranks.min()} to {verdict.recovered.ranks.max()}"
