from __future__ import annotations

import struct
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from cms_sim.report.pictures import all_pictures
from cms_sim.report.plane import PRICES_USD, cost_plane, fanned
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import DPI, QUIET, WIDTH_IN, Picture, ink_on, spread
from tests.evaluation.make_results import BY_NEED, EXPANSION, REFERENCE, make_results
from tests.report.conftest import degenerate

NAMES = ["plans", "map_of_leader", "maps", "people_shot", "averted_over_time", "cost_plane", "acceptability", "studies"]


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


def test_plans_stand_at_their_true_cost_with_every_run_in_sight() -> None:
    """Two plans of one cost at one height, only their labels apart; price lines are straight from the origin."""
    sheet = Sheet(make_results(replicates=20, plans=[REFERENCE, EXPANSION, BY_NEED]))
    (axes,) = cost_plane(sheet).figure.axes
    assert [float(line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "o"] == [10.0, 10.0]
    strokes = [line for line in axes.lines if line.get_marker() == "|"]
    for line in strokes:
        assert set(line.get_ydata()) == {10.0}
        assert axes.get_xlim()[0] < min(line.get_xdata()) and max(line.get_xdata()) < axes.get_xlim()[1]
    runs = np.sort(np.concatenate([line.get_xdata() for line in strokes]))
    assert runs == pytest.approx(np.sort(np.concatenate([line.runs for line in sheet.compared])))
    labels = [text.xyann[1] for text in axes.texts if text.get_text() in {"Expansion", "By need"}]
    assert len(set(labels)) == 2
    prices = [line for line in axes.lines if line.get_color() == QUIET]
    assert prices
    for line in prices:
        (x0, x1), (y0, y1) = line.get_xdata(), line.get_ydata()
        assert x0 == y0 == 0.0 and min(abs(1e6 * y1 / x1 - price) for price in PRICES_USD) < 1.0


def test_lines_to_labels_do_not_cross(sheet: Sheet) -> None:
    """The dots of one cost, from the left, have labels from the outside in."""
    means = (1.0, 2.0, 3.0, 4.0, 5.0)
    first = sheet.compared[0]
    lines = fanned([replace(first, averted=replace(first.averted, mean=mean)) for mean in means])
    assert [line.averted.mean for line in lines] == [2.0, 4.0, 5.0, 3.0, 1.0]


@pytest.mark.parametrize("runs", [1, 7, 12, 25])
def test_captions_speak_only_of_what_is_drawn(runs: int) -> None:
    pictures = all_pictures(Sheet(make_results(replicates=runs)))
    captions = " ".join(picture.caption for picture in pictures)
    written = " ".join(text.get_text() for picture in pictures for axes in picture.figure.axes for text in axes.texts)
    assert ("95% interval" in captions) == ("Hatched" in captions) == (runs >= 8)
    assert ("includes no change" in written) == (runs >= 8)
    assert ("90 of 100" in captions) == (runs >= 20)
    assert ("Bands: 50 and 90 of 100 runs" in captions) == (runs >= 20)
    assert ("Band: 50 of 100 runs" in captions) == (4 <= runs < 20)
    assert ("mean over all runs" in captions) == (runs > 1)
    assert ("of runs" in written) == (runs >= 8)
