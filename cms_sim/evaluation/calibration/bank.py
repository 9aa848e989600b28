"""A bank: thousands of parameter draws from the priors, each with the statistics of one history of 2006-2019.

Kept in parts, each written whole and renamed, so that a bank that was broken off goes on where it was. The same seed
gives the same bank for any number of workers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.errors import InputError
from cms_sim.evaluation.patterns.statistics import statistics
from cms_sim.experiment.bank import BANK_DRAWS
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.fitted_with import counted_with, other_than_today
from cms_sim.experiment.hindcast import Hindcast
from cms_sim.experiment.levels_between import LevelsBetween
from cms_sim.experiment.pool import as_they_finish, usable_cores, worker_pool
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

if TYPE_CHECKING:
    import pandas as pd

_WORDS: Final = {
    "hypothesis": "another hypothesis",
    "draws": "another number of draws",
    "seed": "another seed",
    "levels": "another number of solved levels",
}
PART: Final = 25
"""Histories in a part: some ten seconds of one core."""
RECORD: Final = "bank.json"
LIVED: Final = "lived"
"""Column: whether the history could be lived. A draw in a thousand has a level that, with the years' deviations, lies
beyond the engine's bounds: it is left out, and counted."""


@dataclass(frozen=True)
class BankPlan:
    """What a bank holds. Parts of another plan are not taken for it."""

    hypothesis: str
    draws: int
    seed: int
    levels: int = BANK_DRAWS
    """Solved draws between which levels are interpolated."""
    counted_with: Mapping[str, str] = field(default_factory=dict)
    """Hashes of what its histories and their statistics hang on (`experiment.fitted_with`)."""

    @classmethod
    def now(cls, name: str, draws: int, seed: int, levels: int = BANK_DRAWS) -> BankPlan:
        """Of the hypothesis `name`, under all that is today's."""
        return cls(name, draws, seed, levels, counted_with(hypothesis(name), load_city_tables()))

    @property
    def parts(self) -> list[range]:
        """Draws of each part."""
        return [range(first, min(first + PART, self.draws)) for first in range(0, self.draws, PART)]


@dataclass(frozen=True)
class Bank:
    """[draws] rows of parameters and of statistics, by name."""

    plan: BankPlan
    values: pd.DataFrame
    statistics: pd.DataFrame


def build_bank(
    plan: BankPlan, folder: Path, workers: int = 0, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> Bank:
    """The bank in `folder`, after the parts that it lacks are run; `on_progress` is told draws done, and of how many.

    Ctrl-C keeps the parts that are finished. Raises InputError for a folder that holds another bank.
    """
    with words_for_the_disk(folder):
        return _build(plan, folder, workers, on_progress)


def _build(plan: BankPlan, folder: Path, workers: int, on_progress: Callable[[int, int], None]) -> Bank:
    _claim(plan, folder)
    missing = [part for part in plan.parts if not _file(folder, part).is_file()]
    done = plan.draws - sum(map(len, missing))
    on_progress(done, plan.draws)
    if missing:
        for part, rows in _run(plan, missing, workers):
            _write(folder, part, rows)
            done += len(part)
            on_progress(done, plan.draws)
    return read_bank(plan, folder)


def read_bank(plan: BankPlan, folder: Path) -> Bank:
    """A finished bank. Raises InputError for a part that is damaged, OSError for one that is missing."""
    import pandas as pd

    rows = pd.concat([_read(_file(folder, part), len(part)) for part in plan.parts], ignore_index=True)
    sampled = draw_from_priors(plan.draws, plan.seed, hypothesis(plan.hypothesis))
    return Bank(plan, pd.DataFrame(sampled.values, columns=list(sampled.names)), rows)


def _read(file: Path, histories: int) -> pd.DataFrame:
    import pandas as pd

    try:
        rows = pd.read_parquet(file)
        whole = len(rows) == histories and (rows.shape[1] > 1 or not rows[LIVED].any())
    except (ValueError, KeyError):
        whole = False
    if not whole:
        remedy = "Delete this file and give the same command again: its histories are lived again."
        raise InputError("is damaged", where=str(file), remedy=remedy)
    return rows


def _claim(plan: BankPlan, folder: Path) -> None:
    record = folder / RECORD
    told = json.dumps(asdict(plan), indent=1, sort_keys=True)
    try:
        known = record.read_text(encoding="utf-8")
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(record, lambda file: file.write_text(told, encoding="utf-8"))
        return
    if known != told:
        remedy = "Give another folder with --out, or delete this one."
        raise InputError(f"holds another bank: {_differing(plan, known)}", where=str(folder), remedy=remedy)


def _differing(plan: BankPlan, known: str) -> str:
    """How what is known of a folder differs from the plan, in words."""
    try:
        there = replace(plan, **json.loads(known))
        other = other_than_today(there.counted_with, plan.counted_with)
    except (ValueError, TypeError, AttributeError):
        return "its record cannot be read"
    differ = [words for name, words in _WORDS.items() if getattr(there, name) != getattr(plan, name)]
    return ", ".join([*differ, *([f"{other} than today's"] if other else [])])


def _file(folder: Path, part: range) -> Path:
    return folder / f"part-{part.start:06d}.parquet"


def _write(folder: Path, part: range, rows: list[dict[str, float]]) -> None:
    import pandas as pd

    table = pd.DataFrame(rows)
    write_whole(_file(folder, part), lambda file: table.to_parquet(file, index=False))


def _run(plan: BankPlan, missing: list[range], workers: int) -> Iterator[tuple[range, list[dict[str, float]]]]:
    _levels(plan)  # what is not shipped is solved once, here
    with worker_pool(min(workers or usable_cores(), len(missing)), _begin, plan) as pool:
        yield from as_they_finish(pool, _histories, missing)


_bench: tuple[Hindcast, BankPlan] | None = None


def _begin(plan: BankPlan) -> None:
    global _bench  # one for each process: the city is large and stays
    _bench = Hindcast(_levels(plan)), plan


def _levels(plan: BankPlan) -> LevelsBetween:
    return LevelsBetween(load_city_tables(), hypothesis(plan.hypothesis), plan.levels)


def _histories(part: range) -> list[dict[str, float]]:
    assert _bench is not None
    hindcast, plan = _bench
    sampled = draw_from_priors(plan.draws, plan.seed, hypothesis(plan.hypothesis))
    return [_history(hindcast, sampled.of(draw), plan.seed, draw) for draw in part]


def _history(hindcast: Hindcast, values: Mapping[str, float], seed: int, draw: int) -> dict[str, float]:
    """Statistics of one history; `LIVED` is 0, and nothing else is known, where the engine's bounds do not hold it."""
    try:
        return {**statistics(hindcast.live(values, seed, draw)), LIVED: 1.0}
    except InputError:
        return {LIVED: 0.0}


def places(bank: Bank) -> NDArray[np.float64]:
    """[draws, parameters] each value's place in its prior, 0 to 1: what it was drawn by."""
    from scipy.stats import qmc

    plan = bank.plan
    sampler = qmc.Sobol(d=bank.values.shape[1], scramble=True, rng=np.random.default_rng(plan.seed))
    return np.asarray(sampler.random_base2(int(np.ceil(np.log2(plan.draws))))[: plan.draws])
