"""Random draws that belong to what they decide (docs/ODD.md, Design concepts).

A draw is a hash of a 64-bit key, mixed from the lineage of the thing that is decided about, and a `Decision`; it is
never the next number of a stream. Whatever else happens in the city, the same decision about the same conflict or
person gets the same draw. Keys are mixed, never added. Decision numbers are append-only: a number once used is never
given another meaning.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cms_sim.compiled import kernel

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_FIRST: Final = np.uint64(0x3C79AC492BA7B653)
_SECOND: Final = np.uint64(0x1C69B3F74AC4AE35)
_S33: Final = np.uint64(33)
_S27: Final = np.uint64(27)
_S32: Final = np.uint64(32)
_S11: Final = np.uint64(11)
_TO_UNIT: Final = 2.0**-53


@kernel
def mix(key, item):  # type: ignore[no-untyped-def]
    """The key (uint64) of the child `item` (integer, 0 or more) of the lineage `key`."""
    z = (np.uint64(key) + _GOLDEN) ^ (np.uint64(item) * _SPREAD)
    z ^= z >> _S32
    z *= _SPREAD
    z ^= z >> _S27
    z *= _FIRST
    z ^= z >> _S33
    z *= _SECOND
    return z ^ (z >> _S27)


@kernel
def uniform(key, decision):  # type: ignore[no-untyped-def]
    """The draw (float64 in [0, 1)) of one decision about the thing with this key."""
    return np.float64(mix(key, decision) >> _S11) * _TO_UNIT


@kernel
def below(key, decision, n):  # type: ignore[no-untyped-def]
    """An integer (int64) in 0..n-1, for n in 1..2**32: the top 32 bits of the draw scaled to n."""
    return np.int64(((mix(key, decision) >> _S32) * np.uint64(n)) >> _S32)


def lineage(root: int | np.uint64, *items: int) -> np.uint64:
    """The key of a line of descent, for callers outside compiled code (which must hand keys over as uint64)."""
    key = np.uint64(root)
    for item in items:
        key = np.uint64(mix(key, item))
    return key
