"""The first start: what has to be built and compiled once is made in a process that ends, and takes its memory along.

Compiling needs minutes and three times the memory that a server needs; what it leaves on the disk is read in seconds.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numba

from cms_sim.compiled import cache_root
from cms_sim.door.demo.family import mediated
from cms_sim.door.demo.neighbourhood import file_of, make_and_keep
from cms_sim.door.demo.pair import Pair
from cms_sim.door.demo.scenes import Sent
from cms_sim.door.demo.settings import Settings
from cms_sim.errors import CmsSimError, RunError
from cms_sim.experiment.pool import end_with_main

FUNCTIONS: Final = 115
"""About so many are compiled: what progress is measured by."""
LOOK_EVERY_S: Final = 0.5
_PACKAGE: Final = Path(__file__).parents[2]


def is_prepared() -> bool:
    """Whether a start finds all that it needs on the disk, or could not keep it there anyway."""
    if not numba.config.CACHE_DIR:  # type: ignore[attr-defined]  # of this a warning has been given
        return True
    return _mark().exists() and file_of(Settings().residents).exists()


def prepare(on_progress: Callable[[int], None]) -> None:
    """Build and compile, and tell how many functions are done. RunError when that fails."""
    process = multiprocessing.get_context("spawn").Process(target=_make_and_leave, daemon=True)
    process.start()
    try:
        while process.is_alive():
            process.join(LOOK_EVERY_S)
            on_progress(min(FUNCTIONS - 1, sum(1 for _ in _folder().rglob("*.nbi"))))
    finally:
        process.terminate()
    if process.exitcode or not is_prepared():
        remedy = (
            "Close other programmes, see that CMS_SIM_CACHE is a folder with space that can be written; start again."
        )
        raise RunError("what the first start prepares could not be made", where=str(cache_root()), remedy=remedy)
    on_progress(FUNCTIONS)


def _make_and_leave() -> None:
    end_with_main()
    try:
        make_everything()
    except (CmsSimError, OSError, MemoryError):
        sys.exit(1)


def make_everything() -> None:
    """Do once all that a page asks for, so that its compiled code is kept, and note that it is."""
    file = file_of(Settings().residents)
    if not file.exists():
        make_and_keep(Settings().residents, str(file))
    pair, sent = Pair(Settings()), Sent()
    sent.scene(pair, with_place=True)
    pair.advance_to(30)
    sent.days(pair, 0)
    mediated(pair)
    _mark().touch()


def _folder() -> Path:
    """Where compiled code is kept."""
    return Path(str(numba.config.CACHE_DIR))  # type: ignore[attr-defined]


def _mark() -> Path:
    return _folder() / f"demo.{_stamp()}"


@cache
def _stamp() -> str:
    """What compiled code holds for: another processor, another Python or a file that was touched needs its own."""
    from numba.core.registry import cpu_target

    processor = cpu_target.target_context.codegen().magic_tuple()  # what Numba itself keeps code under
    digest = hashlib.sha256(f"{_PACKAGE} {processor} {sys.implementation.cache_tag}".encode())
    for file in sorted(_PACKAGE.rglob("*.py")):
        told = file.stat()
        digest.update(f"{file.relative_to(_PACKAGE)} {told.st_mtime_ns} {told.st_size}".encode())
    return digest.hexdigest()[:16]
