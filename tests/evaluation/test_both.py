"""The same plans under two hypotheses: ranks held against each other, with what the runs tell apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cms_sim.errors import InputError
from cms_sim.evaluation.both import COLUMNS, Ranking, ranking, sentences, side_by_side
from cms_sim.evaluation.tables import summary
from cms_sim.experiment.results import Results
from tests.evaluation.make_results import EXPANSION, NO_PROGRAMME, REFERENCE, SAME, MadePlan, make_results


def made(*effects: float, replicates: int = 40, seed: int = 1, plans: Sequence[str] = "abc") -> Results:
    """A reference, no programme, and plans with these effects."""
    wanted = [MadePlan(name, effect, 40e6) for name, effect in zip(plans, effects, strict=True)]
    return make_results(replicates, [REFERENCE, NO_PROGRAMME, *wanted], frame_months=24, seed=seed)


def found(*both: Results) -> Ranking:
    return ranking(dict(zip(("city", "chicago"), both, strict=True)))


def test_the_same_order_is_told_as_such() -> None:
    ranked = found(made(0.1, 0.3, 0.2), made(0.2, 0.6, 0.4, seed=2))
    assert ranked.is_same and ranked.same_leader and not ranked.turned
    assert ranked.orders == ((3, 4, 2, 0),) * 2, "no programme (1) has no rank"
    assert ranked.pairs == ranked.told_apart == 6
    first, second = sentences(ranked)
    assert first == "The ranking is the same under each hypothesis: 1. B; 2. C; 3. A; 4. Kept."
    assert second == "Of 6 pairs of plans 6 are told apart, in the same order, under each."


def test_plans_that_are_turned_round_for_sure() -> None:
    ranked = found(made(0.1, 0.4, 0.25), made(0.4, 0.1, 0.25, seed=2))
    assert not ranked.is_same and not ranked.same_leader
    assert {pair.plans for pair in ranked.turned} == {(3, 4), (3, 2), (4, 2)}
    assert ranked.turned_for_sure == ranked.turned
    text = " ".join(sentences(ranked))
    assert "The ranking hangs on the hypothesis: plans that are told apart under each come in another order." in text
    assert "Another plan averts most under each." in text
    assert "“B” averts more than “A” under city and less under another" in text
    assert "which is better hangs on the hypothesis" in text


def test_a_turn_that_chance_may_have_made_is_no_finding() -> None:
    """Two plans with the same effect come in either order."""
    turned = found(made(0.1, 0.2, 0.2, seed=2), made(0.1, 0.2, 0.2, seed=3))
    assert [pair.plans for pair in turned.turned] == [(3, 4)] and not turned.turned_for_sure
    text = " ".join(sentences(turned))
    assert "no two plans are told apart both ways round" in text and "chance may have turned them" in text


def test_a_turn_that_only_one_hypothesis_tells_apart() -> None:
    ranked = found(made(0.5, 0.1, 0.0), made(0.1, 0.103, 0.0, seed=4))
    pairs = [pair for pair in ranked.turned if pair.told_apart == (True, False)]
    assert pairs and "they are told apart only under city" in " ".join(sentences(ranked))


def test_a_plan_that_is_its_reference_is_turned_against_none_of_its_copies() -> None:
    with_copy = [make_results(40, [REFERENCE, SAME, EXPANSION], frame_months=24, seed=seed) for seed in (1, 2)]
    assert found(*with_copy).is_same


def test_few_runs_say_nothing() -> None:
    (only,) = sentences(found(made(0.1, 0.3, 0.2, replicates=4), made(0.3, 0.1, 0.2, replicates=4)))
    assert only.startswith("Fewer than 8 runs cannot tell plans apart")


def test_one_plan_is_not_ranked() -> None:
    alone = make_results(40, [REFERENCE, NO_PROGRAMME], frame_months=24)
    assert sentences(found(alone, alone)) == ["There is one plan, so there is nothing to rank."]


def test_other_plans_are_refused() -> None:
    with pytest.raises(InputError, match="not of the same plans"):
        found(made(0.1, 0.3, 0.2), made(0.1, 0.3, 0.2, plans="abd"))


def test_the_table_has_the_numbers_of_each_summary() -> None:
    both = {"city": made(0.1, 0.3, 0.2), "chicago": made(0.3, 0.1, 0.2, seed=2)}
    table = side_by_side(both)
    assert table["plan"].tolist() == ["kept", "none", "a", "b", "c"]
    for name, results in both.items():
        own = summary(results, [0, 2, 3, 4])
        for column in COLUMNS:
            np.testing.assert_array_equal(table[f"{name}.{column}"].to_numpy(), own[column].to_numpy())
    assert table["city.rank"].tolist()[2:] == [3, 1, 2] and table["chicago.rank"].tolist()[2:] == [1, 3, 2]
    assert np.isnan(table["city.rank"][1])
