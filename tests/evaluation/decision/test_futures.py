"""What a plan may truly do under each draw: as sure as runs allow, and no surer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.evaluation.decision.fresh import VICTIMS, Fresh
from cms_sim.evaluation.decision.futures import effect_range, harm_by_draw, true_effects
from tests.evaluation.decision.made_up_decision import made_up_found


def fresh_of(averted: np.ndarray) -> Fresh:
    """Runs in which the first plan beside the reference averts `averted` [cells] a year, before rounding to people."""
    found = made_up_found()
    counts = found.counts.copy()
    years = Fresh(found).years
    counts[:, 1] = counts[:, 0]
    counts[:, :2, :, VICTIMS] = 1000
    counts[:, 1, 0, VICTIMS] -= np.round(averted * years).astype(counts.dtype)
    return Fresh(replace(found, counts=counts))


def made(draw_spread: float, chance: float, mean: float, seed: int) -> np.ndarray:
    """[cells] averted a year: a mean, what differs between draws, and chance."""
    fresh, generator = Fresh(made_up_found()), np.random.default_rng(seed)
    averted = np.full(len(fresh.found.cells), mean)
    for name in fresh.hypotheses:
        which, label = fresh.of(name)
        averted[which] += draw_spread * generator.standard_normal(int(label.max()) + 1)[label]
    return np.asarray(averted + chance * generator.standard_normal(len(averted)))


def test_a_plan_that_cannot_be_told_from_nothing_is_not_said_to_do_harm_in_all_draws_or_in_none() -> None:
    """Draws do not differ, chance does: the sign of a mean of chance alone must not decide it."""
    shares = []
    for seed in range(60):
        by_name = harm_by_draw(fresh_of(made(0.0, 40.0, 0.0, seed)), 1)
        shares.append(np.mean(list(by_name.values())))
    assert np.mean(shares) == pytest.approx(0.5, abs=0.12)
    assert np.mean([0.02 < share < 0.98 for share in shares]) > 0.7


def test_harm_is_the_share_of_draws_in_which_the_truth_is_below_nothing() -> None:
    """Draws scatter by 10 about 10, so that 16% of them are truly below 0."""
    shares = [np.mean(list(harm_by_draw(fresh_of(made(10.0, 5.0, 10.0, seed)), 1).values())) for seed in range(40)]
    assert np.mean(shares) == pytest.approx(0.159, abs=0.03)


def test_the_range_is_that_of_the_truth_over_draws() -> None:
    ends = np.array([effect_range(fresh_of(made(10.0, 20.0, 50.0, seed)), 1) for seed in range(40)])
    assert ends.mean(axis=0) == pytest.approx([50.0 - 19.6, 50.0 + 19.6], abs=4.0)
    certain = true_effects(fresh_of(np.full(len(made_up_found().cells), 7.0)), 1)
    assert all(np.allclose(samples, samples.flat[0]) for samples in certain.values())
