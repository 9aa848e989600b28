"""A bank: thousands of parameter draws from the priors, each with the statistics of one history of 2006-2019.

Kept in parts, each written whole and renamed, so that a bank that was broken off goes on where it was. The same seed
gives the same bank for any number of workers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.errors import InputError
from cms_sim.evaluation.patterns.statistics import statistics
from cms_sim.experiment.bank import BANK_DRAWS, code_of, rules_hash
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.hindcast import Hindcast
from cms_sim.experiment.levels_between import LevelsBetween
from cms_sim.experiment.pool import as_they_finish, usable_cores, worker_pool
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

if TYPE_CHECKING:
    import pandas as pd

PART: Final = 25
"""Histories in a part: some ten seconds of one core."""
RECORD: Final = "bank.json"
LIVED: Final = "lived"
"""Column: whether the history could be lived. A draw in a thousand has a level that, with the years' deviations, lies
beyond the engine's bounds: it is left out, and counted."""
_PATTERNS: Final = Path(__file__).parents[1] / "patterns"
_MODULES: Final = ("activity", "counts", "dispersion", "programme", "statistics")
"""Those of the patterns that `statistics` uses."""


@dataclass(frozen=True)
class BankPlan:
    """What a bank holds. Parts of another plan are not taken for it."""

    hypothesis: str
    draws: int
    seed: int
    levels: int = BANK_DRAWS
    """Solved draws between which levels are interpolated."""
    before_year: int = 0
    """Fitted to the record before this year only, which is then all that levels and statistics know; 0: all of it."""
    rules: str = ""
    statistics: str = ""

    @classmethod
    def now(cls, hypothesis: str, draws: int, seed: int, levels: int = BANK_DRAWS, before_year: int = 0) -> BankPlan:
        """With the hashes of today's rules, parameters and statistics."""
        return cls(hypothesis, draws, seed, levels, before_year, rules_hash(), _statistics_hash())

    @property
    def tables(self) -> CityTables:
        """The record that it knows."""
        tables = load_city_tables()
        return tables.before(self.before_year) if self.before_year else tables

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
    """A finished bank."""
    import pandas as pd

    rows = pd.concat([pd.read_parquet(_file(folder, part)) for part in plan.parts], ignore_index=True)
    sampled = draw_from_priors(plan.draws, plan.seed, hypothesis(plan.hypothesis))
    return Bank(plan, pd.DataFrame(sampled.values, columns=list(sampled.names)), rows)


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
        ours, theirs = asdict(plan), _parsed(known)
        differs = ", ".join(name for name in ours if ours[name] != theirs.get(name))
        remedy = "Give another folder with --out, or delete this one: its histories are of other rules or another plan."
        raise InputError(f"holds another bank ({differs} differ)", where=str(folder), remedy=remedy)


def _parsed(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _file(folder: Path, part: range) -> Path:
    return folder / f"part-{part.start:06d}.parquet"


def _write(folder: Path, part: range, rows: list[dict[str, float]]) -> None:
    import pandas as pd

    table = pd.DataFrame(rows)
    write_whole(_file(folder, part), lambda file: table.to_parquet(file, index=False))


def _run(plan: BankPlan, missing: list[range], workers: int) -> Iterator[tuple[range, list[dict[str, float]]]]:
    LevelsBetween(plan.tables, hypothesis(plan.hypothesis), plan.levels)  # what is not shipped is solved once, here
    remedy = "The machine may be short of memory: the same command with --workers 1 goes on."
    with worker_pool(min(workers or usable_cores(), len(missing)), _begin, plan) as pool:
        yield from as_they_finish(pool, _histories, missing, remedy)


_bench: tuple[Hindcast, BankPlan] | None = None


def _begin(plan: BankPlan) -> None:
    global _bench  # one for each process: the city is large and stays
    _bench = Hindcast(LevelsBetween(plan.tables, hypothesis(plan.hypothesis), plan.levels)), plan


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


def _statistics_hash() -> str:
    digest = hashlib.sha256()
    for module in _MODULES:
        digest.update(code_of(_PATTERNS / f"{module}.py").encode())
    return digest.hexdigest()[:16]


def places(bank: Bank) -> NDArray[np.float64]:
    """[draws, parameters] each value's place in its prior, 0 to 1: what it was drawn by."""
    from scipy.stats import qmc

    plan = bank.plan
    sampler = qmc.Sobol(d=bank.values.shape[1], scramble=True, rng=np.random.default_rng(plan.seed))
    return np.asarray(sampler.random_base2(int(np.ceil(np.log2(plan.draws))))[: plan.draws])
