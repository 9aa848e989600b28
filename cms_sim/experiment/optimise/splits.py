"""Rules of thumb to hold an answer against: the same money to each precinct, or by the people shot there."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.experiment.optimise.allocation import COLUMNS, ROLES, SERVICES, SHIFT, Allocation
from cms_sim.experiment.optimise.case import Case
from cms_sim.scenario.cost import LEEWAY_USD

EQUAL: Final = "equal_split"
NEED: Final = "need_split"
TITLES: Final = {EQUAL: "Equal split", NEED: "Split by need"}


def equal_split(case: Case) -> Allocation:
    """The same part of the budget to each precinct, in the problem's team."""
    return split(case, np.full(len(case.precincts), 1.0 / len(case.precincts)))


def need_split(case: Case) -> Allocation:
    """Each precinct's part of the budget is its part of the victims of the record's last five years."""
    return split(case, case.need())


def split(case: Case, parts: NDArray[np.float64]) -> Allocation:
    """The budget by `parts` [precincts] (they add up to 1), each bought in the proportion of the problem's team.

    Sites that the rules ask for come first, whatever a part pays for; then one post or place at a time, to whoever is
    farthest behind. What whole numbers leave over goes to the same order without regard to parts.
    """
    table = np.zeros((len(parts), len(COLUMNS)), dtype=np.int64)
    for place in range(len(parts)):
        table[place] = _sites_for(case, place, float(parts[place]))
    for own in (True, False):
        while _buy_one(case, table, parts, own):
            pass
    return case.canonical(table)


def _sites_for(case: Case, place: int, part: float) -> NDArray[np.int64]:
    """The least number of new sites whose most staff would use up the precinct's part, with their least staff."""
    row = np.zeros(len(COLUMNS), dtype=np.int64)
    for opened in case.openings(place):
        least, most = case.bounds(place, opened)
        row[:SHIFT] = least
        full = np.where(np.arange(SHIFT) <= len(ROLES), most, 0)
        if (case.money.usd @ full > part * case.money.limit_usd).any():
            break
    return row


def _buy_one(case: Case, table: NDArray[np.int64], parts: NDArray[np.float64], own: bool) -> bool:
    """Add one unit where that is allowed, to the precinct that has spent least of its part; False where none is."""
    spent = (table[:, :SHIFT] @ case.money.usd.T / np.maximum(1.0, case.money.limit_usd)).max(axis=1)
    team = _team(case)
    for place in np.argsort(spent / np.maximum(parts, 1e-9), kind="stable"):
        behind = np.where(team > 0, table[place, :SHIFT] / np.maximum(team, 1e-9), np.inf)
        for amount in np.argsort(behind, kind="stable"):
            if team[amount] > 0 and _fits(case, table, int(place), int(amount), parts if own else None):
                table[place, amount] += 1
                return True
    return False


def _team(case: Case) -> NDArray[np.float64]:
    team = case.problem.team
    shares = [0.0, *(float(getattr(team.staff, role)) for role in ROLES)]
    return np.array([*shares, *(float(getattr(team.services, name)) for name in SERVICES)])


def _fits(case: Case, table: NDArray[np.int64], place: int, amount: int, parts: NDArray[np.float64] | None) -> bool:
    """Whether one more is allowed; services come out of the wraparound fund alone, as they do for the city's sites.

    The whole budget is asked as well: a part that does not pay for its precinct's least takes from what others have.
    """
    more = table.copy()
    more[place, amount] += 1
    if not case.keeps_rules(place, more[[place]])[0]:
        return False
    asked = [(1.0, more[:, :SHIFT].sum(axis=0))]
    if parts is not None:
        asked.append((float(parts[place]), more[place, :SHIFT]))
    for part, bought in asked:
        if amount > len(ROLES) and not case.services_usd(bought) <= part * case.services_limit_usd + LEEWAY_USD:
            return False
        if not (case.money.usd @ bought <= part * case.money.limit_usd + LEEWAY_USD).all():
            return False
    return True
