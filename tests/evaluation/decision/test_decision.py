"""The decision of a made-up city: whole, true to its runs, read back as it was written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import DECISION, Estimate, read_decision, write_decision
from cms_sim.evaluation.decision.fresh import Fresh
from cms_sim.evaluation.decision.words import contrast_sentence
from cms_sim.evaluation.decision.write import write_folder
from cms_sim.experiment.optimise.search import NAMED, REFERENCE_PLAN
from cms_sim.scenario.cost import check_budget, cost_of
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import plan_hash
from tests.evaluation.decision.made_up_decision import made_up_decision, made_up_found


def test_the_winner_keeps_the_rules_and_probabilities_add_up() -> None:
    decision = made_up_decision()
    winner = decision.plan(decision.winner)
    assert winner.keeps_rules and decision.plans[1] is winner and decision.plans[0].kind == REFERENCE_PLAN
    choices = [plan for plan in decision.plans if plan.probability_best is not None]
    assert sum(plan.probability_best or 0.0 for plan in choices) == pytest.approx(1.0)
    assert sum(plan.robustness.share_best or 0.0 for plan in choices) == pytest.approx(1.0)
    assert {plan.kind for plan in decision.plans if plan.probability_best is None} == {NAMED}
    most = {plan.name: plan.robustness.maximum_regret_per_year for plan in choices}
    assert most[decision.careful_choice] == min(each for each in most.values() if each is not None)
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
    assert "cannot be told apart" in contrast_sentence("A", "B", Estimate(1.0, -0.5, 2.5), False)
    assert contrast_sentence("A", "B", Estimate(-2.0, -3.0, -1.0), True) == (
        "A averts 2.0 (1.0 to 3.0) victims a year fewer than B."
    )
    assert "too few draws" in contrast_sentence("A", "B", Estimate(1.0, None, None), False)
