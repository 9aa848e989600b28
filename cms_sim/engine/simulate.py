"""The fast door: run a plan from its first day to its last in one call of the engine."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cms_sim.city.arrays import City
from cms_sim.engine.arrays import FULL, Plan, State
from cms_sim.engine.day import advance
from cms_sim.engine.state import begin, make_state
from cms_sim.engine.tables import Course, Rules
from cms_sim.errors import InputError


@dataclass
class World:
    """What a run lives in, for as long as one city, draw and replicate are looked at."""

    city: City
    rules: Rules
    course: Course

    def __post_init__(self) -> None:
        """Refuse a course made for other precincts: the engine would read past what is there."""
        lived, there = int((self.course["width"] > 0).sum()), len(self.city.precinct)
        if lived != there:
            raise InputError(
                f"the course is for {lived} precincts, the city has {there}",
                where="World",
                remedy="Make city and course from the same precinct numbers.",
            )


def room_for(world: World, days: int) -> int:
    """Rows that the conflict log of so many days will probably need, with a third to spare."""
    course, rules = world.course, world.rules
    per_day = float(course["level"].max(axis=1).sum() + course["imported"].max(axis=1).sum())
    branching = min(0.8, float(rules["branching_retaliation"] + rules["branching_contagion"]))
    return math.ceil(1.35 * per_day * days / (1.0 - branching)) + 1000


def simulate(world: World, plan: Plan, begins: int, until: int) -> State:
    """Run `plan` over the days `begins` to `until` - 1 and return the final state, logs in it.

    A log that turns out too small is doubled and the run repeated: it gives the same events.
    """
    room = room_for(world, until - begins)
    while True:
        state = make_state(world.city, plan, until, room)
        begin(state, begins)
        advance(world.city, plan, world.rules, world.course, state, until)
        if state.count[FULL] == 0:
            return state
        room *= 2
