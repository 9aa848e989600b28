from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from cms_sim.experiment.results import Results
from cms_sim.report.answer import answer, month, question
from cms_sim.report.html import page
from cms_sim.report.pictures import all_pictures
from cms_sim.report.provenance import provenance
from cms_sim.report.sheet import Sheet
from tests.evaluation.make_results import BY_NEED, HARMFUL, REFERENCE, SAME, make_results
from tests.report.conftest import degenerate

VOID = {"meta", "img", "br", "link", "input"}


class Reader(HTMLParser):
    """Checks that tags nest, and collects what a page refers to and says."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(results: Results, drawn: bool = False) -> Reader:
    sheet = Sheet(results)
    drawings = [picture.finished() for picture in all_pictures(sheet)] if drawn else []
    reader = Reader()
    reader.feed(page(sheet, drawings, provenance(sheet, [], {})))
    assert reader.open == []
    return reader


def test_page_stands_alone(results: Results) -> None:
    reader = read(results, drawn=True)
    tags = {tag for tag, _ in reader.attributes}
    assert not tags & {"script", "link", "iframe", "object"}
    for tag, attributes in reader.attributes:
        if source := attributes.get("src"):
            assert source.startswith("data:image/svg+xml;base64,"), tag
        if link := attributes.get("href"):
            assert link.startswith("#"), link
    assert "url(" not in reader.text and "@import" not in reader.text


def test_page_can_be_read_without_seeing_it(results: Results) -> None:
    reader = read(results, drawn=True)
    attributes = reader.attributes
    assert ("html", {"lang": "en"}) in attributes
    images = [found for tag, found in attributes if tag == "img"]
    assert len(images) == 7 and all(len(found["alt"] or "") > 20 for found in images)
    tags = [tag for tag, _ in attributes]
    assert tags.count("h1") == 1 and tags.count("table") == tags.count("caption") >= 7
    assert all("scope" in found for tag, found in attributes if tag == "th")
    targets = {found["id"] for _, found in attributes if "id" in found}
    assert {found["href"][1:] for tag, found in attributes if tag == "a" and found["href"]} == targets


def test_words_from_a_scenario_cannot_break_the_page() -> None:
    from dataclasses import replace

    results = make_results(replicates=20, plans=[REFERENCE, BY_NEED])
    plan = replace(results.plans[1], title="<script>alert(1)</script>", summary="a & b < c")
    reader = read(replace(results, plans=(results.plans[0], plan)))
    assert "script" not in {tag for tag, _ in reader.attributes}
    assert "a & b < c" in reader.text


@pytest.mark.parametrize("case", list(degenerate()))
def test_results_with_little_to_say_make_a_page(case: str) -> None:
    reader = read(degenerate()[case])
    assert not re.search(r"\b(nan|inf)\b", reader.text, re.IGNORECASE)


def test_answer_names_the_best_plan_and_its_price(sheet: Sheet) -> None:
    what, cost, sure = answer(sheet)
    leader = sheet.leader
    assert leader is not None and f"“{leader.info.title}” averts most" in what
    assert "in nine runs of ten" in what and "for each person not shot" in cost and "of runs" in sure


def test_answer_says_when_nothing_can_be_told_apart() -> None:
    what, cost, _ = answer(Sheet(make_results(replicates=30, plans=[REFERENCE, SAME])))
    assert what.startswith("No plan can be told from")
    assert "cannot be given" in cost


def test_answer_says_when_plans_do_harm() -> None:
    what, cost, sure = answer(Sheet(make_results(replicates=30, plans=[REFERENCE, HARMFUL])))
    assert what.startswith("No plan helps") and "more people are shot" in what
    assert "cannot be given" in cost
    assert sure == "In 100% of its runs are more people shot than under “Kept”."


def test_answer_of_one_run_is_an_example() -> None:
    assert "example" in answer(Sheet(make_results(replicates=1)))[0]


def test_answer_without_a_plan() -> None:
    assert "nothing to compare" in answer(Sheet(make_results(replicates=5, plans=[REFERENCE])))[0]


def test_question_names_frame_and_reference(sheet: Sheet) -> None:
    assert "July 2020 to June 2024" in question(sheet) and "“Kept”" in question(sheet)
    assert month("2024-02") == "February 2024"
