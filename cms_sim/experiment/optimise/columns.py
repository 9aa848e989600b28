"""The best allocation on a surface, exactly: one row of amounts for each precinct, chosen by HiGHS within the budget.

Since precincts add up on a surface, this is a multiple-choice knapsack, and budget, funds and years hold as they are
written. The rows to choose from grow by exchange: HiGHS solves the relaxation, in which rows may be mixed, and around
the rows that it uses every one joins that differs by a post, a place or a site, or swaps one for another; when nothing
better joins, it chooses whole rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.experiment.optimise.allocation import COLUMNS, ROLES, SHIFT, Allocation
from cms_sim.experiment.optimise.case import Case
from cms_sim.experiment.optimise.silenced import silenced
from cms_sim.scenario.cost import LEEWAY_USD

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Value = Callable[[int, Rows], Floats]
"""`value(place, rows)`: what each row is worth in the precinct at that place."""
MOST_ROUNDS: Final = 40
STEPS: Final = (1, 2, 5)
GAP: Final = 1e-3
"""Share of its value by which a choice may fall short of the best one: far below what a surface can tell."""
STALL: Final = 2e-4
"""The exchange ends where it adds less than this share."""
MOST_ROWS: Final = 150
"""Rows among which whole ones are chosen."""
MOST_NODES: Final = 400
"""Of the branching; then HiGHS gives the best choice that it has. A limit of time would not give the same again."""

BLOCK: Final = 64
"""Rows that are compared with others at once."""


class Pool:
    """Rows to choose from, for each precinct; only rows that keep to the rules are taken in, each once."""

    def __init__(self, case: Case) -> None:
        """Begin with each number of new sites at its least staff, in each pattern of shifts."""
        self.case = case
        self.rows: list[Rows] = [np.zeros((0, len(COLUMNS)), dtype=np.int64) for _ in case.precincts]
        self._known: list[set[bytes]] = [set() for _ in case.precincts]
        for place in range(len(case.precincts)):
            for opened in case.openings(place):
                least = case.bounds(place, opened)[0]
                self.add(place, np.array([np.append(least, shift) for shift in range(len(case.patterns))]))

    def add(self, place: int, rows: Rows) -> bool:
        """Take in rows, at the end; whether any was new."""
        fine = self.case.canonical(rows[self.case.keeps_rules(place, rows)]).table
        known = self._known[place]
        new = [row for row in fine if row.tobytes() not in known]
        distinct = list({row.tobytes(): row for row in new}.values())
        known.update(row.tobytes() for row in distinct)
        if distinct:
            self.rows[place] = np.vstack([self.rows[place], distinct])
        return bool(distinct)

    def only(self, kept: Sequence[NDArray[np.intp]]) -> Pool:
        """A pool of some of these rows, which may grow by itself."""
        other = Pool(self.case)
        for place, indices in enumerate(kept):
            other.add(place, self.rows[place][indices])
        return other


@dataclass(frozen=True)
class Choice:
    """What was chosen, and the rows of the pool that could be chosen under some budget."""

    allocation: Allocation
    worth: float
    contenders: list[NDArray[np.intp]]


def best_allocation(
    case: Case, pool: Pool, value: Value, budget_part: float = 1.0, rounds: int = MOST_ROUNDS
) -> Choice | None:
    """The allocation with the highest value within that part of the budget; the pool grows around it.

    None where not even the sites that the rules ask for fit.
    """
    limit = case.money.limit_usd * budget_part + LEEWAY_USD
    places = range(len(pool.rows))
    worth: list[Floats] = [np.zeros(0) for _ in places]
    kept: list[NDArray[np.intp]] = [np.zeros(0, dtype=np.intp) for _ in places]
    bound = -np.inf
    for _ in range(rounds):
        for place in places:
            known = len(worth[place])
            new = pool.rows[place][known:]
            if len(new):
                worth[place] = np.append(worth[place], value(place, new))
                both = np.append(kept[place], np.arange(known, known + len(new)))
                costs = pool.rows[place][both][:, :SHIFT] @ case.money.usd.T
                kept[place] = both[_undominated(costs, worth[place][both])]
        rows = [pool.rows[place][kept[place]] for place in places]
        knapsack = _Knapsack.of(case, rows, [worth[place][kept[place]] for place in places], limit)
        relaxed = knapsack.relaxed()
        if relaxed is None:
            return None
        if relaxed.bound <= bound + STALL * abs(bound):
            break
        bound = relaxed.bound
        used = np.flatnonzero(relaxed.mixture > 1e-6)
        near = [(int(knapsack.which[k]), knapsack.rows[k]) for k in used]
        grown = [pool.add(place, _around(case, place, row)) for place, row in near]
        if not any(grown):
            break
    assert relaxed is not None  # `rounds` is 1 or more
    picks = knapsack.best(relaxed)
    if picks is None:
        return None
    return Choice(case.canonical(knapsack.rows[picks]), float(knapsack.worth[picks].sum()), kept)


@dataclass(frozen=True)
class _Relaxed:
    """The answer where rows may be mixed: its value, each row's part [N], and by how much a row [N] falls short of the
    prices that it sets."""

    bound: float
    mixture: Floats
    short: Floats


@dataclass(frozen=True)
class _Knapsack:
    """A row for each precinct, the sum of values highest, costs within limits."""

    rows: Rows
    which: NDArray[np.intp]
    """[N] place of each row's precinct."""
    worth: Floats
    costs: Floats
    """[N, rows of the budget], in parts of the largest limit."""
    limit: Floats

    @classmethod
    def of(cls, case: Case, rows: Sequence[Rows], worth: Sequence[Floats], limit: Floats) -> _Knapsack:
        every, unit = np.concatenate(list(rows)), max(1.0, float(limit.max()))
        which = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
        return cls(every, which, np.concatenate(list(worth)), every[:, :SHIFT] @ case.money.usd.T / unit, limit / unit)

    def relaxed(self) -> _Relaxed | None:
        """None where not even mixtures of rows fit."""
        from scipy.optimize import linprog

        answer = linprog(-self.worth, self.costs.T, self.limit, self._one_each(), np.ones(self.which.max() + 1))
        if answer.x is None:
            return None
        return _Relaxed(-float(answer.fun or 0.0), np.asarray(answer.x), np.asarray(answer.lower.marginals))

    def best(self, relaxed: _Relaxed) -> NDArray[np.intp] | None:
        """The row of each precinct in the best choice, up to `GAP`; None where no choice fits.

        HiGHS chooses among the rows nearest to the relaxation's prices, and among all only where none of those fit: a
        choice in which a row falls short of the prices by so much falls short of the relaxation by as much.
        """
        near = np.sort(np.argsort(relaxed.short, kind="stable")[:MOST_ROWS])
        picks = self._whole(near)
        return self._whole(np.arange(len(self.worth))) if picks is None and len(near) < len(self.worth) else picks

    def _whole(self, near: NDArray[np.intp]) -> NDArray[np.intp] | None:
        from scipy.optimize import Bounds, LinearConstraint, milp

        fits = LinearConstraint(self.costs[near].T, -np.inf, self.limit)
        with silenced():
            answer = milp(
                -self.worth[near],
                integrality=np.ones(len(near), dtype=np.int64),
                bounds=Bounds(0, 1),
                constraints=[LinearConstraint(self._one_each()[:, near], 1, 1), fits],
                options={"mip_rel_gap": GAP, "node_limit": MOST_NODES},
            )
        if answer.x is None:
            return None
        places = range(int(self.which.max()) + 1)
        return np.array([near[np.argmax(np.where(self.which[near] == place, answer.x, -1.0))] for place in places])

    def _one_each(self) -> Floats:
        return np.asarray(self.which == np.arange(self.which.max() + 1)[:, None], dtype=np.float64)


def _undominated(costs: Floats, worth: Floats) -> NDArray[np.intp]:
    """Indices of rows than which no other one is worth as much and costs no more in any year and fund."""
    order = np.lexsort((costs.sum(axis=1), -worth))
    kept = order[:0]
    for first in range(0, len(order), BLOCK):
        some = order[first : first + BLOCK]
        some = some[~_beaten(costs[kept], costs[some]).any(axis=0)]
        kept = np.append(kept, some[~np.triu(_beaten(costs[some], costs[some]), 1).any(axis=0)])
    return kept


def _beaten(paid: Floats, costs: Floats) -> NDArray[np.bool_]:
    """[rows, others] whether rows that are worth as much cost no more than others."""
    beaten = np.ones((len(paid), len(costs)), dtype=np.bool_)
    for column in range(costs.shape[1]):
        beaten &= paid[:, None, column] <= costs[None, :, column]
    return beaten


def _around(case: Case, place: int, row: Rows) -> Rows:
    """The row's neighbours: more or less of one thing, one thing for another, another shift, one site more or less."""
    shifted = [np.append(row[:SHIFT], shift) for shift in range(len(case.patterns))]
    steps = np.zeros((0, len(COLUMNS)), dtype=np.int64)
    unit = np.eye(len(COLUMNS), dtype=np.int64)[1:SHIFT]
    sized = [step * one for one in unit for size in STEPS for step in (size, -size)]
    staff = unit[: len(ROLES)]
    swaps = [a - b for a in unit for b in unit if a is not b]
    double = [2 * (a - b) for a in staff for b in staff if a is not b]
    steps = np.array([*sized, *swaps, *double])
    near = [row + steps, np.array(shifted)]
    for opened in case.openings(place):
        if opened != row[0]:
            least, most = case.bounds(place, opened)
            moved = row.copy()
            moved[:SHIFT] = np.clip(row[:SHIFT], least, most)
            near += [
                moved + np.vstack([0 * row, steps]),
                np.array([np.append(moved[:SHIFT], s[SHIFT]) for s in shifted]),
            ]
    return np.concatenate(near)
