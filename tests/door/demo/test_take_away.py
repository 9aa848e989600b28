"""Pictures and the recorded page, as files."""

from __future__ import annotations

import io
import json
import re

import pytest
from matplotlib.image import imread

from cms_sim.door.demo.messages import Recipe
from cms_sim.door.demo.pair import Pair
from cms_sim.door.demo.pictures import INCHES, moving_picture, picture
from cms_sim.door.demo.recording import page_of, record
from cms_sim.door.demo.session import pair_of
from cms_sim.door.demo.settings import Settings
from cms_sim.door.demo.words import LANGUAGES
from cms_sim.errors import InputError


@pytest.fixture(scope="module")
def pair() -> Pair:
    return pair_of(Recipe(settings={"residents": 500, "seed": 3}, changes=[(20, {"outreach_workers": 1})], day=40))


def test_the_picture_is_a_png_that_shows_something(pair: Pair) -> None:
    image = imread(io.BytesIO(picture(pair, 40, "es")))
    assert image.shape[:2] == (round(100 * INCHES[1]), round(100 * INCHES[0]))
    assert 0.05 < (image[..., :3].min(axis=2) < 0.98).mean() < 0.6


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_picture_runs_over_its_edge(pair: Pair, language: str) -> None:
    image = imread(io.BytesIO(picture(pair, 1, language)))
    assert (image[:, -20:, :3] > 0.98).all() and (image[-40:, ..., :3] < 0.9).any(), "the line below ends in time"


def test_the_moving_picture_is_an_animated_gif(pair: Pair) -> None:
    image = moving_picture(pair, 4, "en")
    assert image[:6] == b"GIF89a" and image.count(b"\x21\xf9\x04") >= 2  # a block before each picture


def test_the_recorded_page_holds_all_and_reaches_for_nothing(pair: Pair) -> None:
    recorded = record(pair, 40, "en")
    assert len(recorded["days"]) == 40 and recorded["days"][-1]["now"]["day"] == 40
    recorded["words"] = {**recorded["words"], "page.title": "</script><script>alert(1)</script>"}
    html = page_of(recorded)
    assert "</script><script>alert" not in html
    held = re.search(r'<script type="application/json" id="recorded">(.*?)</script>', html, re.S)
    assert held and json.loads(held[1])["words"]["page.title"].startswith("</script>")
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)
    assert "default-src 'none'" in html and "import " not in re.sub(r"//.*", "", html)


def test_a_recipe_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match=r"seed|recipe"):
        pair_of(Recipe(settings={}, changes=[(3, {"seed": 4})], day=5))
    with pytest.raises(InputError, match="no setting"):
        pair_of(Recipe(settings={"seeds": 4}, day=5))
    assert pair_of(Recipe(settings=Settings().model_dump(), day=5)).base == Settings()
