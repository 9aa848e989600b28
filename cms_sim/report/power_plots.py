"""Pictures of studies' power: curves by number of sites, what is reported of nothing, what is found at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.evaluation.power.detectable import WANTED_POWER
from cms_sim.evaluation.power.reported import BY_WINDOWS
from cms_sim.evaluation.power.tasks import PLANTED
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
    spread,
)

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.summary import Found

COLOURS: Final = (VERMILLION, BLUE, GREEN, PURPLE, ORANGE, SKY)
ROW_IN: Final = 0.2
CURVES_CAPTION: Final = (
    "Share of studies that report a fall beyond what all but 2.5 of 100 report where nothing happened. Bands: 95% "
    "(Wilson). The change is planted in simulated histories that had no programme."
)
NOTHING_CAPTION: Final = (
    "Left: mean of what is reported in histories without any programme, and the middle 95% of it. Right: share whose "
    "own 95% interval leaves out no change, with its 95% interval; a test that is right has 5% (line)."
)
SMALLEST_CAPTION: Final = (
    "The smallest fall that 8 of 10 studies report. Filled: with a critical value at which 5 of 100 studies cry wolf "
    "where nothing happened, with its 95% range (resampled histories). Hollow: by the "
    "study's own Poisson error. Studies without a mark do not find 80%."
)


@drawn
def curves(found: Found, studies: Sequence[str], estimator: str) -> Picture:
    """Calibrated power over the size of the change, a line for each study."""
    figure = Figure(figsize=(WIDTH_IN, 4.2))
    axes = figure.add_axes((0.09, 0.22, 0.61, 0.62))
    ends = []
    for study, colour in zip(studies, COLOURS, strict=False):
        rows = _rows(found.power, study, estimator)
        rows = rows[(rows["kind"] == PLANTED) & (rows["effect_percent"] <= 0.0)].sort_values("effect_percent")
        x = -rows["effect_percent"].to_numpy()
        y, low, high = (100.0 * rows[f"calibrated_fall{end}"].to_numpy() for end in ("", "_low", "_high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
        axes.plot(x, y, "o-", color=colour, markersize=3, linewidth=1.4)
        ends.append((study, colour, float(x[0]), float(y[0])))
    for (study, colour, x_end, y_end), at in zip(ends, spread([end[3] for end in ends], 6.0), strict=True):
        axes.plot([x_end, x_end + 1.5], [y_end, at], color=colour, linewidth=0.6, clip_on=False)
        axes.text(x_end + 2.0, at, study, color=colour, fontsize=8, va="center", fontweight="bold")
    axes.axhline(100 * WANTED_POWER, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set(ylim=(0, 102), xlim=(0, max(end[2] for end in ends)))
    axes.set(xlabel="true fall in people shot, percent", ylabel="studies that find it, percent")
    name = estimator.removeprefix(BY_WINDOWS).replace("_", " ")
    headline(figure, "How large a fall must be to be found depends on how many sites are studied", f"against {name}")
    footnote(figure, CURVES_CAPTION)
    lines = _of_estimator(found.smallest, studies, estimator)
    alt = "; ".join(f"{line['study']}: 8 in 10 from {_size(line)}" for line in lines)
    return Picture("power_curves", figure, CURVES_CAPTION, f"{alt}.")


@drawn
def without_an_effect(found: Found, studies: Sequence[str]) -> Picture:
    """What each estimator reports where nothing happened, and how often it calls that a change."""
    lines = [line for study in studies for line in _of_study(found.smallest, study) if line["estimator"] != "spillover"]
    gaps = [0 if k == 0 or line["study"] == lines[k - 1]["study"] else 2 for k, line in enumerate(lines)]
    rows = [-(k + gap) for k, gap in enumerate(np.cumsum(gaps).tolist())]
    deep = max(3.2, 1.75 + ROW_IN * (2 - min(rows)))
    figure = Figure(figsize=(WIDTH_IN, deep))
    box = 0.85 / deep, 1 - 1.65 / deep
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
    headline(figure, _nothing_finding(lines))
    footnote(figure, NOTHING_CAPTION)
    alt = "; ".join(
        f"{line['study']}, {line['estimator']}: {line['bias_points']:+.1f}%, wolf {100 * line['false_alarm']:.0f}%"
        for line in lines
    )
    return Picture("without_an_effect", figure, NOTHING_CAPTION, f"{alt}.")


@drawn
def smallest(found: Found, studies: Sequence[str], estimator: str) -> Picture:
    """The smallest fall that each study finds 8 times in 10."""
    lines = _of_estimator(found.smallest, studies, estimator)
    deep = max(3.0, 1.6 + ROW_IN * len(lines))
    figure = Figure(figsize=(WIDTH_IN, deep))
    axes = figure.add_axes((0.38, 0.95 / deep, 0.58, 1 - 1.6 / deep))
    for row, line in enumerate(reversed(lines)):
        own, calibrated = line["smallest_found_percent"], line["smallest_found_calibrated_percent"]
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=STRIPE, zorder=0, linewidth=0)
        low, high = (-line[f"smallest_found_calibrated_{end}_percent"] for end in ("low", "high"))
        axes.plot([low, 100.0 if np.isnan(high) else high], [row, row], color=BLUE, linewidth=1.6, alpha=0.5)
        axes.plot([-own], [row], "o", markersize=5, markerfacecolor="white", markeredgecolor=QUIET)
        axes.plot([-calibrated], [row], "o", color=BLUE, markersize=5)
        axes.text(-0.02, row, line["study"], transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=8)
    axes.set(ylim=(-0.6, len(lines) - 0.4), yticks=[], xlim=(0, 85))
    axes.set_xlabel("fall that is found 8 times in 10, percent")
    name = estimator.removeprefix(BY_WINDOWS).replace("_", " ")
    headline(
        figure, "What a study can find at all", f"before/after against {name}; 24 months each way unless it says so"
    )
    footnote(figure, SMALLEST_CAPTION)
    alt = "; ".join(f"{line['study']}: {_size(line)}" for line in lines)
    return Picture("smallest_found", figure, SMALLEST_CAPTION, f"{alt}.")


def _nothing_row(left: Axes, right: Axes, row: int, line: dict[str, Any]) -> None:
    colour = QUIET if line["estimator"].startswith(BY_WINDOWS) else BLUE
    left.plot([line["critical_low_percent"], line["critical_high_percent"]], [row, row], color=colour, linewidth=1.6)
    left.plot([line["bias_points"]], [row], "o", color=colour, markersize=4.5)
    words = line["estimator"].replace("_", " ").replace("windows", "windows,")
    left.text(-0.76, row, words, transform=left.get_yaxis_transform(), va="center", fontsize=8)
    right.plot([100 * line["false_alarm_low"], 100 * line["false_alarm_high"]], [row, row], color=colour, linewidth=1.6)
    right.plot([100 * line["false_alarm"]], [row], "o", color=colour, markersize=4.5)
    if np.isnan(line["false_alarm"]):
        right.text(2, row, "no interval for one site", fontsize=7.5, va="center", color=QUIET)


def _nothing_finding(lines: list[dict[str, Any]]) -> str:
    worst = max(lines, key=lambda line: np.nan_to_num(line["false_alarm"]))
    name = worst["estimator"].replace("windows_", "").replace("_", " ")
    return f"Where nothing happened, {100 * worst['false_alarm']:.0f} of 100 studies by “{name}” see a change"


def _rows(table: pd.DataFrame, study: str, estimator: str) -> pd.DataFrame:
    return table[(table["study"] == study) & (table["estimator"] == estimator)]


def _of_study(table: pd.DataFrame, study: str) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table[table["study"] == study].to_dict("records")]


def _of_estimator(table: pd.DataFrame, studies: Sequence[str], estimator: str) -> list[dict[str, Any]]:
    return [line for study in studies for line in _of_study(table, study) if line["estimator"] == estimator]


def _size(line: dict[str, Any]) -> str:
    value = line["smallest_found_calibrated_percent"]
    return "no size tried" if np.isnan(value) else f"{value:.0f}%"
