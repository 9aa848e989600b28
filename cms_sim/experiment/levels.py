"""Background levels: conflicts that must arise for the record's shootings to follow, solved for each parameter draw.

Expected incidents x without a programme (`record_levels`) are background times chance, plus what descends from x
itself: x = gain * background + D x, where D is the branching ratio, spread over the months by the lags and over
precincts by where descendants arise. So background = (x - D x) / gain. `gain` and the crossing share in D have no
closed form (norms, trauma, who is drawn in), and are solved by a fixed point: simulate the record's years on all
precincts with sites on their real dates, compare shootings in the cells that were fitted (no programme yet) with what
was expected, correct, repeat. Nothing is solved from cells with a programme.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.city.cache import load_city
from cms_sim.city.reach import flow_weights
from cms_sim.city.spec import NetworkSpec
from cms_sim.compiled import cache_root
from cms_sim.data.city_tables import CityTables
from cms_sim.engine.arrays import FULL, N_CONFLICTS, NOBODY, OUTCOME_SHOOTING, Plan, State
from cms_sim.engine.course import make_course, replicate_key
from cms_sim.engine.day import advance
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import geometric, make_rules, profiles
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import begin, make_state
from cms_sim.experiment.bank import load_bank, rules_hash
from cms_sim.experiment.record_levels import NEW_YORK, RecordLevels, fit_record_levels
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Scenario

ROUNDS: Final = 3
REPLICATES: Final = 2
SOLVING_SEED: Final = 77
_MONTH_DAYS: Final = 30
LEAST_SHARE: Final = 0.05
"""What arises by itself is at least this share of a precinct's incidents, however much flows in from neighbours."""


@dataclass(frozen=True)
class Solved:
    """What the fixed point found for one parameter draw."""

    gain: float
    """Shootings for each background conflict, descendants apart."""
    crossing: float
    """Share of descendants that arise in another precinct than their parent."""
    misfit: float
    """Last simulated over expected incidents in the fitted cells, minus 1."""


def background(
    tables: CityTables, expected: NDArray[np.float64], values: Mapping[str, float], solved: Solved, begins: int = 0
) -> NDArray[np.float64]:
    """[all precincts, months] background conflicts a day that lead to `expected` incidents a day.

    The run begins with month `begins`: nothing in it descends from shootings before, so more arises by itself.
    """
    own = np.maximum(expected - _descended(tables, expected, values, solved, begins), LEAST_SHARE * expected)
    return own / solved.gain


def _descended(
    tables: CityTables, expected: NDArray[np.float64], values: Mapping[str, float], solved: Solved, begins: int
) -> NDArray[np.float64]:
    """[all precincts, months] incidents a day that descend from those expected since month `begins`."""
    lived = np.where(np.arange(expected.shape[1]) < begins, 0.0, expected)
    there = (1.0 - solved.crossing) * lived + solved.crossing * _flow(tables).T @ lived
    found = np.zeros_like(there)
    for name in ("retaliation", "contagion"):
        for later, share in enumerate(_months_later(values[f"{name}_lag_mean_days"])):
            ahead = there.shape[1] - later
            if ahead > 0:
                found[:, later:] += values[f"branching_{name}"] * share * there[:, :ahead]
    season = profiles(tables)[1]
    return found * season[np.arange(found.shape[1]) % 12]


@lru_cache(maxsize=256)
def _months_later(mean_days: float) -> tuple[float, ...]:
    """Share of descendants whose head falls in the same month as the shooting, the next, and so on."""
    lags = geometric(mean_days, first=1)
    months = (np.arange(_MONTH_DAYS)[:, None] + lags[None, :]) // _MONTH_DAYS
    return tuple((np.bincount(months.ravel()) / months.size).tolist())


@lru_cache(maxsize=4)
def _flow(tables: CityTables) -> NDArray[np.float64]:
    """[precincts, precincts] where what crosses out of a precinct (row) goes."""
    flow = np.zeros((len(tables.precincts), len(tables.precincts)))
    for row, precinct in enumerate(tables.precincts):
        weights = flow_weights(tables, precinct.number)
        for other, weight in weights.items():
            flow[row, tables.row(other)] = weight
        if not weights:
            flow[row, row] = 1.0
    return flow


class LevelSolver:
    """Solves levels for draws under one network; keeps the city and a state between draws."""

    def __init__(self, tables: CityTables, spec: NetworkSpec) -> None:
        self.tables = tables
        self.spec = spec
        self.record: RecordLevels = fit_record_levels(tables)
        self._network = spec.content_hash(tables, tables.numbers)
        self._city: City | None = None
        self._state: State | None = None

    def solve(self, values: Mapping[str, float]) -> Solved:
        """Solve one draw (`values`: all behaviour parameters), or read it from the disk cache."""
        key = self.key(values)
        shipped = load_bank().get(key)
        if shipped is not None:
            return Solved(*shipped)
        file = cache_root() / "levels" / rules_hash()[:16] / f"{key}.json"
        solved = _kept(file)
        if solved is None:
            solved = self._iterate(values)
            _keep(file, solved)
        return solved

    def key(self, values: Mapping[str, float]) -> str:
        """What a draw's levels depend on, besides the rules: its values, the network, the record."""
        return hashlib.sha256(json.dumps([sorted(values.items()), self._network]).encode()).hexdigest()[:32]

    def _iterate(self, values: Mapping[str, float]) -> Solved:
        quiet = {**values, "yearly_city_spread": 0.0, "yearly_precinct_spread": 0.0}
        solved = Solved(
            gain=values["shooting_chance"], crossing=self.spec.street_cross_share * 0.5, misfit=float("nan")
        )
        for _ in range(ROUNDS):
            seen, wanted, crossed, descended = self._simulate(quiet, solved)
            ratio = seen / wanted
            branching = values["branching_retaliation"] + values["branching_contagion"]
            # What is amiss is put on the background: shootings follow it in proportion, descendants included.
            gain = solved.gain * ratio
            crossing = crossed / descended if descended > 200 and branching > 0 else solved.crossing
            solved = Solved(gain=gain, crossing=crossing, misfit=ratio - 1.0)
        return solved

    def _simulate(self, values: Mapping[str, float], solved: Solved) -> tuple[float, float, int, int]:
        """Shootings seen and wanted in the fitted cells, and how many descendants crossed, of all."""
        record_months = self.record.factor.shape[1]
        expected = self.record.incidents_per_day(record_months)
        rules = make_rules(self.tables, values)
        level = background(self.tables, expected, values, solved)
        numbers = list(self.tables.numbers)
        scenario = record_scenario(self.tables)
        plan = compile_plans([scenario], numbers, values["catchment_share"])[0]
        until = int(np.count_nonzero(rules["month_of"] < record_months))
        days = np.bincount(rules["month_of"][:until], minlength=record_months)
        wanted = float((expected * days)[self.record.clean].sum())
        seen = crossed = descended = 0.0
        for replicate in range(REPLICATES):
            key = replicate_key(SOLVING_SEED, replicate)
            course = make_course(self.tables, numbers, rules, key, level, np.zeros_like(level))
            world = World(self.city(), rules, course)
            state = self._run(world, plan, until)
            shootings = _shootings(state)
            month = rules["month_of"][shootings["head_day"]]
            seen += float(self.record.clean[shootings["slot"], month].sum())
            child = shootings[shootings["parent"] != NOBODY]
            descended += len(child)
            crossed += int((state.conflict["slot"][child["parent"]] != child["slot"]).sum())
        return seen / REPLICATES, wanted, int(crossed), int(descended)

    def city(self) -> City:
        """The whole city under this network."""
        if self._city is None:
            self._city = load_city(self.tables, list(self.tables.numbers), self.spec)
        return self._city

    def _run(self, world: World, plan: Plan, until: int) -> State:
        while True:
            if self._state is None:
                self._state = make_state(world.city, plan, until, room_for(world, until))
            begin(self._state, 0)
            advance(world.city, plan, world.rules, world.course, self._state, until)
            if self._state.count[FULL] == 0:
                return self._state
            room = 2 * len(self._state.conflict)
            self._state = make_state(world.city, plan, until, room)


def _shootings(state: State) -> NDArray[np.void]:
    log = state.conflict[: state.count[N_CONFLICTS]]
    return np.asarray(log[log["outcome"] == OUTCOME_SHOOTING])


def record_scenario(tables: CityTables) -> Scenario:
    """The programme as it happened in the years of record: the sites of June 2020 on their effective dates, all
    precincts in play.

    Another city is solved without sites: its months with a programme are not fitted, so only neighbours could feel it.
    """
    scenario = load_scenario("sites_june_2020")
    if tables.name != NEW_YORK:
        scenario = scenario.model_copy(update={"sites": ()})
    frame = scenario.frame
    first = tables.months[0].astype("M8[D]").item()
    last = (tables.months[-1] + 1).astype("M8[D]").item()
    dates = {"starts": first, "ends": last, "past_months": 0, "precincts": tuple(tables.numbers)}
    return scenario.model_copy(update={"frame": frame.model_copy(update=dates)}).restricted_to(tables.numbers)


def _kept(file: Path) -> Solved | None:
    """What was solved before; None where nothing is, or nothing whole."""
    try:
        return Solved(*(float(part) for part in json.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError):
        return None


def _keep(file: Path, solved: Solved) -> None:
    """Write to the cache by renaming a finished file; an unwritable cache costs time only."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps([solved.gain, solved.crossing, solved.misfit]))
        part.replace(file)
    except OSError:
        return
