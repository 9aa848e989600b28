"""What a model of the Mesa door reports: counts of the day just lived for the DataCollector, and the logs as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.arrays import (
    N_CONFLICTS,
    N_HARMED,
    N_MEDIATIONS,
    N_SHOOTINGS,
    OUTCOME_OPEN,
    TODAY,
    Plan,
    Records,
    State,
)
from cms_sim.engine.log import enrolments_frame, events_frame, harmed_frame, mediations_frame
from cms_sim.engine.simulate import World

if TYPE_CHECKING:
    import pandas as pd


class Books:
    """The reporting part of `CMSModel`."""

    world: World
    plan: Plan
    state: State
    _harmed_before: int
    """Rows of the log of people shot before the day just lived."""
    _mediated_before: int
    """Rows of the log of mediations before it."""

    model_reporters: ClassVar[Mapping[str, Any]] = {
        "date": "date",
        "victims": "victims_today",
        "incidents": "incidents_today",
        "deaths": "deaths_today",
        "mediations": "mediation_count_today",
        "open_conflicts": "open_conflict_count",
        "participants": "participants",
        "posts_filled": "posts_filled",
    }
    """Columns of the table by day, as Mesa's DataCollector takes them. A subclass may have others."""
    messenger_reporters: ClassVar[Mapping[str, Any]] = {
        "role": "role",
        "precinct": "precinct",
        "tenure": "tenure",
        "filled": "filled",
        "weight": "weight",
        "known": "known_count",
        "caseload": "caseload_count",
        "mediations": "mediations",
    }
    """Columns of the table by day and messenger. A subclass may have others, or none."""

    # Counts by day

    @property
    def incidents_today(self) -> int:
        """Shootings on the day just lived."""
        return int(self.state.count[N_SHOOTINGS])

    @property
    def victims_today(self) -> int:
        """People shot on the day just lived."""
        return len(self._harmed_today())

    @property
    def deaths_today(self) -> int:
        """People shot dead on the day just lived."""
        return int(self._harmed_today()["killed"].sum())

    @property
    def mediation_count_today(self) -> int:
        """Attempts to mediate on the day just lived."""
        return int(self.state.count[N_MEDIATIONS]) - self._mediated_before

    @property
    def open_conflict_count(self) -> int:
        """Conflicts open this evening."""
        return len(self._open_rows())

    @property
    def participants(self) -> int:
        """Residents in a caseload."""
        return int(self.state.post["clients"].sum())

    @property
    def posts_filled(self) -> int:
        """Posts in which somebody works."""
        return int(self.state.post["filled"].sum())

    # Tables

    @property
    def events(self) -> pd.DataFrame:
        """Every conflict so far, the past's included: `cms_sim.engine.log.events_frame`."""
        return events_frame(self.state, self.plan, self.world.city)

    @property
    def harmed(self) -> pd.DataFrame:
        """Everyone shot so far."""
        return harmed_frame(self.state, self.world.city)

    @property
    def mediations(self) -> pd.DataFrame:
        """Every attempt to mediate so far."""
        return mediations_frame(self.state, self.plan, self.world.city)

    @property
    def enrolments(self) -> pd.DataFrame:
        """Every enrolment in a service so far."""
        return enrolments_frame(self.state, self.plan, self.world.city)

    def _open_rows(self) -> NDArray[np.int64]:
        log = self.state.conflict[: self.state.count[N_CONFLICTS]]
        return np.flatnonzero((log["outcome"] == OUTCOME_OPEN) & (log["open_day"] < self.state.count[TODAY]))

    def _harmed_today(self) -> Records:
        return self.state.harmed[self._harmed_before : self.state.count[N_HARMED]]
