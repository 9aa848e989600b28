"""The records that a run reads and never writes: `Rules` of a parameter draw, `Course` of a replicate.

One record each, tables in it, so that handing them to a compiled function is handing over one address.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np

from cms_sim.engine.arrays import SERVICES
from cms_sim.engine.calendar_days import MARGIN_DAYS, SPAN_DAYS

QUANTILES: Final = 4096
"""Places in a table of quantiles, by the top 12 bits of a draw."""
MOST_PRECINCTS: Final = 128
MOST_MONTHS: Final = 330
MOST_CANDIDATES: Final = 64
"""Length of a row of cumulative Poisson probabilities: candidates of one layer."""
LAYERS: Final = 10
"""Layers that the bound on background candidates is cut into."""
MOST_DESCENDANTS: Final = 16
"""Bound on the retaliations, and on the contagious conflicts, that may descend from one shooting; one a layer."""

RULES_TABLES: Final = (
    ("duration", "i2", (QUANTILES,)),  # days from opening to head
    ("lag_retaliation", "i2", (QUANTILES,)),  # days from a shooting to the head of a retaliation
    ("lag_contagion", "i2", (QUANTILES,)),  # days from a shooting to the head of a conflict that spread from it
    ("respite", "i2", (QUANTILES,)),  # days that a settlement for now puts a conflict off
    ("vacancy", "i2", (QUANTILES,)),  # days that a post stays empty
    ("client_stay", "i2", (QUANTILES,)),  # days that a participant stays
    ("exponential", "f8", (QUANTILES,)),  # unit-exponential quantiles
    ("hour", "u1", (7, QUANTILES)),  # hour of the day by weekday
    ("victims", "f8", (11,)),  # cumulative probability of 1, 2, ... victims
    ("children", "f8", (MOST_CANDIDATES,)),  # of the number of candidate descendants in a layer
    ("weekday", "f8", (7,)),  # factor, mean 1
    ("season", "f8", (12,)),  # factor by month of the year, mean 1
    ("profile_peak", "f8"),  # no product of weekday and season factor is above it
    ("fade_trauma", "f8", (SPAN_DAYS + 1,)),  # what is left of trauma after so many days
    ("fade_norm", "f8", (SPAN_DAYS + 1,)),  # what is left of a shift of norm
    ("fade_trust", "f8", (SPAN_DAYS + 1,)),  # what is left of a shift of trust
    ("service_effect", "f8", (SERVICES,)),  # share by which a service lowers the chance of a shooting while it lasts
    ("service_days", "i8", (SERVICES,)),  # how long an enrolment lasts
    ("month_of", "i2", (SPAN_DAYS + MARGIN_DAYS,)),  # months since January 2006 of a day
    ("season_month_of", "u1", (SPAN_DAYS + MARGIN_DAYS,)),  # month of the year, 0 to 11
    ("weekday_of", "u1", (SPAN_DAYS + MARGIN_DAYS,)),  # 0 = Monday
)
"""Tables of `Rules`, beside one float64 field for each behaviour parameter by its name; as narrow as their values,
so that they stay in the nearest cache."""

COURSE: Final = np.dtype(
    [
        ("key", "u8"),  # root of every draw of the replicate
        ("level", "f8", (MOST_PRECINCTS, MOST_MONTHS)),  # background conflicts a day, season and deviations in it
        ("imported", "f8", (MOST_PRECINCTS, MOST_MONTHS)),  # conflicts a day that come from precincts not in play
        ("width", "f8", (MOST_PRECINCTS,)),  # background candidates a day in one layer: a constant of the city
        ("import_width", "f8", (MOST_PRECINCTS,)),
        (
            "peak",
            "f8",
            (MOST_PRECINCTS, MOST_MONTHS),
        ),  # no head of a conflict that arises in the month has a higher rate
        ("import_peak", "f8", (MOST_PRECINCTS, MOST_MONTHS)),
        ("counts", "f8", (MOST_PRECINCTS, MOST_CANDIDATES)),  # cumulative Poisson probabilities of the width
        ("import_counts", "f8", (MOST_PRECINCTS, MOST_CANDIDATES)),
    ],
    align=True,
)

Rules: TypeAlias = Any
"""One parameter draw: a record with the parameters by name (float64) and `RULES_TABLES`."""
Course: TypeAlias = Any
"""One replicate (a COURSE record): its key and the background that it lives through, before anything decides."""
