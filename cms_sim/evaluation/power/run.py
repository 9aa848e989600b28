"""Work over processes, each table written whole: what is there is not done again, and Ctrl-C keeps what is finished.

The same tables for any number of workers: a table hangs on its task alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cms_sim.evaluation.power.design import Design
from cms_sim.evaluation.power.histories import Arm, parts
from cms_sim.evaluation.power.reported import BY_WINDOWS
from cms_sim.evaluation.power.study import Study
from cms_sim.evaluation.power.tasks import Effects, Live, Report
from cms_sim.experiment.pool import as_they_finish, usable_cores, worker_pool
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

if TYPE_CHECKING:
    import pandas as pd

Task = Live | Report
Told = Callable[[str, int, int], None]
"""Is told what is done, how many parts of it, of how many."""


@dataclass(frozen=True)
class Folders:
    """Where histories and reports are kept."""

    histories: Path
    reports: Path


def run_studies(
    design: Design, studies: Sequence[Study], folders: Folders, workers: int = 0, on_progress: Told = lambda *_: None
) -> pd.DataFrame:
    """What every study reported in every history: study, estimator, kind, effect_percent, history, true_percent, value,
    low, high (percent). Raises InputError or RunError for a disk that takes nothing, RunError for a lost worker."""
    reports = _reports(design, studies, folders)
    lives = {}
    for report in reports:
        for arm in filter(None, (report.nothing, report.programme)):
            task = Live(arm, report.part, folders.histories)
            lives[task.file] = task
    with words_for_the_disk(folders.histories):
        _run("Living histories", list(lives.values()), workers, on_progress)
    with words_for_the_disk(folders.reports):
        _run("Making studies", reports, workers, on_progress)
    return _read(reports, design)


def _reports(design: Design, studies: Sequence[Study], folders: Folders) -> list[Report]:
    effects = Effects(
        sizes=tuple(sorted({0.0, *design.effects_percent}, reverse=True)),
        outcome=design.outcome,
    )
    nothing = Arm(design.hypothesis, design.seed)

    def asks(study: Study, part: range) -> bool:
        return bool(study.estimators) and part.start < design.estimator_histories

    return [
        Report(study, effects, nothing, part, asks(study, part), folders.histories, folders.reports)
        for study in studies
        for part in parts(design.histories)
    ]


def _run(what: str, tasks: Sequence[Task], workers: int, on_progress: Told) -> None:
    missing = [task for task in tasks if not task.file.is_file()]
    done = len(tasks) - len(missing)
    on_progress(what, done, len(tasks))
    for task, table in _tables(missing, workers):
        _write(task.file, table)
        done += 1
        on_progress(what, done, len(tasks))


def _write(file: Path, table: pd.DataFrame) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, lambda part: table.to_parquet(part, index=False))


def _tables(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, pd.DataFrame]]:
    """Each task and its table, as they are finished."""
    count = min(workers or usable_cores(), len(tasks))
    if count <= 1:
        yield from ((task, task.table()) for task in tasks)
        return
    with worker_pool(count, _nothing_to_make) as pool:
        yield from as_they_finish(pool, _table, tasks)


def _nothing_to_make() -> None:
    """Histories are read by each task, and kept by the process that made them."""


def _table(task: Task) -> pd.DataFrame:
    return task.table()


def _read(reports: Sequence[Report], design: Design) -> pd.DataFrame:
    """All tables, in the order of studies and histories; parts are whole, so the last may hold more than is asked."""
    import pandas as pd

    tables = [pd.read_parquet(each.file).assign(study=each.study.name) for each in reports]
    found = pd.concat(tables, ignore_index=True)
    few = ~found["estimator"].str.startswith(BY_WINDOWS)
    found = found[found["history"] < np.where(few, min(design.estimator_histories, design.histories), design.histories)]
    return found[["study", *(name for name in found.columns if name != "study")]].reset_index(drop=True)
