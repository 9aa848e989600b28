"""Memory that pages leave goes back to the machine. Linux' C library would keep it; others have no such calls."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

_MAP_FROM: Final = -3
"""M_MMAP_THRESHOLD of mallopt(3): set once, it no longer grows by itself."""
_HEAPS_AT_MOST: Final = -8
"""M_ARENA_MAX."""
_LARGE_BYTES: Final = 131_072


def keep_small() -> None:
    """From now on threads share one heap, and a large array has a place of its own that is the machine's afterwards."""
    _call("mallopt", _HEAPS_AT_MOST, 1)
    _call("mallopt", _MAP_FROM, _LARGE_BYTES)


def give_back() -> None:
    """Return what is free."""
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    with suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), name)(*values)
