"""What a Mesa model runs on, from the words a Mesa user writes: scenario, precincts, dates and parameters by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from cms_sim.city.arrays import City
from cms_sim.city.cache import load_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import CityTables, load_city_tables
from cms_sim.data.hypotheses import Hypothesis, hypothesis
from cms_sim.data.parameters import Prior
from cms_sim.engine.arrays import Plan
from cms_sim.engine.calendar_days import EPOCH, SPAN_DAYS, date_of, day_of
from cms_sim.engine.course import replicate_key
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import behaviour_parameters, default_values, make_rules
from cms_sim.engine.simulate import World
from cms_sim.errors import InputError, nearest
from cms_sim.experiment.courses import course_of
from cms_sim.experiment.draws import fixed_draws
from cms_sim.experiment.levels import LevelSolver
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Frame, Scenario

Day: TypeAlias = dt.date | str
"""A date, or its text as 2020-07-01."""
Precincts: TypeAlias = int | str | Sequence[int] | None
"""One precinct, a named set, several precincts, or None for those of the scenario."""


@dataclass(frozen=True)
class Request:
    """What a Mesa user asks for."""

    scenario: str | Path | Scenario
    precincts: Precincts
    dates: Mapping[str, Any]
    """starts, ends and past_months; None where the scenario's own hold."""
    hypothesis: str
    parameters: Mapping[str, float]
    seed: int
    replicate: int
    city: CityTables | None


@dataclass(frozen=True)
class Setup:
    """One run before its first day. Days are half-open: `until` is the first day after the last."""

    scenario: Scenario
    world: World
    plan: Plan
    begins: int
    """First day lived, that of the past."""
    starts: int
    """First day of the frame."""
    until: int


def make_setup(request: Request) -> Setup:
    """Resolve, build and compile.

    Raises InputError for an unknown scenario, precinct, hypothesis or parameter, and for dates out of order or beyond
    the calendar.
    """
    scenario = _scenario(request)
    frame = scenario.frame
    tables = request.city or load_city_tables(frame.city_folder)
    if request.precincts is not None:
        scenario = scenario.restricted_to(_in_play(request.precincts, tables, scenario))
    numbers = scenario.frame.precincts
    values, network = _parameters(hypothesis(request.hypothesis), scenario.parameters, request.parameters)
    rules = make_rules(tables, values)
    key = replicate_key(request.seed, request.replicate)
    course = course_of(_shared_levels(tables, network), scenario, rules, {**default_values(), **values}, key)
    return Setup(
        scenario=scenario,
        world=World(_shared_city(tables, numbers, network), rules, course),
        plan=compile_plans([scenario], numbers, float(rules["catchment_share"]))[0],
        begins=day_of(frame.past_starts),
        starts=day_of(frame.starts),
        until=day_of(frame.until_date),
    )


@lru_cache(maxsize=4)
def _shared_city(tables: CityTables, numbers: tuple[int, ...], network: NetworkSpec) -> City:
    """One set of city arrays for all models of a process that live in the same city."""
    return load_city(tables, numbers, network)


@lru_cache(maxsize=4)
def _shared_levels(tables: CityTables, network: NetworkSpec) -> LevelSolver:
    """One level solver for all models of a process that live under the same network."""
    return LevelSolver(tables, network)


def _scenario(request: Request) -> Scenario:
    given = request.scenario
    scenario = given if isinstance(given, Scenario) else load_scenario(given, city=request.city)
    return scenario.model_copy(update={"frame": _framed(scenario.frame, request.dates)})


def _framed(frame: Frame, dates: Mapping[str, Any]) -> Frame:
    """The frame with the dates that were given."""
    given = {name: value for name, value in dates.items() if value is not None}
    for name in ("starts", "ends"):
        if name in given:
            given[name] = _date(given[name], name)
    framed = frame.model_copy(update=given)
    if framed.past_months < 0:
        raise InputError(f"{framed.past_months} months cannot be lived", where="past_months", remedy="Give 0 or more.")
    if framed.ends < framed.starts:
        raise InputError(
            f"the run would end on {framed.ends}, before it starts on {framed.starts}",
            where="ends",
            remedy="Give a later last day, or an earlier first one.",
        )
    last = date_of(SPAN_DAYS - 1)
    if framed.past_starts < EPOCH or framed.ends > last:
        raise InputError(
            f"days from {framed.past_starts} to {framed.ends} are not all in the calendar",
            where="starts, past_months and ends",
            remedy=f"Stay between {EPOCH} and {last}.",
        )
    return framed


def _date(given: Day, name: str) -> dt.date:
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InputError(f"'{given}' is no date", where=name, remedy="Write it as 2020-07-01.") from None


def _in_play(precincts: Precincts, tables: CityTables, scenario: Scenario) -> list[int]:
    """The numbers that were asked for; each must be in play in the scenario."""
    if isinstance(precincts, str):
        if precincts not in tables.sets:
            raise InputError(
                f"there is no set of precincts '{precincts}'", where="precincts", remedy=nearest(precincts, tables.sets)
            )
        return list(tables.sets[precincts])
    numbers = [precincts] if isinstance(precincts, int) else [int(number) for number in precincts or ()]
    known = scenario.frame.precincts
    for number in numbers:
        if number not in known:
            raise InputError(
                f"precinct {number} is not in play in '{scenario.name}'",
                where="precincts",
                remedy=nearest(number, known),
            )
    if not numbers:
        raise InputError("no precinct is left in play", where="precincts", remedy="Name at least one.")
    return numbers


def _parameters(
    reading: Hypothesis, scenario: Mapping[str, float | Prior], given: Mapping[str, float]
) -> tuple[dict[str, float], NetworkSpec]:
    """Behaviour parameters and network: the hypothesis' values, over them the scenario's, then those given."""
    network_names = {field.name for field in fields(NetworkSpec)} - {"city_seed"}
    known = {*behaviour_parameters(), *network_names}
    values = {name: value.quantile(0.5) if isinstance(value, Prior) else value for name, value in scenario.items()}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"unknown parameter '{name}'", where="CMSModel", remedy=nearest(name, known))
        values[name] = _number(name, value)
    behaviour = {name: value for name, value in values.items() if name not in network_names}
    network = {name: value for name, value in values.items() if name in network_names}
    draws = fixed_draws(reading, behaviour)
    return draws.of(0), NetworkSpec.of({**reading.network, **network})


def _number(name: str, value: object) -> float:
    if isinstance(value, int | float) and np.isfinite(value):
        return float(value)
    raise InputError(
        f"{value!r} is not a number", where=f"parameter {name}", remedy="Give a number in the table's unit."
    )
