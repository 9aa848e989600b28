"""From levels to `Course`: the background that one replicate lives through.

A precinct's background is its level (conflicts a day, season in it) times a keyed deviation of the city and of the
precinct in each year. Candidates come at a bound, a constant of the city; a level beyond it is an error that names
what to lower.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.reach import flow_weights
from cms_sim.data.city_tables import CityTables
from cms_sim.engine.calendar_days import EPOCH
from cms_sim.engine.decisions import CITY_YEAR, DEVIATION, PRECINCT_YEAR
from cms_sim.engine.rules import poisson_cumulative
from cms_sim.engine.tables import COURSE, LAYERS, MOST_MONTHS, Course, Rules
from cms_sim.errors import InputError
from cms_sim.keys import lineage, uniform

LOWEST_CHANCE: Final = 0.08
"""Smallest chance of a shooting per conflict that any draw may have: part of the bound."""
HEADROOM: Final = 6.0
"""Largest daily rate as a multiple of a precinct's mean over the record: season 1.4 x weekday 1.3 x a surge of 2 on the
planning years' 0.65, with deviations; the record's own highest year is 1.3."""
QUIET_PER_DAY: Final = 0.002
"""Incidents a day that a precinct without any in the record could have: keeps its bound above zero."""
WIDEST_DEVIATION: Final = 3.0
"""Standard deviations at which the yearly deviations are cut off (a truncated law, the same in every arm)."""
MOST_IMPORTS: Final = 0.7
"""Descendants of a shooting that may cross into other precincts: part of the bound."""


def replicate_key(seed: int, replicate: int) -> np.uint64:
    """The root of every draw of a replicate."""
    return lineage(seed, 1, replicate)


def candidate_bounds(tables: CityTables, numbers: list[int]) -> NDArray[np.float64]:
    """[precincts] background candidates a day: constants of the city, whatever the arm or the draw."""
    return HEADROOM / LOWEST_CHANCE * (mean_incidents_per_day(tables, numbers) + QUIET_PER_DAY)


def mean_incidents_per_day(tables: CityTables, numbers: list[int]) -> NDArray[np.float64]:
    """[precincts] incidents a day over the whole record."""
    rows = [tables.row(number) for number in numbers]
    days = int((tables.months[-1] + 1).astype("M8[D]").astype(int) - tables.months[0].astype("M8[D]").astype(int))
    return np.asarray(tables.incidents[rows].sum(axis=1) / days, dtype=np.float64)


def make_course(
    tables: CityTables,
    numbers: list[int],
    rules: Rules,
    key: np.uint64,
    level: NDArray[np.float64],
    imported: NDArray[np.float64],
) -> Course:
    """The course of a replicate.

    `level` [precincts, months since January 2006]: background conflicts a day on an average weekday, season in it;
    `imported` the same for conflicts from precincts not in play. Raises InputError when a level exceeds the city's
    bound.
    """
    bound = candidate_bounds(tables, numbers)
    import_bound = _import_bounds(tables, numbers)
    deviation = deviations(rules, key, numbers, level.shape[1])
    lived = level * deviation
    lived, imported = _over_all_months(lived), _over_all_months(imported)
    peak, import_peak = _peaks(rules, lived), _peaks(rules, imported)
    _check(numbers, peak.max(axis=1), bound)
    _check(numbers, import_peak.max(axis=1), import_bound)
    course = np.zeros(1, dtype=COURSE)[0]
    count = len(numbers)
    course["key"] = key
    course["level"][:count] = lived
    course["imported"][:count] = imported
    course["width"][:count] = bound / LAYERS
    course["import_width"][:count] = import_bound / LAYERS
    course["peak"][:count] = peak
    course["import_peak"][:count] = import_peak
    course["counts"][:count] = [poisson_cumulative(mean) for mean in bound / LAYERS]
    course["import_counts"][:count] = [poisson_cumulative(mean) for mean in import_bound / LAYERS]
    return course


def deviations(rules: Rules, key: np.uint64, numbers: list[int], n_months: int) -> NDArray[np.float64]:
    """[precincts, months] yearly deviations of mean 1: the city's, and each precinct's own around it."""
    from scipy import special

    years = np.arange(n_months) // 12
    root = lineage(key, DEVIATION)
    edge = special.ndtr(-WIDEST_DEVIATION)

    def factor(branch: np.uint64, spread: float) -> NDArray[np.float64]:
        u = np.array(
            [uniform(lineage(branch, EPOCH.year + int(year)), DEVIATION) for year in range(int(years[-1]) + 1)]
        )
        z = special.ndtri(edge + u * (1.0 - 2.0 * edge))
        return np.asarray(np.exp(spread * z - spread**2 / 2.0), dtype=np.float64)

    city = factor(lineage(root, CITY_YEAR), float(rules["yearly_city_spread"]))
    own = [factor(lineage(root, PRECINCT_YEAR, number), float(rules["yearly_precinct_spread"])) for number in numbers]
    return np.stack([(city * each)[years] for each in own])


def import_levels(
    tables: CityTables, numbers: list[int], rules: Rules, crossing: float, incidents: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[precincts, months] conflicts a day that descend from shootings in precincts not in play.

    `incidents` [all precincts of the tables, months]: expected incidents a day there, season in it; `crossing`: share
    of descendants that arise in another precinct than their parent.
    """
    per_shooting = rules["branching_retaliation"] / (rules["shooting_chance"] * rules["retaliation_heat"])
    per_shooting += rules["branching_contagion"] / rules["shooting_chance"]
    inflow = _inflow(tables, numbers, incidents)
    return np.asarray(inflow * float(per_shooting) * crossing, dtype=np.float64)


def _inflow(tables: CityTables, numbers: list[int], amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """[precincts, ...] what flows into each precinct from those not in play, by the weights of their cross ties."""
    return np.asarray(_import_weights(tables, tuple(numbers)).T @ amount, dtype=np.float64)


@lru_cache(maxsize=8)
def _import_weights(tables: CityTables, numbers: tuple[int, ...]) -> NDArray[np.float64]:
    """[all precincts, precincts in play] where the cross ties of those not in play lead."""
    inside = {number: slot for slot, number in enumerate(numbers)}
    weights = np.zeros((len(tables.precincts), len(numbers)))
    for row, precinct in enumerate(tables.precincts):
        if precinct.number not in inside:
            for other, weight in flow_weights(tables, precinct.number).items():
                if other in inside:
                    weights[row, inside[other]] = weight
    return weights


def _import_bounds(tables: CityTables, numbers: list[int]) -> NDArray[np.float64]:
    everyone = mean_incidents_per_day(tables, [precinct.number for precinct in tables.precincts]) + QUIET_PER_DAY
    return _inflow(tables, numbers, everyone) * HEADROOM / LOWEST_CHANCE * MOST_IMPORTS


def _over_all_months(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last year's levels go on for heads that fall beyond the years given."""
    beyond = MOST_MONTHS - level.shape[1]
    tail = np.tile(level[:, -12:], (1, beyond // 12 + 1))[:, :beyond]
    return np.concatenate([level, tail], axis=1)


def _peaks(rules: Rules, level: NDArray[np.float64]) -> NDArray[np.float64]:
    """[precincts, months] the highest rate that a conflict which arises in the month can meet at its head."""
    months = int(rules["duration"].max()) // 28 + 2
    ahead = np.pad(level, ((0, 0), (0, months - 1)), mode="edge")
    return np.asarray(
        np.lib.stride_tricks.sliding_window_view(ahead, months, axis=1).max(axis=2) * rules["weekday"].max()
    )


def _check(numbers: list[int], peak: NDArray[np.float64], bound: NDArray[np.float64]) -> None:
    for number, rate, most in zip(numbers, peak, bound, strict=True):
        if rate > most:
            raise InputError(
                f"precinct {number} would reach {rate:.2f} background conflicts a day, beyond the bound of {most:.2f}",
                where="background level (planning_level, surge, shooting_chance)",
                remedy="Lower the surge or planning_level, or raise shooting_chance; the bound keeps arms comparable.",
            )
