"""Runs kept: what was lived once is never lived again, in this call or after it was broken off.

    runs.json                what the runs belong to
    parts/part-1f3a....parquet  finished tasks, each at once under its final name
    runs.parquet             all of them, when the search is over

Which numbers a run gives depends on plan, cell and frame alone, so it does not matter who ran it, or beside what.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from filelock import FileLock, Timeout

from cms_sim.data.hypotheses import hypothesis
from cms_sim.data.unit_costs import UnitCosts
from cms_sim.errors import InputError
from cms_sim.experiment.bank import rules_hash
from cms_sim.experiment.optimise.case import Case, case_of
from cms_sim.experiment.optimise.cells import OUTCOMES, Cell, Counts, Draws, Plan, Runner
from cms_sim.experiment.optimise.problem import Problem
from cms_sim.experiment.pool import as_they_finish, usable_cores, worker_pool
from cms_sim.experiment.whole_files import UNFINISHED, words_for_the_disk, write_whole
from cms_sim.scenario.resolved import resolved_hash
from cms_sim.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

    from cms_sim.experiment.optimise.bench import Bench

RECORD: Final = "runs.json"
RUNS: Final = "runs.parquet"
PARTS: Final = "parts"
LOCK: Final = ".lock"
TASK_RUNS: Final = 130
"""About how many runs a task holds: a few seconds of the usual question."""
KEYS: Final = ("whole", "hypothesis", "draw", "replicate", "plan")
COLUMNS: Final = (*KEYS, "precinct", *OUTCOMES)


def plan_id(plan: Plan) -> str:
    """A plan's name in the tables of runs."""
    if isinstance(plan, int):
        return f"scenario {plan}"
    return hashlib.sha256(plan.key).hexdigest()[:20]


@dataclass(frozen=True)
class Task:
    """Plans in cells of one hypothesis."""

    plans: tuple[Plan, ...]
    cells: tuple[Cell, ...]
    whole: bool


class Kept:
    """A `Runner` that asks another one only for what it does not know, and keeps that in a folder."""

    def __init__(
        self, case: Case, folder: Path | None, live: Live, on_runs: Callable[[int, bool], None] = lambda n, whole: None
    ) -> None:
        self.case = case
        self.folder = folder
        self._live = live
        self._on_runs = on_runs
        self._known: dict[tuple[bool, Cell, str], Counts] = {}
        self.simulated = 0
        """Runs that were lived by this call."""
        if folder is not None:
            for file in [folder / RUNS, *sorted((folder / PARTS).glob("part-*.parquet"))]:
                if file.is_file():
                    self._read(file)

    @property
    def known(self) -> int:
        """Runs that are known, whoever lived them."""
        return len(self._known)

    def run(self, plans: Sequence[Plan], cells: Sequence[Cell], whole: bool) -> Counts:
        """[cells, plans, precincts, OUTCOMES], whatever was lived before included."""
        names = [plan_id(plan) for plan in plans]
        missing = list(self._tasks(plans, cells, whole))
        self._on_runs(len(plans) * len(cells) - sum(len(task.plans) * len(task.cells) for task in missing), whole)
        for task, counts in self._live(missing):
            self._keep(task, counts)
            self.simulated += len(task.plans) * len(task.cells)
            self._on_runs(len(task.plans) * len(task.cells), whole)
        return np.stack([np.stack([self._known[whole, cell, name] for name in names]) for cell in cells])

    def _tasks(self, plans: Sequence[Plan], cells: Sequence[Cell], whole: bool) -> Iterator[Task]:
        """What is not known, as tasks of about a size; cells that lack the same plans go together."""
        distinct = {plan_id(plan): plan for plan in plans}
        lacking: dict[tuple[str, tuple[str, ...]], list[Cell]] = {}
        for cell in cells:
            lacks = tuple(name for name in distinct if (whole, cell, name) not in self._known)
            if lacks:
                lacking.setdefault((cell.hypothesis, lacks), []).append(cell)
        for (_, names), own in lacking.items():
            together = max(1, round(TASK_RUNS / len(names) / (5 if whole else 1)))
            for first in range(0, len(own), together):
                yield Task(tuple(distinct[name] for name in names), tuple(own[first : first + together]), whole)

    def _keep(self, task: Task, counts: Counts) -> None:
        for cell, of_cell in zip(task.cells, counts, strict=True):
            for plan, own in zip(task.plans, of_cell, strict=True):
                self._known[task.whole, cell, plan_id(plan)] = own
        if self.folder is not None:
            text = json.dumps([task.whole, task.cells, [plan_id(plan) for plan in task.plans]])
            name = f"part-{hashlib.sha256(text.encode()).hexdigest()[:20]}.parquet"
            keys = [(task.whole, cell, plan_id(plan)) for cell in task.cells for plan in task.plans]
            self._write(self.folder / PARTS / name, keys)

    def gather(self) -> None:
        """Put all parts into one file."""
        if self.folder is None:
            return
        self._write(self.folder / RUNS, sorted(self._known))
        for file in (self.folder / PARTS).glob("part-*.parquet"):
            file.unlink()
        with suppress(OSError):
            (self.folder / PARTS).rmdir()

    def _precincts(self, whole: bool) -> tuple[int, ...]:
        return self.case.reference.frame.precincts if whole else self.case.precincts

    def _write(self, file: Path, keys: Sequence[tuple[bool, Cell, str]]) -> None:
        import pyarrow.parquet as pq

        table = self._table(keys)
        with words_for_the_disk(file.parent):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, lambda part: pq.write_table(table, part, compression="zstd"))

    def _table(self, keys: Sequence[tuple[bool, Cell, str]]) -> pa.Table:
        import pyarrow as pa

        rows = [(whole, *cell, plan, number) for whole, cell, plan in keys for number in self._precincts(whole)]
        values = np.concatenate([self._known[key] for key in keys]) if keys else np.zeros((0, len(OUTCOMES)), np.int32)
        told: list[Any] = list(zip(*rows, strict=True)) or [()] * (len(KEYS) + 1)
        return pa.table([*told, *values.T], schema=_schema())

    def _read(self, file: Path) -> None:
        """Take in the runs of a file. Raises InputError for a file that is not as `_write` left it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(file).select([*COLUMNS]).cast(_schema())
            values = np.column_stack([table[name].to_numpy() for name in OUTCOMES])
            keys = list(zip(*(table[name].to_pylist() for name in KEYS), strict=True))
            precincts = table["precinct"].to_pylist()
        except (pa.ArrowException, KeyError, ValueError, OSError) as fault:
            raise _damaged(file) from fault
        if any(column.null_count for column in table.columns) or not _are_people(values):
            raise _damaged(file)
        first = 0
        while first < len(keys):
            whole, hypothesis, draw, replicate, plan = keys[first]
            after = first + len(self._precincts(whole))
            if tuple(precincts[first:after]) != self._precincts(whole) or set(keys[first:after]) != {keys[first]}:
                raise _damaged(file)
            self._known[whole, Cell(hypothesis, draw, replicate), plan] = values[first:after]
            first = after


def _schema() -> pa.Schema:
    """What each column holds. A cast to it refuses what cannot be: half a person, not a number, more than fits."""
    import pyarrow as pa

    kinds = {"whole": pa.bool_(), "hypothesis": pa.string(), "plan": pa.string()}
    return pa.schema([(name, kinds.get(name, pa.int32())) for name in COLUMNS])


def _are_people(values: Counts) -> bool:
    """Whether counts [rows, OUTCOMES] can be people: no fewer than none, no more killed than shot, each in a group."""
    victims, deaths, groups = values[:, 0], values[:, 1], values[:, 2:]
    return bool(
        (values >= 0).all() and (deaths <= victims).all() and (groups.sum(axis=1, dtype=np.int64) == victims).all()
    )


def _damaged(file: Path) -> InputError:
    remedy = "Delete this file and give the same command again: its runs are done anew, all others are kept."
    return InputError("is damaged: these are not the runs that were kept here", where=str(file), remedy=remedy)


Live = Callable[[Sequence[Task]], Iterable[tuple[Task, Counts]]]
"""Lives tasks, and yields each with its counts as it finishes."""


def live_with(runner: Runner) -> Live:
    """Tasks lived one after the other by a runner in this process."""

    def live(tasks: Sequence[Task]) -> Iterator[tuple[Task, Counts]]:
        for task in tasks:
            yield task, runner.run(task.plans, task.cells, task.whole)

    return live


_bench: Bench | None = None


@contextmanager
def workers_for(case: Case, draws: Draws, workers: int) -> Iterator[Live]:
    """Processes that live tasks: `workers` of them, 0 is one for each core, 1 this process itself."""
    from cms_sim.experiment.optimise.bench import Bench

    bench = Bench(case, draws)
    bench.warm_up()
    count = workers or usable_cores()
    if count == 1:
        yield live_with(bench)
        return
    with worker_pool(count, _begin_worker, case.problem, dict(case.unit_costs), dict(draws)) as pool:
        yield lambda tasks: as_they_finish(pool, _work, tasks)


def _begin_worker(problem: Problem, unit_costs: UnitCosts, draws: Draws) -> None:
    from cms_sim.experiment.optimise.bench import Bench

    global _bench  # one for each process: cities and states are large and stay
    _bench = Bench(case_of(problem, unit_costs), draws)


def _work(task: Task) -> Counts:
    assert _bench is not None
    return _bench.run(task.plans, task.cells, task.whole)


# The folder


def record_of(case: Case, draws: Draws) -> dict[str, Any]:
    """What the runs in a folder belong to: with an equal record they are the same runs.

    Budget, prices, rules and effort are not in it: a search with more of them goes on with the runs that are there.
    """
    values = {name: [each.names, each.values.tolist(), dict(each.fixed)] for name, each in draws.items()}
    content: dict[str, Any] = {
        "plans": {each.name: resolved_hash(each) for each in (case.reference, *case.others)},
        "precincts": list(case.precincts),
        "shifts": [list(pattern) for pattern in case.patterns],
        "seed": case.problem.seed,
        "draws": hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest(),
        "model": rules_hash(),
        "hypotheses": {name: hypothesis(name).content_hash for name in draws},
    }
    hash_of_all = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    source = {name: each.source for name, each in draws.items()}
    return {**content, "hash": hash_of_all, "draws_from": source, "version": __version__}


@contextmanager
def folder_for(case: Case, draws: Draws, folder: Path) -> Iterator[None]:
    """Hold a folder for this process, with the record of the problem in it.

    Raises InputError where another process writes, or the runs there belong to something else.
    """
    record = record_of(case, draws)
    with words_for_the_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            remedy = "Wait until it has ended, or end it; two cannot write into one folder."
            raise InputError("another search is writing here", where=str(folder), remedy=remedy) from None
    try:
        with words_for_the_disk(folder):
            _check_record(folder, record)
            for left in folder.rglob(f".*{UNFINISHED}"):
                left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def _check_record(folder: Path, record: dict[str, Any]) -> None:
    file = folder / RECORD
    if not file.exists():
        if any(entry.name != LOCK for entry in folder.iterdir()):
            remedy = "Choose an empty or a new folder (--out)."
            raise InputError("holds something else than a search", where=str(folder), remedy=remedy)
        text = json.dumps(record, indent=1, sort_keys=True) + "\n"
        write_whole(file, lambda part: part.write_text(text, encoding="utf-8"))
        return
    try:
        there = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        there = None
    if not isinstance(there, dict):
        remedy = (
            "Without it nobody knows what the runs here belong to: choose another folder (--out), or delete this one."
        )
        raise InputError("is damaged", where=str(file), remedy=remedy)
    if there.get("hash") != record["hash"]:
        names = [
            name for name in record if name not in ("hash", "version", "draws_from") and there.get(name) != record[name]
        ]
        remedy = "Choose another folder (--out), or delete this one."
        differs = ", ".join(names) or "its record"
        raise InputError(f"belongs to another search (it differs in: {differs})", where=str(folder), remedy=remedy)
