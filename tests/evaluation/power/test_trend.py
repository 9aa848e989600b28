"""The city's trend is the same in every history: which estimators gain by that, and how much it moves on record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.estimators.panel import Panel, record_panel
from cms_sim.evaluation.power.reported import BY_WINDOWS, ESTIMATORS, UNCOMPARED
from cms_sim.evaluation.power.trend import city_changes
from cms_sim.evaluation.power.windows import CONTROLS, RAW, raw_change, relative_change
from tests.evaluation.power.made_up import setting

START, MONTHS = 60, 96
FACTOR = 3
"""What the whole city does from the start on, by chance."""


def histories() -> np.ndarray:
    """[2, S, M]: one history, and the same with every precinct changed alike."""
    counts = np.random.default_rng(4).poisson(20.0, (12, MONTHS))
    changed = counts.copy()
    changed[:, START:] *= FACTOR
    return np.stack([counts, changed])


def panel(counts: np.ndarray) -> Panel:
    real = record_panel(load_city_tables())
    numbers = real.precincts[: len(counts)]
    sites = numbers[2:6]
    near = {number: (numbers[8], numbers[9]) if number in sites else () for number in numbers}
    near |= {numbers[8]: sites, numbers[9]: sites}
    openings = dict.fromkeys(sites, START)
    return replace(
        real, precincts=numbers, months=real.months[:MONTHS], counts=counts, openings=openings,
        listed=frozenset(openings), neighbours=near, sites=sites,
    )  # fmt: skip


@pytest.mark.parametrize("name", ESTIMATORS)
def test_only_who_compares_with_nobody_moves_with_the_city(name: str) -> None:
    one, other = (ESTIMATORS[name](panel(counts)).value for counts in histories())
    if name in UNCOMPARED:
        assert 1.0 + other / 100.0 == pytest.approx(FACTOR * (1.0 + one / 100.0))
    else:
        assert other == pytest.approx(one, abs=0.02 * 100.0 * (FACTOR - 1))


@pytest.mark.parametrize("controls", [RAW, *CONTROLS])
def test_the_same_of_counts_before_and_after(controls: str) -> None:
    place = setting(2, 12, [2, 3, 4, 5], (START,) * 4)
    raw = controls == RAW
    found = raw_change(histories(), place) if raw else relative_change(histories(), place, controls)
    one, other = 1.0 + found.value / 100.0
    assert (BY_WINDOWS + controls in UNCOMPARED) == raw
    assert other == pytest.approx(FACTOR * one if raw else one)


def test_what_the_city_did_on_record() -> None:
    tables = load_city_tables()
    changes = city_changes(tables, 24, 24)
    assert len(changes) == len(tables.months) - 48 + 1
    by_hand = tables.victims[:, 144:168].sum() / tables.victims[:, 120:144].sum()  # 2018-2019 over 2016-2017
    assert changes[-1] == pytest.approx(100.0 * (by_hand - 1.0))
    uneven = tables.victims[:, 12:18].sum() / 6 / (tables.victims[:, :12].sum() / 12)
    assert city_changes(tables, 12, 6)[0] == pytest.approx(100.0 * (uneven - 1.0))
    assert len(city_changes(tables, 100, 100)) == 0
