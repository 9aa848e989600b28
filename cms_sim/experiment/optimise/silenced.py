"""HiGHS prints a line of its own now and then, whatever it is told; `--json` and the answer must stay free of it."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STANDARD_OUTPUT = 1


@contextmanager
def silenced() -> Iterator[None]:
    """What compiled code prints in here goes nowhere; Python's own standard output is written out before."""
    if sys.stdout is not None:
        sys.stdout.flush()
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.fflush(None)
    try:
        kept = os.dup(_STANDARD_OUTPUT)
    except OSError:  # it is closed, so that nothing can be printed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STANDARD_OUTPUT)
        yield
    finally:
        library.fflush(None)
        os.dup2(kept, _STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)
