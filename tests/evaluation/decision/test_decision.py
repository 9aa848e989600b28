"""The decision of a made-up city: whole, true to its runs, read back as it was written."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.shooting_costs import load_lenses
from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.errors import InputError
from cms_sim.evaluation.decision import money
from cms_sim.evaluation.decision.acceptable import WORTHS_USD
from cms_sim.evaluation.decision.decide import decide
from cms_sim.evaluation.decision.decision import DECISION, Estimate
from cms_sim.evaluation.decision.decision_file import read_decision, write_decision
from cms_sim.evaluation.decision.fresh import Fresh
from cms_sim.evaluation.decision.futures import harm_by_draw
from cms_sim.evaluation.decision.rivals import contrast_sentence
from cms_sim.evaluation.decision.write import write_folder
from cms_sim.experiment.optimise.allocation import SHIFT, Allocation
from cms_sim.experiment.optimise.search import NAMED, REFERENCE_PLAN, RULE
from cms_sim.scenario.cost import check_budget, cost_of
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import plan_hash
from tests.evaluation.decision.made_up_decision import made_up_decision, made_up_draws, made_up_found
from tests.made_up_plans import MadeUp


def test_the_winner_keeps_the_rules_and_probabilities_add_up() -> None:
    decision = made_up_decision()
    winner = decision.plan(decision.winner)
    assert winner.keeps_rules and decision.plans[1] is winner and decision.plans[0].kind == REFERENCE_PLAN
    choices = [plan for plan in decision.plans if plan.probability_best is not None]
    assert sum(plan.probability_best or 0.0 for plan in choices) == pytest.approx(1.0)
    assert sum(plan.robustness.share_best or 0.0 for plan in choices) == pytest.approx(1.0)
    assert {plan.kind for plan in decision.plans if plan.probability_best is None} == {NAMED}
    most = {plan.name: plan.robustness.maximum_regret_per_year for plan in choices}
    assert most[str(decision.careful_choice)] == min(each for each in most.values() if each is not None)
    assert sum(decision.plan(name).probability_best or 0.0 for name in decision.likely_best) >= 0.8


def test_numbers_are_those_of_the_runs() -> None:
    decision, found = made_up_decision(), made_up_found()
    names = [entry.name for entry in found.entries]
    counts = found.counts[..., 0].sum(axis=-1).astype(float)
    years = Fresh(found).years
    for plan in decision.plans:
        averted = (counts[:, 0] - counts[:, names.index(plan.name)]).mean() / years  # hypotheses weigh alike
        assert plan.averted_per_year.mean == pytest.approx(averted)
        assert sum(part.averted_per_year.mean for part in plan.precincts) == pytest.approx(averted)
        assert sum(part.usd_per_year for part in plan.precincts) == pytest.approx(plan.cost_usd_per_year)
        groups = plan.equity.averted_per_year_by_group.values()
        assert sum(group.mean for group in groups) == pytest.approx(averted)
    beaten = decision.plan("equal_split")
    contrast = next(each for each in decision.contrasts if each.plan == "equal_split")
    assert contrast.told_apart and contrast.probability_better > 0.99 and beaten.name != decision.winner


def test_precincts_have_the_people_shot_on_record_beside_them() -> None:
    tables = made_up_found().case.tables
    recent = np.isin(tables.months, np.arange("2017-01", "2020-01", dtype="datetime64[M]"))
    for part in made_up_decision().plans[1].precincts:
        assert part.recorded_per_year == pytest.approx(tables.victims[tables.row(part.precinct), recent].sum() / 3.0)


def test_the_dearer_a_person_not_shot_the_more_is_worth_spending() -> None:
    decision, fresh = made_up_decision(), Fresh(made_up_found())
    told = decision.acceptability
    assert tuple(each.usd_per_victim for each in told) == WORTHS_USD
    costs = [decision.plan(each.plan).cost_usd_per_year for each in told]
    assert costs == sorted(costs) and costs[0] < costs[-1]
    names = [entry.name for entry in fresh.found.entries]
    for each in told:
        net = {
            name: each.usd_per_victim * fresh.estimate(fresh.victims[:, k]).mean - fresh.cost_usd[k] / fresh.years
            for k, name in enumerate(names)
            if decision.plan(name).probability_best is not None
        }
        assert net[each.plan] >= max(net.values()) - 0.02 * abs(max(net.values())) and 0.0 < each.probability <= 1.0


def test_rules_of_thumb_are_run_afresh_in_the_hours_that_do_best_for_them() -> None:
    found = made_up_found()
    cells, runner = found.explored.cells, MadeUp(found.case, seed=1)
    for entry in found.entries:
        if entry.kind != RULE:
            continue
        assert isinstance(entry.plan, Allocation) and found.case.is_feasible(entry.plan)
        tables = [entry.plan.table.copy() for _ in found.case.patterns]
        for pattern, table in enumerate(tables):
            table[:, SHIFT] = pattern
        others = [found.case.canonical(table) for table in tables]
        victims = runner.run([entry.plan, *others], cells, whole=False)[..., 0].sum(axis=(0, 2))
        assert victims[0] == victims.min() and len(set(victims)) > 1


def test_of_plans_alike_in_every_run_the_cheapest_is_advised() -> None:
    found = made_up_found()
    names = [entry.name for entry in found.entries]
    counts = found.counts.copy()
    counts[:, names.index("with_75")] = counts[:, names.index(made_up_decision().winner)]
    decision = decide(replace(found, counts=counts), made_up_draws())
    assert made_up_decision().winner != "with_75" == decision.winner


def test_a_named_plan_of_less_money_is_held_against_what_was_found_for_no_more() -> None:
    decision, fresh = made_up_decision(), Fresh(made_up_found())
    names = [entry.name for entry in made_up_found().entries]
    held = {each.plan: each.for_its_money for each in decision.contrasts if each.role == NAMED}
    assert set(held) == {"new_sites_2020", "expansion_2020", "by_need"}
    costs = {plan.name: plan.cost_usd_per_year for plan in decision.plans}
    assert costs["with_50"] <= costs["new_sites_2020"] < costs["with_75"] < costs[decision.winner]
    said = held.pop("new_sites_2020")
    ahead = fresh.victims[:, names.index("with_50")] - fresh.victims[:, names.index("new_sites_2020")]
    assert said is not None and said.startswith(
        f"Under “50% of the money” {fresh.estimate(ahead).mean:.1f} fewer people are shot a year than under “New sites"
    )
    assert said in decision.answer and set(held.values()) == {None}


def test_nobody_on_the_front_is_beaten_in_everything() -> None:
    decision = made_up_decision()
    sign = np.array([1.0 if better == "more" else -1.0 for better in decision.criteria.values()])
    table = np.array([[plan.criteria[name] for name in decision.criteria] for plan in decision.plans]) * sign
    for plan, row in zip(decision.plans, table, strict=True):
        beaten = ((table >= row).all(axis=1) & (table > row).any(axis=1)).any()
        assert plan.on_front is not bool(beaten)


def test_what_is_written_is_read_back_and_its_plans_can_be_run(tmp_path: Path) -> None:
    decision, found = made_up_decision(), made_up_found()
    write_folder(decision, found, tmp_path)
    again = read_decision(tmp_path)
    assert again.answer == decision.answer and again.plan(decision.winner) == decision.plan(decision.winner)
    assert again.command == ("optimise", "my problem.toml")
    assert again.information == decision.information and again.contrasts == decision.contrasts
    for entry in found.entries:
        plan = decision.plan(entry.name)
        if plan.keeps_rules is None:
            continue
        scenario = load_scenario(tmp_path / str(plan.file))
        assert plan_hash(scenario) == plan_hash(found.case.scenario(entry.plan, entry.name))  # type: ignore[arg-type]
        check_budget(scenario, found.case.reference, load_unit_costs())
        extra = (
            cost_of(scenario, load_unit_costs()).total_usd - cost_of(found.case.reference, load_unit_costs()).total_usd
        )
        assert extra == pytest.approx(plan.cost_usd, abs=1.0)
    with (tmp_path / "plans.csv").open(encoding="utf-8") as stream:
        assert [row["plan"] for row in csv.DictReader(stream)] == [plan.name for plan in decision.plans]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": 1}', '{"form": 99}'])
def test_what_is_no_decision(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="no decision"):
        read_decision(tmp_path)
    (tmp_path / DECISION).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is not a"):
        read_decision(tmp_path)


def test_a_cut_file_names_the_place(tmp_path: Path) -> None:
    file = write_decision(made_up_decision(), tmp_path)
    told = json.loads(file.read_text(encoding="utf-8"))
    del told["plans"][0]["equity"]
    file.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputError, match=r"plans\.0\.equity"):
        read_decision(tmp_path)


def test_sentences_claim_no_more_than_intervals() -> None:
    assert "cannot be told apart" in contrast_sentence("A", "B", Estimate(1.0, -0.5, 2.5), False, 0.0)
    assert contrast_sentence("A", "B", Estimate(-2.0, -3.0, -1.0), True, 0.0) == (
        "Under “A” 2 more people are shot a year than under “B” (1 to 3); “A” costs as much."
    )
    assert "too few draws" in contrast_sentence("A", "B", Estimate(1.0, None, None), False, 0.0)


def test_assumptions_are_searched_for_whichever_plan_wins() -> None:
    found = made_up_found()
    counts = found.counts.copy()
    for k, entry in enumerate(found.entries):
        if entry.kind != RULE:
            counts[:, k] = counts[:, 0]
    decision = decide(replace(found, counts=counts), made_up_draws())
    winner = decision.plan(decision.winner)
    assert winner.kind == RULE and winner.robustness.tree_skill is not None
    assert not any("not examined" in said for said in decision.answer)


def test_where_money_weighs_more_than_it_buys_doing_nothing_more_is_best() -> None:
    found = made_up_found()
    problem = found.case.problem
    dear = problem.model_copy(update={"weigh": problem.weigh.model_copy(update={"million_usd": 30.0})})
    decision = decide(replace(found, case=replace(found.case, problem=dear)), made_up_draws())
    assert decision.nothing_more_leads and (decision.plans[0].probability_best or 0.0) > 0.9
    assert "doing nothing more than “Sites of June 2020” is best" in decision.answer[0]


def test_one_replicate_a_draw_tells_nothing_by_draw(tmp_path: Path) -> None:
    found = made_up_found()
    once = [k for k, cell in enumerate(found.cells) if cell not in found.cells[:k] and k < len(found.cells) // 2]
    fewer = replace(found, cells=tuple(found.cells[k] for k in once), counts=found.counts[once])
    assert not Fresh(fewer).tells_chance and Fresh(found).tells_chance
    decision = decide(fewer, made_up_draws())
    assert decision.information is None and decision.careful_choice is None and decision.acceptability == ()
    assert all(plan.robustness.share_harm is None for plan in decision.plans)
    assert all(plan.robustness.maximum_regret_per_year is None for plan in decision.plans)
    assert any("raise fresh_replicates to 64" in said for said in decision.answer)
    write_decision(decision, tmp_path)
    assert json.loads((tmp_path / DECISION).read_text(encoding="utf-8"))["information"] is None
    assert read_decision(tmp_path).information is None


def test_no_draw_does_harm_where_no_run_does() -> None:
    fresh = Fresh(made_up_found())
    for place in range(len(fresh.found.entries)):
        if (fresh.victims[:, place] >= 0.0).all():
            assert set(harm_by_draw(fresh, place).values()) == {0.0}
    counts = fresh.found.counts.copy()
    counts[:, 1] = 2 * counts[:, 0]
    assert set(harm_by_draw(Fresh(replace(fresh.found, counts=counts)), 1).values()) == {1.0}


def test_money_is_that_of_the_books_and_discounted(monkeypatch: pytest.MonkeyPatch) -> None:
    decision, fresh = made_up_decision(), Fresh(made_up_found())
    winner = decision.plan(decision.winner)
    place = [entry.name for entry in fresh.found.entries].index(winner.name)
    by_year = winner.cost_by_fiscal_year_usd
    for each in decision.break_even:
        assert each.per_dollar is not None and each.per_dollar_range is not None
        lens, share = load_lenses()[each.lens], winner.deaths_averted_per_year.mean / winner.averted_per_year.mean
        for end, told in zip(("_low", "_high"), each.per_dollar_range, strict=True):
            times = lens.per_victim_usd(share, end) / lens.per_victim_usd(share)
            assert told == pytest.approx(times * each.per_dollar.mean)
    assert sum(by_year.values()) == pytest.approx(winner.cost_usd) and 0.0 < winner.opening_usd < winner.cost_usd
    monkeypatch.setattr(money, "RATE_PER_YEAR", 0.0)
    deaths, victims = winner.deaths_averted_per_year.mean, winner.averted_per_year.mean
    for plain, told in zip(money.break_even(fresh, place, by_year), decision.break_even, strict=True):
        lens = load_lenses()[plain.lens]
        worth = fresh.years * (deaths * lens.death_usd + (victims - deaths) * lens.injury_usd)
        assert plain.net_usd.mean == pytest.approx(worth - winner.cost_usd)
        assert abs(told.net_usd.mean) < abs(plain.net_usd.mean)
        if told.per_dollar is not None:
            assert (told.per_dollar.mean > 1.0) == (told.net_usd.mean > 0.0)
