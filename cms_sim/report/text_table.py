"""A table of text for the page, and the order of its plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cms_sim.report.sheet import PlanLine, Sheet


@dataclass(frozen=True)
class TextTable:
    """A table for the page; the first cell of a row is its heading. `numeric` columns are set to the right."""

    caption: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numeric: bool = True
    strong: int | None = None
    """Row that is set in bold."""
    words: tuple[int, ...] = ()
    """Columns of a numeric table that hold words and are set to the left."""


def ordered(sheet: Sheet) -> list[PlanLine]:
    """The plans, the one that averts most first, then the references."""
    last = [sheet.lines[k] for k in (sheet.results.reference, sheet.results.no_programme) if k is not None]
    return sorted(sheet.compared, key=lambda line: -line.averted.mean) + last
