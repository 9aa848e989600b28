"""What an extension costs: four years of one precinct with a site, without an extension and with the examples."""

from __future__ import annotations

import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from benchmarks import Result
from cms_sim.city.cache import load_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.arrays import Plan, State
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.course import replicate_key
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import default_values, make_rules
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import begin, make_state
from cms_sim.experiment.courses import course_of
from cms_sim.experiment.draws import fixed_draws
from cms_sim.experiment.extended_run import live
from cms_sim.experiment.extension import copy_of, load_extension
from cms_sim.experiment.levels import LevelSolver
from cms_sim.scenario.files import load_scenario

_EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
_PRECINCT = 73
_STARTS, _ENDS = dt.date(2020, 7, 1), dt.date(2024, 6, 30)
_RUNS = 31


def extension_none_ms() -> Result:
    return "extension_none_ms", _measure()["none"], "ms"


def extension_callback_ms() -> Result:
    """The curfew: a Python function each morning."""
    return "extension_callback_ms", _measure()["curfew"], "ms"


def extension_kernel_ms() -> Result:
    """The hospital programme: a kernel each morning and each evening, in one compiled loop."""
    return "extension_kernel_ms", _measure()["hospital_programme"], "ms"


def extension_compile_s() -> Result:
    """The hospital programme's first run in a process of its own, never compiled before; then that of the next one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "programme.py"
        text = (_EXAMPLES / "hospital_programme.py").read_text(encoding="utf-8")
        file.write_text(f"{text}# {os.urandom(8).hex()}\n", encoding="utf-8")
        first, second = _first_run_s(file), _first_run_s(file)
    print(f"in the second process {second:.3f} s")
    return "extension_compile_s", first, "s"


@cache
def _measure() -> dict[str, float]:
    """Median milliseconds of a run after the first, by extension, taken in turns."""
    names = ("none", "curfew", "hospital_programme")
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(_RUNS + 1):
        for name in names:
            milliseconds = _run(_EXAMPLES / f"{name}.py" if name != "none" else None)
            times[name] += [milliseconds] if turn else []
    return {name: statistics.median(measured) for name, measured in times.items()}


def _first_run_s(file: Path) -> float:
    code = "import sys, pathlib, benchmarks.extension as b; b._run(None); print(b._run(pathlib.Path(sys.argv[1])))"
    run = subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True)
    return float(run.stdout) / 1e3


@cache
def _world() -> tuple[World, Plan, State]:
    """One precinct with its site of June 2020."""
    tables, spec = load_city_tables(), NetworkSpec.of(hypothesis("city").network)
    values = {**default_values(), **fixed_draws(hypothesis("city")).of(0)}
    rules = make_rules(tables, values)
    scenario = load_scenario("sites_june_2020").restricted_to([_PRECINCT])
    frame = scenario.frame.model_copy(update={"starts": _STARTS, "ends": _ENDS, "past_months": 0})
    scenario = scenario.model_copy(update={"frame": frame})
    course = course_of(LevelSolver(tables, spec), scenario, rules, values, replicate_key(1, 0))
    world = World(load_city(tables, [_PRECINCT], spec), rules, course)
    plan = compile_plans([scenario], [_PRECINCT], values["catchment_share"])[0]
    until = day_of(_ENDS) + 1
    return world, plan, make_state(world.city, plan, until, 2 * room_for(world, until - day_of(_STARTS)))


def _run(file: Path | None) -> float:
    """Milliseconds of this process in one run with the extension of a file."""
    world, plan, state = _world()
    begins, until = day_of(_STARTS), day_of(_ENDS) + 1
    extension = load_extension(file) if file else None
    own = copy_of(extension.own(), begins) if extension else None
    clock = time.process_time()
    begin(state, begins)
    live(extension, world, plan, state, own, until)
    return (time.process_time() - clock) * 1e3
