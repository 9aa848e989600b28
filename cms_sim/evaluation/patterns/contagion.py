"""What descends from what in a history: shares, lags, cascades, and what crosses from precinct to precinct.

Only the model can be asked this: a record has no parents. Shootings of the first two years are left out as children,
since their parents may lie before the history began.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ABSENT
from cms_sim.engine.arrays import CAUSE_RETALIATION, NOBODY
from cms_sim.evaluation.patterns.residents import on_street
from cms_sim.experiment.hindcast import Lived

SETTLED_DAY: Final = 730
"""From here on a shooting's parent is on record, whatever the lag (mean 125 days: T3-004)."""
LAST_ROOT_DAYS: Final = 1096
"""Cascades that begin in the last three years may not have ended."""


def contagion(lived: Lived) -> dict[str, float]:
    """Shares are of shootings unless the name says otherwise; lags in days."""
    rows = lived.shootings
    settled = rows["head_day"] >= SETTLED_DAY
    child = settled & (rows["parent"] != NOBODY)
    in_network = settled & on_street(lived.city, rows["opponent"])
    parent = rows[rows["parent"][child]]
    lags = rows["head_day"][child] - parent["head_day"]
    return {
        "descended_share": _share(child, settled),
        "descended_share_in_network": _share(child & in_network, in_network),
        "retaliation_share": _share(settled & (rows["cause"] == CAUSE_RETALIATION), settled),
        "crossing_share_of_descended": _mean(parent["slot"] != rows["slot"][child]),
        "lag_mean_days": _mean(lags),
        "lag_median_days": float(np.median(lags)) if lags.size else float("nan"),
        "generation_mean": _mean(rows["generation"][settled]),
        **_cascades(rows),
        **_offspring(lived),
    }


def roots(rows: NDArray[Any]) -> NDArray[np.int64]:
    """[shootings] the first shooting of each one's cascade; parents come before their children."""
    above = np.where(rows["parent"] == NOBODY, np.arange(len(rows)), rows["parent"]).astype(np.int64)
    while not np.array_equal(above[above], above):
        above = above[above]
    return above


def _cascades(rows: NDArray[Any]) -> dict[str, float]:
    """Shootings in a cascade, itself counted: mean over those that had time to end, and the largest of all."""
    sizes = np.bincount(roots(rows), minlength=len(rows))
    last = int(rows["head_day"].max(initial=0))
    begun = (rows["parent"] == NOBODY) & (rows["head_day"] < last - LAST_ROOT_DAYS)
    return {"cascade_mean_size": _mean(sizes[begun]), "cascade_largest": float(sizes.max(initial=0))}


def _offspring(lived: Lived) -> dict[str, float]:
    """Children per shooting where the shooter has a crew over where not; retaliations per shooting inside an open
    site's catchment over those outside any, in the same precincts and months.
    """
    rows = lived.shootings
    children = _children(rows, rows["parent"] != NOBODY)
    crew = lived.city.resident["crew"][rows["instigator"]] != ABSENT
    retaliations = _children(rows, rows["cause"] == CAUSE_RETALIATION)
    open_, inside = _beside_sites(lived)
    return {
        "crew_offspring_ratio": _mean(children[crew]) / _mean(children[~crew]) if children[~crew].any() else np.nan,
        "retaliation_change_in_catchment": _ratio(retaliations[open_ & inside], retaliations[open_ & ~inside]) - 1.0,
    }


def _children(rows: NDArray[Any], counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.bincount(rows["parent"][counted & (rows["parent"] != NOBODY)], minlength=len(rows))


def _beside_sites(lived: Lived) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """[shootings] whether the precinct has an open site on the day, and whether a catchment holds the place."""
    rows, found = lived.shootings, np.zeros((2, len(lived.shootings)), dtype=np.bool_)
    for site in lived.plan.site:
        here = (rows["slot"] == site["slot"]) & (rows["head_day"] >= site["opens"])
        found[0] |= here
        found[1] |= here & (rows["place"] >= site["place_from"]) & (rows["place"] < site["place_to"])
    return found[0], found[1]


def _ratio(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    return _mean(one) / _mean(other) if one.size and other.any() else float("nan")


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return float(part.sum() / whole.sum()) if whole.any() else float("nan")


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else float("nan")
