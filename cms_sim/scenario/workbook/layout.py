"""The sheets of a workbook: which tables a planner fills in, what each column is called and what it means in a file.

A sheet with a table has a title, a line of help, and then the row of headings; every row below is one entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cms_sim.scenario.schema import WEEKDAYS, Services, Staff

Kind = Literal["text", "whole", "number", "date", "share", "usd", "yes", "precincts", "shift", "precinct", "law"]
"""What a cell holds; `precincts` is a set's name or numbers, `shift` a name from the sheet Hours."""

FIRST_YEAR: Final = 1901
"""Spreadsheets count days from 1900, and not all of them the first two months of it alike."""
HEADING_ROW: Final = 4
"""Row of the headings in a workbook that this program writes; one that is read may have it somewhat elsewhere."""
SPARE_ROWS: Final = 40
"""Empty rows under a table that have lists to choose from and are counted in the costs."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, where its cells go (`staff.supervisors` is a key in a table), and what they hold."""

    heading: str
    key: str
    kind: Kind = "whole"
    width: int = 12
    required: bool = False


@dataclass(frozen=True)
class TableSheet:
    """A sheet with one table."""

    name: str
    columns: tuple[Column, ...]
    title: str
    help: str


ROLES: Final = tuple((role.replace("_", " ").capitalize(), role) for role in Staff.model_fields)
SERVICES: Final = tuple((service.replace("_", " ").capitalize(), service) for service in Services.model_fields)
"""Headings and keys."""

_SITE = (Column("Precinct", "precinct", "precinct", 10, True), Column("Site", "site_id", "whole", 7, True))
_STAFF = tuple(Column(heading, f"staff.{role}", "whole", 13) for heading, role in ROLES)
_SERVICES = tuple(Column(heading, f"services.{service}", "whole", 14) for heading, service in SERVICES)
_SPAN = (Column("From", "from", "date", 12, True), Column("Until", "until", "date", 12))

SITES: Final = TableSheet(
    "Sites",
    (
        *_SITE,
        Column("Organisation", "provider", "text", 52),
        Column("Opens", "opens", "date", 12, True),
        Column("Closes", "closes", "date", 12),
        Column("Share covered", "catchment_share", "share", 10),
        Column("Hours", "shift", "shift", 17),
        Column("Payment delay (days)", "payment_delay_days", "whole", 12),
    ),
    "Sites: where, run by whom, from when on",
    "One row a site. Site is a number that tells the sites of one precinct apart. Closes: the first day on which it is "
    "closed; empty: it stays open. Share covered: of the precinct, 0 to 1; empty: not known, and drawn in each run.",
)
STAFF: Final = TableSheet(
    "Staff",
    (*_SITE, *_STAFF),
    "Staff: full-time posts of each site from its opening on",
    "One row a site, named as on the sheet Sites. Whole posts; empty is none. Later changes are on the sheet Dates.",
)
SERVICES_SHEET: Final = TableSheet(
    "Services",
    (*_SITE, *_SERVICES),
    "Services: places open at one time at each site from its opening on",
    "One row a site, named as on the sheet Sites. Empty is none. Services reach participants of outreach workers only.",
)
DATES: Final = TableSheet(
    "Dates",
    (
        *_SITE,
        Column("From", "from", "date", 12, True),
        *_STAFF,
        *_SERVICES,
        Column("Hours", "shift", "shift", 17),
        Column("Payment delay (days)", "payment_delay_days", "whole", 12),
    ),
    "Dates: what changes at a site, and from which day on",
    "One row a step. Write the new number of posts or places, not the difference. An empty cell stays as it was; for "
    "none, write 0.",
)
HOURS: Final = TableSheet(
    "Hours",
    (
        Column("Name", "name", "text", 18, True),
        *(Column(day, f"weekdays.{day}", "yes", 7) for day in WEEKDAYS),
        Column("From hour", "from_hour", "whole", 10, True),
        Column("To hour", "to_hour", "whole", 10, True),
    ),
    "Hours: shifts that the other sheets name",
    "Write yes under the days on which a shift begins: at most five for a team. Hours 0 to 24; a shift that ends no "
    "later than it begins ends on the next day.",
)
PATROL: Final = TableSheet(
    "Patrol",
    (
        Column("Precincts", "precincts", "precincts", 24, True),
        *_SPAN,
        Column("Officers in each", "officers", "whole", 12, True),
        Column("Share of precinct", "share_of_precinct", "share", 12, True),
        Column("Hours", "shift", "shift", 17),
    ),
    "Patrol: directed police patrol, the comparator of the literature",
    "Precincts: one number, several with commas between, or a named set such as covered_2020. Until: the first day "
    "without it. Mostly empty.",
)
SURGES: Final = TableSheet(
    "Surges",
    (
        Column("From", "from", "date", 12, True),
        Column("Until", "until", "date", 12, True),
        Column("Factor", "factor", "number", 10, True),
        Column("Precincts", "precincts", "precincts", 24),
    ),
    "Surges: times with more conflicts than the record leads one to expect",
    "Nobody decides these: the plan and its reference are both run under them. Precincts empty: everywhere.",
)
PARAMETERS: Final = TableSheet(
    "Parameters",
    (
        Column("Name", "name", "text", 30, True),
        Column("Value", "value", "number", 12),
        Column("Law", "law", "law", 12),
        *(Column(name.capitalize(), name, "number", 12) for name in ("low", "high", "a", "b", "median", "sigma")),
    ),
    "Parameters: what the model does not know and this plan fixes or draws otherwise",
    "Either a value, or a law (uniform, beta or lognormal) and its numbers. `cms-sim parameters` lists the names.",
)
TABLES: Final = (SITES, STAFF, SERVICES_SHEET, DATES, HOURS, PATROL, SURGES, PARAMETERS)

PLAN: Final = "Plan"
PLAN_TOP: Final = 4
"""First row of the sheet Plan with a value, in a workbook that this program writes."""
PLAN_ROWS: Final = (
    Column("Name", "title", "text", required=True),
    Column("What it is", "summary", "text"),
    Column("Held against", "reference", "text", required=True),
    Column("Place in tables", "order", "whole"),
    Column("Precincts in play", "constants.precincts", "precincts", required=True),
    Column("First day compared", "constants.starts", "date", required=True),
    Column("Last day", "constants.ends", "date", required=True),
    Column("Months lived through before", "constants.past_months", "whole"),
    Column("City folder", "constants.city", "text"),
    Column("Core money a fiscal year", "budget.usd_per_year", "usd"),
    Column("Wraparound money a fiscal year", "budget.wraparound_usd_per_year", "usd"),
    Column("Granted every year", "budget.recurring", "yes"),
    Column("Where the money comes from", "budget.note", "text"),
)
"""The sheet Plan: one row each, the value beside the name."""

PRICES: Final = TableSheet(
    "Unit costs",
    (
        Column("Name", "name", "text", 34, True),
        Column("US dollars", "usd", "usd", 12, True),
        Column("Unit", "unit", "text", 44, True),
        Column("Fund", "fund", "text", 12, True),
        Column("Evidence", "source", "text", 16),
        Column("Assumed because", "assumed", "text", 70),
        Column("Low", "low_usd", "usd", 12),
        Column("High", "high_usd", "usd", 12),
    ),
    "Unit costs: what a post, a place or a site costs",
    "Replace a price and say where it is from: evidence ids of the project, or the reason. The sheet Costs follows at "
    "once; a run follows with --unit-costs and this file.",
)
ABOUT, COSTS, WORKINGS, LISTS = "About", "Costs", "Workings", "Lists"
