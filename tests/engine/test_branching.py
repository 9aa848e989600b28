"""Without programme and feedbacks the city is a branching process, whose closed forms it must meet.

Everyone falls out with kin, nobody dies, and a victim retaliates on the shooter, so that no candidate is ever
refused: an infinite pool. Shootings of a day are then a Poisson number of background ones plus, for each earlier
shooting, a Poisson number with a known lag. Each check's false-alarm rate is below 1 in 10,000; keys are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import lgamma

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from cms_sim.engine.arrays import N_CONFLICTS, OUTCOME_SHOOTING
from cms_sim.engine.course import replicate_key
from cms_sim.engine.day import advance
from cms_sim.engine.simulate import World, room_for
from cms_sim.engine.state import begin, make_state
from tests.engine.worlds import BEGINS, make_world, plans, scenario

CHANCE, RETALIATION, CONTAGION = 0.16, 0.2, 0.3
RATIO = RETALIATION + CONTAGION
LEVEL = 1.5
DAYS, MONTH = 360, 30
REPLICATES = 6000
SURE = stats.norm.isf(1e-5 / 2)
PLAIN = {
    "shooting_chance": CHANCE,
    "branching_retaliation": RETALIATION,
    "branching_contagion": CONTAGION,
    "contagion_lag_mean_days": 30.0,
    "retaliation_heat": 1.0,
    "rival_heat": 1.0,
    "norm_slope": 0.0,
    "trauma_slope": 0.0,
    "fatal_chance": 0.0,
    "street_instigator_share": 0.0,
    "rival_share": 0.0,
    "street_tie_share": 0.0,
    "kin_share": 1.0,
    "kin_share_off_street": 1.0,
    "kin_woman_kept": 1.0,
    "crew_route": 0.0,
    "victim_retaliates": 1.0,
    "retaliation_on_crew": 0.0,
    "yearly_city_spread": 0.0,
    "yearly_precinct_spread": 0.0,
}
Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def world() -> World:
    return plain_world(LEVEL, flat=True, values=PLAIN)


def plain_world(level: float, flat: bool, values: Mapping[str, float]) -> World:
    """A world in which nobody lacks a tie: the first relative stands in for one that is missing."""
    world = make_world(1, 2000, level=level, flat=flat, values=values)
    city = world.city
    kin = np.where(city.kin >= 0, city.kin, city.kin[:, :1])
    kin.flags.writeable = False
    assert (kin >= 0).all()
    assert (city.street_tie >= 0).all()
    assert np.diff(city.street_start).min() > 0
    return World(city._replace(kin=kin), world.rules, world.course)


def shootings(world: World, days: int, replicates: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each replicate: day of each shooting, and the row of its parent among them (-1: none)."""
    plan = plans(world, scenario())[0]
    state = make_state(world.city, plan, BEGINS + days, room_for(world, days))
    course = world.course.copy()
    found = []
    for replicate in range(replicates):
        course["key"] = replicate_key(99, replicate)
        begin(state, BEGINS)
        advance(world.city, plan, world.rules, course, state, BEGINS + days)
        rows = state.conflict[: state.count[N_CONFLICTS]]
        shot = np.flatnonzero(rows["outcome"] == OUTCOME_SHOOTING)
        place = np.full(len(rows) + 1, -1)
        place[shot] = np.arange(shot.size)
        found.append((rows["head_day"][shot].astype(np.int64) - BEGINS, place[rows["parent"][shot]]))
    return found


@cache
def _distribution(table: bytes, days: int) -> Floats:
    values = np.frombuffer(table, dtype=np.int16)
    return np.bincount(values, minlength=days)[:days] / values.size


def laws(world: World, days: int) -> tuple[Floats, Floats]:
    """Expected background shootings of each day (conflicts need their time at the start), and offspring by lag."""
    rules = world.rules
    reached = np.cumsum(_distribution(rules["duration"].tobytes(), days))
    lags = RETALIATION * _distribution(rules["lag_retaliation"].tobytes(), days)
    lags = lags + CONTAGION * _distribution(rules["lag_contagion"].tobytes(), days)
    return LEVEL * CHANCE * reached, lags


def moments(world: World, window: range) -> tuple[float, float]:
    """Mean and variance of the shootings in a window of days: sums over clusters, computed backwards in time."""
    background, lags = laws(world, window.stop)
    first, second = np.zeros(window.stop), np.zeros(window.stop)
    for day in reversed(range(window.stop)):
        children = lags[1 : window.stop - day]
        first[day] = (day in window) + children @ first[day + 1 :]
        second[day] = first[day] ** 2 + children @ second[day + 1 :]
    return float(background @ first), float(background @ second)


@pytest.fixture(scope="module")
def runs(world: World) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    return shootings(world, DAYS, REPLICATES)


def test_the_mean_of_shootings(world: World, runs: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
    for window in (range(30), range(30, 120), range(240, 360), range(DAYS)):
        counts = np.array([((days >= window.start) & (days < window.stop)).sum() for days, _ in runs])
        mean, variance = moments(world, window)
        assert abs(counts.mean() - mean) < SURE * np.sqrt(variance / REPLICATES), window
    late = moments(world, range(240, 360))[0] / 120
    assert late == pytest.approx(LEVEL * CHANCE / (1 - RATIO), rel=0.01)


def test_the_dispersion_of_counts_by_month(
    world: World, runs: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> None:
    for window in (range(120, 150), range(330, 360), range(180, 360)):
        counts = np.array([((days >= window.start) & (days < window.stop)).sum() for days, _ in runs])
        mean, variance = moments(world, window)
        deviation = counts - counts.mean()
        spread = np.sqrt(((deviation**4).mean() - (deviation**2).mean() ** 2) / REPLICATES)
        assert abs(counts.var(ddof=1) - variance) < SURE * spread, window
        assert 1.1 < variance / mean < 1 / (1 - RATIO) ** 2


def test_sizes_of_cascades_are_borel(world: World) -> None:
    """Background for the first two months, then time enough for every descendant."""
    quiet = World(world.city, world.rules, world.course.copy())
    start = int(world.rules["month_of"][BEGINS])
    quiet.course["level"][:, start + 2 :] = 0.0
    sizes: list[int] = []
    for _, parent in shootings(quiet, 1200, 3000):
        root = np.arange(parent.size)
        for row in range(parent.size):
            if parent[row] >= 0:
                root[row] = _root(parent, row)
        sizes += np.bincount(root, minlength=parent.size)[parent < 0].tolist()
    most = 8
    k = np.arange(1, most)
    law = np.exp(-RATIO * k + (k - 1) * np.log(RATIO * k) - np.array([lgamma(i + 1) for i in k]))
    expected = np.append(law, 1 - law.sum()) * len(sizes)
    seen = np.bincount(np.minimum(sizes, most), minlength=most + 1)[1:]
    assert len(sizes) > 25_000
    assert stats.chisquare(seen, expected).pvalue > 1e-5
    assert np.mean(sizes) == pytest.approx(1 / (1 - RATIO), rel=0.06)


def _root(parent: NDArray[np.int64], row: int) -> int:
    while parent[row] >= 0:
        row = int(parent[row])
    return row


def test_background_follows_weekday_and_level() -> None:
    """Heads, not openings, have the weekday's share; twice the level is twice the conflicts."""
    values = PLAIN | {"branching_retaliation": 0.0, "branching_contagion": 0.0}
    totals = []
    for level in (1.0, 2.0):
        world = plain_world(level, flat=False, values=values)
        days = np.concatenate([found for found, _ in shootings(world, 728, 60)])
        late = days[days >= 28]
        weekday = np.bincount((late + BEGINS + 6) % 7, minlength=7)
        assert stats.chisquare(weekday, world.rules["weekday"] / 7 * late.size).pvalue > 1e-5
        totals.append(late.size)
    assert abs(totals[1] - 2 * totals[0]) < SURE * np.sqrt(totals[1] + 4 * totals[0])
