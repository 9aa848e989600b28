"""Light views of residents: made when asked for, read from and written to the engine's own arrays.

What a view shows is what the next day begins with. A write to a resident follows the engine's own rule: the record is
first faded to that day and marked as touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cms_sim.city.arrays import BASIS_POINTS, Records
from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import UNIT
from cms_sim.engine.log import SEX_NAMES
from cms_sim.engine.people import touch
from cms_sim.errors import InputError

if TYPE_CHECKING:
    from cms_sim.door.mesa_agents import Messenger
    from cms_sim.door.mesa_model import CMSModel

MOST_INJURIES: Final = 255


@bare_kernel
def _touch_all(state, rules, residents, day):  # type: ignore[no-untyped-def]
    """Fade these residents' records to `day` and mark them."""
    for n in range(residents.shape[0]):
        touch(state, rules, residents[n], day)


class Residents:
    """Several residents as columns: each attribute is an array in the order of `index`, and some can be assigned.

    Assigning takes one value for all or one for each.
    """

    def __init__(self, model: CMSModel, index: NDArray[np.integer[Any]]) -> None:
        self._model = model
        self.index: NDArray[np.int64] = np.asarray(index, dtype=np.int64)
        """Their places in the arrays of the city."""

    def __len__(self) -> int:
        return len(self.index)

    def __iter__(self) -> Iterator[Resident]:
        return (Resident(self._model, int(index)) for index in self.index)

    def __getitem__(self, place: int) -> Resident:
        return Resident(self._model, int(self.index[place]))

    def where(self, mask: NDArray[np.bool_]) -> Residents:
        """Those for whom `mask` (one truth value for each) holds."""
        return Residents(self._model, self.index[mask])

    @property
    def precinct(self) -> NDArray[np.int32]:
        """Number of the precinct that each lives in."""
        return np.asarray(self._model.city.precinct["number"][self._own["slot"]])

    @property
    def number(self) -> NDArray[np.int64]:
        """Index of each within the precinct."""
        return np.asarray(self.index - self._model.city.precinct["first"][self._own["slot"]])

    @property
    def age(self) -> NDArray[np.uint8]:
        """Years."""
        return np.asarray(self._own["age"])

    @property
    def sex(self) -> NDArray[np.str_]:
        """female or male."""
        return np.asarray(np.array(SEX_NAMES)[self._own["sex"]])

    @property
    def crew(self) -> NDArray[np.int32]:
        """Index of the crew, -1 for none."""
        return np.asarray(self._own["crew"])

    @property
    def street(self) -> NDArray[np.bool_]:
        """Whether each has street (co-offending) ties."""
        return np.asarray(self.number < self._model.city.precinct["street"][self._own["slot"]])

    @property
    def norm(self) -> NDArray[np.float64]:
        """Willingness to use violence, 0 to 1, the precinct's own shift in it; can be assigned."""
        return self._feeling("norm")

    @norm.setter
    def norm(self, value: ArrayLike) -> None:
        self._set_feeling("norm", value)

    @property
    def trust(self) -> NDArray[np.float64]:
        """Trust in police, 0 to 1, the precinct's own shift in it; can be assigned."""
        return self._feeling("trust")

    @trust.setter
    def trust(self, value: ArrayLike) -> None:
        self._set_feeling("trust", value)

    @property
    def trauma(self) -> NDArray[np.float64]:
        """Exposure to violence that fades, 0 to 1; can be assigned."""
        return np.minimum(1.0, self._faded("trauma") / UNIT)

    @trauma.setter
    def trauma(self, value: ArrayLike) -> None:
        self._write("trauma", np.rint(_shares(value, "trauma") * UNIT))

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Whether each is alive; can be assigned."""
        return np.asarray(self._state["dead"] == 0)

    @alive.setter
    def alive(self, value: ArrayLike) -> None:
        self._write("dead", ~np.asarray(value, dtype=bool))

    @property
    def injuries(self) -> NDArray[np.uint8]:
        """Times shot since the run began; can be assigned."""
        return np.asarray(self._state["injuries"])

    @injuries.setter
    def injuries(self, value: ArrayLike) -> None:
        times = np.asarray(value)
        if not np.issubdtype(times.dtype, np.integer) or np.any((times < 0) | (times > MOST_INJURIES)):
            raise InputError(
                f"{value!r} is no count", where="injuries", remedy=f"Give a whole number, 0 to {MOST_INJURIES}."
            )
        self._write("injuries", times)

    @property
    def client(self) -> NDArray[np.bool_]:
        """Whether each is in an outreach worker's caseload."""
        return np.asarray(self._state["client_of"] != 0)

    @property
    def _own(self) -> Records:
        return self._model.city.resident[self.index]

    @property
    def _state(self) -> Records:
        return self._model.state.person[self.index]

    def _faded(self, name: str) -> NDArray[np.float64]:
        """Millionths of a fading quantity as the next day begins with them."""
        person = self._state
        gap = self._model.next_day - person["day"]  # of a blank record any will do: it holds zeros
        return np.asarray(person[name] * self._model.rules[f"fade_{name}"][gap], dtype=np.float64)

    def _feeling(self, name: str) -> NDArray[np.float64]:
        own = self._own
        shift = self._model.state.local[name][own["slot"]] + self._faded(name)
        return np.asarray(np.clip(own[name] / BASIS_POINTS + shift / UNIT, 0.0, 1.0))

    def _set_feeling(self, name: str, value: ArrayLike) -> None:
        own = self._own
        wanted = np.rint(_shares(value, name) * UNIT) - np.rint(own[name] * (UNIT / BASIS_POINTS))
        self._write(name, wanted - self._model.state.local[name][own["slot"]])

    def _write(self, field: str, value: ArrayLike) -> None:
        _touch_all(self._model.state, self._model.rules, self.index, self._model.next_day)
        self._model.state.person[field][self.index] = value


def _shares(value: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        shares = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{value!r} is not a number", where=name, remedy="Give a share between 0 and 1.") from None
    if not np.all((shares >= 0.0) & (shares <= 1.0)):
        raise InputError(f"{value!r} is out of range", where=name, remedy="Give a share between 0 and 1.")
    return shares


def _attribute(name: str, kind: type, says: str) -> Any:
    """A property of one resident that reads and assigns the column of that name."""

    def read(self: Resident) -> Any:
        return kind(getattr(self.columns, name)[0])

    def assign(self: Resident, value: ArrayLike) -> None:
        setattr(self.columns, name, value)

    column = getattr(Residents, name)
    return property(read, assign if column.fset else None, doc=says)


class Resident:
    """One resident, known by precinct and index within it."""

    __slots__ = ("columns",)

    def __init__(self, model: CMSModel, index: int) -> None:
        self.columns = Residents(model, np.array([index]))

    precinct: int = _attribute("precinct", int, "Number of the precinct.")
    number: int = _attribute("number", int, "Index within the precinct.")
    age: int = _attribute("age", int, "Years.")
    sex: str = _attribute("sex", str, "female or male.")
    street: bool = _attribute("street", bool, "Whether the resident has street (co-offending) ties.")
    norm: float = _attribute("norm", float, "Willingness to use violence, 0 to 1; can be assigned.")
    trust: float = _attribute("trust", float, "Trust in police, 0 to 1; can be assigned.")
    trauma: float = _attribute("trauma", float, "Exposure to violence that fades, 0 to 1; can be assigned.")
    alive: bool = _attribute("alive", bool, "Whether the resident is alive; can be assigned.")
    injuries: int = _attribute("injuries", int, "Times shot since the run began; can be assigned.")

    @property
    def index(self) -> int:
        """Place in the arrays of the city."""
        return int(self.columns.index[0])

    @property
    def crew(self) -> int | None:
        """Index of the crew, or None."""
        crew = int(self.columns.crew[0])
        return None if crew < 0 else crew

    @property
    def client(self) -> Messenger | None:
        """The outreach worker whose caseload the resident is in, or None; assign to move between caseloads."""
        model = self.columns._model
        post = int(model.state.person["client_of"][self.index]) - 1
        return None if post < 0 else model.messengers[post]

    @client.setter
    def client(self, worker: Messenger | None) -> None:
        if worker is not None:
            worker.take_on(self)
        elif (present := self.client) is not None:
            present.let_go(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resident) and (self.columns._model, self.index) == (other.columns._model, other.index)

    def __hash__(self) -> int:
        return hash(self.index)

    def __repr__(self) -> str:
        return f"<Resident {self.number} of precinct {self.precinct}>"
