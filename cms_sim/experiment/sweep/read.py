"""The results of a sweep, read back: `load_sweep(folder)`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cms_sim.errors import InputError, nearest
from cms_sim.experiment.sweep.design import Design, recorded_design
from cms_sim.experiment.sweep.rows import EVENTS, KEYS, PRECINCTS, RUNS, schema_of
from cms_sim.experiment.sweep.store import LOOSE, POINTS, folder_of, read_parquet, read_record

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_ATTEMPTS: Final = 5
Found = TypeVar("Found")


@dataclass(frozen=True)
class Sweep:
    """A sweep, finished or not: what is in its folder now. Tables are read when first asked for."""

    folder: Path
    record: dict[str, Any]

    @cached_property
    def design(self) -> Design:
        """The design as recorded."""
        return recorded_design(json.dumps(self.record["design"]), self.folder / "design.json")

    @property
    def plans(self) -> tuple[str, ...]:
        """Names of the plans, the reference first."""
        return tuple(self.record["plan_names"])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of what was varied."""
        return tuple(self.points.columns)

    @property
    def is_complete(self) -> bool:
        """Whether every run of the design is there."""
        return len(self.runs) == int(self.record["n_runs"])

    @cached_property
    def points(self) -> pd.DataFrame:
        """[points x names] values, index `point`."""
        found: pd.DataFrame = read_parquet(self.folder / POINTS).to_pandas()
        return found.set_index("point")

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row for each run: plan, point, replicate, scenario_hash, seed, outcomes, error; by point, replicate, plan.

        A failed run has its message in `error` and no outcomes.
        """
        return self._table(RUNS)

    @cached_property
    def precincts(self) -> pd.DataFrame:
        """Outcomes of each run by precinct, where the design says `by_precinct`; else without rows."""
        return self._table(PRECINCTS)

    @cached_property
    def events(self) -> pd.DataFrame:
        """Shootings of the first `keep_events` replicates of each point; else without rows."""
        return self._table(EVENTS)

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes, those of an extension last."""
        return tuple(name for name in self.runs.columns if name not in (*KEYS, "error"))

    @property
    def failed(self) -> pd.DataFrame:
        """The runs that failed."""
        return self.runs[self.runs["error"] != ""]

    def means(self, outcome: str, plan: str) -> pd.DataFrame:
        """An outcome of a plan by point: `mean`, `variance` over replicates (n - 1), `n` runs with a value.

        Raises InputError for a name that is none of the sweep's.
        """
        for name, known, what in ((outcome, self.outcomes, "outcome"), (plan, self.plans, "plan")):
            if name not in known:
                raise InputError(f"there is no {what} '{name}'", where=str(self.folder), remedy=nearest(name, known))
        rows = self.runs[self.runs["plan"] == plan]
        found: pd.DataFrame = rows.groupby("point")[outcome].agg(["mean", "var", "count"]).reindex(self.points.index)
        found["count"] = found["count"].fillna(0).astype("int64")
        return found.rename(columns={"var": "variance", "count": "n"})

    def by_plan(self, outcome: str) -> dict[str, tuple[float, float, float]]:
        """Mean of an outcome over all points, and its lowest and highest mean at a point, by plan; read part by part.

        A plan of which no run succeeded is not there.
        """
        import pyarrow as pa

        columns = ["plan", "point", outcome]
        parts = _from_each(
            self.folder,
            RUNS,
            columns,
            lambda table: table.group_by(columns[:2]).aggregate([(outcome, "sum"), (outcome, "count")]),
        )
        if not parts:
            return {}
        sums, counts = f"{outcome}_sum", f"{outcome}_count"
        table = pa.concat_tables(parts).group_by(columns[:2]).aggregate([(sums, "sum"), (counts, "sum")]).to_pandas()
        table = table[table[f"{counts}_sum"] > 0]
        means = (table[f"{sums}_sum"] / table[f"{counts}_sum"]).groupby(table["plan"])
        found = means.agg(["mean", "min", "max"])
        return {plan: tuple(found.loc[plan]) for plan in self.plans if plan in found.index}

    def count_failed(self) -> int:
        """How many runs failed, without reading more than that."""
        import pyarrow.compute as pc

        def failed(table: pa.Table) -> int:
            return int(pc.sum(pc.not_equal(table["error"], "")).as_py() or 0)

        return sum(_from_each(self.folder, RUNS, ["error"], failed))

    def _table(self, kind: str) -> pd.DataFrame:
        frame: pd.DataFrame = _read(self.folder, kind).to_pandas()
        if frame.empty:
            return frame
        return frame.sort_values(["point", "replicate"], kind="stable", ignore_index=True)  # plans are in order


def load_sweep(folder: str | Path) -> Sweep:
    """The sweep in a folder, finished or not. Raises InputError when there is none."""
    found = Path(folder)
    record = read_record(found)
    if record is None:
        remedy = "Give the folder that `cms-sim sweep` named at its end: it holds design.json."
        raise InputError("there is no sweep", where=str(found), remedy=remedy)
    return Sweep(found, record)


def _read(folder: Path, kind: str) -> pa.Table:
    """Every finished row of a kind; parts come first."""
    import pyarrow as pa

    tables = _from_each(folder, kind, None, lambda table: table)
    return pa.concat_tables(tables) if tables else schema_of(kind).empty_table()


def _from_each(folder: Path, kind: str, columns: list[str] | None, take: Callable[[pa.Table], Found]) -> list[Found]:
    """What `take` makes of each finished file of a kind, of which no more than one is held at a time.

    A writer may put loose files together meanwhile: then all are read again.
    """
    for attempt in range(_ATTEMPTS):
        parts = sorted((folder / folder_of(kind)).glob("part-*.parquet"))
        files = [*parts, *_loose(folder, kind, {int(file.stem[5:]) for file in parts})]
        try:
            return [take(read_parquet(file, columns)) for file in files]
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _loose(folder: Path, kind: str, parts: set[int]) -> list[Path]:
    """Loose chunks of a kind; those whose part is there already are left out."""
    suffix = "" if kind == RUNS else f"-{kind}"
    files = sorted((folder / LOOSE).glob(f"chunk-{'[0-9]' * 7}{suffix}.parquet"))
    per_part = (read_record(folder) or {}).get("chunks_per_part", 1)
    return [file for file in files if int(file.stem[6:13]) // per_part not in parts]
