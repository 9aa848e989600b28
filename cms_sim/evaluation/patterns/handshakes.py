"""How the risk of being shot falls with each handshake from somebody who was, along street ties.

As the published studies do it: within two years, everyone of the network who can be reached from a person shot; the
distance is that to the nearest *other* person shot; the odds ratio per handshake is that of a logistic regression
(T3-010, T3-011).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City
from cms_sim.engine.calendar_days import months
from cms_sim.evaluation.estimators.libraries import library, quiet
from cms_sim.evaluation.patterns.residents import on_street, street_residents, street_rows
from cms_sim.experiment.hindcast import Lived

YEARS: Final = (2, 4)
"""2008 and 2009, as in the study of Boston (T3-011): first and past-the-last year from the record's first."""
FAR: Final = np.iinfo(np.int32).max

Edges = tuple[NDArray[np.int64], NDArray[np.int64]]


def handshakes(lived: Lived) -> dict[str, float]:
    """The odds ratio of having been shot per handshake to the nearest other person shot."""
    day = lived.shootings["head_day"][lived.harmed["conflict"]]
    year = months()[day] // 12
    who = lived.harmed["resident"][(year >= YEARS[0]) & (year < YEARS[1])].astype(np.int64)
    shot = np.unique(street_rows(lived.city, who[on_street(lived.city, who)]))
    distance = to_nearest_other(street_edges(lived.city), shot, len(lived.city.street_start) - 1)
    return {"odds_ratio_per_handshake": odds_ratio(distance, shot)}


def street_edges(city: City) -> Edges:
    """Street rows tied to each other, each tie both ways; ties to people out of play are left out."""
    one = np.repeat(np.arange(len(city.street_start) - 1), np.diff(city.street_start))
    tied = city.street_tie >= 0
    return one[tied], np.searchsorted(street_residents(city), city.street_tie[tied])


def to_nearest_other(edges: Edges, sources: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """[size] ties to the nearest source, for a source to the nearest other one; FAR where there is none.

    Each node is given to a source nearest to it; a shortest path between two sources crosses from the part of one to
    that of another over one tie.
    """
    one, other = edges
    distance, owner = np.full(size, FAR, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    distance[sources], owner[sources] = 0, sources
    steps = 0
    while True:
        reached = np.flatnonzero((distance[one] == steps) & (owner[other] < 0))
        if not reached.size:
            break
        steps += 1
        owner[other[reached]] = owner[one[reached]]
        distance[other[reached]] = steps
    crossing = (owner[one] >= 0) & (owner[other] >= 0) & (owner[one] != owner[other])
    apart = np.full(size, FAR, dtype=np.int64)
    np.minimum.at(apart, owner[one[crossing]], distance[one[crossing]] + 1 + distance[other[crossing]])
    distance[sources] = apart[sources]
    return distance


def odds_ratio(distance: NDArray[np.int64], shot: NDArray[np.int64]) -> float:
    """Per unit of distance, of being among `shot`, by logistic regression over those within reach (`statsmodels`);
    NaN without a contrast.
    """
    is_shot = np.zeros(len(distance), dtype=np.bool_)
    is_shot[shot] = True
    near = distance < FAR
    steps, group = np.unique(distance[near], return_inverse=True)
    counts = np.stack([np.bincount(group, is_shot[near]), np.bincount(group, ~is_shot[near])], axis=1)
    if len(steps) < 2 or not counts[:, 0].any():
        return float("nan")
    models, families = library("statsmodels.genmod.generalized_linear_model"), library("statsmodels.genmod.families")
    design = np.column_stack([np.ones(len(steps)), steps - steps.mean()])
    with quiet():
        fitted = models.GLM(counts, design, family=families.Binomial()).fit()
    return float(np.exp(fitted.params[1]))
