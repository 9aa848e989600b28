"""The statistics that parameters are fitted to, one line each: what is observed, and how exactly.

A statistic of the record needs no error of its own: a history of the model is one record, chance included. A published
figure about other sites, or from few people, is observed with the error that its row states, which is added to each
history before it is compared (a measurement model; classed assumed where no interval was published).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.estimators.panel import record_panel
from cms_sim.evaluation.patterns.programme import programme

EFFECT: Final = "effect"
"""The group of statistics of what sites changed: left out where these are to be predicted."""


@dataclass(frozen=True)
class Target:
    """One statistic of a history."""

    name: str
    """As in `evaluation.patterns`."""
    group: str
    source: str
    """Evidence ids, or `record`."""
    observed: float | None = None
    """None: the record's own, computed by the same code."""
    error: float = 0.0
    """Standard deviation of the measurement, on the scale of `logarithm`."""
    logarithm: bool = False
    assumed: str = ""
    """Why the error is what it is, where it is not published."""


_AMONG_SITES: Final = "The published sites differ among themselves by 0.6 in the logarithm; New York's may as well."
TARGETS: Final = (
    Target("dispersion_daily", "dispersion", "record", 1.01),
    Target("dispersion_weekly", "dispersion", "record", 1.02),
    Target("dispersion_monthly", "dispersion", "record", 1.07),
    Target("share_statistic", "dispersion", "record", 1.20),
    Target("share_statistic_last_years", "dispersion", "record", 1.24),
    Target("mediations_per_site_month", "activity", "T5-087, T5-093 to T5-096, T5-100, T5-101", 2.9, 0.6, True,
           _AMONG_SITES + " 2.9 is the geometric mean of 3.7, 4.0, 1.4, 1.2, 3.2, 3.1 and 6.6."),
    Target("participants_per_site", "activity", "T5-102", 44.0, 0.3, True,
           "Chicago's 15 sites have 20 to 83, a spread of about 0.4 in the logarithm; cities differ by somewhat less."),
    Target("survey_programme", "survey", "T2-001", -0.14, 0.04, False,
           "No interval is published; two waves of about 200 men in each of four areas, recruited through each other, "
           "give about 0.02, doubled since areas were not drawn at random."),
    Target("raw_change", EFFECT, "record"),
    Target("relative_rest_of_city", EFFECT, "record"),
    Target("relative_not_yet_covered", EFFECT, "record"),
    Target("relative_never_listed", EFFECT, "record"),
    Target("event_year_+1", EFFECT, "record"),
    Target("event_year_+2", EFFECT, "record"),
    Target("event_year_+3", EFFECT, "record"),
    Target("event_year_+4", EFFECT, "record"),
)  # fmt: skip


def targets_of(groups: Sequence[str] | None = None) -> tuple[Target, ...]:
    """All targets, or those of some groups."""
    return tuple(target for target in TARGETS if groups is None or target.group in groups)


def groups() -> tuple[str, ...]:
    """Names of the groups, in order."""
    return tuple(dict.fromkeys(target.group for target in TARGETS))


def scaled(target: Target, values: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The statistic on the scale on which it is compared."""
    return np.log(values) if target.logarithm else np.asarray(values, dtype=np.float64)


def observed(targets: Sequence[Target]) -> NDArray[np.float64]:
    """[targets] what is observed, scaled."""
    own = _record_statistics()
    return np.array([scaled(t, own[t.name] if t.observed is None else t.observed) for t in targets])


@lru_cache(maxsize=1)
def _record_statistics() -> Mapping[str, float]:
    return programme(record_panel(load_city_tables()))
