"""Plans lived in this process: one past for all that share it, and only what a decision asks of a run is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cms_sim.city.arrays import BANDS, CLASSES
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.arrays import FULL, N_HARMED, Plan, State
from cms_sim.engine.course import make_course, replicate_key
from cms_sim.engine.day import advance
from cms_sim.engine.rules import default_values
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import Snapshot, begin, restore, take_snapshot
from cms_sim.errors import InputError
from cms_sim.experiment.arms import Question, past_of
from cms_sim.experiment.compare import network_of
from cms_sim.experiment.optimise.case import Case
from cms_sim.experiment.optimise.cells import OUTCOMES, Cell, Counts, Draws
from cms_sim.experiment.optimise.cells import Plan as Asked
from cms_sim.experiment.sweep.cells import PointArms
from cms_sim.scenario.resolved import Scenario


class TallyArms(PointArms):
    """Arms that count people shot and killed, by precinct, sex and age, and nothing else."""

    def tally(self, values: Mapping[str, float], replicate: int) -> Counts:
        """[plans, precincts, OUTCOMES] of the question's scenarios over the frame."""
        draw = self._draw_of({**default_values(), **values})
        key = replicate_key(self.question.seed, replicate)
        course = make_course(self.tables, self.numbers, draw.rules, key, draw.level, draw.imported)
        world = World(self.city, draw.rules, course)
        room = room_for(world, self.until - self.begins)
        while True:
            counts = self._tallied(world, draw.plans, room)
            if counts is not None:
                return counts
            room = 2 * len(self._room_state(world, draw.plans[0], room).conflict)

    def _tallied(self, world: World, plans: Sequence[Plan], room: int) -> Counts | None:
        """All plans from the snapshots of their pasts; None when a log was full."""
        state = self._room_state(world, plans[0], room)
        pasts: dict[bytes, Snapshot] = {}
        counts = np.zeros((len(plans), len(self.numbers), len(OUTCOMES)), dtype=np.int32)
        for plan, own in zip(plans, counts, strict=True):
            past = past_of(plan, self.split)
            if past in pasts:
                restore(state, pasts[past])
            else:
                begin(state, self.begins)
                advance(world.city, plan, world.rules, world.course, state, self.split)
                pasts[past] = take_snapshot(state)
            advance(world.city, plan, world.rules, world.course, state, self.until)
            if state.count[FULL]:
                return None
            own[:] = self._count(state)
        return counts

    def _count(self, state: State) -> Counts:
        harmed = state.harmed[: state.count[N_HARMED]]
        conflict = state.conflict[harmed["conflict"]]
        inside = conflict["head_day"] >= self.split
        harmed, slot = harmed[inside], conflict["slot"][inside].astype(np.int64)
        who = self.city.resident[harmed["resident"]]
        kind = who["sex"].astype(np.int64) * BANDS + who["band"]
        slots = len(self.numbers)
        groups = np.bincount(slot * CLASSES + kind, minlength=slots * CLASSES).reshape(slots, CLASSES)
        deaths = np.bincount(slot[harmed["killed"] > 0], minlength=slots)
        return np.column_stack([groups.sum(axis=1), deaths, groups]).astype(np.int32)


class Bench:
    """Lives plans of one case, in its near frame or the whole one, under each hypothesis; a `Runner`."""

    def __init__(self, case: Case, draws: Draws) -> None:
        self.case = case
        self.draws = draws
        self._arms: dict[tuple[str, bool], TallyArms] = {}

    def warm_up(self) -> None:
        """Compile the engine and build the cities of both frames, so that workers find them in the cache."""
        for name in self.case.problem.hypotheses:
            for whole in (False, True):
                self._arms_of(name, whole).warm_up()

    def run(self, plans: Sequence[Asked], cells: Sequence[Cell], whole: bool) -> Counts:
        """[cells, plans, precincts, OUTCOMES]."""
        scenarios = [self._scenario(plan, whole) for plan in plans]
        found: dict[Cell, Counts] = {}
        for name in dict.fromkeys(cell.hypothesis for cell in cells):
            own = [cell for cell in cells if cell.hypothesis == name]
            found |= dict(zip(own, self._in_cells(scenarios, own, whole), strict=True))
        return np.stack([found[cell] for cell in cells])

    def _scenario(self, plan: Asked, whole: bool) -> Scenario:
        case = self.case
        if not isinstance(plan, int):
            return case.scenario(plan, "plan", reference=None if whole else case.near)
        scenario = (case.reference, *case.others)[plan]
        return scenario if whole else scenario.restricted_to(case.precincts)

    def _in_cells(self, scenarios: Sequence[Scenario], cells: Sequence[Cell], whole: bool) -> Counts:
        """Cells of one hypothesis; where plans have too many different posts between them, in two halves."""
        arms = self._arms_of(cells[0].hypothesis, whole)
        try:
            arms.pull(tuple(scenarios))
        except InputError:
            if len(scenarios) == 1:
                raise
            middle = len(scenarios) // 2
            parts = (self._in_cells(part, cells, whole) for part in (scenarios[:middle], scenarios[middle:]))
            return np.concatenate(list(parts), axis=1)
        draws = self.draws[cells[0].hypothesis]
        return np.stack([arms.tally(draws.of(cell.draw), cell.replicate) for cell in cells])

    def _arms_of(self, name: str, whole: bool) -> TallyArms:
        if (name, whole) not in self._arms:
            case, reading = self.case, hypothesis(name)
            scenario = case.reference if whole else case.near
            network = network_of(reading, case.reference)
            question = Question((scenario,), network, self.draws[name], case.problem.seed)
            self._arms[name, whole] = TallyArms(case.tables, question)
        return self._arms[name, whole]
