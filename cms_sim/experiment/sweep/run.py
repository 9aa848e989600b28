"""Run a design: every chunk that its folder lacks, in any order, over any crew, until nothing is left."""

from __future__ import annotations

import hashlib
import socket
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.errors import CmsSimError, InputError, RunError
from cms_sim.experiment.sweep.design import Design
from cms_sim.experiment.sweep.rows import RUNS, Rows
from cms_sim.experiment.sweep.sameness import check_folder
from cms_sim.experiment.sweep.store import Store
from cms_sim.experiment.sweep.study import Study, study_of

if TYPE_CHECKING:
    from cms_sim.experiment.sweep.crews import Crew, Job, Task

MOST_LOSSES: Final = 2
"""A chunk that was in flight so often when a worker was lost is run alone, cell by cell."""
_LOOKS_EVERY_S: Final = 2.0

Finished = tuple[int, Rows]


@dataclass(frozen=True)
class Progress:
    """How far a sweep is, in runs."""

    total: int
    found: int
    """There before this call."""
    done: int = 0
    """By this call."""
    failed: int = 0
    """Of those done by this call."""
    stage: str = "Running"

    @property
    def left(self) -> int:
        """Runs that are not there."""
        return self.total - self.found - self.done


def run_sweep(
    design: Design,
    folder: str | Path,
    workers: int = 0,
    cluster: str | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Run what `folder` lacks of the design, and keep each chunk when it is finished.

    `workers`: 0 is a process for each core, 1 this process itself; `cluster`: the address of a Dask scheduler instead.
    Ctrl-C and errors keep what is finished; the same call goes on from there. Raises InputError for what cannot be
    run, RunError for a full disk or a lost scheduler. A run that fails is a row with its error.
    """
    if workers:
        _check_workers(workers, cluster)
    study, folder = study_of(design), Path(folder)
    store = Store(folder, study)
    is_there = check_folder(folder, study)
    if is_there and store.is_complete:
        return Progress(study.n_runs, study.n_runs)
    with store.writing():
        check_folder(folder, study)  # another process may have begun one meanwhile
        done = _run(store, workers, cluster, on_progress)
        store.finish()
    return done


def _check_workers(workers: int, cluster: str | None) -> None:
    from cms_sim.experiment.threads import MOST_WORKERS

    if cluster is not None:
        remedy = "Leave one of the two out: the scheduler has the workers that were started for it."
        raise InputError("a cluster brings its own workers", where="--workers", remedy=remedy)
    if not 0 <= workers <= MOST_WORKERS:
        remedy = f"Give 0 to {MOST_WORKERS}; 0 is one for each core."
        raise InputError(f"{workers:,} processes cannot be", where="--workers", remedy=remedy)


def _run(store: Store, workers: int, cluster: str | None, on_progress: Callable[[Progress], None]) -> Progress:
    study = store.study
    finished = store.finished()
    missing = [chunk for chunk in range(study.n_chunks) if chunk not in finished]
    left = sum(len(study.cells_of(chunk)) for chunk in missing) * len(study.scenarios)
    progress = Progress(study.n_runs, study.n_runs - left, stage="Preparing")
    on_progress(progress)
    if not missing:
        return progress
    points = store.points()
    with _crew(store, workers, cluster, len(missing)) as crew:
        progress = replace(progress, stage="Running")
        on_progress(progress)
        with closing(finished_chunks(crew, study, points, missing)) as chunks:
            for chunk, rows in chunks:
                store.put(chunk, rows)
                errors = rows[RUNS]["error"]
                failed = len(errors) - errors.count("")
                progress = replace(progress, done=progress.done + len(errors), failed=progress.failed + failed)
                on_progress(progress)
    return progress


@contextmanager
def _crew(store: Store, workers: int, cluster: str | None, n_chunks: int) -> Iterator[Crew]:
    """The workers; for those of this machine the engine is compiled first, once."""
    from cms_sim.experiment.pool import usable_cores
    from cms_sim.experiment.sweep.cluster import Cluster
    from cms_sim.experiment.sweep.crews import Here, Pool

    crew: Crew
    if cluster is not None:
        crew = Cluster(_job(store, may_exit=True), cluster)
    elif workers == 1:
        crew = Here(_job(store, may_exit=False))
    else:
        _warm_up(store.study)
        crew = Pool(_job(store, may_exit=True), min(workers or usable_cores(), n_chunks))
    try:
        yield crew
    finally:
        crew.close()


def _job(store: Store, may_exit: bool) -> Job:
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.experiment.sweep.crews import Job

    folder = store.study.scenarios[0].frame.city_folder
    named = f"{store.study.record()['hash']} {socket.gethostname()} {store.folder.resolve()}"
    name = hashlib.sha256(named.encode()).hexdigest()[:16]
    return Job(name, store.study, load_city_tables(folder) if folder else None, may_exit)


def _warm_up(study: Study) -> None:
    """Compile the engine and build the city, so that every worker finds both in the cache."""
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.experiment.sweep.cells import Workbench

    Workbench(study, load_city_tables(study.scenarios[0].frame.city_folder), may_exit=False)


def finished_chunks(
    crew: Crew, study: Study, points: NDArray[np.float64], chunks: Iterable[int]
) -> Generator[Finished, None, None]:
    """Each chunk with its rows, as they finish; a few in flight for each worker, and none kept.

    A chunk that was in flight when workers were lost is handed out again, and at last run cell by cell.
    """
    waiting, flying, landed = deque(chunks), dict[Future[Rows], int](), SimpleQueue[Future[Rows]]()
    losses: Counter[int] = Counter()
    suspects: list[int] = []
    while waiting or flying:
        while waiting and len(flying) < crew.ahead():
            chunk = waiting.popleft()
            future = crew.submit(_task(study, points, study.cells_of(chunk)))
            flying[future] = chunk
            future.add_done_callback(landed.put)
        lost: list[int] = []
        yield from _landed(crew, flying, landed, lost)
        if lost:
            crew.renew()
            while not landed.empty():  # what else was in flight over a pool that broke
                yield from _landed(crew, flying, landed, lost)
            for chunk in sorted(lost, reverse=True):
                losses[chunk] += 1
                if losses[chunk] < MOST_LOSSES and crew.tries > 1:
                    waiting.appendleft(chunk)
                else:
                    suspects.append(chunk)
    yield from _one_by_one(crew, study, points, sorted(suspects))


def _landed(
    crew: Crew, flying: dict[Future[Rows], int], landed: SimpleQueue[Future[Rows]], lost: list[int]
) -> Iterator[Finished]:
    """Chunks that have ended by now, with their rows; those without are added to `lost`. Waits a while for the first.

    They come by a queue: to ask each of thousands in flight whether it has ended takes as long as to keep one."""
    for _ in range(max(1, landed.qsize())):
        try:
            future = landed.get(timeout=_LOOKS_EVERY_S)
        except Empty:
            return
        chunk = flying.pop(future)
        rows = _result(crew, future)
        if rows is None:
            lost.append(chunk)
        else:
            yield chunk, rows


def _task(study: Study, points: NDArray[np.float64], cells: range) -> Task:
    from cms_sim.experiment.sweep.crews import Task

    first, last = cells[0] // study.design.replicates, cells[-1] // study.design.replicates
    return Task(cells, first, points[first : last + 1])


def _result(crew: Crew, future: Future[Rows]) -> Rows | None:
    """The rows, or None where the worker was lost."""
    try:
        return future.result()
    except crew.lost:
        return None
    except CmsSimError:
        raise
    except Exception as error:
        raise RunError(
            f"a worker failed: {type(error).__name__}: {error}",
            remedy="What is finished is kept. The workers may have another version of cms-sim, or lack its packages.",
        ) from error


def _one_by_one(
    crew: Crew, study: Study, points: NDArray[np.float64], chunks: Iterable[int]
) -> Generator[Finished, None, None]:
    """Chunks that may end their worker, cell by cell: what does so again and again is a failed run."""
    chunks = list(chunks)
    if not chunks:
        return
    alone = crew.alone()
    try:
        for chunk in chunks:
            rows: Rows = {}
            for cell in study.cells_of(chunk):
                for kind, columns in _alone(alone, study, points, cell).items():
                    for name, column in columns.items():
                        rows.setdefault(kind, {}).setdefault(name, []).extend(column)
            yield chunk, rows
    finally:
        if alone is not crew:
            alone.close()


def _alone(crew: Crew, study: Study, points: NDArray[np.float64], cell: int) -> Rows:
    from cms_sim.experiment.sweep.cells import lost_cell

    task = _task(study, points, range(cell, cell + 1))
    for _ in range(crew.tries):
        rows = _result(crew, crew.submit(task))
        if rows is not None:
            return rows
        crew.renew()
    point, replicate = divmod(cell, study.design.replicates)
    return lost_cell(study, point, points[point], replicate)
