"""The command line as a person has it: processes in a terminal, with Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 400.0
"""The engine may have to be compiled first."""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python run_sim.py ARGUMENTS` to its end, without a terminal."""
    return subprocess.run(
        _command(arguments), cwd=cwd, env=_environment(environment), capture_output=True, text=True, timeout=PATIENCE_S
    )


@dataclass
class Terminal:
    """A running `python run_sim.py ARGUMENTS`, alone in its session as under a shell; both streams on one terminal."""

    process: subprocess.Popen[bytes]
    screen: int
    text: str = ""
    """What came to the screen so far, without colours and moves."""

    @classmethod
    def open(cls, *arguments: object, cwd: Path, **environment: str) -> Terminal:
        """Start it."""
        screen, inside = pty.openpty()
        process = subprocess.Popen(
            _command(arguments),
            cwd=cwd,
            env=_environment({"COLUMNS": "100", "TERM": "xterm", **environment}),
            stdin=subprocess.DEVNULL,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        return cls(process, screen)

    def wait_for(self, pattern: str) -> None:
        """Read until the screen has shown `pattern`."""
        ends = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.text):
            assert self._read(1.0) and time.monotonic() < ends, f"'{pattern}' never came: {self.text[-1500:]}"

    def press_ctrl_c(self, *, main_process_alone: bool = False) -> None:
        """What the terminal does: SIGINT to every process of the group (or to the main one alone)."""
        (os.kill if main_process_alone else os.killpg)(self.process.pid, signal.SIGINT)

    def close(self) -> int:
        """Read to the end; the exit code."""
        while self._read(PATIENCE_S):
            pass
        os.close(self.screen)
        return self.process.wait(timeout=PATIENCE_S)

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return [pid for pid, command in self._family().items() if "spawn_main" in command]

    def left_over(self) -> dict[int, str]:
        """Processes of the session that are still there ten seconds later."""
        ends = time.monotonic() + 10.0
        while self._family() and time.monotonic() < ends:
            time.sleep(0.05)
        return self._family()

    def _read(self, seconds: float) -> bool:
        if not select.select([self.screen], [], [], seconds)[0]:
            return self.process.poll() is None
        try:
            data = os.read(self.screen, 65536)
        except OSError:  # the other end is closed
            return False
        self.text += _CONTROL.sub("", data.decode(errors="replace")).replace("\r", "\n")
        return bool(data)

    def _family(self) -> dict[int, str]:
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
                session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
            except (OSError, ValueError):
                continue
            if session == self.process.pid and command:  # one that is done but not yet waited for has no command
                found[int(folder.name)] = command
        return found


def _command(arguments: tuple[object, ...]) -> list[str]:
    return [sys.executable, str(ROOT / "run_sim.py"), *map(str, arguments)]


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **changes}
