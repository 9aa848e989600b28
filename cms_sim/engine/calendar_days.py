"""Days as whole numbers: 0 is 1 January 2006, the first day of the record."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
from numpy.typing import NDArray

EPOCH: Final = dt.date(2006, 1, 1)
SPAN_DAYS: Final = 8192
"""Days that every table by day covers: until mid-2028."""
MARGIN_DAYS: Final = 1500
"""Days beyond the last one that a conflict may be scheduled."""


def day_of(date: dt.date) -> int:
    """Days since 1 January 2006."""
    return (date - EPOCH).days


def date_of(day: int) -> dt.date:
    """The date of a day."""
    return EPOCH + dt.timedelta(days=int(day))


def month_index(date: dt.date) -> int:
    """Months since January 2006."""
    return (date.year - EPOCH.year) * 12 + date.month - 1


def weekdays() -> NDArray[np.int64]:
    """[SPAN_DAYS + MARGIN_DAYS] weekday of each day, 0 = Monday."""
    return (np.arange(SPAN_DAYS + MARGIN_DAYS, dtype=np.int64) + EPOCH.weekday()) % 7


def months() -> NDArray[np.int64]:
    """[SPAN_DAYS + MARGIN_DAYS] index of each day's month since January 2006."""
    days = np.datetime64(EPOCH) + np.arange(SPAN_DAYS + MARGIN_DAYS)
    return (days.astype("M8[M]") - np.datetime64(EPOCH, "M")).astype(np.int64)
