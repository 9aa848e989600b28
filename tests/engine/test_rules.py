"""The order of the day, the bounds, and the absence of any generator."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import cms_sim
from cms_sim.engine import day
from cms_sim.engine.calendar_days import SPAN_DAYS
from cms_sim.engine.rules import default_values, geometric, make_rules, poisson_cumulative
from cms_sim.engine.simulate import World, simulate
from cms_sim.errors import InputError
from tests.engine.worlds import BEGINS, make_world, plans, scenario, tables_of

PACKAGE = Path(cms_sim.__file__).parent
TABLES = tables_of(1, 2000, False)


def test_the_order_that_is_printed_is_the_order_that_is_lived() -> None:
    tree = ast.parse(inspect.getsource(day.advance.py_func))
    calls = [
        node.value.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
    ]
    assert tuple(calls) == day.ORDER


OWN_GENERATORS = ("Generator", "Philox", "PCG64", "SeedSequence")
"""What makes a generator of one's own from a key, used for resampling; the engine has not even these."""


def _global_draws(source: str) -> list[str]:
    """Imports of `random` or from `numpy.random`, and uses of NumPy's global or of an unseeded generator."""
    found = []
    seeded = set()
    for node in ast.walk(ast.parse(source)):  # breadth first: a call comes before the name that it calls
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in ("random", "secrets", "numpy.random")]
        elif isinstance(node, ast.ImportFrom) and node.module in ("random", "secrets", "numpy.random"):
            found.append(node.module)
        elif isinstance(node, ast.Call) and node.args:
            seeded.add(node.func)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.random", "numpy.random"):
            own = node.attr in OWN_GENERATORS or (node.attr == "default_rng" and node in seeded)
            found += [] if own else [node.attr]
    return found


def test_no_global_generator_anywhere_in_the_package() -> None:
    for file in PACKAGE.rglob("*.py"):
        assert not _global_draws(file.read_text(encoding="utf-8")), file


def test_no_generator_at_all_in_what_the_engine_is_made_of() -> None:
    for room in ("engine", "city", "scenario", "data"):
        for file in (PACKAGE / room).rglob("*.py"):
            assert "np.random" not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import random",
        "import numpy as np\nx = np.random.rand()",
        "from numpy.random import rand",
    ],
)
def test_that_guard_sees_generators(source: str) -> None:
    assert _global_draws(source)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shooting_chance", 0.7),
        ("shooting_chance", 0.0),
        ("shooting_chance", float("nan")),
        ("branching_retaliation", 3.0),
        ("branching_contagion", 4.0),
        ("contagion_lag_mean_days", 400.0),
        ("norm_slope", 2.5),
        ("detection", 0.2),
        ("settled_for_now", 0.5),
        ("rival_share", 0.7),
        ("caseload_limit", 33.0),
        ("fidelity_high", 1.2),
        ("peer_share", -0.1),
        ("turnover_per_year", -1.0),
        ("experience_days", 0.0),
        ("contacts_per_day", 1.5),
        ("vacancy_mean_days", float("inf")),
    ],
)
def test_a_value_beyond_the_bounds_is_an_error_that_names_the_parameter(name: str, value: float) -> None:
    with pytest.raises(InputError) as caught:
        make_rules(TABLES, {name: value})
    assert name in str(caught.value)
    assert caught.value.remedy


def test_defaults_are_inside_the_bounds_and_unknown_names_are_not_taken() -> None:
    make_rules(TABLES, default_values())
    with pytest.raises(InputError, match="shooting_chance"):
        make_rules(TABLES, {"shooting_chanse": 0.1})


def test_a_level_beyond_the_bound_names_its_precinct() -> None:
    with pytest.raises(InputError, match="precinct 11"):
        make_world(1, 2000, level=50.0)


def test_a_run_beyond_the_tables_is_refused() -> None:
    world = make_world(1, 2000)
    with pytest.raises(InputError, match=r"constants\.ends"):
        simulate(world, plans(world, scenario())[0], BEGINS, SPAN_DAYS + 1)


@pytest.mark.parametrize(("mean", "first"), [(6.0, 0), (14.0, 1), (125.0, 1), (1.0, 1)])
def test_quantiles_of_a_waiting_time_have_its_mean(mean: float, first: int) -> None:
    table = geometric(mean, first=first)
    assert table.min() >= first
    assert abs(table.mean() - mean) < 0.004 * mean + 0.01
    assert (table[1:] >= table[:-1]).all()


def test_a_table_that_cannot_hold_its_law_is_an_error() -> None:
    assert poisson_cumulative(16.0)[-1] == 1.0
    with pytest.raises(InputError, match="candidates"):
        poisson_cumulative(300.0)


def test_fewer_kinds_of_incidents_than_the_table_holds() -> None:
    """A city whose record has four victims at most."""
    victims = make_rules(TABLES)["victims"]
    assert victims.tolist()[3:] == [1.0] * 8


def test_a_course_for_other_precincts_is_refused() -> None:
    one, two = make_world(1, 1000), make_world(2, 1000)
    with pytest.raises(InputError, match="for 2 precincts, the city has 1"):
        World(one.city, one.rules, two.course)
