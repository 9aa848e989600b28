from __future__ import annotations

import csv

from cms_sim.data.city_tables import TABLES
from cms_sim.data.evidence import load_evidence


def test_every_row_is_read_and_no_id_stands_twice() -> None:
    with (TABLES / "evidence.csv").open(encoding="utf-8", newline="") as stream:
        ids = [row["id"] for row in csv.DictReader(stream)]
    assert list(load_evidence()) == ids
    assert len(set(ids)) == len(ids) == 424


def test_numbers_intervals_and_words() -> None:
    evidence = load_evidence()
    effect = evidence["T1-003"]
    assert (effect.value, effect.low, effect.high) == (-14.0, -19.4, -8.3)
    assert effect.basis == "read" and effect.url.startswith("https://")
    launch = evidence["T5-043"]
    assert launch.value is None and launch.value_text == "May 2016"


def test_every_row_has_a_source_and_a_basis() -> None:
    rows = load_evidence().values()
    assert all(row.source and row.quantity and row.unit for row in rows)
    assert {row.basis for row in rows} == {"read", "recalled"}


def test_an_interval_is_not_upside_down() -> None:
    for row in load_evidence().values():
        if row.low is not None and row.high is not None:
            assert row.low <= row.high, row.id


def test_the_caller_may_change_its_own_copy() -> None:
    load_evidence().clear()
    assert load_evidence()
