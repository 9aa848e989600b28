"""What a scenario file resolves to, in lines for a person: sites, staff, cost, budget, and what to look at twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cms_sim.data.unit_costs import UnitCosts
from cms_sim.scenario.cost import PlanCost, check_budget, cost_of, incremental
from cms_sim.scenario.files import load_reference, load_scenario
from cms_sim.scenario.resolved import Scenario, Site, SiteTerm, covers, resolved_hash
from cms_sim.scenario.schema import Services, Staff
from cms_sim.scenario.source import WORKBOOKS
from cms_sim.scenario.workbook.prices import read_unit_costs


def check_file(path: str | Path, unit_costs_file: Path | None = None) -> list[str]:
    """The report on a scenario, line by line, at the packaged prices or those of a file of one's own.

    Raises InputError for whatever would also stop a run.
    """
    scenario = load_scenario(path)
    reference = load_reference(scenario)
    unit_costs = read_unit_costs(unit_costs_file)
    unspent_usd = check_budget(scenario, reference, unit_costs)
    return [
        *_what(scenario),
        *_staff_and_services(scenario, reference),
        *_money(scenario, reference, unit_costs, unspent_usd),
        *(f"Warning: {line}" for line in (*warnings(scenario), *_other_prices(scenario.file, unit_costs))),
    ]


def warnings(scenario: Scenario) -> Iterator[str]:
    """What is allowed but seldom meant."""
    frame = scenario.frame
    for site in scenario.sites:
        name = f"site {site.site_id} of precinct {site.precinct}"
        if site.opens > frame.ends or (site.closes and site.closes <= frame.past_starts):
            yield f"{name} is open on no day that is simulated."
        for term in _in_frame(site, scenario):
            if term.staff.posts == 0:
                yield f"{name} has no post from {term.from_date}."
            elif term.staff.outreach_workers == 0 and any(term.services.model_dump().values()):
                yield f"{name} has services but no outreach worker to refer to them from {term.from_date}."
    if scenario.budget is None and scenario.reference != scenario.name and scenario.sites:
        yield "no [budget]: the cost is shown but not held against anything."


def _other_prices(file: Path, unit_costs: UnitCosts) -> Iterator[str]:
    """Prices in a plan's own workbook that are not those it was costed at."""
    if file.suffix.lower() not in WORKBOOKS:
        return
    own = read_unit_costs(file)
    if names := [name for name, cost in unit_costs.items() if own[name].usd != cost.usd]:
        yield f"other unit costs are on its sheet ({', '.join(names)}): to count them, give --unit-costs {file}."


def _what(scenario: Scenario) -> Iterator[str]:
    frame = scenario.frame
    yield f"{scenario.title} ({scenario.name}, {resolved_hash(scenario)[:12]})"
    if scenario.summary:
        yield scenario.summary
    yield (
        f"Frame: {len(frame.precincts)} precincts, {frame.starts} to {frame.ends}, "
        f"after {frame.past_months} months of past from {frame.past_starts}"
    )
    for surge in scenario.surges:
        place = "everywhere" if surge.precincts is None else f"in precincts {', '.join(map(str, surge.precincts))}"
        yield f"Uncertain: level times {surge.factor:g} from {surge.from_date} until {surge.until_date}, {place}"
    for name, value in scenario.parameters.items():
        yield f"Uncertain: {name} = {value}"


def _staff_and_services(scenario: Scenario, reference: Scenario) -> Iterator[str]:
    last, other = _at_end(scenario), _at_end(reference)
    precincts = len({site.precinct for site, _ in last})
    opening = sum(scenario.frame.starts <= site.opens <= scenario.frame.ends for site in scenario.sites)
    yield f"Sites on the last day: {len(last)} in {precincts} precincts; {opening} open inside the frame"
    for what, kind in (("Staff", Staff), ("Services", Services)):
        counts = {name: (_sum(last, what, name), _sum(other, what, name)) for name in kind.model_fields}
        listed = ", ".join(f"{now} {name.replace('_', ' ')} ({now - was:+d})" for name, (now, was) in counts.items())
        yield f"{what} on the last day (beyond the reference): {listed}"
    shifts = sorted({term.shift for _, term in last} | {patrol.shift for patrol in scenario.patrols})
    for name in shifts:
        shift = scenario.shifts[name]
        yield f"Shift {name}: {', '.join(shift.weekdays)} {shift.from_hour:02d}:00-{shift.to_hour:02d}:00"
    if scenario.patrols:
        there = [patrol for patrol in scenario.patrols if covers(patrol, scenario.frame.ends)]
        yield f"Patrol on the last day: {sum(p.officers for p in there)} officers in {len(there)} precincts"


def _money(
    scenario: Scenario, reference: Scenario, unit_costs: UnitCosts, unspent_usd: dict[int, float]
) -> Iterator[str]:
    cost = cost_of(scenario, unit_costs)
    added = incremental(cost, cost_of(reference, unit_costs))
    yield f"Cost: {_by_year(cost)}"
    yield f"Beyond '{scenario.reference}': {_by_year(added)}"
    for kind, usd in added.by_kind().items():
        yield f"  {kind}: {_usd(usd)}"
    budget = scenario.budget
    if budget is None:
        return
    grant = "per fiscal year" if budget.recurring else "once"
    yield (
        f"Budget: ${budget.usd_per_year:,.0f} core and ${budget.wraparound_usd_per_year:,.0f} wraparound {grant}"
        f"{f' ({budget.note})' if budget.note else ''}"
    )
    yield f"Unspent: {', '.join(f'FY{year} {_usd(usd)}' for year, usd in unspent_usd.items())}"


def _by_year(cost: PlanCost) -> str:
    years = ", ".join(f"FY{year} {_usd(usd)}" for year, usd in cost.by_fiscal_year().items())
    return f"{_usd(cost.total_usd)}{f' ({years})' if years else ''}"


def _usd(amount: float) -> str:
    return f"{'-' if amount < -0.5 else ''}${abs(amount):,.0f}"


def _in_frame(site: Site, scenario: Scenario) -> Iterator[SiteTerm]:
    for term in site.terms:
        if term.from_date <= scenario.frame.ends and (
            term.until_date is None or term.until_date > scenario.frame.starts
        ):
            yield term


def _at_end(scenario: Scenario) -> list[tuple[Site, SiteTerm]]:
    terms = ((site, site.term_on(scenario.frame.ends)) for site in scenario.sites)
    return [(site, term) for site, term in terms if term is not None]


def _sum(terms: list[tuple[Site, SiteTerm]], what: str, name: str) -> int:
    return sum(getattr(getattr(term, what.lower()), name) for _, term in terms)
