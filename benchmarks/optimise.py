"""What `cms-sim optimise` promises: on made-up cities whose best plan is known, and on the question of $10M."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import Result
from cms_sim.evaluation.decision.decide import decide
from cms_sim.evaluation.decision.decision import Decision
from cms_sim.experiment.optimise.case import case_of
from cms_sim.experiment.optimise.cells import draws_of
from cms_sim.experiment.optimise.problem import built_in
from cms_sim.experiment.optimise.runs import Kept, workers_for
from cms_sim.experiment.optimise.search import search
from cms_sim.experiment.pool import usable_cores
from tests.made_up_plans import Trial, trial

_SEEDS = 100


def optimum_within_2_percent() -> Result:
    """Made-up cities in which the advised plan averts at least 98% of what the best one does (bound: 95 of 100)."""
    shares = [each.share_of_best for each in _trials()]
    print(f"share of the best, lowest {min(shares):.3f}, median {float(np.median(shares)):.3f}")
    return "optimum_within_2_percent", float(sum(share >= 0.98 for share in shares)), f"of {_SEEDS} seeds"


def best_statement_calibration() -> Result:
    """Cities in which the 80% statement holds: the likeliest plans that make up 80% hold the best (bound: 70 to 90)."""
    trials = _trials()
    stated, was = np.mean([each.probability_best for each in trials]), np.mean([each.was_best for each in trials])
    print(f"stated probability of being best {stated:.2f} on average, was best {was:.2f}")
    return "best_statement_calibration", 100.0 * float(np.mean([each.statement for each in trials])), "%"


def ten_million_minutes() -> Result:
    """The $10M question over five precincts, both hypotheses, posterior draws, on all cores (bound: 15)."""
    return "ten_million_minutes", _ten_million()[0], "minutes"


def simulations_saved_by_pairing() -> Result:
    """In the same: times as many runs without pairing for the same precision of differences (bound: 5)."""
    saved = _ten_million()[1].effort.saved_by_pairing
    return "simulations_saved_by_pairing", float("nan") if saved is None else saved, "times"


@cache
def _trials() -> Sequence[Trial]:
    with ProcessPoolExecutor(usable_cores()) as pool:
        return list(pool.map(_trial, range(_SEEDS)))


def _trial(seed: int) -> Trial:
    return trial(case_of(built_in()), seed)


@cache
def _ten_million() -> tuple[float, Decision]:
    case = case_of(built_in())
    draws = draws_of(case)
    with tempfile.TemporaryDirectory() as folder, workers_for(case, draws, 0) as live:
        began = time.perf_counter()
        kept = Kept(case, Path(folder), live)
        decision = decide(search(case, kept), draws, kept.known)
        return (time.perf_counter() - began) / 60.0, decision
