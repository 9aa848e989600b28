"""The years of record as the model lives them: all precincts, with the sites on their real dates, from 2006 on.

What comes of it is held against the record and the literature (`evaluation.patterns`). The trend of the city is the
record's own, so the city's yearly deviation is left out; precincts keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.data.city_tables import CityTables
from cms_sim.engine.arrays import (
    FULL,
    N_CONFLICTS,
    N_HARMED,
    N_MEDIATIONS,
    NOBODY,
    OUTCOME_SHOOTING,
    Plan,
    State,
)
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.calendar_days import months as months_of_days
from cms_sim.engine.course import make_course, replicate_key
from cms_sim.engine.day import advance
from cms_sim.engine.plan import compile_plans, with_catchments
from cms_sim.engine.rules import default_values, make_rules
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import begin, make_state
from cms_sim.experiment.levels import LevelSolver, background, record_scenario
from cms_sim.experiment.record_levels import RecordLevels
from cms_sim.experiment.summary import respondents
from cms_sim.scenario.resolved import Scenario

SURVEYS: Final = (date(2014, 7, 1), date(2016, 7, 1))
"""Mornings on which young men are asked: the first and last wave of the published survey (T2-001: 2014 to 2016)."""
SURVEY_SEED: Final = 30
"""Chooses whom the survey asks: the same people in every hindcast."""


@dataclass(frozen=True)
class Lived:
    """One history. Structured rows are the engine's own (`engine.arrays`)."""

    tables: CityTables
    city: City
    plan: Plan
    months: int
    """Months lived, from the record's first."""
    shootings: NDArray[Any]
    """CONFLICT rows of shootings, in the order in which they arose; `parent` is a place in here, or NOBODY."""
    harmed: NDArray[Any]
    """HARMED rows of people shot, in order of time; `conflict` is a place in `shootings`."""
    mediations: NDArray[Any]
    """MEDIATION rows in order of time."""
    mediated_slot: NDArray[np.int64]
    """Precinct slot of each mediation's conflict."""
    books: NDArray[np.int64]
    """[sites, months, SITE_MONTH] of `engine.arrays`."""
    answers: NDArray[np.float64]
    """[SURVEYS, precincts, 2] mean willingness to use violence (1 to 5) and trust in police (0 to 1); NaN where the
    history ends before."""


class Hindcast:
    """Lives the years of record under parameter draws of one network; keeps city and state between draws."""

    def __init__(self, levels: LevelSolver, without: frozenset[int] = frozenset(), months: int | None = None) -> None:
        """`without`: precincts whose sites never open. `months`: how far beyond the record's first month (default: its
        last).
        """
        self.levels = levels
        self.tables = levels.tables
        self.months = months or len(self.tables.months)
        self.until = int(np.count_nonzero(months_of_days() < self.months))
        self.scenario = _without(record_scenario(self.tables), without)
        self.numbers = list(self.tables.numbers)
        self._plan = compile_plans([self.scenario], self.numbers, default_values()["catchment_share"])[0]
        self._people = respondents(levels.city(), SURVEY_SEED)
        self._state: State | None = None

    def expected(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """[precincts, months] incidents a day without a programme, as the record's clean months have it."""
        record: RecordLevels = self.levels.record
        return record.incidents_per_day(self.months)

    def live(self, given: Mapping[str, float], seed: int, replicate: int) -> Lived:
        """The history of one replicate under the parameters `given` (the others at their defaults)."""
        values = {**default_values(), **given, "yearly_city_spread": 0.0}
        rules = make_rules(self.tables, values)
        level = background(self.tables, self.expected(values), values, self.levels.solve({**default_values(), **given}))
        key = replicate_key(seed, replicate)
        course = make_course(self.tables, self.numbers, rules, key, level, np.zeros_like(level))
        plan = with_catchments([self._plan], [self.scenario], values["catchment_share"])[0]
        return self._live(World(self.levels.city(), rules, course), plan)

    def _live(self, world: World, plan: Plan) -> Lived:
        stops = [day for day in map(day_of, SURVEYS) if day < self.until]
        room = room_for(world, self.until)
        while True:
            if self._state is None or len(self._state.conflict) < room:
                self._state = make_state(world.city, plan, self.until, room)
            state = self._state
            answers = np.full((len(SURVEYS), len(self.numbers), 2), np.nan)
            begin(state, 0)
            for wave, day in enumerate(stops):
                advance(world.city, plan, world.rules, world.course, state, day)
                answers[wave] = self._people.answers(world, state, day)
            advance(world.city, plan, world.rules, world.course, state, self.until)
            if state.count[FULL] == 0:
                return self._lived(world.city, plan, state, answers)
            room = 2 * len(state.conflict)

    def _lived(self, city: City, plan: Plan, state: State, answers: NDArray[np.float64]) -> Lived:
        conflicts = state.conflict[: state.count[N_CONFLICTS]]
        rows = np.flatnonzero(conflicts["outcome"] == OUTCOME_SHOOTING)
        place = np.full(len(conflicts) + 1, NOBODY, dtype=np.int64)  # the last stands for "no parent"
        place[rows] = np.arange(len(rows))
        shootings = conflicts[rows]
        shootings["parent"] = place[shootings["parent"]]
        harmed = state.harmed[: state.count[N_HARMED]].copy()
        harmed["conflict"] = place[harmed["conflict"]]
        mediations = state.mediation[: state.count[N_MEDIATIONS]].copy()
        return Lived(
            tables=self.tables,
            city=city,
            plan=plan,
            months=self.months,
            shootings=shootings,
            harmed=harmed,
            mediations=mediations,
            mediated_slot=conflicts["slot"][mediations["conflict"]].astype(np.int64),
            books=state.site_month[:, : self.months].copy(),
            answers=answers,
        )


def _without(scenario: Scenario, precincts: frozenset[int]) -> Scenario:
    return scenario.model_copy(update={"sites": tuple(s for s in scenario.sites if s.precinct not in precincts)})
