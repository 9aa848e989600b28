"""From a parameter draw to `Rules`: the numbers as one record, and the tables that decisions read.

Tables are made here once, with NumPy, so that neither the compiled engine nor the slow reference calls `exp` or `log`
when it decides. What they may hold is checked in `bounds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import CityTables
from cms_sim.data.parameters import load_parameters
from cms_sim.engine.bounds import check_bounds, check_ranges
from cms_sim.engine.calendar_days import SPAN_DAYS, months, weekdays
from cms_sim.engine.tables import MOST_CANDIDATES, QUANTILES, RULES_TABLES, Rules
from cms_sim.errors import InputError, nearest

MOST_VICTIMS = 12
_SERVICE_PARAMETERS = ("employment", "mental_health", "counselling", "school", "legal")


def behaviour_parameters() -> tuple[str, ...]:
    """Names of the parameters that the engine reads: all but the network's."""
    return tuple(name for name, row in load_parameters().items() if row.theme != "network")


def default_values() -> dict[str, float]:
    """Default of every parameter that the engine reads."""
    table = load_parameters()
    return {name: table[name].default for name in behaviour_parameters()}


def make_rules(tables: CityTables, values: Mapping[str, float] | None = None) -> Rules:
    """Rules of one parameter draw: `values` by name, the others at their defaults.

    Raises InputError for an unknown parameter, and for values beyond what the engine's bounds hold.
    """
    known = default_values()
    for name in values or {}:
        if name not in known:
            raise InputError(f"unknown parameter '{name}'", remedy=nearest(name, known))
    known.update(values or {})
    check_ranges(known)
    rules = np.zeros(1, dtype=[*((name, "f8") for name in behaviour_parameters()), *RULES_TABLES])[0]
    for name, value in known.items():
        rules[name] = value
    rules["duration"] = geometric(known["conflict_duration_mean_days"], first=0)
    rules["lag_retaliation"] = geometric(known["retaliation_lag_mean_days"], first=1)
    rules["lag_contagion"] = geometric(known["contagion_lag_mean_days"], first=1)
    rules["respite"] = geometric(known["respite_mean_days"], first=1)
    rules["vacancy"] = geometric(known["vacancy_mean_days"], first=1)
    rules["client_stay"] = geometric(known["client_stay_mean_days"], first=1)
    rules["exponential"] = -np.log1p(-_midpoints())
    rules["weekday"], rules["season"], rules["hour"] = profiles(tables)
    rules["victims"] = _victims(tables)
    rules["children"] = poisson_cumulative(1.0)
    rules["profile_peak"] = rules["weekday"].max() * rules["season"].max()
    rules["fade_trauma"] = _fade(known["trauma_half_life_days"])
    rules["fade_norm"] = rules["fade_trust"] = _fade(known["norm_half_life_days"])
    rules["service_effect"] = [known[f"{kind}_effect"] for kind in _SERVICE_PARAMETERS]
    rules["service_days"] = [int(known[f"{kind}_days"]) for kind in _SERVICE_PARAMETERS]
    rules["month_of"] = months()
    rules["season_month_of"] = rules["month_of"] % 12
    rules["weekday_of"] = weekdays()
    check_bounds(known, rules)
    return rules


def profiles(tables: CityTables) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The city's weekday factor [7] and season [12], both of mean 1, and quantiles of the hour by weekday [7, 4096]."""
    by_weekday = tables.weekday_hour.sum(axis=1).astype(np.float64)
    weekday = by_weekday / by_weekday.mean()
    month_of_year = (tables.months.astype("M8[M]").astype(np.int64)) % 12
    days = ((tables.months + 1).astype("M8[D]") - tables.months.astype("M8[D]")).astype(np.float64)
    total = tables.incidents.sum(axis=0)
    season = np.array([total[month_of_year == m].sum() / days[month_of_year == m].sum() for m in range(12)])
    hours = np.array([_quantile_table(row) for row in tables.weekday_hour])
    return weekday, season / season.mean(), hours


def geometric(mean_days: float, *, first: int) -> NDArray[np.int64]:
    """[4096] quantiles of a geometric waiting time with this mean that starts at `first` days."""
    rest = mean_days - first
    if rest <= 0:
        return np.full(QUANTILES, first, dtype=np.int64)
    stay = rest / (1.0 + rest)
    waits: NDArray[np.int64] = np.floor(np.log1p(-_midpoints()) / np.log(stay)).astype(np.int64)
    return first + waits


@lru_cache(maxsize=512)
def poisson_cumulative(mean: float) -> NDArray[np.float64]:
    """[MOST_CANDIDATES] cumulative probabilities of a Poisson number; ones where the rest is below 1e-12."""
    from scipy import stats

    table = np.asarray(stats.poisson.cdf(np.arange(MOST_CANDIDATES), mean), dtype=np.float64)
    if table[-1] < 1.0 - 1e-9:
        raise InputError(
            f"{mean:.0f} candidates in a layer are more than the engine's tables of {MOST_CANDIDATES} hold",
            remedy="Use smaller precincts, or raise MOST_CANDIDATES in cms_sim/engine/tables.py.",
        )
    table[table > 1.0 - 1e-12] = 1.0
    return table


def _midpoints() -> NDArray[np.float64]:
    return (np.arange(QUANTILES) + 0.5) / QUANTILES


def _quantile_table(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    cumulative = np.cumsum(counts) / counts.sum()
    return np.searchsorted(cumulative, _midpoints(), side="right").astype(np.int64)


def _victims(tables: CityTables) -> NDArray[np.float64]:
    counts = np.asarray(tables.victims_per_incident, dtype=np.float64)
    table = np.ones(MOST_VICTIMS - 1)
    cumulative = (np.cumsum(counts) / counts.sum())[: MOST_VICTIMS - 1]
    table[: cumulative.size] = cumulative
    return table


def _fade(half_life_days: float) -> NDArray[np.float64]:
    return np.asarray(0.5 ** (np.arange(SPAN_DAYS + 1) / half_life_days), dtype=np.float64)
