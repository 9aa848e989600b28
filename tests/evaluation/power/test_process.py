"""`cms-sim power` as a process of its own that is stopped, and then goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from tests.evaluation.power.made_up import keep_histories

ROOT = Path(__file__).resolve().parents[3]
HISTORIES = 40
STUDIES = 15
DESIGN = f"""
histories = {HISTORIES}
estimator_histories = 0
effects_percent = {json.dumps(list(range(0, -80, -2)))}
[[study]]
name = "lots"
choice = "random"
number = {json.dumps(list(range(1, STUDIES + 1)))}
start = 2016-01-01
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    keep_histories(folder, HISTORIES)
    (folder / "design.toml").write_text(DESIGN, encoding="utf-8")
    return folder


@contextmanager
def started(kept: Path, out: Path, workers: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(ROOT / "run_sim.py"), "power", str(kept / "design.toml")]
    command += ["--kept", str(kept), "--out", str(out), "--workers", str(workers)]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def first_tables(process: subprocess.Popen[str], out: Path) -> list[Path]:
    """Waits for three."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        found = sorted(out.rglob("part-*.parquet"))
        if len(found) >= 3:
            return found
        time.sleep(0.01)
    raise AssertionError(process.communicate()[1])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_and_a_kill_keep_what_is_finished_and_the_same_command_goes_on(kept: Path, tmp_path: Path) -> None:
    whole = STUDIES * HISTORIES // 10
    with started(kept, tmp_path, workers=2) as process:
        first_tables(process, tmp_path)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 130 and "give the same command again" in said and "Traceback" not in said
    after_ctrl_c = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("part-*.parquet")}
    assert 3 <= len(after_ctrl_c) < whole and not (tmp_path / "power.csv").exists()

    with started(kept, tmp_path, workers=1) as process:
        while len(list(tmp_path.rglob("part-*.parquet"))) <= len(after_ctrl_c) and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    after_kill = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("part-*.parquet")}
    assert len(after_ctrl_c) < len(after_kill) < whole
    assert all(len(pd.read_parquet(file)) for file in after_kill), "every table that has its name is whole"

    with started(kept, tmp_path, workers=1) as process:
        said, wrong = process.communicate(timeout=300)
        assert process.returncode == 0, wrong
    assert {file: file.stat().st_mtime_ns for file in after_kill} == after_kill, "nothing is done twice"
    assert {file: after_kill[file] for file in after_ctrl_c} == after_ctrl_c
    assert len(list(tmp_path.rglob("part-*.parquet"))) == whole
    assert len(pd.read_parquet(tmp_path / "power.parquet")) == STUDIES * 3 * 40 and "8 times in 10" in said
