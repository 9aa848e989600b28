"""Where a plan averts: each precinct a square, about where it lies, coloured by people not shot a year."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon, Rectangle

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.words import joined
from cms_sim.report.grid import CityGrid
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.style import EMPTY, FAINT, FEWER_OR_MORE, INK, QUIET, WIDTH_IN, Picture, drawn, headline, ink_on
from cms_sim.report.words import MINUS, average, between

HATCH: Final = "////"
LIMITS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 40.0, 100.0, 200.0, 400.0, 1000.0)
KEY_IN: Final = 0.75
MOST_MAPS: Final = 12


@drawn
def leader_map(sheet: Sheet) -> Picture:
    """The plan that averts most, the number of people written into each precinct; there must be a plan."""
    line = sheet.leader
    assert line is not None
    averted = sheet.precinct(line.index)
    rows, columns = sheet.grid.extent
    tile_in = min(0.56, (WIDTH_IN - 0.2) / columns)
    height = 0.75 + rows * tile_in + KEY_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, leader_finding(sheet, line, averted), f"People not shot a year, against “{sheet.reference.title}”")
    limit = scale_limit(averted[0])
    axes = figure.add_axes((0.0, KEY_IN / height, 1.0, rows * tile_in / height))
    draw_tiles(axes, sheet.grid, averted, line.info.new_precincts, limit, 9.0, values=True)
    draw_boroughs(axes, sheet.grid)
    draw_key(figure, limit, signs=not sheet.too_few)
    numbers = zip(sheet.results.precincts, *averted, strict=True)
    alt = "; ".join(
        f"precinct {n}: {fixed(m, limit)}" + ("" if np.isnan(a) else f" ({fixed(a, limit)} to {fixed(b, limit)})")
        for n, m, a, b in numbers
    )
    return Picture("map_of_leader", figure, _caption(sheet), f"{line.info.title}, people not shot a year. {alt}.")


@drawn
def plan_maps(sheet: Sheet) -> Picture:
    """Every plan as a small map, all on one scale; the ones that avert most first."""
    lines = sorted(sheet.compared, key=lambda line: -line.averted.mean)[:MOST_MAPS]
    rows, columns = sheet.grid.extent
    across = min(3, max(1, len(lines)))
    down = -(-len(lines) // across)
    panel = (WIDTH_IN - 0.1) / across
    tile_in = min(0.2, (panel - 0.15) / columns)
    row_in = rows * tile_in + 0.45
    height = 0.7 + down * row_in + KEY_IN
    figure = Figure(figsize=(WIDTH_IN, height))
    headline(figure, maps_finding(sheet, lines), f"People not shot a year, against “{sheet.reference.title}”")
    averted = [sheet.precinct(line.index) for line in lines]
    limit = scale_limit(np.concatenate([mean for mean, _, _ in averted]) if averted else np.zeros(1))
    for k, (line, numbers) in enumerate(zip(lines, averted, strict=True)):
        left, top = 0.05 + panel * (k % across), 0.7 + row_in * (k // across)
        box = (left / WIDTH_IN, 1 - (top + row_in - 0.1) / height, (panel - 0.1) / WIDTH_IN, rows * tile_in / height)
        axes = figure.add_axes(box, anchor="NW")
        draw_tiles(axes, sheet.grid, numbers, line.info.new_precincts, limit, 6.0, values=False)
        words = f"{textwrap.shorten(line.info.title, 34, placeholder='…')}"
        y = 1 - (top + 0.08) / height
        figure.text(left / WIDTH_IN, y, words, fontsize=8.5, weight="bold", va="center")
        figure.text(
            left / WIDTH_IN,
            y - 0.16 / height,
            f"{between(line.averted)} in all",
            fontsize=7.5,
            color=QUIET,
            va="center",
        )
    draw_key(figure, limit, signs=not sheet.too_few)
    alt = "; ".join(f"{line.info.title}: {between(line.averted)} in all" for line in lines)
    return Picture("maps", figure, _caption(sheet), f"Small maps of people not shot a year by precinct. {alt}.")


def _caption(sheet: Sheet) -> str:
    hatched = "" if sheet.too_few else " Hatched: the 95% interval of the mean includes no change."
    return (
        f"People not shot a year in each precinct, {average(sheet)}.{hatched} Squares stand about where the precincts "
        "lie and keep boroughs together."
    )


def leader_finding(sheet: Sheet, line: PlanLine, averted: tuple[Floats, Floats, Floats]) -> str:
    """In how many precincts fewer and more are clearly shot, and where most is gained."""
    mean, low, high = averted
    precincts = np.array(sheet.results.precincts)
    fewer, more = int((low > 0).sum()), int((high < 0).sum())
    if sheet.too_few:
        return f"“{line.info.title}”: too few runs to say where a change is clear"
    if fewer == more == 0:
        return f"“{line.info.title}”: in no single precinct is a change clear"
    if fewer == 0:
        return (
            f"“{line.info.title}”: clearly more people shot in {more} of {len(mean)} precincts, clearly fewer in none"
        )
    harmed = f", clearly more in {more}" if more else ""
    top = joined([str(number) for number in precincts[np.argsort(-mean, kind="stable")][: min(3, fewer)]])
    gained = f"clearly fewer people shot in {fewer} of {len(mean)} precincts{harmed}"
    return f"“{line.info.title}”: {gained}; most gained in {top}"


def maps_finding(sheet: Sheet, lines: Sequence[PlanLine]) -> str:
    """In how many precincts the plans clearly gain."""
    clear = {line.info.name: int((sheet.precinct(line.index)[1] > 0).sum()) for line in lines}
    if len(lines) < 2 or not any(clear.values()):
        return "What each precinct gains"
    most, least = max(clear.values()), min(clear.values())
    total = len(sheet.results.precincts)
    return (
        f"Between {least} and {most} of {total} precincts gain clearly, depending on the plan"
        if most > least
        else (f"{most} of {total} precincts gain clearly under every plan")
    )


def fixed(value: float, limit: float) -> str:
    """`value` with as many decimals in every square: one, or two where the whole scale is small."""
    digits = 1 if limit >= 1.0 else 2
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", MINUS)


def scale_limit(mean: Floats) -> float:
    """The end of the scale of colours: a round number about the largest mean."""
    largest = float(np.abs(mean).max())
    return next((limit for limit in LIMITS if limit >= 0.95 * largest), LIMITS[-1])


def draw_tiles(
    axes: Axes,
    grid: CityGrid,
    averted: tuple[Floats, Floats, Floats],
    new: Sequence[int],
    limit: float,
    font: float,
    *,
    values: bool,
) -> None:
    """One map; `averted` is (mean, low, high) by precinct, hatched where it spans zero; `values` writes the means."""
    top, bottom, left, right = grid.frame
    slot = {number: k for k, number in enumerate(grid.precincts)}
    norm = TwoSlopeNorm(0.0, -limit, limit)
    squares: list[Patch] = []
    hatched: list[Patch] = []
    corners: list[Patch] = []
    for number, (row, column) in grid.tiles.items():
        if not (top <= row <= bottom and left <= column <= right):
            continue
        if number not in slot:
            squares.append(Rectangle((column, row), 0.94, 0.94, facecolor=EMPTY, edgecolor="none"))
            if values:
                axes.text(
                    column + 0.47, row + 0.49, str(number), fontsize=7.5, color="#8a8a8a", ha="center", va="center"
                )
            continue
        mean, low, high = (float(part[slot[number]]) for part in averted)
        words = fixed(mean, limit) if values else ""
        unclear, colour = low <= 0.0 <= high, FEWER_OR_MORE(norm(mean))
        look: dict[str, Any] = (
            {"edgecolor": INK, "linewidth": 1.3} if high < 0.0 else {"edgecolor": FAINT, "linewidth": 0.5}
        )
        squares.append(Rectangle((column, row), 0.94, 0.94, facecolor=colour, **look))
        if unclear:
            hatched.append(Rectangle((column, row), 0.94, 0.94, facecolor="none", edgecolor="#9a9a9a", linewidth=0))
        if number in new:
            corner = [(column, row), (column + 0.3, row), (column, row + 0.3)]
            corners.append(Polygon(corner, facecolor=INK, edgecolor="white", linewidth=0.4))
        _write_in_tile(axes, column, row, (str(number), words), colour, font, unclear=unclear)
    for patches, hatch in ((squares, None), (hatched, HATCH), (corners, None)):  # one by one they take twice as long
        axes.add_collection(PatchCollection(patches, match_original=True, hatch=hatch), autolim=False)
    axes.set(xlim=(left - 0.1, right + 1.05), ylim=(bottom + 1.05, top - 0.1), aspect="equal")
    axes.set_axis_off()


def _write_in_tile(
    axes: Axes, x: float, y: float, words: tuple[str, str], colour: Any, font: float, *, unclear: bool
) -> None:
    number, value = words
    box = {"facecolor": "#ffffffd0", "edgecolor": "none", "pad": 0.6} if unclear else None
    style: dict[str, Any] = {
        "color": "#4a4a4a" if unclear else ink_on(colour),
        "ha": "center",
        "va": "center",
        "bbox": box,
    }
    if not value:
        axes.text(x + 0.47, y + 0.49, number, fontsize=font, **style)
        return
    axes.text(x + 0.47, y + 0.3, number, fontsize=font * 0.85, **style)
    axes.text(x + 0.47, y + 0.67, value, fontsize=font, weight="normal" if unclear else "bold", **style)


def draw_boroughs(axes: Axes, grid: CityGrid) -> None:
    """The name of each borough beside one of its rows: the first with two free squares before it, with one, or with
    one behind it.
    """
    top, bottom, left, right = grid.frame
    taken = set(grid.tiles.values())
    style: dict[str, Any] = {"fontsize": 8.5, "color": QUIET, "va": "center", "style": "italic"}
    for name, places in grid.boroughs.items():
        inside = sorted(place for place in places if top <= place[0] <= bottom and left <= place[1] <= right)
        before = [(row, column) for row, column in inside if (row, column - 1) not in taken]
        behind = [(row, column) for row, column in inside if (row, column + 1) not in taken]
        if before:
            row, column = min(before, key=lambda place: ((place[0], place[1] - 2) in taken, place))
            axes.text(column - 0.12, row + 0.47, name, ha="right", **style)
        elif behind:
            row, column = behind[0]
            axes.text(column + 1.05, row + 0.47, name, **style)


def draw_key(figure: Figure, limit: float, *, signs: bool) -> None:
    """Along the foot: the scale in words, and what corner and grey mean; with `signs`, hatching and border too."""
    height = figure.get_figheight()
    axes = figure.add_axes((0.02, 0.24 / height, 0.42, 0.14 / height))
    axes.imshow(np.linspace(-1, 1, 256)[None], cmap=FEWER_OR_MORE, extent=(-limit, limit, 0, 1), aspect="auto")
    axes.spines[:].set_visible(False)
    ticks = [-limit, -limit / 2, 0.0, limit / 2, limit]
    axes.set(yticks=[])
    axes.set_xticks(ticks, [f"{abs(tick):g}" for tick in ticks])
    axes.tick_params(length=0, pad=2)
    axes.text(-limit, 1.3, "◀ more people shot", fontsize=8, va="bottom", color="#8c3a00")
    axes.text(limit, 1.3, "fewer people shot ▶", fontsize=8, va="bottom", ha="right", color="#003f66")
    _draw_signs(figure.add_axes((0.5, 0.08 / height, 0.5, 0.5 / height)), signs=signs)


def _draw_signs(axes: Axes, *, signs: bool) -> None:
    axes.set(xlim=(0, 15.0), ylim=(2.0, 0.0))
    axes.set_axis_off()
    sure: list[tuple[str, dict[str, Any]]] = [
        (
            "interval includes no change",
            {"facecolor": "white", "edgecolor": "#9a9a9a", "hatch": HATCH, "linewidth": 0.5},
        ),
        ("clearly more people shot", {"facecolor": "#f3b58a", "edgecolor": INK, "linewidth": 1.3}),
    ]
    always: list[tuple[str, dict[str, Any]]] = [
        ("has a new site", {"facecolor": "#8cc0e0", "edgecolor": FAINT, "linewidth": 0.5}),
        ("not simulated", {"facecolor": EMPTY, "edgecolor": "none"}),
    ]
    for k, (words, look) in enumerate([*sure, *always] if signs else always):
        x, y = 7.9 * (k % 2), 0.15 + 1.0 * (k // 2)
        axes.add_patch(Rectangle((x, y), 0.9, 0.7, **look))
        if "new site" in words:
            axes.add_patch(Polygon([(x, y), (x + 0.38, y), (x, y + 0.3)], facecolor=INK, edgecolor="none"))
        axes.text(x + 1.2, y + 0.37, words, fontsize=8, va="center", color=QUIET)
