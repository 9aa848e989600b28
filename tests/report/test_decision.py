"""The report of an optimisation: its words case by case, its page, and its pages on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import Condition, Decision, Estimate, Region, write_decision
from cms_sim.report.decision_page import decision_page, write_decision_report
from cms_sim.report.decision_words import (
    assumed,
    break_even,
    information,
    question,
    stops_being_best,
    three_sentences,
)
from tests.report.made_decision import REGION, made_decision
from tests.report.test_page import Reader


def with_region(region: Region) -> Decision:
    decision = made_decision()
    winner = decision.plan("first")
    plan = replace(winner, robustness=replace(winner.robustness, stops_being_best=(region,)))
    return replace(decision, plans=(decision.plans[0], plan, *decision.plans[2:]))


def test_a_clear_winner_is_the_best_use_found() -> None:
    first, sure, cost = three_sentences(made_decision())
    assert first == (
        "The best use found is “First”: about 10 fewer people are shot a year than under “Kept” (8 to 12 with 95% "
        "confidence in the average)."
    )
    assert sure == (
        "How sure that is: it is the best of 3 choices with 70% probability, choosing it is expected to miss 0.3 a "
        "year of what is weighed, in 4% of draws of what is not known this plan does harm on average and in 12% of "
        "runs are more people shot than under “Kept”."
    )
    assert cost.startswith("It costs $5M a year more than “Kept”, which is about $500,000 for each person not shot")
    assert question(made_decision()).startswith("What is the best use of $5M a year in precincts 43 and 69 from 1 July")


def test_what_cannot_be_told_apart_is_said() -> None:
    (first, *_) = three_sentences(made_decision(not_told_apart=("second",)))
    assert first.startswith("“First” comes first, but “Second” cannot be told from it: about 10 fewer people")


@pytest.mark.parametrize(
    ("averted", "says", "cost_says"),
    [
        (Estimate(2.0, -1.0, 5.0), "No plan is distinguishable from “Kept”: under “First”", "cannot be said"),
        (
            Estimate(-6.0, -8.0, -4.0),
            "No plan helps: even under “First”, the best that was found, about 6 more",
            "more",
        ),
        (Estimate(2.0, None, None), "These are examples and no advice (too few draws", "cannot be said"),
    ],
)
def test_no_advice_where_nothing_is_shown_to_avert(averted: Estimate, says: str, cost_says: str) -> None:
    first, _, cost = three_sentences(made_decision(averted))
    assert first.startswith(says) and cost_says in cost and "$500,000" not in cost


def test_where_it_stops_being_best_is_told_by_what_parameters_mean() -> None:
    said = " ".join(stops_being_best(made_decision()))
    assert re.search(
        r"Where “chance that a messenger .*” is at most 0.02, which is 25% of what may be true, “Second”", said
    )
    assert "“Second” is ahead by 1.4 a year" in said and "tell 40% of how its lead varies" in said
    assert "under “This city's record” (8 to 12)" in said and "misses 2.6 a year" in said
    chicago = replace(REGION, conditions=(Condition("hypothesis", "", None, None, "chicago"),))
    assert "Where violence spreads as in “Chicago's social contagion”" in stops_being_best(with_region(chicago))[0]
    none = made_decision()
    winner = replace(none.plans[1], robustness=replace(none.plans[1].robustness, stops_being_best=()))
    assert "that is no proof" in stops_being_best(replace(none, plans=(none.plans[0], winner)))[0]


def test_the_plan_with_the_least_to_regret_is_named_where_it_is_another() -> None:
    assert "least to regret" not in " ".join(stops_being_best(made_decision()))
    other = stops_being_best(replace(made_decision(), careful_choice="second"))[-1]
    assert other == "Who wants the least to regret, whatever is true, takes “Second”: at worst it misses 2.6 a year."


def test_what_it_is_worth_to_know_stands_above_its_noise() -> None:
    decision = made_decision()
    assert "Most worth knowing: chance that a messenger" in information(decision)[1]
    noisy = replace(decision.information.by_parameter[0], noise_per_year=0.5)
    told = information(replace(decision, information=replace(decision.information, by_parameter=(noisy,))))
    assert told[1].startswith("No single unknown is worth knowing first")


def test_break_even_and_sources_are_in_plain_words() -> None:
    assert break_even(made_decision()) == [
        "By what shootings cost society it pays from 2.2 people a year on, 22% of what it averts here.",
        "By what shootings cost taxpayers it pays from 40 people a year on, more than it averts here.",
    ]
    city, chicago, *_ = assumed(made_decision())
    assert "fitted to this city's record of 2006-2019" in city and "they were not fitted" in chicago


def test_the_page_stands_alone_and_can_be_read_without_seeing_it() -> None:
    reader = Reader()
    reader.feed(decision_page(made_decision(), load_city_tables()))
    tags = [tag for tag, _ in reader.attributes]
    assert reader.open == [] and not {"script", "link", "iframe", "object", "a"} & set(tags)
    images = [found for tag, found in reader.attributes if tag == "img"]
    assert len(images) == 2 and all(len(found["alt"] or "") > 20 for found in images)
    assert all((found["src"] or "").startswith("data:") for found in images)
    assert tags.count("table") == tags.count("caption") == 3
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert not re.search(r"\b(nan|inf|None)\b", reader.text) and "1 supervisor," in reader.text


def test_the_command_prints_it_on_eight_pages_at_most(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("weasyprint", reason="the extra `pdf` is not installed", exc_type=ImportError)
    write_decision(made_decision(), tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    printed = capsys.readouterr().out
    assert ended.value.code == 0 and f"Report: {tmp_path / 'report.html'}" in printed
    (pages,) = re.findall(r"report\.pdf \((\d+) pages\)", printed)
    assert 2 <= int(pages) <= 8


def test_a_folder_without_a_decision_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no decision"):
        write_decision_report(tmp_path)


def test_a_full_disk_leaves_reports_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_decision(made_decision(), tmp_path)
    page, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    for file in (page, printed):
        file.write_text("older, and whole", encoding="utf-8")

    class Printer:
        def __init__(self, **_: object) -> None:
            self.pages = ["one"]

        def render(self) -> Printer:
            return self

        def write_pdf(self, file: Path, **_: object) -> None:
            file.write_bytes(b"%PDF-half")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("cms_sim.report.pdf._printer", lambda: Printer)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 1 and "the disk is full" in capsys.readouterr().err
    assert printed.read_text(encoding="utf-8") == "older, and whole"

    page.write_text("older, and whole", encoding="utf-8")

    def half(file: Path, text: str, **_: object) -> int:
        file.write_bytes(text[:100].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 1 and page.read_text(encoding="utf-8") == "older, and whole"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["decision.json", "report.html", "report.pdf"]
