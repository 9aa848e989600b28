"""A picture for each group of the validation: the model's intervals, and the published figures in or beside them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.validation.check import Checked, Validation
from cms_sim.evaluation.validation.row import Group
from cms_sim.report.style import (
    BLUE,
    INK,
    ORANGE,
    QUIET,
    STRIPE,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
)
from cms_sim.report.validation_numbers import model, published
from cms_sim.report.validation_words import kind, picture_name

ROW_IN: Final = 0.36
TOP_IN, BOTTOM_IN = 0.78, 0.92
LABELS: Final = 0.47
RIGHT: Final = 0.845
COLOURS: Final = (BLUE, ORANGE)
CAPTION: Final = (
    "Bar: the model's middle 90%, notch: its median. Diamond: the published figure, line: its interval; shaded: a "
    "published range. Red cross: not covered."
)
AFTER: Final = " Thin line under a bar: the same once fitted to the rows marked [fitted]."


def pictures(validations: Sequence[Validation]) -> list[Picture]:
    """One for each group."""
    return [group_plot(validations, place) for place in range(len(validations[0].groups))]


@drawn
def group_plot(validations: Sequence[Validation], place: int) -> Picture:
    """The rows of one group, a bar for each hypothesis."""
    group, first = validations[0].groups[place]
    row_in = ROW_IN + 0.1 * (len(validations) - 1)
    height = TOP_IN + row_in * len(first) + BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, _finding(validations, place), _place(validations))
    axes = figure.add_axes((LABELS, BOTTOM_IN / height, RIGHT - LABELS, row_in * len(first) / height))
    axes.set(ylim=(len(first) - 0.5, -0.5), yticks=[])
    axes.spines["left"].set_visible(False)
    if group.logarithmic:
        axes.set_xscale("log")
    _reference(axes, group)
    for number, each in enumerate(first):
        rows = [validation.groups[place][1][number] for validation in validations]
        _row(axes, number, rows, kind(each, validations[0].fitted))
    _ticks(axes, group)
    caption = CAPTION + (AFTER if any(not math.isnan(each.after_low) for each in first) else "")
    footnote(figure, caption)
    alt = "; ".join(
        f"{each.row.words}: published {published(each, group.unit)}, "
        + ", ".join(
            f"{validation.hypothesis} {model(validation.groups[place][1][number], group.unit)}"
            for validation in validations
        )
        for number, each in enumerate(first)
    )
    return Picture(picture_name(group), figure, caption, f"{alt}.")


def _finding(validations: Sequence[Validation], place: int) -> str:
    said = []
    for validation in validations:
        group, rows = validation.groups[place]
        covered = sum(each.covered for each in rows)
        said.append(f"{covered} of {len(rows)}" + (f" under {validation.hypothesis}" if len(validations) > 1 else ""))
    return f"{group.title}: {', '.join(said)} covered"


def _place(validations: Sequence[Validation]) -> str:
    named = ", ".join(
        f"{hypothesis(each.hypothesis).title} ({name})" if len(validations) > 1 else hypothesis(each.hypothesis).title
        for each, name in zip(validations, ("blue", "orange"), strict=False)
    )
    drawn_from = "posterior" if validations[0].fitted else "priors, nothing fitted"
    return f"{named}; {validations[0].histories} histories each; parameters: {drawn_from}"


def _reference(axes: Axes, group: Group) -> None:
    """A line where nothing changes, or chance alone is."""
    if group.name in ("studies", "words"):
        axes.axvline(0.0, color=INK, linewidth=0.7, zorder=1)
    if group.name in ("years", "counts"):
        axes.axvline(1.0, color=INK, linewidth=0.7, zorder=1)


def _row(axes: Axes, number: int, rows: Sequence[Checked], kind_: str) -> None:
    across = blended_transform_factory(axes.figure.transFigure, axes.transData)
    if number % 2 == 0:
        ends = (number - 0.5, number + 0.5)
        axes.fill_between([0.0, 1.0], *ends, transform=across, color=STRIPE, clip_on=False, zorder=0, linewidth=0)
    first = rows[0]
    lines = textwrap.wrap(first.row.words, 62)
    if len(lines) > 2:
        lines = [lines[0], textwrap.shorten(" ".join(lines[1:]), 60, placeholder=" …")]
    axes.text(0.012, number, "\n".join(lines), transform=across, fontsize=7.2, va="center", linespacing=1.1)
    if first.published is None:
        assert first.row.low is not None and first.row.high is not None
        axes.fill_between(
            [first.row.low, first.row.high], number - 0.42, number + 0.42, color="#d9ecd9", linewidth=0, zorder=0.5
        )
    for place, each in enumerate(rows):
        y = number + 0.3 * (place - (len(rows) - 1) / 2)
        _bar(axes, y, each, COLOURS[place % len(COLOURS)])
    _figure(axes, number, first)
    marks = " ".join("✓" if each.covered else "✗" for each in rows)
    axes.text(
        RIGHT + 0.012, number, kind_.replace(" [", "\n["), transform=across, fontsize=7.2, va="center", color=QUIET
    )
    every = all(each.covered for each in rows)
    axes.text(
        0.99, number, marks, transform=across, fontsize=8.5, va="center", ha="right", color=INK if every else VERMILLION
    )


def _bar(axes: Axes, y: float, each: Checked, colour: str) -> None:
    axes.plot([each.low, each.high], [y, y], color=colour, linewidth=4.5, alpha=0.55, solid_capstyle="butt", zorder=2)
    axes.plot([each.median] * 2, [y - 0.11, y + 0.11], color=colour, linewidth=1.8, zorder=3)
    if not math.isnan(each.after_low):
        axes.plot([each.after_low, each.after_high], [y + 0.16] * 2, color=colour, linewidth=0.9, zorder=2)
    if not each.covered:
        axes.plot([_missed_edge(each)], [y], "x", color=VERMILLION, markersize=4.5, markeredgewidth=1.4, zorder=5)


def _missed_edge(each: Checked) -> float:
    """The end of the model's interval that is next to what it misses."""
    if each.published is None:
        assert each.row.low is not None
        return each.low if each.low < each.row.low else each.high
    return each.low if each.published < each.low else each.high


def _figure(axes: Axes, number: int, each: Checked) -> None:
    row = each.row
    if each.published is None:
        return
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [number, number], color=INK, linewidth=0.9, zorder=3.5)
    axes.plot(
        [each.published],
        [number],
        "D",
        color=INK,
        markersize=4.2,
        markeredgecolor="white",
        markeredgewidth=0.6,
        zorder=4,
    )


def _ticks(axes: Axes, group: Group) -> None:
    low, high = axes.get_xlim()
    pad = 0.0 if group.logarithmic else 0.03 * (high - low)
    axes.set_xlim(low - pad, high + pad)
    words: dict[str, str] = {"%": "percent", "ratio": "ratio or share", "days": "days", "count": "number"}

    def written(value: float, _: Any) -> str:
        text = f"{value:,.0f}" if abs(value) >= 10 or group.unit == "%" else f"{value:g}"
        return (text + ("%" if group.unit == "%" else "")).replace("-", "−")

    axes.xaxis.set_major_formatter(written)
    if group.logarithmic:
        _, top = axes.get_xlim()
        bottom = axes.get_xlim()[0]
        steps = np.array([1, 2, 5]) if np.log10(top / bottom) < 2.2 else np.array([1, 3])
        ticks = [s * 10.0**p for p in range(-3, 6) for s in steps if bottom <= s * 10.0**p <= top]
        axes.set_xticks(ticks)
        axes.set_xticks([], minor=True)
        axes.xaxis.set_major_formatter(written)
    axes.set_xlabel(words[group.unit], fontsize=8)
