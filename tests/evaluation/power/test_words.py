"""What readers are told: which study detects a fall, what a raw count is worth, and two standards under two names."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.door.power_cli import _in_one_picture
from cms_sim.evaluation.power.design import built_in
from cms_sim.evaluation.power.study import studies_of
from cms_sim.evaluation.power.summary import Found, summarised
from cms_sim.evaluation.power.tables import MARK, detail, overview
from cms_sim.evaluation.power.words import answer, notes, uncompared, which
from cms_sim.report import power_plots
from cms_sim.report.power_page import MARKER, section
from tests.evaluation.power.made_up import made
from tests.pages import DOCS, text_of

FALLS = (0.0, -10.0, -20.0, -30.0, -40.0)
RAW, COMPARED = "windows_raw", "windows_not_yet_covered"
STUDIES = [made("raw only", ()), made("weak"), made("between"), made("strong"), made("diluted")]


def reports(study: str, estimator: str, scatter: float, share: float = 1.0, bias: float = 0.0) -> pd.DataFrame:
    """Normal reports of 300 histories, of a `share` of each fall."""
    error = np.random.default_rng(3).normal(bias, scatter, 300)
    frames = []
    for effect in FALLS:
        value = share * effect + error
        columns = {"history": np.arange(300), "true_percent": effect, "effect_percent": effect, "value": value}
        frames.append(pd.DataFrame({**columns, "low": value - 1.96 * scatter, "high": value + 1.96 * scatter}))
    return pd.concat(frames).assign(study=study, estimator=estimator, kind="planted")


@pytest.fixture(scope="module")
def found() -> Found:
    scatter = {"weak": 20.0, "between": 7.1, "strong": 4.0}
    compared = [reports(study, COMPARED, size) for study, size in scatter.items()]
    diluted = reports("diluted", COMPARED, 3.0, share=0.6)
    raw = [reports(study.name, RAW, 2.0, bias=-15.0) for study in STUDIES]
    return summarised(pd.concat([*raw, *compared, diluted], ignore_index=True))


def test_a_raw_count_is_never_advised_however_little_it_scatters(found: Found) -> None:
    lines = list(which(found, STUDIES, 20.0))
    assert "raw only" not in "\n".join(lines[:-1])
    assert lines[-1].startswith("- raw only compares with nobody: 100 of 100") and "trend" in lines[-1]
    head, *rows = overview(found, STUDIES, 20.0)
    assert rows[-1][0] == "raw only" and all(cell.endswith(MARK) for cell in rows[-1][-2:])
    assert head[-2].startswith("smallest detectable fall") and not any(
        MARK in cell for row in rows[:-1] for cell in row
    )


def test_who_surely_detects_stands_apart_from_who_may(found: Found) -> None:
    text = "\n".join(which(found, STUDIES, 20.0))
    sure, rest = text.split("- perhaps;")
    unsure, others = rest.split("- not the others")
    assert "- strong: " in sure and "between" in unsure and "weak" in others
    assert re.search(r"between: \d\d of 100 \(\d\d to \d\d\)", unsure)
    assert "- surely none of these." in which(found, STUDIES[1:2], 20.0)


def test_a_study_that_hides_a_part_of_the_fall_says_so(found: Found) -> None:
    lines = list(which(found, STUDIES, 20.0))
    (line,) = (line for line in lines if "diluted" in line)
    assert re.search(r"though it reports -1[12]\.\d% of it", line)
    row = next(row for row in overview(found, STUDIES, 20.0) if row[0] == "diluted")
    assert row[2] in line


def test_a_raw_number_is_marked_and_the_mark_explained_where_it_stands(found: Found) -> None:
    head, *rows = detail(found, STUDIES[3], 20.0)
    marked = [(row[0], name) for row in rows for name, cell in zip(head, row, strict=True) if cell.endswith(MARK)]
    assert marked == [(RAW, "smallest detectable fall (95%)")]
    tables = load_city_tables()
    note = next(notes(found, STUDIES[3], tables))
    assert note == uncompared(tables, STUDIES[3]) and note.startswith(MARK.strip())
    assert "on record -29% to +2%" in note  # what the city did on record
    page = "\n".join(section(found, STUDIES, 20.0, "posterior", []))
    assert f"raw only: {note}" in page
    raw = next(line for line in answer(found, STUDIES[3], tables.months) if "plain before/after" in line)
    assert "the city's trend of those years" in raw


def test_two_standards_have_two_names_each_explained_once(found: Found) -> None:
    headers = [*detail(found, STUDIES[3], 20.0)[0], *overview(found, STUDIES, 20.0)[0]]
    names = {name.removesuffix(" (95%)") for name in headers}
    head, _, _ = text_of(DOCS / "power.md").partition(MARKER)
    rows = re.findall(r"^\| ([^|]+) \|([^|]+)\|$", head, flags=re.MULTILINE)
    explained = [name.strip("* ") for name, _ in rows]
    for name in ("smallest detectable fall", "own interval shows a fall from"):
        assert name in names and explained.count(name) == 1
    said = {name.strip("* "): words for name, words in rows}
    assert "for planning" in said["smallest detectable fall"]
    assert "not for planning" in said["own interval shows a fall from"]
    told = "\n".join([*section(found, STUDIES, 20.0, "posterior", []), *headers, head])
    assert "finds 8 in 10 from" not in told and "at a true 5%" not in told


def test_the_answer_names_the_one_to_plan_with(found: Found) -> None:
    lines = list(answer(found, STUDIES[3], load_city_tables().months))
    (line,) = (line for line in lines if "Smallest detectable fall" in line)
    planned, _, own = line.partition("Plan with this one")
    assert re.search(r"1[12]% \((less than )?\d+ to \d+%\)", planned) and "interval" in own


def test_one_picture_holds_the_first_study_and_those_that_differ_in_sites_only() -> None:
    studies = studies_of(*built_in(), load_city_tables())
    lots = [f"by lot, {number}" for number in ("1 site", "3 sites", "5 sites", "10 sites", "17 sites")]
    assert _in_one_picture(studies) == ["the five of 2020", *lots]
    assert _in_one_picture(STUDIES[1:3]) == ["weak", "between"]


def test_pictures_say_what_is_beyond_and_what_is_detected(found: Found) -> None:
    names = [study.name for study in STUDIES[1:]]
    curves, nothing, smallest = (
        power_plots.curves(found, names, COMPARED),
        power_plots.without_an_effect(found, names[:2]),
        power_plots.smallest(found, names, COMPARED),
    )
    assert "weak: 8 in 10 from more than 40%" in curves.alt and "weak: more than 40%" in smallest.alt
    assert curves.alt.index("strong") < curves.alt.index("between") < curves.alt.index("weak")
    assert "plain before/after counts see a change" in nothing.alt and "trend" in nothing.caption
