"""Whole staff, budget and rules hold for whatever the optimiser makes; bad problems are answered, not run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.errors import InputError
from cms_sim.experiment.optimise.allocation import COLUMNS, ROLES, SHIFT, Allocation, shared_out
from cms_sim.experiment.optimise.case import Case, case_of
from cms_sim.experiment.optimise.columns import Pool, best_allocation
from cms_sim.experiment.optimise.problem import built_in, load_problem, with_changes
from cms_sim.experiment.optimise.search import _row_at
from cms_sim.experiment.optimise.splits import equal_split, need_split, split
from cms_sim.scenario.cost import cost_of, incremental
from tests.made_up_plans import problem_of

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "problems" / "ten_million.toml"
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def case_with(usd: float, sites_at_most: int = 2) -> Case:
    budget = {"usd_per_year": usd, "wraparound_usd_per_year": 1_000_000.0}
    return case_of(problem_of(budget=budget, rules={"sites_at_most": sites_at_most}))


def values(case: Case, seed: int) -> Any:
    """A made-up worth of rows: concave, with weights of its own in each precinct."""
    weight = np.random.default_rng(seed).uniform(0.0, 1.0, (len(case.precincts), SHIFT))
    return lambda place, rows: np.sqrt(rows[:, :SHIFT]) @ weight[place]


@QUICK
@given(seed=st.integers(0, 10_000), usd=st.sampled_from([6e6, 8e6, 10e6]), part=st.sampled_from([0.75, 1.0]))
def test_what_is_chosen_is_whole_and_within_budget_and_rules(seed: int, usd: float, part: float) -> None:
    case = case_with(usd)
    choice = best_allocation(case, Pool(case), values(case, seed), part, rounds=4)
    if choice is None:
        assert part < 1.0, "the least plan fits the whole budget"
        return
    plan = choice.allocation
    assert plan.table.dtype == np.int64 and plan.table.shape == (len(case.precincts), len(COLUMNS))
    assert case.is_feasible(plan) and (plan.table[:, 0] >= 1).all()
    assert (case.money.usd @ plan.amounts() <= part * case.money.limit_usd + 1.0).all()
    case.check(plan, "checked")  # the books themselves agree


@settings(QUICK, max_examples=6)
@example([1.0, 1.0, 0.9375, 0.8828125, 0.125])  # the last part does not pay for the least that the rules ask for
@given(st.lists(st.floats(0.02, 1.0), min_size=5, max_size=5))
def test_splits_keep_rules_and_budget(parts: list[float]) -> None:
    case = case_with(10e6)
    plan = split(case, np.array(parts) / sum(parts))
    assert case.is_feasible(plan)


@QUICK
@given(st.lists(st.floats(0.0, 0.999), min_size=len(COLUMNS), max_size=len(COLUMNS)), st.integers(0, 4))
def test_scattered_rows_keep_rules_and_books_agree_with_prices(point: list[float], place: int) -> None:
    case = case_with(10e6)
    row = _row_at(case, place, np.array(point))
    assert case.keeps_rules(place, row[None])[0]
    table = np.zeros((len(case.precincts), len(COLUMNS)), dtype=np.int64)
    table[place] = row
    plan = case.canonical(table)
    costs = load_unit_costs()
    books = incremental(cost_of(case.scenario(plan, "plan"), costs), cost_of(case.reference, costs)).total_usd
    assert case.cost_usd(plan) == pytest.approx(books, abs=2.0)


@given(st.integers(0, 500), st.integers(1, 9))
def test_amounts_are_shared_out_whole(total: int, parts: int) -> None:
    shares = shared_out(total, parts)
    assert sum(shares) == total and max(shares) - min(shares) <= 1


def test_the_best_of_all_rows_is_found() -> None:
    """Against counting out every choice of two precincts."""
    case = case_of(
        problem_of(
            precincts=[69, 71],
            budget={"usd_per_year": 2.4e6},
            rules={
                "sites_at_most": 1,
                "most_staff": {"supervisors": 1, "violence_interrupters": 7, "outreach_workers": 7},
                "most_services": {},
                "shifts": [["evenings"]],
            },
        )
    )
    value = values(case, 4)
    rows = np.zeros((36, len(COLUMNS)), dtype=np.int64)
    rows[:, 0] = 1
    rows[:, 1 + ROLES.index("supervisors")] = 1
    rows[:, 1:3] = [(vi, ow) for vi in range(2, 8) for ow in range(1, 7)]
    worth = [value(place, rows) for place in (0, 1)]
    best = -np.inf
    for a, first in enumerate(rows):
        for b, second in enumerate(rows):
            if case.is_feasible(Allocation(np.array([first, second]))):
                best = max(best, worth[0][a] + worth[1][b])
    choice = best_allocation(case, Pool(case), value)
    assert choice is not None and choice.worth >= best * (1.0 - 2e-3)


def test_equal_and_need_split_are_named_rightly() -> None:
    case = case_with(10e6)
    equal, need = equal_split(case), need_split(case)
    spent = equal.table[:, :SHIFT] @ case.money.frame_usd
    assert spent.max() / spent.min() < 1.2
    by_need = need.table[:, :SHIFT] @ case.money.frame_usd
    assert np.argmax(by_need) == np.argmax(case.need()) and case.need().sum() == pytest.approx(1.0)


def test_the_example_is_the_question_without_a_file() -> None:
    written = load_problem(EXAMPLE).content()
    assert {**written, "budget": {**written["budget"], "note": ""}} == built_in().content()


BAD = {
    "unknown key": ("[rules]\nsite_at_least = 1", "unknown key 'site_at_least'", "Did you mean 'sites_at_least'"),
    "part of a post": ("[rules]\nminimum_staff = { supervisors = 0.5 }", "0.5 is not a whole number", "Posts"),
    "unknown shift": ('[rules]\nshifts = [["evening"]]', "there is no shift 'evening'", "evenings"),
    "least above most": ("[rules]\nsites_at_least = 3", "at least 3 sites and at most 2", "Raise sites_at_most"),
    "unknown precinct": ("precincts = [43, 999]", "999", ""),
    "a precinct twice": ("precincts = [43, 69, 43]", "precinct 43 is there twice", "the number that was meant"),
    "unknown set": ('precincts = "covred_2020"', "covred_2020", "covered_2020"),
    "unknown plan": ('plans = ["site_june_2020"]', "site_june_2020", "sites_june_2020"),
    "unknown hypothesis": ("[hypotheses]\ncitty = 1.0", "unknown hypothesis 'citty'", "city"),
    "no weight": ("[hypotheses]\ncity = 0.0", "0 is not greater than 0", "Leave out"),
    "too little": ("[budget]\nusd_per_year = 1_000_000", "does not pay for the sites", "raise the budget"),
    "negative": ("[budget]\nusd_per_year = -5.0", "must not be negative", "Core money"),
    "no budget": ("", "'budget' is missing", "Add it"),
    "not TOML": ("[rules", "", ""),
    "no plans": ("plans = []", "'plans' holds 0 entries", "Give at least 1"),
    "no shifts": ("[rules]\nshifts = []", "'shifts' holds 0 entries", "Give at least 1"),
    "a cap below the least": (
        "[rules]\nmost_usd_per_year = 100_000",
        "$100,000 does not pay for the sites that [rules] ask for in precinct 43",
        "raise most_usd_per_year",
    ),
    "more posts than a precinct may have": (
        "[rules]\nsites_at_least = 8\nsites_at_most = 8\nminimum_staff = { violence_interrupters = 900 }\n"
        "most_staff = { violence_interrupters = 900 }",
        "have 7200 posts in all",
        "ask for fewer sites",
    ),
    "too much weight": ("[hypotheses]\ncity = 1e308\nchicago = 1", "1e+308 is too large", "at most 1,000,000"),
    "a victim weighs too much": ("[weigh]\nvictims = 1e10", "must be at most 1000000.0", "Weight of a victim"),
    "plans are no list": ('plans = "x"', "'x' is not a list in square brackets", "Names or files"),
    "nothing is weighed": ("[weigh]\nvictims = 0", "nothing that a plan averts has a weight", "above 0"),
    "only money is weighed": ("[weigh]\nvictims = 0\nmillion_usd = 1", "nothing that a plan averts", "above 0"),
    "nothing to buy": ("[rules]\nsites_at_least = 0\nsites_at_most = 0", "nothing can be added", "Raise sites_at_most"),
    "far too many draws": ("[effort]\ndraws = 1000000", "must be at most 100000", "Parameter draws"),
    "far too many replicates": ("[effort]\nfresh_replicates = 1000000", "must be at most 100000", "fresh seeds"),
    "too few draws": ("[effort]\ndraws = 1", "must be at least 4", "Parameter draws"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_problems_are_answered(name: str, tmp_path: Path) -> None:
    text, message, remedy = BAD[name]
    budget = "" if "[budget]" in text or name == "no budget" else "[budget]\nusd_per_year = 10_000_000\n"
    plain, table = (text, "") if not text.startswith("[") else ("", text)
    file = tmp_path / "problem.toml"
    file.write_text(f'title = "T"\n{plain}\n{budget}{table}\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        case_of(load_problem(file))
    assert message in raised.value.message and remedy in raised.value.remedy and raised.value.remedy
    assert "problem.toml" in raised.value.where, raised.value.where


def test_where_a_place_has_sites_already_posts_can_be_added_to_them() -> None:
    case_of(problem_of(precincts=[71, 75], rules={"sites_at_least": 0, "sites_at_most": 0}))


def test_a_budget_given_as_an_option_is_what_a_message_names() -> None:
    problem = load_problem(EXAMPLE)
    with pytest.raises(InputError, match="does not pay") as raised:
        case_of(with_changes(problem, 50_000.0, None))
    assert raised.value.where == "--budget-usd"
    with pytest.raises(InputError, match="does not pay") as raised:
        case_of(problem.model_copy(update={"budget": problem.budget.model_copy(update={"usd_per_year": 1.0})}))
    assert "ten_million.toml" in raised.value.where
    assert with_changes(problem, 8e6, None).title == f"{problem.title}, asked with $8,000,000 a year instead"
    assert with_changes(problem, problem.budget.usd_per_year, None).title == problem.title


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_problem(tmp_path / "none.toml")
