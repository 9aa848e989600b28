"""A resolved scenario: flat, sorted, dated, with every name looked up. This is what the engine compiles.

Dates are half-open: `from_date` is the first day, `until_date` the first day after, None for no end. Only `Frame.ends`,
as in the file, is the last day itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cms_sim.data.parameters import Prior
from cms_sim.scenario.schema import WEEKDAYS, Budget, Services, Shift, Staff


class Resolved(BaseModel):
    """A frozen part of a resolved scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteTerm(Resolved):
    """What holds at a site from one date to another; the terms of a site follow each other without a gap."""

    from_date: date
    until_date: date | None
    staff: Staff
    services: Services
    shift: str
    payment_delay_days: int


class Site(Resolved):
    """A site; (precinct, site_id) is its key. `catchment_share` None: the parameter of that name decides."""

    precinct: int
    site_id: int
    provider: str
    catchment_share: float | None
    terms: tuple[SiteTerm, ...]

    @property
    def key(self) -> tuple[int, int]:
        """(precinct, site_id)."""
        return self.precinct, self.site_id

    @property
    def opens(self) -> date:
        """First day of work."""
        return self.terms[0].from_date

    @property
    def closes(self) -> date | None:
        """First day on which it is closed, or None."""
        return self.terms[-1].until_date

    def term_on(self, day: date) -> SiteTerm | None:
        """The term that holds on `day`, or None when the site is not open."""
        return next((term for term in self.terms if covers(term, day)), None)


class Patrol(Resolved):
    """Directed patrol in one precinct; at most one at a time."""

    precinct: int
    from_date: date
    until_date: date | None
    officers: int
    share_of_precinct: float
    shift: str


class Surge(Resolved):
    """A factor on the background level; `precincts` None: everywhere, imports included."""

    from_date: date
    until_date: date
    factor: float
    precincts: tuple[int, ...] | None


class Frame(Resolved):
    """Precincts in play (ascending) and dates; `ends` is the last day. `city_folder` None: New York as packaged.

    `city_hash` is that of the city's tables (`CityTables.content_hash`): cities are told apart by what they hold, not
    by where they lie.
    """

    precincts: tuple[int, ...]
    starts: date
    ends: date
    past_months: int
    city_folder: Path | None
    city_hash: str = ""

    @property
    def until_date(self) -> date:
        """First day after the frame."""
        return self.ends + timedelta(days=1)

    @property
    def past_starts(self) -> date:
        """First day that is simulated: `past_months` before the frame, on the first of that month."""
        months = self.starts.year * 12 + self.starts.month - 1 - self.past_months
        return date(months // 12, months % 12 + 1, 1)


class Scenario(Resolved):
    """A plan under stated uncertainties in a frame. Lists are sorted by key, so equal content is an equal object."""

    name: str
    title: str
    summary: str
    default_set: bool
    order: int
    reference: str
    folder: Path
    ending: str = Field(".toml", exclude=True)
    frame: Frame
    sites: tuple[Site, ...]
    patrols: tuple[Patrol, ...]
    shifts: dict[str, Shift]
    surges: tuple[Surge, ...]
    parameters: dict[str, float | Prior]
    budget: Budget | None

    @property
    def file(self) -> Path:
        """The file that this scenario was read from."""
        return self.folder / f"{self.name}{self.ending}"

    def restricted_to(self, precincts: Iterable[int]) -> Scenario:
        """The same scenario with only these precincts in play; sites, patrols and surges elsewhere fall away."""
        kept = set(precincts) & set(self.frame.precincts)
        frame = self.frame.model_copy(update={"precincts": tuple(sorted(kept))})
        surges = (
            surge
            if surge.precincts is None
            else surge.model_copy(update={"precincts": tuple(p for p in surge.precincts if p in kept)})
            for surge in self.surges
        )
        return self.model_copy(
            update={
                "frame": frame,
                "sites": tuple(site for site in self.sites if site.precinct in kept),
                "patrols": tuple(patrol for patrol in self.patrols if patrol.precinct in kept),
                "surges": tuple(surge for surge in surges if surge.precincts != ()),
            }
        )

    def under(self, other: Scenario) -> Scenario:
        """These levers in the frame and under the uncertainties of `other`: two arms differ in levers only."""
        world = {"parameters": other.parameters, "surges": other.surges}
        framed = self.model_copy(update={"frame": other.frame, "surges": ()}).restricted_to(other.frame.precincts)
        return framed.model_copy(update=world)


def covers(span: SiteTerm | Patrol | Surge, day: date) -> bool:
    """Whether `day` lies in the half-open span."""
    return span.from_date <= day and (span.until_date is None or day < span.until_date)


def plan_hash(scenario: Scenario) -> str:
    """Hash (hex) of the levers: two scenarios with the same one ask for the same programme."""
    return _sha256(_levers(scenario))


def world_hash(scenario: Scenario) -> str:
    """Hash (hex) of frame and uncertainties: only scenarios with the same one are compared with each other."""
    return _sha256(_world(scenario))


def resolved_hash(scenario: Scenario) -> str:
    """Hash (hex) of all that a simulation reads; names, titles, comments, order in the file and budget do not enter."""
    return _sha256({"levers": _levers(scenario), "world": _world(scenario)})


def _levers(scenario: Scenario) -> dict[str, Any]:
    def plain(part: Site | Patrol) -> dict[str, Any]:
        return part.model_dump(mode="json", exclude={"provider"})

    used = {term.shift for site in scenario.sites for term in site.terms} | {
        patrol.shift for patrol in scenario.patrols
    }
    return {
        "sites": [plain(site) for site in scenario.sites],
        "patrols": [plain(patrol) for patrol in scenario.patrols],
        "shifts": {name: sorted_shift(scenario.shifts[name]).model_dump() for name in used},
    }


def _world(scenario: Scenario) -> dict[str, Any]:
    return {
        **scenario.model_dump(mode="json", include={"surges", "parameters"}),
        "frame": scenario.frame.model_dump(mode="json", exclude={"city_folder"}),
    }


def sorted_shift(shift: Shift) -> Shift:
    """The same shift with its weekdays in the order of the week, each once."""
    return shift.model_copy(update={"weekdays": [day for day in WEEKDAYS if day in shift.weekdays]})


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
