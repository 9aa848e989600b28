"""Stated probabilities hold as often as they say; what is known to be worth something is found, noise is not."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.evaluation.decision.discovery import regions
from cms_sim.evaluation.decision.futures import HYPOTHESIS, SAMPLES, Futures, information
from cms_sim.evaluation.decision.stated import likely_set, state
from tests.made_up_plans import statement_holds

SEEDS = 100


@pytest.mark.parametrize("spread", [0.1, 0.5, 2.0])
def test_80_percent_statements_hold_in_about_80_percent(spread: float) -> None:
    """Six plans of one search, whose true scores differ by a tenth of a standard error, a half, or two."""
    generator = np.random.default_rng(int(10 * spread))
    holds, best, stated_best = [], [], []
    for _ in range(SEEDS):
        true = spread * generator.standard_normal(6)
        mean = 50.0 + true + generator.standard_normal(6) * np.sqrt(0.5) + 3.0 * generator.standard_normal()
        covariance = 0.5 * np.eye(6) + 9.0
        stated = state(mean, covariance, 120, range(6))
        probability = stated.probability_best
        holds.append(statement_holds(probability, int(np.argmax(true))))
        best.append(np.argmax(true) == np.argmax(probability))
        stated_best.append(probability.max())
    assert 0.7 < np.mean(holds) < 0.9
    assert np.mean(best) == pytest.approx(np.mean(stated_best), abs=0.15)


def test_a_clear_winner_is_sure_and_others_have_no_say() -> None:
    stated = state(np.array([10.0, 0.0, 0.1, -50.0]), np.eye(4) * 0.01, 60, [0, 1, 2])
    assert stated.probability_best[0] > 0.999 and stated.regret[0] < 1e-6
    assert stated.regret[3] == pytest.approx(60.0, abs=1.0) and likely_set(stated.probability_best) == [0]
    assert stated.probability_better(0, 1) > 0.999


def futures(generator: np.random.Generator, crossing: bool) -> tuple[Futures, dict[str, np.ndarray]]:
    """Two plans over 128 draws: which is better hangs on `matters` (or on nothing), never on `idle`."""
    parameters = {name: generator.random(128) for name in ("matters", "idle")}
    tilt = 4.0 * (parameters["matters"] - 0.5) if crossing else np.zeros(128)
    true = np.column_stack([10.0 + tilt, np.full(128, 9.9)])
    means = true + 0.3 * generator.standard_normal((128, 2))
    samples = np.repeat(true[:, None], SAMPLES, axis=1)
    hypothesis = ("city",) * 64 + ("chicago",) * 64
    return Futures(hypothesis, np.full(128, 1 / 128), means, true, samples), parameters


def test_the_parameter_that_matters_is_found() -> None:
    made, parameters = futures(np.random.default_rng(5), crossing=True)
    known = information(made, parameters, {"matters": "share"}, choice=0)
    exact = float(np.maximum(made.shrunk[:, 0], made.shrunk[:, 1]).mean() - made.shrunk.mean(axis=0).max())
    assert known.everything_per_year == pytest.approx(exact)
    by_name = {each.name: each for each in known.by_parameter}
    assert by_name["matters"].value_per_year == pytest.approx(exact, rel=0.25) and by_name["matters"].unit == "share"
    for name in ("idle", HYPOTHESIS):
        assert by_name[name].value_per_year <= by_name[name].noise_per_year + 0.02
    found, skill = regions(made, 0, ("a", "b"), parameters, {})
    assert skill is not None and skill > 0.5
    assert found and all(region.best_there == "b" and region.lead_per_year.mean < 0.0 for region in found)
    (condition, *_) = found[0].conditions
    assert condition.name == "matters" and condition.high == pytest.approx(0.5, abs=0.15) and "matters" in found[0].text


def test_no_assumption_is_blamed_where_none_matters() -> None:
    made, parameters = futures(np.random.default_rng(6), crossing=False)
    found, _ = regions(made, 0, ("a", "b"), parameters, {})
    assert found == ()
    assert information(made, parameters, {}, choice=0).everything_per_year == pytest.approx(0.0, abs=1e-9)


def test_of_many_things_that_mean_nothing_none_is_named_more_often_than_one_time_in_twenty() -> None:
    named = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        parameters = {f"idle_{k}": np.tile(generator.random(32), 2) for k in range(12)}
        means = 10.0 + np.tile(generator.standard_normal((32, 3)), (2, 1))  # both hypotheses: same draws, same dice
        samples = np.repeat(means[:, None], SAMPLES, axis=1)
        made = Futures(("city",) * 32 + ("chicago",) * 32, np.full(64, 1 / 64), means, means, samples)
        told = information(made, parameters, {}, choice=0)
        assert len({each.noise_per_year for each in told.by_parameter}) == 1
        named.append(any(each.is_told for each in told.by_parameter))
    assert sum(named) <= 3
