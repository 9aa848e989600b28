"""What is told of each plan: what it adds where, what it averts, who gains, and how it lies in trade-offs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import Equity, Estimate, PrecinctPart
from cms_sim.evaluation.decision.fresh import DEATHS, VICTIMS, Fresh
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.record import recent_victims_per_year
from cms_sim.experiment.optimise.allocation import ROLES, SERVICES
from cms_sim.experiment.optimise.case import Case
from cms_sim.experiment.optimise.cells import GROUPS, OUTCOMES
from cms_sim.experiment.optimise.search import Entry
from cms_sim.scenario.cost import check_budget
from cms_sim.scenario.resolved import Scenario, SiteTerm

MORE, LESS = "more", "less"
CRITERIA: Final = {
    "averted_per_year": MORE,
    "deaths_averted_per_year": MORE,
    "cost_usd_per_year": LESS,
    "worst_off_averted_per_year": MORE,
    "averted_under_its_worse_hypothesis_per_year": MORE,
}
"""What the front weighs. Equity is in it as what the worst-off precinct gains, robustness as the worse hypothesis."""
CENSUS: Final = ("black_or_hispanic", "snap_households")


def scenario_of(fresh: Fresh, entry: Entry) -> Scenario:
    """A plan in the whole frame."""
    case = fresh.found.case
    if isinstance(entry.plan, int):
        return (case.reference, *case.others)[entry.plan]
    return case.scenario(entry.plan, entry.name, entry.title)


def precinct_parts(fresh: Fresh, place: int) -> tuple[PrecinctPart, ...]:
    """What the plan at `place` adds in every precinct of the frame, and averts there."""
    case = fresh.found.case
    reference, scenario = case.reference, scenario_of(fresh, fresh.found.entries[place])
    extra = case.beyond_reference(scenario).by_precinct()
    victims = fresh.mean(fresh.found.counts[:, place, :, VICTIMS] / fresh.years)
    recorded = recent_victims_per_year(reference.frame.precincts, None if reference.surges else case.tables)
    found = []
    for slot, number in enumerate(reference.frame.precincts):
        record = case.tables.precincts[case.tables.row(number)]
        now, before = (_levers(each, number, reference.frame.ends) for each in (scenario, reference))
        part = PrecinctPart(
            precinct=number,
            name=record.short_name,
            in_play=number in case.precincts,
            sites=len(now) - len(before),
            staff={role: _sum(now, "staff", role) - _sum(before, "staff", role) for role in ROLES},
            services={name: _sum(now, "services", name) - _sum(before, "services", name) for name in SERVICES},
            shifts=tuple(term.shift for term in now[len(before) :]),
            usd_per_year=extra.get(number, 0.0) / fresh.years,
            victims_per_year=float(victims[slot]),
            victims_per_100k_per_year=float(1e5 * victims[slot] / max(1, record.population)),
            averted_per_year=fresh.estimate(fresh.averted[:, place, slot, VICTIMS]),
            recorded_per_year=None if np.isnan(recorded[slot]) else float(recorded[slot]),
        )
        found.append(part)
    return tuple(found)


def _levers(scenario: Scenario, precinct: int, day: date) -> list[SiteTerm]:
    terms = (site.term_on(day) for site in scenario.sites if site.precinct == precinct)
    return [term for term in terms if term is not None]


def _sum(terms: Sequence[SiteTerm], table: str, name: str) -> int:
    return sum(int(getattr(getattr(term, table), name)) for term in terms)


def within_budget(case: Case, scenario: Scenario) -> bool:
    """Whether a scenario keeps to the problem's budget, by the same books as a plan that is found."""
    try:
        check_budget(scenario.model_copy(update={"budget": case.problem.budget}), case.reference, case.unit_costs)
    except InputError:
        return False
    return True


def breaks_rules_in(case: Case, parts: Sequence[PrecinctPart]) -> tuple[int, ...]:
    """Precincts in play where what is added breaks the problem's rules; patterns of shifts are not looked at."""
    added = {part.precinct: [part.sites, *part.staff.values(), *part.services.values(), 0] for part in parts}
    rows = ((place, number, np.array([added[number]])) for place, number in enumerate(case.precincts))
    return tuple(number for place, number, row in rows if not case.keeps_rules(place, row)[0])


def equity(fresh: Fresh, place: int) -> Equity:
    """How what the plan averts, and what it leaves, lies on people and places."""
    found, case = fresh.found, fresh.found.case
    numbers = case.reference.frame.precincts
    records = [case.tables.precincts[case.tables.row(number)] for number in numbers]
    residents = np.array([max(1, record.population) for record in records], dtype=np.float64)
    counts = found.counts[:, place, :, VICTIMS] / fresh.years
    reference = fresh.mean(found.counts[:, 0, :, VICTIMS] / residents)
    play = [numbers.index(number) for number in case.precincts]
    worst, best = numbers.index(case.precincts[found.worst]), play[int(np.argmin(reference[play]))]
    shares = {
        "black_or_hispanic": [record.share_black + record.share_hispanic for record in records],
        "snap_households": [record.share_snap_households for record in records],
    }
    groups = fresh.averted[:, place, :, OUTCOMES.index(GROUPS[0]) :].sum(axis=1)
    return Equity(
        worst_off_precinct=numbers[worst],
        worst_off_averted_per_year=fresh.estimate(fresh.averted[:, place, worst, VICTIMS]),
        worst_off_per_100k_per_year=float(1e5 * fresh.mean(counts[:, worst]) / residents[worst]),
        rate_ratio=_ratio(fresh, counts, residents, [worst], [best]) if worst != best else None,
        rate_ratio_by_census={name: _by_census(fresh, counts, residents, np.array(shares[name])) for name in CENSUS},
        averted_per_year_by_group={name: fresh.estimate(groups[:, k]) for k, name in enumerate(GROUPS)},
    )


def _by_census(fresh: Fresh, counts: Floats, residents: Floats, share: Floats) -> Estimate | None:
    order = np.argsort(-share, kind="stable")
    half = len(order) // 2
    return _ratio(fresh, counts, residents, list(order[:half]), list(order[half:])) if half else None


def _ratio(fresh: Fresh, counts: Floats, residents: Floats, over: list[int], under: list[int]) -> Estimate | None:
    """Victims per resident of some precincts over those of others; its interval by the delta method."""
    above, below = (counts[:, own].sum(axis=1) / residents[own].sum() for own in (over, under))
    bottom = float(fresh.mean(below))
    if bottom <= 0.0:
        return None
    ratio = float(fresh.mean(above)) / bottom
    around = fresh.estimate((above - ratio * below) / bottom)
    low, high = (None if end is None else ratio + end for end in (around.low, around.high))
    return Estimate(ratio, low, high)


def criteria(fresh: Fresh, place: int) -> dict[str, float]:
    """The plan's values of `CRITERIA`."""
    worst = fresh.found.case.reference.frame.precincts.index(fresh.found.case.precincts[fresh.found.worst])
    by_hypothesis = [fresh.only(name, fresh.victims[:, place]).mean for name in fresh.hypotheses]
    values = (
        float(fresh.mean(fresh.victims[:, place])),
        float(fresh.mean(fresh.averted[:, place, :, DEATHS].sum(axis=-1))),
        float(fresh.cost_usd[place] / fresh.years),
        float(fresh.mean(fresh.averted[:, place, worst, VICTIMS])),
        float(min(by_hypothesis)),
    )
    return dict(zip(CRITERIA, values, strict=True))


def on_front(values: Sequence[dict[str, float]]) -> list[bool]:
    """Which plans no other one equals in every criterion while it is better in one (Pareto's front)."""
    sign = np.array([1.0 if better == MORE else -1.0 for better in CRITERIA.values()])
    table = np.array([[each[name] for name in CRITERIA] for each in values]) * sign
    as_good = (table[:, None] >= table[None]).all(axis=2)
    better = (table[:, None] > table[None]).any(axis=2)
    return [bool(front) for front in ~(as_good & better).any(axis=0)]
