"""Keys and draws: fixed for ever, well mixed, and the same in plain Python.

Statistical checks use fixed keys; their levels are chosen so that a good hash would fail fewer than 1 in 10,000 times.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from cms_sim import keys
from cms_sim.compiled import kernel
from cms_sim.engine import decisions
from tests.reference import keys as plain

KEYS = st.integers(0, 2**64 - 1)
RARE = 1e-4
N = 200_000


@kernel
def _uniforms(root, decision, n):  # type: ignore[no-untyped-def]
    found = np.empty(n)
    for i in range(n):
        found[i] = keys.uniform(keys.mix(root, i), decision)
    return found


def uniforms(decision: int, *, root: int = 7, n: int = N) -> NDArray[np.float64]:
    """The draws of one decision about n siblings."""
    drawn: NDArray[np.float64] = _uniforms(np.uint64(root), decision, n)
    return drawn


def test_known_values_never_change() -> None:
    """They are half of every seed ever recorded."""
    assert int(keys.mix(np.uint64(0), 0)) == 18019519595130617281
    assert int(keys.mix(np.uint64(1), 2)) == 16742956062941321471
    assert int(keys.lineage(2006, 1, 2, 3)) == 7800986467085693779
    assert keys.uniform(np.uint64(12345), decisions.SHOOT) == 0.35395172534194597
    assert keys.below(np.uint64(12345), decisions.SHOOT, 1000) == 353


@given(KEYS, KEYS, st.integers(1, 2**32))
def test_plain_python_gives_the_same_draws(key: int, item: int, n: int) -> None:
    compiled = np.uint64(key)
    assert int(keys.mix(compiled, np.uint64(item))) == plain.mix(key, item)
    decision = item % 2000
    assert keys.uniform(compiled, decision) == plain.uniform(key, decision)
    assert int(keys.below(compiled, decision, n)) == plain.below(key, decision, n)


@given(KEYS, st.integers(0, 2**32), st.integers(0, 63))
def test_one_changed_bit_changes_about_half(key: int, item: int, bit: int) -> None:
    """For every bit of key and item; 32 of 64 on average, 8 to 56 with a chance of failure below 1e-9."""
    flipped = key ^ (1 << bit)
    other_item = item ^ (1 << bit % 32)
    for changed in (plain.mix(flipped, item), plain.mix(key, other_item)):
        assert 8 <= (plain.mix(key, item) ^ changed).bit_count() <= 56


def test_avalanche_on_average() -> None:
    counts = np.zeros((64, 64))
    rounds = 500
    for trial in range(rounds):
        key = plain.mix(trial, 99)
        for bit in range(64):
            change = plain.mix(key, 5) ^ plain.mix(key ^ (1 << bit), 5)
            counts[bit] += [(change >> out) & 1 for out in range(64)]
    z = (counts - rounds / 2) / np.sqrt(rounds / 4)
    assert np.abs(z).max() < stats.norm.isf(RARE / 2 / z.size)


def test_draws_are_uniform() -> None:
    for decision in (decisions.SHOOT, decisions.LAG, decisions.HEIGHT):
        counts = np.histogram(uniforms(decision), bins=1024, range=(0.0, 1.0))[0]
        assert stats.chisquare(counts).pvalue > RARE / 3


def test_low_bits_are_uniform_too() -> None:
    low = np.array([plain.mix(plain.mix(3, i), decisions.TIE) & 1023 for i in range(50_000)])
    assert stats.chisquare(np.bincount(low, minlength=1024)).pvalue > RARE


def test_decisions_about_one_thing_are_uncorrelated() -> None:
    """All pairs of decisions on the list, on the same keys."""
    numbers = sorted({value for name, value in vars(decisions).items() if name.isupper() and value < 100})
    draws = np.array([uniforms(number, n=20_000) for number in numbers])
    correlation = np.corrcoef(draws)[np.triu_indices(len(numbers), 1)]
    assert np.abs(correlation).max() * np.sqrt(20_000) < stats.norm.isf(RARE / 2 / correlation.size)


def test_siblings_and_generations_are_uncorrelated() -> None:
    draws = uniforms(decisions.SHOOT)
    children = np.array(
        [plain.uniform(plain.lineage(7, i, decisions.CONTAGIONS, 0), decisions.SHOOT) for i in range(20_000)]
    )
    limit = stats.norm.isf(RARE / 2 / 11)
    for lag in range(1, 11):
        assert abs(np.corrcoef(draws[:-lag], draws[lag:])[0, 1]) * np.sqrt(N - lag) < limit
    assert abs(np.corrcoef(draws[:20_000], children)[0, 1]) * np.sqrt(20_000) < limit


def test_pairs_of_draws_fill_the_square() -> None:
    """A table of 32 by 32 over two decisions on the same key."""
    first, second = uniforms(decisions.DETECT), uniforms(decisions.MEDIATE)
    counts = np.histogram2d(first, second, bins=32, range=[(0, 1), (0, 1)])[0].ravel()
    assert stats.chisquare(counts).pvalue > RARE


def test_decision_numbers_are_distinct_and_leave_room_for_extensions() -> None:
    numbers = [value for name, value in vars(decisions).items() if name.isupper()]
    assert len(numbers) == len(set(numbers))
    assert max(number for number in numbers if number != decisions.EXTENSION) < decisions.EXTENSION
    referrals = set(range(decisions.REFER, decisions.REFER + 5))
    assert referrals & set(numbers) == {decisions.REFER}
