"""One day, eight rooms: the order of the steps, and the advance over days.

`ORDER` is the order as data (printed by `cms-sim steps`, checked against this code by a test); each step is a module
of `cms_sim.engine.steps` that declares what it reads and writes.
"""

from __future__ import annotations

from typing import Final

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import FULL, TODAY
from cms_sim.engine.steps.calendar import calendar
from cms_sim.engine.steps.canvass import canvass
from cms_sim.engine.steps.exposure import exposure
from cms_sim.engine.steps.head import head
from cms_sim.engine.steps.ignition import ignition
from cms_sim.engine.steps.record import record
from cms_sim.engine.steps.ripple import ripple
from cms_sim.engine.steps.shift import shift

ORDER: Final = ("calendar", "ignition", "shift", "canvass", "head", "exposure", "ripple", "record")
"""Steps of a day; `harm` happens inside `head`, shooting by shooting."""


@bare_kernel
def advance(city, plan, rules, course, state, until):  # type: ignore[no-untyped-def]
    """Live every day from the state's next one up to, but not including, `until`; stops early when a log is full."""
    while state.count[TODAY] < until and state.count[FULL] == 0:
        day = state.count[TODAY]
        calendar(city, plan, rules, course, state, day)
        ignition(city, plan, rules, course, state, day)
        shift(city, plan, rules, course, state, day)
        canvass(city, plan, rules, course, state, day)
        head(city, plan, rules, course, state, day)
        exposure(city, rules, course, state, day)
        ripple(city, plan, rules, state, day)
        record(plan, rules, state, day)
        state.count[TODAY] = day + 1
