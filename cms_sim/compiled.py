"""How a function becomes compiled code, in one place.

Numba keeps compiled code on disk, but does not notice an edit in another module that a kernel calls. So the cache
lives in a folder whose name is a hash of every source file that may hold a kernel: an edit anywhere starts a new one.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from multiprocessing import parent_process
from pathlib import Path

import numba
import platformdirs

log = logging.getLogger(__name__)

_ROOMS = ("city", "engine")
_ROOM_BYTES = 64_000_000
"""Free space below which nothing is kept: compiled code takes a third of it, and Numba fails when it cannot write."""


def cache_root() -> Path:
    """The folder of what can be made again (compiled code, cities, levels): `CMS_SIM_CACHE`, or the user's own."""
    override = os.environ.get("CMS_SIM_CACHE")
    return Path(override) if override else Path(platformdirs.user_cache_dir("cms-sim", appauthor=False))


def sources_hash() -> str:
    """A hash (hex) of every source file that may hold a kernel, and of Numba's version."""
    here = Path(__file__).parent
    files = [
        here / "keys.py",
        Path(__file__),
        *(file for room in _ROOMS for file in sorted((here / room).rglob("*.py"))),
    ]
    digest = hashlib.sha256(numba.__version__.encode())
    for file in files:
        digest.update(str(file.relative_to(here)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _use_own_cache_folder() -> bool:
    """Whether compiled code can be kept. An unwritable or full cache costs time, never a result."""
    folder = cache_root() / "compiled" / sources_hash()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        fault = "" if shutil.disk_usage(folder).free > _ROOM_BYTES else "the disk is full"
    except OSError as error:
        fault = error.strerror or str(error)
    if fault and parent_process() is None:
        log.warning("Compiled code is not kept (%s: %s): this costs a minute or two each time.", folder.parent, fault)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    return not fault


_KEEP = _use_own_cache_folder()

kernel = numba.njit(cache=_KEEP, error_model="numpy", nogil=True)
"""Decorator of compiled functions: IEEE arithmetic without reordering, so plain Python gives the same numbers."""

bare_kernel = numba.njit(  # type: ignore[call-overload]  # `_nrt` is known to Numba, not to its types
    cache=_KEEP, error_model="numpy", nogil=True, _nrt=False, forceinline=True
)
"""The same for the engine, whose functions make no arrays: without reference counting. Counting costs a microsecond
for each call that hands on a tuple of many arrays, two hundred times the work of a small step.
"""
