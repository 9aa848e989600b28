"""When people are shot in a history, and what an incident does: the proportions that the model takes from the record.

Named so that no module shadows the standard library's `calendar`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.engine.calendar_days import months, weekdays
from cms_sim.experiment.hindcast import Lived

NIGHT: Final = (20, 4)
"""From 20:00 to 04:00."""
FROM_MONTH: Final = 36
"""January 2009: from here on are the record's weekdays, hours and victims per incident."""
FEBRUARY, AUGUST, THURSDAY, SUNDAY = 1, 7, 3, 6


def clock(lived: Lived) -> dict[str, float]:
    """Factors over the mean day's or month's; shares of incidents. Of the years that the record's tables are of."""
    rows = lived.shootings
    month = months()[rows["head_day"]]
    since = rows[month >= FROM_MONTH]
    weekday_hour = np.zeros((7, 24), dtype=np.int64)
    np.add.at(weekday_hour, (weekdays()[since["head_day"]], since["head_hour"]), 1)
    return {
        **when(np.bincount(month, minlength=lived.months), weekday_hour),
        "victims_per_incident": float(rows["victims"].mean()),
        "one_victim_share": float((since["victims"] == 1).sum() / max(1, (since["victims"] > 0).sum())),
        "fatal_per_incident": float((since["killed"] > 0).mean()),
        "killed_per_victim": float(since["killed"].sum() / max(1, since["victims"].sum())),
    }


def clock_of_record(tables: CityTables) -> dict[str, float]:
    """The same of a record; deaths are known there by incident only, so deaths per victim are left out."""
    by_victims, since = tables.victims_per_incident, slice(FROM_MONTH, None)
    return {
        **when(tables.incidents.sum(axis=0), tables.weekday_hour),
        "victims_per_incident": float(tables.victims.sum() / tables.incidents.sum()),
        "one_victim_share": float(by_victims[0] / by_victims.sum()),
        "fatal_per_incident": float(tables.fatal_incidents[:, since].sum() / tables.incidents[:, since].sum()),
    }


def when(incidents: NDArray[np.int64], weekday_hour: NDArray[np.int64]) -> dict[str, float]:
    """Of incidents [months] from a January on, and by weekday and hour [7, 24]."""
    days = np.bincount(months())[: len(incidents)]
    by_month = incidents.reshape(-1, 12).sum(axis=0) / days.reshape(-1, 12).sum(axis=0)
    season = by_month / by_month.mean()
    weekday = weekday_hour.sum(axis=1) / weekday_hour.sum() * 7
    hour = weekday_hour.sum(axis=0)
    return {
        "season_february": float(season[FEBRUARY]),
        "season_august": float(season[AUGUST]),
        "weekday_thursday": float(weekday[THURSDAY]),
        "weekday_sunday": float(weekday[SUNDAY]),
        "night_share": float((hour[NIGHT[0] :].sum() + hour[: NIGHT[1]].sum()) / hour.sum()),
    }
