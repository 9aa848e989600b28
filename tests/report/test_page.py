from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cms_sim.evaluation.words import chance
from cms_sim.experiment.results import Results
from cms_sim.report.advice import price_notes
from cms_sim.report.answer import answer, cautions
from cms_sim.report.html import details_page, report_page
from cms_sim.report.page_tables import money_table, plans_table
from cms_sim.report.pictures import all_pictures
from cms_sim.report.precinct_levels import precinct_levels
from cms_sim.report.precinct_table import precincts_table
from cms_sim.report.programme_tables import activity_table, false_alarms, services_table, studies_table
from cms_sim.report.provenance import provenance
from cms_sim.report.sheet import Sheet
from cms_sim.report.style import Drawing
from cms_sim.report.words import percent, ties, usd_between
from tests.evaluation.make_results import BY_NEED, HARMFUL, NO_PROGRAMME, REFERENCE, SAME, make_results
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


Page = Callable[[Sheet, Sequence[Drawing], Mapping[str, Any]], str]
PAGES = (report_page, details_page)


def read(results: Results, drawn: bool = False, page: Page = report_page) -> Reader:
    sheet = Sheet(results)
    drawings = [picture.finished() for picture in all_pictures(sheet)] if drawn else []
    reader = Reader()
    reader.feed(page(sheet, drawings, provenance(sheet, [], {})))
    assert reader.open == []
    return reader


@pytest.mark.parametrize("page", PAGES)
def test_pages_stand_alone(results: Results, page: Page) -> None:
    reader = read(results, drawn=True, page=page)
    tags = {tag for tag, _ in reader.attributes}
    assert not tags & {"script", "link", "iframe", "object"}
    for tag, attributes in reader.attributes:
        if source := attributes.get("src"):
            assert source.startswith("data:image/svg+xml;base64,"), tag
        if link := attributes.get("href"):
            assert link.startswith("#"), link
    assert "url(" not in reader.text and "@import" not in reader.text


@pytest.mark.parametrize(("page", "pictures"), [(report_page, 2), (details_page, 6)])
def test_pages_can_be_read_without_seeing_them(results: Results, page: Page, pictures: int) -> None:
    reader = read(results, drawn=True, page=page)
    attributes = reader.attributes
    assert ("html", {"lang": "en"}) in attributes
    images = [found for tag, found in attributes if tag == "img"]
    assert len(images) == pictures and all(len(found["alt"] or "") > 20 for found in images)
    tags = [tag for tag, _ in attributes]
    assert tags.count("h1") == 1 and tags.count("table") == tags.count("caption") >= 5
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all("scope" in found for tag, found in attributes if tag == "th")
    targets = {found["id"] for _, found in attributes if "id" in found}
    assert {found["href"][1:] for tag, found in attributes if tag == "a" and found["href"]} <= targets


def test_words_from_a_scenario_cannot_break_the_page() -> None:
    results = make_results(replicates=20, plans=[REFERENCE, BY_NEED])
    plan = replace(results.plans[1], title="<script>alert(1)</script>", summary="a & b < c")
    reader = read(replace(results, plans=(results.plans[0], plan)))
    assert "script" not in {tag for tag, _ in reader.attributes}
    assert "a & b < c" in reader.text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("case", list(degenerate()))
def test_results_with_little_to_say_make_a_page(case: str, page: Page) -> None:
    reader = read(degenerate()[case], page=page)
    assert not re.search(r"\b(nan|inf)\b", reader.text, re.IGNORECASE)


@pytest.mark.parametrize("runs", [1, 2, 3, 7])
def test_a_few_runs_claim_nothing(runs: int) -> None:
    results = make_results(replicates=runs)
    reader = read(results, drawn=runs == 3)
    alts = " ".join(found.get("alt") or "" for _, found in reader.attributes)
    assert "nan" not in alts
    assert "too few runs to say how sure an average is, which takes 8" in reader.text
    assert "no range of single runs is given under 20; no interval of an average under 8" in reader.text
    for claim in ("No parameter was varied", "Paired runs share", "averts most", "95% confidence", "clearly"):
        assert claim not in reader.text.split("Appendix: method")[0], claim
    counted = reader.text.replace("should see a change in 5% of runs", "")  # a level that was set, not a count of runs
    assert not re.search(r"\d% of (its )?runs", counted) and "Hatched" not in reader.text
    assert "95% interval" not in reader.text.split("Appendix: method")[0]
    assert [row[-2:] for row in plans_table(Sheet(results)).rows] == [("–", "–")] * 6
    assert "Nine in ten draws" not in reader.text  # no table of parameters from a handful of draws
    assert next(row[-1] for row in money_table(Sheet(results)).rows) == "too few runs"


def test_between_eight_and_twenty_runs_there_are_averages_and_no_ranges() -> None:
    text = read(make_results(replicates=12)).text
    assert "with 95% confidence in the average" in text and "in nine runs of ten" not in text
    assert "too few runs for a range of single runs, which takes 20" in text


def test_runs_that_were_broken_off_say_so() -> None:
    results = make_results(replicates=30)
    assert cautions(Sheet(results)) == []
    (caution,) = cautions(Sheet(replace(results, replicates_asked=64)))
    assert caution.startswith("The runs were broken off: 30 of 64 are finished.")


@pytest.mark.parametrize("case", ["reference alone", "references alone"])
def test_a_plan_alone_is_not_best_on_the_page(case: str) -> None:
    """100% is there only as the share of runs in which more are shot without a programme."""
    rows = plans_table(Sheet(degenerate()[case])).rows
    assert [row[-2] for row in rows] == ["–"] * len(rows)


def test_a_price_has_both_its_ranges(sheet: Sheet) -> None:
    leader = sheet.leader
    assert leader is not None
    cost, table = answer(sheet)[2], money_table(sheet)
    assert "with 95% confidence in the average)" in cost and "in nine runs of ten $" in price_notes(sheet)[0]
    assert table.headings[-3:] == ("For each person not shot", "95% interval of that average", "90 of 100 runs")
    best = next(row for row in table.rows if row[0] == leader.info.title)
    assert best[-2] == usd_between(leader.price.fieller.low, leader.price.fieller.high)
    assert best[-1] == usd_between(leader.price.low_90_usd, leader.price.high_90_usd)
    unpriced = {row[0]: row[-3:] for row in table.rows}
    assert unpriced["None"] == unpriced["Kept"] == ("–", "–", "–") and unpriced["Harmful"] == ("more shot", "–", "–")


def test_a_price_without_an_upper_end_says_so() -> None:
    assert usd_between(240_000.0, math.inf) == "at least $240,000"
    assert usd_between(238_000.0, 1_060_000.0) == "$240,000 to $1.1M"
    assert usd_between(341_000.0, 406_000.0) == "$340,000 to $410,000"


def test_activity_has_trust_kinds_of_spread_and_kinds_of_service(sheet: Sheet) -> None:
    table, services = activity_table(sheet), services_table(sheet)
    assert services is not None
    row = dict(zip(table.headings, table.rows[-2], strict=True))  # the reference
    assert row["Retaliations"] == "9.8%" and row["Contagion"] == "20%" and row["Trust in police"].startswith("+3.")
    assert "200 men aged 18 to 30 with street ties in each precinct" in table.caption
    assert "those that grow from shootings elsewhere are in neither (4.8% under the reference)" in table.caption
    kept = dict(zip(services.headings, services.rows[-2], strict=True))
    assert kept["Employment"] == "10" and kept["Legal aid"] == "1" and kept["All"] == "20"
    assert services_table(Sheet(make_results(replicates=2, plans=[NO_PROGRAMME]))) is None


def test_studies_are_held_against_the_reference(sheet: Sheet) -> None:
    table = studies_table(sheet)
    assert table is not None
    row, found = table.rows[0], sheet.studies[0]
    assert row[4].startswith(percent(found.did_reference_percent))
    assert row[6] == f"{chance(found.false_fall_share)} / {chance(found.false_rise_share)}"
    assert "two-sided" in table.caption and "nothing was opened it should see a change in 5% of runs" in false_alarms(
        sheet
    )


def test_false_alarms_above_their_level_are_explained(sheet: Sheet) -> None:
    calm = false_alarms(sheet)
    restless = Sheet(sheet.results)
    restless.__dict__["studies"] = tuple(replace(study, false_alarm_share=0.3) for study in sheet.studies)
    assert "years of its own" not in calm and "but here it does in 30%" in false_alarms(restless)
    assert "years of its own" in false_alarms(restless)


def test_neighbours_that_cannot_be_told_apart_are_named_below_the_leader() -> None:
    plans = [REFERENCE, BY_NEED, HARMFUL, SAME, replace(SAME, name="twin")]
    (said,) = ties(Sheet(make_results(replicates=30, plans=plans)))
    assert "“Kept” from “Same” and “Same” from “Twin”" in said and "Need" not in said and "Harmful" not in said
    assert ties(Sheet(make_results(replicates=5, plans=plans))) == []
    assert ties(Sheet(make_results(replicates=30, plans=[REFERENCE, BY_NEED]))) == []
    assert said in read(make_results(replicates=30, plans=plans)).text


def test_levels_of_precincts_stand_beside_the_record(sheet: Sheet) -> None:
    """Made results have other levels than New York's: the three most apart are named, with both numbers."""
    city, results = sheet.city, sheet.results
    recorded = city.victims[[city.row(n) for n in results.precincts]][:, -36:].sum(axis=1) / 3.0
    lived = results.frame("victims")[:, 0].mean(axis=0) / results.years
    (said,) = precinct_levels(sheet)
    named = [int(number) for number in re.findall(r"(\d+) Precinct \d+ \(", said)]
    assert named == [results.precincts[s] for s in np.argsort(-abs(lived - recorded))[:3]]
    first = results.precincts.index(named[0])
    assert f"({lived[first]:.0f} people shot a year, {recorded[first]:.0f} in the record)" in said
    table = precincts_table(sheet)
    assert table is not None
    shown = {row[0].split()[0]: row[3] for row in table.rows}
    assert shown == {str(n): f"{value:.1f}" for n, value in zip(results.precincts, recorded, strict=True)}
    frame = sheet.short_tables["by_precinct"]
    assert frame["record_2017_2019_victims_per_year"].tolist() == pytest.approx([*recorded] * 6)
    unknown = Sheet(make_results(replicates=20, precincts=[9001, 9002]))
    assert precinct_levels(unknown) == [] and "nan" not in str(precincts_table(unknown))
