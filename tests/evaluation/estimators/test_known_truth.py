"""Estimators on made-up records whose truth is known: are they right on average, how often do intervals hold the
truth, how often do they see what is not there?

Sixteen keyed records with nothing and as many with a fall of 20%; what longer trials gave is on docs/evaluate.md. The
bounds fail by chance in one of a thousand such tests where intervals hold 95%, in one of sixty where they hold 90%."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from cms_sim.evaluation.estimators import resampling
from cms_sim.evaluation.estimators.before_after import against_not_yet_covered, against_rest_of_city
from cms_sim.evaluation.estimators.estimate import Estimate
from cms_sim.evaluation.estimators.event_study import event_study
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.estimators.placebo import placebo_dates
from cms_sim.evaluation.estimators.poisson_did import poisson_did
from cms_sim.evaluation.estimators.spillover import spillover
from cms_sim.evaluation.estimators.staggered import callaway_santanna, staggered_poisson
from tests.evaluation.estimators.made_panels import made_panel

RECORDS = 16
EFFECT = -20.0
FEWEST_COVERED = 12 / RECORDS
RIGHT = (against_not_yet_covered, event_study, poisson_did)
DILUTED = (callaway_santanna, staggered_poisson)
"""They count the year of the start whole, and a part of it lies before."""


@pytest.fixture(autouse=True, scope="module")
def fewer_resamples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resampling, "RESAMPLES", 199)
        yield


@cache
def estimates(estimator: Callable[[Panel], Estimate], effect: float) -> NDArray[np.float64]:
    """[RECORDS, 3] value, low and high."""
    found = [estimator(made_panel(seed, 1.0 + effect / 100.0)) for seed in range(RECORDS)]
    return np.array([(each.value, each.low, each.high) for each in found])


def covered(estimator: Callable[[Panel], Estimate], effect: float, truth: float) -> float:
    """Share of records whose interval holds the truth."""
    _, low, high = estimates(estimator, effect).T
    return float(((low <= truth) & (truth <= high)).mean())


def off(estimator: Callable[[Panel], Estimate], effect: float, truth: float) -> float:
    """How far the mean lies from the truth, in standard errors of that mean."""
    value = estimates(estimator, effect)[:, 0]
    return float((value.mean() - truth) / (value.std() / np.sqrt(RECORDS)))


@pytest.mark.slow
@pytest.mark.parametrize("estimator", RIGHT)
def test_right_on_average_and_covered(estimator: Callable[[Panel], Estimate]) -> None:
    assert abs(off(estimator, EFFECT, EFFECT)) < 3.0
    assert covered(estimator, EFFECT, EFFECT) >= FEWEST_COVERED


@pytest.mark.slow
@pytest.mark.parametrize("estimator", (poisson_did, *DILUTED))
def test_no_more_false_alarms_than_stated(estimator: Callable[[Panel], Estimate]) -> None:
    assert abs(off(estimator, 0.0, 0.0)) < 3.0
    assert covered(estimator, 0.0, 0.0) >= FEWEST_COVERED


@pytest.mark.slow
@pytest.mark.parametrize("estimator", DILUTED)
def test_whole_years_show_a_part_of_the_effect(estimator: Callable[[Panel], Estimate]) -> None:
    assert EFFECT - 2.0 < estimates(estimator, EFFECT)[:, 0].mean() < EFFECT + 5.0


@pytest.mark.slow
@pytest.mark.parametrize("estimator", (spillover, placebo_dates))
def test_an_effect_inside_is_not_seen_next_door_nor_before(estimator: Callable[[Panel], Estimate]) -> None:
    assert abs(off(estimator, EFFECT, 0.0)) < 3.0
    assert covered(estimator, EFFECT, 0.0) >= FEWEST_COVERED


@pytest.mark.slow
def test_controls_that_are_covered_too_hide_a_part() -> None:
    """The rest of the city has sites in it: a fall of 20% looks like one of 17%."""
    hidden, clean = (estimates(each, EFFECT)[:, 0].mean() for each in (against_rest_of_city, against_not_yet_covered))
    assert clean < hidden < -13.0


@pytest.mark.slow
def test_a_fall_of_a_fifth_is_seen() -> None:
    for estimator in (against_not_yet_covered, poisson_did):
        assert (estimates(estimator, EFFECT)[:, 2] < 0.0).mean() > 0.9
