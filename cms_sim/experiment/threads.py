"""How many processes there may be, and one thread for each in linear algebra, since there is a process for each core
already. NumPy is not loaded here, since it reads these names when it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST_WORKERS: Final = 61 if sys.platform == "win32" else 1024
"""Processes of one pool; on Windows the system's own limit."""
THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Of processes that start in here; a number that the user has set stays."""
    before = {name: os.environ.get(name) for name in THREADS}
    one_thread_from_now()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def one_thread_from_now() -> None:
    """Of this process, where NumPy is not loaded yet, and of all that it starts."""
    for name in THREADS:
        os.environ.setdefault(name, "1")
