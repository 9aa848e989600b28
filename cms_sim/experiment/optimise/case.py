"""A problem looked up: scenarios in their frames, limits by precinct, the budget as rows of dollars, feasibility."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.unit_costs import UnitCosts, load_unit_costs
from cms_sim.errors import InputError
from cms_sim.experiment.optimise.allocation import AMOUNTS, COLUMNS, ROLES, SERVICES, SHIFT, Allocation, with_allocation
from cms_sim.experiment.optimise.checks import (
    check_hypotheses,
    check_least,
    check_rules,
    check_something,
    check_weights,
)
from cms_sim.experiment.optimise.problem import Problem
from cms_sim.experiment.sweep.design import Design
from cms_sim.experiment.sweep.framing import framed_plans
from cms_sim.scenario.cost import LEEWAY_USD, PlanCost, check_budget, cost_of, incremental
from cms_sim.scenario.frame import tables_of
from cms_sim.scenario.resolve import Context
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.schema import SHARED_SHIFTS
from cms_sim.scenario.source import Source
from cms_sim.scenario.terms import MOST_POSTS

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

Floats = NDArray[np.float64]
NEED_MONTHS: Final = 60
"""Months at the end of the record over which the split by need counts victims."""


@dataclass(frozen=True)
class Money:
    """The budget as linear rows: `usd` @ amounts <= `limit_usd`, for each distinct year and fund."""

    usd: Floats
    """[rows, AMOUNTS] what one more of each costs."""
    limit_usd: Floats
    """[rows]."""
    frame_usd: Floats
    """[AMOUNTS] what one more of each costs over the whole frame."""
    year_usd: Floats
    """[AMOUNTS] what one more of each costs in the dearest year, an opening apart."""


@dataclass(frozen=True)
class Case:
    """Everything that the names of a problem stand for."""

    problem: Problem
    tables: CityTables
    reference: Scenario
    """In the whole frame."""
    others: tuple[Scenario, ...]
    """Plans that are compared with what is found."""
    precincts: tuple[int, ...]
    opens: date
    patterns: tuple[tuple[str, ...], ...]
    there: tuple[int, ...]
    """Sites of each precinct in the reference."""
    posts_there: tuple[int, ...]
    """Most posts of each precinct at one time in the reference, from the opening day on."""
    money: Money
    unit_costs: UnitCosts

    def content(self) -> dict[str, Any]:
        """The problem with the prices that it was answered at, as JSON knows it."""
        prices = {name: cost.usd for name, cost in sorted(self.unit_costs.items())}
        return {**self.problem.content(), "unit_costs_usd": prices}

    @property
    def near(self) -> Scenario:
        """The reference with only the precincts in play where money may go: what the search runs in."""
        return self.reference.restricted_to(self.precincts)

    def scenario(
        self, allocation: Allocation, name: str, title: str = "", reference: Scenario | None = None
    ) -> Scenario:
        """What an allocation stands for, in the whole frame or in that of `reference`."""
        base = self.reference if reference is None else reference
        made = with_allocation(base, self.precincts, allocation, self.opens, self.patterns, name, title)
        return made.model_copy(update={"budget": self.problem.budget})

    def canonical(self, table: NDArray[np.int64]) -> Allocation:
        """The allocation of a table, of patterns of shifts that come to the same the first one named."""
        table = table.copy()
        table[:, SHIFT] = self._same_shift[table[:, 0], table[:, SHIFT]]
        return Allocation(table)

    def same_shift(self, opened: int, shift: int) -> int:
        """The first pattern of shifts that is this one at so many new sites."""
        return int(self._same_shift[opened, shift])

    @cached_property
    def _same_shift(self) -> NDArray[np.int64]:
        """[new sites, patterns]."""

        def worked(pattern: Sequence[str], opened: int) -> list[str]:
            return [pattern[site % len(pattern)] for site in range(opened)]

        openings = range(self.problem.rules.sites_at_most + 1)
        each = [[worked(pattern, opened) for pattern in self.patterns] for opened in openings]
        return np.array([[row.index(own) for own in row] for row in each])

    def bounds(self, precinct: int, opened: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Least and most of each of AMOUNTS in the precinct at this place, with so many new sites."""
        rules = self.problem.rules
        sites = opened or self.there[precinct]
        least = [opened, *(opened * getattr(rules.minimum_staff, role) for role in ROLES), *(0 for _ in SERVICES)]
        most = [opened, *(sites * getattr(rules.most_staff, role) for role in ROLES)]
        most += [getattr(rules.most_services, name) if sites else 0 for name in SERVICES]
        return np.array(least), np.array(most)

    def openings(self, precinct: int) -> range:
        """How many new sites may be in the precinct at this place."""
        rules = self.problem.rules
        return range(0 if self.there[precinct] else rules.sites_at_least, rules.sites_at_most + 1)

    def keeps_rules(self, precinct: int, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """[N] whether each of `rows` [N, COLUMNS] may stand in the precinct at this place, the budget apart."""
        fine = np.isin(rows[:, 0], self.openings(precinct)) & (rows[:, SHIFT] >= 0)
        fine &= rows[:, SHIFT] < len(self.patterns)
        for opened in np.unique(rows[:, 0]):
            least, most = self.bounds(precinct, int(opened))
            here = rows[:, 0] == opened
            fine &= ~here | ((rows[:, :SHIFT] >= least) & (rows[:, :SHIFT] <= most)).all(axis=1)
        posts = rows[:, 1 : 1 + len(ROLES)].sum(axis=1) + self.posts_there[precinct]
        cap = self.problem.rules.most_usd_per_year
        within = rows[:, :SHIFT] @ self.money.year_usd <= (np.inf if cap is None else cap + LEEWAY_USD)
        return np.asarray(fine & (posts <= MOST_POSTS) & within)

    def is_feasible(self, allocation: Allocation) -> bool:
        """Whether it keeps to the rules and, in whole dollars, to the budget."""
        rows = allocation.table
        if not all(self.keeps_rules(place, row[None])[0] for place, row in enumerate(rows)):
            return False
        return bool((self.money.usd @ allocation.amounts() <= self.money.limit_usd + LEEWAY_USD).all())

    def cost_usd(self, allocation: Allocation) -> float:
        """Cost beyond the reference over the frame."""
        return float(self.money.frame_usd @ allocation.amounts())

    def extra_usd(self, plan: Allocation | int) -> float:
        """Cost beyond the reference over the frame, of an allocation or of the scenario at a place of `plans`."""
        if isinstance(plan, Allocation):
            return self.cost_usd(plan)
        scenario = (self.reference, *self.others)[plan]
        return self.beyond_reference(scenario).total_usd

    def beyond_reference(self, scenario: Scenario) -> PlanCost:
        """What a scenario costs beyond the reference."""
        return incremental(cost_of(scenario, self.unit_costs), cost_of(self.reference, self.unit_costs))

    def services_usd(self, amounts: NDArray[np.int64]) -> float:
        """What the services among [AMOUNTS] cost: a year, or over the frame where the budget is granted once."""
        money = self.money.year_usd if self.problem.budget.recurring else self.money.frame_usd
        return float((money * amounts)[1 + len(ROLES) :].sum())

    @property
    def services_limit_usd(self) -> float:
        """The wraparound fund, for the same time."""
        return self.problem.budget.wraparound_usd_per_year

    def check(self, allocation: Allocation, name: str) -> Scenario:
        """Its scenario in the whole frame, held against the budget by the books themselves. Raises InputError."""
        scenario = self.scenario(allocation, name)
        check_budget(scenario, self.reference, self.unit_costs)
        return scenario

    def need(self) -> Floats:
        """[precincts] each one's part of the victims of the record's last five years."""
        rows = [self.tables.row(number) for number in self.precincts]
        victims = self.tables.victims[rows, -NEED_MONTHS:].sum(axis=1).astype(np.float64)
        return np.asarray(victims / victims.sum() if victims.sum() else np.full(len(rows), 1.0 / len(rows)))


def case_of(problem: Problem, unit_costs: UnitCosts | None = None) -> Case:
    """Look up a problem, at the packaged prices where none are given.

    Raises InputError naming file, line, key and remedy for whatever could not be run.
    """
    design = Design(plans=problem.plans, frame=problem.frame)
    design._file = problem.file
    reference, *others = framed_plans(design)
    check_hypotheses(problem)
    tables = tables_of(reference.frame.city_folder, [Source(reference.file, {}, {})])
    precincts = _precincts(problem, reference, tables)
    check_rules(problem)
    check_weights(problem)
    opens = reference.frame.starts
    sites = [[site for site in reference.sites if site.precinct == precinct] for precinct in precincts]
    case = Case(
        problem=problem,
        tables=tables,
        reference=reference.model_copy(update={"budget": problem.budget}),
        others=tuple(others),
        precincts=precincts,
        opens=opens,
        patterns=tuple(tuple(pattern) for pattern in problem.rules.shifts),
        there=tuple(sum(site.closes is None or site.closes > opens for site in own) for own in sites),
        posts_there=tuple(sum(max(term.staff.posts for term in site.terms) for site in own) for own in sites),
        money=_NOTHING,
        unit_costs=load_unit_costs() if unit_costs is None else unit_costs,
    )
    case = replace(case, money=_money(case))
    check_something(case)
    check_least(case)
    return case


_NOTHING: Final = Money(np.zeros((0, len(AMOUNTS))), np.zeros(0), np.zeros(len(AMOUNTS)), np.zeros(len(AMOUNTS)))


def _precincts(problem: Problem, reference: Scenario, tables: CityTables) -> tuple[int, ...]:
    place = Source(reference.file, {}, {})
    context = Context([place], frozenset(tables.numbers), tables.sets, SHARED_SHIFTS)
    try:
        chosen = context.choose(problem.precincts, "precincts")
        for number in chosen:
            context.check_in_frame(number, reference.frame, "precincts")
    except InputError as error:
        raise problem.fail(error.message, error.remedy, "precincts") from None
    return chosen


def _money(case: Case) -> Money:
    """Rows of the budget, by asking what one more of each thing costs."""
    frame, unit_costs = case.reference.frame, case.unit_costs
    granted = check_budget(case.reference, case.reference, unit_costs)
    budget = case.problem.budget
    whole = budget.usd_per_year + budget.wraparound_usd_per_year
    core_part = budget.usd_per_year / whole if whole else 0.0
    base = np.zeros((len(case.precincts), len(COLUMNS)), dtype=np.int64)
    base[0, 0] = 1
    columns = [_prices(case, base, amount) for amount in range(len(AMOUNTS))]

    def row(price: Callable[[dict[tuple[int, str], float]], float]) -> list[float]:
        return [price(column) for column in columns]

    rows: list[tuple[float, ...]] = []
    for year, usd in granted.items():
        years = [year] if budget.recurring else sorted({y for column in columns for y, _ in column})
        core = row(lambda column, years=years: sum(column.get((y, "core"), 0.0) for y in years))  # type: ignore[misc]
        both = row(lambda column, years=years: sum(v for (y, _), v in column.items() if y in years))  # type: ignore[misc]
        rows += [(*core, usd * core_part), (*both, usd)]
    distinct = np.array(sorted({tuple(round(value, 2) for value in each) for each in rows}))
    total = row(lambda column: sum(column.values()))
    in_year = [sum(unit_costs[kind].usd for kind in kinds) for kinds in _YEARLY]
    assert frame.starts == case.opens
    return Money(distinct[:, :-1], distinct[:, -1], np.array(total), np.array(in_year))


_YEARLY: Final = (
    ("site.running",),
    *((f"staff.{role}",) for role in ROLES),
    *((f"service.{name}",) for name in SERVICES),
)
"""Yearly prices of AMOUNTS."""


def _prices(case: Case, base: NDArray[np.int64], amount: int) -> dict[tuple[int, str], float]:
    """Dollars by fiscal year and fund that one more of AMOUNTS costs: the difference between two plans' books."""
    more = base.copy()
    more[0, amount] += 1
    scenarios = [case.scenario(Allocation(table), "priced") for table in (base, more)]
    plan, other = (cost_of(scenario, case.unit_costs) for scenario in reversed(scenarios))
    found: dict[tuple[int, str], float] = {}
    for line in incremental(plan, other).lines:
        place = line.fiscal_year, line.fund
        found[place] = found.get(place, 0.0) + line.usd
    return found
