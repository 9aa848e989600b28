"""What a run costs: one replicate of the twenty precincts with most victims, every resident, four years, no past
before them.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmarks import Result
from cms_sim.city.cache import load_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.arrays import N_CONFLICTS, N_ENROLMENTS, N_HARMED, N_MEDIATIONS, Plan
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.course import make_course, replicate_key
from cms_sim.engine.day import advance
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import default_values, make_rules
from cms_sim.engine.simulate import World, simulate
from cms_sim.engine.state import begin
from cms_sim.experiment.draws import fixed_draws
from cms_sim.experiment.levels import LevelSolver, background
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Scenario, Site

_SET = "top20_2015_2019"
_STARTS, _ENDS = dt.date(2020, 7, 1), dt.date(2024, 6, 30)
_RUNS = 15


class _Measured(NamedTuple):
    milliseconds: float
    events: int


def replicate_programme_ms() -> Result:
    measured = _measure("programme")
    print(f"{measured.events / measured.milliseconds * 1e3:,.0f} events a second")
    return "replicate_programme_ms", measured.milliseconds, "ms"


def replicate_none_ms() -> Result:
    return "replicate_none_ms", _measure("none").milliseconds, "ms"


def event_ns() -> Result:
    measured = _measure("programme")
    return "event_ns", measured.milliseconds * 1e6 / measured.events, "ns"


@cache
def _measure(which: str) -> _Measured:
    """Median time of a replicate after the first, reset included, and its events (conflicts, harm, mediations,
    services).
    """
    world, plans = _world()
    plan = plans[which]
    begins, until = day_of(_STARTS), day_of(_ENDS) + 1
    state = simulate(world, plan, begins, until)
    times = []
    for _ in range(_RUNS):
        clock = time.perf_counter()
        begin(state, begins)
        advance(world.city, plan, world.rules, world.course, state, until)
        times.append((time.perf_counter() - clock) * 1e3)
    logs = (N_CONFLICTS, N_HARMED, N_MEDIATIONS, N_ENROLMENTS)
    return _Measured(statistics.median(times), int(sum(state.count[log] for log in logs)))


@cache
def _world() -> tuple[World, dict[str, Plan]]:
    tables = load_city_tables()
    numbers = list(tables.sets[_SET])
    reading = hypothesis("city")
    spec = NetworkSpec.of(reading.network)
    values = {**default_values(), **fixed_draws(reading).of(0)}
    rules = make_rules(tables, values)
    levels = LevelSolver(tables, spec)
    months = (_ENDS.year - 2006) * 12 + _ENDS.month
    begins = (_STARTS.year - 2006) * 12 + _STARTS.month - 1
    expected = levels.record.incidents_per_day(months)
    level = background(tables, expected, values, levels.solve(values), begins)
    level = level[[tables.row(number) for number in numbers]]
    course = make_course(tables, numbers, rules, replicate_key(1, 0), level, np.zeros_like(level))
    everywhere = _a_site_in_each(numbers)
    nowhere = everywhere.model_copy(update={"sites": ()})
    plans = compile_plans([everywhere, nowhere], numbers, values["catchment_share"])
    return World(load_city(tables, numbers, spec), rules, course), {"programme": plans[0], "none": plans[1]}


def _a_site_in_each(numbers: list[int]) -> Scenario:
    """The team and services of fiscal year 2020 in every precinct, from the first day."""
    scenario = load_scenario("sites_june_2020")
    frame = scenario.frame.model_copy(
        update={"precincts": tuple(numbers), "starts": _STARTS, "ends": _ENDS, "past_months": 0}
    )
    term = scenario.sites[0].terms[0].model_copy(update={"from_date": _STARTS, "until_date": None})
    sites = tuple(Site(precinct=n, site_id=1, provider="", catchment_share=None, terms=(term,)) for n in numbers)
    return scenario.model_copy(update={"frame": frame, "sites": sites})
