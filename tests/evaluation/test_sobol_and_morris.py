"""Indices against functions whose indices are known, with and without noise: how often an interval holds the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.morris import elementary_effects, morris_effects
from cms_sim.evaluation.noise import noise_share
from cms_sim.evaluation.sobol import sobol_indices

sampling = pytest.importorskip("SALib.sample.sobol", reason="SALib is in the extra `research`")
from SALib.analyze import morris as salib_morris  # noqa: E402
from SALib.analyze import sobol as salib_sobol  # noqa: E402
from SALib.sample import morris as morris_sampling  # noqa: E402
from SALib.test_functions import Ishigami  # noqa: E402

NAMES = ("x1", "x2", "x3")
PROBLEM = {"num_vars": 3, "names": list(NAMES), "bounds": [[-np.pi, np.pi]] * 3}
A, B = 7.0, 0.1
VARIANCE = A**2 / 8 + B * np.pi**4 / 5 + B**2 * np.pi**8 / 18 + 0.5
FIRST = np.array([0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, 0.0]) / VARIANCE
TOTAL = FIRST + np.array([1.0, 0.0, 1.0]) * (8 * B**2 * np.pi**8 / 225) / VARIANCE
"""Ishigami's function: sin(x1) + 7 sin(x2)^2 + 0.1 x3^4 sin(x1); its indices by integration."""
ERROR_RATE = 0.05
TRIALS = 40
Noise = Callable[[np.random.Generator, Floats, int], Floats]


def own_noise(rng: np.random.Generator, points: Floats, replicates: int) -> Floats:
    """Of variance 1, new at every point; beside it a level of each replicate, which is no noise."""
    return rng.normal(size=(len(points), replicates)) + 3.0 * rng.normal(size=replicates)


def shared_dice(rng: np.random.Generator, points: Floats, replicates: int) -> Floats:
    """Of variance 1: half new at every point, half a slope of the replicate's own in each parameter."""
    slopes = rng.normal(size=(replicates, 3)) @ (points.T * np.sqrt(3.0) / np.pi) / np.sqrt(3.0)
    return np.sqrt(0.5) * (rng.normal(size=(len(points), replicates)) + slopes.T)


def ishigami(trial: int, base: int, noise: Noise, share: float, replicates: int = 8) -> tuple[Floats, Floats]:
    """Points and outcome; the noise in a mean over replicates makes `share` of the variance of the means."""
    points = sampling.sample(PROBLEM, base, calc_second_order=False, seed=trial)
    scale = np.sqrt(share / (1.0 - share) * VARIANCE * replicates)
    rng = np.random.Generator(np.random.Philox(key=trial))
    return points, Ishigami.evaluate(points)[:, None] + scale * noise(rng, points, replicates)


def test_the_truth_is_right() -> None:
    assert np.round(FIRST, 4).tolist() == [0.3139, 0.4424, 0.0]
    assert np.round(TOTAL, 4).tolist() == [0.5576, 0.4424, 0.2437]


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("noise", [own_noise, shared_dice])
def test_intervals_hold_the_truth(noise: Noise, share: float) -> None:
    """95% intervals miss in at most 5% of cases (9% with the luck of 240 cases, six in each trial), and are narrow
    enough to say something; indices are right on average, and those without correction are not."""
    misses, widths, errors, plain = [], [], [], []
    for trial in range(TRIALS):
        found = sobol_indices(NAMES, ishigami(trial, 256, noise, share)[1])
        misses += [np.abs(found.first - FIRST) > found.first_half, np.abs(found.total - TOTAL) > found.total_half]
        widths.append(found.total_half)
        errors.append(found.total - TOTAL)
        plain.append(found.total_uncorrected - TOTAL)
    assert np.mean(misses) <= ERROR_RATE + 0.04
    assert np.median(widths, axis=0).max() < 0.2 + share
    scatter = np.std(errors, axis=0, ddof=1) / np.sqrt(TRIALS)
    assert (np.abs(np.mean(errors, axis=0)) < 4.0 * scatter + 0.01).all()  # right on average
    if share:  # what a mean over replicates shows without correction is not
        assert np.mean(plain, axis=0)[2] > 4.0 * scatter[2]
        assert np.mean(plain, axis=0)[2] > 0.4 * share * (1.0 - TOTAL[2])


def test_the_noise_share_is_found() -> None:
    for share in (0.05, 0.4):
        found = [sobol_indices(NAMES, ishigami(trial, 256, own_noise, share)[1]).noise_share for trial in range(20)]
        assert np.mean(found) == pytest.approx(share, rel=0.05)


def test_a_level_of_the_replicate_is_no_noise() -> None:
    _, outcome = ishigami(1, 64, own_noise, 0.1)
    same = sobol_indices(NAMES, outcome + np.linspace(0.0, 500.0, outcome.shape[1]))
    found = sobol_indices(NAMES, outcome)
    assert same.noise_share == pytest.approx(found.noise_share)
    np.testing.assert_allclose(same.total, found.total)
    np.testing.assert_allclose(same.first_half, found.first_half)


def test_without_noise_they_are_those_of_salib() -> None:
    points = sampling.sample(PROBLEM, 128, calc_second_order=False, seed=3)
    outcome = Ishigami.evaluate(points)
    found = sobol_indices(NAMES, np.repeat(outcome[:, None], 4, axis=1))
    theirs = salib_sobol.analyze(PROBLEM, outcome, calc_second_order=False, seed=1)
    for mine in (found.first, found.first_uncorrected):
        np.testing.assert_allclose(mine, theirs["S1"])
    for mine in (found.total, found.total_uncorrected):
        np.testing.assert_allclose(mine, theirs["ST"])
    np.testing.assert_allclose(found.total_half, theirs["ST_conf"], rtol=0.25)
    assert found.noise_share == 0.0 and found.replicate_part == 0.0


def test_what_noise_alone_would_show() -> None:
    rng = np.random.Generator(np.random.Philox(key=5))
    found = sobol_indices(NAMES, rng.normal(size=(256 * 5, 8)))
    assert found.noise_share > 0.9
    assert (found.total_uncorrected > 0.8).all()  # every parameter would seem to decide alone


def test_the_same_tables_every_time() -> None:
    _, outcome = ishigami(2, 64, shared_dice, 0.2)
    first, second = sobol_indices(NAMES, outcome), sobol_indices(NAMES, outcome)
    assert np.array_equal(first.total_half, second.total_half) and np.array_equal(first.first_half, second.first_half)


UNIT = {"num_vars": 4, "names": list("abcd"), "bounds": [[0.0, 1.0], [10.0, 30.0], [-1.0, 1.0], [0.0, 1.0]]}


def screened(trajectories: int, seed: int) -> tuple[Floats, Floats]:
    """Points, and 5 a - b (over their ranges) + 8 (c d, both over their ranges)."""
    points: NDArray[np.float64] = morris_sampling.sample(UNIT, trajectories, seed=seed)
    a, b, c, d = ((points - [0.0, 10.0, -1.0, 0.0]) / [1.0, 20.0, 2.0, 1.0]).T
    return points, 5.0 * a - b + 8.0 * c * d


def test_effects_are_those_of_salib() -> None:
    points, outcome = screened(12, seed=4)
    found = morris_effects(tuple("abcd"), points, np.repeat(outcome[:, None], 3, axis=1), 2.0 / 3.0)
    theirs = salib_morris.analyze(UNIT, points, outcome, seed=1)
    np.testing.assert_allclose(found.mu, theirs["mu"])
    np.testing.assert_allclose(found.mu_star, theirs["mu_star"])
    np.testing.assert_allclose(found.sigma, theirs["sigma"], atol=1e-9)
    np.testing.assert_allclose(found.mu_star_half, theirs["mu_star_conf"], rtol=0.35, atol=1e-9)
    np.testing.assert_allclose(found.floor, 0.0, atol=1e-9)


def test_effects_go_for_the_whole_range() -> None:
    points, outcome = screened(20, seed=4)
    effects = elementary_effects(points, outcome[:, None], 2.0 / 3.0)
    np.testing.assert_allclose(effects[:, 0], 5.0)
    np.testing.assert_allclose(effects[:, 1], -1.0)
    assert effects[:, 2].std() > 1.0


@pytest.mark.slow
@pytest.mark.parametrize("shared", [0.0, 1.0], ids=["own noise", "shared dice"])
def test_noise_is_kept_out_of_sigma_and_shown_for_mu_star(shared: float) -> None:
    """Intervals of mu and sigma hold the truth of the points drawn in 95% of cases or more; mu* of a parameter without
    effect is at its floor."""
    replicates, noisy = 8, 3.0
    names = (*"abcd", "none")
    problem = {"num_vars": 5, "names": list(names), "bounds": [[0.0, 1.0]] * 5}
    misses, sigma, plain, idle, floor = [], [], [], [], []
    many = morris_sampling.sample(problem, 4000, seed=1)
    everywhere = elementary_effects(many, (5 * many[:, 0] + 8 * many[:, 2] * many[:, 3])[:, None], 2 / 3)[..., 0]
    for trial in range(TRIALS):
        points = morris_sampling.sample(problem, 30, seed=trial)
        truth = 5.0 * points[:, 0] + 8.0 * points[:, 2] * points[:, 3]
        rng = np.random.Generator(np.random.Philox(key=trial))
        slopes = shared * (points @ rng.normal(size=(5, replicates)))
        outcome = truth[:, None] + slopes + noisy * rng.normal(size=(len(points), replicates))
        found = morris_effects(names, points, outcome, 2.0 / 3.0)
        misses += [np.abs(found.mu - everywhere.mean(axis=0)) > found.mu_half]
        misses += [np.abs(found.sigma - everywhere.std(axis=0)) > found.sigma_half]
        sigma.append(found.sigma[2])
        plain.append(found.sigma_uncorrected[2])
        idle.append(found.mu_star[4])
        floor.append(found.floor[4])
    assert np.mean(misses) <= ERROR_RATE + 0.04
    assert np.mean(idle) == pytest.approx(np.mean(floor), rel=0.1)
    assert abs(np.mean(sigma) - everywhere[:, 2].std()) < 0.15
    assert np.mean(plain) > everywhere[:, 2].std() + 0.3


def test_the_share_of_noise_in_plain_means() -> None:
    rng = np.random.Generator(np.random.Philox(key=9))
    truth = rng.normal(size=(4000, 1))
    assert noise_share(truth + 2.0 * rng.normal(size=(4000, 4))) == pytest.approx(0.5, abs=0.03)
    assert noise_share(np.ones((10, 3))) == 1.0
    assert noise_share(np.repeat(truth, 3, axis=1)) == pytest.approx(0.0, abs=1e-12)
