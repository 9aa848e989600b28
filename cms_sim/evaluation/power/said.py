"""Numbers as pages and terminals say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

UNTOLD: Final = "unknown"
Line = Mapping[Any, Any]
"""A row of `summary.Found`."""


def percent(value: float) -> str:
    """A change in percent with its sign."""
    return UNTOLD if np.isnan(value) else f"{value:+.1f}%"


def share(line: Line, name: str, unknown: str) -> str:
    """A share in percent with its 95% interval; `name` in the line, and its `_low` and `_high`."""
    low, high = line[f"{name}_low"], line[f"{name}_high"]
    return unknown if np.isnan(line[name]) else f"{100.0 * line[name]:.0f}% ({100.0 * low:.0f} to {100.0 * high:.0f})"


def of_hundred(line: Line, name: str) -> str:
    """The same as a number of studies."""
    low, high = line[f"{name}_low"], line[f"{name}_high"]
    known = not np.isnan(line[name])
    return (
        f"{100.0 * line[name]:.0f} of 100 ({100.0 * low:.0f} to {100.0 * high:.0f})" if known else "an unknown number"
    )


def times(value: float) -> str:
    """How many times as large."""
    return UNTOLD if np.isnan(value) else f"{value:.1f} times"


def smallest(line: Line, name: str) -> str:
    """The smallest fall that is shown or detected 8 times in 10: between two that were planted, or which of them it
    lies beyond."""
    value, missed, found = (line[f"{name}{side}_percent"] for side in ("", "_missed", "_found"))
    if np.isnan(found):
        return UNTOLD if np.isnan(missed) else f"more than {-missed:.3g}%"
    if found == 0.0:
        return "cries wolf"
    return f"less than {-found:.3g}%" if np.isnan(value) else f"{-value:.0f}%"


def detectable_range(line: Line) -> str:
    """95% range of the smallest detectable fall; nothing where it is unknown, or all of it beyond what was planted."""
    low, high = line["detectable_low_percent"], line["detectable_high_percent"]
    least, most = -line["least_planted_percent"], -line["most_planted_percent"]
    if np.isnan(low) or high == 0.0 or (np.isinf(low) and np.isinf(high)):
        return ""
    first = f"less than {least:.3g}" if low == 0.0 else f"{-low:.0f}"
    return f"({first} to more than {most:.3g}%)" if np.isinf(high) else f"({first} to {-high:.0f}%)"


def middle(line: Line) -> str:
    """What all but 5 of 100 studies report where nothing happened."""
    low, high = line["critical_low_percent"], line["critical_high_percent"]
    return "(too few)" if np.isnan(low) else f"({low:+.0f}% to {high:+.0f}%)"
