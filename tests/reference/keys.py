"""Keyed draws in plain Python: whole numbers kept to 64 bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cms_sim.engine import decisions as of

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
SPREAD = 0xD6E8FEB86659FD93
FIRST = 0x3C79AC492BA7B653
SECOND = 0x1C69B3F74AC4AE35


def mix(key: int, item: int) -> int:
    """The key of the child `item` of the lineage `key`."""
    z = ((key + GOLDEN) & MASK) ^ ((item * SPREAD) & MASK)
    z ^= z >> 32
    z = (z * SPREAD) & MASK
    z ^= z >> 27
    z = (z * FIRST) & MASK
    z ^= z >> 33
    z = (z * SECOND) & MASK
    return z ^ (z >> 27)


def lineage(root: int, *items: int) -> int:
    """The key of a line of descent."""
    for item in items:
        root = mix(root, item)
    return root


def uniform(key: int, decision: int) -> float:
    """A number from 0 up to 1."""
    return (mix(key, decision) >> 11) * 2.0**-53


def below(key: int, decision: int, n: int) -> int:
    """A whole number from 0 to n - 1."""
    return ((mix(key, decision) >> 32) * n) >> 32


def from_table(table: Sequence[int], key: int, decision: int) -> int:
    """One of 4096 quantiles."""
    return table[mix(key, decision) >> 52]


def count_from(cumulative: Sequence[float], u: float) -> int:
    """A number with these cumulative probabilities."""
    return sum(1 for probability in cumulative if probability <= u)


def candidates(stream: int, counts: Sequence[float], layers: int) -> Iterator[tuple[int, float]]:
    """Key and height (in layers) of everything that may come of a stream."""
    for layer in range(layers):
        key = lineage(stream, layer)
        for i in range(count_from(counts, uniform(key, of.COUNT))):
            yield lineage(key, of.EACH, i), layer + uniform(lineage(key, of.HEIGHT), i)
