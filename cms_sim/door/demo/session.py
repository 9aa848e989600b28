"""One page's session: its pair of neighbourhoods, and the answer to each of its requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cms_sim.door.demo import messages
from cms_sim.door.demo.family import family, mediated
from cms_sim.door.demo.faults import InputFault
from cms_sim.door.demo.lessons import Lesson
from cms_sim.door.demo.numbers import conflicts_of
from cms_sim.door.demo.pair import Pair
from cms_sim.door.demo.scenes import Sent
from cms_sim.door.demo.settings import AT_RESTART, Settings, limits
from cms_sim.door.demo.tally import numbers_of_others, others, tally, throw_others

if TYPE_CHECKING:
    from cms_sim.door.demo.city_map import CityMaps

CHUNK_DAYS: Final = 120
"""A long way is lived in parts, so that other pages are answered in between."""
MOST_KEPT: Final = 10


def pair_of(recipe: messages.Recipe) -> Pair:
    """A run by its recipe, at its first day. InputError for settings that cannot be chosen."""
    base = Settings().changed(recipe.settings)
    settings, last = base, -1
    for day, change in recipe.changes:
        waiting = [name for name in change if name in AT_RESTART]
        if day < last or waiting:
            where = waiting[0] if waiting else "changes"
            raise InputFault("recipe", where=where)
        settings, last = settings.changed(change), day
    return Pair(base, recipe.changes)


class Session:
    """State between the requests of one page. Closing the page drops it; its recipe brings it back."""

    def __init__(self, lessons: Mapping[str, Lesson], maps: CityMaps) -> None:
        self._lessons = lessons
        self._maps = maps
        self._pair: Pair | None = None
        self._sent = Sent()
        self._waiting: dict[str, Any] = {}
        self._kept: dict[str, dict[str, float]] = {}

    async def answer(self, request: Any) -> dict[str, Any]:
        """The reply to a checked request. InputError for what cannot be done."""
        handler = getattr(self, f"_{request.kind}")
        reply: dict[str, Any] = await handler(request)
        return reply

    @property
    def pair(self) -> Pair:
        """The run."""
        if self._pair is None:
            raise InputFault("no_run", where="message")
        return self._pair

    # The run

    async def _hello(self, request: messages.Hello) -> dict[str, Any]:
        day = request.recipe.day if request.recipe else 0
        self._pair = pair_of(request.recipe) if request.recipe else Pair(Settings())
        self._waiting = {}
        self._kept = {name: dict(numbers) for name, numbers in request.kept.items()}
        await self._live_to(day)
        return {**self._scene(with_place=True), "limits": limits()}

    async def _go(self, request: messages.Go) -> dict[str, Any]:
        since = self.pair.day
        self.pair.advance_to(since + request.days)
        reply = self._sent.days(self.pair, since)
        return {**reply, "map": self._maps.counts(self.pair)} if request.map else reply

    async def _jump(self, request: messages.Jump) -> dict[str, Any]:
        if request.day < self.pair.day:
            self.pair.go_to(0)
        await self._live_to(request.day)
        return self._scene(with_place=False)

    async def _start(self, request: messages.StartAgain) -> dict[str, Any]:
        chosen = Settings() if request.reset else self.pair.settings.changed(self._waiting)
        settings = chosen.changed(request.changes)
        new_size = settings.residents != self.pair.base.residents
        self._pair, self._waiting = Pair(settings), {}
        return self._scene(with_place=new_size)

    async def _change(self, request: messages.Change) -> dict[str, Any]:
        chosen = self.pair.settings.changed({**self._waiting, **request.changes})  # all of it must be possible
        at_once = {name: value for name, value in request.changes.items() if name not in AT_RESTART}
        if at_once:
            self.pair.change({name: getattr(chosen, name) for name in at_once})
        waiting = {name: getattr(chosen, name) for name in {**self._waiting, **request.changes} if name in AT_RESTART}
        self._waiting = {name: value for name, value in waiting.items() if value != getattr(self.pair.base, name)}
        return {"kind": "changed", **self._chosen()}

    def _scene(self, *, with_place: bool) -> dict[str, Any]:
        return {**self._sent.scene(self.pair, with_place=with_place), **self._chosen()}

    def _chosen(self) -> dict[str, Any]:
        """What holds, what waits for the next start, and the recipe that brings the run back."""
        pair = self.pair
        recipe = {"settings": pair.base.model_dump(), "changes": pair.changes, "day": pair.day}
        return {"settings": pair.settings.model_dump(), "waiting": self._waiting, "recipe": recipe}

    async def _live_to(self, day: int) -> None:
        while self.pair.day < day:
            self.pair.advance_to(min(day, self.pair.day + CHUNK_DAYS))
            await asyncio.sleep(0)

    # Looking closer

    async def _family(self, request: messages.Family) -> dict[str, Any]:
        if request.row >= len(conflicts_of(self.pair.sides[request.side])):
            raise InputFault("no_conflict", where="row")
        return {"kind": "family", **family(self.pair, request.side, request.row)}

    async def _mediated(self, request: messages.Mediated) -> dict[str, Any]:
        return {"kind": "mediated", **mediated(self.pair)}

    async def _others(self, request: messages.Others) -> dict[str, Any]:
        table = await asyncio.to_thread(throw_others, self.pair)
        return {"kind": "others", **numbers_of_others(table), "others_each": table[:, 2].tolist()}

    async def _map(self, request: messages.Map) -> dict[str, Any]:
        await self._maps.ready(self.pair.base.seed)
        return {"kind": "map", "map": self._maps.counts(self.pair), "tiles": self._maps.tiles(self.pair)}

    # Lessons

    def _lesson_named(self, name: str) -> Lesson:
        if name not in self._lessons:
            raise InputFault("no_lesson", where="lesson")
        return self._lessons[name]

    async def _lesson(self, request: messages.Tell) -> dict[str, Any]:
        return {"kind": "lesson", **self._lesson_named(request.name).told(request.name, request.language)}

    async def _fill(self, request: messages.Fill) -> dict[str, Any]:
        lesson = self._lesson_named(request.name)
        if request.step >= len(lesson.steps):
            raise InputFault("no_step", where="step")
        numbers = await self._numbers(lesson.steps[request.step].others)
        return {"kind": "filled", "text": lesson.filled(request.step, request.part, numbers, request.language)}

    async def _keep(self, request: messages.Keep) -> dict[str, Any]:
        if request.name not in self._kept and len(self._kept) >= MOST_KEPT:
            raise InputFault("too_much_kept", where="keep")
        own = {name: value for name, value in (await self._numbers(request.others)).items() if "." not in name}
        self._kept[request.name] = own
        return {"kind": "kept", "kept": self._kept}

    async def _numbers(self, with_others: bool) -> dict[str, float]:
        kept = {f"{name}.{own}": value for name, numbers in self._kept.items() for own, value in numbers.items()}
        thrown = await asyncio.to_thread(others, self.pair) if with_others else {}
        return {**kept, **tally(self.pair), **thrown}
