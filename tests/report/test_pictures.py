from __future__ import annotations

import struct
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from cms_sim.report.pictures import all_pictures
from cms_sim.report.plane import PRICES_USD, cost_plane
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import DPI, QUIET, WIDTH_IN, Picture, ink_on, spread
from tests.evaluation.make_results import BY_NEED, EXPANSION, REFERENCE, make_results
from tests.report.conftest import degenerate

NAMES = ["plans", "map_of_leader", "maps", "people_shot", "averted_over_time", "cost_plane", "studies"]


@pytest.fixture(scope="module")
def pictures(sheet: Sheet) -> dict[str, Picture]:
    return {picture.name: picture for picture in all_pictures(sheet)}


def test_every_picture_is_there_with_words_for_who_cannot_see_it(pictures: dict[str, Picture]) -> None:
    assert list(pictures) == NAMES
    for picture in pictures.values():
        assert picture.caption.endswith(".") and picture.alt.endswith("."), picture.name
        assert any(digit.isdigit() for digit in picture.alt), picture.name


def test_pictures_are_as_wide_as_the_page_and_not_empty(pictures: dict[str, Picture]) -> None:
    for picture in pictures.values():
        png = picture.png()
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", png[16:24])
        assert width == WIDTH_IN * DPI and 400 < height < 12 * DPI, picture.name
        assert len(png) > 20_000, picture.name


def test_drawings_parse_and_are_the_same_twice(pictures: dict[str, Picture], sheet: Sheet) -> None:
    again = {picture.name: picture for picture in all_pictures(Sheet(sheet.results))}
    for name, picture in pictures.items():
        drawing = picture.svg()
        assert ElementTree.fromstring(drawing).tag.endswith("svg")
        assert drawing == again[name].svg(), name


def test_drawing_leaves_matplotlib_as_it_was(sheet: Sheet) -> None:
    before = dict(matplotlib.rcParams)
    all_pictures(sheet)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("case", list(degenerate()))
def test_results_with_little_to_say_are_drawn_all_the_same(case: str) -> None:
    for picture in all_pictures(Sheet(degenerate()[case])):
        assert len(picture.svg()) > 1000


def test_labels_are_spread_without_changing_their_order() -> None:
    places = [3.0, 1.0, 1.1, 1.05, 10.0]
    moved = spread(places, 1.0)
    order = sorted(range(5), key=lambda k: places[k])
    assert order == sorted(range(5), key=lambda k: moved[k])
    ascending = sorted(moved)
    assert all(b - a >= 1.0 - 1e-9 for a, b in pairwise(ascending))
    assert moved[4] == 10.0
    assert spread([], 1.0) == []


def test_ink_reads_on_any_square() -> None:
    assert ink_on("#ffffff") == "#1b1b1b"
    assert ink_on("#003f66") == "#ffffff"


def test_price_lines_are_exact_at_plans_drawn_apart() -> None:
    """Two plans of one cost stand on two lanes; a price line must meet both where that price would have put them."""
    sheet = Sheet(make_results(replicates=20, plans=[REFERENCE, EXPANSION, BY_NEED]))
    drawn = cost_plane(sheet).figure.axes[0].lines
    lanes = [line.get_ydata()[0] for line in drawn if line.get_marker() == "o"]
    prices = [line for line in drawn if line.get_color() == QUIET]
    assert len(set(lanes)) == 2 and prices
    for line in prices:
        at_plans = np.interp(lanes, line.get_ydata(), line.get_xdata())
        assert at_plans == pytest.approx([at_plans[0]] * 2)
        assert min(abs(10e6 / at_plans[0] - price) for price in PRICES_USD) < 1.0
