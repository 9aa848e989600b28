"""What does not hang together in a decision that was read, though each number of it may be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from cms_sim.evaluation.decision.decision import Decision


def faults_of(decision: Decision) -> Iterator[tuple[str, str]]:
    """What does not hang together: key, and what is wrong with it."""
    plans = decision.plans
    if len(plans) < 2:
        yield "plans", "there must be a reference and a plan"
        return
    names = [plan.name for plan in plans]
    precincts = [part.precinct for part in plans[0].precincts]
    for place, plan in enumerate(plans):
        key = f"plans[{place}]"
        if names.index(plan.name) != place or not plan.name or plan.name != Path(plan.name).name:
            yield f"{key}.name", f"'{plan.name}' is no name of its own"
        if not precincts or [part.precinct for part in plan.precincts] != precincts:
            yield f"{key}.precincts", "every plan must have the same precincts, and at least one"
    regions = ((k, region) for k, plan in enumerate(plans) for region in plan.robustness.stops_being_best)
    said = (
        ("winner", decision.winner),
        *([] if decision.careful_choice is None else [("careful_choice", decision.careful_choice)]),
        *(("likely_best", name) for name in decision.likely_best),
        *(("not_told_apart", name) for name in decision.not_told_apart),
        *(("contrasts", contrast.plan) for contrast in decision.contrasts),
        *((f"plans[{k}].robustness.stops_being_best", region.best_there) for k, region in regions),
    )
    for key, name in said:
        if name not in names:
            yield key, f"no plan is called '{name}'"
    if decision.winner == names[0]:
        yield "winner", f"'{names[0]}' is what the plans are held against"
    days = [(key, _day(said_day)) for key, said_day in (("starts", decision.starts), ("ends", decision.ends))]
    yield from ((key, "is no date such as 2020-07-01") for key, day in days if day is None)
    if not decision.hypotheses or not set(decision.hypotheses) <= set(decision.parameters):
        yield "hypotheses", "there must be one, and parameters for each"
    budget = decision.problem.get("budget", {})
    usd = budget.get("usd_per_year", 0.0) if isinstance(budget, Mapping) else None
    if isinstance(usd, bool) or not isinstance(usd, int | float):
        yield "problem.budget", "usd_per_year is no number"
    for table in ("weigh", "effort", "unit_costs_usd"):
        told = decision.problem.get(table, {})
        values = told.values() if isinstance(told, Mapping) else ["no table"]
        if not all(value is None or isinstance(value, int | float) for value in values):
            yield f"problem.{table}", "there must be numbers only"
    if not decision.effort.draws:
        yield "effort.draws", "there must be draws of each hypothesis"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
