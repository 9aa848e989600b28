"""Who runs chunks: this process, a pool of processes, or the workers of a Dask scheduler (`cluster`).

All three hand out futures; the standard library's pool and Dask do the queueing. What a worker needs to know of the
study goes to it once, not with each task.
"""

from __future__ import annotations

import pickle
import socket
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import RunError
from cms_sim.experiment.pool import ctrl_c_later, follow_main
from cms_sim.experiment.sweep.rows import Rows
from cms_sim.experiment.sweep.study import Study
from cms_sim.experiment.threads import one_thread_each

if TYPE_CHECKING:
    from cms_sim.experiment.sweep.cells import Workbench

AHEAD: Final = 4
"""Chunks in flight for each worker."""


@dataclass(frozen=True)
class Job:
    """What a worker must know of a study."""

    name: str
    """Of the study and the folder: no two sweeps that run at the same time have the same."""
    study: Study
    tables: CityTables | None
    """Of a city of the user's own: its folder need not be there where the worker runs."""
    may_exit: bool
    """Whether the process may end itself to end a run."""


@dataclass(frozen=True)
class Task:
    """Consecutive cells, and the points that they belong to."""

    cells: range
    first_point: int
    rows: NDArray[np.float64]


class Crew(Protocol):
    """Workers."""

    lost: tuple[type[BaseException], ...]
    """What a future raises whose worker ended before its work was done."""
    tries: int
    """How often a cell alone may end its worker before it is given up."""

    def ahead(self) -> int:
        """How many tasks should be in flight."""

    def submit(self, task: Task) -> Future[Rows]:
        """Hand out a task."""

    def renew(self) -> None:
        """Make good what was lost."""

    def alone(self) -> Crew:
        """Workers that run one task at a time, so that a loss is known to be of its making."""

    def close(self) -> None:
        """Send everybody home; what is not finished is dropped."""


MOST_BENCHES: Final = 3
"""Sweeps that a worker of a cluster keeps ready at the same time; each needs a city and its arrays."""
_jobs: dict[str, Job] = {}
_benches: dict[int, dict[str, Workbench]] = {}
"""By thread, the one used last at the end: Dask may run several threads in one process, and a bench serves one."""


def work(name: str, task: Task) -> Rows:
    """Run a task of a job that this process was told of. Raises RunError for one that it did not take in."""
    from cms_sim.experiment.sweep.cells import Workbench

    benches = _benches.setdefault(threading.get_ident(), {})
    bench = benches.pop(name, None)
    if bench is None:
        job = _jobs.get(name)
        if job is None:
            remedy = "Its log says why; most often it has another version of cms-sim. What is finished is kept."
            raise RunError("a worker has not taken in this sweep", where=socket.gethostname(), remedy=remedy)
        while len(benches) >= MOST_BENCHES:
            benches.pop(next(iter(benches)))
        bench = Workbench(job.study, job.tables or load_city_tables(), job.may_exit)
    benches[name] = bench
    return bench.run(task.cells, task.first_point, task.rows)


def learn(job: bytes) -> None:
    """Tell this process of a job; it may know others, of sweeps that run side by side on one cluster."""
    known: Job = pickle.loads(job)
    forget(known.name)
    _jobs[known.name] = known


def forget(name: str) -> None:
    """Drop a job and what was made for it."""
    _jobs.pop(name, None)
    for benches in list(_benches.values()):
        benches.pop(name, None)


class Here:
    """This process: for a debugger or a profiler. What ends it ends the sweep."""

    lost: tuple[type[BaseException], ...] = (MemoryError,)
    tries = 1

    def __init__(self, job: Job) -> None:
        self._name = job.name
        learn(pickle.dumps(job))

    def ahead(self) -> int:
        """One: it is run when it is handed out."""
        return 1

    def submit(self, task: Task) -> Future[Rows]:
        """Run it."""
        future: Future[Rows] = Future()
        try:
            future.set_result(work(self._name, task))
        except Exception as error:
            future.set_exception(error)
        return future

    def renew(self) -> None:
        """Nothing is lost here."""

    def alone(self) -> Here:
        """It runs one task at a time anyway."""
        return self

    def close(self) -> None:
        """Nobody to send home; what was made goes."""
        forget(self._name)


class Pool:
    """Processes of this machine."""

    lost: tuple[type[BaseException], ...] = (BrokenProcessPool, CancelledError, MemoryError)
    tries = 3

    def __init__(self, job: Job, workers: int) -> None:
        self._job, self._workers = job, workers
        self._begin()

    def _begin(self) -> None:
        """Start the workers; that none can even start is no cell's fault."""
        context = get_context("spawn")
        for _ in range(self.tries):
            until_closed, self._held_open = context.Pipe(duplex=False)
            told = (pickle.dumps(self._job), until_closed)
            self._pool = ProcessPoolExecutor(self._workers, context, initializer=_begin_worker, initargs=told)
            with suppress(BrokenProcessPool):
                with ctrl_c_later(), one_thread_each():
                    started = [self._pool.submit(_started) for _ in range(self._workers)]
                next(as_completed(started)).result()
                return
            self.close()
        raise RunError(
            "the worker processes end as soon as they start",
            remedy='A script must call run_sweep under `if __name__ == "__main__":`, since each worker reads it again.',
        )

    def ahead(self) -> int:
        """A few for each worker."""
        return AHEAD * self._workers

    def submit(self, task: Task) -> Future[Rows]:
        """Hand it out; the first ones start the workers."""
        with ctrl_c_later(), one_thread_each():
            try:
                return self._pool.submit(work, self._job.name, task)
            except BrokenProcessPool as error:
                future: Future[Rows] = Future()
                future.set_exception(error)
                return future

    def renew(self) -> None:
        """A pool that has lost a worker is made again."""
        self.close()
        self._begin()

    def alone(self) -> Pool:
        """A pool of one."""
        return Pool(self._job, 1)

    def close(self) -> None:
        """End the workers at once."""
        self._held_open.close()
        self._pool.shutdown(cancel_futures=True)


def _started() -> None:
    """A worker that answers has started."""


def _begin_worker(job: bytes, until_closed: Connection) -> None:
    follow_main(until_closed)
    learn(job)
