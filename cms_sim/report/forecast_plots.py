"""Three pictures of a forecast: where what came lies in it, the city's fan, and the precincts with most."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.forecast.check import Checked
from cms_sim.evaluation.patterns.counts import by_year
from cms_sim.report.forecast_words import BINS, pit_shares
from cms_sim.report.style import BLUE, FAINT, INK, QUIET, SKY, VERMILLION, WIDTH_IN, Picture, drawn, footnote, headline

LARGEST: Final = 12
_BANDS: Final = ((0.05, 0.95, 0.25), (0.25, 0.75, 0.5))
_PIT_CAPTION: Final = (
    "Even bars: what came lies in the forecast as it should. A hump in the middle: the forecast is too wide; high "
    "ends: too narrow; a slope: too high or too low. All precincts share the city's course, so the bars lean together."
)
_FAN_CAPTION: Final = (
    "Bands: middle 50% and 90% of histories, line: their median. Dots: people shot, known (grey) and come after "
    "(orange)."
)


def pictures(checked: Checked) -> list[Picture]:
    """All of them."""
    return [pit_plot(checked), fan_plot(checked), largest_plot(checked)]


@drawn
def pit_plot(checked: Checked) -> Picture:
    """Histograms of the randomised PIT, by precinct and year and by precinct and month."""
    figure = Figure(figsize=(WIDTH_IN, 3.2))
    covered = checked.tables[0].model.covered(0.9)
    headline(figure, f"{covered:.0%} of annual counts lie in the forecast's 90% interval", _place(checked))
    for place, table in enumerate(checked.tables):
        axes = figure.add_axes((0.08 + 0.48 * place, 0.31, 0.42, 0.43))
        axes.bar((np.arange(BINS) + 0.5) / BINS, pit_shares(table), width=0.94 / BINS, color=SKY)
        axes.axhline(1.0 / BINS, color=INK, linewidth=0.8)
        axes.set(xlim=(0.0, 1.0), xlabel=f"PIT by precinct and {table.period}", ylabel="" if place else "share")
    footnote(figure, _PIT_CAPTION)
    alt = "; ".join(
        f"by {table.period}: {', '.join(f'{share:.2f}' for share in pit_shares(table))}" for table in checked.tables
    )
    return Picture("forecast_pit", figure, _PIT_CAPTION, f"Shares of the PIT in tenths, {alt}.")


@drawn
def fan_plot(checked: Checked) -> Picture:
    """People shot in the city by year: known, forecast, come."""
    figure = Figure(figsize=(WIDTH_IN, 3.6))
    known, said, came = _yearly(checked)
    total = said.sum(axis=1)
    low, high = np.quantile(total, (0.05, 0.95), axis=0)
    inside = int(((came.sum(axis=0) >= low) & (came.sum(axis=0) <= high)).sum())
    finding = f"{inside} of {came.shape[1]} years of the city lie in the forecast's 90% interval"
    headline(figure, finding, _place(checked))
    axes = figure.add_axes((0.09, 0.22, 0.88, 0.57))
    _fan(axes, checked, known.sum(axis=0), total, came.sum(axis=0), 4.0)
    axes.set(ylabel="people shot a year", ylim=(0.0, None))
    footnote(figure, _FAN_CAPTION)
    years = _years(checked)[1]
    alt = "; ".join(
        f"{year}: {a:,.0f} to {b:,.0f}, came {c:,}"
        for year, a, b, c in zip(years, low, high, came.sum(axis=0), strict=True)
    )
    return Picture("forecast_city", figure, _FAN_CAPTION, f"Middle 90% of the forecast and what came. {alt}.")


@drawn
def largest_plot(checked: Checked) -> Picture:
    """The same for the precincts with most people shot in the known years' last three."""
    figure = Figure(figsize=(WIDTH_IN, 6.4))
    known, said, came = _yearly(checked)
    rows = np.argsort(-known[:, -3:].sum(axis=1), kind="stable")[:LARGEST]
    covered = checked.tables[0].model.pit[rows]
    share = float((np.abs(covered - 0.5) <= 0.45).mean())
    headline(
        figure, f"In the {LARGEST} largest precincts {share:.0%} of years lie in the 90% interval", _place(checked)
    )
    for place, row in enumerate(rows):
        column, line = place % 3, place // 3
        axes = figure.add_axes((0.06 + 0.32 * column, 0.72 - 0.205 * line, 0.28, 0.13))
        _fan(axes, checked, known[row], said[:, row], came[row], 2.8)
        precinct = checked.forecast.known.precincts[row]
        axes.set_title(f"{precinct.number} {precinct.short_name}", fontsize=8)
        axes.set_ylim(0.0, None)
    footnote(figure, _FAN_CAPTION)
    numbers = ", ".join(str(checked.forecast.known.numbers[row]) for row in rows)
    return Picture("forecast_largest", figure, _FAN_CAPTION, f"Forecasts and counts of precincts {numbers}.")


def _fan(
    axes: Axes,
    checked: Checked,
    known: NDArray[np.int64],
    said: NDArray[np.int64],
    came: NDArray[np.int64],
    size: float,
) -> None:
    before, after = _years(checked)
    for low, high, alpha in _BANDS:
        edges = np.quantile(said, (low, high), axis=0)
        axes.fill_between(after, *edges, color=BLUE, alpha=alpha, linewidth=0)
    axes.plot(after, np.median(said, axis=0), color=BLUE, linewidth=1.2)
    axes.plot(before, known, "o", color=QUIET, markersize=size)
    axes.plot(after, came, "o", color=VERMILLION, markersize=size, markeredgecolor="white", markeredgewidth=0.4)
    axes.axvline(checked.forecast.until + 0.5, color=FAINT, linewidth=0.8, zorder=0)
    axes.set_xticks([before[0], checked.forecast.until, after[-1]])


def _yearly(checked: Checked) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    said = checked.forecast
    return by_year(said.known.victims), by_year(said.victims.astype(np.int64)), by_year(checked.came)


def _years(checked: Checked) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    until = checked.forecast.until
    known, came = len(checked.forecast.known.months) // 12, checked.came.shape[1] // 12
    return np.arange(until - known + 1, until + 1), np.arange(until + 1, until + 1 + came)


def _place(checked: Checked) -> str:
    said = checked.forecast
    return f"Fitted up to {said.until}; {hypothesis(said.hypothesis).title}; {len(said.victims):,} histories"
