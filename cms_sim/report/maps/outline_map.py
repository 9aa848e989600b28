"""Where a plan averts, on the city's own boundaries, with the colours and signs of the tile map.

Beside the map of means stand two small ones of the lower and upper ends of the 95% interval of each mean, on one scale.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Line

from cms_sim.evaluation.intervals import Floats
from cms_sim.report.maps.boundaries import Boundaries, Outline
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import EMPTY, FEWER_OR_MORE, INK, QUIET, WIDTH_IN, Picture, drawn, headline, ink_on
from cms_sim.report.tile_map import HATCH, KEY_IN, MOST_MAPS, draw_key, fixed, leader_finding, maps_finding, scale_limit
from cms_sim.report.words import average, between

COAST: Final = "#b5b5b5"
LABEL_PT: Final = 6.6
NEW_SITE: Final = "◤"
"""As the key shows a new site."""
WIDE_KM: Final = 1.4
"""Room above which a label is larger."""
MAIN_IN: Final = 6.1
ENDS_IN: Final = 2.2
"""Width of the column of small maps."""
ENDS_WORDS_IN: Final = 0.36
"""Over each of them."""
TOP_IN: Final = 0.72
MARGIN_KM: Final = 1.2


@dataclass(frozen=True)
class Gains:
    """What each precinct gains under a plan: people not shot a year, mean and 95% interval of it [S]."""

    precincts: tuple[int, ...]
    mean: Floats
    low: Floats
    high: Floats
    new_sites: tuple[int, ...] = ()

    @property
    def has_interval(self) -> bool:
        """Whether the runs were enough for one."""
        return not bool(np.isnan(self.low).any())


@drawn
def leader_outlines(sheet: Sheet, boundaries: Boundaries) -> Picture:
    """The plan that averts most; there must be one."""
    line = sheet.leader
    assert line is not None
    gains = gains_of(sheet, line.index)
    figure = draw_gains(
        boundaries,
        gains,
        leader_finding(sheet, line, sheet.precinct(line.index)),
        f"People not shot a year, against “{sheet.reference.title}”",
    )
    return Picture(
        "map_of_leader", figure, _caption(sheet), f"{line.info.title}, people not shot a year. {alt_of(gains)}"
    )


@drawn
def plan_outlines(sheet: Sheet, boundaries: Boundaries) -> Picture:
    """Every plan as a small map, all on one scale; the ones that avert most first."""
    lines = sorted(sheet.compared, key=lambda line: -line.averted.mean)[:MOST_MAPS]
    gains = [gains_of(sheet, line.index) for line in lines]
    across = min(3, max(1, len(lines)))
    panel = (WIDTH_IN - 0.1) / across
    box = _box(boundaries, sheet.results.precincts)
    map_in = min(2.3, panel * (box[3] - box[1]) / (box[2] - box[0]))
    row_in = map_in + 0.5
    height = 0.7 + -(-len(lines) // across) * row_in + KEY_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, maps_finding(sheet, lines), f"People not shot a year, against “{sheet.reference.title}”")
    limit = scale_limit(np.concatenate([each.mean for each in gains]))
    for k, (line, each) in enumerate(zip(lines, gains, strict=True)):
        left, top = 0.05 + panel * (k % across), 0.7 + row_in * (k // across)
        axes = figure.add_axes(
            (left / WIDTH_IN, 1 - (top + row_in - 0.05) / height, (panel - 0.1) / WIDTH_IN, map_in / height)
        )
        _draw(axes, boundaries, each, each.mean, limit, box, labels=False, signs=True)
        y = 1 - (top + 0.08) / height
        words = textwrap.shorten(line.info.title, 34, placeholder="…")
        figure.text(left / WIDTH_IN, y, words, fontsize=8.5, weight="bold", va="center")
        detail = f"{between(line.averted)} in all"
        figure.text(left / WIDTH_IN, y - 0.16 / height, detail, fontsize=7.5, color=QUIET, va="center")
    draw_key(figure, limit, signs=not sheet.too_few)
    alt = "; ".join(f"{line.info.title}: {between(line.averted)} in all" for line in lines)
    return Picture("maps", figure, _caption(sheet), f"Small maps of people not shot a year by precinct. {alt}.")


def gains_of(sheet: Sheet, plan: int) -> Gains:
    """What a plan of a comparison gains."""
    return Gains(sheet.results.precincts, *sheet.precinct(plan), sheet.results.plans[plan].new_precincts)


def draw_gains(boundaries: Boundaries, gains: Gains, finding: str, detail: str) -> Figure:
    """A large map of means, labelled, and beside it the two ends of the interval; ends only where there are any."""
    box = _box(boundaries, gains.precincts)
    tall = (box[3] - box[1]) / (box[2] - box[0])
    wide_in = WIDTH_IN - 0.1 - (ENDS_IN if gains.has_interval else 0.0)
    main_in = min(MAIN_IN, wide_in * tall)
    height = TOP_IN + main_in + KEY_IN + 0.1
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, finding, detail)
    limit = scale_limit(gains.mean)
    place = (0.0, 1 - (TOP_IN + main_in) / height, wide_in / WIDTH_IN, main_in / height)
    axes = figure.add_axes(place, anchor="W")
    _draw(axes, boundaries, gains, gains.mean, limit, box, labels=True, signs=True)
    ends = (("at the low end\nof its 95% interval", gains.low), ("at the high end\nof its 95% interval", gains.high))
    for k, (words, values) in enumerate(ends if gains.has_interval else ()):
        left, foot = (WIDTH_IN - ENDS_IN) / WIDTH_IN, 1 - (TOP_IN + 0.5 * (k + 1) * main_in) / height
        map_in = 0.5 * main_in - ENDS_WORDS_IN
        axes = figure.add_axes((left, foot, ENDS_IN / WIDTH_IN, map_in / height), anchor="NW")
        _draw(axes, boundaries, gains, values, limit, box, labels=False, signs=False)
        y = foot + (map_in + 0.04) / height
        figure.text(left, y, f"Each precinct {words}", fontsize=8, color=QUIET, va="bottom")
    draw_key(figure, limit, signs=gains.has_interval)
    return figure


def alt_of(gains: Gains) -> str:
    """The map in words."""
    limit = scale_limit(gains.mean)
    said = (
        f"precinct {n}: {fixed(m, limit)}" + ("" if np.isnan(a) else f" ({fixed(a, limit)} to {fixed(b, limit)})")
        for n, m, a, b in zip(gains.precincts, gains.mean, gains.low, gains.high, strict=True)
    )
    return "; ".join(said) + "."


def _caption(sheet: Sheet) -> str:
    hatched = "" if sheet.too_few else " Hatched: the 95% interval of the mean includes no change."
    return f"People not shot a year in each precinct, {average(sheet)}, on the boundaries given.{hatched}"


def _box(boundaries: Boundaries, precincts: Sequence[int]) -> tuple[float, float, float, float]:
    """West, south, east, north of the precincts in play, with a margin."""
    points = np.concatenate([ring for number in precincts for ring in boundaries.outlines[number].rings])
    (west, south), (east, north) = points.min(axis=0) - MARGIN_KM, points.max(axis=0) + MARGIN_KM
    return float(west), float(south), float(east), float(north)


def _draw(
    axes: Axes,
    boundaries: Boundaries,
    gains: Gains,
    values: Floats,
    limit: float,
    box: tuple[float, float, float, float],
    *,
    labels: bool,
    signs: bool,
) -> None:
    """One map of `values`; `signs`: hatched where the interval spans zero, dark border where clearly more are shot."""
    axes.set(xlim=(box[0], box[2]), ylim=(box[1], box[3]), aspect="equal")
    axes.set_axis_off()
    norm = TwoSlopeNorm(0.0, -limit, limit)
    slot = {number: k for k, number in enumerate(gains.precincts)}
    rest: list[Patch] = [
        _patch(outline, facecolor=EMPTY, edgecolor="white", linewidth=0.4)
        for number, outline in boundaries.outlines.items()
        if number not in slot
    ]
    shapes: list[Patch] = []
    hatched: list[Patch] = []
    more: list[Patch] = []
    for number, k in slot.items():
        outline = boundaries.outlines[number]
        shapes.append(_patch(outline, facecolor=FEWER_OR_MORE(norm(values[k])), edgecolor=COAST, linewidth=0.5))
        if signs and gains.low[k] <= 0.0 <= gains.high[k]:
            hatched.append(_patch(outline, facecolor="none", edgecolor="#9a9a9a", linewidth=0))
        if signs and gains.high[k] < 0.0:
            more.append(_patch(outline, facecolor="none", edgecolor=INK, linewidth=1.3))
    for patches, hatch in ((rest, None), (shapes, None), (hatched, HATCH), (more, None)):
        axes.add_collection(PatchCollection(patches, match_original=True, hatch=hatch), autolim=False)
    for number, k in slot.items():
        if labels:
            _label(axes, boundaries, gains, number, k, limit, FEWER_OR_MORE(norm(values[k])))
        elif signs and number in gains.new_sites:
            axes.text(*boundaries.outlines[number].label, NEW_SITE, fontsize=5, color=INK, ha="center", va="center")


def _patch(outline: Outline, **look: Any) -> PathPatch:
    return PathPatch(Line.make_compound_path(*(Line(ring, closed=True) for ring in outline.rings)), **look)


def _label(axes: Axes, boundaries: Boundaries, gains: Gains, number: int, k: int, limit: float, colour: Any) -> None:
    """Number and mean in the widest part of the precinct, with the key's corner where a new site is."""
    outline = boundaries.outlines[number]
    said = fixed(float(gains.mean[k]), limit)
    unclear = bool(gains.low[k] <= 0.0 <= gains.high[k]) or float(said.replace("−", "-")) == 0.0
    mark = NEW_SITE if number in gains.new_sites else ""
    apart = "  " if outline.is_flat else "\n"
    axes.text(
        *outline.label,
        f"{mark}{number}{apart}{said}",
        fontsize=LABEL_PT if outline.room_km < WIDE_KM else LABEL_PT + 1.4,
        color=INK if unclear else ink_on(colour),
        weight="normal" if unclear else "bold",
        ha="center",
        va="center",
        linespacing=0.95,
        bbox={"facecolor": "#ffffffd8", "edgecolor": "none", "pad": 0.5} if unclear else None,
    )
