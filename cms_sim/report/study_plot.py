"""What a study would have reported of the new sites, beside what was true in the same runs."""

from __future__ import annotations

import math
import textwrap
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.evaluation.studies import Study
from cms_sim.evaluation.words import chance
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import (
    BLUE,
    FAINT,
    INK,
    ORANGE,
    QUIET,
    STRIPE,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
    zero_line,
)
from cms_sim.report.words import percent

ROW_IN: Final = 0.88
TOP_IN, BOTTOM_IN = 0.95, 1.05


@drawn
def study_plot(sheet: Sheet) -> Picture:
    """A row for each plan that a study could be made of; there must be one."""
    studies = sheet.studies
    height = TOP_IN + ROW_IN * len(studies) + BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, _finding(sheet))
    axes = figure.add_axes((0.34, BOTTOM_IN / height, 0.42, ROW_IN * len(studies) / height))
    for row, study in enumerate(reversed(studies)):
        _row(axes, row, study, sheet.results.plans[study.plan].title, shares=not sheet.too_few)
    zero_line(axes)
    axes.set(ylim=(-0.5, len(studies) - 0.5), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}%".replace("-", "−") if value else "0")
    axes.set_xlabel("◀ fewer people shot   ·   more people shot ▶", color=INK)
    footnote(figure, _caption(sheet))
    alt = "; ".join(
        f"{sheet.results.plans[s.plan].title}: true {percent(s.true_percent)}, "
        f"before and after {percent(s.raw_percent)}, with controls {percent(s.did_percent)}"
        for s in studies
    )
    return Picture("studies", figure, _caption(sheet), f"{alt}.")


def _caption(sheet: Sheet) -> str:
    line = " Line: 90 of 100 runs." if sheet.has_ranges else ""
    return (
        "Change of people shot in the new sites' precincts, 24 months before and after opening. Dot: all runs "
        f"together.{line} True: the plan against the reference in the same runs, which only a simulation can see. "
        "Nothing opened: what a study with controls reports under the reference."
    )


def _finding(sheet: Sheet) -> str:
    known = [study for study in sheet.studies if not math.isnan(study.true_percent)]
    if not known or sheet.too_few:
        return "What a study of the new sites would report"
    first = max(known, key=lambda study: abs(study.true_percent))
    title = sheet.results.plans[first.plan].title
    return (
        f"“{title}” truly changes the new sites' precincts by {percent(first.true_percent)}; "
        f"a study with controls would show it in {_shown(first)[1]} of runs"
    )


def _shown(study: Study) -> tuple[str, str]:
    """The way of the true change, and the share of runs in which a study with controls shows it."""
    rises = study.true_percent > 0.0
    return ("rise", chance(study.rise_share)) if rises else ("fall", chance(study.fall_share))


def _row(axes: Axes, row: int, study: Study, title: str, *, shares: bool) -> None:
    if row % 2 == 0:
        axes.axhspan(row - 0.5, row + 0.5, color=STRIPE, zorder=0, linewidth=0)
    place = axes.get_yaxis_transform()
    nothing = (study.did_reference_low_90, study.did_reference_high_90)
    shown = (
        ("true", study.true_percent, None, None, INK, "D"),
        ("before and after", study.raw_percent, study.raw_low_90, study.raw_high_90, ORANGE, "s"),
        ("with controls", study.did_percent, study.did_low_90, study.did_high_90, BLUE, "o"),
        ("nothing opened", study.did_reference_percent, *nothing, QUIET, "^"),
    )
    for k, (name, mean, low, high, colour, marker) in enumerate(shown):
        y = row + 0.22 * (1.5 - k)
        if low is not None and high is not None:  # NaN, which draws nothing, where the runs are few
            axes.plot([low, high], [y, y], color=colour, linewidth=1.4)
        axes.plot([mean], [y], marker, color=colour, markersize=5, markeredgecolor="white", markeredgewidth=0.5)
        axes.text(-0.015, y, name, transform=place, fontsize=7.5, color=QUIET, ha="right", va="center")
        axes.text(1.03, y, percent(mean), transform=place, fontsize=8, va="center")
    words = textwrap.fill(title, 22, max_lines=3, placeholder="…")
    axes.text(-0.785, row, words, transform=place, fontsize=8.5, weight="bold", va="center")
    way, share = _shown(study)
    found = f"a {way} shown in\n{share} of runs"
    if shares:
        axes.text(1.2, row, found, transform=place, fontsize=8, va="center", color=INK)
    axes.axhline(row + 0.5, color=FAINT, linewidth=0.4)
