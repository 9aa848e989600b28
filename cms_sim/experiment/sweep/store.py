"""The store of a sweep: finished Parquet files under final names, and nothing else that is ever read.

    design.json              the record of the design, written last of what comes first
    points.parquet           the values at every point
    loose/chunk-0000123...   each finished chunk at once
    parts/part-00005.parquet runs of consecutive chunks, when all of them are there; `precincts` and `events` likewise

A file is written under a temporary name, put on the disk, renamed, and the folder put on the disk: what has its final
name is whole, whoever ends this process or the machine. Which rows a file holds depends on the design alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from cms_sim.errors import InputError
from cms_sim.experiment.bank import rules_hash
from cms_sim.experiment.sweep.rows import RUNS, Rows, kinds_of, table_of
from cms_sim.experiment.sweep.study import Study
from cms_sim.experiment.whole_files import UNFINISHED, words_for_the_disk, write_whole
from cms_sim.scenario.resolved import Scenario
from cms_sim.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

RECORD: Final = "design.json"
POINTS: Final = "points.parquet"
LOOSE: Final = "loose"
LOCK: Final = ".lock"


def folder_of(kind: str) -> str:
    """The folder of the parts of a kind of table."""
    return "parts" if kind == RUNS else kind


def part_file(folder: Path, kind: str, part: int) -> Path:
    """The file of a part."""
    return folder / folder_of(kind) / f"part-{part:05d}.parquet"


def loose_file(folder: Path, kind: str, chunk: int) -> Path:
    """The file of a finished chunk whose part is not complete."""
    return folder / LOOSE / f"chunk-{chunk:07d}{'' if kind == RUNS else f'-{kind}'}.parquet"


class Store:
    """The folder of one sweep. Only `put` and `finish` write, under the lock of `writing`."""

    def __init__(self, folder: Path, study: Study) -> None:
        self.folder = folder
        self.study = study
        self.kinds = kinds_of(study)
        self._loose = set[int]()
        """Chunks that lie loose, known to the one who writes."""

    def finished(self) -> set[int]:
        """The chunks that are there, in parts or loose."""
        per_part, n_chunks = self.study.chunks_per_part, self.study.n_chunks
        found: set[int] = set()
        for part in _numbers(self.folder / folder_of(RUNS), "part-"):
            found.update(range(part * per_part, min((part + 1) * per_part, n_chunks)))
        return found | set(_numbers(self.folder / LOOSE, "chunk-"))

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to run or to put together."""
        there = set(_numbers(self.folder / folder_of(RUNS), "part-"))
        return there == set(range(self.n_parts)) and not (self.folder / LOOSE).exists()

    @property
    def n_parts(self) -> int:
        """Parts of a finished sweep."""
        return -(-self.study.n_chunks // self.study.chunks_per_part)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder for this process alone; make it, or sweep what killed writers left in it.

        Raises InputError where another process writes, or nothing can be written.
        """
        with words_for_the_disk(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / LOCK, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                remedy = "Wait until it has ended, or end it; two cannot write into one folder."
                raise InputError("another sweep is writing here", where=str(self.folder), remedy=remedy) from None
        try:
            with words_for_the_disk(self.folder):
                self._sweep()
                if not (self.folder / RECORD).exists():
                    self._begin()
                self._loose = set(_numbers(self.folder / LOOSE, "chunk-"))
            yield
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Remove temporary files, and loose chunks whose part is complete."""
        for file in self.folder.rglob(f"*{UNFINISHED}"):
            file.unlink(missing_ok=True)
        for part in _numbers(self.folder / folder_of(RUNS), "part-"):
            self._drop_loose(part)

    def _begin(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        points = self.study.points()
        columns = {"point": pa.array(range(len(points)), type=pa.int32())}
        columns |= {name: pa.array(points[:, index]) for index, name in enumerate(self.study.names)}
        write_whole(self.folder / POINTS, lambda file: pq.write_table(pa.table(columns), file))
        for kind in self.kinds:
            (self.folder / folder_of(kind)).mkdir(exist_ok=True)
        record = json.dumps(record_of(self.study), indent=1, sort_keys=True) + "\n"
        write_whole(self.folder / RECORD, lambda file: file.write_text(record, encoding="utf-8"))

    def points(self) -> NDArray[np.float64]:
        """[points, names] the values at every point, as they were when the sweep began."""
        table = read_parquet(self.folder / POINTS, list(self.study.names))
        columns = [table[name].to_numpy() for name in self.study.names]
        return np.stack(columns, axis=1) if columns else np.zeros((self.study.n_points, 0))

    def put(self, chunk: int, rows: Rows) -> None:
        """Keep a finished chunk; where it completes a part, put that together. Raises RunError for a full disk."""
        import pyarrow.parquet as pq

        with words_for_the_disk(self.folder):
            (self.folder / LOOSE).mkdir(exist_ok=True)
            for kind in self.kinds:
                table = table_of(kind, rows[kind], self.study)
                file = loose_file(self.folder, kind, chunk)
                write_whole(file, lambda part, table=table: pq.write_table(table, part, compression="zstd"))  # type: ignore[misc]
            self._loose.add(chunk)
            self._complete(chunk // self.study.chunks_per_part)

    def finish(self) -> None:
        """Put together what is left when every chunk is there."""
        with words_for_the_disk(self.folder):
            for part in range(self.n_parts):
                self._complete(part)
            if self.finished() == set(range(self.study.n_chunks)):
                with suppress(FileNotFoundError):
                    (self.folder / LOOSE).rmdir()

    def _chunks(self, part: int) -> range:
        per_part = self.study.chunks_per_part
        return range(part * per_part, min((part + 1) * per_part, self.study.n_chunks))

    def _complete(self, part: int) -> None:
        """Write a part from its loose chunks when all are there; the runs last, since they say that it is finished."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._loose.issuperset(self._chunks(part)):
            return
        for kind in self.kinds:
            tables = [read_parquet(loose_file(self.folder, kind, chunk)) for chunk in self._chunks(part)]
            whole = pa.concat_tables(tables).combine_chunks()
            target = part_file(self.folder, kind, part)
            write_whole(target, lambda file, whole=whole: pq.write_table(whole, file, compression="zstd"))  # type: ignore[misc]
        self._drop_loose(part)

    def _drop_loose(self, part: int) -> None:
        self._loose.difference_update(self._chunks(part))
        for chunk in self._chunks(part):
            for kind in reversed(self.kinds):
                loose_file(self.folder, kind, chunk).unlink(missing_ok=True)


def _numbers(folder: Path, prefix: str) -> Iterator[int]:
    """Numbers of the finished files `<prefix><number>.parquet` of the runs."""
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        name, dot, suffix = entry.name.partition(".")
        if name.startswith(prefix) and dot + suffix == ".parquet" and name.removeprefix(prefix).isdigit():
            yield int(name.removeprefix(prefix))


def read_parquet(file: Path, columns: list[str] | None = None) -> pa.Table:
    """A finished file. Raises InputError for one that was damaged after it was written, FileNotFoundError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(file, columns=columns, partitioning=None)
    except FileNotFoundError:
        if file.name == POINTS:
            raise InputError("is not there", where=str(file), remedy=_to_mend(file)) from None
        raise  # a chunk that has become part of another file meanwhile
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].partition(": ")[2] or type(error).__name__
        raise InputError(f"is damaged ({reason})", where=str(file), remedy=_to_mend(file)) from None


def _to_mend(file: Path) -> str:
    """Runs are made again whose file is gone; their number is in all kinds of table the same."""
    if file.name == POINTS:
        return "Restore it, or sweep the design into another folder (--out)."
    runs = file.with_name("-".join(file.stem.split("-")[:2]) + file.suffix)
    runs = runs if file.parent.name == LOOSE else runs.parent.with_name(folder_of(RUNS)) / runs.name
    return f"Delete {runs} and sweep the same design into the folder again: what was in it is run again."


# The record


_NEEDED: Final = frozenset({"design", "plan_names", "n_points", "n_runs", "cells_per_chunk", "chunks_per_part"})


def record_of(study: Study) -> dict[str, Any]:
    """What `design.json` holds."""
    sizes = {"cells_per_chunk": study.cells_per_chunk, "chunks_per_part": study.chunks_per_part}
    numbers = {"n_points": study.n_points, "n_runs": study.n_runs, **sizes}
    return {
        **study.record(),
        "plan_names": list(study.plans),
        "contents": {scenario.name: _content(scenario) for scenario in study.scenarios},
        **numbers,
        "version": __version__,
        "rules_hash": rules_hash(),
    }


def _content(scenario: Scenario) -> dict[str, Any]:
    """What a plan says, so that a change of it can be shown; whether it has changed its hash tells."""
    parts = scenario.model_dump(
        mode="json",
        include={"frame", "sites", "patrols", "shifts", "surges", "parameters"},
        exclude={"frame": {"city_folder"}},
    )
    return {**parts, "sites": {f"{site['precinct']}-{site['site_id']}": site for site in parts["sites"]}}


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record in a folder; None where there is none. Raises InputError for one that cannot be read."""
    file = folder / RECORD
    remedy = "It is written by a sweep and must stay as it is: restore it, or choose another folder (--out)."
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", where=str(file), remedy=remedy) from None
    if not isinstance(record, dict) or not record.keys() >= _NEEDED:
        raise InputError("is not the record of a sweep", where=str(file), remedy=remedy)
    return record
