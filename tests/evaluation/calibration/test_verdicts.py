"""What recovery names as poor: by chance as seldom as is said, and where ranks are not even."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from cms_sim.evaluation.calibration.recovery import LEVELS, SAMPLE, Recovered, of_ranks
from cms_sim.evaluation.calibration.verdicts import ERROR_RATE, Verdict, coverage_interval, verdicts

PARAMETERS, TRUTHS = 10, 400
RIGHT = (1.0, 1.0)
"""Of the beta law of a truth's place in its posterior: even."""
TOO_SURE, NOT_SURE_ENOUGH, TOO_HIGH = (0.5, 0.5), (2.0, 2.0), (1.0, 1.6)


def recovery(rng: np.random.Generator, *laws: tuple[float, float], contraction: float = 0.3) -> list[Recovered]:
    """A made-up posterior: a parameter for each law, then right ones up to `PARAMETERS`."""
    chosen = [*laws, *[RIGHT] * (PARAMETERS - len(laws))]
    return [
        of_ranks(f"p{k}", (rng.beta(*law, TRUTHS) * (SAMPLE + 1)).astype(int), contraction, 0.9)
        for k, law in enumerate(chosen)
    ]


def held(count: int) -> Recovered:
    """Ranks of which so many lie in the middle half, spread evenly within and without."""
    inside = np.linspace(50, 149, count).astype(int)
    outside = np.resize([*range(50), *range(150, 200)], TRUTHS - count)
    return of_ranks("branching_contagion", np.concatenate([inside, outside]), 0.12, 1.0)


def test_intervals_of_even_ranks_hold_exactly_as_they_say() -> None:
    even = of_ranks("a", np.arange(SAMPLE + 1), 0.0, 1.0)
    assert dict(even.coverage) == {level: level for level in LEVELS}
    assert even.p_uniform == 1.0 and even.truths == SAMPLE + 1


def test_of_right_posteriors_no_more_than_is_said_are_named() -> None:
    """And some are: a rule that never names anything would keep to it as well."""
    rng, many = np.random.default_rng(11), 150
    named = sum(any(each.faults for each in verdicts(recovery(rng))) for _ in range(many))
    assert 0 < named <= binom.ppf(0.999, many, ERROR_RATE)


@pytest.mark.parametrize(
    ("law", "words"),
    [
        (TOO_SURE, ("its 50% interval holds too rarely", "its 90% interval holds too rarely", "its ranks are uneven")),
        (NOT_SURE_ENOUGH, ("its 50% interval holds too often", "its 90% interval holds too often")),
        (TOO_HIGH, ("its ranks are uneven",)),
    ],
)
def test_a_parameter_whose_ranks_are_not_even_is_named(law: tuple[float, float], words: tuple[str, ...]) -> None:
    """In each of 20 recoveries, and the right ones beside it in no more than are said."""
    rng, others = np.random.default_rng(5), 0
    for _ in range(20):
        first, *rest = verdicts(recovery(rng, law))
        assert set(words) <= set(first.faults)
        others += any(each.faults for each in rest)
    assert others <= binom.ppf(0.999, 20, ERROR_RATE)


@pytest.mark.parametrize(("count", "is_named"), [(163, True), (176, False), (224, False), (237, True)])
def test_coverage_is_held_against_chance_over_all_parameters(count: int, is_named: bool) -> None:
    """163 of 400 (41%) happens once in 4,000 to a right interval; 176 (44%) once in 50, which ten parameters allow."""
    first = verdicts([held(count), *[held(200)] * (PARAMETERS - 1)])[0]
    assert any(fault.startswith("its 50% interval") for fault in first.faults) == is_named
    low, high = coverage_interval(first.recovered, 0.5)
    assert low < count / TRUTHS < high and 0.08 < high - low < 0.11


def test_words_say_what_is_learned_and_what_is_wrong() -> None:
    rng = np.random.default_rng(1)
    learned, unknown = recovery(rng)[0], recovery(rng, contraction=0.05)[0]
    assert Verdict(learned, ()).words == "learned" and Verdict(unknown, ()).words == "not identified"
    fault = "its 50% interval holds too rarely"
    assert Verdict(learned, (fault,)).words == f"learned, but {fault}"
    assert Verdict(unknown, (fault, "its ranks are uneven")).words == (
        f"not identified, and {fault} and its ranks are uneven"
    )
