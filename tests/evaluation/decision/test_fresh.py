"""Intervals of fresh runs cover as they should, also where both hypotheses have the same draws and dice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cms_sim.evaluation.decision.fresh import Fresh
from tests.evaluation.decision.made_up_decision import made_up_found


def test_intervals_hold_where_hypotheses_share_draws_and_dice() -> None:
    fresh = Fresh(replace(made_up_found()))
    generator = np.random.default_rng(11)
    cells = fresh.found.cells
    draws, dice = {cell.draw for cell in cells}, {cell.replicate for cell in cells}
    covered = []
    for _ in range(400):
        by_draw = dict(zip(sorted(draws), generator.standard_normal(len(draws)), strict=True))
        by_dice = dict(zip(sorted(dice), generator.standard_normal(len(dice)), strict=True))
        samples = np.array([5.0 + by_draw[cell.draw] + by_dice[cell.replicate] for cell in cells])
        estimate = fresh.estimate(samples)
        assert estimate.low is not None and estimate.high is not None
        covered.append(estimate.low <= 5.0 <= estimate.high)
    assert 0.91 < np.mean(covered) < 0.985
    matrix, degrees = fresh.covariance(np.column_stack([samples, 2.0 * samples]))
    assert degrees == len(draws) - 1 and np.allclose(matrix, matrix[0, 0] * np.array([[1.0, 2.0], [2.0, 4.0]]))
