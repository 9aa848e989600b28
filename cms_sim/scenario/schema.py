"""One scenario file, as written: every table and key, its unit, its limits and one sentence on what it is.

Keys that a file leaves out stay unset, so that a child file can be laid over the one it `extends`; what must be there
in the end is checked by `cms_sim.scenario.resolve`. The descriptions feed the JSON Schema and the messages.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DEFAULT_REFERENCE = "sites_june_2020"
DEFAULT_SHIFT = "evenings"
DEFAULT_PAST_MONTHS = 36
LONGEST_SHIFT_HOURS = 12
WORKING_DAYS = 5
"""Days a week that a team works."""

PrecinctChoice = int | str | list[int]
"""One precinct, a named set of precincts, or a list of precincts."""

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


MOST_SITE_ID, MOST_PLACES, LONGEST_DELAY_DAYS, MOST_SURGE = 1_000_000, 100_000, 3650, 100.0
"""Far beyond any use: larger numbers are slips, and would not fit the engine's arrays or end in a lifetime."""


class Table(BaseModel):
    """A table of a scenario file: frozen, no unknown keys, no silent conversion of types, every number finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True, allow_inf_nan=False)


def key(description: str, default: Any = ..., *, name: str | None = None, unit: str = "", **limits: Any) -> Any:
    """A field with its description; `unit` is shown in messages and editors, `name` is the key in the file."""
    extra: dict[str, Any] | None = {"unit": unit} if unit else None
    return Field(
        default,
        description=description,
        validation_alias=name,
        serialization_alias=name,
        json_schema_extra=extra,
        **limits,
    )


def _count(description: str, unit: str) -> Any:
    return key(description, 0, unit=unit, ge=0, le=MOST_PLACES)


class Staff(Table):
    """Posts of a site, full time, by role."""

    violence_interrupters: int = _count("Posts that detect and mediate conflicts.", "full-time posts")
    outreach_workers: int = _count(
        "Posts that keep a caseload of participants and refer to services.", "full-time posts"
    )
    hospital_responders: int = _count("Posts that answer calls from trauma hospitals.", "full-time posts")
    supervisors: int = _count("Posts that lead the team.", "full-time posts")

    @property
    def posts(self) -> int:
        """All posts together."""
        return sum(getattr(self, role) for role in type(self).model_fields)


class Services(Table):
    """Places open at one time in the services to which a site refers."""

    employment_slots: int = _count("Places in year-round paid work (Works Plus).", "places at one time")
    mental_health_slots: int = _count("Places in treatment with a mental-health professional.", "places at one time")
    trauma_counselling_slots: int = _count("Places in trauma counselling (therapeutic services).", "places at one time")
    school_mediation_slots: int = _count("Pupils followed by school conflict mediation.", "places at one time")
    legal_aid_slots: int = _count("Clients with a legal-aid worker.", "places at one time")


class Shift(Table):
    """Hours of a team (at most five days a week) or of a patrol (whose officers take turns)."""

    weekdays: list[Weekday] = key("Weekdays on which the shift begins.", min_length=1)
    from_hour: int = key("Hour at which it begins.", unit="hour of the day", ge=0, le=23)
    to_hour: int = key(
        "Hour at which it ends, 1 to 24; not later than from_hour means on the next day.",
        unit="hour of the day",
        ge=1,
        le=24,
    )

    @property
    def hours(self) -> int:
        """Length of the shift in hours, 1 to 24."""
        return (self.to_hour - self.from_hour - 1) % 24 + 1

    @property
    def on_duty(self) -> tuple[tuple[bool, ...], ...]:
        """[7][24], Monday first: whether the shift runs in that hour; hours past midnight stand on the next weekday."""
        table = [[False] * 24 for _ in WEEKDAYS]
        for weekday in self.weekdays:
            for step in range(self.hours):
                days, hour = divmod(self.from_hour + step, 24)
                table[(WEEKDAYS.index(weekday) + days) % 7][hour] = True
        return tuple(tuple(row) for row in table)


SHARED_SHIFTS: dict[str, Shift] = {
    # Chicago's hours (T5-103); 58% of New York's incidents fall between 20:00 and 04:00, and Sunday is the highest day.
    "evenings": Shift(weekdays=["Tue", "Wed", "Thu", "Fri", "Sat"], from_hour=16, to_hour=24),
    "nights_weekends": Shift(weekdays=["Thu", "Fri", "Sat", "Sun", "Mon"], from_hour=20, to_hour=4),
    "every_night": Shift(weekdays=list(WEEKDAYS), from_hour=20, to_hour=4),  # type: ignore[arg-type]
    "office_hours": Shift(weekdays=["Mon", "Tue", "Wed", "Thu", "Fri"], from_hour=9, to_hour=17),
}
"""Shifts that every file may name without defining them."""


class Change(Table):
    """A dated step of one site: what it names holds from then on, the rest stays."""

    from_date: date = key("First day of the step.", name="from")
    staff: Staff | None = key("Posts by role; roles not named stay.", None)
    services: Services | None = key("Places by service; services not named stay.", None)
    shift: str | None = key("Name of a shift.", None)
    payment_delay_days: int | None = key(
        "Days by which the city pays late.", None, unit="days", ge=0, le=LONGEST_DELAY_DAYS
    )


class SiteEntry(Table):
    """A site; precinct and site_id together are its key, so the order of entries changes nothing."""

    precinct: int = key("Number of the precinct.", ge=1)
    site_id: int = key("Number of the site inside its precinct.", ge=1, le=MOST_SITE_ID)
    provider: str = key("Organisation that runs it.", "")
    opens: date | None = key("First day of work. Required, here or in the file that this one extends.", None)
    closes: date | None = key("First day on which it is closed.", None)
    catchment_share: float | None = key(
        "Share of the precinct that the site covers; left out, the uncertain parameter catchment_share decides.",
        None,
        unit="share, 0 to 1",
        gt=0,
        le=1,
    )
    shift: str = key("Name of a shift.", DEFAULT_SHIFT)
    payment_delay_days: int = key("Days by which the city pays late.", 0, unit="days", ge=0, le=LONGEST_DELAY_DAYS)
    staff: Staff = key("Posts by role.", Staff())
    services: Services = key("Places by service.", Services())
    changes: list[Change] = key("Dated steps; a child's list replaces the one that it extends.", [])


class Addition(Table):
    """The same addition to every site of a set of precincts, laid over what the sites themselves say."""

    precincts: PrecinctChoice = key("A set, a precinct or a list of precincts; each must have a site.")
    site_id: int | None = key("Only the site with this number in each precinct; left out, every site.", None, ge=1)
    from_date: date = key("First day.", name="from")
    until_date: date | None = key("First day on which it no longer holds.", None, name="until")
    staff: Staff = key("Posts added to each site, by role.", Staff())
    services: Services = key("Places added to each site, by service.", Services())
    shift: str | None = key("Shift of each site while this holds.", None)
    payment_delay_days: int | None = key(
        "Payment delay of each site while this holds.", None, unit="days", ge=0, le=LONGEST_DELAY_DAYS
    )


class PatrolEntry(Table):
    """Directed police patrol in hot spots, the comparator of the literature."""

    precincts: PrecinctChoice = key("A set, a precinct or a list of precincts.")
    from_date: date = key("First day.", name="from")
    until_date: date | None = key("First day without it.", None, name="until")
    officers: int = key("Officers in each precinct.", unit="full-time officers", ge=0, le=MOST_PLACES)
    share_of_precinct: float = key(
        "Share of the precinct's conflicts that arise where they patrol.", unit="share, 0 to 1", ge=0, le=1
    )
    shift: str = key("Name of a shift.", "every_night")


class Levers(Table):
    """What a planner decides."""

    sites: list[SiteEntry] = key("Sites, keyed by precinct and site_id.", [])
    add: list[Addition] = key("Additions to every site of a set; those of a child file join its parent's.", [])
    patrol: list[PatrolEntry] = key("Directed patrol; entries of a child file join its parent's.", [])


class SurgeEntry(Table):
    """A time in which more (or fewer) conflicts arise than the record leads one to expect."""

    from_date: date = key("First day.", name="from")
    until_date: date = key("First day after it.", name="until")
    factor: float = key(
        "Multiplies the background level; surges at the same time and place multiply.",
        unit="ratio",
        gt=0,
        le=MOST_SURGE,
    )
    precincts: PrecinctChoice | None = key("Where; left out, everywhere.", None)


class PriorOverride(Table):
    """Another prior for a parameter, in its unit: `law` and the arguments of that law."""

    law: Literal["uniform", "beta", "lognormal"] = key(
        "Law; uniform takes low, high; beta a, b; lognormal median, sigma, low, high."
    )
    low: float | None = key("Smallest value.", None)
    high: float | None = key("Largest value.", None)
    a: float | None = key("First shape of a beta law.", None, gt=0)
    b: float | None = key("Second shape of a beta law.", None, gt=0)
    median: float | None = key("Median of a lognormal law.", None, gt=0)
    sigma: float | None = key("Standard deviation of the logarithm.", None, gt=0)


Override = Annotated[
    Annotated[float, Tag("number")] | Annotated[PriorOverride, Tag("prior")],
    Discriminator(lambda value: "prior" if isinstance(value, dict | PriorOverride) else "number"),
]
"""A number that fixes a parameter, or another prior for it."""


class Uncertainties(Table):
    """What nobody knows: any parameter of the parameter table, fixed by a number or given another prior; and surges."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, Override]

    surge: list[SurgeEntry] = key("Surges; those of a child file join its parent's.", [])

    @property
    def parameters(self) -> dict[str, float | PriorOverride]:
        """The overrides by name of the parameter."""
        return dict(self.__pydantic_extra__)


class Constants(Table):
    """The frame of the question."""

    precincts: PrecinctChoice | None = key("Precincts in play: a set, a precinct or a list. Required in the end.", None)
    starts: date | None = key("First day that is compared. Required in the end.", None)
    ends: date | None = key("Last day. Required in the end.", None)
    past_months: int = key("Months simulated before the first day.", DEFAULT_PAST_MONTHS, unit="months", ge=0)
    city: str | None = key("Folder with another city's tables, relative to this file.", None)


class Budget(Table):
    """Money beyond the reference. Core money may buy anything, wraparound only services and hospital responders."""

    usd_per_year: float = key("Core money.", unit="US dollars per fiscal year", ge=0)
    wraparound_usd_per_year: float = key("Wraparound fund on top.", 0.0, unit="US dollars per fiscal year", ge=0)
    recurring: bool = key(
        "true: granted each fiscal year (July to June); false: granted once, for the whole frame.", True
    )
    note: str = key("Where the sum comes from.", "")


class ScenarioFile(Table):
    """A scenario file of CMS Sim: a plan under stated uncertainties in a stated frame."""

    title: str = key("Short name, as shown in tables and figures.", min_length=1, max_length=120)
    summary: str = key("One or two sentences for a reader of the report.", "")
    extends: str | None = key("Scenario that this one starts from: a name in this folder or shipped, or a path.", None)
    reference: str = key("Scenario from which averted victims and incremental cost are counted.", DEFAULT_REFERENCE)
    default_set: bool = key("Part of the comparison that runs when no plan is named.", False)
    order: int = key("Place in tables and figures, small first.", 100)
    levers: Levers = key("What a planner decides.", Levers())
    uncertainties: Uncertainties = key("What nobody knows.", Uncertainties.model_validate({}))
    constants: Constants = key("The frame: precincts and dates.", Constants())
    budget: Budget | None = key("Money beyond the reference.", None)
    shifts: dict[str, Shift] = key("Shifts by name, beside the shared ones.", {})
