"""Which worlds plans are compared in: hypothesis, parameter draw, dice. Every plan of a stage meets the same ones.

The search has draws and dice of its own; what is stated rests on others, which no choice was made by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import BAND_NAMES
from cms_sim.experiment.compare import POSTERIOR, Request, question_of
from cms_sim.experiment.draws import ParameterDraws
from cms_sim.experiment.optimise.allocation import Allocation
from cms_sim.experiment.optimise.case import Case

FRESH: Final = 1_000_000
"""Replicates from this number on are those of what is stated."""
SEXES: Final = ("women", "men")
GROUPS: Final = tuple(f"{sex} {band}" for sex in SEXES for band in BAND_NAMES)
OUTCOMES: Final = ("victims", "deaths", *GROUPS)
"""Last axis of what a runner gives: people shot, killed, and shot by sex and age; over the frame."""

Counts = NDArray[np.int32]
Draws = Mapping[str, ParameterDraws]
"""Parameter draws by hypothesis."""


class Cell(NamedTuple):
    """One world: paired for all plans."""

    hypothesis: str
    draw: int
    replicate: int


Plan = Allocation | int
"""An allocation, or the scenario at this place of the problem's plans (0 is the reference)."""


class Runner(Protocol):
    """Whoever can live a plan: the simulation, or a made-up city in tests."""

    def run(self, plans: Sequence[Plan], cells: Sequence[Cell], whole: bool) -> Counts:
        """[cells, plans, precincts, OUTCOMES] what happens under each plan in each cell.

        `whole`: in every precinct of the reference's frame; otherwise those where the money may go, alone.
        """


def search_cells(case: Case, first: int, count: int) -> list[Cell]:
    """Cells `first` to `first + count` - 1 of each hypothesis, of the search's draws in turn."""
    half = case.problem.effort.draws // 2
    return [Cell(name, k % half, k) for k in range(first, first + count) for name in case.problem.hypotheses]


def fresh_cells(case: Case) -> list[Cell]:
    """The cells that statements rest on: the other half of the draws, dice that the search has not seen."""
    effort = case.problem.effort
    half = effort.draws // 2
    count, names = effort.fresh_replicates, case.problem.hypotheses
    return [Cell(name, half + k % (effort.draws - half), FRESH + k) for k in range(count) for name in names]


def weights_of(case: Case, cells: Sequence[Cell]) -> NDArray[np.float64]:
    """[cells] weight of each in a mean: hypotheses as the problem weighs them, the cells of one alike; adds up to 1."""
    given = case.problem.hypotheses
    names = [cell.hypothesis for cell in cells]
    share = {name: weight / sum(given[each] for each in set(names)) for name, weight in given.items() if name in names}
    return np.array([share[name] / names.count(name) for name in names])


def draws_of(case: Case, parameters: str = POSTERIOR) -> dict[str, ParameterDraws]:
    """The draws of each hypothesis of the problem: those of the main job, so that their levels are solved already.

    `parameters` as in `Request`. Raises InputError for a source that is none, or that was fitted under another
    hypothesis.
    """
    count = case.problem.effort.draws
    requests = [Request(hypothesis=name, replicates=count, parameters=parameters) for name in case.problem.hypotheses]
    return {each.hypothesis: question_of(each, [case.reference]).draws for each in requests}
