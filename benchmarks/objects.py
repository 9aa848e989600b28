"""The engine against the same rules as a Mesa user would write them: every resident an agent, stepped every day."""

from __future__ import annotations

import statistics
import time

from benchmarks import Result

_RESIDENTS = 10_000
_DAYS = 365
_ENGINE_RUNS = 50


def speedup_over_objects() -> Result:
    """One precinct of 10,000 residents with a site, one year; both give the identical event log, checked here."""
    from cms_sim.engine.day import advance
    from cms_sim.engine.simulate import simulate
    from cms_sim.engine.state import begin
    from tests.engine.logs import log_of, log_of_reference
    from tests.engine.worlds import BEGINS, make_world, plans, scenario, site
    from tests.reference.model import CityModel

    world = make_world(1, _RESIDENTS, level=1.0)
    plan = plans(world, scenario([site(11, share=1.0)]))[0]
    until = BEGINS + _DAYS
    state = simulate(world, plan, BEGINS, until)
    model = CityModel(world.city, world.rules, world.course, plan, BEGINS, until)
    clock = time.perf_counter()
    model.run()
    objects = time.perf_counter() - clock
    if log_of(world, plan, state) != log_of_reference(model):
        raise SystemExit("the two event logs differ: a time without the same events is no comparison")
    times = []
    for _ in range(_ENGINE_RUNS):
        clock = time.perf_counter()
        begin(state, BEGINS)
        advance(world.city, plan, world.rules, world.course, state, until)
        times.append(time.perf_counter() - clock)
    return "speedup_over_objects", objects / statistics.median(times), "times"
