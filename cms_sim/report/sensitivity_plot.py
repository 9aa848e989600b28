"""What an outcome hangs on, drawn: Sobol indices as bars, Morris effects ranked and against their unevenness."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.morris import MorrisEffects
from cms_sim.evaluation.sensitivity import Sensitivity
from cms_sim.evaluation.sobol import SobolIndices
from cms_sim.evaluation.varied import Varied
from cms_sim.report.sensitivity_words import asked, finding, noise, outcome_words, share
from cms_sim.report.style import (
    BLUE,
    FAINT,
    INK,
    ORANGE,
    QUIET,
    STRIPE,
    VERMILLION,
    WIDTH_IN,
    Picture,
    balanced,
    drawn,
    footnote,
    headline,
    zero_line,
)

ROW_IN: Final = 0.46
TOP_IN, BOTTOM_IN = 0.62, 1.0
LABELS: Final = 0.42
"""Share of the width that the labels take."""
GREY: Final = "#dcdcdc"
"""What noise alone would show."""
BESIDE: Final = (
    (0.05, 0.035),
    (0.06, 0.0),
    (0.03, 0.05),
    (0.03, -0.05),
    (-0.05, 0.0),
    (-0.03, 0.05),
    (0.0, 0.075),
    (0.08, 0.075),
)
"""Where a number may stand beside its point, as shares of width and height, the best place first."""
SOBOL_CAPTION: Final = (
    "Dark bar: share of the variance that a parameter brings by itself (first-order index). Light bar: with what it "
    "brings together with others (total index). Lines: 95% intervals, of the points drawn and of chance. Noise is "
    "taken off the indices; the grey bar is its share of the variance before."
)
MORRIS_CAPTION: Final = (
    "Left: mean size of the effect of going through the whole range (mu*, in the outcome's unit over the frame), "
    "▲ where the outcome mostly rises with it, ▼ where it falls. Right: the same against how uneven that effect is "
    "(sigma): high means that it depends on the other values. Lines: 95% intervals. Grey: no more than what noise "
    "alone would show."
)


@drawn
def sensitivity_plot(found: Sensitivity, names: Mapping[str, Varied]) -> Picture:
    """The picture that fits the method; `names` are what was varied (`cms_sim.evaluation.varied.varied`)."""
    if isinstance(found.indices, SobolIndices):
        return _sobol(found, found.indices, names)
    return _morris(found, found.indices, names)


def _sobol(found: Sensitivity, indices: SobolIndices, names: Mapping[str, Varied]) -> Picture:
    order = np.argsort(indices.total)
    rows = len(order) + 1
    figure, axes = _sheet(found, rows, right=0.97, words=SOBOL_CAPTION)
    for row, k in enumerate(order, start=1):
        _label(axes, row, names[indices.names[k]])
        words = ("by itself ", "in all ") if row == len(order) else ("", "")
        _bar(axes, row + 0.18, indices.first[k], indices.first_half[k], BLUE, words[0])
        _bar(axes, row - 0.18, indices.total[k], indices.total_half[k], ORANGE, words[1])
    _stripe(axes, 0)
    axes.barh([0], [indices.noise_share], height=0.4, color=QUIET)
    across = _across(axes)
    axes.text(0.01, 0.17, "Chance left in the means over replicates", transform=across, fontsize=8, va="center")
    chance = f"noise · {indices.replicates} replicates; more of them make it less"
    axes.text(0.01, -0.2, chance, transform=across, fontsize=7, va="center", color=QUIET)
    axes.text(indices.noise_share + 0.01, 0, share(indices.noise_share), fontsize=8, va="center", color=QUIET)
    top = max(0.8, float(np.max(indices.total + indices.total_half)), float(np.max(indices.first + indices.first_half)))
    low = min(0.0, float(np.min(indices.first - indices.first_half)), float(np.min(indices.total - indices.total_half)))
    axes.set(xlim=(max(low, -0.25) - 0.01, top + 0.26), xticks=np.arange(0.0, 1.01, 0.25))
    axes.set_xticklabels([f"{tick:.0%}" for tick in axes.get_xticks()])
    axes.set_xlabel(f"share of the variance of {outcome_words(found.outcome)}", color=INK)
    zero_line(axes)
    alt = "; ".join(
        f"{indices.names[k]}: by itself {indices.first[k]:.2f}, in all {indices.total[k]:.2f} "
        f"±{indices.total_half[k]:.2f}"
        for k in order[::-1]
    )
    return Picture(_name(found), figure, SOBOL_CAPTION, f"{alt}; {noise(indices)}.")


def _morris(found: Sensitivity, indices: MorrisEffects, names: Mapping[str, Varied]) -> Picture:
    order = np.argsort(indices.mu_star)
    figure, axes = _sheet(found, max(len(order), 5), right=0.66, words=MORRIS_CAPTION)
    axes.set_ylim(len(order) - max(len(order), 5) - 0.5, len(order) - 0.5)
    beside = figure.add_axes((0.75, axes.get_position().y0, 0.235, axes.get_position().height))
    beside.axvspan(0.0, float(indices.floor.mean()), color=GREY, zorder=0, linewidth=0)
    for row, k in enumerate(order):
        _label(axes, row, names[indices.names[k]], number=len(order) - row)
        colour, marker = (BLUE, "^") if indices.mu[k] >= 0.0 else (VERMILLION, "v")
        size, half = indices.mu_star[k], indices.mu_star_half[k]
        axes.barh([row], [indices.floor[k]], height=1.0, color=GREY, linewidth=0, zorder=0.5)
        axes.plot([max(0.0, size - half), size + half], [row, row], color=colour, linewidth=1.2)
        axes.plot([size], [row], marker, color=colour, markersize=6)
        uneven, lift = indices.sigma[k], indices.sigma_half[k]
        beside.plot([max(0.0, size - half), size + half], [uneven] * 2, color=FAINT, linewidth=0.8, zorder=1)
        beside.plot([size] * 2, [max(0.0, uneven - lift), uneven + lift], color=FAINT, linewidth=0.8, zorder=1)
        beside.plot([size], [uneven], marker, color=colour, markersize=5)
    right = 1.05 * float(np.max(indices.mu_star + indices.mu_star_half))
    top = 1.08 * max(float(np.max(indices.sigma + indices.sigma_half)), 0.4 * right)
    _numbers(beside, indices, order, right, top)
    axes.set_xlim(0.0, right)
    beside.set(xlim=(0.0, 1.08 * right), ylim=(-0.04 * top, top))
    axes.set_xlabel("mu*", color=INK)
    beside.set_xlabel("mu*", color=INK)
    beside.set_ylabel("sigma", color=INK, labelpad=2)
    alt = "; ".join(
        f"{indices.names[k]}: mu* {indices.mu_star[k]:.3g} ±{indices.mu_star_half[k]:.2g}, sigma {indices.sigma[k]:.3g}"
        for k in order[::-1]
    )
    return Picture(_name(found), figure, MORRIS_CAPTION, f"{alt}; {noise(indices)}.")


def _numbers(axes: Axes, indices: MorrisEffects, order: NDArray[np.intp], right: float, top: float) -> None:
    """The rank of each point beside it, where there is room."""
    points = np.stack([indices.mu_star[order] / right, indices.sigma[order] / top], axis=1)
    taken = list(points)
    for row, point in enumerate(points):
        free = [_room(point + offset, taken) for offset in BESIDE]
        place = point + BESIDE[next((k for k, room in enumerate(free) if room > 1.0), int(np.argmax(free)))]
        taken.append(place)
        x, y = place * [right, top]
        axes.text(x, y, str(len(order) - row), fontsize=7.5, va="center", ha="center", weight="bold")


def _room(place: Floats, taken: Sequence[Floats]) -> float:
    """Distance to the nearest of what is there, in widths and heights of a number; nothing outside the frame."""
    if not (0.02 < place[0] < 1.07 and -0.03 < place[1] < 0.98):
        return 0.0
    return min(float(np.max(np.abs(place - other) / [0.045, 0.035])) for other in taken)


def _sheet(found: Sensitivity, rows: int, right: float, words: str) -> tuple[Figure, Axes]:
    """A page with headline, foot, and room for `rows` rows beside their labels."""
    said = finding(found)
    height = TOP_IN + 0.19 * balanced(said).count("\n") + ROW_IN * rows + BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, said, f"{asked(found)} · {noise(found.indices).partition(' of ')[0]}")
    axes = figure.add_axes((LABELS, BOTTOM_IN / height, right - LABELS, ROW_IN * rows / height))
    axes.set(ylim=(-0.5, rows - 0.5), yticks=[])
    axes.spines["left"].set_visible(False)
    footnote(figure, words)
    return figure, axes


def _label(axes: Axes, row: int, name: Varied, number: int | None = None) -> None:
    """What was varied, beside its row: the meaning in one or two lines, the name with its range under it."""
    across, left = _across(axes), 0.01 if number is None else 0.04
    if row % 2 == 0:
        _stripe(axes, row, 1.0 if number is None else axes.get_position().x1)
    if number is not None:
        axes.text(0.01, row, str(number), transform=across, fontsize=8, va="center", weight="bold")
    lines = textwrap.wrap(name.meaning, 50 if number is None else 45)
    shown = [*lines[:1], *(line + ("…" if lines[2:] else "") for line in lines[1:2])]
    for place, line in zip((0.27, 0.0) if len(shown) > 1 else (0.15,), shown, strict=True):
        axes.text(left, row + place, line, transform=across, fontsize=7.8, va="center")
    span = textwrap.shorten(name.span, 62, placeholder="…")
    foot = row - (0.28 if len(shown) > 1 else 0.19)
    axes.text(left, foot, span, transform=across, fontsize=6.8, va="center", color=QUIET)


def _bar(axes: Axes, place: float, value: float, half: float, colour: str, words: str) -> None:
    axes.barh([place], [max(value, 0.0)], height=0.34, color=colour, linewidth=0)
    axes.plot([value - half, value + half], [place, place], color=INK, linewidth=1.0)
    said = f"{words}{max(value, 0.0):.0%}"
    axes.text(max(value + half, 0.0) + 0.012, place, said, fontsize=7.5, va="center", color=QUIET)


def _stripe(axes: Axes, row: int, until: float = 1.0) -> None:
    ends = (row - 0.5, row + 0.5)
    axes.fill_between([0, until], *ends, transform=_across(axes), color=STRIPE, clip_on=False, zorder=0, linewidth=0)


def _across(axes: Axes) -> Any:
    return blended_transform_factory(axes.figure.transFigure, axes.transData)


def _name(found: Sensitivity) -> str:
    return f"{found.outcome}-{found.plan}"
