"""The shootings of the runs whose events were kept, as one table, each matched with the reference's by lineage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.arrays import CAUSE_NAMES, RELATION_NAMES
from cms_sim.engine.calendar_days import EPOCH
from cms_sim.experiment.results import Results
from cms_sim.experiment.summary import ArmSummary

if TYPE_CHECKING:
    import pandas as pd

MATCHES: Final = ("same", "moved", "changed", "added")
"""In both at the same day and hour with the same harm; at another; at the same with other harm; in the plan only."""


def events_table(results: Results, kept: Sequence[Sequence[ArmSummary]]) -> pd.DataFrame:
    """A row for each shooting of the frame, by replicate, plan, day, hour and key.

    `match` is one of `MATCHES`. A shooting that a plan averts is a row of the reference whose `key` the plan lacks in
    the same replicate. `victims` counts people shot, `killed` those of them who died."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for replicate, arms in enumerate(kept):
        for plan, arm in enumerate(arms):
            rows = np.sort(arm.shootings, order=["head_day", "head_hour", "key"])
            part = {
                "replicate": np.full(len(rows), replicate, dtype=np.int32),
                "plan": np.full(len(rows), plan, dtype=np.int32),
                "key": rows["key"],
                "precinct": np.asarray(results.precincts, dtype=np.int16)[rows["slot"]],
                "date": (np.datetime64(EPOCH) + rows["head_day"].astype("m8[D]")).astype("M8[s]"),
                "hour": rows["head_hour"],
                "cause": rows["cause"],
                "relation": rows["relation"],
                "generation": rows["generation"],
                "victims": rows["victims"],
                "killed": rows["killed"],
                "match": _match(rows, arms[results.reference].shootings),
            }
            for name, values in part.items():
                columns.setdefault(name, []).append(values)
    table: dict[str, Any] = {name: np.concatenate(parts) for name, parts in columns.items()} or dict.fromkeys(
        COLUMNS, np.zeros(0, int)
    )
    texts = {
        "plan": tuple(plan.name for plan in results.plans),
        "cause": CAUSE_NAMES,
        "relation": RELATION_NAMES,
        "match": MATCHES,
    }
    named = {
        name: pd.Categorical.from_codes(table[name].astype(np.int64), pd.Index(list(words)))
        for name, words in texts.items()
    }
    return pd.DataFrame(table | named)


COLUMNS: Final = (
    *("replicate", "plan", "key", "precinct", "date", "hour"),
    *("cause", "relation", "generation", "victims", "killed", "match"),
)


def _match(rows: NDArray[Any], reference: NDArray[Any]) -> NDArray[np.int8]:
    """Index in `MATCHES` of each row."""
    _, here, there = np.intersect1d(rows["key"], reference["key"], assume_unique=True, return_indices=True)
    mine, theirs = rows[here], reference[there]
    match = np.full(len(rows), MATCHES.index("added"), dtype=np.int8)
    harm = (mine["victims"] == theirs["victims"]) & (mine["killed"] == theirs["killed"])
    same_time = (mine["head_day"] == theirs["head_day"]) & (mine["head_hour"] == theirs["head_hour"])
    match[here] = np.where(~same_time, MATCHES.index("moved"), np.where(harm, 0, MATCHES.index("changed")))
    return match
