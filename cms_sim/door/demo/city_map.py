"""The city's 26 covered precincts under the main job's expansion and without a programme, day by day.

A replicate of three million residents is lived in a process of its own, which hands back only the counts: the server
stays small, and the page opens at once.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import OrderedDict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.door.demo.faults import RunFault

if TYPE_CHECKING:
    from cms_sim.door.demo.pair import Pair

PLAN: Final = "expansion_2020"
WITHOUT: Final = "no_programme"
_KEPT: Final = 8


@dataclass(frozen=True)
class CityDays:
    """People shot by day: both arms of one replicate."""

    victims: NDArray[np.int32]
    """[2, days + 1, precincts] so far, from the frame's first day on; without and with the programme."""
    precincts: list[tuple[int, str, int, int]]
    """Number, name, row and column on the tile map."""
    others: list[tuple[int, int, int]]
    """Number, row and column of the precincts out of play."""
    sites: list[int]
    """Precincts with a site in the plan."""


def live_the_city(seed: int) -> CityDays:
    """Both arms from the frame's first day to the demonstration's last, parameters at their defaults."""
    from cms_sim.city.cache import load_city
    from cms_sim.city.spec import NetworkSpec
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.data.hypotheses import DEFAULT_HYPOTHESIS, hypothesis
    from cms_sim.door.demo.neighbourhood import UNTIL
    from cms_sim.engine.arrays import FULL
    from cms_sim.engine.calendar_days import day_of
    from cms_sim.engine.course import replicate_key
    from cms_sim.engine.day import advance
    from cms_sim.engine.plan import compile_plans
    from cms_sim.engine.rules import default_values, make_rules
    from cms_sim.engine.simulate import World, room_for
    from cms_sim.engine.state import begin, make_state
    from cms_sim.experiment.courses import course_of
    from cms_sim.experiment.draws import fixed_draws
    from cms_sim.experiment.levels import LevelSolver
    from cms_sim.scenario.files import load_scenario

    reading = hypothesis(DEFAULT_HYPOTHESIS)
    tables = load_city_tables()
    loaded = [load_scenario(name) for name in (WITHOUT, PLAN)]
    frame = loaded[0].frame.model_copy(update={"ends": (np.datetime64(UNTIL) - 1).item()})
    scenarios = [scenario.model_copy(update={"frame": frame}) for scenario in loaded]
    numbers = list(frame.precincts)
    spec = NetworkSpec.of(reading.network)
    values = {**default_values(), **fixed_draws(reading).of(0)}
    rules = make_rules(tables, values)
    course = course_of(LevelSolver(tables, spec), scenarios[0], rules, values, replicate_key(seed, 0))
    world = World(load_city(tables, numbers, spec), rules, course)
    plans = compile_plans(scenarios, numbers, values["catchment_share"])
    begins, starts, until = day_of(frame.past_starts), day_of(frame.starts), day_of(UNTIL)
    room = room_for(world, until - begins)
    while True:
        counted = []
        for plan in plans:
            state = make_state(world.city, plan, until, room)
            begin(state, begins)
            advance(world.city, plan, world.rules, world.course, state, until)
            if state.count[FULL]:
                break
            counted.append(_so_far(state, len(numbers), starts, until))
        if len(counted) == len(plans):
            break
        room *= 2
    names = {precinct.number: precinct.short_name for precinct in tables.precincts}
    return CityDays(
        victims=np.stack(counted),
        precincts=[(number, names[number], *tables.tiles[number]) for number in numbers],
        others=[(number, *tables.tiles[number]) for number in tables.numbers if number not in numbers],
        sites=sorted({site.precinct for site in scenarios[1].sites}),
    )


def _so_far(state: Any, precincts: int, starts: int, until: int) -> NDArray[np.int32]:
    from cms_sim.engine.arrays import N_HARMED

    conflict = state.conflict[state.harmed[: state.count[N_HARMED]]["conflict"]]
    inside = conflict["head_day"] >= starts
    by_day = np.zeros((until - starts + 1, precincts), dtype=np.int32)
    np.add.at(by_day, (conflict["head_day"][inside] - starts + 1, conflict["slot"][inside].astype(np.int64)), 1)
    return by_day.cumsum(axis=0, dtype=np.int32)


class CityMaps:
    """The cities lived so far, by seed; one at a time is under way."""

    def __init__(self) -> None:
        self._lived: OrderedDict[int, CityDays] = OrderedDict()
        self._lock = asyncio.Lock()

    async def ready(self, seed: int) -> None:
        """Wait until the city of this seed has been lived."""
        async with self._lock:
            if seed not in self._lived:
                self._lived[seed] = await self._live(seed)
                while len(self._lived) > _KEPT:
                    self._lived.popitem(last=False)

    async def _live(self, seed: int) -> CityDays:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as process:
            try:
                return await asyncio.get_running_loop().run_in_executor(process, live_the_city, seed)
            except (OSError, RuntimeError) as error:
                raise RunFault("city", where="map") from error

    def counts(self, pair: Pair) -> list[list[int]] | None:
        """People shot so far by precinct, without and with the programme; None until it is ready."""
        city = self._lived.get(pair.base.seed)
        return None if city is None else city.victims[:, min(pair.day, city.victims.shape[1] - 1)].tolist()

    def tiles(self, pair: Pair) -> dict[str, Any] | None:
        """Where the precincts lie."""
        city = self._lived.get(pair.base.seed)
        return None if city is None else {"precincts": city.precincts, "others": city.others, "sites": city.sites}
