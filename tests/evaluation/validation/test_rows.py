"""The rows as data: where each figure comes from, and that nothing tuned on it is called predicted."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from cms_sim.data.evidence import load_evidence
from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.data.parameters import load_parameters
from cms_sim.data.targets import EFFECT, load_targets
from cms_sim.evaluation.validation.about_work import SILENT
from cms_sim.evaluation.validation.check import GROUPS
from cms_sim.evaluation.validation.row import RECORD, Row

ROWS = [row for group in GROUPS for row in group.rows]
IDS = re.compile(r"(T\d)-(\d{3})(?: to T\d-(\d{3}))?")
OWN_NAMES = [pytest.param(row, id=row.name) for row in ROWS]


def _cited() -> dict[str, set[str]]:
    """Evidence id to the parameters (or hypotheses) whose source or reason names it; ranges count whole."""
    texts = {name: f"{' '.join(p.source)} {p.assumed}" for name, p in load_parameters().items()}
    texts |= {name: each.meaning for name, each in load_hypotheses().items()}
    found: dict[str, set[str]] = {}
    for name, text in texts.items():
        for topic, first, last in IDS.findall(text):
            for number in range(int(first), int(last or first) + 1):
                found.setdefault(f"{topic}-{number:03d}", set()).add(name)
    return found


CITED = _cited()
SINGLE_SITES = "T1-094"
"""The first of the raw changes of single sites, which add up to the announced one."""


def test_there_are_at_least_forty_with_names_of_their_own() -> None:
    assert len(ROWS) >= 40
    assert max(Counter(row.name for row in ROWS).values()) == 1
    assert max(Counter(group.name for group in GROUPS).values()) == 1


def test_words_stand_alone() -> None:
    """Failures and aims are told out of the table's order."""
    assert not [row.words for row in ROWS if row.words.startswith("The same") or "(the same)" in row.words]
    assert max(Counter(row.words for row in ROWS).values()) == 1


def test_every_finding_of_the_announcement_has_one() -> None:
    """People shot, gun injuries, trust in police, reliance on violence."""
    announced = {row.statistic for row in ROWS if row.words.startswith("Announced in 2020")}
    assert announced == {"raw_change", "injuries_raw_change", "survey_trust_programme", "survey_programme"}


@pytest.mark.parametrize("row", OWN_NAMES)
def test_the_figure_is_that_of_its_source(row: Row) -> None:
    evidence = load_evidence()
    ids = [source for source in row.sources if source != RECORD]
    assert row.sources and set(ids) <= evidence.keys()
    first = evidence[ids[0]] if ids and row.sources[0] != RECORD else None
    told_otherwise = row.is_bound or row.note.startswith(("Of the source's note", "Published for")) or len(ids) > 1
    if first is None or told_otherwise or row.name in DERIVED:
        return
    assert row.published == first.value
    if row.low is not None:
        assert (row.low, row.high) == (first.low, first.high)


DERIVED = {
    "mediations_harlem": "more than 200 in roughly a year",
    "mediations_crown_heights": "108 in 29 months",
    "mediations_baltimore_2024": "1,283 a year over ten sites",
    "recruits_crown_heights": "3.3 a month, of the source's note",
    "odds_chicago": "-57% as a ratio",
}
"""Rows whose figure is computed from their source's."""


def test_derived_figures() -> None:
    evidence, by_name = load_evidence(), {row.name: row for row in ROWS}

    def value(name: str) -> float:
        found = evidence[name].value
        assert found is not None
        return found

    assert by_name["mediations_crown_heights"].published == pytest.approx(value("T5-087") / 29, abs=0.05)
    assert by_name["mediations_baltimore_2024"].published == pytest.approx(value("T5-099") / 120, abs=0.05)
    assert by_name["odds_chicago"].published == pytest.approx(1 + value("T3-010") / 100)
    assert by_name["descended_citywide"].published == pytest.approx(value("T3-003") * value("T3-008") / 100, abs=0.05)
    assert "3.3 new per month" in evidence["T5-085"].note
    assert "7.6%" in evidence["T1-021"].note
    assert "mean 2.7" in evidence["T3-006"].note
    assert "revenge 5%" in evidence["T3-030"].note
    assert "48.7" in evidence["T5-093"].note
    assert "+14%" in evidence["T2-006"].note
    assert "200+ mediations in roughly first year" in evidence["T5-081"].note
    assert by_name["mediations_harlem"].published == pytest.approx(200 / 12, abs=0.05)
    assert set(DERIVED) <= by_name.keys()


def test_what_ranges_are_made_of() -> None:
    """Each end by its evidence; counts over a span are in none but the one that was asked for, which says so."""
    evidence, by_name = load_evidence(), {row.name: row for row in ROWS}

    def ends(name: str) -> tuple[float | None, float | None]:
        return by_name[name].low, by_name[name].high

    earlier = evidence["T3-022"]
    assert ends("retaliation_2017") == (earlier.low, earlier.high)
    chicago, baltimore = evidence["T5-102"], [evidence[f"T5-{n:03d}"] for n in range(93, 97)]
    caseloads = [float(re.findall(r"caseload ([\d.]+)", each.note)[0]) for each in baltimore]
    at_a_time = [chicago.low, chicago.high, *caseloads, evidence["T5-083"].value]
    assert ends("participants_range") == (min(at_a_time), max(at_a_time))  # type: ignore[type-var]
    mixed = by_name["participants_range_mixed"]
    assert ends(mixed.name) == (round(min(caseloads)), evidence["T5-085"].value)
    assert "cumulative" in evidence["T5-085"].quantity and "mixes" in mixed.note
    assert "T5-085" not in by_name["participants_range"].sources
    per_month = [evidence[source].value for source in by_name["mediations_range"].sources]
    assert ends("mediations_range") == (min(per_month), max(per_month))  # type: ignore[type-var]
    assert "5-15 per outreach worker" in evidence["T5-085"].note and ends("caseload") == (5.0, 15.0)


def test_what_is_silent_is_no_row() -> None:
    held = {source for row in ROWS for source in row.sources}
    assert not held & {source for each in SILENT for source in each.sources}


def test_reasons_name_evidence_and_parameters_that_exist() -> None:
    evidence, parameters = load_evidence(), load_parameters()
    for row in ROWS:
        told = f"{row.words} {row.note} {row.why} {row.seen}"
        assert {f"{topic}-{number}" for topic, number, _ in IDS.findall(told)} <= evidence.keys(), row.name
        assert set(re.findall(r"[a-z]+(?:_[a-z]+)+", told)) <= parameters.keys(), row.name


@pytest.mark.parametrize("row", OWN_NAMES)
def test_no_target_is_called_predicted(row: Row) -> None:
    targets = {target.name: target.group for target in load_targets()}
    if row.kind == "predicted":
        asked = targets.keys() & {row.statistic, row.like}
        assert all(targets[name] == EFFECT and row.about_sites for name in asked)
        assert row.fitted_in_full == bool(asked)
    assert row.like in ("", *targets)
    if row.about_sites:
        assert row.variant == "without_effect"
        assert targets.get(row.statistic, EFFECT) == EFFECT


@pytest.mark.parametrize("row", OWN_NAMES)
def test_who_cites_the_source_of_a_prediction_is_told(row: Row) -> None:
    """A parameter that was set with a figure in view makes the row an input; where it is predicted all the same, the
    row says what the parameter took from its source and what it did not.
    """
    if row.kind != "predicted":
        return
    single = (SINGLE_SITES,) if row.statistic in ("raw_change", "injuries_raw_change") else ()
    citing = set().union(*(CITED.get(source, set()) for source in (*row.sources, *single)))
    assert bool(citing) == bool(row.seen), f"cited by {sorted(citing)}"
    if citing:
        assert any(name in row.seen for name in citing)


def test_what_single_sites_run_from_and_to() -> None:
    """As the parameter's reason and the rows say, with those that are left out."""
    rows = [each for number in range(94, 115) if (each := load_evidence()[f"T1-{number:03d}"])]
    changes = {int(re.findall(r"precinct (\d+)", each.quantity)[0]): each.value or 0.0 for each in rows}
    late = [int(number) for number in re.findall(r"\d+", rows[0].note.partition("precincts ")[2].partition(" have")[0])]
    assert late == [25, 48, 52, 88] and "2020-21" in rows[0].note
    kept = [change for number, change in changes.items() if number not in late]
    out = [changes[number] for number in late]
    ends = [f"{round(end)}%" for end in (min(kept), max(kept), min(out), max(out))]
    assert ends == ["-65%", "-1%", "17%", "89%"]
    for text in (load_parameters()["fidelity_low"].assumed, {row.name: row for row in ROWS}["site_lowest"].input_by):
        assert "from -65% to -1%" in text and "17% to 89%" in text and "2020-21" in text


@pytest.mark.parametrize("row", [row for row in ROWS if row.input_by], ids=lambda row: row.name)
def test_inputs_name_what_puts_them_in(row: Row) -> None:
    known = [*load_parameters(), "profiles", "levels", "prior region", "age and sex"]
    assert any(name in row.input_by for name in known)


def test_what_a_parameter_was_set_for_is_an_input() -> None:
    """Every parameter whose reason says that it was set or chosen so that a figure comes out."""
    set_for = {
        name for name, each in load_parameters().items() if re.search(r"[Ss]et so that|[Cc]hosen so", each.assumed)
    }
    named = {name for row in ROWS for name in load_parameters() if name in f"{row.input_by} {row.like}"}
    # detection and norm_reference: the first is drawn and fitted to a target, the second is the zero of a scale.
    assert set_for - named <= {"detection", "norm_reference", "street_instigator_share"}
    assert {"crew_propensity_factor", "education_trust_per_day", "kin_woman_kept"} <= named & set_for


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_bound], ids=lambda row: row.name)
def test_a_bound_has_both_ends_and_no_figure(row: Row) -> None:
    assert row.published is None
    assert row.low is not None and row.high is not None and row.low < row.high


def test_what_is_silent_names_its_sources_and_why() -> None:
    evidence = load_evidence()
    for each in SILENT:
        assert set(each.sources) <= evidence.keys()
        assert len(each.why) > 20
