from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from cms_sim.engine.arrays import CONFLICT
from cms_sim.experiment.results import Results
from cms_sim.experiment.summary import ArmSummary
from cms_sim.report.events import COLUMNS, events_table
from cms_sim.report.provenance import content_hash
from cms_sim.report.sheet import Sheet
from cms_sim.report.tables import csv_bytes, parquet_bytes, unit_of, write_tables
from tests.evaluation.make_results import make_results

GOLDEN = Path(__file__).parent / "golden" / "summary.csv"
TABLES = ["acceptability.csv", "by_precinct.csv", "events.parquet", "pairs.csv", "precinct_month.parquet"]
TABLES += ["returns.csv", "runs.parquet", "studies.csv", "summary.csv"]


def arm(rows: list[tuple[int, int, int, int]]) -> ArmSummary:
    """An arm with shootings of (key, day, hour, victims)."""
    shootings = np.zeros(len(rows), dtype=CONFLICT)
    for name, values in zip(("key", "head_day", "head_hour", "victims"), zip(*rows, strict=True), strict=True):
        shootings[name] = values
    blank = np.zeros(0)
    return ArmSummary(*[blank] * 7, shootings, blank)  # type: ignore[arg-type]


def test_tables_are_the_same_bytes_for_the_same_content_under_any_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        results = replace(make_results(replicates=20), name=name)
        (tmp_path / name).mkdir()
        write_tables(Sheet(results), events_table(results, []), tmp_path / name)
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == TABLES
    for name in TABLES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_summary_is_as_it_was(results: Results) -> None:
    """Golden file: `python -m tests.report.test_tables` writes it anew after a change that is meant."""
    golden = pd.read_csv(GOLDEN)
    table = pd.read_csv(pd.io.common.BytesIO(csv_bytes(Sheet(results).summary)))
    pd.testing.assert_frame_equal(table, golden, rtol=1e-4)


def test_parquet_says_units_version_and_content(results: Results, tmp_path: Path) -> None:
    write_tables(Sheet(results), events_table(results, []), tmp_path)
    schema = pq.read_schema(tmp_path / "precinct_month.parquet")
    about = json.loads(schema.metadata[b"cms_sim"])
    assert about["content"] == content_hash(results) and about["version"] and "name" not in about
    assert about["units"]["month"] == "first day of the month"
    assert set(about["units"]) == set(schema.names)
    rows = pq.read_table(tmp_path / "precinct_month.parquet").to_pandas()
    assert len(rows) == np.prod(results.counts.shape[:-1])
    assert rows["victims"].sum() == results.counts[..., 1].sum()


def test_content_hash_follows_the_content() -> None:
    assert content_hash(make_results(replicates=3)) == content_hash(make_results(replicates=3))
    assert content_hash(make_results(replicates=3)) != content_hash(make_results(replicates=3, seed=2))


def test_events_are_matched_with_the_reference(results: Results) -> None:
    reference = arm([(1, 5300, 22, 1), (2, 5301, 3, 1), (3, 5302, 1, 2), (4, 5303, 1, 1)])
    plan = arm([(9, 5299, 4, 1), (1, 5300, 22, 1), (2, 5301, 4, 1), (3, 5302, 1, 1)])
    table = events_table(results, [[reference, plan]])
    assert tuple(table.columns) == COLUMNS
    assert set(table.loc[table["plan"] == "kept", "match"]) == {"same"}
    found = table[table["plan"] == "none"]
    assert list(found["key"]) == [9, 1, 2, 3]
    assert list(found["match"]) == ["added", "same", "moved", "changed"]


def test_events_table_without_events_has_its_columns(results: Results) -> None:
    table = events_table(results, [])
    assert tuple(table.columns) == COLUMNS and len(table) == 0
    assert parquet_bytes(table, {})


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("incremental_cost_usd", "US dollars"),
        ("cost_usd_per_year", "US dollars a year"),
        ("settled_share", "share, 0 to 1"),
        ("parameter.shooting_chance", "probability per conflict"),
        ("parameter.nobody_knows", "see the parameter table"),
        ("plan", "count or name"),
    ],
)
def test_columns_have_units(column: str, unit: str) -> None:
    assert unit_of(column) == unit


if __name__ == "__main__":
    GOLDEN.write_bytes(csv_bytes(Sheet(make_results(replicates=40)).summary))
