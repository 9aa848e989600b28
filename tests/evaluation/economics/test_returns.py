"""Returns by hand, and what must never be said of a plan that averts nothing or does harm."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.evidence import load_evidence
from cms_sim.data.shooting_costs import TABLE, Lens, load_lenses
from cms_sim.errors import InputError
from cms_sim.evaluation.economics.discounting import cost_by_month_usd, factors
from cms_sim.evaluation.economics.returns import (
    acceptable_shares,
    break_even,
    discounted_cost_usd,
    returns,
    worth_by_run,
)
from cms_sim.evaluation.economics.tables import acceptability_table, return_text, returns_table
from cms_sim.evaluation.money import cost_per_averted
from cms_sim.experiment.results import Results
from tests.evaluation.make_results import EXPANSION, HARMFUL, REFERENCE, SAME, MadePlan, make_results

LEAN = MadePlan("lean", 0.2, 20e6)
WEAK = MadePlan("weak", 0.001, 31e6, (43,))
SOCIAL, MEDICAL, TAXPAYER = load_lenses().values()


@pytest.fixture(scope="module")
def results() -> Results:
    return make_results(plans=(REFERENCE, EXPANSION, HARMFUL, SAME, LEAN))


def test_worth_without_discounting_is_a_sum(results: Results) -> None:
    victims, deaths = (results.frame(name).sum(axis=-1) for name in ("victims", "deaths"))
    averted, alive = victims[:, [0]] - victims, deaths[:, [0]] - deaths
    for lens in (SOCIAL, MEDICAL, TAXPAYER):
        expected = lens.death_usd * alive + lens.injury_usd * (averted - alive)
        assert np.allclose(worth_by_run(results, lens, 0.0), expected)


def test_a_dollar_in_a_year_is_discounted_by_one_rate(results: Results) -> None:
    found = factors(results, 0.05)
    assert found[0] == 1.0 and found[12] == pytest.approx(1 / 1.05) and found[24] == pytest.approx(1 / 1.05**2)
    assert np.all(factors(results, 0.0) == 1.0)
    for rate in (-0.1, 1.0, math.nan):
        with pytest.raises(InputError, match="a rate of"):
            factors(results, rate)


def test_costs_by_month_add_up(results: Results) -> None:
    cost = cost_by_month_usd(results)
    assert np.allclose(cost.sum(axis=1), [plan.cost_usd for plan in results.plans])
    assert discounted_cost_usd(results, 0.0)[1] == pytest.approx(40e6)
    assert 0.93 * 40e6 < discounted_cost_usd(results, 0.03)[1] < 0.95 * 40e6  # four years, their middle at two


def test_a_plan_that_averts(results: Results) -> None:
    found = returns(results, SOCIAL, 0.0)[1]
    price = cost_per_averted(results)[1]
    assert found.per_dollar == pytest.approx(SOCIAL.death_usd / price.usd)  # one value for all victims
    assert found.per_dollar_low < found.per_dollar < found.per_dollar_high
    assert float(found.net.mean) == pytest.approx(float(found.worth.mean) - 40e6)
    assert found.net_low_usd < float(found.net.mean) <= found.net_high_usd
    assert return_text(found).startswith("$") and "for each dollar" in return_text(found)


@pytest.mark.parametrize("lens", [SOCIAL, MEDICAL, TAXPAYER], ids=lambda lens: lens.name)
def test_harm_is_a_loss_and_has_no_return(lens: Lens, results: Results) -> None:
    found, even = returns(results, lens)[2], break_even(results, lens)[2]
    assert float(found.worth.mean) < 0.0 > float(found.net.mean) and found.probability_net == 0.0
    assert math.isnan(found.per_dollar) and math.isnan(found.per_dollar_high)
    assert even.cost_usd_per_year == 0.0 and even.probability == 0.0
    words = return_text(found)
    assert words.startswith("more people are shot") and "loss" in words and "for each dollar" not in words


def test_a_plan_like_its_reference_returns_nothing(results: Results) -> None:
    found, even = returns(results, SOCIAL)[3], break_even(results, SOCIAL)[3]
    assert float(found.net.mean) == found.cost_usd == even.cost_usd_per_year == 0.0
    assert math.isnan(found.per_dollar) and math.isnan(even.averted_per_year)
    assert return_text(found) == "averts nothing and costs nothing more"


def test_what_is_not_told_from_chance_is_given_no_return() -> None:
    results = make_results(replicates=20, plans=(REFERENCE, WEAK), victims_per_month=0.2, seed=4)
    found = returns(results, SOCIAL)[1]
    assert float(found.worth.mean_low) <= 0.0
    assert "no return is given" in return_text(found) and "$" not in return_text(found)


def test_a_cheaper_plan_that_averts_has_no_ratio(results: Results) -> None:
    found, even = returns(results, SOCIAL)[4], break_even(results, SOCIAL)[4]
    assert found.cost_usd < 0.0 < float(found.net.mean) and math.isnan(found.per_dollar)
    assert math.isnan(even.averted_per_year) and return_text(found).startswith("costs no more and averts")


def test_few_runs_have_no_interval() -> None:
    found = returns(make_results(replicates=3, plans=(REFERENCE, EXPANSION)), SOCIAL)[1]
    assert "too few runs" in return_text(found)


def test_break_even_breaks_even(results: Results) -> None:
    even = break_even(results, TAXPAYER)[1]
    victims, deaths = (results.frame(name).sum(axis=-1)[:, 0].mean() for name in ("victims", "deaths"))
    usd = TAXPAYER.per_victim_usd(deaths / victims)
    assert even.averted_per_year * usd == pytest.approx(10e6)
    assert even.percent == pytest.approx(100 * even.averted_per_year / (victims / 4))
    assert even.cost_usd_per_year < 10e6 and even.probability == 0.0
    assert break_even(results, SOCIAL)[1].probability > 0.9


def test_nobody_shot_has_nothing_to_say() -> None:
    results = make_results(replicates=20, plans=(REFERENCE, EXPANSION), victims_per_month=0.0)
    found, even = returns(results, SOCIAL)[1], break_even(results, SOCIAL)[1]
    assert float(found.net.mean) == -found.cost_usd and math.isnan(found.per_dollar) and math.isnan(even.percent)


def test_acceptability_goes_from_none_to_all(results: Results) -> None:
    values = np.array([0.0, 1e5, 1e6, 1e7])
    runs, average = (acceptable_shares(results, values, of_average=each) for each in (False, True))
    for shares in (runs, average):
        assert np.isnan(shares[:, 0]).all() and np.all(np.diff(shares[:, 1]) >= 0.0)
        assert shares[0, 1] == 0.0 and shares[-1, 1] == 1.0 and not shares[:, 2:4].any() and np.all(shares[:, 4] == 1.0)
    price = cost_per_averted(results)[1].usd
    assert acceptable_shares(results, np.array([price]), of_average=True)[0, 1] == pytest.approx(0.5, abs=0.1)
    for bad in ([-1.0], [math.nan], [[1.0]]):
        with pytest.raises(InputError):
            acceptable_shares(results, np.array(bad), of_average=False)


def test_tables_have_every_plan_and_lens(results: Results) -> None:
    table, shares = returns_table(results), acceptability_table(results)
    assert list(table["lens"].unique()) == ["social", "medical", "taxpayer"] and len(table) == 12
    assert "kept" not in set(table["plan"]) | set(shares["plan"])
    assert set(table.loc[table["lens"] == "medical", "origin"]) == {"assumed; recalled, not verified"}
    assert shares["probability_runs"].between(0, 1).all()


def test_every_lens_has_its_source() -> None:
    evidence = load_evidence()
    assert SOCIAL.death_usd == evidence["T7-003"].value and SOCIAL.death_low_usd == evidence["T7-003"].low
    assert (TAXPAYER.death_usd, TAXPAYER.injury_usd) == (evidence["T7-006"].value, evidence["T7-007"].value)
    assert (TAXPAYER.death_high_usd, TAXPAYER.injury_high_usd) == (evidence["T7-010"].value, evidence["T7-011"].value)
    assert SOCIAL.injury_low_usd == evidence["T7-009"].value and SOCIAL.death_high_usd == evidence["T7-008"].value
    assert MEDICAL.recalled and not SOCIAL.recalled and "evidence T7-003" in SOCIAL.origin
    assert SOCIAL.per_victim_usd(0.5, "_low") == pytest.approx(0.5 * (1_870_000 + 423_813))
    assert replace(SOCIAL, recalled=True).origin.endswith("not verified")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("death_usd = 15_000", "death_usd = -1", "not a number of 0 or more"),
        ("death_usd = 15_000", "death_usd = inf", "not a number of 0 or more"),
        ("death_usd = 15_000", "death_usd = 70_000", "outside its own range"),
        ("death_usd = 15_000", "deaths_usd = 15_000", "'death_usd'"),
        ('"T7-003"', '"T7-9999"', "there is no evidence 'T7-9999'"),
        ("recalled = true\n\n", 'source = ["T7-003"]\n', "a source or a reason"),
        ("[medical]", "[medical", "cannot be read"),
    ],
)
def test_a_broken_table_is_refused(old: str, new: str, words: str, tmp_path: Path) -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_lenses(tmp_path / "mine.toml")
    assert words in str(caught.value) and str(tmp_path) in caught.value.where


def test_what_the_evidence_recalls_is_said_to_be_recalled(tmp_path: Path) -> None:
    recalled = next(row.id for row in load_evidence().values() if row.basis == "recalled")
    text = TABLE.read_text(encoding="utf-8").replace('"T7-006"', f'"{recalled}"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert load_lenses(tmp_path / "mine.toml")["taxpayer"].recalled
