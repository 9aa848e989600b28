"""Whatever ends a sweep: nothing is lost but what was in flight, nothing is doubled, nothing half-written is read.

Real processes, really killed. Each time the sweep is gone on with, and the folder is then, byte for byte, one that was
made without faults.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from cms_sim.errors import InputError, RunError
from cms_sim.experiment.sweep import crews, store, study
from cms_sim.experiment.sweep.cells import ENDED
from cms_sim.experiment.sweep.design import Design, load_design
from cms_sim.experiment.sweep.read import load_sweep
from cms_sim.experiment.sweep.run import run_sweep
from tests.door.shell import ROOT, Terminal
from tests.experiment.sweep.world import contents, write_design

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processes from /proc")

KILLS = 50
PATIENCE_S = 300.0


@pytest.fixture(scope="module")
def large_file(world: Path) -> Path:
    """600 runs: seconds enough to be killed in."""
    return write_design(world, "large", points=30, replicates=10)


@pytest.fixture(scope="module")
def large(large_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its store without faults."""
    folder = tmp_path_factory.mktemp("large") / "store"
    assert run_sweep(load_design(large_file), folder, 1).done == 600
    return folder


def rows_of(folder: Path) -> set[tuple[object, ...]]:
    """Every row that can be read; none is there twice."""
    runs = load_sweep(folder).runs if (folder / store.RECORD).exists() else pd.DataFrame()
    found = [tuple(row) for row in runs.astype(object).fillna("nothing").itertuples(index=False)]
    assert len(set(found)) == len(found)
    return set(found)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends, f"{what} never came"
        time.sleep(0.01)


# The main process


@pytest.mark.slow
def test_the_main_process_is_killed_at_random_moments(
    design_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty times and more, in small parts, so that many kills fall into writing and putting together."""
    monkeypatch.setattr(study, "PART_ROWS", 8)
    design = load_design(design_file)
    run_sweep(design, tmp_path / "whole", 1)  # everything is loaded and compiled then
    clock = time.monotonic()
    run_sweep(design, tmp_path / "again", 1)
    longest = time.monotonic() - clock
    whole, expected = contents(tmp_path / "whole"), rows_of(tmp_path / "whole")
    chance, kills, stores = random.Random(1), 0, 0
    folder = tmp_path / "store-0"
    while kills < KILLS:
        before = rows_of(folder)
        child = _forked(design, folder)
        time.sleep(chance.uniform(0.0, longest / 2.0))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        after = rows_of(folder)
        assert before <= after <= expected
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0 and contents(folder) == whole
            stores += 1
            folder = tmp_path / f"store-{stores}"
    run_sweep(design, folder, 1)
    assert contents(folder) == whole


def _forked(design: Design, folder: Path) -> int:
    """A process that runs the sweep, with everything loaded already."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        run_sweep(design, folder, 1)
        code = 0
    finally:
        os._exit(code)


@pytest.mark.slow
def test_the_main_process_of_a_pool_is_killed(large_file: Path, large: Path, tmp_path: Path) -> None:
    """Its workers end by themselves, so that the sweep can be gone on with at once."""
    folder, chance = tmp_path / "store", random.Random(2)
    for _ in range(2):
        terminal = sweep(large_file, folder)
        terminal.wait_for(r"runs/s|Nothing was left")
        time.sleep(chance.uniform(0.0, 0.5))
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.close()
        assert not terminal.left_over() and rows_of(folder) <= rows_of(large)
    run_sweep(load_design(large_file), folder, 1)
    assert contents(folder) == contents(large)


def sweep(design: Path, out: Path, *options: object) -> Terminal:
    """`cms-sim sweep DESIGN --out OUT` in a terminal."""
    return Terminal.open("sweep", design, "--out", out, *options, cwd=design.parent)


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(large_file: Path, large: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    terminal = sweep(large_file, folder)
    wait_until(lambda: any(folder.rglob("chunk-*.parquet")), "a finished chunk")
    terminal.press_ctrl_c()
    assert terminal.close() == 130 and not terminal.left_over()
    assert "What is finished is kept" in terminal.text and "Traceback" not in terminal.text
    kept = rows_of(folder)
    assert kept and kept <= rows_of(large)
    assert not list(folder.rglob("*.part"))
    run_sweep(load_design(large_file), folder, 1)
    assert contents(folder) == contents(large)


# Workers


@pytest.mark.slow
def test_workers_are_killed(large_file: Path, large: Path, tmp_path: Path) -> None:
    """As the system does when memory runs out; twice."""
    terminal = sweep(large_file, tmp_path / "store")
    terminal.wait_for(r" [1-9]\d*/600 ")
    os.kill(terminal.workers()[0], signal.SIGKILL)
    time.sleep(0.5)
    wait_until(lambda: bool(terminal.workers()) or terminal.process.poll() is not None, "a new worker")
    for worker in terminal.workers()[-1:]:
        os.kill(worker, signal.SIGKILL)
    assert terminal.close() == 0, terminal.text[-2000:]
    assert contents(tmp_path / "store") == contents(large)


EXTENSION = """
import os, signal, time
from cms_sim.experiment.extension import Extension


def evening(world, plan, state, own, day):
    if own["fault"] == 1:
        raise ValueError(f"no such day:\\n{day}")
    while own["fault"] == 2:
        pass
    while own["fault"] == 3:
        time.sleep(1000.0)
    if own["fault"] == 4:
        os.kill(os.getpid(), signal.SIGKILL)


EXTENSION = Extension(name="faulty", parameters={"fault": 0.0}, evening=evening)
"""
FAULTY = """
plans = ["base.toml", "site.toml"]
replicates = 1
method = "grid"
levels = "once"
time_limit_s = 1.0
[frame]
ends = 2012-02-29
past_months = 1
[extension]
file = "faulty.py"
[extension.parameters.fault]
values = {values}
"""


def faulty(world: Path, values: list[int]) -> Design:
    (world / "faulty.py").write_text(EXTENSION)
    file = world / "faulty.toml"
    file.write_text(FAULTY.format(values=values))
    return load_design(file)


def errors(folder: Path) -> dict[int, list[str]]:
    """The errors of the runs at each point."""
    runs = load_sweep(folder).runs
    assert runs.loc[runs["error"] != "", list(load_sweep(folder).outcomes)].isna().all().all()
    assert runs.loc[runs["error"] == "", "victims"].notna().all() and (runs["seed"] > 0).all()
    return {int(point): list(rows) for point, rows in runs.groupby("point")["error"]}


def test_a_run_that_raises_is_a_row(world: Path, tmp_path: Path) -> None:
    design = faulty(world, [0, 1])
    assert run_sweep(design, tmp_path / "one", 1).failed == 2
    run_sweep(design, tmp_path / "two", 2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    found = errors(tmp_path / "one")
    assert found[0] == ["", ""] and found[1][0] == found[1][1]
    assert found[1][0].startswith("ValueError: no such day: ") and "faulty.py, line 8" in found[1][0]


def test_a_run_that_never_ends_is_a_row(world: Path, tmp_path: Path) -> None:
    run_sweep(faulty(world, [2, 0]), tmp_path, 2)
    assert errors(tmp_path) == {0: ["took longer than 1 s"] * 2, 1: ["", ""]}


@pytest.mark.slow
def test_a_run_that_ends_its_process_or_hears_no_signal_is_a_row(world: Path, tmp_path: Path) -> None:
    """One that is killed whenever it is tried, and one that sits in foreign code beyond the time limit."""
    run_sweep(faulty(world, [0, 4, 5, 3]), tmp_path, 2)
    assert errors(tmp_path) == {0: ["", ""], 1: [ENDED] * 2, 2: ["", ""], 3: [ENDED] * 2}


# The disk


def test_a_disk_that_fills_up(
    design_file: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every fourth of the 46 moments at which something is put on the disk."""
    real, calls = os.fsync, [0]
    for last in range(1, 46, 4):

        def full(handle: int, last: int = last) -> None:
            calls[0] += 1
            if calls[0] == last:
                raise OSError(28, "No space left on device")
            real(handle)

        calls[0] = 0
        with monkeypatch.context() as patched:
            patched.setattr(store.os, "fsync", full)
            with pytest.raises(RunError, match="the disk is full"):
                run_sweep(load_design(design_file), tmp_path / str(last), 1)
        assert not list(tmp_path.rglob("*.part"))
        run_sweep(load_design(design_file), tmp_path / str(last), 1)
        assert contents(tmp_path / str(last)) == contents(finished)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_disk_that_is_full(design_file: Path, finished: Path, small_disk: Path) -> None:
    folder = small_disk / "store"
    with pytest.raises(RunError, match="the disk is full"):
        run_sweep(load_design(design_file), folder, 1)
    assert not list(folder.rglob("*.part")) and rows_of(folder) < rows_of(finished)
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    run_sweep(load_design(design_file), folder, 1)
    assert contents(folder) == contents(finished)


def test_a_folder_that_may_only_be_read(design_file: Path, finished: Path, tmp_path: Path) -> None:
    """Exit code 2 and one message; of a finished sweep it is still said that nothing is left."""
    whole, empty = tmp_path / "whole", tmp_path / "empty"
    shutil.copytree(finished, whole)
    empty.mkdir()
    for folder in (whole, whole / "parts", empty):
        folder.chmod(0o555)
    plain = [sys.executable, str(ROOT / "run_sim.py"), "sweep", str(design_file)]
    if os.geteuid() == 0:  # whom no permission holds, unless that right is given up
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv, or another user than root")
        rights = "-dac_override,-dac_read_search"
        plain = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", *plain]
    ended = {
        folder: subprocess.run([*plain, "--out", str(folder)], capture_output=True, text=True, timeout=PATIENCE_S)
        for folder in (whole, empty)
    }
    assert ended[whole].returncode == 0 and "Nothing was left to run" in ended[whole].stdout, ended[whole].stderr
    assert ended[empty].returncode == 2, ended[empty].stderr
    assert "cannot be written (Permission denied)" in ended[empty].stderr and "Traceback" not in ended[empty].stderr
    assert not list(empty.iterdir())


# Two at once


@pytest.mark.slow
def test_two_resumes_at_once(large_file: Path, large: Path, tmp_path: Path) -> None:
    first = sweep(large_file, tmp_path / "store")
    first.wait_for(r" [1-9]\d*/600 ")
    second = sweep(large_file, tmp_path / "store", "--resume")
    assert second.close() == 2 and "another sweep is writing here" in second.text
    assert first.close() == 0
    third = sweep(large_file, tmp_path / "store", "--resume")
    assert third.close() == 0 and "Nothing was left to run" in third.text
    assert contents(tmp_path / "store") == contents(large)


# A pool that cannot even start


def test_workers_that_cannot_start_are_no_failed_runs(
    design_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "_begin_worker", os._exit)
    with pytest.raises(RunError, match="end as soon as they start"):
        run_sweep(load_design(design_file), tmp_path, 2)
    assert not rows_of(tmp_path)
    with pytest.raises(InputError, match="processes"):
        run_sweep(load_design(design_file), tmp_path, 100_000)
