"""Long work in parts: each is written whole, so that work that was broken off goes on where it was.

The same parts come of any number of workers. Ctrl-C keeps those that are finished.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cms_sim.errors import InputError
from cms_sim.experiment.pool import as_they_finish, usable_cores, worker_pool
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

PART: Final = 25
RECORD: Final = "work.json"

Rows = Mapping[str, NDArray[Any]]
"""Arrays by name; axis 0 is the draw."""


class Work(Protocol):
    """What is done for each of `draws` draws: a frozen dataclass that can be sent to other processes."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def draws(self) -> int:
        """How many."""

    def begin(self) -> Callable[[int], Rows]:
        """Make ready in a process; what it gives back does one draw, without its axis 0."""


def do(
    work: Work, folder: Path, workers: int = 0, on_progress: Callable[[int], None] = lambda done: None
) -> dict[str, NDArray[Any]]:
    """All draws of `work`, read from `folder` or done now; `on_progress` is told draws done.

    Raises InputError for a folder that holds other work.
    """
    with words_for_the_disk(folder):
        _claim(work, folder)
        parts = [range(first, min(first + PART, work.draws)) for first in range(0, work.draws, PART)]
        missing = [part for part in parts if not _file(folder, part).is_file()]
        done = work.draws - sum(map(len, missing))
        on_progress(done)
        for part, rows in _run(work, missing, min(workers or usable_cores(), len(missing))):
            _write(_file(folder, part), rows)
            done += len(part)
            on_progress(done)
        loaded = [_read(_file(folder, part)) for part in parts]
    return {name: np.concatenate([each[name] for each in loaded]) for name in loaded[0]}


def _claim(work: Work, folder: Path) -> None:
    told = hashlib.sha256(json.dumps([type(work).__name__, asdict(work)], sort_keys=True).encode()).hexdigest()
    record = folder / RECORD
    if not record.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(record, lambda file: file.write_text(told, encoding="utf-8"))
    elif record.read_text(encoding="utf-8") != told:
        remedy = (
            "Give another folder with --out, or delete this one: it is of other rules, another seed or other numbers."
        )
        raise InputError("holds other work", where=str(folder), remedy=remedy)


def _file(folder: Path, part: range) -> Path:
    return folder / f"part-{part.start:06d}.npz"


def _write(file: Path, rows: Rows) -> None:
    def write(part: Path) -> None:
        with part.open("wb") as opened:
            np.savez_compressed(opened, **dict[str, Any](rows))

    write_whole(file, write)


def _read(file: Path) -> dict[str, NDArray[Any]]:
    with np.load(file) as found:
        return {name: found[name] for name in found.files}


def _run(work: Work, missing: list[range], workers: int) -> Iterator[tuple[range, Rows]]:
    if workers <= 1:
        one = work.begin() if missing else None
        for part in missing:
            assert one is not None
            yield part, _together([one(draw) for draw in part])
        return
    with worker_pool(workers, _begin, work) as pool:
        yield from as_they_finish(pool, _do_part, missing)


_one: Callable[[int], Rows] | None = None


def _begin(work: Work) -> None:
    global _one  # one for each process: the city is large and stays
    _one = work.begin()


def _do_part(part: range) -> Rows:
    assert _one is not None
    return _together([_one(draw) for draw in part])


def _together(each: list[Rows]) -> Rows:
    return {name: np.stack([one[name] for one in each]) for name in each[0]}
