"""What pairing buys: variance of the difference between the announced expansion and the plan by need."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks import Result
from cms_sim.experiment.compare import Request, plans_of, question_of
from cms_sim.experiment.pool import run_replicates, usable_cores

_PAIRS = 500
_PLANS = ("expansion_2020", "by_need")
_SEED = 500


def replicates_saved_by_pairing() -> Result:
    """26 precincts, four years, fixed parameters, at least 500 pairs; under the city's own hypothesis (bound: 5), and
    printed beside it under Chicago's.
    """
    print(f"under Chicago's hypothesis: {_variance_ratio('chicago'):.1f} times")
    return "replicates_saved_by_pairing", _variance_ratio("city"), "times"


def replicates_saved_by_pairing_chicago() -> Result:
    """The same under Chicago's hypothesis, for comparison."""
    return "replicates_saved_by_pairing_chicago", _variance_ratio("chicago"), "times"


@cache
def _variance_ratio(hypothesis: str) -> float:
    """Variance of the difference with independent seeds over the variance with paired ones."""
    announced, by_need = _victims(hypothesis)
    # Independent seeds: the plan of pair k against the other plan of pair k + 1.
    return float(np.var(announced - np.roll(by_need, 1), ddof=1) / np.var(announced - by_need, ddof=1))


def _victims(hypothesis: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    request = Request(scenarios=_PLANS, hypothesis=hypothesis, replicates=_PAIRS, seed=_SEED, parameters="fixed")
    question = question_of(request, plans_of(request))
    names = [scenario.name for scenario in question.scenarios]
    first = 12 * (question.scenarios[0].frame.past_months // 12)
    found = np.zeros((_PAIRS, len(names)), dtype=np.int64)
    for replicate, arms in run_replicates(question, _PAIRS, usable_cores(), keep_events=0):
        found[replicate] = [arm.counts[:, first:, 1].sum() for arm in arms]
    return found[:, names.index(_PLANS[0])], found[:, names.index(_PLANS[1])]
