"""Ctrl-C, and worse, at any time: an exit code, one line, what was finished is kept, and no process stays behind."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.door.shell import Terminal
from tests.experiment.conftest import small_plans  # noqa: F401

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")

FIRST_DONE = r" [1-9]\d*/300 "
NOTHING = "cms-sim: interrupted; nothing unfinished was kept"
REPORT = {"report.html", "summary.csv", "runs.parquet", "provenance.json"}


Begin = Callable[..., Terminal]


@pytest.fixture
def begin(small_plans: dict[str, str], tmp_path: Path) -> Begin:  # noqa: F811
    """Starts a comparison that writes into `tmp_path`."""

    def start(replicates: int = 300, workers: int = 2) -> Terminal:
        plans = (Path(small_plans[name]).name for name in ("base", "site"))
        fixed = ("--parameters", "fixed", "--seed", 3)
        options = (*fixed, "--replicates", replicates, "--workers", workers, "--out", tmp_path)
        return Terminal.open("compare", *plans, *options, cwd=Path(small_plans["base"]).parent)

    return start


def ended(terminal: Terminal) -> int:
    """The exit code; without a traceback, and with no process left."""
    code = terminal.close()
    assert "Traceback" not in terminal.text and not terminal.left_over(), terminal.text[-2000:]
    return code


@pytest.mark.parametrize(
    ("moment", "after_s", "main_process_alone"),
    [("Preparing", 0.2, False), ("Running", 0.0, False), ("Running", 0.5, True)],
)
def test_before_anything_is_finished(
    begin: Begin,
    moment: str,
    after_s: float,
    main_process_alone: bool,
    tmp_path: Path,
) -> None:
    """While the engine is made ready, and while workers start."""
    terminal = begin()
    terminal.wait_for(moment)
    time.sleep(after_s)
    terminal.press_ctrl_c(main_process_alone=main_process_alone)
    assert ended(terminal) == 130
    assert terminal.text.count("cms-sim: ") == 1 and NOTHING in terminal.text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("workers", "main_process_alone"), [(1, True), (2, False)])
def test_what_is_finished_is_kept(begin: Begin, workers: int, main_process_alone: bool, tmp_path: Path) -> None:
    terminal = begin(workers=workers)
    terminal.wait_for(FIRST_DONE)
    terminal.press_ctrl_c(main_process_alone=main_process_alone)
    assert ended(terminal) == 130
    check_part(terminal, tmp_path)


def check_part(terminal: Terminal, out: Path) -> None:
    """The folder of an interrupted comparison is whole, and nothing else is there."""
    assert [entry.name for entry in out.iterdir()] == ["default-interrupted"]
    part = out / "default-interrupted"
    assert {entry.name for entry in part.iterdir()} >= REPORT
    origin = json.loads((part / "provenance.json").read_text())
    finished = origin["replicates"]
    assert 0 < finished < 300 == origin["replicates_asked"] == finished + len(origin["run"]["replicates_missing"])
    assert f"Interrupted: this is from {finished} of 300 replicates." in terminal.text
    assert "default-interrupted/report.html" in terminal.text.replace("\n", "")


@pytest.mark.parametrize("presses", [1, 2])
def test_while_the_report_is_written(begin: Begin, presses: int, tmp_path: Path) -> None:
    """The first Ctrl-C says how long it takes and lets it be finished; the second drops it."""
    terminal = begin(replicates=2, workers=1)
    terminal.wait_for("2/2")
    ends = time.monotonic() + 60.0
    while not list(tmp_path.glob(".default-unfinished-*")) and time.monotonic() < ends:
        time.sleep(0.01)
    for press in range(1, presses + 1):
        terminal.press_ctrl_c()
        if press < presses:
            terminal.wait_for("being written")
    assert ended(terminal) == 130
    if presses == 1:
        assert {entry.name for entry in (tmp_path / "default").iterdir()} >= REPORT
        assert "default/report.html" in terminal.text.replace("\n", "") and NOTHING not in terminal.text
    else:
        assert not list(tmp_path.iterdir()) and NOTHING in terminal.text


def test_a_worker_that_is_killed(begin: Begin, tmp_path: Path) -> None:
    """As the system does when memory runs out."""
    terminal = begin()
    terminal.wait_for(FIRST_DONE)
    os.kill(terminal.workers()[0], signal.SIGKILL)
    assert ended(terminal) == 1
    assert "a worker process ended before its work was done" in terminal.text and "--workers 1" in terminal.text
    check_part(terminal, tmp_path)


def test_workers_end_with_the_main_process(begin: Begin) -> None:
    terminal = begin()
    terminal.wait_for("Running")
    while not terminal.workers():
        time.sleep(0.01)
    time.sleep(1.0)
    os.kill(terminal.process.pid, signal.SIGKILL)
    assert ended(terminal) == -signal.SIGKILL
