"""The pictures of an optimisation's report: the plans with what is sure of them, and where the winner averts."""

from __future__ import annotations

import math
import textwrap
from typing import Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from cms_sim.data.city_tables import CityTables
from cms_sim.evaluation.decision.decision import Decision, Estimate, PlanResult
from cms_sim.evaluation.decision.words import best_chance
from cms_sim.report.decision_words import ends, told_plans
from cms_sim.report.grid import CityGrid
from cms_sim.report.style import (
    BLUE,
    QUIET,
    STRIPE,
    VERMILLION,
    WIDTH_IN,
    Picture,
    drawn,
    footnote,
    headline,
    zero_line,
)
from cms_sim.report.tile_map import KEY_IN, draw_boroughs, draw_key, draw_tiles, fixed, scale_limit
from cms_sim.report.words import count, extra_usd

ROW_IN: Final = 0.18
TOP_IN, BOTTOM_IN = 0.85, 0.62
TILE_IN: Final = 0.5
"""Side of a precinct on the map."""
COLUMNS: Final = ((0.8, "extra money\na year"), (0.94, "best with\nprobability"))


@drawn
def plans_picture(decision: Decision) -> Picture:
    """The plans that are told, the winner on top."""
    plans = list(reversed(told_plans(decision)))
    height = TOP_IN + ROW_IN * len(plans) + BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    title = decision.plan(decision.winner).title
    headline(figure, f"“{title}” and what it was held against", _against(decision))
    axes = figure.add_axes((0.34, BOTTOM_IN / height, 0.38, ROW_IN * len(plans) / height))
    across = blended_transform_factory(figure.transFigure, axes.transData)
    for row, plan in enumerate(plans):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=STRIPE, zorder=0, linewidth=0)
        mean, low, high = _numbers(plan.averted_per_year)
        colour = VERMILLION if mean < 0.0 else BLUE
        axes.plot([low, high], [row, row], color=colour, linewidth=6, alpha=0.45, solid_capstyle="butt")
        axes.plot([mean], [row], "o", color=colour, markersize=4.5)
        words = textwrap.shorten(plan.title, 38, placeholder="…")
        weight = "bold" if plan.name == decision.winner else "normal"
        axes.text(0.01, row, words, transform=across, fontsize=8, va="center", weight=weight)
        for (x, _), cell in zip(COLUMNS, _cells(plan), strict=True):
            axes.text(x, row, cell, transform=across, fontsize=8, va="center", ha="center")
    zero_line(axes)
    axes.set(ylim=(-0.5, len(plans) - 0.5), yticks=[])
    axes.spines["left"].set_visible(False)
    left, right = axes.get_xlim()
    axes.set_xlim(left, right)
    places = ((right, "right", "fewer people shot ▶"), (left, "left", "◀ more people shot"))
    for x, side, words in places if left < -0.2 * right else places[:1]:
        axes.annotate(words, (x, 0.0), (0.0, -24.0), ("data", "axes fraction"), "offset points", ha=side, fontsize=8)
    for x, words in COLUMNS:
        figure.text(x, 1 - (TOP_IN - 0.06) / height, words, fontsize=7.5, color=QUIET, ha="center", va="bottom")
    caption = "Dot: mean over fresh runs. Thick line: 95% interval of that mean."
    footnote(figure, caption)
    alt = "; ".join(
        f"{plan.title}: {count(plan.averted_per_year.mean)} ({ends(plan.averted_per_year)})" for plan in plans
    )
    return Picture("decision_plans", figure, caption, f"People not shot a year. {alt}.")


@drawn
def winner_map(decision: Decision, city: CityTables) -> Picture:
    """The winner on the tile map, the number of people not shot written into each precinct."""
    winner = decision.plan(decision.winner)
    grid = CityGrid(city, tuple(part.precinct for part in winner.precincts))
    parts = [_numbers(part.averted_per_year) for part in winner.precincts]
    averted = (np.array([p[0] for p in parts]), np.array([p[1] for p in parts]), np.array([p[2] for p in parts]))
    rows, columns = grid.extent
    tile_in = min(TILE_IN, (WIDTH_IN - 0.2) / columns)
    height = 0.5 + rows * tile_in + KEY_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, f"Where “{winner.title}” averts", _against(decision))
    limit = scale_limit(averted[0])
    axes = figure.add_axes((0.0, KEY_IN / height, 1.0, rows * tile_in / height))
    new = [part.precinct for part in winner.precincts if part.sites]
    draw_tiles(axes, grid, averted, new, limit, 9.0, values=True)
    draw_boroughs(axes, grid)
    draw_key(figure, limit, signs=not np.isnan(averted[1]).all())
    alt = "; ".join(
        f"precinct {part.precinct}: {fixed(part.averted_per_year.mean, limit)}" for part in winner.precincts
    )
    caption = (
        "People not shot a year in each precinct, mean over fresh runs. Squares stand about where the precincts lie."
    )
    return Picture("decision_map", figure, caption, f"{winner.title}, people not shot a year. {alt}.")


def _against(decision: Decision) -> str:
    return f"People not shot a year, against “{decision.plans[0].title}”"


def _numbers(estimate: Estimate) -> tuple[float, float, float]:
    low, high = estimate.low, estimate.high
    return estimate.mean, math.nan if low is None else low, math.nan if high is None else high


def _cells(plan: PlanResult) -> tuple[str, str]:
    best = best_chance(plan.probability_best)
    return extra_usd(plan.cost_usd_per_year), best
