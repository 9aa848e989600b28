"""Over a Dask scheduler and its workers, in processes of their own; some of which are killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cms_sim.errors import InputError, RunError
from cms_sim.experiment.sweep.cells import ENDED
from cms_sim.experiment.sweep.design import load_design
from cms_sim.experiment.sweep.run import Progress, run_sweep
from tests.experiment.sweep.test_faults import ROOT, errors, faulty, rows_of
from tests.experiment.sweep.world import contents, write_design

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

PATIENCE_S = 120.0


@dataclass
class Dask:
    """A scheduler and a worker, as docs/sweeps.md starts them by hand."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> str:
        """`python -m distributed.cli...`; what it says is in a file."""
        log = self.folder / f"log-{len(self.processes)}.txt"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_LOGGING__DISTRIBUTED": "info"}
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdout=said,
                stderr=said,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
            )
        self.processes.append(process)
        return str(log)

    def scheduler(self) -> str:
        """Start one; its address."""
        log = Path(self.start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"))
        ends = time.monotonic() + PATIENCE_S
        while not (found := re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text())):
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.1)
        return found[1]

    def worker(self, address: str, *more: str) -> Path:
        """Start one of one thread, whose nanny starts it again when it is lost; the file with what it says."""
        return Path(self.start("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", *more))

    def end(self) -> None:
        """End all of them."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    made = Dask(tmp_path)
    try:
        yield made
    finally:
        made.end()


def test_a_cluster_gives_the_same_bytes_and_outlives_its_workers(
    world: Path, design_file: Path, finished: Path, dask: Dask, tmp_path: Path
) -> None:
    """The same store; then a run that ends its worker whenever it is tried is a failed row."""
    address = dask.scheduler()
    dask.worker(address)
    run_sweep(load_design(design_file), tmp_path / "store", cluster=address)
    assert contents(tmp_path / "store") == contents(finished)
    run_sweep(faulty(world, [0, 4]), tmp_path / "faulty", cluster=address)
    assert errors(tmp_path / "faulty") == {0: ["", ""], 1: [ENDED] * 2}


def test_two_sweeps_side_by_side(world: Path, dask: Dask, tmp_path: Path) -> None:
    """One cluster serves both, and keeps nothing of them."""
    from distributed import Client

    address = dask.scheduler()
    dask.worker(address)
    designs = [load_design(write_design(world, f"side_{n}", points=20 + n, replicates=10)) for n in (0, 1)]
    begun, begins = threading.Event(), threading.Event()

    def begin_the_other(progress: Progress) -> None:
        if progress.done and not begun.is_set():
            begun.set()
            assert begins.wait(PATIENCE_S)

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(run_sweep, designs[0], tmp_path / "0", cluster=address, on_progress=begin_the_other)
        assert begun.wait(PATIENCE_S)
        run_sweep(designs[1], tmp_path / "1", cluster=address, on_progress=lambda progress: begins.set())
        assert first.result().left == 0
    with Client(address, set_as_default=False) as client:
        told = client.run(lambda dask_worker: [name for name in dask_worker.plugins if name.startswith("cms-sim")])
    assert list(told.values()) == [[]]
    run_sweep(designs[0], tmp_path / "whole", 1)
    assert contents(tmp_path / "0") == contents(tmp_path / "whole")


def test_the_scheduler_is_killed(world: Path, dask: Dask, tmp_path: Path) -> None:
    design = load_design(write_design(world, "long", points=40, replicates=10))
    address = dask.scheduler()
    dask.worker(address)

    def kill_it(progress: Progress) -> None:
        if progress.done and dask.processes[0].poll() is None:
            dask.processes[0].kill()

    with pytest.raises(RunError, match="the Dask scheduler is gone"):
        run_sweep(design, tmp_path / "store", cluster=address, on_progress=kill_it)
    kept = rows_of(tmp_path / "store")
    assert 0 < len(kept) < 800
    dask.end()
    run_sweep(design, tmp_path / "store", 2)
    run_sweep(design, tmp_path / "whole", 1)
    assert contents(tmp_path / "store") == contents(tmp_path / "whole") and kept <= rows_of(tmp_path / "whole")


OTHER = {
    "version": ("import cms_sim.version\ncms_sim.version.__version__ = '0.0.9'\n", "a worker has version 0.0.9"),
    "rules": ("from cms_sim.experiment import bank\nbank.rules_hash = lambda: 'other'\n", "a worker has other rules"),
}


@pytest.mark.parametrize("what", OTHER)
def test_a_worker_of_another_version_is_refused(design_file: Path, dask: Dask, tmp_path: Path, what: str) -> None:
    """Its rows would lie among the others' unnoticed."""
    from distributed import Client

    code, words = OTHER[what]
    (tmp_path / "other.py").write_text(code, encoding="utf-8")
    address = dask.scheduler()
    dask.worker(address, "--preload", str(tmp_path / "other.py"))
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    with pytest.raises(RunError, match=words):
        run_sweep(load_design(design_file), tmp_path / "store", cluster=address)
    assert not rows_of(tmp_path / "store")


def test_a_worker_of_another_version_that_comes_later(design_file: Path, dask: Dask, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(OTHER["rules"][0], encoding="utf-8")
    address = dask.scheduler()
    with ThreadPoolExecutor(1) as thread:
        sweep = thread.submit(run_sweep, load_design(design_file), tmp_path / "store", cluster=address)
        said = dask.worker(address, "--preload", str(tmp_path / "other.py"))
        with pytest.raises(RunError, match=r"a worker has (not taken in this sweep|other rules)"):
            sweep.result(PATIENCE_S)
    assert OTHER["rules"][1] in said.read_text() and not rows_of(tmp_path / "store")


def test_no_scheduler_answers(design_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cms_sim.experiment.sweep import cluster

    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", "1s")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_sweep(load_design(design_file), tmp_path, cluster="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_sweep(load_design(design_file), tmp_path, cluster="nonsense://x")
