"""The arrays that the engine reads and writes, by who owns them and how long they live.

`Rules` belong to a parameter draw, `Plan` to a scenario under that draw, `Course` to a replicate, `State` to a run.
All are NamedTuples of NumPy arrays, so that compiled kernels take them as they are. A record that belongs together is
one structured element: a conflict, a person, a post.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Records = NDArray[Any]

# Causes of a conflict
CAUSE_NAMES: Final = ("background", "retaliation", "contagion", "imported")
CAUSE_BACKGROUND: Final = 0
CAUSE_RETALIATION: Final = 1
CAUSE_CONTAGION: Final = 2
CAUSE_IMPORTED: Final = 3

# What the two parties are to each other
RELATION_NAMES: Final = ("rival crew", "street tie", "kin or friend", "stranger")
RELATION_RIVAL: Final = 0
RELATION_STREET: Final = 1
RELATION_KIN: Final = 2
RELATION_STRANGER: Final = 3

# How a conflict ended
OUTCOME_NAMES: Final = ("open", "cooled", "mediated for good", "mediated for now", "shooting")
OUTCOME_OPEN: Final = 0
OUTCOME_COOLED: Final = 1
OUTCOME_GOOD: Final = 2
OUTCOME_NOW: Final = 3
OUTCOME_SHOOTING: Final = 4

# Where mediation stands
STANDING_NONE: Final = 0
STANDING_NOW: Final = 1
STANDING_GOOD: Final = 2
STANDING_INFLAMED: Final = 3
RESULT_NAMES: Final = ("not resolved", "for now", "for good", "inflamed")

# Roles
ROLE_NAMES: Final = ("violence_interrupters", "outreach_workers", "hospital_responders", "supervisors")
ROLE_INTERRUPTER: Final = 0
ROLE_OUTREACH: Final = 1
ROLE_RESPONDER: Final = 2
ROLE_SUPERVISOR: Final = 3

# Services
SERVICE_NAMES: Final = ("employment", "mental_health", "trauma_counselling", "school_mediation", "legal_aid")
SERVICES: Final = len(SERVICE_NAMES)
COUNSELLING: Final = 2
SCHOOL: Final = 3

NOBODY: Final = -1
UNIT: Final = 1_000_000
"""Norm, trust and trauma are whole millionths, so that their sums do not depend on order."""
CIRCLE_SPACE: Final = 100
CASELOAD_SPACE: Final = 32
POSTS_PER_PRECINCT: Final = 64
"""Posts of one precinct share the bits of one integer, `person.known`."""

PERSON: Final = np.dtype(
    [
        ("known", "u8"),  # bit k: known to the k-th post of the precinct
        ("trauma", "i4"),  # millionths, as it stood on `day`
        ("norm", "i4"),  # shift of the baseline norm, millionths, as it stood on `day`
        ("trust", "i4"),  # shift of the baseline trust, millionths, as it stood on `day`
        ("day", "i4"),
        ("client_of", "i2"),  # index of the outreach worker's post + 1; 0 = not a client
        ("injuries", "u1"),
        ("dead", "u1"),
        ("services", "u1"),  # bit k: enrolled in service kind k
    ],
    align=True,
)

CONFLICT: Final = np.dtype(
    [
        ("key", "u8"),
        ("instigator", "i4"),
        ("opponent", "i4"),
        ("parent", "i4"),  # row of the conflict whose shooting this descends from, or NOBODY
        ("open_day", "i4"),
        ("head_day", "i4"),
        ("next_open", "i4"),  # next row that opens on the same day
        ("next_head", "i4"),  # next row in the same head list
        ("follow_up_day", "i4"),
        ("generation", "i2"),
        ("site", "i2"),  # index of the site that mediated, or NOBODY
        ("place", "u2"),
        ("slot", "u1"),
        ("cause", "u1"),
        ("relation", "u1"),
        ("head_hour", "u1"),
        ("outcome", "u1"),
        ("standing", "u1"),
        ("detected", "u1"),
        ("responded", "u1"),
        ("victims", "u1"),
        ("killed", "u1"),
        ("fill", "u8"),  # makes a row as long as a cache line
    ],
    align=True,
)

HARMED: Final = np.dtype([("conflict", "i4"), ("resident", "i4"), ("killed", "u1")], align=True)
MEDIATION: Final = np.dtype(
    [("conflict", "i4"), ("post", "i4"), ("tenure", "i4"), ("day", "i4"), ("hour", "u1"), ("result", "u1")], align=True
)
ENROLMENT: Final = np.dtype(
    [("resident", "i4"), ("site", "i4"), ("from_day", "i4"), ("until_day", "i4"), ("next", "i4"), ("kind", "u1")],
    align=True,
)
POST_STATE: Final = np.dtype(
    [
        ("key", "u8"),  # of the messenger in the post (site, role, post, tenure)
        ("strain", "f8"),  # accumulated hazard of leaving
        ("limit", "f8"),  # unit-exponential draw: the messenger leaves when strain reaches it
        ("credibility", "f8"),
        ("weight", "f8"),  # credibility, practice, fidelity and supervision together, as of this morning
        ("hired", "i4"),
        ("back", "i4"),  # day on which a vacant post is filled
        ("tenure", "i4"),
        ("known", "i4"),  # people known, at most CIRCLE_SPACE
        ("clients", "i4"),
        ("busy", "i4"),  # mediations today
        ("visit", "i4"),  # clients are visited on the first working day from this weekday on
        ("filled", "u1"),
        ("client", "i4", (CASELOAD_SPACE,)),
        ("client_until", "i4", (CASELOAD_SPACE,)),
        ("acquaintance", "i4", (CIRCLE_SPACE,)),
    ],
    align=True,
)
SITE_STATE: Final = np.dtype(
    [
        ("fidelity", "f8"),
        ("delay", "f8"),  # payment delay in days
        ("slots", "i8", (SERVICES,)),  # service slots offered now
        ("used", "i8", (SERVICES,)),  # service slots in use
        ("recruits", "i8"),  # participants taken on so far
        ("opened", "i4"),
        ("shift", "i4"),
        ("supervised", "u1"),
        ("open", "u1"),
    ],
    align=True,
)
DAY: Final = np.dtype(
    [
        ("opens", "i4"),  # first row that opens on the day
        ("heads", "i4"),  # first row in the day's list of heads
        ("ends", "i4"),  # first enrolment that ends on the day
    ],
    align=True,
)
LOCAL: Final = np.dtype([("norm", "i8"), ("trust", "i8")], align=True)
CASE: Final = np.dtype([("key", "u8"), ("urgency", "f8"), ("row", "i4"), ("hour", "i4")], align=True)

ARISING: Final = np.dtype([("key", "u8"), ("who", "i4"), ("slot", "i4"), ("cause", "i4"), ("head", "i4")], align=True)
CONTACT: Final = np.dtype([("key", "u8"), ("post", "i4"), ("who", "i4")], align=True)

SITE_MONTH: Final = ("participants", "posts_filled", "posts", "services_in_use", "recruited_so_far", "open")

# Places in `State.count`
N_CONFLICTS: Final = 0
N_HARMED: Final = 1
N_MEDIATIONS: Final = 2
N_ENROLMENTS: Final = 3
N_TOUCHED: Final = 4
N_WATCHED: Final = 5
N_CASES: Final = 6
N_SHOOTINGS: Final = 7  # shootings of the day, for Exposure
N_RESOLVED: Final = 8  # mediations of the day, for Ripple
TODAY: Final = 9  # the next day to be lived
FULL: Final = 10  # 1 when a log ran out of room
N_TAKEN_UP: Final = 11  # lines of `harmed` whose place has been taken up where it fell empty
N_COUNTS: Final = 12

SITE: Final = np.dtype(
    [
        ("key", "u8"),
        ("number", "i4"),
        ("site_id", "i4"),
        ("slot", "i4"),
        ("opens", "i4"),
        ("place_from", "i4"),
        ("place_to", "i4"),
        ("first_post", "i4"),
        ("posts_end", "i4"),
    ],
    align=True,
)
TERM: Final = np.dtype(
    [
        ("slots", "i8", (SERVICES,)),
        ("delay", "f8"),
        ("site", "i4"),
        ("from_day", "i4"),
        ("until_day", "i4"),
        ("shift", "i4"),
    ],
    align=True,
)
SHIFT: Final = np.dtype(
    [
        ("duty", "u1", (7, 24)),  # hours on duty by weekday
        ("some", "u1", (7,)),  # weekdays with some hour on duty
        ("begins", "u1", (7,)),  # weekdays on which the shift begins
        ("visits", "u1", (7, 7)),  # [v, weekday]: the weekday is the first working day from weekday v on
    ],
    align=True,
)
PLAN_PRECINCT: Final = np.dtype(
    [
        ("first_site", "i8"),
        ("sites_end", "i8"),
        ("first_post", "i8"),
        ("posts_end", "i8"),
        ("first_patrol", "i8"),
        ("patrols_end", "i8"),
        ("covered", "i8"),  # below this place some plan of the comparison has a catchment
    ],
    align=True,
)
POST: Final = np.dtype(
    [
        ("key", "u8"),
        ("site", "i4"),
        ("slot", "i4"),
        ("role", "i4"),
        ("from_day", "i4"),
        ("until_day", "i4"),
        ("bit", "u8"),
    ],
    align=True,
)
PATROL: Final = np.dtype(
    [
        ("slot", "i4"),
        ("from_day", "i4"),
        ("until_day", "i4"),
        ("place_to", "i4"),
        ("shift", "i4"),
        ("officers", "f8"),
    ],
    align=True,
)


class Plan(NamedTuple):
    """One scenario under one draw. All plans of a comparison index the same sites and posts."""

    site: Records
    """SITE, ordered by precinct and site id."""
    term: Records
    """TERM: what holds at a site from one day to another."""
    post: Records
    """POST, ordered by precinct, site, role, number; a window of time each."""
    shift: Records
    """SHIFT."""
    patrol: Records
    """PATROL."""
    precinct: Records
    """PLAN_PRECINCT [slots]: where each precinct's sites, posts and patrols are."""


class State(NamedTuple):
    """One run as it stands. `count` says how much of each log is in use."""

    count: NDArray[np.int64]  # type: ignore[assignment]  # hides tuple.count, which nobody calls
    person: Records
    """PERSON [residents]."""
    mark: NDArray[np.uint64]
    """[residents / 64] bit of a resident: set when the record differs from a blank one."""
    touched: NDArray[np.int32]
    """[residents] those whose record differs from a blank one."""
    conflict: Records
    """CONFLICT: the log is the storage."""
    harmed: Records
    """HARMED: people shot, in the order of day, hour and key."""
    mediation: Records
    """MEDIATION."""
    enrolment: Records
    """ENROLMENT."""
    day: Records
    """DAY [days]: lists by day."""
    watched: NDArray[np.int32]
    """Open rows in a precinct with a site."""
    case: Records
    """CASE: known open conflicts of the day."""
    shooting: NDArray[np.int32]
    """Rows that became shootings today."""
    arising: Records
    """ARISING: today's accepted candidates."""
    contact: Records
    """CONTACT: introductions sought today."""
    resolved: NDArray[np.int32]
    """Rows of today's successful mediations."""
    post: Records
    """POST_STATE [posts]."""
    site: Records
    """SITE_STATE [sites]."""
    local: Records
    """LOCAL [slots]: shift of everyone's norm and trust in a precinct."""
    site_month: NDArray[np.int64]
    """[sites, months, len(SITE_MONTH)] as each month closed; months count from January 2006."""
