"""Tables as files: CSV for people, Parquet for programs. The same content gives the same bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cms_sim.data.parameters import load_parameters
from cms_sim.report.provenance import content_hash
from cms_sim.report.sheet import Sheet
from cms_sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

CSV_DIGITS: Final = "%.6g"
ENDINGS: Final[Mapping[str, str]] = {
    "_usd": "US dollars",
    "usd_per_year": "US dollars a year",
    "_percent": "percent",
    "_per_year": "a year, mean over replicates",
    "_share": "share, 0 to 1",
    "date": "day",
    "month": "first day of the month",
    "hour": "hour of the day, 0 to 23",
    "replicate": "index from 0, the same for all plans of a pair",
    "precinct": "police precinct, its number",
    "key": "identity of the conflict, the same in every plan of a replicate",
    "norm_before": "willingness to use violence, 1 to 5",
    "norm_after": "willingness to use violence, 1 to 5",
    "trust_before": "trust in police, 0 to 1",
    "trust_after": "trust in police, 0 to 1",
    "participants": "people in caseloads, mean over the months",
    "generation": "steps from a conflict of the background",
}
"""Unit of a column by how its name ends, the longest ending first; what ends otherwise is a count or a name."""


def write_tables(sheet: Sheet, events: pd.DataFrame, folder: Path) -> None:
    """`summary.csv`, `by_precinct.csv`, `studies.csv` and the Parquet tables, each in one piece."""
    from cms_sim.evaluation.long_tables import precinct_month

    results = sheet.results
    about = {"version": __version__, "content": content_hash(results)}
    for name, table in sheet.short_tables.items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(table))
    long = {"runs": sheet.runs, "precinct_month": precinct_month(results), "events": events}
    for name, table in long.items():
        (folder / f"{name}.parquet").write_bytes(parquet_bytes(table, about))


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table with six significant digits, Unix line ends and no index, in UTF-8."""
    return table.to_csv(index=False, float_format=CSV_DIGITS, lineterminator="\n").encode()


def parquet_bytes(table: pd.DataFrame, about: Mapping[str, str]) -> bytes:
    """The table in Parquet; its schema's metadata has `about` and the unit of every column, and no time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = [field.with_metadata({"unit": unit_of(field.name)}) for field in arrow.schema]
    units = {field.name: unit_of(field.name) for field in arrow.schema}
    metadata = {"cms_sim": json.dumps({**about, "units": units}, sort_keys=True)}
    buffer = io.BytesIO()
    pq.write_table(arrow.cast(pa.schema(fields, metadata=metadata)), buffer, compression="zstd")
    return buffer.getvalue()


def unit_of(column: str) -> str:
    """What a column is measured in."""
    if column.startswith("parameter."):
        known: Any = load_parameters().get(column.removeprefix("parameter."))
        return known.unit if known else "see the parameter table"
    fitting = [ending for ending in ENDINGS if column.endswith(ending)]
    return ENDINGS[max(fitting, key=len)] if fitting else "count or name"
