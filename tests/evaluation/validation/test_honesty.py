"""What would make the table say more than is known: each of these is made to happen, and found out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.evidence import load_evidence
from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.data.targets import Target, load_targets
from cms_sim.errors import InputError
from cms_sim.evaluation.validation import histories, row
from cms_sim.evaluation.validation.check import GROUPS, Validation, as_json, check, check_row, last_line, predictive
from cms_sim.evaluation.validation.histories import Histories, parameters_of, statistics_of_record
from cms_sim.evaluation.validation.reached import AIMS, reached
from cms_sim.evaluation.validation.row import RECORD, WITHOUT_EFFECT, Row
from cms_sim.experiment import posterior
from cms_sim.experiment.fitted_with import fitted_with
from cms_sim.experiment.posterior import posterior_file, shipped_posterior
from cms_sim.report import validation_plots
from cms_sim.report.validation_numbers import model, more_digits, published
from cms_sim.report.validation_words import kind, markdown, remarks
from tests import pages

ROWS = [each for group in GROUPS for each in group.rows]
EVEN = {"thing": np.linspace(0.0, 10.0, 1001)}
PLAIN = Row("plain", "A figure", "thing", (RECORD,), 5.0, times=1.0)


def recorded() -> Mapping[str, float]:
    """What the packaged record says, worked out once."""
    return statistics_of_record(load_city_tables())


def fitted_to(hypothesis: str, variant: str) -> set[str]:
    """The statistics that a shipped posterior says it was fitted to."""
    return set(json.loads(posterior_file(hypothesis, variant).read_text(encoding="utf-8"))["targets"])


def derived_kind(each: Row) -> str:
    """From the posteriors that are used, not from what the rows say of themselves."""
    if each.input_by:
        return "input"
    fitted = {name for hypothesis in load_hypotheses() for name in fitted_to(hypothesis, each.variant)}
    return "fitted" if each.statistic in fitted or each.like in fitted else "predicted"


def validation() -> Validation:
    """All rows on made-up histories around every figure."""
    middle = {each.statistic: figure(each) / each.times for each in ROWS}
    made = {name: value + np.linspace(-0.01, 0.01, 40) for name, value in middle.items()}
    return Validation("city", "made up", 40, True, check(made, made, recorded()))


def figure(each: Row) -> float:
    if each.is_bound:
        assert each.low is not None and each.high is not None
        return (each.low + each.high) / 2.0
    return each.published if each.published is not None else recorded()[each.statistic] * each.times


# What is fitted is not predicted


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in ROWS])
def test_the_kind_follows_from_the_posterior_that_the_row_is_held_against(each: Row) -> None:
    assert each.kind == derived_kind(each)
    full = {name for hypothesis in load_hypotheses() for name in fitted_to(hypothesis, "")}
    assert each.fitted_in_full == (each.kind == "predicted" and not full.isdisjoint({each.statistic, each.like}))


def test_rows_of_a_new_target_become_fitted_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    def kinds() -> dict[str, str]:
        return {each.name: each.kind for each in ROWS}

    assert kinds()["extra_next_door"] == kinds()["did_record"] == "predicted"
    more = (Target("extra_next_door", "dispersion", "record"), Target("did", "activity", "record"))
    with_more = (*load_targets(), *more)
    monkeypatch.setattr(row, "load_targets", lambda: with_more)
    assert kinds()["extra_next_door"] == "fitted"
    assert kinds()["did_record"] == "fitted", "in another group than the effect nothing is left out of the fit"


def test_rows_on_sites_would_be_fitted_under_the_full_posterior() -> None:
    marked = [each for each in ROWS if each.fitted_in_full]
    assert {"raw_change", "relative_rest_of_city", "relative_not_yet_covered"} <= {each.name for each in marked}
    for each in marked:
        assert each.about_sites and each.variant == WITHOUT_EFFECT
        assert replace(each, about_sites=False).kind == "fitted"


def test_the_counts_are_of_derived_kinds() -> None:
    """A fitted row among the predicted ones would be one too many here."""
    found = validation()
    kinds = [derived_kind(each.row) for each in found.rows]
    counted = [each.covered and what == "predicted" for each, what in zip(found.rows, kinds, strict=True)]
    assert f"predicted = {kinds.count('predicted')}, predicted and covered = {sum(counted)}" in last_line([found])
    assert kinds.count("fitted") > 0 and kinds.count("input") > 0
    told = as_json(found)
    assert told["counts"]["predicted"] == sum(each["kind"] == "predicted" for each in told["rows"])
    assert all(each["posterior"] == WITHOUT_EFFECT for each in told["rows"] if each["fitted_in_full"])


def test_the_table_says_which_posterior_a_row_on_sites_is_held_against() -> None:
    found = validation()
    text = "\n".join(markdown([found]))
    assert text.count("fitted without any of what sites changed (`without_effect`)") == 3, "once in each such group"
    by_name = {each.row.name: each for each in found.rows}
    assert kind(by_name["raw_change"], True) == "predicted [fitted]"
    assert kind(by_name["did_published"], True) == "predicted"
    assert kind(by_name["raw_change"], False) == "predicted", "under priors there is no second posterior"


def test_what_goes_with_a_fitted_statistic_is_told() -> None:
    """Predicted in name, fitted in all else: the histories themselves give it away."""
    rng = np.random.default_rng(2)
    made = {
        "thing": rng.random(200),
        "dispersion_daily": rng.random(200),
        "participants_per_site": np.r_[np.full(5, np.nan), np.zeros(195)],
    }
    alone = check_row(PLAIN, made, {})
    assert abs(alone.moves_with[1]) < 0.3 and remarks(alone, 200) == ""
    made["participants_per_site"] = np.r_[np.full(5, np.nan), -np.exp(made["thing"][5:])]
    name, rho = check_row(PLAIN, made, {}).moves_with
    assert name == "participants_per_site" and rho == pytest.approx(-1.0)
    assert "goes with participants_per_site, which is fitted (-1.00)" in remarks(check_row(PLAIN, made, {}), 200)
    assert check_row(replace(PLAIN, input_by="levels"), made, {}).moves_with == ("", 0.0)
    about = replace(PLAIN, about_sites=True)
    made = {"thing": made["thing"], "raw_change": made["thing"]}
    assert check_row(about, made, {}).moves_with == ("", 0.0), (
        "what sites changed is not fitted in the one that is used"
    )


def test_an_aim_is_reached_only_with_all_of_its_rows() -> None:
    names = [each.name for each in ROWS]
    assert all(set(aim.rows) <= set(names) for aim in AIMS)
    whole = validation()

    def but(name: str) -> Validation:
        """All covered but one."""
        changed = tuple(
            (group, tuple(replace(each, covered=each.row.name != name) for each in rows))
            for group, rows in whole.groups
        )
        return replace(whole, groups=changed)

    assert all(found.reached is (None if found.aim.page else True) for found in reached(but("none")))
    (failed,) = [found for found in reached(but("caseload")) if found.reached is False]
    assert "Caseloads" in failed.aim.words and "Crown Heights" in failed.missed[0]
    text = "\n".join(markdown([but("caseload")]))
    assert "**NO**: 1 of 1 missed: Participants per outreach worker" in text
    assert "told in [forecast.md](forecast.md)" in text


def test_every_row_on_what_sites_do_and_what_young_men_say_is_of_an_aim() -> None:
    """A selection would let failing rows go unmentioned."""
    of_aims = {name for aim in AIMS for name in aim.rows}
    assert {each.name for group in GROUPS for each in group.rows if group.name in ("work", "words")} <= of_aims
    assert all(bool(aim.rows) != bool(aim.page) for aim in AIMS)
    assert all((pages.DOCS / aim.page).is_file() for aim in AIMS if aim.page)


# What is not known is not covered


@pytest.mark.parametrize("published_value", [math.nan, math.inf])
def test_a_figure_that_is_no_number_is_never_covered(published_value: float) -> None:
    assert not check_row(replace(PLAIN, published=published_value), EVEN, {}).covered


@pytest.mark.parametrize("record", [{}, {"thing": math.nan}])
def test_a_record_that_does_not_know_is_refused(record: dict[str, float]) -> None:
    with pytest.raises(InputError, match="the record does not know 'thing'"):
        check_row(replace(PLAIN, published=None), EVEN, record)


def test_histories_without_the_statistic_are_refused_and_some_are_told() -> None:
    for draws in (np.full(40, np.nan), np.r_[np.full(21, np.nan), np.full(19, 5.0)]):
        with pytest.raises(InputError, match="do not know 'thing'"):
            check_row(PLAIN, {"thing": draws}, {})
    some = check_row(PLAIN, {"thing": np.r_[np.full(10, np.inf), np.linspace(4, 6, 30)]}, {})
    assert some.histories == 30 and some.covered, "an infinite value is not known either"
    assert remarks(some, 40) == "Known in 30 of 40 histories." and remarks(some, 30) == ""


def test_a_bound_is_not_met_by_what_is_unknown() -> None:
    bound = replace(PLAIN, published=None, low=0.0, high=10.0, is_bound=True)
    with pytest.raises(InputError, match="do not know"):
        check_row(bound, {"thing": np.full(40, np.nan)}, {})


# What has no interval is not given one, nor an error of nothing


@pytest.mark.parametrize(
    "changes",
    [
        {"adds_error": True},
        {"adds_error": True, "low": 4.0},
        {"low": 4.0},
        {"high": 6.0},
        {"is_bound": True, "published": None},
        {"is_bound": True, "published": None, "low": 4.0},
        {"is_bound": True, "low": 4.0, "high": 6.0},
        {"is_bound": True, "published": None, "low": 4.0, "high": 6.0, "adds_error": True},
    ],
)
def test_a_missing_interval_is_not_read_as_an_exact_figure(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="plain"):
        replace(PLAIN, **changes)  # type: ignore[arg-type]


def test_no_interval_is_shown_where_none_is_published() -> None:
    bare = check_row(PLAIN, EVEN, {})
    assert published(bare, "count") == "5.0"
    told = as_json(Validation("city", "made", 40, True, ((GROUPS[0], (bare,)),)))["rows"][0]
    assert told["published_low"] is None and told["published_high"] is None and told["added_error"] == 0.0
    held = check_row(replace(PLAIN, low=4.0, high=6.0), EVEN, {})
    assert published(held, "count") == "5.0 (4.0, 6.0)"
    assert (held.low, held.high) == predictive(PLAIN, EVEN)[::2], "of this city: it widens nothing"


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in ROWS if each.low is None])
def test_a_published_interval_is_not_left_out(each: Row) -> None:
    """Where the evidence has one for the very figure, the row has it too."""
    evidence = load_evidence()
    for source in each.sources:
        if source != RECORD and evidence[source].value == each.published and source not in NO_INTERVAL:
            assert evidence[source].low is None and evidence[source].high is None


NO_INTERVAL = {
    "T8-061": "quartiles of people, no interval of the median",
    "T5-102": "the lowest and the highest of 15 sites, no interval of their mean",
}


@pytest.mark.parametrize("each", [pytest.param(each, id=each.name) for each in ROWS])
def test_one_rule_for_the_error_of_a_figure(each: Row) -> None:
    """It is added where it was published and histories have none of that chance: people of another place, or an
    estimate that the model's truth is held against. Nothing else widens what a row asks.
    """
    places = {load_evidence()[source].place for source in each.sources if source != RECORD}
    foreign = bool(places) and not any("New York City" in place for place in places)
    of_truth = each.statistic == "true_change_where_open"
    has_interval = each.low is not None and not each.is_bound
    assert each.adds_error == (has_interval and (foreign or of_truth))
    assert bool(each.added_error) == each.adds_error


def test_an_error_that_the_fit_assumes_is_told_and_not_added() -> None:
    told = {each.row.name: remarks(each, 40) for each in validation().rows}
    assert "The fit assumes an error of 0.6 in the logarithm; none is added here." in told["mediations_mean"]
    assert "The fit assumes an error of 4; none is added here." in told["survey_programme"]
    assert [name for name, text in told.items() if "none is added here" in text] == [
        "mediations_mean", "participants_chicago", "survey_programme"
    ]  # fmt: skip
    assert [name for name, text in told.items() if "is added." in text and "Its error" in text] == [
        "true_change_where_open", "odds_boston"
    ]  # fmt: skip


# What is written says what the word beside it says


@pytest.mark.parametrize(
    ("value", "written", "held"),
    [
        (0.8556, "0.8556", "0.8631 (0.8562, 0.8700)"),
        (0.8551, "0.855", "0.863 (0.856, 0.870)"),
        (0.85, "0.85", "0.86 (0.86, 0.87)"),
        (0.86, "0.86", "0.86 (0.86, 0.87)"),
    ],
)
def test_rounding_hides_no_failure(value: float, written: str, held: str) -> None:
    low, high = 0.8562, 0.87
    each = replace(check_row(PLAIN, EVEN, {}), published=value, median=0.8631, low=low, high=high)
    each = replace(each, covered=low <= value <= high)
    more = more_digits([each], "ratio")
    assert (published(each, "ratio", more), model(each, "ratio", more)) == (written, held)


def test_rounding_hides_no_failure_of_a_range() -> None:
    bound = replace(PLAIN, published=None, low=5.0, high=15.0, is_bound=True)
    each = check_row(bound, {"thing": np.full(40, 15.04)}, {})
    assert not each.covered
    assert model(each, "count", more_digits([each], "count")) == "15.04 (15.04, 15.04)"


# What is stale is refused


@pytest.fixture
def unread() -> Iterator[None]:
    """Posteriors are read anew, before and after."""
    shipped_posterior.cache_clear()
    yield
    shipped_posterior.cache_clear()


@pytest.mark.parametrize("variant", ["", WITHOUT_EFFECT])
def test_a_posterior_of_other_rules_is_refused(variant: str, monkeypatch: pytest.MonkeyPatch, unread: None) -> None:
    monkeypatch.setattr(posterior, "fitted_with", lambda *what: {**fitted_with(*what), "rules": "of tomorrow"})
    with pytest.raises(InputError, match="other rules or parameters") as fault:
        parameters_of("city", variant, from_priors=False, count=40)
    assert "--parameters prior" in fault.value.remedy


@pytest.mark.parametrize("variant", ["", WITHOUT_EFFECT])
def test_a_posterior_of_other_statistics_is_refused(
    variant: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without this a row could be counted as predicted that the file was fitted to."""
    for more in (["crown_heights"], []):
        told = json.loads(posterior_file("city", variant).read_text(encoding="utf-8"))
        told["targets"] = [*told["targets"][len(more) == 0 :], *more]
        told["fitted_with"] = fitted_with(hypothesis("city"), load_city_tables(), told["targets"])
        file = tmp_path / "city.json"
        file.write_text(json.dumps(told), encoding="utf-8")
        monkeypatch.setattr(histories, "shipped_posterior", lambda *_, file=file: posterior.read_posterior(file))
        with pytest.raises(InputError, match="other statistics than today's"):
            parameters_of("city", variant, from_priors=False, count=40)


def test_kept_histories_of_other_rules_or_statistics_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = parameters_of("city", "", from_priors=True, count=20)
    today = Histories.now("city", given, 20).folder
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(histories, "history_hash", lambda *what: "of tomorrow")
        assert Histories.now("city", given, 20).folder != today
    monkeypatch.setattr(histories, "code_hash", lambda files: "asked otherwise")
    assert Histories.now("city", given, 20).folder != today


@pytest.mark.parametrize(
    ("value", "low", "high", "edge"),
    [(12.0, None, None, 9.5), (-2.0, None, None, 0.5), (None, 1.0, 20.0, 0.5), (None, -5.0, 9.0, 9.5)],
)
def test_the_cross_stands_where_the_interval_misses(
    value: float | None, low: float | None, high: float | None, edge: float
) -> None:
    missed = replace(PLAIN, published=value, low=low, high=high, is_bound=value is None)
    each = check_row(missed, EVEN, {})
    assert not each.covered
    axes = Figure().add_subplot()
    validation_plots._bar(axes, 0.0, each, "black")
    (cross,) = [line for line in axes.lines if line.get_marker() == "x"]
    assert np.asarray(cross.get_xdata(), dtype=float) == pytest.approx([edge])
