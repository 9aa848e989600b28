"""The way from a bank to a posterior, on problems whose posterior is known."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.data.targets import groups, load_targets, targets_of
from cms_sim.errors import InputError
from cms_sim.evaluation.calibration.bank import LIVED, Bank, BankPlan
from cms_sim.evaluation.calibration.inference import Examples, Learned, calibrated, examples_of
from cms_sim.evaluation.calibration.recovery import recover
from cms_sim.evaluation.calibration.targets import observed

NOISE = 0.5


def linear_examples(count: int, seed: int = 1) -> Examples:
    """Two parameters, three statistics: two see the first parameter or the sum, none sees the third parameter."""
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((count, 3))
    clean = np.column_stack([normal[:, 0], normal[:, 0] + normal[:, 1], np.zeros(count)])
    return Examples(("a", "b", "c"), ("a", "b", "c"), normal, clean + NOISE * rng.standard_normal(clean.shape))


def exact(observation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the Gaussian posterior."""
    slopes = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    precision = np.eye(3) + slopes.T @ slopes / NOISE**2
    covariance = np.linalg.inv(precision)
    return covariance @ slopes.T @ observation / NOISE**2, covariance


def test_a_gaussian_posterior_is_found() -> None:
    observation = np.array([0.8, -0.4, 0.1])
    sample = Learned(linear_examples(8000)).posterior(observation, 800, seed=3)
    mean, covariance = exact(observation)
    assert np.abs(sample.mean(axis=0) - mean).max() < 0.15
    assert np.allclose(sample.std(axis=0), np.sqrt(np.diag(covariance)), rtol=0.15)


def test_the_same_seed_gives_the_same_posterior() -> None:
    learned = Learned(linear_examples(1000))
    first, again, other = (learned.posterior(np.zeros(3), 50, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_truths_are_recovered_at_the_stated_rates_and_what_nothing_tells_is_named() -> None:
    found = {each.name: each for each in recover(linear_examples(6000), truths=400)}
    for each in found.values():
        assert each.ranks.sum() == 400
        assert each.p_uniform > 1e-4  # 3 parameters: a right posterior fails this once in 3,000 seeds
        assert abs(each.coverage[0.9] - 0.9) < 0.06  # four standard errors
        assert abs(each.coverage[0.5] - 0.5) < 0.10
    assert found["a"].is_identified and found["b"].is_identified
    assert not found["c"].is_identified


def test_every_history_can_stand_in_for_the_record_once() -> None:
    few, all_of_them = (recover(linear_examples(240), truths=count) for count in (50, 1000))
    assert {each.truths for each in few} == {50} and {each.truths for each in all_of_them} == {240}


def test_a_posterior_that_is_too_sure_is_found_out() -> None:
    examples = linear_examples(6000)
    sure = Examples(examples.names, examples.fitted, 1.6 * examples.normal, examples.statistics)
    learned = Learned(examples)
    kept = [learned.posterior(row, 99, seed=n) for n, row in enumerate(examples.statistics[:200])]
    covered = [
        np.quantile(sample[:, 0], 0.05) <= truth <= np.quantile(sample[:, 0], 0.95)
        for sample, truth in zip(kept, sure.normal[:200, 0], strict=True)
    ]
    assert np.mean(covered) < 0.85


def test_what_is_calibrated_is_what_the_table_says_is_identified() -> None:
    names = calibrated(("detection", "backfire", "planning_level", "branching_contagion"))
    assert names == ("detection", "branching_contagion")


def test_targets_have_an_observation_each_and_a_source() -> None:
    assert groups() == ("dispersion", "activity", "survey", "effect")
    values = dict(zip([target.name for target in load_targets()], observed(load_targets()), strict=True))
    assert np.isfinite(list(values.values())).all()
    assert values["raw_change"] == pytest.approx(-0.2885, abs=5e-5)
    assert values["relative_rest_of_city"] == pytest.approx(-0.145, abs=5e-4)
    assert values["mediations_per_site_month"] == pytest.approx(np.log(2.9))
    assert all(target.assumed for target in load_targets() if target.error)
    assert {target.group for target in targets_of(("survey",))} == {"survey"}


def test_too_small_a_bank_is_refused() -> None:
    import pandas as pd

    plan = BankPlan("city", 10, 1)
    bank = Bank(
        plan, pd.DataFrame(np.zeros((10, 2)), columns=["detection", "backfire"]), pd.DataFrame({LIVED: [1.0] * 10})
    )
    with pytest.raises(InputError, match="too few"):
        examples_of(bank, load_targets())
