"""A made-up city in which the best plan is known: what plans avert there is a formula, with dice of the usual kind.

Dice and draws are shared by all plans of a cell, as under common random numbers: who would be shot, and what a
messenger is worth. Each plan adds a little noise of its own, as capacity and feedbacks do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.decision.fresh import Fresh
from cms_sim.evaluation.decision.stated import SET_PROBABILITY, state
from cms_sim.experiment.optimise.allocation import COLUMNS, SHIFT, Allocation
from cms_sim.experiment.optimise.case import Case
from cms_sim.experiment.optimise.cells import OUTCOMES, Cell, Counts, Plan
from cms_sim.experiment.optimise.columns import Pool, best_allocation
from cms_sim.experiment.optimise.problem import Problem, built_in
from cms_sim.experiment.optimise.search import FINALIST, search

Floats = NDArray[np.float64]
DRAWS = 4096
SPILL = 0.05
"""Share of what is averted that is averted in the next precinct."""
OWN_NOISE = 0.05
"""Variance of a plan's own noise for each victim averted."""


@dataclass(frozen=True)
class MadeUp:
    """A `Runner`. `seed` makes the city, the worth of levers and the dice."""

    case: Case
    seed: int
    paired: bool = True
    """False: every plan has draws and dice of its own."""

    @cached_property
    def city(self) -> dict[str, Floats]:
        generator = np.random.default_rng([self.seed, 1])
        places = len(self.case.precincts)
        return {
            "victims": generator.uniform(40.0, 120.0, places),
            "reach": generator.uniform(0.7, 1.4, places),
            "staff": generator.uniform(0.5, 1.0, 2),
            "shift": np.concatenate([[1.0], generator.uniform(0.9, 1.2, 8)]),
            "places": generator.uniform(0.0, 0.004, 5),
            "share": np.array([generator.uniform(0.3, 0.7)]),
        }

    def worth(self, draws: Floats) -> Floats:
        """[N, 4] factors of a draw (N uniform points of 4): on interrupters, outreach, catchment, level."""
        return np.asarray(np.exp((draws - 0.5) * np.array([1.2, 1.2, 0.6, 0.8])))

    def share_averted(self, place: int, rows: NDArray[np.int64], factors: Floats) -> Floats:
        """[N rows, M draws] of a precinct's victims, by formula."""
        city = self.city
        sites, interrupters, outreach, responders = (rows[:, [k]].astype(float) for k in range(4))
        share = np.minimum(0.9, city["share"] * factors[:, 2])
        covered = 1.0 - (1.0 - share) ** sites
        post = interrupters**0.8 * city["staff"][0] * factors[:, 0] + outreach**0.7 * city["staff"][1] * factors[:, 1]
        both = 0.05 * np.sqrt(interrupters * outreach) + 0.3 * np.sqrt(responders)
        places = np.sqrt(np.minimum(rows[:, 5:SHIFT], 3 * outreach)) @ city["places"]
        effort = city["shift"][rows[:, SHIFT]][:, None] * (post + both) / np.maximum(1.0, sites) ** 0.2
        return np.asarray(covered * (1.0 - np.exp(-0.05 * city["reach"][place] * effort)) + places[:, None])

    def run(self, plans: Sequence[Plan], cells: Sequence[Cell], whole: bool) -> Counts:
        """[cells, plans, precincts, OUTCOMES]; precincts outside play are quiet."""
        numbers = self.case.reference.frame.precincts if whole else self.case.precincts
        slots = [numbers.index(number) for number in self.case.precincts]
        counts = np.zeros((len(cells), len(plans), len(numbers), len(OUTCOMES)), dtype=np.int32)
        for k, plan in enumerate(plans):
            victims = self._victims(plan, cells)
            counts[:, k, slots, 0] = victims
            counts[:, k, slots, 1] = victims // 5
            counts[:, k, slots, 2 + 7] = victims
        return counts

    def _victims(self, plan: Plan, cells: Sequence[Cell]) -> NDArray[np.int64]:
        """[cells, precincts]."""
        name = plan.key if isinstance(plan, Allocation) else str(plan).encode()
        mark = int.from_bytes(hashlib.sha256(name).digest()[:6], "big")
        worlds = [self._world(cell, 0 if self.paired else mark) for cell in cells]
        would_be, common, factors = (np.array([world[part] for world in worlds]) for part in range(3))
        if not isinstance(plan, Allocation):
            return np.asarray(would_be, dtype=np.int64)
        share = [self.share_averted(p, row[None], factors)[0] for p, row in enumerate(plan.table)]
        mean = would_be * np.array(share).T
        where = np.array([7919 * cell.replicate + 104_729 * len(cell.hypothesis) for cell in cells])
        own = self._noise[(mark + where) % len(self._noise)]
        averted = mean + own * np.sqrt(OWN_NOISE * mean) + common * np.sqrt(0.5 * mean)
        averted = (1.0 - SPILL) * averted + SPILL * np.roll(averted, 1, axis=1)
        return np.asarray(np.rint(would_be - averted), dtype=np.int64)

    def _world(self, cell: Cell, mark: int) -> tuple[Floats, Floats, Floats]:
        """Who would be shot, dice that all plans share, and the draw's factors."""
        if (cell, mark) not in self._worlds:
            where = [self.seed, len(cell.hypothesis), cell.draw, mark]
            drawn, dice = np.random.default_rng([*where, 3]), np.random.default_rng([*where, cell.replicate, 2])
            factors = self.worth(drawn.random(4))
            would_be = dice.poisson(self.city["victims"] * factors[3]).astype(np.float64)
            self._worlds[cell, mark] = would_be, dice.standard_normal(len(would_be)), factors
        return self._worlds[cell, mark]

    @cached_property
    def _worlds(self) -> dict[tuple[Cell, int], tuple[Floats, Floats, Floats]]:
        return {}

    @cached_property
    def _noise(self) -> Floats:
        return np.random.default_rng([self.seed, 4]).standard_normal((65_536, len(self.case.precincts)))

    # What is true

    @cached_property
    def _factors(self) -> Floats:
        return self.worth(np.random.default_rng([self.seed, 5]).random((DRAWS, 4)))

    def averts(self, allocation: Allocation) -> float:
        """Victims that an allocation averts on average."""
        parts = enumerate(allocation.table)
        share = np.array([self.share_averted(p, row[None], self._factors)[0] for p, row in parts])
        return float(self.city["victims"] @ (share * self._factors[:, 3]).mean(axis=1))

    def _value(self, place: int, rows: NDArray[np.int64]) -> Floats:
        found = []
        for part in np.array_split(rows, max(1, len(rows) // 200)):
            share = self.share_averted(place, part, self._factors[:256])
            found.append(self.city["victims"][place] * (share * self._factors[:256, 3]).mean(axis=1))
        return np.concatenate(found)

    @cached_property
    def best(self) -> Allocation:
        """The best plan: exact over the rows of a fine grid, then by exchange around it."""
        pool = Pool(self.case)
        grid = np.array(
            [
                (sites, vi, ow, hr, sites, *([0] * 5), shift)
                for sites, vi, ow, hr, shift in product((1, 2), range(2, 23, 2), range(2, 23, 2), (0, 2, 4), range(3))
            ]
        )
        assert grid.shape[1] == len(COLUMNS)
        for place in range(len(self.case.precincts)):
            pool.add(place, grid)
        found = best_allocation(self.case, pool, self._value)
        assert found is not None
        return found.allocation


# Problems and trials

SMALL: Final = {
    "draws": 64,
    "explore_plans": 100,
    "explore_replicates": 24,
    "rounds": 1,
    "proposals": 6,
    "candidates": 8,
    "race_replicates": 32,
    "finalists": 4,
    "fresh_replicates": 64,
}


def problem_of(**changes: Any) -> Problem:
    """The built-in question with the small effort of tests, and `changes`."""
    problem = built_in()
    return Problem.model_validate({**problem.content(), "effort": SMALL, **changes})


@dataclass(frozen=True)
class Trial:
    """One search of a made-up city."""

    share_of_best: float
    """What the advised plan averts, of what the best plan does."""
    statement: float
    """Whether the 80% statement holds: 1, 0, or the part that counts of the plan at which 80% are passed."""
    probability_best: float
    was_best: bool


def trial(case: Case, seed: int, paired: bool = True) -> Trial:
    """Search, state, and look at what is true."""
    city = MadeUp(case, seed, paired)
    fresh = Fresh(search(case, city))
    plans = [(k, each.plan) for k, each in enumerate(fresh.found.entries) if isinstance(each.plan, Allocation)]
    own = fresh.score[:, [k for k, _ in plans]]
    alike = [n for n, (k, _) in enumerate(plans) if fresh.found.entries[k].kind == FINALIST]
    stated = state(fresh.mean(own), *fresh.covariance(own), alike)
    true = np.array([city.averts(plan) for _, plan in plans])
    winner, best = int(np.argmax(stated.samples.mean(axis=0))), int(np.argmax(true))
    probability = stated.probability_best
    share = float(true[winner] / city.averts(city.best))
    return Trial(share, statement_holds(probability, best), float(probability[winner]), winner == best)


def statement_holds(probability: Floats, best: int) -> float:
    """Whether the likeliest plans that make up exactly 80% hold the best one; the last of them counts in part."""
    before = float(probability[probability > probability[best]].sum())
    return float(np.clip((SET_PROBABILITY - before) / max(probability[best], 1e-12), 0.0, 1.0))
