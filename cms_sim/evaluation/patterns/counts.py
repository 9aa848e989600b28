"""Shootings and people shot by precinct and month, and how they lie in time and space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def day_profile(everywhere: Counts, first_day: int) -> NDArray[np.float64]:
    """[days] factor of season and weekday of each day from `first_day` on, as the counts [days] of the whole city have
    them in these years.
    """
    days = slice(first_day, first_day + len(everywhere))
    return _means(everywhere, months()[days] % 12) * _means(everywhere, weekdays()[days])


def _means(counts: Counts, kind: NDArray[np.integer]) -> NDArray[np.float64]:
    """[days] the mean of the days of its kind; never 0, so that a year can be spread by it."""
    mean = np.bincount(kind, counts) / np.maximum(1, np.bincount(kind))
    return np.asarray(np.maximum(mean, 1e-12)[kind])
