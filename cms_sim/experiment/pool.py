"""Replicates over processes: the same results in the same order for any number of workers.

The standard library's pool, with fresh processes. Workers leave Ctrl-C to the main process, which keeps what is
finished, and end at once when it breaks off or is gone.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import TypeVar

import numpy as np

from cms_sim.data.city_tables import load_city_tables
from cms_sim.engine.arrays import CONFLICT, MEDIATION
from cms_sim.errors import SHORT_OF_MEMORY, RunError
from cms_sim.experiment.arms import Arms, Question
from cms_sim.experiment.summary import ArmSummary
from cms_sim.experiment.threads import MOST_WORKERS

Finished = tuple[int, list[ArmSummary]]
Task = TypeVar("Task")
Done = TypeVar("Done")

_arms: Arms | None = None


def run_replicates(
    question: Question, replicates: int, workers: int, keep_events: int
) -> Generator[Finished, None, None]:
    """Yield (replicate, summaries) as they finish; events only of the first `keep_events` replicates."""
    if workers == 1:
        _begin_work(question)
        yield from (_work(replicate, keep_events) for replicate in range(replicates))
        return
    with worker_pool(workers, _begin_work, question) as pool:
        work = partial(_work, keep_events=keep_events)
        yield from (finished for _, finished in as_they_finish(pool, work, range(replicates)))


@contextmanager
def worker_pool(workers: int, begin: Callable[..., None], *about: object) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes that leave Ctrl-C to this one, and end with it or when the block is broken off. Each calls
    `begin(*about)` first: what is large is made there once.
    """
    context = get_context("spawn")
    until_closed, held_open = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_begin_worker, initargs=(until_closed, begin, about))
    try:
        yield pool
        pool.shutdown()
    finally:
        held_open.close()
        pool.shutdown(cancel_futures=True)


def as_they_finish(
    pool: ProcessPoolExecutor, do: Callable[[Task], Done], tasks: Iterable[Task]
) -> Generator[tuple[Task, Done], None, None]:
    """Each task with what `do` makes of it, in the order of their ends. Raises RunError when a worker is lost."""
    with ctrl_c_later():
        running = {pool.submit(do, task): task for task in tasks}
    try:
        for future in as_completed(running):
            yield running[future], future.result()
    except BrokenProcessPool as error:
        raise RunError("a worker process ended before its work was done", remedy=SHORT_OF_MEMORY) from error


@contextmanager
def ctrl_c_later() -> Iterator[None]:
    """Hold Ctrl-C back while workers start: one that is half started would be left behind.

    Workers inherit the mask, so that they are not broken off in their imports either. In the main process the signal
    may reach any thread, so there it is noted and raised afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if pressed:
        raise KeyboardInterrupt


def usable_cores() -> int:
    """Cores that this process may use, at most `MOST_WORKERS`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def _begin_worker(until_closed: Connection, begin: Callable[..., None], about: tuple[object, ...]) -> None:
    follow_main(until_closed)
    begin(*about)


def follow_main(until_closed: Connection) -> None:
    """Make this process a worker: it leaves Ctrl-C and warnings to the main process, and ends when that does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_when_closed, args=(until_closed,), daemon=True).start()
    logging.getLogger("cms_sim").setLevel(logging.ERROR)  # the main process has given the same warnings


def _end_when_closed(until_closed: Connection) -> None:
    """End this worker when the main process closed the other end, or is gone: nobody would read its results."""
    until_closed.poll(None)
    os._exit(1)


def end_with_main() -> None:
    """Make this process one that leaves Ctrl-C to the main process, and ends when that is gone: nobody would take what
    it makes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_when_gone, daemon=True).start()


def _end_when_gone() -> None:
    main = parent_process()
    assert main is not None
    wait([main.sentinel])
    os._exit(1)


def _begin_work(question: Question) -> None:
    global _arms  # one for each process: the city and the state are large and stay
    _arms = Arms(load_city_tables(question.scenarios[0].frame.city_folder), question)


def _work(replicate: int, keep_events: int) -> Finished:
    assert _arms is not None
    summaries = _arms.run(replicate)
    return replicate, summaries if replicate < keep_events else [_without_events(each) for each in summaries]


def _without_events(summary: ArmSummary) -> ArmSummary:
    return replace(summary, shootings=np.zeros(0, dtype=CONFLICT), mediations=np.zeros(0, dtype=MEDIATION))


def collect(
    finished: Generator[Finished, None, None], on_progress: Callable[[int], None]
) -> tuple[dict[int, list[ArmSummary]], KeyboardInterrupt | RunError | None]:
    """Summaries by replicate, in order, and what ended the work early: Ctrl-C or the loss of a worker."""
    found: dict[int, list[ArmSummary]] = {}
    ended_by = None
    try:
        with closing(finished):
            for replicate, summaries in finished:
                found[replicate] = summaries
                on_progress(len(found))
    except (KeyboardInterrupt, RunError) as error:
        ended_by = error
    return dict(sorted(found.items())), ended_by
