"""Small worlds for tests of the engine: a made-up city, its rules, a course, plans written in a few words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from cms_sim.city.arrays import City
from cms_sim.city.build import build_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.engine.arrays import Plan, State
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.course import make_course, replicate_key
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import make_rules
from cms_sim.engine.simulate import World, simulate
from cms_sim.scenario.resolved import Frame, Patrol, Scenario, Site, SiteTerm
from cms_sim.scenario.schema import SHARED_SHIFTS, Services, Shift, Staff
from tests.small_city import island_tables

STARTS = dt.date(2020, 7, 1)
BEGINS = day_of(STARTS)
MONTHS = 260
TEAM = Staff(violence_interrupters=3, outreach_workers=2, hospital_responders=1, supervisors=1)
EVERY_SERVICE = Services(
    employment_slots=2, mental_health_slots=2, trauma_counselling_slots=2, school_mediation_slots=2, legal_aid_slots=2
)
AROUND_THE_CLOCK = Shift(weekdays=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], from_hour=0, to_hour=24)
SHIFTS = {**SHARED_SHIFTS, "always": AROUND_THE_CLOCK}

VIOLENT = {
    "shooting_chance": 0.16,
    "branching_retaliation": 0.25,
    "branching_contagion": 0.35,
    "contagion_lag_mean_days": 40.0,
    "detection": 0.06,
    "turnover_per_year": 2.0,
    "vacancy_mean_days": 20.0,
    "recruits_per_day": 0.4,
    "client_stay_mean_days": 120.0,
    "referral_per_week": 0.3,
}
"""A violent city with busy staff, in which everything occurs within months."""


@cache
def tables_of(precincts: int, residents: int, connected: bool) -> CityTables:
    """Tables of the made-up city, busier on weekends and at night."""
    plain = island_tables(precincts, residents, connected)
    hours = np.ones((7, 24), np.int64)
    hours[:, 18:] = 4
    hours[5:] *= 2
    return replace(plain, weekday_hour=hours)


@cache
def city_of(precincts: int, residents: int, connected: bool, numbers: tuple[int, ...] = ()) -> City:
    """The city of `numbers` (all precincts when empty), with crews enough to be tested."""
    tables = tables_of(precincts, residents, connected)
    spec = NetworkSpec.default(crews_per_100k_residents=200.0, crew_size_mean=8.0)
    return build_city(tables, numbers or tables.numbers, spec)


def make_world(
    precincts: int = 1,
    residents: int = 3000,
    *,
    connected: bool = False,
    numbers: tuple[int, ...] = (),
    level: float = 1.0,
    imported: float = 0.0,
    seed: int = 1,
    replicate: int = 0,
    flat: bool = False,
    values: Mapping[str, float] | None = None,
) -> World:
    """A world with `level` background conflicts a day and precinct; `flat`: every weekday and month alike."""
    tables = tables_of(precincts, residents, connected)
    rules = make_rules(tables, values)
    if flat:
        rules["weekday"], rules["season"] = 1.0, 1.0
    chosen = list(numbers or tables.numbers)
    shape = (len(chosen), MONTHS)
    key = replicate_key(seed, replicate)
    course = make_course(tables, chosen, rules, key, np.full(shape, level), np.full(shape, imported))
    return World(city_of(precincts, residents, connected, numbers), rules, course)


def term(
    from_day: int = 0,
    until_day: int | None = None,
    *,
    staff: Staff = TEAM,
    services: Services = EVERY_SERVICE,
    shift: str = "always",
    delay: int = 0,
) -> SiteTerm:
    """What holds at a site between two days, counted from the first day of the run."""
    return SiteTerm(
        from_date=STARTS + dt.timedelta(days=from_day),
        until_date=None if until_day is None else STARTS + dt.timedelta(days=until_day),
        staff=staff,
        services=services,
        shift=shift,
        payment_delay_days=delay,
    )


def site(precinct: int, *terms: SiteTerm, site_id: int = 1, share: float | None = None) -> Site:
    """A site, by default a whole team with every service, on duty at all hours from the first day on."""
    return Site(precinct=precinct, site_id=site_id, provider="", catchment_share=share, terms=terms or (term(),))


def patrol(precinct: int, *, officers: int = 20, share: float = 0.5, from_day: int = 0) -> Patrol:
    return Patrol(
        precinct=precinct,
        from_date=STARTS + dt.timedelta(days=from_day),
        until_date=None,
        officers=officers,
        share_of_precinct=share,
        shift="every_night",
    )


def scenario(sites: Sequence[Site] = (), patrols: Sequence[Patrol] = (), numbers: Sequence[int] = (11,)) -> Scenario:
    frame = Frame(precincts=tuple(numbers), starts=STARTS, ends=dt.date(2028, 1, 1), past_months=0, city_folder=None)
    words: dict[str, Any] = {"name": "test", "title": "Test", "summary": "", "reference": "test"}
    return Scenario(
        **words,
        default_set=False,
        order=1,
        folder=Path(),
        frame=frame,
        sites=tuple(sites),
        patrols=tuple(patrols),
        shifts=SHIFTS,
        surges=(),
        parameters={},
        budget=None,
    )


def numbers_of(world: World) -> list[int]:
    return [int(number) for number in world.city.precinct["number"]]


def plans(world: World, *scenarios: Scenario) -> list[Plan]:
    return compile_plans(scenarios, numbers_of(world), 0.6)


def run(world: World, sites: Sequence[Site] = (), days: int = 365, patrols: Sequence[Patrol] = ()) -> State:
    """The final state of one plan after so many days."""
    numbers = numbers_of(world)
    plan = plans(world, scenario(sites, patrols, numbers))[0]
    return simulate(world, plan, BEGINS, BEGINS + days)
