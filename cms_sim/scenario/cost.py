"""What a plan costs, by fiscal year, precinct, kind and fund, and whether it keeps to its budget.

Money is counted over the frame's dates only, by day: a yearly price over the days of its fiscal year (July to June,
named after the year in which it ends), so that a whole fiscal year costs the yearly price. A start-up is paid once, on
the opening day. Posts are paid as planned, also while they are vacant or the city pays late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from cms_sim.data.unit_costs import UnitCosts
from cms_sim.errors import InputError
from cms_sim.scenario.resolved import Frame, Patrol, Scenario, SiteTerm
from cms_sim.scenario.schema import Budget
from cms_sim.scenario.source import read_source, where

_Key = TypeVar("_Key", int, str)

LEEWAY_USD = 0.5
"""Rounding in sums over days; below this nothing counts as overspent."""


@dataclass(frozen=True, order=True)
class CostLine:
    """One sum: `kind` is the name of a unit cost, such as `staff.supervisors`; `fund` is core or wraparound."""

    fiscal_year: int
    precinct: int
    kind: str
    fund: str
    usd: float


@dataclass(frozen=True)
class PlanCost:
    """The cost of a plan, or of what it adds to another one (lines may then be negative). Lines are sorted."""

    lines: tuple[CostLine, ...]

    @property
    def total_usd(self) -> float:
        """All of it."""
        return sum(line.usd for line in self.lines)

    def by_fiscal_year(self) -> dict[int, float]:
        """US dollars by fiscal year."""
        return self._sums(lambda line: line.fiscal_year)

    def by_precinct(self) -> dict[int, float]:
        """US dollars by precinct."""
        return self._sums(lambda line: line.precinct)

    def by_kind(self) -> dict[str, float]:
        """US dollars by kind."""
        return self._sums(lambda line: line.kind)

    def by_fund(self) -> dict[str, float]:
        """US dollars by fund."""
        return self._sums(lambda line: line.fund)

    def of_fund(self, fund: str) -> PlanCost:
        """The lines of one fund."""
        return PlanCost(tuple(line for line in self.lines if line.fund == fund))

    def _sums(self, key: Callable[[CostLine], _Key]) -> dict[_Key, float]:
        sums: defaultdict[_Key, float] = defaultdict(float)
        for line in self.lines:
            sums[key(line)] += line.usd
        return dict(sorted(sums.items()))


def amounts_of(scenario: Scenario) -> dict[tuple[int, int, str], float]:
    """What is paid for inside the frame by fiscal year, precinct and kind: years of a post, place or site; openings."""
    sums: defaultdict[tuple[int, int, str], float] = defaultdict(float)
    for precinct, span, kind, amount in _yearly(scenario):
        for fiscal_year, share in shares_of_years(scenario.frame, span.from_date, span.until_date):
            sums[fiscal_year, precinct, kind] += amount * share
    for site in scenario.sites:
        if scenario.frame.starts <= site.opens <= scenario.frame.ends:
            sums[fiscal_year_of(site.opens), site.precinct, "site.start_up"] += 1.0
    return dict(sums)


def cost_of(scenario: Scenario, unit_costs: UnitCosts) -> PlanCost:
    """The cost of a scenario's levers over its frame."""
    return PlanCost(
        tuple(
            CostLine(year, precinct, kind, unit_costs[kind].fund, amount * unit_costs[kind].usd)
            for (year, precinct, kind), amount in sorted(amounts_of(scenario).items())
        )
    )


def incremental(plan: PlanCost, reference: PlanCost) -> PlanCost:
    """What the plan costs beyond the reference, line by line; lines that cancel fall away."""
    sums: defaultdict[tuple[int, int, str, str], float] = defaultdict(float)
    for sign, cost in ((1.0, plan), (-1.0, reference)):
        for line in cost.lines:
            sums[line.fiscal_year, line.precinct, line.kind, line.fund] += sign * line.usd
    return PlanCost(tuple(sorted(CostLine(*key, usd) for key, usd in sums.items() if usd)))


def check_budget(scenario: Scenario, reference: Scenario, unit_costs: UnitCosts) -> dict[int, float]:
    """What the plan leaves of its budget, in US dollars by fiscal year (a single grant: under the first year).

    Core money may buy anything; the wraparound fund only what it is for. Empty when the plan states no budget.
    Raises InputError when a year is overspent: by how much, and what it would take.
    """
    budget = scenario.budget
    if budget is None:
        return {}
    added = incremental(cost_of(scenario, unit_costs), cost_of(reference, unit_costs))
    core = added.of_fund("core").by_fiscal_year()
    total = added.by_fiscal_year()
    years = dict(shares_of_years(scenario.frame, scenario.frame.starts, None))
    if not budget.recurring:
        first = min(years)
        years, core, total = {first: 1.0}, {first: sum(core.values())}, {first: sum(total.values())}
    for year, share in years.items():
        _check_year(scenario, budget, year, share, core.get(year, 0.0), total.get(year, 0.0), unit_costs)
    granted = budget.usd_per_year + budget.wraparound_usd_per_year
    return {year: granted * share - total.get(year, 0.0) for year, share in years.items()}


def _check_year(
    scenario: Scenario, budget: Budget, year: int, share: float, core: float, total: float, unit_costs: UnitCosts
) -> None:
    limits: Mapping[str, tuple[float, float]] = {
        "usd_per_year": (core, budget.usd_per_year * share),
        "usd_per_year + wraparound_usd_per_year": (
            total,
            (budget.usd_per_year + budget.wraparound_usd_per_year) * share,
        ),
    }
    for name, (spent, granted) in limits.items():
        over = spent - granted
        if over > LEEWAY_USD:
            post = unit_costs["staff.outreach_workers"].usd * share
            when = f"in fiscal year {year}" if budget.recurring else "over the frame"
            raise InputError(
                f"overspent by ${over:,.0f} {when}: "
                f"${spent:,.0f} beyond '{scenario.reference}', granted ${granted:,.0f} ({name})",
                where=_place_of_budget(scenario),
                remedy=f"Take out about {over / post:.1f} posts for that time, or grant ${spent / share:,.0f}.",
            )


def _place_of_budget(scenario: Scenario) -> str:
    """The line of the budget, when the plan's own file states it."""
    return where([read_source(scenario.file)], "budget", "usd_per_year") if scenario.file.is_file() else scenario.name


def fiscal_year_of(day: date) -> int:
    """The fiscal year (July to June) of a day, named after the year in which it ends."""
    return day.year + (day.month >= 7)


def yearly_spans(scenario: Scenario) -> Iterator[tuple[SiteTerm | Patrol, str, int]]:
    """(term of a site or patrol, kind, amount) of everything that has a yearly price."""
    for _, span, kind, amount in _yearly(scenario):
        yield span, kind, amount


def _yearly(scenario: Scenario) -> Iterator[tuple[int, SiteTerm | Patrol, str, int]]:
    """The same with the precinct before it."""
    spans: list[tuple[int, SiteTerm | Patrol, dict[str, int]]] = [
        *((site.precinct, term, _amounts(term)) for site in scenario.sites for term in site.terms),
        *((patrol.precinct, patrol, {"patrol.officers": patrol.officers}) for patrol in scenario.patrols),
    ]
    for precinct, span, amounts in spans:
        for kind, amount in amounts.items():
            if amount:
                yield precinct, span, kind, amount


def _amounts(term: SiteTerm) -> dict[str, int]:
    staff = {f"staff.{role}": posts for role, posts in term.staff.model_dump().items()}
    services = {f"service.{name}": slots for name, slots in term.services.model_dump().items()}
    return {"site.running": 1, **staff, **services}


def shares_of_years(frame: Frame, from_date: date, until_date: date | None) -> Iterator[tuple[int, float]]:
    """Fiscal years that the span meets inside the frame, each with the share of its days."""
    start = max(from_date, frame.starts)
    end = min(until_date or frame.until_date, frame.until_date)
    while start < end:
        year = fiscal_year_of(start)
        first, after = date(year - 1, 7, 1), date(year, 7, 1)
        upto = min(end, after)
        yield year, (upto - start) / timedelta(days=1) / (after - first).days
        start = upto
