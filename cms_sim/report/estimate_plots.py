"""Two pictures of an evaluation: the years around the start, and the estimate among placebos."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cms_sim.evaluation.estimators.estimate import Estimate
from cms_sim.report.style import (
    BLUE,
    FAINT,
    INK,
    QUIET,
    STRIPE,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
)

HEIGHT_IN: Final = 3.9
BEHIND: Final = {"facecolor": "white", "alpha": 0.7, "linewidth": 0.0, "pad": 0.6}
YEARS_CAPTION: Final = (
    "Observed over expected: 1 is the level of the years before the start, moved as precincts move that are never "
    "listed for a site. Line: 95% interval, by drawing precincts again. Squares show how far off the years before were."
)
SPREAD_CAPTION: Final = (
    "Each placebo gives the sites' start months to precincts drawn from the 30 with most victims (sites among them), "
    "and makes the same estimate against the rest of the city. What it finds is chance and trend, not a programme."
)


@drawn
def years_plot(event_study: Estimate, place: str) -> Picture:
    """The event study's ratios by year; it must have parts."""
    years = [int(part.name.removeprefix("year ")) for part in event_study.parts]
    places = [year if year < 0 else year - 1 for year in years]
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    headline(figure, _years_finding(event_study), place)
    axes = figure.add_axes((0.09, 0.27, 0.88, 0.53))
    axes.axvspan(-0.5, max(places) + 0.6, color=STRIPE, zorder=0, linewidth=0)
    axes.axhline(1.0, color=INK, linewidth=0.8, zorder=1)
    axes.text(-0.45, 1.0, "sites open", transform=axes.get_xaxis_transform(), fontsize=8, color=QUIET, va="top")
    for x, part in zip(places, event_study.parts, strict=True):
        colour = BLUE if x >= 0 else QUIET
        axes.plot([x, x], [part.low, part.high], color=colour, linewidth=1.6)
        axes.plot([x], [part.value], "o" if x >= 0 else "s", color=colour, markersize=6, markeredgecolor="white")
        axes.text(x + 0.09, part.value, f"{part.value:.2f}", fontsize=8, va="center", bbox=BEHIND)
    axes.set_xticks(places, [f"{year:+d}".replace("-", "−") for year in years])
    axes.set(xlim=(min(places) - 0.5, max(places) + 0.6), xlabel="year from the start", ylabel="observed over expected")
    footnote(figure, YEARS_CAPTION)
    alt = "; ".join(f"{part.name}: {part.value:.2f} ({part.low:.2f} to {part.high:.2f})" for part in event_study.parts)
    return Picture("event_study", figure, YEARS_CAPTION, f"{alt}.")


@drawn
def spread_plot(placebo: Estimate, real: Estimate, place: str) -> Picture:
    """The placebos' estimates as a histogram, and the real one among them; `placebo` must have draws."""
    draws = np.array(placebo.draws)
    as_low = 100.0 * float((draws <= real.value).mean())
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    finding = f"{_share(as_low)} of placebos show a change as low as the sites’ {_percent(real.value)}"
    headline(figure, finding, place)
    axes = figure.add_axes((0.09, 0.27, 0.88, 0.53))
    axes.hist(
        draws, bins=np.arange(np.floor(draws.min()), np.ceil(draws.max()) + 1.0).tolist(), color=FAINT, linewidth=0
    )
    _mark(axes, real.value, f"the sites: {_percent(real.value)}", VERMILLION)
    _mark(axes, float(draws.mean()), f"mean of placebos: {_percent(float(draws.mean()))}", QUIET)
    for bound in (placebo.low, placebo.high):
        axes.axvline(bound, ymax=0.86, color=QUIET, linewidth=0.8, linestyle=(0, (3, 3)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}%".replace("-", "−") if value else "0")
    axes.set_ylim(0, 1.22 * axes.get_ylim()[1])
    axes.set(xlabel="change against the rest of the city; dotted: the middle 95% of placebos", ylabel="placebos")
    footnote(figure, SPREAD_CAPTION)
    alt = f"{len(draws)} placebos from {_percent(draws.min())} to {_percent(draws.max())}; {finding}."
    return Picture("placebo_spread", figure, SPREAD_CAPTION, alt)


def _mark(axes: Axes, value: float, words: str, colour: str) -> None:
    """A line at a value, named at its head, to the side with more room."""
    axes.axvline(value, ymax=0.9, color=colour, linewidth=1.6)
    low, high = axes.get_xlim()
    left = value > (low + high) / 2 + 0.15 * (high - low)
    at: Any = {"transform": axes.get_xaxis_transform(), "color": colour, "fontsize": 8.5, "fontweight": "bold"}
    side = 0.007 * (high - low)
    axes.text(value - side if left else value + side, 0.93, words, ha="right" if left else "left", va="center", **at)


def _years_finding(event_study: Estimate) -> str:
    way = "fewer" if event_study.value < 0.0 else "more"
    sure = event_study.shows_fall or event_study.shows_rise
    after = "" if sure else ", which chance alone could do"
    size = f"{abs(event_study.value):.1f}% {way} people were shot"
    return f"In the two years from the start on, {size} than the course of others predicts{after}"


def _share(percent: float) -> str:
    return f"{percent:.1f}%" if percent < 10.0 else f"{percent:.0f}%"


def _percent(value: float) -> str:
    return f"{value:+.1f}%".replace("-", "−")
