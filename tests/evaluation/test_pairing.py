"""Pairing against independent seeds, on Poisson counts that share a known part."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.evaluation.pairing import pair_variances, pairing
from tests.evaluation.make_results import EXPANSION, REFERENCE, SAME, make_results


def test_the_ratio_is_the_closed_form_of_shared_poisson_counts() -> None:
    # a = shared + own_a, b = shared + own_b with means 90, 10, 10: (100 + 100) / (10 + 10) = 10.
    generator = np.random.Generator(np.random.PCG64(11))
    shared = generator.poisson(90.0, (4000, 1))
    a, b = shared + generator.poisson(10.0, (4000, 1)), shared + generator.poisson(10.0, (4000, 1))
    found = pair_variances(a.astype(float), b.astype(float), np.arange(4000))
    assert found.ratio[0] == pytest.approx(10.0, rel=0.08)
    assert found.ratio_low[0] < 10.0 < found.ratio_high[0]
    assert found.ratio_high[0] - found.ratio_low[0] < 2.0
    assert found.replicates_saved[0] == pytest.approx(4000 * (found.ratio[0] - 1.0))


def test_independent_counts_gain_nothing() -> None:
    generator = np.random.Generator(np.random.PCG64(12))
    a, b = (generator.poisson(50.0, (3000, 1)).astype(float) for _ in range(2))
    found = pair_variances(a, b, np.arange(3000))
    assert found.ratio_low[0] < 1.0 < found.ratio_high[0]


def test_plans_of_a_comparison() -> None:
    found = pairing(make_results(plans=(REFERENCE, EXPANSION, SAME)))
    assert found.ratio[1] > 5.0 and found.ratio_low[1] < found.ratio[1] < found.ratio_high[1]
    assert np.isinf(found.ratio[2]) and np.isnan(found.ratio_low[2])


def test_one_replicate_has_no_variance() -> None:
    assert np.isnan(pairing(make_results(1)).ratio).all()


def test_nothing_varies() -> None:
    found = pair_variances(np.ones((5, 1)), np.ones((5, 1)), np.arange(5))
    assert np.isnan(found.ratio[0])
