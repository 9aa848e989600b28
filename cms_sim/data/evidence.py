"""The evidence table: published figures with their interval, place, period and source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cms_sim.data.city_tables import TABLES
from cms_sim.data.csv_table import Row, check_unique, read_rows

TEXTS = ("topic", "quantity", "unit", "population", "place", "period", "source", "url", "basis", "note")


@dataclass(frozen=True)
class EvidenceRow:
    """One published figure. `id` is such as T5-089; `basis` is `read` (seen in the source) or `recalled`.

    `value` is None where the source gives words or a date, which `value_text` has; `low` and `high` bound the
    interval that the source gives, if it gives one. Units are in `unit`."""

    id: str
    topic: str
    quantity: str
    value: float | None
    value_text: str
    low: float | None
    high: float | None
    unit: str
    population: str
    place: str
    period: str
    source: str
    url: str
    basis: str
    note: str


def load_evidence() -> dict[str, EvidenceRow]:
    """The packaged evidence by id, in the order of the table."""
    return dict(_evidence())


@cache
def _evidence() -> dict[str, EvidenceRow]:
    rows = read_rows(TABLES / "evidence.csv", ["id", "value", "low", "high", *TEXTS])
    check_unique(rows, lambda row: row.text("id"))
    return {row.text("id"): _evidence_row(row) for row in rows}


def _evidence_row(row: Row) -> EvidenceRow:
    return EvidenceRow(
        id=row.text("id"),
        value=_number(row.text("value")),
        value_text=row.text("value"),
        low=row.number("low") if row.text("low") else None,
        high=row.number("high") if row.text("high") else None,
        **{column: row.text(column) for column in TEXTS},
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
