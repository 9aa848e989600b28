"""A time limit for runs: an exception in the thread that runs, then, if that does not help, the end of the process."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from typing import Final

_LOOKS_EVERY_S: Final = 0.1
_LONGEST_GRACE_S: Final = 30.0
_EXIT_CODE: Final = 75


class TookTooLong(BaseException):
    """A run went on beyond its limit. Not an `Exception`: code that catches all of those must not swallow it."""


class TimeLimit:
    """The limit of what the thread that makes this runs between `begin` and `end`.

    A second thread looks at the clock. Code that never comes back to Python does not see the exception: after as long
    again (30 s at most) the process ends, where `may_exit`; what was running is then known by its loss.
    """

    def __init__(self, seconds: float, may_exit: bool) -> None:
        self._seconds = seconds
        self._may_exit = may_exit
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._raise_at = self._exit_at = float("inf")
        threading.Thread(target=self._look, daemon=True).start()

    def begin(self) -> None:
        """Start the clock."""
        with self._lock:
            self._raise_at = time.monotonic() + self._seconds

    def end(self) -> None:
        """Stop the clock; an exception that is on its way no longer comes. To be called again after one that came."""
        with self._lock:
            self._raise_at = self._exit_at = float("inf")
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)

    def _look(self) -> None:
        while True:
            time.sleep(_LOOKS_EVERY_S)
            with self._lock:
                now = time.monotonic()
                if now >= self._raise_at:
                    self._raise_at = float("inf")
                    self._exit_at = now + min(self._seconds, _LONGEST_GRACE_S)
                    raised = ctypes.py_object(TookTooLong)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), raised)
                elif now >= self._exit_at and self._may_exit:
                    os._exit(_EXIT_CODE)
