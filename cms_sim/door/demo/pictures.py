"""Both neighbourhoods as a picture, and as a moving one: drawn with Matplotlib, in the report's colours."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cms_sim.door.demo.layout import HEIGHT, WIDTH, places_of, ties_of
from cms_sim.door.demo.numbers import conflicts_of, counts, harmed_of, open_rows
from cms_sim.door.demo.pair import BEGINS, LEFT, RIGHT, Pair, Side
from cms_sim.door.demo.scenes import DEAD, WOUNDED, looks
from cms_sim.door.demo.words import words
from cms_sim.engine.arrays import STANDING_GOOD, STANDING_NOW
from cms_sim.engine.calendar_days import date_of
from cms_sim.report.style import BLUE, INK, ORANGE, PURPLE, QUIET, SETTINGS, VERMILLION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES: Final = (12.8, 7.2)
DPI: Final = 100
MOVING_DPI: Final = 70
MOST_FRAMES: Final = 30
FRAMES_PER_SECOND: Final = 4
LAST_SHOWN_FRAMES: Final = 8
_OTHER: Final = "#c4c4c4"
_STREET: Final = "#8f8f8f"


def picture(pair: Pair, day: int, language: str) -> bytes:
    """PNG of the evening after `day` days; shootings of the last thirty days are marked."""
    from matplotlib import rc_context

    with rc_context(SETTINGS):
        figure = _figure()
        pair.go_to(day)
        _draw(figure, pair, max(0, day - 30), language)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def moving_picture(pair: Pair, day: int, language: str) -> bytes:
    """Animated GIF from the first day to `day`."""
    from matplotlib import rc_context
    from matplotlib.animation import PillowWriter

    evenings = np.unique(np.linspace(0, day, min(day + 1, MOST_FRAMES)).astype(int)).tolist()
    with rc_context(SETTINGS), tempfile.TemporaryDirectory() as folder:
        figure, file = _figure(), Path(folder) / "run.gif"
        writer = PillowWriter(fps=FRAMES_PER_SECOND)
        with writer.saving(figure, str(file), MOVING_DPI):
            before = 0
            for evening in evenings:
                pair.go_to(evening)
                _draw(figure, pair, before, language)
                writer.grab_frame()
                before = evening
            for _ in range(LAST_SHOWN_FRAMES):
                writer.grab_frame()
        return file.read_bytes()


def _figure() -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=INCHES, dpi=DPI)


def _draw(figure: Figure, pair: Pair, since: int, language: str) -> None:
    """The whole picture; shootings from day `since` on are marked."""
    say = words(language)
    figure.clear()
    counted = [counts(side) for side in pair.sides]
    fewer = counted[LEFT]["victims"] - counted[RIGHT]["victims"]
    name = "fewer.more" if fewer < 0 else "fewer.fewer_one" if fewer == 1 else "fewer.fewer"
    figure.text(0.02, 0.945, f"{abs(fewer)} {say[name]}", fontsize=21, fontweight="bold", color=INK)
    figure.text(0.98, 0.945, date_of(BEGINS + max(0, pair.day - 1)).isoformat(), fontsize=19, ha="right", color=INK)
    for k, head in enumerate(("side.left", "side.right")):
        axes = figure.add_axes((0.02 + 0.49 * k, 0.09, 0.47, 0.72))
        numbers = ", ".join(f"{counted[k][each]} {say[f'counter.{each}']}" for each in ("victims", "killed"))
        figure.text(0.02 + 0.49 * k, 0.875, say[head], fontsize=16, fontweight="bold", color=BLUE if k else INK)
        figure.text(0.02 + 0.49 * k, 0.832, numbers, fontsize=15, color=INK)
        _draw_side(axes, pair.sides[k], pair.base.residents, since)
    figure.text(0.02, 0.025, say["page.made_up"], fontsize=9.2, color=QUIET)


def _draw_side(axes: Axes, side: Side, residents: int, since: int) -> None:
    from matplotlib.collections import LineCollection

    xy = places_of(residents).astype(float)
    street = int(side.city.precinct["street"][0])
    look = looks(side)
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), xticks=[], yticks=[], aspect="auto")
    axes.add_collection(LineCollection(xy[ties_of(side.city)].tolist(), colors=INK, linewidths=0.5, alpha=0.12))
    _dots(axes, xy[street:], s=4, color=_OTHER, linewidths=0)
    _dots(axes, xy[:street], s=24, color=_STREET, linewidths=0)
    exposed = np.flatnonzero(look & 7)
    _dots(axes, xy[exposed], s=np.where(exposed < street, 34, 12), color=PURPLE, linewidths=0)
    wounded = np.flatnonzero((look & WOUNDED) & ~(look & DEAD))
    _dots(axes, xy[wounded], s=40, facecolors="none", edgecolors=VERMILLION, linewidths=1.2)
    _dots(axes, xy[np.flatnonzero(look & DEAD)], s=36, marker="x", color=INK, linewidths=1.6)
    _draw_events(axes, side, xy, since)


def _dots(axes: Axes, where: Any, **look: Any) -> None:
    axes.scatter(where[:, 0], where[:, 1], **look)


def _draw_events(axes: Axes, side: Side, xy: Any, since: int) -> None:
    from matplotlib.collections import LineCollection

    rows = open_rows(side)
    log = conflicts_of(side)
    settled = np.isin(log["standing"][rows], (STANDING_NOW, STANDING_GOOD))
    ends = xy[np.stack([log["instigator"][rows], log["opponent"][rows]], axis=1)]
    for chosen, colour in ((~settled, ORANGE), (settled, BLUE)):
        axes.add_collection(LineCollection(ends[chosen].tolist(), colors=colour, linewidths=2.6, capstyle="round"))
    harmed = harmed_of(side)
    lately = log["head_day"][harmed["conflict"]] >= BEGINS + since
    shot = xy[harmed["resident"][lately]]
    _dots(axes, shot, s=190, marker=(8, 1, 0), facecolor=VERMILLION, edgecolor="white", linewidths=1.0, zorder=5)
