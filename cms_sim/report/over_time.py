"""Through the years: people shot in the past and under the plans, and the running sum of those not shot."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats, fewest_for_range, sample_range
from cms_sim.evaluation.shares import monthly
from cms_sim.evaluation.words import joined
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
from cms_sim.report.words import average, count

Dates = NDArray[np.datetime64]
YEAR_MONTHS: Final = 12
BANDS: Final = (0.9, 0.5)
DAY: Final = np.timedelta64(1, "D")


@drawn
def people_shot(sheet: Sheet) -> Picture:
    """People shot in twelve months, the past included: reference, no programme, and the plan that averts most."""
    results, leader = sheet.results, sheet.leader
    shown: list[tuple[int, str, Any]] = [(results.reference, INK, "-")]
    if leader is not None:
        shown.append((leader.index, BLUE if leader.averted.mean >= 0 else VERMILLION, (0, (5, 1))))
    if results.no_programme is not None:
        shown.append((results.no_programme, QUIET, (0, (1, 1.2))))
    window = min(YEAR_MONTHS, len(results.months))
    sums = np.lib.stride_tricks.sliding_window_view(monthly(results, "victims"), window, axis=-1).sum(axis=-1)
    dates = results.months[window - 1 :].astype("datetime64[D]")
    figure = Figure(figsize=(WIDTH_IN, 3.7))
    headline(
        figure,
        _shot_finding(sheet, sums),
        "People shot in the twelve months before, precincts in play",
    )
    axes = figure.add_axes((0.075, 0.17, 0.665, 0.6))
    begin = np.datetime64(results.months[results.first_month], "D")
    start: Any = begin
    top = float(np.quantile(sums[:, [plan for plan, *_ in shown]], 0.95, axis=0).max())
    ends = spread([float(sums[:, plan, -1].mean()) for plan, *_ in shown], 0.1 * max(top, 1.0))
    for (plan, colour, dash), end in zip(shown, ends, strict=True):
        since = dates >= (begin if plan == getattr(leader, "index", None) else dates[0])
        mean = sums[:, plan, since].mean(axis=0)
        if plan != results.no_programme:
            low, high = sample_range(sums[:, plan, since], 0.9)
            axes.fill_between(dates[since], low, high, color=colour, alpha=0.13, linewidth=0)
        axes.plot(dates[since], mean, color=colour, linestyle=dash, linewidth=1.8)
        _name_line(axes, results.plans[plan].title, colour, float(mean[-1]), end)
    axes.set(xlim=(dates[0], max(dates[-1], dates[0] + DAY)), ylim=(0, max(1.08 * top, 1.0)))
    if dates[0] < begin:
        axes.axvline(start, color=QUIET, linewidth=0.8, linestyle=":")
        axes.text(start, 0.02, "  plans begin", transform=axes.get_xaxis_transform(), fontsize=8, color=QUIET)
    _years(axes, dates)
    caption = _shot_caption(sheet)
    footnote(figure, caption)
    last = "; ".join(
        f"{results.plans[plan].title}: {count(float(sums[:, plan, -1].mean()), 1.0)}" for plan, *_ in shown
    )
    return Picture("people_shot", figure, caption, f"People shot in the last twelve months, mean. {last}.")


def _shot_caption(sheet: Sheet) -> str:
    """Of what is drawn: few runs have no bands, and the references alone no plan that averts most."""
    drawn = "the reference" if sheet.leader is None else "the reference and for the plan that averts most"
    bands = f" Bands: 90 of 100 runs, for {drawn}." if sheet.has_ranges else ""
    return f"People shot in the twelve months up to each month, precincts in play. Lines: {average(sheet)}.{bands}"


def _shot_finding(sheet: Sheet, sums: Floats) -> str:
    reference, leader = sheet.results.reference, sheet.leader
    usual = float(sums[:, reference, -1].mean())
    words = f"About {count(usual, 10.0)} people a year are shot under “{sheet.reference.title}”"
    if leader is None or not leader.averted.clear:
        return words
    verb = "takes off" if leader.averted.mean > 0 else "adds"
    return f"{words}; “{leader.info.title}” {verb} {abs(leader.percent):.1f}%"


def _name_line(axes: Axes, title: str, colour: str, value: float, label: float) -> None:
    place = axes.get_yaxis_transform()
    axes.plot([1.0, 1.015, 1.03], [value, value, label], color=FAINT, linewidth=0.7, transform=place, clip_on=False)
    words = textwrap.fill(title, 24, max_lines=2, placeholder="…")
    axes.text(1.04, label, words, transform=place, color=colour, fontsize=8.2, va="center", linespacing=0.95)


@drawn
def averted_over_time(sheet: Sheet) -> Picture:
    """The running sum of people not shot, a panel a plan; the other plans stand behind it in grey."""
    results, lines = sheet.results, sorted(sheet.compared, key=lambda line: -line.averted.mean)
    victims = monthly(results, "victims")[..., results.first_month :]
    sums = np.cumsum(victims[:, [results.reference]] - victims, axis=-1)
    dates = results.months[results.first_month :].astype("datetime64[D]")
    columns = min(3, max(len(lines), 1))
    rows = -(-len(lines) // columns) or 1
    height = 1.5 + 1.55 * rows
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(
        figure,
        _sum_finding(sheet),
        f"People not shot since the start, against “{sheet.reference.title}”",
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    edges = {"bottom": 0.72 / height, "top": 1 - 1.0 / height, "hspace": 0.34, "wspace": 0.08}
    figure.subplots_adjust(left=0.065, right=0.985, **edges)
    for axes, line in zip(panels, lines, strict=False):
        for other in lines:
            axes.plot(dates, sums[:, other.index].mean(axis=0), color=FAINT, linewidth=0.7)
        _panel(axes, dates, sums[:, line.index], line)
    for axes in panels[len(lines) :]:
        axes.set_visible(False)
    caption = _sum_caption(sheet)
    footnote(figure, caption)
    totals = "; ".join(f"{line.info.title}: {count(float(sums[:, line.index, -1].mean()))}" for line in lines)
    return Picture("averted_over_time", figure, caption, f"People not shot by the end of the years compared. {totals}.")


def _sum_caption(sheet: Sheet) -> str:
    levels = [f"{100 * level:.0f}" for level in BANDS if sheet.replicates >= fewest_for_range(level)]
    bands = f" {'Bands' if levels[1:] else 'Band'}: {joined(levels[::-1])} of 100 runs." if levels else ""
    others = " Grey: the other plans." if len(sheet.compared) > 1 else ""
    return f"People not shot since the start, against the reference. Line and number: {average(sheet)}.{bands}{others}"


def _sum_finding(sheet: Sheet) -> str:
    leader, years = sheet.leader, sheet.results.years
    if sheet.too_few:
        return "Too few runs to tell the running sums from zero"
    if leader is None or not leader.averted.clear:
        return "The running sums do not leave zero clearly behind"
    number = count(abs(leader.averted.mean) * years)
    way = "fewer" if leader.averted.mean > 0 else "more"
    return f"Over {years:.2g} years “{leader.info.title}” comes to about {number} {way} people shot"


def _panel(axes: Axes, dates: Dates, sums: Floats, line: PlanLine) -> None:
    mean = sums.mean(axis=0)
    colour = VERMILLION if mean[-1] < 0 else BLUE
    for level, strength in zip(BANDS, (0.14, 0.22), strict=True):
        axes.fill_between(dates, *sample_range(sums, level), color=colour, alpha=strength, linewidth=0)
    axes.plot(dates, mean, color=colour, linewidth=1.8)
    zero_line(axes, vertical=False)
    axes.set_title(textwrap.shorten(line.info.title, 34, placeholder="…"), fontsize=8.5, pad=4)
    side: dict[str, Any] = {"va": "bottom", "xytext": (-2, 3)} if mean[-1] >= 0 else {"va": "top", "xytext": (-2, -4)}
    halo = {"facecolor": "#ffffffb0", "edgecolor": "none", "pad": 0.4}
    axes.annotate(
        count(float(mean[-1])),
        (dates[-1], mean[-1]),
        textcoords="offset points",
        ha="right",
        weight="bold",
        bbox=halo,
        **side,
    )
    _years(axes, dates)


def _years(axes: Axes, dates: Dates) -> None:
    years = np.unique(dates.astype("datetime64[Y]"))
    inside = years[years.astype("datetime64[D]") >= dates[0]]
    axes.set_xticks(inside.astype("datetime64[D]"), [str(year) for year in inside])
