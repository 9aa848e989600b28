"""Nothing that compiled code prints while it chooses comes between the lines of an answer."""

from __future__ import annotations

import subprocess
import sys

PRINTS = """
import ctypes, os, sys
from cms_sim.experiment.optimise.silenced import silenced
libc = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
sys.stdout.write("before ")
with silenced():
    libc.puts(b"of the library")
    libc.printf(b"and without an end of line")
print("after")
"""


def test_what_compiled_code_prints_goes_nowhere_and_what_we_print_stays_in_order() -> None:
    done = subprocess.run([sys.executable, "-c", PRINTS], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("before after\n", "", 0)


def test_an_error_in_there_is_not_swallowed_and_output_comes_back() -> None:
    fails = PRINTS.replace(
        'print("after")', "try:\n with silenced():\n  1 / 0\nexcept ArithmeticError:\n print('back')"
    )
    done = subprocess.run([sys.executable, "-c", fails], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("before back\n", 0)
