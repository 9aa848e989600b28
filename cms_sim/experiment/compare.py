"""The main job: plans compared on paired replicates, parameters and chance both drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import CityTables, load_city_tables
from cms_sim.data.hypotheses import DEFAULT_HYPOTHESIS, Hypothesis, hypothesis
from cms_sim.data.parameters import Prior, load_parameters
from cms_sim.data.unit_costs import UnitCosts
from cms_sim.engine.calendar_days import EPOCH, month_index
from cms_sim.errors import InputError, RunError, nearest
from cms_sim.experiment.arms import Arms, Question
from cms_sim.experiment.draws import ParameterDraws, draw_from_priors, fixed_draws
from cms_sim.experiment.pool import collect, run_replicates, usable_cores
from cms_sim.experiment.posterior import Posterior, draw_from_posterior, read_posterior, shipped_posterior
from cms_sim.experiment.results import PlanInfo, Results
from cms_sim.experiment.summary import ArmSummary
from cms_sim.experiment.threads import MOST_WORKERS
from cms_sim.scenario.cost import check_budget, cost_of
from cms_sim.scenario.files import load_default_set, load_reference, load_scenario
from cms_sim.scenario.resolved import Scenario, resolved_hash, world_hash
from cms_sim.scenario.workbook.prices import read_unit_costs

DEFAULT_REPLICATES: Final = 64
DEFAULT_SEED: Final = 2020
MOST_REPLICATES: Final = 100_000
MOST_SEED: Final = 2**63 - 1
POSTERIOR, PRIOR, FIXED = "posterior", "prior", "fixed"
KEEP_EVENTS: Final = 4
"""Replicates whose events are kept for the event table."""


@dataclass(frozen=True)
class Request:
    """What the user asks to be compared."""

    scenarios: tuple[str, ...] = ()
    """Names or files; none: the default set."""
    hypothesis: str = DEFAULT_HYPOTHESIS
    replicates: int = DEFAULT_REPLICATES
    seed: int = DEFAULT_SEED
    workers: int = 0
    """0: one for each core."""
    parameters: str = POSTERIOR
    """Where they come from: the shipped `posterior`, the `prior`s, `fixed` at their defaults, or a posterior's file."""
    keep_events: int = KEEP_EVENTS
    name: str = "default"
    """Of the folder of results: letters, digits, spaces, dots, - and _."""
    unit_costs: Path | None = None
    """Prices of one's own, a table or a workbook; None: the packaged ones."""

    def __post_init__(self) -> None:
        """Refuse numbers and names that mean nothing."""
        hypothesis(self.hypothesis)
        if self.replicates < 1:
            raise InputError("at least one replicate is needed", where="--replicates", remedy="Give 1 or more.")
        if self.replicates > MOST_REPLICATES:
            remedy = f"Give at most {MOST_REPLICATES:,}: a few hundred tell plans apart."
            raise InputError(f"{self.replicates:,} replicates are too many", where="--replicates", remedy=remedy)
        if self.workers > MOST_WORKERS:
            remedy = f"Give at most {MOST_WORKERS}; 0 is one for each core."
            raise InputError(f"{self.workers:,} processes are too many", where="--workers", remedy=remedy)
        for option, value in (("--workers", self.workers), ("--events", self.keep_events)):
            if value < 0:
                raise InputError(f"{value} is negative", where=option, remedy="Give 0 or more.")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"{self.seed} is out of range", where="--seed", remedy=f"Give 0 to {MOST_SEED}.")
        if not re.fullmatch(r"\w[\w .-]{0,99}", self.name):
            remedy = "Use letters, digits, spaces, dots, - and _: it names a folder; where that goes is --out."
            raise InputError(f"'{self.name}' cannot name a folder of results", where="--name", remedy=remedy)


@dataclass(frozen=True)
class Comparison:
    """A finished comparison: numbers, the question they answer, and the runs whose events were kept."""

    results: Results
    question: Question
    events: list[list[ArmSummary]]
    whole: bool
    ended_by: KeyboardInterrupt | RunError | None = None
    """Ctrl-C, or the loss of a worker."""


def plans_of(request: Request) -> list[Scenario]:
    """The scenarios asked for, the reference first; budgets checked.

    Raises InputError for arms that differ in more than their levers or share a name, for plans of several references,
    and for an overspent budget.
    """
    chosen = [load_scenario(name) for name in request.scenarios] or list(load_default_set())
    reference = _reference_of(chosen)
    named = {reference.name: reference.file}
    for scenario in chosen:
        if named.setdefault(scenario.name, scenario.file).resolve() != scenario.file.resolve():
            raise InputError(
                f"has the name of another plan that is compared ({named[scenario.name]})",
                where=str(scenario.file),
                remedy="Rename one of the two files: tables and figures call a plan by its file's name.",
            )
    for scenario in chosen[1:]:
        if world_hash(scenario) != world_hash(chosen[0]):
            raise InputError(
                f"'{scenario.name}' and '{chosen[0].name}' differ in frame or uncertainties, not only in levers",
                where=str(scenario.file),
                remedy="Compare plans of one frame and one set of uncertainties; run the other one by itself.",
            )
    costs = read_unit_costs(request.unit_costs)
    for scenario in chosen:
        check_budget(scenario, load_reference(scenario), costs)
    return list({scenario.name: scenario for scenario in (reference, *chosen)}.values())


def _reference_of(chosen: Sequence[Scenario]) -> Scenario:
    """The one reference of all plans, whatever their order. One that serves the others is no plan with its own."""
    serving = {scenario.reference for scenario in chosen if scenario.reference != scenario.name}
    plans = [scenario for scenario in chosen if scenario.name not in serving] or list(chosen)
    for plan in plans[1:]:
        if plan.reference != plans[0].reference:
            raise InputError(
                f"counts from '{plan.reference}', but '{plans[0].name}' from '{plans[0].reference}'",
                where=str(plan.file),
                remedy="Give both the same `reference`, or compare them one at a time.",
            )
    return load_reference(plans[0])


def question_of(request: Request, scenarios: Sequence[Scenario]) -> Question:
    """The paired runs that answer a request."""
    reading = hypothesis(request.hypothesis)
    return Question(
        tuple(scenarios), network_of(reading, scenarios[0]), _draws(request, reading, scenarios[0]), request.seed
    )


def network_of(reading: Hypothesis, scenario: Scenario) -> NetworkSpec:
    """The hypothesis' network; a scenario may fix network parameters as well."""
    own = {
        name: value for name, value in scenario.parameters.items() if _is_network(name) and not isinstance(value, Prior)
    }
    return NetworkSpec.of({**reading.network, **own})


def _is_network(name: str) -> bool:
    return load_parameters()[name].theme == "network"


def _draws(request: Request, reading: Hypothesis, scenario: Scenario) -> ParameterDraws:
    overrides: dict[str, float | Prior] = {n: v for n, v in scenario.parameters.items() if not _is_network(n)}
    if request.parameters == FIXED:
        numbers = {name: v.quantile(0.5) if isinstance(v, Prior) else v for name, v in overrides.items()}
        return fixed_draws(reading, numbers)
    if request.parameters == PRIOR:
        return draw_from_priors(request.replicates, request.seed, reading, overrides)
    posterior = _posterior(request, reading)
    return draw_from_posterior(posterior, request.replicates, request.seed, reading, overrides)


def _posterior(request: Request, reading: Hypothesis) -> Posterior:
    if request.parameters == POSTERIOR:
        return shipped_posterior(reading.name)
    if not request.parameters.endswith(".json"):
        remedy = f"{nearest(request.parameters, (POSTERIOR, PRIOR, FIXED))} A posterior's own file ends in .json."
        raise InputError(f"no parameters are called '{request.parameters}'", where="--parameters", remedy=remedy)
    posterior = read_posterior(Path(request.parameters))
    if posterior.hypothesis != reading.name:
        remedy = f"Add --hypothesis {posterior.hypothesis}."
        raise InputError(f"was fitted under '{posterior.hypothesis}'", where=request.parameters, remedy=remedy)
    return posterior


def compare(
    request: Request,
    on_stage: Callable[[str], None] = lambda stage: None,
    on_progress: Callable[[int], None] = lambda finished: None,
) -> Comparison:
    """Run a comparison. `on_stage` is told what is being prepared, `on_progress` how many replicates are finished.

    Ctrl-C and the loss of a worker keep the replicates that are finished (`Comparison.whole` is then False), and are
    raised when none is.
    """
    scenarios = plans_of(request)
    question = question_of(request, scenarios)
    tables = load_city_tables(scenarios[0].frame.city_folder)
    on_stage("Preparing (minutes the first time)")
    Arms(tables, question).warm_up()
    on_stage("Running")
    workers = min(request.workers or usable_cores(), request.replicates)
    finished = run_replicates(question, request.replicates, workers, request.keep_events)
    runs, ended_by = collect(finished, on_progress)
    if not runs:
        raise ended_by or KeyboardInterrupt
    events = [arms for replicate, arms in runs.items() if replicate < request.keep_events]
    results = assemble(request, tables, question, runs)
    return Comparison(results, question, events, len(runs) == request.replicates, ended_by)


def assemble(
    request: Request, tables: CityTables, question: Question, runs: Mapping[int, Sequence[ArmSummary]]
) -> Results:
    """Stack the summaries of all plans of the replicates in `runs` (by number; some are missing when interrupted)."""

    def stacked(name: str) -> Any:
        return np.stack([np.stack([getattr(arm, name) for arm in arms]) for arms in runs.values()])

    scenarios, costs = question.scenarios, read_unit_costs(request.unit_costs)
    frame = scenarios[0].frame
    rows = [tables.row(number) for number in frame.precincts]
    first, split, after = month_index(frame.past_starts), month_index(frame.starts), month_index(frame.ends) + 1
    names = [scenario.name for scenario in scenarios]
    recent = tables.victims[rows][:, -36:].sum() / 3.0
    draws = [question.draws.of(replicate) for replicate in runs]
    return Results(
        name=request.name,
        plans=tuple(plan_info(scenario, scenarios[0], first, costs) for scenario in scenarios),
        reference=0,
        no_programme=names.index("no_programme") if "no_programme" in names else None,
        precincts=tuple(frame.precincts),
        precinct_names=tuple(tables.precincts[row].short_name for row in rows),
        months=np.datetime64(EPOCH, "M") + np.arange(first, after),
        first_month=split - first,
        opening_month=_opening_month(scenarios, first),
        counts=stacked("counts"),
        causes=stacked("causes"),
        matched=stacked("matched"),
        survey=stacked("survey"),
        participants=stacked("participants"),
        posts_filled=stacked("posts_filled"),
        enrolled=stacked("enrolled"),
        residents=np.array([tables.precincts[row].population for row in rows]),
        parameters={name: np.array([draw[name] for draw in draws]) for name in draws[0]},
        hypothesis=request.hypothesis,
        record_victims_per_year=float(recent),
        provenance=_provenance(request, question, runs),
        replicates_asked=request.replicates,
    )


def plan_info(scenario: Scenario, reference: Scenario, first_month: int, unit_costs: UnitCosts) -> PlanInfo:
    """A plan's name, cost, new precincts and when they open (months counted from `first_month`)."""
    cost = cost_of(scenario, unit_costs)
    covered = {site.precinct for site in reference.sites}
    return PlanInfo(
        name=scenario.name,
        title=scenario.title,
        summary=scenario.summary,
        cost_usd=cost.total_usd,
        cost_by_fiscal_year_usd=dict(cost.by_fiscal_year()),
        budget_usd_per_year=float(scenario.budget.usd_per_year) if scenario.budget else None,
        new_precincts=tuple(sorted({site.precinct for site in scenario.sites} - covered)),
        opening_month=_opening_month([reference, scenario], first_month),
    )


def _opening_month(scenarios: Sequence[Scenario], first: int) -> int | None:
    """The month in which the first new site of any plan opens, counted from the first month lived."""
    covered = {site.precinct for site in scenarios[0].sites}
    opens = [site.opens for scenario in scenarios[1:] for site in scenario.sites if site.precinct not in covered]
    return month_index(min(opens)) - first if opens else None


def _provenance(request: Request, question: Question, finished: Collection[int]) -> dict[str, Any]:
    return {
        "seed": request.seed,
        "replicates_missing": sorted(set(range(request.replicates)) - set(finished)),
        "hypothesis": request.hypothesis,
        "parameters": question.draws.source,
        "parameters_fixed": dict(question.draws.fixed),
        "network": question.network.__dict__,
        "unit_costs": {name: cost.usd for name, cost in sorted(read_unit_costs(request.unit_costs).items())},
        "scenarios": {scenario.name: resolved_hash(scenario) for scenario in question.scenarios},
    }
