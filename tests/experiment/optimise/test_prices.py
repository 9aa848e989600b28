"""Prices of a user's own reach the budget, what plans cost, the decision and its precincts; runs are kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cms_sim.data.hypotheses import hypothesis
from cms_sim.data.unit_costs import TABLE, UnitCosts, load_unit_costs
from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decide import decide
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.optimise.case import Case, case_of
from cms_sim.experiment.optimise.cells import draws_of, fresh_cells, search_cells
from cms_sim.experiment.optimise.runs import Kept, folder_for, live_with
from cms_sim.experiment.optimise.search import NAMED, REFERENCE_PLAN, RULE, Entry, Explored, Found
from cms_sim.experiment.optimise.splits import EQUAL, NEED, equal_split, need_split
from tests.made_up_plans import SMALL, MadeUp, problem_of

EFFORT = {**SMALL, "draws": 16, "fresh_replicates": 16}
TWICE = 2.0


def dearer(factor: float) -> UnitCosts:
    """Every price so many times as high."""
    return {
        name: type(cost)(**{**cost.__dict__, "usd": factor * cost.usd, "low_usd": None, "high_usd": None})
        for name, cost in load_unit_costs().items()
    }


def case_at(prices: UnitCosts | None, usd: float = 6e6) -> Case:
    budget = {"usd_per_year": usd, "wraparound_usd_per_year": 0.2 * usd}
    return case_of(problem_of(effort=EFFORT, precincts=[69, 71], budget=budget), prices)


def found_without_a_search(case: Case) -> Found:
    """The reference, both splits and the announced expansion, run afresh."""
    splits = (Entry(EQUAL, "Equal", RULE, equal_split(case)), Entry(NEED, "Need", RULE, need_split(case)))
    announced = case.others[0]
    entries = (Entry("kept", "Kept", REFERENCE_PLAN, 0), *splits, Entry(announced.name, announced.title, NAMED, 1))
    city, cells = MadeUp(case, 1), fresh_cells(case)
    counts = city.run([entry.plan for entry in entries], cells, whole=True)
    return Found(case, entries, tuple(cells), counts, (), counts[:0], Explored([]), 0, float("nan"))


def test_the_same_budget_buys_as_much_less_as_prices_are_higher() -> None:
    plain, dear = case_at(None), case_at(dearer(TWICE))
    plan = equal_split(plain)
    assert plain.is_feasible(plan) and not dear.is_feasible(plan)
    assert dear.cost_usd(plan) == pytest.approx(TWICE * plain.cost_usd(plan))
    with pytest.raises(InputError, match="overspent"):
        dear.check(plan, "split")
    half = case_at(None, 6e6 / TWICE)
    assert equal_split(dear) == equal_split(half)  # twice the price, or half the money


def test_a_budget_that_these_prices_use_up_is_refused() -> None:
    case_at(None, 3e6)
    with pytest.raises(InputError, match="does not pay for the sites"):
        case_at(dearer(6.0), 3e6)


def test_the_decision_counts_and_keeps_the_prices_it_was_made_at() -> None:
    prices = dearer(TWICE)
    case = case_at(prices)
    found = found_without_a_search(case)
    decision = decide(found, {name: draw_from_priors(16, 1, hypothesis(name)) for name in case.problem.hypotheses})
    assert decision.problem["unit_costs_usd"] == {name: cost.usd for name, cost in prices.items()}
    winner = decision.plan(decision.winner)
    parts = sum(part.usd_per_year for part in winner.precincts)
    assert parts == pytest.approx(winner.cost_usd_per_year, rel=1e-6)
    named = decision.plan(case.others[0].name)
    plain = case_at(None).beyond_reference(case.others[0]).total_usd
    assert named.cost_usd == pytest.approx(TWICE * plain)


def test_runs_are_kept_when_prices_change(tmp_path: Path) -> None:
    plain, dear = case_at(None), case_at(dearer(1.02))
    draws = draws_of(plain, "prior")
    with folder_for(plain, draws, tmp_path):
        kept = Kept(plain, tmp_path, live_with(MadeUp(plain, 1)))
        before = kept.run([0, equal_split(plain)], search_cells(plain, 0, 4), whole=False)
        kept.gather()
    with folder_for(dear, draws, tmp_path):
        again = Kept(dear, tmp_path, live_with(MadeUp(dear, 1)))
        assert (again.run([0, equal_split(plain)], search_cells(dear, 0, 4), whole=False) == before).all()
    assert again.simulated == 0


def test_the_option_reads_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cms_sim.door.cli import main

    mine = tmp_path / "mine.toml"
    text = re.sub(r"(?m)^(usd|high_usd|low_usd) = ([\d_]+)", r"\1 = \g<2>0", TABLE.read_text(encoding="utf-8"))
    mine.write_text(text, encoding="utf-8")
    for prices, words in ((mine, "does not pay for the sites"), (tmp_path / "none.toml", "none.toml")):
        with pytest.raises(SystemExit) as end:
            main(["optimise", "--unit-costs", str(prices), "--out", str(tmp_path / "out")])
        assert end.value.code == 2 and words in capsys.readouterr().err
