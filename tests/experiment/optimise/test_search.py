"""Searches of made-up cities in which the best plan is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pytest

from cms_sim.evaluation.decision.decide import saved_by_pairing
from cms_sim.evaluation.decision.fresh import Fresh
from cms_sim.experiment.optimise.allocation import Allocation
from cms_sim.experiment.optimise.case import Case, case_of
from cms_sim.experiment.optimise.cells import Cell, Counts, Plan
from cms_sim.experiment.optimise.search import FINALIST, NAMED, RULE, Found, expected_runs, search
from tests.made_up_plans import MadeUp, problem_of, trial


class Counting(MadeUp):
    """Counts what it is asked."""

    @cached_property
    def asked(self) -> list[int]:
        return []

    def run(self, plans: Sequence[Plan], cells: Sequence[Cell], whole: bool) -> Counts:
        self.asked.append(len(plans) * len(cells))
        return super().run(plans, cells, whole)


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of(problem_of())


@pytest.fixture(scope="module")
def city(case: Case) -> Counting:
    return Counting(case, 3)


@pytest.fixture(scope="module")
def found(case: Case, city: Counting) -> Found:
    return search(case, city)


def test_the_best_plan_is_found(case: Case) -> None:
    """The full measure, with 100 seeds and the usual effort, is `python -m benchmarks optimum_within_2_percent`."""
    trials = [trial(case, seed) for seed in range(2)]
    assert min(each.share_of_best for each in trials) > 0.96
    assert max(each.share_of_best for each in trials) < 1.002, "the best plan of the made-up city is not its best"


def test_a_search_is_repeatable() -> None:
    case = case_of(problem_of(precincts=[69, 71]))
    first, again = (search(case, MadeUp(case, 3)) for _ in range(2))
    assert [entry.plan for entry in again.entries] == [entry.plan for entry in first.entries]
    assert np.array_equal(again.counts, first.counts)


def test_every_plan_keeps_the_rules_and_is_judged_on_draws_that_no_choice_saw(case: Case, found: Found) -> None:
    for entry in found.entries:
        if isinstance(entry.plan, Allocation):
            assert case.is_feasible(entry.plan)
            case.check(entry.plan, entry.name)
    assert {entry.kind for entry in found.entries} >= {FINALIST, NAMED}
    searched = {(cell.hypothesis, cell.draw) for cell in (*found.race_cells, *found.explored.cells)}
    assert not searched & {(cell.hypothesis, cell.draw) for cell in found.cells}


def test_pairing_saves_simulations(case: Case, found: Found) -> None:
    plans = [entry.plan for entry in found.entries if entry.kind in (FINALIST, RULE)]
    paired, alone = (
        saved_by_pairing(
            MadeUp(case, 3, each).run(plans, found.cells, True)[..., 0].sum(axis=-1), 0, range(1, len(plans))
        )
        for each in (True, False)
    )
    assert paired is not None and paired > 5.0
    assert alone == pytest.approx(1.0, abs=0.4)


def test_of_all_rivals_the_one_counts_for_which_pairing_saves_least() -> None:
    winner = np.array([0.0, 10.0, 20.0, 30.0])
    nearly, other = winner + np.array([0.0, 1.0, 0.0, 1.0]), np.array([5.0, 0.0, 30.0, 25.0])
    victims = np.column_stack([winner, nearly, other, winner])
    spread = (winner.var(ddof=1) + other.var(ddof=1)) / (winner - other).var(ddof=1)
    assert saved_by_pairing(victims, 0, [1, 2, 3]) == pytest.approx(spread)
    assert saved_by_pairing(victims, 0, [3]) is None, "the same plan again: nothing to tell apart"


def test_about_as_many_runs_as_are_told(case: Case, city: Counting, found: Found) -> None:
    assert found.case is case and sum(city.asked) == pytest.approx(expected_runs(case.problem), rel=0.15)


def test_money_that_weighs_enough_is_not_spent() -> None:
    case = case_of(problem_of(weigh={"victims": 1.0, "million_usd": 1000.0}, precincts=[69, 71]))
    found = search(case, MadeUp(case, 1))
    fresh = Fresh(found)
    best = int(np.argmax(fresh.mean(fresh.score)))
    assert found.entries[best].plan == 0, "where money outweighs everything, adding nothing is best"
    finalist = next(entry.plan for entry in found.entries if entry.kind == FINALIST)
    least = sum(int(case.bounds(place, case.openings(place)[0])[0].sum()) for place in range(len(case.precincts)))
    assert isinstance(finalist, Allocation) and int(finalist.amounts().sum()) == least
