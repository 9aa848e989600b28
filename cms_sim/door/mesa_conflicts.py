"""Light views of conflicts, made when asked for, over the rows of the engine's log."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from cms_sim.door.mesa_residents import Resident
from cms_sim.engine.arrays import CAUSE_NAMES, NOBODY, OUTCOME_NAMES, OUTCOME_OPEN, RELATION_NAMES, RESULT_NAMES
from cms_sim.engine.calendar_days import date_of
from cms_sim.errors import InputError, nearest

if TYPE_CHECKING:
    from cms_sim.door.mesa_agents import Messenger
    from cms_sim.door.mesa_model import CMSModel


class Conflict:
    """One conflict of the log, open or ended."""

    __slots__ = ("_model", "row")

    def __init__(self, model: CMSModel, row: int) -> None:
        self._model = model
        self.row = row
        """Its place in the log of this run; `key` is what two runs have in common."""

    @property
    def key(self) -> int:
        """The conflict's lineage, the same in every run that has it."""
        return int(self._log["key"])

    @property
    def precinct(self) -> int:
        """Number of the precinct."""
        return int(self._model.city.precinct["number"][self._log["slot"]])

    @property
    def instigator(self) -> Resident:
        """Who started it."""
        return Resident(self._model, int(self._log["instigator"]))

    @property
    def opponent(self) -> Resident:
        """The other party."""
        return Resident(self._model, int(self._log["opponent"]))

    @property
    def parent(self) -> Conflict | None:
        """The conflict whose shooting this one descends from, or None."""
        row = int(self._log["parent"])
        return None if row == NOBODY else Conflict(self._model, row)

    @property
    def cause(self) -> str:
        """One of CAUSE_NAMES."""
        return CAUSE_NAMES[self._log["cause"]]

    @property
    def relation(self) -> str:
        """What the two parties are to each other: one of RELATION_NAMES."""
        return RELATION_NAMES[self._log["relation"]]

    @property
    def generation(self) -> int:
        """Shootings between this conflict and the one that began its family."""
        return int(self._log["generation"])

    @property
    def open_date(self) -> dt.date:
        """Day on which it opened."""
        return date_of(self._log["open_day"])

    @property
    def head_date(self) -> dt.date:
        """Day on which it came, or is due to come, to a head."""
        return date_of(self._log["head_day"])

    @property
    def head_hour(self) -> int:
        """Hour of that day."""
        return int(self._log["head_hour"])

    @property
    def detected(self) -> bool:
        """Whether a messenger has heard of it."""
        return bool(self._log["detected"])

    @property
    def outcome(self) -> str:
        """One of OUTCOME_NAMES."""
        return OUTCOME_NAMES[self._log["outcome"]]

    @property
    def victims(self) -> int:
        """People shot."""
        return int(self._log["victims"])

    @property
    def killed(self) -> int:
        """People shot dead."""
        return int(self._log["killed"])

    @property
    def standing(self) -> str:
        """Where mediation stands, one of RESULT_NAMES; can be assigned while the conflict is open."""
        return RESULT_NAMES[self._log["standing"]]

    @standing.setter
    def standing(self, name: str) -> None:
        if name not in RESULT_NAMES:
            raise InputError(f"there is no standing '{name}'", where="standing", remedy=nearest(name, RESULT_NAMES))
        if self._log["outcome"] != OUTCOME_OPEN:
            raise InputError("the conflict has ended", where="standing", remedy="Choose one of model.open_conflicts().")
        self._model.state.conflict["standing"][self.row] = RESULT_NAMES.index(name)

    @property
    def _log(self) -> Any:
        return self._model.state.conflict[self.row]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Conflict) and (self._model, self.row) == (other._model, other.row)

    def __hash__(self) -> int:
        return hash(self.row)

    def __repr__(self) -> str:
        return f"<Conflict {self.key:#x} in precinct {self.precinct}, {self.outcome}>"


class Mediation(NamedTuple):
    """An attempt to mediate."""

    conflict: Conflict
    messenger: Messenger
    hour: int
    result: str
    """One of RESULT_NAMES."""
