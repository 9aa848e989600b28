"""How a function becomes compiled code, in one place.

Numba keeps compiled code on disk, but does not notice an edit in another module that a kernel calls. So the cache
lives in a folder whose name is a hash of every source file that may hold a kernel: an edit anywhere starts a new one.

Numba uses a folder only if it can write there. Where the cache cannot be written, a temporary folder with links to what
can be read there stands in for it, in the main process and in its workers.
"""

from __future__ import annotations

import atexit
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
_STAND_IN = "CMS_SIM_COMPILED_STAND_IN"
"""Names the main process's stand-in to its workers."""


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


def _folder_of_compiled_code() -> Path | None:
    """Where Numba may keep compiled code, or None. An unwritable or full cache costs time, never a result."""
    folder = cache_root() / "compiled" / sources_hash()[:16]
    fault = _fault_in_writing(folder)
    if not fault:
        return folder
    if parent_process() is not None:  # a worker: its main process has found a folder and given the warning
        return Path(os.environ[_STAND_IN]) if _STAND_IN in os.environ else None
    os.environ.pop(_STAND_IN, None)
    files = list(folder.rglob("*.nb?")) if os.access(folder, os.R_OK | os.X_OK) else []
    stand_in = _stand_in(folder, files)
    if stand_in is not None:
        os.environ[_STAND_IN] = str(stand_in)
    if stand_in is None or not files:
        log.warning("Compiled code is not kept (%s: %s): this costs a minute or two each time.", folder.parent, fault)
    return stand_in


def _fault_in_writing(folder: Path) -> str:
    """Why compiled code cannot be kept in `folder`; empty where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        return "" if shutil.disk_usage(folder).free > _ROOM_BYTES else "the disk is full"
    except OSError as error:
        return error.strerror or str(error)


def _stand_in(folder: Path, files: list[Path]) -> Path | None:
    """A temporary folder, gone when this process ends, with links to the `files` of `folder`; None where none can be
    made.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix="cms-sim-compiled-"))
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        for file in files:
            link = made / file.relative_to(folder)
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(file.resolve())
    except OSError:
        return None
    return None if _fault_in_writing(made) else made


_COMPILED = _folder_of_compiled_code()
_KEEP = _COMPILED is not None
numba.config.CACHE_DIR = str(_COMPILED or "")  # type: ignore[attr-defined]

kernel = numba.njit(cache=_KEEP, error_model="numpy", nogil=True)
"""Decorator of compiled functions: IEEE arithmetic without reordering, so plain Python gives the same numbers."""

bare_kernel = numba.njit(  # type: ignore[call-overload]  # `_nrt` is known to Numba, not to its types
    cache=_KEEP, error_model="numpy", nogil=True, _nrt=False, forceinline=True
)
"""The same for the engine, whose functions make no arrays: without reference counting. Counting costs a microsecond
for each call that hands on a tuple of many arrays, two hundred times the work of a small step.
"""
