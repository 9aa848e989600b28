"""Files that are there whole or not at all, also after the power went; and words for a disk that takes nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cms_sim.errors import InputError, RunError

UNFINISHED: Final = ".part"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def write_whole(file: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` make a file beside `file`, put it on the disk and give it its name."""
    part = file.with_name(f".{file.name}.{os.getpid()}{UNFINISHED}")
    try:
        write(part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(file)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk (Windows has no such call and does it by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def words_for_the_disk(folder: Path) -> Iterator[None]:
    """Raise RunError for a full disk and InputError for a place that cannot be written, instead of OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            remedy = "Free some space and run the same command again: what is finished is kept."
            raise RunError("the disk is full", where=str(folder), remedy=remedy) from error
        remedy = "Choose another place (--out), or mend this one; what is finished is kept."
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(folder), remedy=remedy) from error
