"""One replicate: the shared past once, then each plan from the snapshot, all on the same draw, seed and course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.city.cache import load_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import CityTables
from cms_sim.data.parameters import load_parameters
from cms_sim.engine.arrays import FULL, Plan, State
from cms_sim.engine.calendar_days import day_of, month_index
from cms_sim.engine.course import make_course, replicate_key
from cms_sim.engine.plan import compile_plans, with_catchments
from cms_sim.engine.rules import default_values, make_rules
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import Snapshot, begin, make_state, restore, take_snapshot
from cms_sim.engine.tables import Rules
from cms_sim.experiment.courses import levels_of
from cms_sim.experiment.draws import ParameterDraws
from cms_sim.experiment.extended_run import live, outcomes_of, warm_up
from cms_sim.experiment.extension import Extension, Own, copy_of
from cms_sim.experiment.levels import LevelSolver
from cms_sim.experiment.summary import ArmSummary, Frame, Respondents, respondents, summarise
from cms_sim.scenario.resolved import Scenario, world_hash


@dataclass(frozen=True)
class Question:
    """What is compared: plans in one frame under one set of uncertainties; the first scenario is the reference."""

    scenarios: tuple[Scenario, ...]
    network: NetworkSpec
    draws: ParameterDraws
    seed: int

    def __post_init__(self) -> None:
        """Arms must differ in levers only."""
        worlds = {world_hash(scenario) for scenario in self.scenarios}
        assert len(worlds) == 1, "arms in different worlds: use Scenario.under"


@dataclass(frozen=True)
class Draw:
    """What one set of parameter values leads to, in every replicate alike."""

    values: Mapping[str, float]
    rules: Rules
    plans: tuple[Plan, ...]
    pasts: tuple[bytes, ...]
    """Of each plan, what is in force before the frame."""
    level: NDArray[np.float64]
    """[precincts, months] background conflicts a day."""
    imported: NDArray[np.float64]
    """[precincts, months] conflicts a day that come from precincts not in play."""


class Arms:
    """Runs replicates of a question; keeps city, state and level solver between them."""

    def __init__(
        self, tables: CityTables, question: Question, extension: Extension | None = None, own: Own = None
    ) -> None:
        """`own` is the extension's record (`Extension.own`), by default with its parameters' defaults."""
        self.tables = tables
        self.question = question
        self.extension = extension
        self.own: Own = own if own is not None or extension is None else extension.own()
        frame = question.scenarios[0].frame
        self.numbers = list(frame.precincts)
        self.begins = day_of(frame.past_starts)
        self.split = day_of(frame.starts)
        self.until = day_of(frame.until_date)
        self.months = month_index(frame.ends) + 1
        self.city: City = load_city(tables, self.numbers, question.network)
        self.levels = LevelSolver(tables, question.network)
        self.people: Respondents = respondents(self.city, question.seed)
        share = load_parameters()["catchment_share"].default
        self.plans = compile_plans(question.scenarios, self.numbers, share)
        self._state: State | None = None
        self._draw: Draw | None = None

    def warm_up(self) -> None:
        """Compile the engine (a run of no days) and solve nothing: workers then read it from the cache."""
        values = {**default_values(), **self.question.draws.of(0)}
        plan = self.plans[0]
        rules = make_rules(self.tables, values)
        level = np.zeros((len(self.numbers), self.months))
        course = make_course(self.tables, self.numbers, rules, replicate_key(0, 0), level, level)
        state = make_state(self.city, plan, self.until, 1)
        begin(state, self.begins)
        warm_up(self.extension, World(self.city, rules, course), plan, state, copy_of(self.own, starts=self.split))

    def run(self, replicate: int) -> list[ArmSummary]:
        """Every plan of the question in one replicate, in the order of the scenarios."""
        return self.run_with(self.question.draws.of(replicate), replicate, self.own)

    def run_with(self, values: Mapping[str, float], replicate: int, own: Own = None) -> list[ArmSummary]:
        """The same for the parameters `values` (the others at their defaults) and the extension's record `own`."""
        draw = self._draw_of({**default_values(), **values})
        key = replicate_key(self.question.seed, replicate)
        course = make_course(self.tables, self.numbers, draw.rules, key, draw.level, draw.imported)
        world = World(self.city, draw.rules, course)
        room = room_for(world, self.until - self.begins)
        while True:
            summaries = self._live(world, draw, room, self.own if own is None else own)
            if summaries is not None:
                return summaries
            room = 2 * len(self._room_state(world, draw.plans[0], room).conflict)

    def _draw_of(self, values: dict[str, float]) -> Draw:
        """What replicates under the same values share, made once."""
        if self._draw is None or self._draw.values != values:
            rules = make_rules(self.tables, values)
            plans = tuple(with_catchments(self.plans, self.question.scenarios, values["catchment_share"]))
            pasts = tuple(past_of(plan, self.split) for plan in plans)
            level, imported = levels_of(self.levels, self.question.scenarios[0], rules, values)
            self._draw = Draw(values, rules, plans, pasts, level, imported)
        return self._draw

    def _room_state(self, world: World, plan: Plan, room: int) -> State:
        if self._state is None or len(self._state.conflict) < room:
            self._state = make_state(world.city, plan, self.until, room)
        return self._state

    def _live(self, world: World, draw: Draw, room: int, given: Own) -> list[ArmSummary] | None:
        """All arms; None when a log was full."""
        state = self._room_state(world, draw.plans[0], room)
        pasts: dict[bytes, tuple[Snapshot, Own, NDArray[np.float64]]] = {}
        arms: list[ArmSummary] = []
        for plan, past in zip(draw.plans, draw.pasts, strict=True):
            if past in pasts:
                snapshot, lived, before = pasts[past]
                own = copy_of(lived, starts=self.split)
                restore(state, snapshot)
            else:
                own = copy_of(given, starts=self.split)
                begin(state, self.begins)
                live(self.extension, world, plan, state, own, self.split)
                before = self.people.answers(world, state, self.split)
                pasts[past] = take_snapshot(state), copy_of(own, starts=self.split), before
            live(self.extension, world, plan, state, own, self.until)
            if state.count[FULL]:
                return None
            frame = Frame(world, plan, self.begins, self.split, self.until)
            after = self.people.answers(world, state, self.until)
            arm = summarise(frame, state, before, after, arms[0] if arms else None)
            arms.append(replace(arm, extra=outcomes_of(self.extension, frame, state, own)))
        return arms


def past_of(plan: Plan, split: int) -> bytes:
    """What of a plan is in force before day `split`: plans that agree in it share their past."""
    parts: list[bytes] = []
    for table in (plan.term, plan.post, plan.patrol):
        past = table[(table["from_day"] < split) & (table["from_day"] >= 0)]
        past["until_day"] = np.minimum(past["until_day"], split)
        parts += _contents(past)
    parts += _contents(plan.site[(plan.site["opens"] < split) & (plan.site["place_to"] > plan.site["place_from"])])
    return b"|".join(parts)


def _contents(table: NDArray[np.void]) -> list[bytes]:
    """A table's bytes, column by column: what pads a record to its length is not part of it."""
    return [np.ascontiguousarray(table[name]).tobytes() for name in table.dtype.names or ()]
