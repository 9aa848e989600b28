"""`decision.json` written and read: whatever a reader gets hangs together, however the file was changed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import DECISION, FORM, Decision
from cms_sim.experiment.whole_files import write_whole

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def write_decision(decision: Decision, folder: Path) -> Path:
    """Write `decision.json`."""
    text = json.dumps(_plain(asdict(decision)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    file = folder / DECISION
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, lambda part: part.write_text(text, encoding="utf-8"))
    return file


def read_decision(folder: Path) -> Decision:
    """The decision in a folder. Raises InputError where there is none, one of another form, or one that does not hang
    together."""
    from pydantic import ValidationError

    file = folder / DECISION
    remedy = "Name a folder that `cms-sim optimise` has finished."
    try:
        told = json.loads(file.read_text(encoding="utf-8"), parse_constant=_no_number, parse_float=_finite)
        if not isinstance(told, dict) or told.get("form") != FORM:
            raise InputError("is not a decision of this version", where=str(file), remedy=remedy)
        decision = _reader().validate_python(told)
    except OSError:
        raise InputError("there is no decision", where=str(file), remedy=remedy) from None
    except ValidationError as fault:
        place = ".".join(map(str, fault.errors()[0]["loc"]))
        raise InputError(f"is not a whole decision (at {place})", where=str(file), remedy=remedy) from None
    except (ValueError, RecursionError):
        raise InputError("is not a decision", where=str(file), remedy=remedy) from None
    for key, fault_found in _faults(decision):
        remedy = "The file was changed: give the command of the optimisation again, which writes it anew from its runs."
        raise InputError(f"is not a whole decision: {fault_found}", where=f"{file}: {key}", remedy=remedy)
    return decision


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _faults(decision: Decision) -> Iterator[tuple[str, str]]:
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
        *(("acceptability", each.plan) for each in decision.acceptability),
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
    for name in ("usd_per_year", "wraparound_usd_per_year"):
        usd = budget.get(name, 0.0) if isinstance(budget, Mapping) else None
        if isinstance(usd, bool) or not isinstance(usd, int | float):
            yield "problem.budget", f"{name} is no number"
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


@cache
def _reader() -> TypeAdapter[Decision]:
    from pydantic import TypeAdapter

    return TypeAdapter(Decision)


def _plain(value: Any) -> Any:
    """Numbers that JSON does not know as null; tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
