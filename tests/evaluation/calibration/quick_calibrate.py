"""`cms-sim` with histories that cost nothing, for tests that start and kill it: `python quick_calibrate.py ARGUMENTS`.

A history is not lived: its statistics are a straight line in the parameters with chance from its seed and number, so
that there is something to fit. All else is the program itself: parts, processes, regression, recovery, files. Workers
import this file as well, so that they have the same histories.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from cms_sim.data.targets import load_targets
from cms_sim.evaluation.calibration import bank

HISTORY_S = 0.02


class QuickHindcast:
    """Stands in for `Hindcast`."""

    def __init__(self, levels: Any) -> None:
        del levels

    def live(self, values: Mapping[str, float], seed: int, draw: int) -> tuple[Mapping[str, float], int, int]:
        """What a history hangs on."""
        time.sleep(HISTORY_S)
        return values, seed, draw


def quick_statistics(lived: tuple[Mapping[str, float], int, int]) -> dict[str, float]:
    """Every target, above 0."""
    values, seed, draw = lived
    chance = np.random.default_rng([seed, draw])
    inputs = np.array([values[name] for name in sorted(values)])
    slopes = np.random.default_rng(1).random((len(load_targets()), len(inputs)))
    found = 1.0 + slopes @ np.tanh(inputs) + 0.3 * chance.random(len(load_targets()))
    return {target.name: float(value) for target, value in zip(load_targets(), found, strict=True)}


STAND_INS = {"Hindcast": QuickHindcast, "statistics": quick_statistics, "LevelsBetween": lambda *_: None}
for name, stand_in in STAND_INS.items():
    setattr(bank, name, stand_in)

if __name__ == "__main__":
    from cms_sim.door.cli import main

    main(sys.argv[1:])
