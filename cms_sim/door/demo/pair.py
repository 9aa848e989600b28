"""The pair: the same neighbourhood lived twice, day by day, with the same dice; on the right with the programme.

A run is its settings on the first day and the changes made since, each on its day: the same again gives the same
events, so that going back, exporting and taking up a lost page are all one thing, living the days again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast, get_args

import numpy as np

from cms_sim.door.demo.faults import InputFault
from cms_sim.door.demo.neighbourhood import FULL_SIZE, NUMBER, STARTS, UNTIL, WEEKLY_AT_TEMPLATE, load_neighbourhood
from cms_sim.door.demo.settings import AT_RESTART, MOST_POSTS, ROLES, Settings, ShiftName
from cms_sim.door.mesa_residents import Residents
from cms_sim.engine.arrays import FULL, TODAY, Plan, State
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.course import replicate_key
from cms_sim.engine.day import advance
from cms_sim.engine.plan import FOR_EVER, NEVER, compile_plans
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import begin, make_state
from cms_sim.engine.tables import Course, Rules
from cms_sim.keys import uniform

LEFT: Final = 0
RIGHT: Final = 1
BEGINS: Final = day_of(STARTS)
ENDS: Final = day_of(UNTIL)
WEEK: Final = 7
MOST_CHANGES: Final = 300
CREDIBILITY_WIDTH: Final = 0.2
RETALIATION_SHARE: Final = 0.12
"""Share of contagion that is retaliation: 0.05 of 0.43, as in the reading of Chicago's networks (T3-003)."""
_SHIFTS: Final = get_args(ShiftName)
WORSE_DAYS: Final = 182
WORSE_FACTOR: Final = 2.0


@dataclass
class Side:
    """One of the two neighbourhoods as it stands. Has what `Residents` asks of a model."""

    world: World
    plan: Plan
    state: State

    @property
    def next_day(self) -> int:
        """The day that comes next."""
        return int(self.state.count[TODAY])

    @property
    def city(self) -> Any:
        """The arrays of the neighbourhood."""
        return self.world.city

    @property
    def rules(self) -> Rules:
        """The parameters."""
        return self.world.rules

    def residents(self, index: Any) -> Residents:
        """Residents as columns."""
        return Residents(cast(Any, self), index)


class Pair:
    """Both sides, and what was chosen when."""

    def __init__(
        self, settings: Settings, changes: Sequence[tuple[int, Mapping[str, Any]]] = (), *, weekly: bool = True
    ) -> None:
        """`changes`: (day since the start, settings by name), ascending. `weekly`: whether weeks are noted."""
        self.base = settings
        self.changes: list[tuple[int, dict[str, Any]]] = [(day, dict(change)) for day, change in changes]
        self.sides: tuple[Side, Side]
        self.weeks: list[list[list[float]]]
        self._weekly = weekly
        self._room = 0
        self._begin()

    # Where it stands

    @property
    def day(self) -> int:
        """Days lived so far."""
        return self.sides[LEFT].next_day - BEGINS

    @property
    def settings(self) -> Settings:
        """What holds (or will from the next day on), as chosen by this evening."""
        settings = self.base
        for day, change in self.changes:
            if day <= self.day:
                settings = settings.changed(change)
        return settings

    # Living

    def advance_to(self, day: int) -> None:
        """Live on until so many days have been lived; at most to the end of the calendar."""
        day = min(day, ENDS - BEGINS)
        while self.day < day:
            self._apply(self.day)
            week_ends = (self.day // WEEK + 1) * WEEK
            self._live_to(min(day, week_ends, self._next_change()))
            if self.day % WEEK == 0:
                self._note_week()

    def go_to(self, day: int) -> None:
        """Be at the evening after so many days: on from here, or lived again from the start."""
        if day < self.day:
            self._begin()
        self.advance_to(day)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Choose something else from the next day on; what was chosen for later days falls away. InputError."""
        waiting = [name for name in changes if name in AT_RESTART]
        if waiting:
            raise InputFault("waits", where=waiting[0])
        self.settings.changed(changes)
        kept = [(day, change) for day, change in self.changes if day < self.day]
        today = next((change for day, change in self.changes if day == self.day), {})
        if len(kept) >= MOST_CHANGES:
            raise InputFault("too_many_changes", where="settings", most=MOST_CHANGES)
        self.changes = [*kept, (self.day, {**today, **changes})]

    def _begin(self) -> None:
        settings, made = self.base, load_neighbourhood(self.base.residents)
        rules = made.rules.copy()
        course = _course(made.course, made.rules, settings)
        world = World(made.city, rules, course)
        self._room = max(self._room, 2 * room_for(world, ENDS - BEGINS))
        plans = _plans(float(settings.coverage))
        self.sides = (self._side(world, plans[LEFT]), self._side(world, plans[RIGHT]))
        self.weeks = [[], []]
        self._write(settings, BEGINS)
        self._note_week()

    def _side(self, world: World, plan: Plan) -> Side:
        state = make_state(world.city, plan, ENDS, self._room)
        begin(state, BEGINS)
        return Side(world, plan._replace(term=plan.term.copy(), post=plan.post.copy(), site=plan.site.copy()), state)

    def _next_change(self) -> int:
        return next((day for day, _ in self.changes if day > self.day), ENDS)

    def _apply(self, today: int) -> None:
        """Write what was chosen for this morning, if anything was."""
        if any(day == today for day, _ in self.changes):
            self._write(self.settings, BEGINS + today)

    def _live_to(self, day: int) -> None:
        for side in self.sides:
            advance(side.world.city, side.plan, side.world.rules, side.world.course, side.state, BEGINS + day)
        if any(side.state.count[FULL] for side in self.sides):  # lived again with more room: the same events
            self._room *= 2
            self._begin()
            self.advance_to(day)

    def _note_week(self) -> None:
        from cms_sim.door.demo.numbers import week_line

        if not self._weekly:
            return
        for noted, side in zip(self.weeks, self.sides, strict=True):
            noted.append(week_line(side))

    # What was chosen, written where the engine reads it

    def _write(self, settings: Settings, day: int) -> None:
        rules = self.sides[LEFT].world.rules  # one record for both
        rules["branching_retaliation"] = settings.contagion * RETALIATION_SHARE
        rules["branching_contagion"] = settings.contagion * (1.0 - RETALIATION_SHARE)
        rules["credibility_low"] = max(0.0, settings.credibility - CREDIBILITY_WIDTH)
        rules["credibility_high"] = min(1.0, settings.credibility + CREDIBILITY_WIDTH)
        right = self.sides[RIGHT]
        opens = BEGINS + settings.opens_after_days
        self._write_posts(right, settings.staff, day, opens)
        self._write_site(right, settings, day, opens)

    def _write_posts(self, right: Side, staff: tuple[int, ...], day: int, opens: int) -> None:
        """A post that is wanted begins with the day (or the site), one that is not ends with it."""
        from cms_sim.engine.decisions import CREDIBILITY

        number = np.zeros(len(MOST_POSTS), dtype=np.int64)
        for index, post in enumerate(right.plan.post):
            role = int(post["role"])
            wanted = number[role] < staff[role]
            number[role] += 1
            there = post["from_day"] != NEVER and post["from_day"] < day < post["until_day"]
            if wanted and not there:
                post["from_day"], post["until_day"] = max(day, opens), FOR_EVER
            elif not wanted:
                post["from_day"] = post["from_day"] if there else NEVER
                post["until_day"] = day if there else NEVER
            here = right.state.post[index]
            if here["filled"]:
                low, high = right.rules["credibility_low"], right.rules["credibility_high"]
                here["credibility"] = low + (high - low) * uniform(here["key"], np.int64(CREDIBILITY))

    def _write_site(self, right: Side, settings: Settings, day: int, opens: int) -> None:
        """The site's dated term, and what it has today; without any post there is no site."""
        term, site = right.plan.term[0], right.state.site[0]
        shift = _shift_index(settings.shift)
        term["slots"], term["delay"], term["shift"] = settings.slots, settings.payment_delay_days, shift
        staffed = any(settings.staff)
        if not staffed:
            term["from_day"], term["until_day"] = NEVER, day
        elif not site["open"]:
            term["from_day"], term["until_day"] = max(day, opens), FOR_EVER
            right.plan.site[0]["opens"] = term["from_day"]
        if site["open"] and staffed:
            site["slots"], site["delay"], site["shift"] = settings.slots, settings.payment_delay_days, shift


def _course(kept: Course, rules: Rules, settings: Settings) -> Course:
    """The course that is kept, at the settings' level and with their dice."""
    course = kept.copy()
    course["key"] = replicate_key(settings.seed, 0)
    level = settings.conflicts_per_week / WEEKLY_AT_TEMPLATE * settings.residents / FULL_SIZE
    most = WORSE_FACTOR if settings.worse_before_opening else 1.0
    course["level"][0] *= level
    course["peak"][0] *= level * most  # a bound: it may lie above what is ever reached
    if settings.worse_before_opening:
        opens = BEGINS + settings.opens_after_days
        worse = {int(rules["month_of"][day]) for day in range(max(BEGINS, opens - WORSE_DAYS), opens)}
        course["level"][0][sorted(worse)] *= WORSE_FACTOR
    return course


@lru_cache(maxsize=8)
def _plans(coverage: float) -> tuple[Plan, Plan]:
    """Without and with a site that has every post that can be chosen; which of them there are is written later."""
    from cms_sim.scenario.resolved import Frame, Scenario, Site, SiteTerm
    from cms_sim.scenario.schema import SHARED_SHIFTS, Services, Staff

    frame = Frame(precincts=(NUMBER,), starts=STARTS, ends=date(2028, 5, 31), past_months=0, city_folder=None)
    whole = Staff(**dict(zip(ROLES, MOST_POSTS, strict=True)))
    rest: dict[str, Any] = {"services": Services(), "until_date": None, "payment_delay_days": 0}
    term = SiteTerm(from_date=STARTS, shift="evenings", staff=whole, **rest)
    site = Site(precinct=NUMBER, site_id=1, provider="", catchment_share=coverage, terms=(term,))
    words = {"title": "", "summary": "", "reference": "", "default_set": False, "order": 0, "folder": Path()}
    world: dict[str, Any] = {"frame": frame, "patrols": (), "surges": (), "parameters": {}, "budget": None, **words}
    shifts = {name: SHARED_SHIFTS[name] for name in _SHIFTS}
    sides = [Scenario(name=f"side {k}", sites=(site,) * k, shifts=shifts, **world) for k in (0, 1)]
    left, right = compile_plans(sides, [NUMBER], coverage)
    return left, right


def _shift_index(name: str) -> int:
    """Place of a shift in the plan's table, which is sorted by weekdays and hours."""
    from cms_sim.scenario.schema import SHARED_SHIFTS, WEEKDAYS

    def key(each: str) -> tuple[Any, ...]:
        shift = SHARED_SHIFTS[each]
        return tuple(sorted(map(WEEKDAYS.index, shift.weekdays))), shift.from_hour, shift.to_hour

    return sorted(_SHIFTS, key=key).index(name)
