"""How pictures look: size on the page, type, colours that colour-blind readers and grey printers can tell apart."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

WIDTH_IN: Final = 7.5
"""Width of every picture: the text width of a letter page, so that type is printed at the size drawn."""
DPI: Final = 200
LINE: Final = 74
"""Letters of a headline that fit the page."""
COORDINATES, DECIMALS = re.compile(r' (?:d|x|y)="[^"]*"'), re.compile(r"(\.\d\d)\d+")
"""Coordinates in a drawing, and what they have beyond a hundredth of a point: a third of the file, and never seen."""
INK, QUIET, FAINT, EMPTY, STRIPE = "#1b1b1b", "#5a5a5a", "#c9c9c9", "#ececec", "#f4f4f4"
BLUE, VERMILLION, GREEN, PURPLE, SKY, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"
"""Okabe and Ito's colours."""
FEWER_OR_MORE: Final[Colormap] = LinearSegmentedColormap.from_list(
    "fewer or more", ["#8c3a00", "#D55E00", "#f3b58a", "#f7f7f7", "#8cc0e0", "#0072B2", "#003f66"]
)
"""More people shot (orange) through none (white) to fewer (blue); both ends darken alike."""

SETTINGS: Final[Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "text.color": INK,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "path",
    "svg.hashsalt": "cms-sim",
    "figure.dpi": DPI,
}


@dataclass(frozen=True)
class Drawing:
    """A finished picture: its words, and its files' content."""

    name: str
    caption: str
    alt: str
    svg: bytes
    png: bytes

    def write(self, folder: Path) -> None:
        """Both forms, under its name."""
        (folder / f"{self.name}.svg").write_bytes(self.svg)
        (folder / f"{self.name}.png").write_bytes(self.png)


@dataclass(frozen=True)
class Picture:
    """A figure and what it shows in words, for those who cannot see it. `name` is its file's name without ending."""

    name: str
    figure: Figure
    caption: str
    alt: str

    def finished(self) -> Drawing:
        """Drawn in both forms."""
        return Drawing(self.name, self.caption, self.alt, self.svg(), self.png())

    def png(self) -> bytes:
        """The picture in pixels, `DPI` of them an inch; the same bytes for the same content."""
        return self._bytes("png", {"Software": None}, pil_kwargs={"compress_level": 3})  # half the time, 7% more bytes

    def svg(self) -> bytes:
        """The picture in lines; the same bytes for the same content."""
        drawing = self._bytes("svg", {"Date": None, "Creator": None}).decode()
        return COORDINATES.sub(lambda found: DECIMALS.sub(r"\1", found[0]), drawing).encode()

    def _bytes(self, form: str, metadata: dict[str, Any], **how: Any) -> bytes:
        buffer = io.BytesIO()
        with rc_context(SETTINGS):
            self.figure.savefig(buffer, format=form, dpi=DPI, metadata=metadata, **how)
        return buffer.getvalue()


P = ParamSpec("P")
T = TypeVar("T")


def drawn(draw: Callable[P, T]) -> Callable[P, T]:
    """Draws under `SETTINGS`, and leaves matplotlib's own as they were."""

    @wraps(draw)
    def within(*args: P.args, **kwargs: P.kwargs) -> T:
        with rc_context(SETTINGS):
            return draw(*args, **kwargs)

    return within


def footnote(figure: Figure, words: str) -> None:
    """How to read the picture, along its foot."""
    y = 0.1 / figure.get_figheight()
    figure.text(0.01, y, textwrap.fill(words, 120), fontsize=7.5, color=QUIET, va="bottom")


def headline(figure: Figure, finding: str, detail: str = "") -> None:
    """The finding across the top, wrapped, and under it what is drawn. Room for it is the caller's to keep."""
    height, finding = figure.get_figheight(), balanced(finding)
    figure.text(0.01, 1 - 0.08 / height, finding, fontsize=11.5, fontweight="bold", va="top")
    figure.text(0.01, 1 - (0.30 + 0.19 * finding.count("\n")) / height, detail, fontsize=8.5, color=QUIET, va="top")


def balanced(words: str) -> str:
    """`words` in as few lines as fit the page, all of about the same length."""
    lines = len(textwrap.wrap(words, LINE))
    width = next((width for width in range(20, LINE) if len(textwrap.wrap(words, width)) <= lines), LINE)
    return textwrap.fill(words, width) if lines > 1 else words


def zero_line(axes: Axes, vertical: bool = True) -> None:
    """A line at no difference."""
    (axes.axvline if vertical else axes.axhline)(0.0, color=INK, linewidth=0.8, zorder=1)


def ink_on(colour: Any) -> str:
    """Black or white, whichever reads better on `colour` (relative luminance as WCAG 2 has it)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.18 else INK


def spread(places: list[float], gap: float) -> list[float]:
    """`places` moved apart as little as keeps their order and a `gap` between neighbours (labels beside lines)."""
    order = sorted(range(len(places)), key=lambda k: places[k])
    groups: list[tuple[float, list[int]]] = []
    for k in order:
        groups.append((places[k], [k]))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (len(groups[-1][1]) + len(groups[-2][1])) / 2:
            (_, upper), (_, lower) = groups.pop(), groups.pop()
            members = lower + upper
            groups.append((sum(places[m] for m in members) / len(members), members))
    moved = [0.0] * len(places)
    for middle, members in groups:
        for rank, k in enumerate(members):
            moved[k] = middle + gap * (rank - (len(members) - 1) / 2)
    return moved
