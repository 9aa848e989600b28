"""Levels of many draws, over processes."""

from __future__ import annotations

from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.rules import default_values
from cms_sim.errors import InputError
from cms_sim.experiment.compare import DEFAULT_SEED
from cms_sim.experiment.draws import draw_from_priors, fixed_draws
from cms_sim.experiment.levels import LevelSolver
from cms_sim.experiment.pool import as_they_finish, usable_cores, worker_pool
from cms_sim.experiment.posterior import sample_of, shipped_posterior

_solver: LevelSolver | None = None


def solve_draws(name: str, draws: int, workers: int) -> dict[str, tuple[float, float, float]]:
    """Levels of the main job's first `draws` draws under a hypothesis, from its priors and its posterior, and of its
    fixed parameters, by key.
    """
    reading = hypothesis(name)
    sampled = draw_from_priors(draws, DEFAULT_SEED, reading)
    wanted = [sampled.of(draw) for draw in range(draws)] + [fixed_draws(reading).of(0)] + _posterior(name, draws)
    values = [{**default_values(), **each} for each in wanted]
    with worker_pool(workers or usable_cores(), _begin, name) as pool:
        return dict(solved for _, solved in as_they_finish(pool, _solve, values))


def _posterior(name: str, draws: int) -> list[dict[str, float]]:
    """The first draws of the shipped posterior; none where it is stale or missing."""
    try:
        sample = sample_of(shipped_posterior(name))
    except InputError:
        return []
    return [sample.of(draw) for draw in range(min(draws, len(sample)))]


def _begin(name: str) -> None:
    global _solver  # one for each process
    _solver = LevelSolver(load_city_tables(), NetworkSpec.of(hypothesis(name).network))


def _solve(values: dict[str, float]) -> tuple[str, tuple[float, float, float]]:
    assert _solver is not None
    solved = _solver.solve(values)
    return _solver.key(values), (solved.gain, solved.crossing, solved.misfit)
