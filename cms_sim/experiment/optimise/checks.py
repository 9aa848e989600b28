"""What makes a problem one that cannot be searched: refused before anything is run, with file, line, key and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.errors import nearest
from cms_sim.experiment.optimise.allocation import COLUMNS, ROLES, SHIFT
from cms_sim.experiment.optimise.problem import MOST_WEIGHT, Problem
from cms_sim.scenario.cost import LEEWAY_USD
from cms_sim.scenario.schema import SHARED_SHIFTS, WORKING_DAYS
from cms_sim.scenario.terms import MOST_POSTS

if TYPE_CHECKING:
    from cms_sim.experiment.optimise.case import Case


def check_hypotheses(problem: Problem) -> None:
    """Refuse hypotheses that are not there, or have no weight."""
    for name, weight in problem.hypotheses.items():
        if name not in load_hypotheses():
            raise problem.fail(f"unknown hypothesis '{name}'", nearest(name, load_hypotheses()), "hypotheses", name)
        hypothesis(name)
        if not weight > 0.0:
            raise problem.fail(f"{weight:g} is not greater than 0", "Leave out what has no weight.", "hypotheses", name)
        if not weight <= MOST_WEIGHT:
            remedy = f"Weights count beside each other: at most {MOST_WEIGHT:,.0f}."
            raise problem.fail(f"{weight:g} is too large", remedy, "hypotheses", name)


def check_rules(problem: Problem) -> None:
    """Refuse rules that contradict each other, and shifts that no team can work."""
    rules = problem.rules
    if rules.sites_at_least > rules.sites_at_most:
        message = f"at least {rules.sites_at_least} sites and at most {rules.sites_at_most} cannot be"
        raise problem.fail(message, "Raise sites_at_most, or lower sites_at_least.", "rules", "sites_at_most")
    for role in ROLES:
        least, most = getattr(rules.minimum_staff, role), getattr(rules.most_staff, role)
        if least > most:
            message = f"a site needs {least} {role} and may have {most}"
            raise problem.fail(message, "Raise most_staff, or lower minimum_staff.", "rules", "most_staff", role)
    for pattern in rules.shifts:
        if not pattern:
            raise problem.fail("a pattern of shifts is empty", "Name at least one shift.", "rules", "shifts")
        for name in pattern:
            if name not in SHARED_SHIFTS:
                raise problem.fail(f"there is no shift '{name}'", nearest(name, SHARED_SHIFTS), "rules", "shifts")
            days = len(SHARED_SHIFTS[name].weekdays)
            if days > WORKING_DAYS:
                remedy = f"A team works {WORKING_DAYS} days a week: name another shift."
                raise problem.fail(f"shift '{name}' begins on {days} days a week", remedy, "rules", "shifts")


def check_weights(problem: Problem) -> None:
    """Refuse weights under which no plan is better than another."""
    weigh = problem.weigh
    if not (weigh.victims or weigh.deaths or weigh.worst_off):
        message = "nothing that a plan averts has a weight, so that no plan is better than another"
        raise problem.fail(message, "Give victims, deaths or worst_off a weight above 0.", "weigh", "victims")


def check_something(case: Case) -> None:
    """Refuse rules under which nothing can be added anywhere."""
    places = range(len(case.precincts))
    if not any(case.bounds(place, opened)[1].any() for place in places for opened in case.openings(place)):
        remedy = "Raise sites_at_most; where sites stand already, most_staff or most_services will do."
        raise case.problem.fail("nothing can be added in any of the precincts", remedy, "rules", "sites_at_most")


def check_least(case: Case) -> None:
    """Refuse caps and a budget that do not allow for the sites that the rules ask for."""
    table = np.zeros((len(case.precincts), len(COLUMNS)), dtype=np.int64)
    for place in range(len(case.precincts)):
        table[place, :SHIFT] = case.bounds(place, case.openings(place)[0])[0]
        _check_caps(case, place, table[place])
    least = case.canonical(table)
    if not case.is_feasible(least):
        usd = float((case.money.usd @ least.amounts()).max(initial=0.0))
        remedy = f"They cost ${usd:,.0f} in the dearest year: raise the budget, or ask for fewer sites or posts."
        raise case.problem.fail("the budget does not pay for the sites that [rules] ask for", remedy, "budget")


def _check_caps(case: Case, place: int, least: NDArray[np.int64]) -> None:
    """Refuse caps of one precinct that the least that the rules ask for passes."""
    where = f"the sites that [rules] ask for in precinct {case.precincts[place]}"
    cap, usd = case.problem.rules.most_usd_per_year, float(case.money.year_usd @ least[:SHIFT])
    if cap is not None and usd > cap + LEEWAY_USD:
        remedy = f"They cost ${usd:,.0f} a year: raise most_usd_per_year, or ask for fewer sites or posts."
        raise case.problem.fail(f"${cap:,.0f} does not pay for {where}", remedy, "rules", "most_usd_per_year")
    posts = int(least[1 : 1 + len(ROLES)].sum()) + case.posts_there[place]
    if posts > MOST_POSTS:
        remedy = f"A precinct may have {MOST_POSTS} posts: ask for fewer sites, or for fewer posts at each."
        raise case.problem.fail(f"{where} have {posts} posts in all", remedy, "rules", "minimum_staff")
