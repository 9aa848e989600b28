"""The tables of a sweep: which columns a row has, by kind of table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

    from cms_sim.experiment.sweep.study import Study

COUNTS: Final = ("victims", "incidents", "deaths", "mediations", "settled", "averted", "enrolled")
"""Whole numbers over the frame: people shot, shootings, people killed, attempts to mediate, those settled, victims of
the reference minus this plan's in the same cell, enrolments in services.
"""
MEASURES: Final = ("cost_usd", "participants", "retaliation_share", "contagion_share", "norm_after", "trust_after")
"""Cost of the plan over the frame; mean number in caseloads; shares of shootings by cause (empty without shootings);
survey of the last morning, mean over precincts.
"""
OUTCOMES: Final = (
    *("victims", "incidents", "deaths", "mediations", "settled", "averted", "cost_usd", "participants", "enrolled"),
    *("retaliation_share", "contagion_share", "norm_after", "trust_after"),
)
KEYS: Final = ("plan", "point", "replicate", "scenario_hash", "seed")
PRECINCT_OUTCOMES: Final = ("victims", "incidents", "deaths", "mediations", "settled", "averted", "participants")

RUNS: Final = "runs"
PRECINCTS: Final = "precincts"
EVENTS: Final = "events"

Columns = dict[str, list[Any]]
"""Rows of one table, by column."""
Rows = dict[str, Columns]
"""What a chunk gives: rows of each kind of table."""


def kinds_of(study: Study) -> tuple[str, ...]:
    """The tables that a sweep keeps; `runs` last, since its file says that a chunk is finished."""
    wanted = {PRECINCTS: study.design.by_precinct, EVENTS: study.design.keep_events > 0, RUNS: True}
    return tuple(kind for kind, is_kept in wanted.items() if is_kept)


def columns_of(kind: str, study: Study) -> tuple[str, ...]:
    """Names of the columns of a kind of table."""
    return tuple(schema_of(kind, _own(study)).names)


def outcomes_of(study: Study) -> tuple[str, ...]:
    """Names of the outcomes in the runs, those of an extension last."""
    return (*OUTCOMES, *_own(study))


def _own(study: Study) -> Sequence[str]:
    return study.extension.columns if study.extension else ()


def schema_of(kind: str, own: Sequence[str] = ()) -> pa.Schema:
    """The types of a table's columns; `own`: outcomes of an extension."""
    import pyarrow as pa

    place = [("plan", pa.string()), ("point", pa.int32()), ("replicate", pa.int32())]
    if kind == EVENTS:
        counts = [(name, pa.int16()) for name in ("victims", "killed")]
        event = [("key", pa.uint64()), ("precinct", pa.int32()), ("date", pa.date32()), ("hour", pa.int8())]
        return pa.schema([*place, *event, ("cause", pa.string()), *counts])
    if kind == PRECINCTS:
        return pa.schema([*place, ("precinct", pa.int32()), *_outcomes(PRECINCT_OUTCOMES)])
    identity = [("scenario_hash", pa.string()), ("seed", pa.uint64())]
    return pa.schema([*place, *identity, *_outcomes((*OUTCOMES, *own)), ("error", pa.string())])


def _outcomes(names: Sequence[str]) -> list[tuple[str, pa.DataType]]:
    import pyarrow as pa

    return [(name, pa.int64() if name in COUNTS else pa.float64()) for name in names]


def table_of(kind: str, columns: Columns, study: Study) -> pa.Table:
    """The rows of a chunk as a table."""
    import pyarrow as pa

    schema = schema_of(kind, _own(study))
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
