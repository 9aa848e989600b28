"""How the validation writes its numbers: as few digits as say what the word beside them says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cms_sim.evaluation.validation.check import Checked
from cms_sim.evaluation.validation.row import Unit

_DIGITS: Final = {"%": 1, "ratio": 2, "days": 0, "count": 1}
_MOST_MORE: Final = 2


def number(value: float, unit: Unit, more: int = 0) -> str:
    """As the table writes it, with so many more digits than usual."""
    digits = more + (0 if unit == "count" and abs(value) >= 100 else _DIGITS[unit])
    written = f"{value:,.{digits}f}"
    return (written.removeprefix("-") if not float(written.replace(",", "")) else written) + (
        "%" if unit == "%" else ""
    )


def more_digits(rows: Sequence[Checked], unit: Unit) -> int:
    """How many more than usual show that what is not covered is not, in the same row of each hypothesis."""
    return next((more for more in range(_MOST_MORE) if all(_is_seen(each, unit, more) for each in rows)), _MOST_MORE)


def _is_seen(each: Checked, unit: Unit, more: int) -> bool:
    """Whether the numbers as written say no less than the word NO beside them."""
    row = each.row

    def read(value: float | None) -> float:
        return float(number(math.nan if value is None else value, unit, more).removesuffix("%").replace(",", ""))

    if each.published is None:
        outside = read(each.low) < read(row.low) or read(each.high) > read(row.high)
    else:
        outside = read(each.published) < read(each.low) or read(each.published) > read(each.high)
    return each.covered or outside


def span(low: float, high: float, unit: Unit, more: int = 0) -> str:
    """An interval in brackets."""
    return f"({number(low, unit, more)}, {number(high, unit, more)})"


def published(each: Checked, unit: Unit, more: int = 0) -> str:
    """The figure with its interval, or the range."""
    row = each.row
    if each.published is None:
        assert row.low is not None and row.high is not None
        return f"{number(row.low, unit, more)} to {number(row.high, unit, more)}"
    interval = f" {span(row.low, row.high, unit, more)}" if row.low is not None and row.high is not None else ""
    return number(each.published, unit, more) + interval


def model(each: Checked, unit: Unit, more: int = 0) -> str:
    """The model's median and middle 90%; in brackets the latter once fitted."""
    said = f"{number(each.median, unit, more)} {span(each.low, each.high, unit, more)}"
    if math.isnan(each.after_low):
        return said
    return f"{said} [{number(each.after_low, unit, more)}, {number(each.after_high, unit, more)}]"
