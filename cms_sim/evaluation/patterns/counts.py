"""Shootings and people shot by precinct and month, and how they lie in time and space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import CityTables
from cms_sim.engine.calendar_days import months, weekdays
from cms_sim.experiment.hindcast import Lived

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Monthly:
    """[precincts, months] each."""

    incidents: Counts
    victims: Counts
    killed: Counts
    fatal: Counts
    """Incidents in which somebody died."""


def monthly(lived: Lived) -> Monthly:
    """The counts of a history."""
    rows = lived.shootings
    place = rows["slot"].astype(np.int64) * lived.months + months()[rows["head_day"]]

    def tally(weights: NDArray[Any] | None = None) -> Counts:
        size = len(lived.city.precinct) * lived.months
        return np.bincount(place, weights, size).astype(np.int64).reshape(-1, lived.months)

    return Monthly(tally(), tally(rows["victims"]), tally(rows["killed"]), tally(rows["killed"] > 0))


def by_year(counts: Counts) -> Counts:
    """[..., years] of [..., months]; whole years."""
    return np.asarray(counts.reshape(*counts.shape[:-1], -1, 12).sum(axis=-1))


def busiest(counts: Counts, number: int, last_years: int) -> NDArray[np.intp]:
    """Rows of the precincts with most in the last years (ties: the first ones)."""
    return np.argsort(-counts[:, -12 * last_years :].sum(axis=1), kind="stable")[:number]


def daily(lived: Lived, rows: NDArray[np.intp], first_day: int, until: int) -> Counts:
    """[rows, days] incidents of these precincts."""
    inside = (lived.shootings["head_day"] >= first_day) & (lived.shootings["head_day"] < until)
    shootings = lived.shootings[inside]
    order = np.full(len(lived.city.precinct), -1)
    order[rows] = np.arange(len(rows))
    mine = order[shootings["slot"]]
    days = until - first_day
    place = mine * days + shootings["head_day"] - first_day
    return np.bincount(place[mine >= 0], minlength=len(rows) * days).reshape(len(rows), days)


@lru_cache(maxsize=4)
def day_profile(tables: CityTables, until: int) -> NDArray[np.float64]:
    """[days] factor of season and weekday of each day."""
    from cms_sim.engine.rules import profiles

    weekday, season, _ = profiles(tables)
    factor: NDArray[np.float64] = weekday[weekdays()[:until]] * season[months()[:until] % 12]
    return factor
