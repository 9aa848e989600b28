"""The Mesa door: the same engine as everywhere, advanced one day a step.

Messengers are Mesa agents; residents and conflicts are views made when asked for. Between two steps everything can be
read and much of it changed; without a change the events are those of the fast door, to the last one.

Importing `mesa` takes about a second and sets multiprocessing's start method to spawn, so only this room does.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import mesa
import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.data.city_tables import CityTables
from cms_sim.data.hypotheses import DEFAULT_HYPOTHESIS
from cms_sim.door.mesa_agents import Messenger, Site
from cms_sim.door.mesa_books import Books
from cms_sim.door.mesa_conflicts import Conflict, Mediation
from cms_sim.door.mesa_residents import Resident, Residents
from cms_sim.door.mesa_setup import Day, Precincts, Request, make_setup
from cms_sim.engine.arrays import (
    FULL,
    N_CONFLICTS,
    N_ENROLMENTS,
    N_HARMED,
    N_MEDIATIONS,
    N_SHOOTINGS,
    RESULT_NAMES,
    TODAY,
    Plan,
    State,
)
from cms_sim.engine.calendar_days import date_of
from cms_sim.engine.day import advance
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import begin, make_state
from cms_sim.engine.tables import Rules
from cms_sim.errors import InputError, RunError
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.schema import DEFAULT_REFERENCE

DEFAULT_SEED: Final = 1
ROOM_A_DAY: Final = 4096
"""Free rows that every log has as a day begins: far more than a day can write."""
_LOGS: Final = {
    "conflict": N_CONFLICTS,
    "watched": N_CONFLICTS,
    "harmed": N_HARMED,
    "mediation": N_MEDIATIONS,
    "enrolment": N_ENROLMENTS,
}


class CMSModel(Books, mesa.Model):  # type: ignore[misc]
    """A run of one scenario in Mesa's terms.

    The model stands at the evening of `date`; at first, of the day before the first. A step lives one day; after the
    last one `running` is False. Dice belong to events, so that `rng` (the seed, a whole number; None is the default
    seed) and `replicate` fix the run, whatever is read in whatever order.

    `scenario`: a name, a path or a resolved scenario. `precincts`: one, several or a named set of those in play.
    `starts`, `ends` (the last day) and `past_months` (lived through before the first step) replace the scenario's own.
    `hypothesis`: how violence spreads, by name. `city`: tables of another city. Any other name is a parameter of the
    parameter table, such as `detection=0.04`; those not given have the scenario's value (of a prior, the median), the
    hypothesis' or the default.

    Raises InputError for anything among these that cannot be used.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario = DEFAULT_REFERENCE,
        *,
        rng: int | None = None,
        replicate: int = 0,
        precincts: Precincts = None,
        starts: Day | None = None,
        ends: Day | None = None,
        past_months: int | None = None,
        hypothesis: str = DEFAULT_HYPOTHESIS,
        city: CityTables | None = None,
        **parameters: float,
    ) -> None:
        seed = _whole(DEFAULT_SEED if rng is None else rng, "rng")
        super().__init__(rng=seed)
        dates = {"starts": starts, "ends": ends, "past_months": past_months}
        number = _whole(replicate, "replicate")
        setup = make_setup(Request(scenario, precincts, dates, hypothesis, parameters, seed, number, city))
        self.plan_name: str = setup.scenario.name
        self.world: World = setup.world
        self.plan: Plan = setup.plan
        self.until: int = setup.until
        self.state: State = make_state(self.city, self.plan, setup.until, self._first_room(setup.until - setup.begins))
        begin(self.state, setup.begins)
        self._harmed_before = self._mediated_before = 0
        while self.next_day < setup.starts:
            self._live_a_day()
        keys = sorted(site.key for site in setup.scenario.sites)
        self.sites: list[Site] = [Site(self, index, key) for index, key in enumerate(keys)]
        posts = list(range(len(self.plan.post)))
        Messenger.create_agents(self, len(posts), posts)
        self.messengers: list[Messenger] = [agent for agent in self.agents if isinstance(agent, Messenger)]
        """One for each post of the plan, in the plan's order."""
        self.datacollector = mesa.DataCollector(
            model_reporters=dict(self.model_reporters),
            agenttype_reporters={Messenger: dict(self.messenger_reporters)} if self.messenger_reporters else None,
        )
        self.datacollector.collect(self)

    # Days

    def step(self) -> None:
        """Live one day. Raises RunError after the last one."""
        if self.next_day >= self.until:
            raise RunError(
                f"the run ended on {self.date}", remedy="Give a later `ends`, or stop when `running` is False."
            )
        self._live_a_day()
        self.running = self.next_day < self.until
        self.datacollector.collect(self)

    @property
    def next_day(self) -> int:
        """The day that the next step lives, as the engine counts: days since 1 January 2006."""
        return int(self.state.count[TODAY])

    @property
    def day(self) -> int:
        """The day just lived, as the engine counts."""
        return self.next_day - 1

    @property
    def date(self) -> dt.date:
        """The date of the day just lived."""
        return date_of(self.day)

    def _live_a_day(self) -> None:
        self._make_room()
        self._harmed_before = int(self.state.count[N_HARMED])
        self._mediated_before = int(self.state.count[N_MEDIATIONS])
        advance(self.world.city, self.plan, self.world.rules, self.world.course, self.state, self.next_day + 1)
        if self.state.count[FULL]:
            raise RunError(
                f"more happened on {self.date} than the engine can hold for a day",
                where=self.plan_name,
                remedy="Check levels and parameters; a day holds 4096 known open conflicts.",
            )

    def _first_room(self, days: int) -> int:
        return max(2 * ROOM_A_DAY, room_for(self.world, days))

    def _make_room(self) -> None:
        """Double any log that a day could fill: unlike the fast door, a step cannot be run again."""
        grown = {}
        for name, place in _LOGS.items():
            log = getattr(self.state, name)
            if len(log) - self.state.count[place] < ROOM_A_DAY:
                grown[name] = np.concatenate([log, np.zeros(max(len(log), ROOM_A_DAY), dtype=log.dtype)])
        if grown:
            self.state = self.state._replace(**grown)

    # What the run stands on

    @property
    def city(self) -> City:
        """The city's arrays, read-only and shared by all models of the same city."""
        return self.world.city

    @property
    def rules(self) -> Rules:
        """The parameters by name, and the tables made from them."""
        return self.world.rules

    # People and conflicts

    def resident(self, precinct: int, index: int) -> Resident:
        """One resident, by precinct and index within it. Raises InputError where there is none."""
        own = self.city.precinct[self._slot(precinct)]
        if not 0 <= index < own["residents"]:
            raise InputError(
                f"precinct {precinct} has no resident {index}",
                where="resident",
                remedy=f"Give 0 to {own['residents'] - 1}.",
            )
        return Resident(self, int(own["first"]) + index)

    def residents(self, where: NDArray[np.bool_] | None = None, *, precinct: int | None = None) -> Residents:
        """Residents as columns: of a precinct or of all, those for whom the mask `where` (one value for each) holds."""
        first, after = 0, len(self.city.resident)
        if precinct is not None:
            own = self.city.precinct[self._slot(precinct)]
            first, after = int(own["first"]), int(own["first"] + own["residents"])
        index = np.arange(first, after)
        if where is None:
            return Residents(self, index)
        mask = np.asarray(where)
        if mask.dtype != bool or mask.shape != index.shape:
            raise InputError(
                "the mask does not fit",
                where="residents",
                remedy=f"Give {len(index)} truth values, one for each resident.",
            )
        return Residents(self, index[mask])

    def mean_norm(self, precinct: int) -> float:
        """Mean willingness to use violence among a precinct's residents with street ties."""
        own = self.city.precinct[self._slot(precinct)]
        return float(Residents(self, own["first"] + np.arange(own["street"])).norm.mean())

    def open_conflicts(self) -> list[Conflict]:
        """The conflicts that are open this evening."""
        return [Conflict(self, int(row)) for row in self._open_rows()]

    def shootings_today(self) -> list[Conflict]:
        """The conflicts that became shootings on the day just lived, in the order of hour and key."""
        return [Conflict(self, int(row)) for row in self.state.shooting[: self.state.count[N_SHOOTINGS]]]

    def mediations_today(self) -> list[Mediation]:
        """The attempts to mediate on the day just lived."""
        lines = self.state.mediation[self._mediated_before : self.state.count[N_MEDIATIONS]]
        return [
            Mediation(
                Conflict(self, int(line["conflict"])),
                self.messengers[line["post"]],
                int(line["hour"]),
                RESULT_NAMES[line["result"]],
            )
            for line in lines
        ]

    def _slot(self, precinct: int) -> int:
        slots = np.flatnonzero(self.city.precinct["number"] == precinct)
        if not slots.size:
            known = ", ".join(map(str, self.city.precinct["number"]))
            raise InputError(f"precinct {precinct} is not in play", where="precinct", remedy=f"In play: {known}.")
        return int(slots[0])


def _whole(value: object, name: str) -> int:
    """A seed or replicate: a whole number, so that the run can be repeated from what was written down."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 0:
        return int(value)
    raise InputError(f"{value!r} is not a whole number", where=name, remedy="Give 0 or more, such as 1.")
