"""How likely each plan is worth its money, whatever a person not shot is worth: cost-effectiveness acceptability."""

from __future__ import annotations

import textwrap
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from cms_sim.data.shooting_costs import load_lenses
from cms_sim.evaluation.differences import outcome_counts
from cms_sim.evaluation.economics.returns import acceptable_shares
from cms_sim.evaluation.side_tables import VALUES_USD
from cms_sim.evaluation.words import chance, runs_of
from cms_sim.report.plane import COLOURS
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import FAINT, INK, QUIET, WIDTH_IN, Picture, drawn, footnote, headline, spread
from cms_sim.report.words import usd

HEIGHT_IN: Final = 4.4
LABEL: Final = 0.062
TICKS_USD: Final = (1e5, 2e5, 5e5, 1e6, 2e6, 5e6)


@drawn
def acceptability_plot(sheet: Sheet) -> Picture:
    """One line a plan: the share of runs in which it is worth its money, by what a person not shot is worth."""
    shares = acceptable_shares(sheet.results, VALUES_USD, of_average=False)
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    headline(figure, _finding(sheet, shares), f"Share of runs worth their money, against “{sheet.reference.title}”")
    axes = figure.add_axes((0.085, 0.225, 0.6, 0.585))
    lines = sheet.compared
    labels = spread([float(shares[-1, line.index]) for line in lines], LABEL)
    for k, (line, label) in enumerate(zip(lines, labels, strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        axes.plot(VALUES_USD, shares[:, line.index], color=colour, linewidth=1.6, linestyle="-" if k < 8 else "--")
        axes.annotate(
            textwrap.shorten(line.info.title, 36, placeholder="…"),
            (float(VALUES_USD[-1]), float(shares[-1, line.index])),
            (1.03, label),
            textcoords=axes.get_yaxis_transform(),
            fontsize=7.8,
            va="center",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "relpos": (0.0, 0.5)},
        )
    for title, value in _marks(sheet):
        axes.axvline(value, color=FAINT, linewidth=0.8, zorder=0)
        axes.text(value, 1.03, title, fontsize=7.5, color=QUIET, ha="center", va="bottom")
    axes.set(xscale="log", xlim=(VALUES_USD[0], VALUES_USD[-1]), ylim=(-0.02, 1.02))
    axes.set_xticks(TICKS_USD, [usd(tick) for tick in TICKS_USD], minor=False)
    axes.minorticks_off()
    axes.set_yticks((0.0, 0.25, 0.5, 0.75, 1.0), ("0%", "25%", "50%", "75%", "100%"))
    axes.set_xlabel("what one person not shot is worth", color=INK)
    caption = (
        "The higher, the more futures in which the plan is worth its money; it is never sure where a line stays under "
        "100%. Above: what payers' cost tables put on one person shot."
    )
    footnote(figure, caption)
    return Picture("acceptability", figure, caption, f"{_alt(sheet, shares)}.")


def _marks(sheet: Sheet) -> list[tuple[str, float]]:
    """The lenses' cost of one victim, at the share of the reference's victims who die."""
    victims, deaths = (
        outcome_counts(sheet.results, each)[:, sheet.results.reference] for each in ("victims", "deaths")
    )
    dying = float(deaths.sum() / victims.sum()) if victims.sum() else 0.0
    return [
        (lens.title, value)
        for lens in load_lenses().values()
        if VALUES_USD[0] <= (value := lens.per_victim_usd(dying)) <= VALUES_USD[-1]
    ]


def _finding(sheet: Sheet, shares: np.ndarray) -> str:
    if sheet.too_few:
        return "Too few runs to say how likely a plan is worth its money"
    at = int(np.argmin(np.abs(VALUES_USD - 1e6)))
    most = max(float(shares[at, line.index]) for line in sheet.compared)
    best = [line for line in sheet.compared if float(shares[at, line.index]) == most]
    if most < 0.5:
        return f"At {usd(1e6)} a person not shot, no plan is worth its money in half of the runs"
    which = f"“{best[0].info.title}” is worth its" if len(best) == 1 else f"{len(best)} plans are worth their"
    return f"At {usd(1e6)} a person not shot, {which} money in {runs_of(most)}"


def _alt(sheet: Sheet, shares: np.ndarray) -> str:
    at = [int(np.argmin(np.abs(VALUES_USD - value))) for value in (2e5, 1e6)]
    return "; ".join(
        f"{line.info.title}: {chance(float(shares[at[0], line.index]))} of runs at {usd(2e5)}, "
        f"{chance(float(shares[at[1], line.index]))} at {usd(1e6)}"
        for line in sheet.compared
    )
