"""The course of a replicate under a scenario's uncertainties: levels of the draw, planning years, surges, imports."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import CityTables
from cms_sim.engine.calendar_days import month_index
from cms_sim.engine.course import import_levels, make_course
from cms_sim.engine.tables import Course, Rules
from cms_sim.experiment.levels import LevelSolver, background
from cms_sim.scenario.resolved import Scenario


def course_of(
    solver: LevelSolver, scenario: Scenario, rules: Rules, values: Mapping[str, float], key: np.uint64
) -> Course:
    """The course with root `key` for the scenario's precincts and months, under the draw `values` (and its `rules`)."""
    level, imported = levels_of(solver, scenario, rules, values)
    return make_course(solver.tables, list(scenario.frame.precincts), rules, key, level, imported)


def levels_of(
    solver: LevelSolver, scenario: Scenario, rules: Rules, values: Mapping[str, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[precincts in play, months] conflicts a day that arise there, and that come from precincts not in play: what
    the courses of one draw have in common.
    """
    tables, numbers = solver.tables, list(scenario.frame.precincts)
    months = month_index(scenario.frame.ends) + 1
    expected = expected_incidents(solver, scenario, values, months)
    solved = solver.solve(values)
    begins = month_index(scenario.frame.past_starts)
    level = background(tables, expected, values, solved, begins)[[tables.row(number) for number in numbers]]
    return level, import_levels(tables, numbers, rules, solved.crossing, expected)


def expected_incidents(
    solver: LevelSolver, scenario: Scenario, values: Mapping[str, float], months: int
) -> NDArray[np.float64]:
    """[all precincts, months] incidents a day without a programme: the record, then planning years, surges on top."""
    expected = solver.record.incidents_per_day(months)
    planning = np.arange(months) >= solver.record.factor.shape[1]
    return np.where(planning, expected * values["planning_level"], expected) * _surges(solver.tables, scenario, months)


def _surges(tables: CityTables, scenario: Scenario, months: int) -> NDArray[np.float64]:
    """[all precincts, months] product of the surges' factors; a surge counts from and to the month that it names."""
    factor = np.ones((len(tables.precincts), months))
    for surge in scenario.surges:
        rows = [tables.row(number) for number in surge.precincts or tables.numbers]
        when = slice(month_index(surge.from_date), max(0, month_index(surge.until_date)))
        factor[rows, when] *= surge.factor
    return factor
