"""What is counted: by week for the charts, now for the counters, and by name for the lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.arrays import (
    N_CONFLICTS,
    N_HARMED,
    N_MEDIATIONS,
    OUTCOME_OPEN,
    OUTCOME_SHOOTING,
)

if TYPE_CHECKING:
    from cms_sim.door.demo.pair import Side

WEEK_COLUMNS: Final = ("victims", "killed", "open", "mediations", "norm", "trust")


def week_line(side: Side) -> list[float]:
    """Counts so far and means tonight, in the order of `WEEK_COLUMNS`."""
    street = side.residents(np.arange(int(side.city.precinct["street"][0])))
    counted = counts(side)
    return [
        counted["victims"],
        counted["killed"],
        counted["open"],
        counted["mediations"],
        round(float(street.norm.mean()), 4),
        round(float(street.trust.mean()), 4),
    ]


def counts(side: Side) -> dict[str, int]:
    """What has happened so far."""
    harmed = harmed_of(side)
    return {
        "victims": len(harmed),
        "killed": int(harmed["killed"].sum()),
        "shootings": int((conflicts_of(side)["outcome"] == OUTCOME_SHOOTING).sum()),
        "open": int(open_rows(side).size),
        "mediations": int(side.state.count[N_MEDIATIONS]),
        "participants": int(side.state.post["clients"].sum()),
        "in_services": int(side.state.site["used"].sum()),
        "messengers": int(side.state.post["filled"].sum()),
    }


def conflicts_of(side: Side) -> NDArray[Any]:
    """The log of conflicts, those scheduled for later days included."""
    return side.state.conflict[: side.state.count[N_CONFLICTS]]


def harmed_of(side: Side) -> NDArray[Any]:
    """The log of people shot."""
    return side.state.harmed[: side.state.count[N_HARMED]]


def mediations_of(side: Side) -> NDArray[Any]:
    """The log of mediations."""
    return side.state.mediation[: side.state.count[N_MEDIATIONS]]


def open_rows(side: Side) -> NDArray[np.int64]:
    """Rows of the conflicts open tonight."""
    log = conflicts_of(side)
    return np.flatnonzero((log["outcome"] == OUTCOME_OPEN) & (log["open_day"] < side.next_day))
