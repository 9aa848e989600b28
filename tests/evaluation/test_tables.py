"""The tables hold together, say their columns, repeat to the bit, and survive small and odd comparisons."""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from cms_sim.evaluation import tables
from cms_sim.evaluation.long_tables import precinct_month
from cms_sim.evaluation.tables import Tables, build_tables, summary
from tests.evaluation.make_results import HARMFUL, PLANS, REFERENCE, SAME, make_results

RESULTS = make_results()
BUILT = build_tables(RESULTS)


def test_summary_has_a_row_a_plan_and_agrees_with_the_other_tables() -> None:
    table = BUILT.summary.set_index("plan")
    assert table["role"].tolist() == ["reference", "no programme", "plan", "plan", "plan", "plan"]
    parts = BUILT.by_precinct.groupby("plan", sort=False)["averted_victims_per_year"].sum()
    pd.testing.assert_series_equal(parts, table["averted_victims_per_year"], check_names=False)
    runs = BUILT.runs.groupby("plan", observed=True, sort=False)["averted_victims"].mean() / 4.0
    np.testing.assert_allclose(runs.to_numpy(), table["averted_victims_per_year"].to_numpy())
    last = BUILT.city_month.groupby("plan", observed=True, sort=False)["averted_so_far"].last() / 4.0
    np.testing.assert_allclose(last.to_numpy(), table["averted_victims_per_year"].to_numpy(), atol=1e-9)
    assert table["probability_best"].sum() == pytest.approx(1.0)


def test_every_named_column_is_there_and_none_twice() -> None:
    assert BUILT.summary.columns.is_unique
    expected = """averted_deaths_per_year_high_95 averted_percent_mean_low averted_against_none_per_year_low_90
        cost_usd incremental_cost_usd_per_year cost_per_victim_averted_low_usd cost_per_death_averted_text
        cost_per_victim_averted_brief cost_per_victim_averted_set cost_per_victim_averted_high_90_usd
        probability_best_low probability_lowest_cost regret_victims_per_year told_apart mediations_per_site_month
        participants enrolments_employment_per_year descended_share matched_moved_per_year norm_change_percent
        trust_change_new_sites_percent_low_90 study_did_percent study_note variance_ratio_high
        replicates_saved verdict"""
    assert not set(expected.split()) - set(BUILT.summary.columns)


def test_the_same_results_give_the_same_tables() -> None:
    again = build_tables(make_results())
    for field in fields(Tables):
        if field.name != "verdict":
            pd.testing.assert_frame_equal(getattr(again, field.name), getattr(BUILT, field.name))
    assert again.verdict == BUILT.verdict


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "change",
    [
        {"replicates": 1},
        {"replicates": 2, "draws": 1},
        {"replicates": 30, "draws": 3},
        {"plans": (REFERENCE,)},
        {"plans": (REFERENCE, SAME)},
        {"victims_per_month": 0.0},
        {"precincts": (43,)},
        {"past_months": 0, "frame_months": 12, "opening_month": 0},
        {"opening_month": None},
    ],
)
def test_odd_comparisons_give_whole_tables(change: dict[str, object]) -> None:
    built = build_tables(make_results(**({"replicates": 4} | change)))  # type: ignore[arg-type]
    assert len(built.summary) == len(change.get("plans", PLANS)) and built.verdict  # type: ignore[arg-type]


def test_one_replicate_has_values_and_no_intervals() -> None:
    row = summary(make_results(1)).iloc[2]
    assert row["averted_victims_per_year"] > 0.0 and row["cost_per_victim_averted_usd"] > 0.0
    gone = ["averted_victims_per_year_mean_low", "averted_victims_per_year_low_90", "cost_per_victim_averted_low_usd"]
    assert row[[*gone, "variance_ratio"]].isna().all()


def test_a_plan_like_its_reference_is_exactly_its_reference() -> None:
    table = summary(make_results(plans=(REFERENCE, SAME)))
    assert table.loc[1, "verdict"] == "Changes no number of victims in any run."
    assert table.loc[1, "averted_victims_per_year"] == 0.0 and np.isnan(table.loc[1, "cost_per_victim_averted_usd"])


def test_a_price_has_ends_only_where_there_is_a_price() -> None:
    """The reference, no programme, and plans that add victims buy nothing: no end of an interval either."""
    table = BUILT.summary.set_index("plan")
    ends = [f"cost_per_victim_averted_{end}_usd" for end in ("low", "high", "low_90", "high_90")]
    priced = ["expansion", "by_need"]
    assert table.loc[priced, ends].notna().all(axis=None) and table.drop(index=priced)[ends].isna().all(axis=None)
    assert (table["cost_per_victim_averted_set"] != "").to_numpy().tolist() == table.index.isin(priced).tolist()


def test_no_programme_is_what_happens_without_it() -> None:
    row = BUILT.summary.set_index("plan").loc["none"]
    assert row["verdict"].startswith("Without the programme about 3") and "more victims a year" in row["verdict"]
    assert row["cost_per_victim_averted_text"] == row["cost_per_death_averted_brief"] == "without the programme"


def test_the_verdict_says_harm_and_leaves_no_programme_out() -> None:
    said = " ".join(build_tables(make_results(plans=(*PLANS[:2], HARMFUL))).verdict)
    assert "Harmful adds victims in" in said and "None adds" not in said


def test_pieces_of_the_long_table_make_the_whole() -> None:
    results = make_results(3)
    whole = precinct_month(results)
    pieces = pd.concat([precinct_month(results, range(k, k + 1)) for k in range(3)], ignore_index=True)
    pd.testing.assert_frame_equal(whole, pieces)
    assert len(whole) == 3 * 6 * 5 * 72 and whole["victims"].sum() == results.counts[..., 1].sum()


def test_studies_and_pairs() -> None:
    assert BUILT.studies["plan"].tolist() == ["expansion", "by_need", "harmful"]
    assert set(BUILT.event_study["year"]) == {-2, -1, 1, 2, 3, 4}
    row = BUILT.pairs.set_index(["plan", "other"]).loc[("expansion", "by_need")]
    table = BUILT.summary.set_index("plan")["averted_victims_per_year"]
    assert row["victims_fewer_per_year"] == pytest.approx(table["expansion"] - table["by_need"])
    assert len(BUILT.pairs) == 30
    assert BUILT.acceptability.groupby("value_usd")["probability"].sum().to_numpy() == pytest.approx(1.0)


def test_the_table_of_columns_names_no_column_that_is_not_there() -> None:
    cells = [line.split("|")[1].strip() for line in (tables.__doc__ or "").splitlines() if line.startswith("| ")][1:]
    named = {
        name for cell in cells for part in re.split(r", (?![^{]*})", cell.split(" + ")[0]) for name in opened(part)
    }
    named = {name for name in named if name.isidentifier()}  # not "..text" or a placeholder such as {service}
    assert len(named) >= 45 and not named - set(BUILT.summary.columns)


def opened(name: str) -> list[str]:
    """'averted_{victims, deaths}_per_year' as its two names."""
    if (found := re.search(r"{(.*, .*)}", name)) is None:
        return [name]
    return [name.replace(found.group(0), choice) for choice in found.group(1).split(", ")]
