"""A time limit for runs: an exception in the thread that runs, then, if that does not help, the end of the process."""

from __future__ import annotations

import ctypes
import os
import threading
import time
import weakref
from types import TracebackType
from typing import Final

_LOOKS_EVERY_S: Final = 0.1
_LONGEST_GRACE_S: Final = 30.0
_ON_ITS_WAY_S: Final = 1.0
_EXIT_CODE: Final = 75
_NEVER: Final = float("inf")


class TookTooLong(BaseException):
    """A run went on beyond its limit. Not an `Exception`: code that catches all of those must not swallow it."""


class TimeLimit:
    """`with limit:` raises TookTooLong in the thread that made it when the block goes on for more than `seconds`.

    A second thread looks at the clock. Code that never comes back to Python does not see the exception: after as long
    again (30 s at most) the process ends, where `may_exit`; what was running is then known by its loss.
    """

    def __init__(self, seconds: float, may_exit: bool) -> None:
        self._seconds = seconds
        self._may_exit = may_exit
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._raise_at = self._exit_at = _NEVER
        threading.Thread(target=_watch, args=(weakref.ref(self),), daemon=True).start()

    def __enter__(self) -> None:
        with self._lock:
            self._raise_at = time.monotonic() + self._seconds

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self.stop() or kind is TookTooLong:
            return
        # The exception is on its way and must come here, not later. Taking it back would leave the interpreter
        # looking for it at every step, which makes it slow for good.
        ends = time.monotonic() + _ON_ITS_WAY_S
        while time.monotonic() < ends:
            time.sleep(0.001)
        raise TookTooLong

    def stop(self) -> bool:
        """Stop the clock; whether it had run out. To be called after an exception that came while the block ended."""
        with self._lock:
            had_run_out = self._exit_at < _NEVER
            self._raise_at = self._exit_at = _NEVER
            return had_run_out

    def look(self) -> None:
        """Do what the clock asks for."""
        with self._lock:
            now = time.monotonic()
            if now >= self._raise_at:
                self._raise_at = _NEVER
                self._exit_at = now + min(self._seconds, _LONGEST_GRACE_S)
                raised = ctypes.py_object(TookTooLong)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), raised)
            elif now >= self._exit_at and self._may_exit:
                os._exit(_EXIT_CODE)


def _watch(watched: weakref.ref[TimeLimit]) -> None:
    """Look at the clock for as long as somebody needs the limit."""
    while (limit := watched()) is not None:
        limit.look()
        del limit
        time.sleep(_LOOKS_EVERY_S)
