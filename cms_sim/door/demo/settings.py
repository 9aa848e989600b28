"""What a room can set, with its limits, and which of it holds from tomorrow and which from the next start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from cms_sim.door.demo.faults import InputFault
from cms_sim.errors import InputError, nearest

Residents = Literal[500, 1000, 1500, 2000]
ShiftName = Literal["evenings", "nights_weekends", "office_hours"]

AT_RESTART: Final = ("seed", "residents", "conflicts_per_week", "coverage", "opens_after_days", "worse_before_opening")
"""Settings that belong to the first day of a run; every other one holds from the next day on."""
ROLES: Final = ("violence_interrupters", "outreach_workers", "hospital_responders", "supervisors")
"""In the order of `cms_sim.engine.arrays.ROLE_NAMES`."""
MOST_POSTS: Final = (8, 8, 2, 1)
SERVICES: Final = (
    "employment_slots",
    "mental_health_slots",
    "trauma_counselling_slots",
    "school_mediation_slots",
    "legal_aid_slots",
)
"""In the order of `cms_sim.engine.arrays.SERVICE_NAMES`."""


def _count(default: int, most: int) -> Any:
    return Field(default=default, ge=0, le=most)


class Settings(BaseModel):
    """One choice of everything. The defaults: a team as paid for in the fiscal year 2020 (T5-079) on evening shifts."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    seed: int = Field(default=1, ge=1, le=999_999)
    residents: Residents = 2000
    conflicts_per_week: float = Field(default=9.0, ge=1.0, le=16.0)
    """Conflicts that arise by themselves, in 2,000 residents (fewer in fewer)."""
    coverage: float = Field(default=0.8, ge=0.1, le=1.0)
    """Share of the neighbourhood that the site covers."""
    opens_after_days: int = Field(default=0, ge=0, le=730)
    worse_before_opening: bool = False
    """Twice as many conflicts arise in the half-year before the site opens: sites open where it was bad of late."""
    violence_interrupters: int = _count(3, MOST_POSTS[0])
    outreach_workers: int = _count(3, MOST_POSTS[1])
    hospital_responders: int = _count(0, MOST_POSTS[2])
    supervisors: int = _count(1, MOST_POSTS[3])
    shift: ShiftName = "evenings"
    credibility: float = Field(default=0.8, ge=0.0, le=1.0)
    """Mean weight of the messengers with people; each one's own lies up to 0.2 around it."""
    payment_delay_days: int = _count(0, 180)
    employment_slots: int = _count(10, 40)
    mental_health_slots: int = _count(0, 40)
    trauma_counselling_slots: int = _count(7, 40)
    school_mediation_slots: int = _count(10, 40)
    legal_aid_slots: int = _count(0, 40)
    contagion: float = Field(default=0.43, ge=0.0, le=0.6)
    """Shootings that follow from one, in both neighbourhoods: by default as in Chicago's networks (T3-003)."""

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """The same but for `changes`; InputError that names the setting, its limits and the nearest name."""
        from pydantic import ValidationError

        for name in changes:
            if name not in Settings.model_fields:
                remedy = nearest(name, Settings.model_fields)
                raise InputError(f"there is no setting '{name}'", where=name[:60], remedy=remedy)
        try:
            return Settings.model_validate({**self.model_dump(), **changes})
        except ValidationError as error:
            raise _cannot_be(str(error.errors()[0]["loc"][0])) from None

    @property
    def staff(self) -> tuple[int, ...]:
        """Posts by role."""
        return tuple(getattr(self, role) for role in ROLES)

    @property
    def slots(self) -> tuple[int, ...]:
        """Places by service."""
        return tuple(getattr(self, service) for service in SERVICES)


def limits() -> dict[str, dict[str, Any]]:
    """For the page: every setting with its default, what may be chosen, and whether it waits for the next start."""
    schema = Settings.model_json_schema()["properties"]
    kept = ("default", "minimum", "maximum", "enum", "type")
    return {
        name: {**{key: entry[key] for key in kept if key in entry}, "restart": name in AT_RESTART}
        for name, entry in schema.items()
    }


def _cannot_be(name: str) -> InputFault:
    entry = limits()[name]
    if "enum" in entry:
        return InputFault("option", where=name, setting=name, options=[str(option) for option in entry["enum"]])
    if "minimum" in entry:
        return InputFault("number", where=name, setting=name, low=entry["minimum"], high=entry["maximum"])
    return InputFault("yes_or_no", where=name, setting=name)
