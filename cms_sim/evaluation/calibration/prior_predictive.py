"""Could the model have produced what is observed? Its place among the bank's histories, statistic by statistic.

A prior predictive check (Box 1980; Gelman and others 1996). Where hardly any history lies beyond the observation, the
regression that gives the posterior is carried past what it was learned from: the posterior is an extrapolation, of
which recovery says nothing, since its truths are histories like the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cms_sim.data.targets import Target, load_targets
from cms_sim.evaluation.calibration.bank import Bank
from cms_sim.evaluation.calibration.inference import Floats, examples_of
from cms_sim.evaluation.calibration.targets import observed

EDGE: Final = 0.005
"""With a share of histories below that is less than this, or above 1 less this, what is observed lies beyond 99%."""


@dataclass(frozen=True)
class Placed:
    """What is observed of one target among the histories, in the statistic's own unit."""

    name: str
    observed: float
    least: float
    """Of the histories, with the target's measurement error added as for inference."""
    most: float
    below: float
    """Share of histories below what is observed; those equal to it count half."""

    @property
    def is_beyond(self) -> bool:
        """Whether it lies beyond 99% of the histories, on either side."""
        return not EDGE <= self.below <= 1.0 - EDGE


def placed_targets(bank: Bank, names: Sequence[str]) -> tuple[Placed, ...]:
    """The targets of these names among the bank's histories, in the table's order."""
    targets = tuple(target for target in load_targets() if target.name in names)
    columns = examples_of(bank, targets).statistics.T
    return tuple(placed(*each) for each in zip(targets, columns, observed(targets).tolist(), strict=True))


def placed(target: Target, histories: Floats, seen: float) -> Placed:
    """One target from its `histories` and what is `seen`, both scaled as they are compared."""
    below = (histories < seen).mean() + 0.5 * (histories == seen).mean()
    told, least, most = (float(np.exp(x) if target.logarithm else x) for x in (seen, histories.min(), histories.max()))
    return Placed(target.name, told, least, most, float(below))
