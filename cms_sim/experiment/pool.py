"""Replicates over processes: the same results in the same order for any number of workers.

The standard library's pool, with fresh processes. Workers leave Ctrl-C to the main process, which keeps what is
finished.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from cms_sim.data.city_tables import load_city_tables
from cms_sim.engine.arrays import CONFLICT, MEDIATION
from cms_sim.errors import RunError
from cms_sim.experiment.arms import Arms, Question
from cms_sim.experiment.summary import ArmSummary

Finished = tuple[int, list[ArmSummary]]

_arms: Arms | None = None


def run_replicates(question: Question, replicates: int, workers: int, keep_events: int) -> Iterator[Finished]:
    """Yield (replicate, summaries) as they finish; events only of the first `keep_events` replicates."""
    if workers == 1:
        _begin_work(question)
        yield from (_work(replicate, keep_events) for replicate in range(replicates))
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin_worker, initargs=(question,))
    try:
        futures = [pool.submit(_work, replicate, keep_events) for replicate in range(replicates)]
        yield from _as_they_finish(futures)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _as_they_finish(futures: list[Future[Finished]]) -> Iterator[Finished]:
    try:
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise RunError(
            "a worker process ended before its work was done",
            remedy="The machine may be short of memory: try again with --workers 1.",
        ) from error


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin_worker(question: Question) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _begin_work(question)


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
    finished: Iterator[Finished], replicates: int, on_progress: Callable[[int], None]
) -> tuple[list[list[ArmSummary]], bool]:
    """Summaries in the order of replicates, and whether all came: Ctrl-C ends early and keeps what is finished."""
    found: dict[int, list[ArmSummary]] = {}
    try:
        for replicate, summaries in finished:
            found[replicate] = summaries
            on_progress(len(found))
    except KeyboardInterrupt:
        pass
    whole = len(found) == replicates
    return [found[replicate] for replicate in sorted(found)], whole
