"""A planted effect is the size that it is said to be, at the sites from their start on, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms_sim.evaluation.power.planted import copies, planted
from tests.evaluation.power.made_up import setting, shootings

START = 3


@given(st.floats(0.0, 1.0, exclude_max=True))
def test_no_effect_leaves_every_shooting_as_it_is(draw: float) -> None:
    assert copies(np.ones(1), np.array([draw])) == 1


@given(st.floats(0.0, 1.0, exclude_max=True), st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_a_stronger_effect_takes_whatever_a_weaker_one_takes(draw: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert copies(np.array([low]), np.array([draw])) <= copies(np.array([high]), np.array([draw]))


def test_nothing_planted_changes_nothing() -> None:
    lived = shootings(3, 6, 8, 5)
    assert (planted(lived, setting(3, 6, [1, 4], (START, 5)), 0.0, 0.0) == lived.counts()).all()


@pytest.mark.parametrize("effect", [-1.0, -0.8, -0.2, 0.3, 1.0])
def test_the_count_changes_by_the_effect_at_the_sites_from_their_start_on(effect: float) -> None:
    lived = shootings(50, 4, 8, 40)
    found = planted(lived, setting(50, 4, [2], (START,)), effect, 0.0)
    treated = np.zeros(found.shape, dtype=bool)
    treated[:, 2, START:] = True
    assert (found[~treated] == 40).all()
    n = int(lived.counts()[treated].sum())
    part = abs(effect) % 1.0
    # Each shooting is an event of its own: a binomial count, of which four standard deviations are allowed.
    assert found[treated].sum() == pytest.approx(n * (1.0 + effect), abs=4 * np.sqrt(n * part * (1 - part)) + 1e-9)


def test_neighbours_feel_their_part_from_the_first_start_next_door_and_sites_their_own() -> None:
    lived = shootings(40, 5, 8, 50)
    found = planted(lived, setting(40, 5, [1, 2], (START, 5)), -0.5, -0.2)
    mean = found.mean(axis=(0,)) / 50
    assert mean[0, :START] == pytest.approx(1.0) and mean[0, START:] == pytest.approx(0.8, abs=0.05)
    assert mean[1, START:] == pytest.approx(0.5, abs=0.06)
    assert mean[2, :5] == pytest.approx(1.0), "a site that has not opened is no neighbour"
    assert mean[3, 5:] == pytest.approx(0.8, abs=0.05) and mean[3, :5] == pytest.approx(1.0)
    assert (found[:, 4] == 50).all()
