"""A Ctrl-C that arrives where Python cannot raise it, as in a finaliser of the compiler, is raised a moment later."""

from __future__ import annotations

import _thread
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

MOMENT_S: Final = 0.1
"""Long enough for `_raise_later` to end on a busy machine too."""


def hear_every_ctrl_c() -> None:
    """From now on: without it such a Ctrl-C is printed as ignored, and the run goes on."""
    sys.unraisablehook = _raise_later


def _raise_later(told: UnraisableHookArgs) -> None:
    if isinstance(told.exc_value, KeyboardInterrupt):
        # At once, it would be raised in here and lost again; and starting a `Thread` waits in here until it runs.
        _thread.start_new_thread(_interrupt, ())
    else:
        sys.__unraisablehook__(told)


def _interrupt() -> None:
    time.sleep(MOMENT_S)
    _thread.interrupt_main()
