"""A Ctrl-C that arrives where Python cannot raise it, as in a finaliser of the compiler, is raised a moment later."""

from __future__ import annotations

import _thread
import sys
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

MOMENT_S: Final = 0.02


def hear_every_ctrl_c() -> None:
    """From now on: without it such a Ctrl-C is printed as ignored, and the run goes on."""
    sys.unraisablehook = _raise_later


def _raise_later(told: UnraisableHookArgs) -> None:
    if isinstance(told.exc_value, KeyboardInterrupt):
        later = threading.Timer(MOMENT_S, _thread.interrupt_main)  # at once, it would be raised in here, and lost again
        later.daemon = True
        later.start()
    else:
        sys.__unraisablehook__(told)
