"""What the experiment layer costs: beside the engine, over two cores, over 100,000 runs, and to find nothing left.

`CMS_SIM_SWEEP_RUNS=5000 python -m benchmarks sweep_100k_minutes` runs fewer, for a first look: minutes are then
projected to 100,000 and said to be.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import Result
from cms_sim.experiment.sweep.design import Design, load_design
from cms_sim.experiment.sweep.run import Progress, run_sweep

_ROOT = Path(__file__).resolve().parents[1]
_RUNS = 100_000
_CURVE = 20
"""Points of the curve of memory."""
_ONE_PRECINCT = """
plans = ["sites_june_2020", "expansion_2020"]
method = "latin_hypercube"
points = {points}
replicates = 50
levels = "once"
[frame]
precincts = [43]
starts = 2020-07-01
ends = 2022-06-30
past_months = 12
[uncertainties.detection]
prior = true
[uncertainties.settled_for_good]
low = 0.4
high = 0.65
[levers.violence_interrupters]
values = [2, 4, 6]
"""
_TEN = """
plans = ["sites_june_2020", "expansion_2020"]
method = "latin_hypercube"
points = 32
replicates = 64
levels = "once"
[frame]
precincts = [43, 46, 47, 67, 69, 70, 71, 73, 75, 103]
starts = 2020-07-01
ends = 2023-06-30
past_months = 12
[uncertainties.detection]
prior = true
"""


def sweep_overhead_percent() -> Result:
    """All of a sweep's time in one process that is not the engine's, over the engine's, at about 20 ms a run.

    The engine's is what `engine/` does: make the course, begin, advance, take and restore the snapshot of the past.
    """
    timed = _timed_in_one_process()
    print(f"engine {timed['engine_ms']:.1f} ms a run, with everything {timed['run_ms']:.1f} ms")
    return "sweep_overhead_percent", 100.0 * (timed["run_ms"] / timed["engine_ms"] - 1.0), "%"


def sweep_two_core_efficiency() -> Result:
    """Runs a second of two worker processes over twice those of one process that does everything itself."""
    one, two = (_rate(workers) for workers in (1, 2))
    print(f"{one:.1f} runs a second in one process, {two:.1f} with two workers")
    return "sweep_two_core_efficiency", two / (2.0 * one), "share"


def sweep_main_ms_per_task() -> Result:
    """What the one process that writes does for each chunk: make it a table, put it on the disk."""
    return "sweep_main_ms_per_task", _timed_in_one_process()["put_ms"], "ms"


def sweep_100k_minutes() -> Result:
    return "sweep_100k_minutes", float(_hundred_thousand()["minutes"]), "minutes"


def sweep_100k_peak_mb() -> Result:
    """Resident memory of all processes together at its highest; the curve should be flat."""
    curve = _hundred_thousand()["curve"]
    print("runs: resident MB of the main process + its workers")
    for runs, own, workers in curve:
        print(f"{runs:>9,}: {own:7.1f} + {workers:7.1f}")
    return "sweep_100k_peak_mb", max(own + workers for _, own, workers in curve), "MB"


def resume_100k_s() -> Result:
    """A fresh `cms-sim sweep` on the finished store."""
    folder = Path(_hundred_thousand()["folder"])
    command = [sys.executable, str(_ROOT / "run_sim.py"), "sweep", "design.toml", "--out", "store", "--resume"]
    times = []
    for _ in range(3):
        began = time.perf_counter()
        told = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
        times.append(time.perf_counter() - began)
        if "Nothing was left to run" not in told:
            raise SystemExit("the store was not finished")
    return "resume_100k_s", statistics.median(times), "s"


def _design(folder: Path, text: str) -> Design:
    file = folder / "design.toml"
    file.write_text(text, encoding="utf-8")
    return load_design(file)


@cache
def _timed_in_one_process() -> dict[str, float]:
    """Milliseconds of a run in the engine and in all, and of a chunk's keeping; after everything is compiled."""
    from cms_sim.experiment import arms
    from cms_sim.experiment.sweep.store import Store

    spent: dict[str, list[float]] = {}
    watched = [(arms, name) for name in ("make_course", "begin", "live", "take_snapshot", "restore")] + [(Store, "put")]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        _until_warm(Path(folder), _TEN)
        design = _design(Path(folder), _TEN)
        for owner, name in watched:
            times = spent.setdefault(name, [])
            stack.enter_context(mock.patch.object(owner, name, _timed(getattr(owner, name), times)))
        clock = _Clock()
        done = run_sweep(design, Path(folder) / "store", 1, on_progress=clock)
    puts = spent.pop("put")
    return {
        "engine_ms": sum(map(sum, spent.values())) / done.done * 1e3,
        "run_ms": clock.seconds() / done.done * 1e3,
        "put_ms": statistics.mean(puts) * 1e3,
    }


def _timed(function: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            times.append(time.perf_counter() - began)

    return call


def _until_warm(folder: Path, text: str) -> None:
    """A few runs, so that city, compiled code and levels are in the cache."""
    few = text.replace("points = 32", "points = 1").replace("replicates = 64", "replicates = 2")
    run_sweep(_design(folder, few), folder / "few", 1)


class _Clock:
    """Seconds from the first progress after everything is prepared to the last."""

    def __init__(self) -> None:
        self._began = self._ended = 0.0
        self.first = 0

    def __call__(self, progress: Progress) -> None:
        if progress.done and not self._began:
            self._began, self.first = time.perf_counter(), progress.done
        self._ended = time.perf_counter()
        self.last = progress.done

    def seconds(self) -> float:
        """Scaled to all runs: the first chunk, in whose time things are prepared, is left out."""
        return (self._ended - self._began) * self.last / max(1, self.last - self.first)


def _rate(workers: int) -> float:
    """Runs a second once all workers are at work."""
    with tempfile.TemporaryDirectory() as folder:
        clock = _Clock()
        design = _design(Path(folder), _ONE_PRECINCT.format(points=40 * workers))
        done = run_sweep(design, Path(folder) / "store", workers, on_progress=clock)
        return done.done / clock.seconds()


@cache
def _hundred_thousand():  # type: ignore[no-untyped-def]
    """Minutes, the curve of memory and the folder of 100,000 runs of one precinct over all cores, from a cold start."""
    runs = int(os.environ.get("CMS_SIM_SWEEP_RUNS", _RUNS))
    folder = Path(tempfile.mkdtemp(prefix="cms-sim-sweep-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _design(folder, _ONE_PRECINCT.format(points=runs // 100))
    command = [sys.executable, "-m", "benchmarks.sweep", str(folder)]
    told = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True, timeout=7200).stdout
    measured = json.loads(told.splitlines()[-1])
    if runs != _RUNS:
        print(f"projected from {runs:,} runs in {measured['minutes']:.2f} minutes")
    return {**measured, "minutes": measured["minutes"] * _RUNS / runs, "folder": str(folder)}


def _resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/statm").read_text().split()
    return int(status[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _children() -> list[int]:
    text = "".join(file.read_text() for file in Path("/proc/self/task").glob("*/children"))
    return [int(process) for process in text.split()]


def _main(folder: Path) -> None:
    """Run the design in `folder` and print what it took, in a process of its own."""
    design = load_design(folder / "design.toml")
    curve: list[tuple[int, float, float]] = []

    def note(progress: Progress) -> None:
        if progress.done >= (len(curve) + 1) * progress.total / _CURVE:
            curve.append((progress.done, _resident_mb(os.getpid()), sum(map(_resident_mb, _children()))))

    began = time.perf_counter()
    run_sweep(design, folder / "store", on_progress=note)
    print(json.dumps({"minutes": (time.perf_counter() - began) / 60.0, "curve": curve}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
