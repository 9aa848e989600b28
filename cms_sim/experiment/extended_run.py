"""Days with an extension's steps in them: one at a time where a step is Python, in one compiled loop otherwise.

The morning's step comes when sites have opened, staff have come and the day's conflicts have arisen, before anybody
acts; the evening's when everything of the day is over. Without steps the days are those of `cms_sim.engine.day`.

Numba keeps the compiled loop on disk under the function's name. The name holds a hash of the extension's file, so
every version of every extension has its own.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import FULL, TODAY, Plan, State
from cms_sim.engine.day import advance
from cms_sim.engine.simulate import World
from cms_sim.engine.steps.calendar import calendar
from cms_sim.engine.steps.canvass import canvass
from cms_sim.engine.steps.exposure import exposure
from cms_sim.engine.steps.head import head
from cms_sim.engine.steps.ignition import ignition
from cms_sim.engine.steps.record import record
from cms_sim.engine.steps.ripple import ripple
from cms_sim.engine.steps.shift import shift
from cms_sim.errors import InputError, RunError
from cms_sim.experiment.extension import Extension, Own, Step, is_kernel
from cms_sim.experiment.extension_cache import keep_the_last
from cms_sim.experiment.summary import Frame


def live(extension: Extension | None, world: World, plan: Plan, state: State, own: Own, until: int) -> None:
    """Live every day from the state's next one up to, but not including, `until`; stops early when a log is full."""
    if extension is None:
        advance(world.city, plan, world.rules, world.course, state, until)
    elif extension.is_compiled:
        _in_one_loop(extension, world, plan, state, own, until)
    else:
        _day_by_day(extension, world, plan, state, own, until)


def warm_up(extension: Extension | None, world: World, plan: Plan, state: State, own: Own) -> None:
    """Compile what `live` needs. The state is thrown away: a Python step is not called, but a day may pass."""
    today = int(state.count[TODAY])
    advance(world.city, plan, world.rules, world.course, state, today)
    if extension is None or extension.is_compiled:
        live(extension, world, plan, state, own, today)
    else:
        dawn(world.city, plan, world.rules, world.course, state, today)
        daylight(world.city, plan, world.rules, world.course, state, today)


def outcomes_of(extension: Extension | None, frame: Frame, state: State, own: Own) -> dict[str, float]:
    """The extension's outcomes by column. Raises RunError where it returns something else than it named."""
    if extension is None or extension.outcomes is None:
        return {}
    found = extension.outcomes(frame.world, frame.plan, state, own, frame.split, frame.until)
    if not isinstance(found, Mapping) or set(found) != set(extension.columns):
        raise RunError(
            f"outcomes returned {', '.join(found) if isinstance(found, Mapping) else type(found).__name__}",
            where=extension.where,
            remedy=f"Return a dictionary with a number for each of the columns: {', '.join(extension.columns)}.",
        )
    try:
        return {name: float(found[name]) for name in extension.columns}
    except (TypeError, ValueError) as error:
        message = f"outcomes returned something else than numbers ({error})"
        remedy = "Return a number for each column; NaN where there is none."
        raise RunError(message, where=extension.where, remedy=remedy) from error


@bare_kernel
def dawn(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """What the morning's step finds done."""
    calendar(city, plan, rules, course, state, day)
    ignition(city, plan, rules, course, state, day)


@bare_kernel
def daylight(city, plan, rules, course, state, day):  # type: ignore[no-untyped-def]
    """The rest of the day."""
    shift(city, plan, rules, course, state, day)
    canvass(city, plan, rules, course, state, day)
    head(city, plan, rules, course, state, day)
    exposure(city, rules, course, state, day)
    ripple(city, plan, rules, state, day)
    record(plan, rules, state, day)


def _day_by_day(extension: Extension, world: World, plan: Plan, state: State, own: Own, until: int) -> None:
    morning, evening = _in_python(extension.morning), _in_python(extension.evening)
    while state.count[TODAY] < until and state.count[FULL] == 0:
        day = int(state.count[TODAY])
        dawn(world.city, plan, world.rules, world.course, state, day)
        morning(world, plan, state, own, day)
        daylight(world.city, plan, world.rules, world.course, state, day)
        evening(world, plan, state, own, day)
        state.count[TODAY] = day + 1


def _in_python(step: Step | None) -> Callable[[World, Plan, State, Own, int], None]:
    """A step as Python calls it, whichever kind it is."""
    if step is None:
        return lambda world, plan, state, own, day: None
    if is_kernel(step):
        kernel = step
        return lambda world, plan, state, own, day: kernel(world.city, plan, world.rules, world.course, state, own, day)
    return step


def _in_one_loop(extension: Extension, world: World, plan: Plan, state: State, own: Own, until: int) -> None:
    from numba.core.errors import NumbaError

    try:
        _loop_of(extension)(world.city, plan, world.rules, world.course, state, own, until)
    except NumbaError as error:
        raise InputError(
            f"a step does not compile:\n{error}",
            where=extension.where,
            remedy="A kernel knows numbers, records and arrays only; a plain Python function may do all else.",
        ) from error


def _nothing(city, plan, rules, course, state, own, day):  # type: ignore[no-untyped-def]
    """The step of an extension that has none."""


_morning: Any = _nothing  # names that `_loop_of` binds anew in the loop below
_evening: Any = _nothing


def _days(city, plan, rules, course, state, own, until):  # type: ignore[no-untyped-def]
    """What is compiled with the steps of an extension."""
    while state.count[TODAY] < until and state.count[FULL] == 0:
        day = state.count[TODAY]
        dawn(city, plan, rules, course, state, day)
        _morning(city, plan, rules, course, state, own, day)
        daylight(city, plan, rules, course, state, day)
        _evening(city, plan, rules, course, state, own, day)
        state.count[TODAY] = day + 1


@lru_cache(maxsize=8)
def _loop_of(extension: Extension) -> Any:
    """The loop over days with the steps of this extension, from the cache where it has been compiled before."""
    mark = _hash_of(extension)
    nothing = _kernel_named(
        _nothing, mark, {}
    )  # its own: Numba takes one record for a part of another that begins alike
    steps = {"_morning": extension.morning or nothing, "_evening": extension.evening or nothing}
    loop = _kernel_named(_days, mark, steps)
    _tidy(loop, mark)
    return loop


def _kernel_named(template: Any, mark: str, names: Mapping[str, Any]) -> Any:
    """A template compiled with global names bound anew, under a name that holds the mark."""
    function = types.FunctionType(template.__code__, {**globals(), **names}, template.__name__)
    function.__qualname__ = f"extended{template.__name__}_{mark}"
    return bare_kernel(function)


def _tidy(kernel: Any, version: str) -> None:
    """Keep the last versions only in the folder in which Numba keeps a kernel, if it does."""
    path = getattr(getattr(kernel, "_cache", None), "cache_path", None)
    if path is not None:
        keep_the_last(Path(path), version)


def _hash_of(extension: Extension) -> str:
    """Of everything that is compiled into the loop but the engine, for which the cache has a folder of its own."""
    digest = hashlib.sha256(_tools_text())
    for name, step in extension.steps.items():
        code = step.py_func.__code__  # type: ignore[attr-defined]  # of a dispatcher
        text = extension.source.text.encode() if extension.source else Path(code.co_filename).read_bytes()
        digest.update(text + f"{name} {code.co_qualname}".encode())
    return digest.hexdigest()[:16]


def keep_apart(module: types.ModuleType, text_hash: str) -> None:
    """Let Numba keep a file's kernels under names with a hash as well: it knows an edit by time and size alone."""
    from numba.core.caching import FunctionCache
    from numba.core.dispatcher import Dispatcher

    mark = hashlib.sha256(_tools_text() + text_hash.encode()).hexdigest()[:16]
    for each in vars(module).values():
        if isinstance(each, Dispatcher) and each.py_func.__module__ == module.__name__:
            each.py_func.__qualname__ += f"_{mark}"
            if isinstance(getattr(each, "_cache", None), FunctionCache):
                each.enable_caching()
                _tidy(each, mark)


@lru_cache(maxsize=1)
def _tools_text() -> bytes:
    """The text of what extensions are compiled with, outside the engine."""
    here = Path(__file__)
    return here.read_bytes() + here.with_name("extension_tools.py").read_bytes()
