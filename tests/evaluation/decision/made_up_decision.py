"""A decision about a made-up city, whole and quick: for tests of whatever reads one."""

from __future__ import annotations

from functools import cache

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.decision.decide import decide
from cms_sim.evaluation.decision.decision import Decision
from cms_sim.experiment.draws import ParameterDraws, draw_from_priors
from cms_sim.experiment.optimise.case import case_of
from cms_sim.experiment.optimise.search import Found, search
from tests.made_up_plans import MadeUp, problem_of


@cache
def made_up_found() -> Found:
    case = case_of(problem_of(precincts=[69, 71, 103]))
    return search(case, MadeUp(case, seed=1))


def made_up_draws() -> dict[str, ParameterDraws]:
    case = made_up_found().case
    return {name: draw_from_priors(64, 1, hypothesis(name)) for name in case.problem.hypotheses}


@cache
def made_up_decision() -> Decision:
    return decide(made_up_found(), made_up_draws(), runs=1000, command=("optimise", "my problem.toml"))
