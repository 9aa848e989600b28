"""Levels of many draws without solving each: interpolated between the shipped ones.

What the fixed point finds (`levels.Solved`) is smooth in the parameters: a linear rule fitted to the shipped draws
gives the gain to about 0.4% and the crossing share to about 0.01 (`error`, by leaving out), less than the chance of
one history. Used for banks of thousands of draws; draws that comparisons use are solved.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.data.hypotheses import Hypothesis
from cms_sim.engine.rules import default_values
from cms_sim.experiment.bank import BANK_DRAWS
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.levels import LevelSolver, Solved

BANK_SEED = 2020
"""The seed of the shipped draws (the main job's)."""


class LevelsBetween(LevelSolver):
    """Interpolates what is solved for the first `BANK_DRAWS` prior draws of a hypothesis."""

    def __init__(self, tables: CityTables, hypothesis: Hypothesis, draws: int = BANK_DRAWS) -> None:
        """Solves those of the draws that are not shipped."""
        super().__init__(tables, NetworkSpec.of(hypothesis.network))
        sampled = draw_from_priors(draws, BANK_SEED, hypothesis)
        self._names = sampled.names
        solved = [super(LevelsBetween, self).solve({**default_values(), **sampled.of(n)}) for n in range(draws)]
        chance = sampled.values[:, self._names.index("shooting_chance")]
        found = np.column_stack([np.log([each.gain for each in solved] / chance), [each.crossing for each in solved]])
        design = self._design(sampled.values)
        self._rule, *_ = np.linalg.lstsq(design, found, rcond=None)
        self.error = _left_out_error(design, found)
        """Root mean square of what the rule misses when a draw is left out: of log gain, of the crossing share."""

    def _design(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.ones(len(values)), values])

    def solve(self, values: Mapping[str, float]) -> Solved:
        """The rule's gain and crossing share at `values`."""
        row = self._design(np.array([[values[name] for name in self._names]])) @ self._rule
        return Solved(float(values["shooting_chance"] * np.exp(row[0, 0])), float(row[0, 1]), 0.0)


def _left_out_error(design: NDArray[np.float64], found: NDArray[np.float64]) -> tuple[float, float]:
    """By the closed form of leaving one out in least squares."""
    hat = design @ np.linalg.pinv(design)
    missed = (found - hat @ found) / (1.0 - np.diag(hat))[:, None]
    gain, crossing = np.sqrt(np.square(missed).mean(axis=0))
    return float(gain), float(crossing)
