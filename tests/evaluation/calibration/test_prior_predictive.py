"""Where what is observed lies among histories."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.data.hypotheses import hypothesis
from cms_sim.data.targets import Target, load_targets
from cms_sim.evaluation.calibration.bank import LIVED, Bank, BankPlan
from cms_sim.evaluation.calibration.inference import examples_of
from cms_sim.evaluation.calibration.prior_predictive import EDGE, placed, placed_targets
from cms_sim.evaluation.calibration.targets import observed
from cms_sim.experiment.draws import draw_from_priors

COUNT = 1000
HISTORIES = np.arange(COUNT, dtype=float)
PLAIN = Target("share_statistic", "dispersion", "record")


@pytest.mark.parametrize(
    ("seen", "below", "is_beyond"),
    [
        (-1.0, 0.0, True),
        (3.5, 0.004, True),
        (4.5, 0.005, False),
        (499.5, 0.5, False),
        (994.5, 0.995, False),
        (995.5, 0.996, True),
        (1e6, 1.0, True),
    ],
)
def test_beyond_is_less_than_half_a_percent_on_either_side(seen: float, below: float, is_beyond: bool) -> None:
    found = placed(PLAIN, HISTORIES, seen)
    assert (found.below, found.is_beyond) == (below, is_beyond)
    assert (found.observed, found.least, found.most) == (seen, 0.0, COUNT - 1.0)


def test_histories_equal_to_it_count_half() -> None:
    assert placed(PLAIN, np.full(10, 1.2), 1.2).below == 0.5


def test_it_is_told_in_the_statistics_own_unit() -> None:
    found = placed(Target("participants_per_site", "activity", "T", 44.0, 0.3, True), np.log([10.0, 90.0]), np.log(44))
    assert [found.least, found.observed, found.most] == pytest.approx([10.0, 44.0, 90.0])


def test_it_is_among_what_the_posterior_is_learned_from() -> None:
    """With the measurement's error, and without histories that could not be lived."""
    import pandas as pd

    rng, draws = np.random.default_rng(3), 400
    sampled = draw_from_priors(draws, 5, hypothesis("city"))
    rows = pd.DataFrame({target.name: rng.uniform(0.5, 1.5, draws) for target in load_targets()})
    rows[LIVED] = (rng.random(draws) < 0.9).astype(float)
    rows.loc[rows[LIVED] == 0, PLAIN.name] = -50.0
    values = pd.DataFrame(sampled.values, columns=list(sampled.names))
    bank = Bank(BankPlan("city", draws, 5), values, rows)
    names = [target.name for target in load_targets() if target.group != "effect"]
    found = placed_targets(bank, names)
    assert [each.name for each in found] == names
    chosen = [target for target in load_targets() if target.name in names]
    shares = (examples_of(bank, chosen).statistics < observed(chosen)).mean(axis=0)
    assert [each.below for each in found] == pytest.approx(shares.tolist())
    assert {each.name: each.least for each in found}[PLAIN.name] >= 0.5
    assert EDGE < {each.name: each.below for each in found}[PLAIN.name] < 1.0 - EDGE
