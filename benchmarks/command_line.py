"""What a user waits for: the help of the command line, and the main job the first and the second time."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from benchmarks import Result

_HELP = "from cms_sim.door.cli import main; main(['--help'])"
"""What the installed `cms-sim --help` does."""
_RUN_SIM = Path(__file__).resolve().parents[1] / "run_sim.py"


def cli_help_s() -> Result:
    command = [sys.executable, "-c", _HELP]
    _seconds(command)  # the files are then in memory and their bytecode is written
    return "cli_help_s", statistics.median(_seconds(command) for _ in range(7)), "s"


def default_run_first_s() -> Result:
    return "default_run_first_s", _default_runs()[0], "s"


def default_run_second_s() -> Result:
    return "default_run_second_s", _default_runs()[1], "s"


@cache
def _default_runs() -> tuple[float, float]:
    """Seconds of the main job with an empty cache (so compilation and residents count), and with what it left there."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(_RUN_SIM)]
        return _seconds(command, folder), _seconds(command, folder)


def _seconds(command: list[str], folder: str | None = None) -> float:
    """Wall time of a command in a fresh process; with a folder it works there and keeps its cache there."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if folder:
        environment["CMS_SIM_CACHE"] = str(Path(folder) / "cache")
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=1800)
    return time.perf_counter() - began
