"""Messengers as Mesa agents, one for each post of the plan, and the sites that they work for.

An agent holds no state of its own: reading and assigning go to the engine's arrays. A post outlives the people in it:
`tenure` tells them apart. Staff changes take effect as the next day begins, in the engine's Calendar.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

from cms_sim.door.mesa_residents import Resident, Residents
from cms_sim.engine.arrays import CASELOAD_SPACE, NOBODY, ROLE_NAMES, ROLE_OUTREACH, SERVICE_NAMES
from cms_sim.engine.calendar_days import date_of
from cms_sim.engine.steps.calendar import meet
from cms_sim.errors import InputError, nearest

if TYPE_CHECKING:
    from cms_sim.door.mesa_model import CMSModel

YEAR_DAYS = 365
"""How long a participant stays when nothing is said (a year: Picard-Fritsche & Cerniglia 2013)."""


class Messenger(mesa.Agent):  # type: ignore[misc]
    """A post of a site, and whoever works in it now."""

    model: CMSModel

    def __init__(self, model: CMSModel, post: int) -> None:
        super().__init__(model)
        self.post = post
        """Index of the post in the plan and in the engine's arrays."""

    @property
    def site(self) -> Site:
        """The site that employs the messenger."""
        return self.model.sites[int(self.model.plan.post["site"][self.post])]

    @property
    def precinct(self) -> int:
        """Number of the site's precinct."""
        return self.site.precinct

    @property
    def role(self) -> str:
        """One of ROLE_NAMES; can be assigned. Who stops being an outreach worker hands the caseload back."""
        return ROLE_NAMES[self.model.plan.post["role"][self.post]]

    @role.setter
    def role(self, name: str) -> None:
        if name not in ROLE_NAMES:
            raise InputError(f"there is no role '{name}'", where="role", remedy=nearest(name, ROLE_NAMES))
        if name != ROLE_NAMES[ROLE_OUTREACH]:
            for resident in self.caseload:
                self.let_go(resident)
        self.model.plan.post["role"][self.post] = ROLE_NAMES.index(name)

    @property
    def filled(self) -> bool:
        """Whether somebody works in the post now."""
        return bool(self._state["filled"][self.post])

    @property
    def tenure(self) -> int:
        """How many people have worked in the post so far, the present one included."""
        return int(self._state["tenure"][self.post])

    @property
    def hired(self) -> dt.date | None:
        """First day of the present messenger, None in a vacant post."""
        return date_of(self._state["hired"][self.post]) if self.filled else None

    @property
    def credibility(self) -> float:
        """The messenger's own credibility, 0 to 1; can be assigned, until the messenger leaves."""
        return float(self._state["credibility"][self.post])

    @credibility.setter
    def credibility(self, value: float) -> None:
        if not 0.0 <= value <= 1.0:
            raise InputError(f"{value} is out of range", where="credibility", remedy="Give a share between 0 and 1.")
        self._state["credibility"][self.post] = value

    @property
    def weight(self) -> float:
        """Weight with people on the day just lived: credibility, practice, fidelity and supervision together."""
        return float(self._state["weight"][self.post]) if self.filled else 0.0

    @property
    def mediations(self) -> int:
        """Conflicts mediated on the day just lived."""
        return int(self._state["busy"][self.post])

    @property
    def known(self) -> Residents:
        """The people that the messenger knows."""
        return self._people("acquaintance", "known")

    @property
    def known_count(self) -> int:
        """How many people the messenger knows."""
        return int(self._state["known"][self.post])

    @property
    def caseload(self) -> Residents:
        """The outreach worker's participants."""
        return self._people("client", "clients")

    @property
    def caseload_count(self) -> int:
        """How many participants the outreach worker has."""
        return int(self._state["clients"][self.post])

    def on_duty(self, hour: int, date: dt.date | None = None) -> bool:
        """Whether the post is filled and its site's shift is on at that hour (0 to 23) of a date (or the next day)."""
        if not 0 <= hour <= 23:
            raise InputError(f"{hour} is no hour", where="hour", remedy="Give 0 to 23.")
        weekday = (date or date_of(self.model.next_day)).weekday()
        shift = self.model.plan.shift[self.model.state.site["shift"][self.site.index]]
        return self.filled and self.site.open and bool(shift["duty"][weekday, hour])

    def meet(self, resident: Resident) -> None:
        """Come to know a resident of the precinct, unless the circle is full."""
        self._check_neighbour(resident)
        model = self.model
        meet(model.plan, model.rules, model.state, self.post, np.int64(resident.index), model.next_day)

    def take_on(self, resident: Resident, stay_days: int = YEAR_DAYS) -> None:
        """Take a resident with street ties into the caseload, out of another one if need be."""
        self._check_neighbour(resident)
        if self.role != ROLE_NAMES[ROLE_OUTREACH] or not self.filled:
            raise InputError("only an outreach worker in a filled post has a caseload", where=str(self))
        if not resident.street or not resident.alive:
            raise InputError(f"{resident} cannot be a participant: not alive, or without street ties", where=str(self))
        if self.caseload_count >= CASELOAD_SPACE:
            raise InputError(
                f"the caseload is full with {CASELOAD_SPACE}", where=str(self), remedy="Let someone go first."
            )
        resident.client = None
        here = self._state[self.post]
        here["client"][self.caseload_count] = resident.index
        here["client_until"][self.caseload_count] = self.model.next_day + stay_days
        here["clients"] += 1
        self.model.state.person["client_of"][resident.index] = self.post + 1
        self.model.state.site["recruits"][self.site.index] += 1

    def let_go(self, resident: Resident) -> None:
        """End a participant's time in the caseload."""
        here = self._state[self.post]
        places = np.flatnonzero(self.caseload.index == resident.index)
        if not places.size:
            raise InputError(f"{resident} is not in the caseload", where=str(self))
        last = self.caseload_count - 1
        for field in ("client", "client_until"):
            here[field][places[0]] = here[field][last]
        here["clients"] = last
        self.model.state.person["client_of"][resident.index] = 0

    def end_tenure(self) -> None:
        """The messenger leaves as the next day begins: the circle is lost, participants wait in the
        vacant post."""
        if self.filled:
            self._state["strain"][self.post] = np.inf

    def fill(self) -> None:
        """A vacant post is filled as the next day begins, if its site has the post then."""
        window = self.model.plan.post[self.post]
        if not self.filled and window["from_day"] <= self.model.next_day < window["until_day"]:
            self._state["back"][self.post] = self.model.next_day

    def remove(self) -> None:
        """Close the post for good, as the next day begins, and take the agent out of the model."""
        window = self.model.plan.post[self.post : self.post + 1]
        if window["from_day"] >= self.model.next_day:
            window["from_day"] = NOBODY
        window["until_day"] = self.model.next_day
        super().remove()

    def _people(self, field: str, count: str) -> Residents:
        here = self._state[self.post]
        return Residents(self.model, here[field][: here[count]].copy())

    def _check_neighbour(self, resident: Resident) -> None:
        if resident.precinct != self.precinct:
            raise InputError(
                f"{resident} lives outside precinct {self.precinct}",
                where=str(self),
                remedy="Choose one of the precinct.",
            )

    @property
    def _state(self) -> NDArray[np.void]:
        return self.model.state.post

    def __repr__(self) -> str:
        return f"<Messenger {self.post}: {self.role} of {self.site}>"


class Site:
    """A site of the plan, as it stands."""

    def __init__(self, model: CMSModel, index: int, key: tuple[int, int]) -> None:
        self._model = model
        self.index = index
        """Place in the engine's arrays."""
        self.precinct, self.site_id = key

    @property
    def open(self) -> bool:
        """Whether the site was open on the day just lived."""
        return bool(self._model.state.site["open"][self.index])

    @property
    def fidelity(self) -> float:
        """How fully the site works as designed, 0 to 1; can be assigned."""
        return float(self._model.state.site["fidelity"][self.index])

    @fidelity.setter
    def fidelity(self, value: float) -> None:
        if not 0.0 <= value <= 1.0:
            raise InputError(f"{value} is out of range", where="fidelity", remedy="Give a share between 0 and 1.")
        self._model.state.site["fidelity"][self.index] = value

    @property
    def payment_delay_days(self) -> float:
        """Days by which the city pays late; can be assigned, until the plan's next dated step."""
        return float(self._model.state.site["delay"][self.index])

    @payment_delay_days.setter
    def payment_delay_days(self, value: float) -> None:
        if not value >= 0.0:
            raise InputError(f"{value} is out of range", where="payment_delay_days", remedy="Give 0 or more.")
        self._model.state.site["delay"][self.index] = value

    @property
    def slots(self) -> dict[str, int]:
        """Places in each service, by name."""
        return dict(zip(SERVICE_NAMES, self._model.state.site["slots"][self.index].tolist(), strict=True))

    @property
    def slots_used(self) -> dict[str, int]:
        """Places taken in each service, by name."""
        return dict(zip(SERVICE_NAMES, self._model.state.site["used"][self.index].tolist(), strict=True))

    @property
    def messengers(self) -> list[Messenger]:
        """The messengers of the site, one for each post."""
        posts = self._model.plan.post["site"]
        return [messenger for messenger in self._model.messengers if posts[messenger.post] == self.index]

    def __repr__(self) -> str:
        return f"site {self.site_id} of precinct {self.precinct}"
