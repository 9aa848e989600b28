"""Pictures of studies' power: curves by number of sites, what is reported of nothing, what is found at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.evaluation.power.detectable import WANTED_POWER
from cms_sim.evaluation.power.reported import BY_WINDOWS, SPILLOVER, UNCOMPARED
from cms_sim.evaluation.power.said import smallest as smallest_said
from cms_sim.evaluation.power.tasks import PLANTED
from cms_sim.evaluation.power.words import spoken
from cms_sim.report.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    STRIPE,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
)

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.summary import Found

COLOURS: Final = (VERMILLION, BLUE, GREEN, PURPLE, ORANGE, SKY)
ROW_IN: Final = 0.2
CURVES_CAPTION: Final = (
    "Share of studies that report a fall beyond what all but 2.5 of 100 report where nothing happened. Bands: 95% "
    "(Wilson). The change is planted in simulated histories that had no programme. Names: in the order of the curves "
    "from the left, with the smallest detectable fall, where the curve crosses 80%."
)
NOTHING_CAPTION: Final = (
    "Left: mean of what is reported in histories without any programme, and the middle 95% of it. Right: share whose "
    "own 95% interval leaves out no change, with its 95% interval; a test that is right has 5% (line). Grey: counts "
    "before and after, all histories; blue: estimators of libraries, in fewer. A raw count moves with the city's own "
    "trend, which is the record's and the same in every history: its bar lacks how far that varies."
)
SMALLEST_CAPTION: Final = (
    "Filled: the smallest detectable fall, which 8 of 10 studies report with a critical value at which 5 of 100 cry "
    "wolf where nothing happened, with its 95% range (resampled histories). Hollow: the fall that 8 of 10 show by "
    "their own Poisson error, cry of wolf or not. A range to the edge, or no mark: beyond what was planted."
)


@drawn
def curves(found: Found, studies: Sequence[str], estimator: str) -> Picture:
    """Calibrated power over the size of the change, a line for each study; those named first stand out."""
    figure = Figure(figsize=(WIDTH_IN, 4.3))
    axes = figure.add_axes((0.08, 0.25, 0.57, 0.60))
    lines = sorted(_of_estimator(found.smallest, studies, estimator), key=_order)
    for place, line in enumerate(lines):
        colour, style = COLOURS[place % len(COLOURS)], "--" if line["study"] == studies[0] else "-"
        rows = _rows(found.power, line["study"], estimator)
        rows = rows[(rows["kind"] == PLANTED) & (rows["effect_percent"] <= 0.0)].sort_values("effect_percent")
        x = -rows["effect_percent"].to_numpy()
        y, low, high = (100.0 * rows[f"calibrated_fall{end}"].to_numpy() for end in ("", "_low", "_high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
        axes.plot(x, y, style, marker="o", color=colour, markersize=3, linewidth=1.4)
        words = f"{line['study']}: {smallest_said(line, 'detectable')}"
        where = 92 - 7.0 * place
        axes.plot([1.025, 1.065], [where / 102] * 2, style, color=colour, transform=axes.transAxes, clip_on=False)
        axes.text(1.08, where / 102, words, fontsize=8, va="center", transform=axes.transAxes)
    axes.text(1.025, 1.0, "detects 8 in 10 from", fontsize=8, color=QUIET, va="center", transform=axes.transAxes)
    axes.axhline(100 * WANTED_POWER, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    planted = -found.power["effect_percent"].to_numpy()
    axes.set(ylim=(0, 102), xlim=(0, np.nanmax(planted)))
    axes.set(xlabel="true fall in people shot, percent", ylabel="studies that detect it, percent")
    headline(
        figure,
        "How large a fall must be for studies to detect it",
        f"against precincts {_controls(estimator)}; 24 months each way unless it says so",
    )
    footnote(figure, CURVES_CAPTION)
    alt = "; ".join(f"{line['study']}: 8 in 10 from {smallest_said(line, 'detectable')}" for line in lines)
    return Picture("power_curves", figure, CURVES_CAPTION, f"{alt}.")


@drawn
def without_an_effect(found: Found, studies: Sequence[str]) -> Picture:
    """What each estimator reports where nothing happened, and how often it calls that a change."""
    lines = [line for study in studies for line in _of_study(found.smallest, study) if line["estimator"] != SPILLOVER]
    gaps = [0 if k == 0 or line["study"] == lines[k - 1]["study"] else 2 for k, line in enumerate(lines)]
    rows = [-(k + gap) for k, gap in enumerate(np.cumsum(gaps).tolist())]
    deep = max(3.4, 1.85 + ROW_IN * (2 - min(rows)))
    figure = Figure(figsize=(WIDTH_IN, deep))
    box = 1.15 / deep, 1 - 1.7 / deep
    left, right = figure.add_axes((0.3, box[0], 0.38, box[1])), figure.add_axes((0.72, box[0], 0.26, box[1]))
    for row, line in zip(rows, lines, strict=True):
        _nothing_row(left, right, row, line)
    left.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    right.axvline(5.0, color=INK, linewidth=0.8, zorder=1)
    for axes in (left, right):
        axes.set(ylim=(min(rows) - 0.7, 1.2), yticks=[])
        axes.spines["left"].set_visible(False)
    for study in studies:
        first = next(row for row, line in zip(rows, lines, strict=True) if line["study"] == study)
        left.text(-0.76, first + 0.85, study, transform=left.get_yaxis_transform(), fontweight="bold", va="center")
    left.set_xlabel("reported where nothing happened, percent")
    right.set(xlabel="cries wolf, percent", xlim=(0, 101))
    finding = _nothing_finding(lines)
    headline(figure, finding)
    footnote(figure, NOTHING_CAPTION)
    return Picture(
        "without_an_effect", figure, NOTHING_CAPTION, f"{finding}. Every number is in the tables of estimators."
    )


@drawn
def smallest(found: Found, studies: Sequence[str], estimator: str) -> Picture:
    """The smallest fall that each study detects, and the smallest that its own interval shows."""
    lines = _of_estimator(found.smallest, studies, estimator)
    deep = max(3.0, 1.8 + ROW_IN * len(lines))
    figure = Figure(figsize=(WIDTH_IN, deep))
    axes = figure.add_axes((0.38, 1.15 / deep, 0.58, 1 - 1.8 / deep))
    for row, line in enumerate(reversed(lines)):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=STRIPE, zorder=0, linewidth=0)
        low, high = (-line[f"detectable_{end}_percent"] for end in ("low", "high"))
        axes.plot([low, min(high, 100.0)], [row, row], color=BLUE, linewidth=1.6, alpha=0.5)
        axes.plot([-line["shown_percent"]], [row], "o", markersize=5, markerfacecolor="white", markeredgecolor=QUIET)
        axes.plot([-line["detectable_percent"]], [row], "o", color=BLUE, markersize=5)
        axes.text(-0.02, row, line["study"], transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=8)
    axes.set(ylim=(-0.6, len(lines) - 0.4), yticks=[], xlim=(0, 85))
    axes.set_xlabel("true fall in people shot, percent")
    detail = f"counts against precincts {_controls(estimator)}; 24 months each way unless it says so"
    headline(figure, "The smallest fall that a study detects 8 times in 10", detail)
    footnote(figure, SMALLEST_CAPTION)
    alt = "; ".join(f"{line['study']}: {smallest_said(line, 'detectable')}" for line in lines)
    return Picture("smallest_detectable", figure, SMALLEST_CAPTION, f"{alt}.")


def _nothing_row(left: Axes, right: Axes, row: int, line: dict[str, Any]) -> None:
    colour = QUIET if line["estimator"].startswith(BY_WINDOWS) else BLUE
    left.plot([line["critical_low_percent"], line["critical_high_percent"]], [row, row], color=colour, linewidth=1.6)
    left.plot([line["bias_points"]], [row], "o", color=colour, markersize=4.5)
    words = line["estimator"].replace("_", " ").replace("windows", "windows,")
    left.text(-0.76, row, words, transform=left.get_yaxis_transform(), va="center", fontsize=8)
    right.plot([100 * line["false_alarm_low"], 100 * line["false_alarm_high"]], [row, row], color=colour, linewidth=1.6)
    right.plot([100 * line["false_alarm"]], [row], "o", color=colour, markersize=4.5)
    if np.isnan(line["false_alarm"]):
        right.text(2, row, "no interval", fontsize=7.5, va="center", color=QUIET)


def _nothing_finding(lines: list[dict[str, Any]]) -> str:
    worst = max(lines, key=lambda line: np.nan_to_num(line["false_alarm"]))
    name = worst["estimator"].replace("windows_", "").replace("_", " ")
    by = "plain before/after counts" if worst["estimator"] in UNCOMPARED else f"studies by “{name}”"
    return f"Where nothing happened, {100 * worst['false_alarm']:.0f} of 100 {by} see a change"


def _controls(estimator: str) -> str:
    return spoken(estimator.removeprefix(BY_WINDOWS))


def _order(line: dict[str, Any]) -> float:
    """By the smallest detectable fall; those beyond what was planted last."""
    value = -line["detectable_percent"]
    return float(np.nan_to_num(value, nan=0.0 if line["detectable_missed_percent"] == 0.0 else np.inf))


def _rows(table: pd.DataFrame, study: str, estimator: str) -> pd.DataFrame:
    return table[(table["study"] == study) & (table["estimator"] == estimator)]


def _of_study(table: pd.DataFrame, study: str) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table[table["study"] == study].to_dict("records")]


def _of_estimator(table: pd.DataFrame, studies: Sequence[str], estimator: str) -> list[dict[str, Any]]:
    return [line for study in studies for line in _of_study(table, study) if line["estimator"] == estimator]
