"""What is said, drawn and written of sensitivity indices."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from cms_sim.errors import InputError
from cms_sim.evaluation.morris import MorrisEffects
from cms_sim.evaluation.sensitivity import Sensitivity, analyse
from cms_sim.evaluation.sobol import SobolIndices
from cms_sim.evaluation.varied import Varied, varied
from cms_sim.report.sensitivity_plot import sensitivity_plot
from cms_sim.report.sensitivity_tables import as_json, print_sensitivity, write_sensitivity
from cms_sim.report.sensitivity_words import finding, left_out, outcome_words
from tests.evaluation.make_sweep import made_sweep

pytest.importorskip("SALib", reason="SALib is in the extra `research`")

NAMES = ("detection", "kin_share", "violence_interrupters")
PLANS = {"more": lambda x: 10.0 * x[:, 0] + 4.0 * x[:, 2]}


def made(method: str) -> tuple[Sensitivity, dict[str, Varied]]:
    points = 128 if method == "saltelli" else 12
    sweep = made_sweep(method, NAMES, PLANS, points=points, noise=1.0)
    return analyse(sweep), varied(sweep.points, {"violence_interrupters"})


def sobol(total: list[float], half: float) -> Sensitivity:
    """Indices of three names as given."""
    each, halves = np.array(total), np.full(3, half)
    indices = SobolIndices(NAMES, 64, 4, 0.1, 0.02, each, halves, each, halves, each, each, 0.0)
    return Sensitivity("averted", "more", "now", indices, 0, 0)


def morris(sizes: list[float], half: float, floor: float) -> Sensitivity:
    each, halves = np.array(sizes), np.full(3, half)
    pairs = (each, halves, each, halves, each, halves)
    indices = MorrisEffects(NAMES, 10, 4, 0.1, 0.02, *pairs, each, np.full(3, floor), 0.0)
    return Sensitivity("best", "more", "now", indices, 0, 0)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (sobol([0.7, 0.2, 0.1], 0.1), "The number of people not shot hangs most on detection: 70% of its variance"),
        (sobol([0.3, 0.4, 0.1], 0.1), "hangs most on kin share and detection, which these runs do not rank"),
        (sobol([0.3, 0.4, 0.2], 0.2), "hangs most on kin share, detection and violence interrupters, which"),
        (sobol([0.1, 0.1, 0.0], 0.15), "Nothing that was varied clearly moves the number of people not shot"),
        (morris([5.0, 2.0, 1.0], 1.0, 0.5), "Whether the plan averts most hangs most on detection"),
        (morris([5.0, 2.0, 1.0], 1.0, 4.5), "Nothing that was varied clearly moves whether the plan averts most"),
    ],
)
def test_no_more_is_said_than_intervals_hold(found: Sensitivity, words: str) -> None:
    assert words in finding(found)


def test_every_outcome_of_a_sweep_has_words() -> None:
    from cms_sim.experiment.sweep.rows import OUTCOMES

    assert [name for name in OUTCOMES if outcome_words(name) == name.replace("_", " ")] == []
    assert outcome_words("calls_to_hospital") == "calls to hospital"  # of an extension


def test_names_are_told_by_meaning_and_unit() -> None:
    points = pd.DataFrame(
        {"detection": [0.01, 0.05], "months_late": [0.0, 6.0], "catchment_share": [0.2, 0.8], "cut": [0, 1]}
    )
    told = varied(points, {"months_late", "catchment_share"})
    assert told["detection"].meaning.startswith("Chance that a messenger")
    assert told["detection"].span == "detection · 0.01 to 0.05 probability per conflict-day"
    assert told["months_late"].unit == "months"
    assert told["catchment_share"].meaning == "Share of a precinct's conflicts inside the site's catchment"
    assert varied(points, ())["catchment_share"].meaning != told["catchment_share"].meaning
    assert (told["cut"].meaning, told["cut"].unit) == ("Cut", "")


@pytest.mark.parametrize("method", ["saltelli", "morris"])
def test_the_picture_and_its_words(method: str) -> None:
    found, names = made(method)
    drawing = sensitivity_plot(found, names).finished()
    assert drawing.name == "averted-more"
    assert drawing.png.startswith(b"\x89PNG") and ET.fromstring(drawing.svg).tag.endswith("svg")
    order = [drawing.alt.index(name) for name in ("detection", "violence_interrupters", "kin_share")]
    assert order == sorted(order) and "noise is" in drawing.alt
    assert sensitivity_plot(found, names).finished().svg == drawing.svg


@pytest.mark.parametrize("method", ["saltelli", "morris"])
def test_labels_stay_inside_the_page(method: str) -> None:
    found, names = made(method)
    figure = sensitivity_plot(found, names).figure
    figure.canvas.draw()
    page = figure.bbox
    for axes in figure.axes:
        for text in axes.texts:
            box = text.get_window_extent()
            assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()


@pytest.mark.parametrize("method", ["saltelli", "morris"])
def test_the_table_on_the_screen(method: str) -> None:
    found, names = made(method)
    console = Console(file=io.StringIO(), width=100)
    print_sensitivity(found, names, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "hangs most on detection" in text and "against “now”" in text and "noise is" in text.lower()
    assert all(len(line) <= 100 for line in text.splitlines())
    rows = [line for line in text.splitlines() if line.lstrip("| ").startswith(NAMES)]
    assert len(rows) == 3 and "±" in rows[0] and rows[0].lstrip("| ").startswith("detection")


def test_files_and_json(tmp_path: Path) -> None:
    found, names = made("saltelli")
    files = write_sensitivity(found, names, tmp_path)
    assert sorted(file.name for file in (tmp_path / "sensitivity").iterdir()) == [
        "averted-more.csv",
        "averted-more.png",
        "averted-more.svg",
    ]
    table = pd.read_csv(files[0])
    assert table["name"].tolist()[0] == "detection" and table["unit"].tolist()[0] == "probability per conflict-day"
    assert table["total"].tolist() == pytest.approx(found.frame()["total"].tolist())
    told = as_json(found, names, files)
    assert told["names"][0]["total_half"] == table["total_half"][0] and told["method"] == "sobol"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    found, names = made("morris")
    (tmp_path / "sensitivity").write_text("in the way")
    with pytest.raises(InputError, match=r"(?s)sensitivity: cannot be written.*--json"):
        write_sensitivity(found, names, tmp_path)


def test_what_was_left_out_is_told() -> None:
    found = sobol([0.7, 0.2, 0.1], 0.1)
    assert left_out(found) == []
    some = Sensitivity("averted", "more", "now", found.indices, 2, 1)
    assert "2 base points and 1 replicate left out" in left_out(some)[0]
