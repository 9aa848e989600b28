from __future__ import annotations

import numpy as np
import pytest

from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.data.parameters import Prior, load_parameters
from cms_sim.engine.rules import make_rules
from cms_sim.errors import InputError
from cms_sim.experiment.draws import draw_from_priors, fixed_draws, uncertain_parameters


def test_the_first_draws_of_many_are_the_draws_of_few() -> None:
    few, many = (draw_from_priors(count, 7, hypothesis("city")) for count in (16, 64))
    assert np.array_equal(few.values, many.values[:16])


def test_another_seed_gives_other_draws() -> None:
    one, other = (draw_from_priors(16, seed, hypothesis("city")) for seed in (7, 8))
    assert not np.any(one.values == other.values)


@pytest.mark.parametrize("name", list(load_hypotheses()))
def test_draws_stay_inside_their_priors_and_follow_them(name: str) -> None:
    priors = uncertain_parameters(hypothesis(name))
    draws = draw_from_priors(256, 1, hypothesis(name))
    assert set(draws.names) == set(priors)
    for place, parameter in enumerate(draws.names):
        low, high = priors[parameter].bounds
        column = np.sort(draws.values[:, place])
        assert low <= column[0]
        assert column[-1] <= high
        middle = [priors[parameter].quantile(p) for p in (0.25, 0.5, 0.75)]
        assert np.searchsorted(column, middle) == pytest.approx([64, 128, 192], abs=2)


@pytest.mark.parametrize("name", list(load_hypotheses()))
def test_every_corner_of_the_priors_is_within_the_engines_bounds(name: str, tables: object) -> None:
    priors = uncertain_parameters(hypothesis(name))
    highest = {parameter: prior.quantile(1.0) for parameter, prior in priors.items()}
    lowest = {parameter: prior.quantile(0.0) for parameter, prior in priors.items()}
    hottest = {**highest, "shooting_chance": lowest["shooting_chance"]}
    for values in (highest, lowest, hottest):
        make_rules(tables, values)  # type: ignore[arg-type]


def test_an_override_fixes_a_parameter_or_replaces_its_prior() -> None:
    narrow = Prior("uniform", {"low": 0.1, "high": 0.12})
    draws = draw_from_priors(8, 1, hypothesis("city"), {"detection": 0.03, "shooting_chance": narrow})
    assert all(draws.of(draw)["detection"] == 0.03 for draw in range(8))
    assert all(0.1 <= draws.of(draw)["shooting_chance"] <= 0.12 for draw in range(8))


def test_an_unknown_parameter_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="detection_knows_one"):
        draw_from_priors(8, 1, hypothesis("city"), {"detection_known_one": 1.0})


def test_fixed_draws_hold_the_medians_of_a_hypothesis() -> None:
    values = fixed_draws(hypothesis("chicago"), {"detection": 0.5}).of(11)
    assert values["branching_contagion"] == pytest.approx(0.38)
    assert values["detection"] == 0.5


def test_an_unknown_hypothesis_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="chicago"):
        hypothesis("chikago")


def test_at_least_one_parameter_is_known_by_its_prior_only_and_said_to_be() -> None:
    assert any(row.prior and row.identified_by == "prior only" for row in load_parameters().values())
