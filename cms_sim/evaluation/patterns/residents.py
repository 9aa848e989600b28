"""Who the people of a city are, by index: what patterns of people and of contagion ask alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import City


def on_street(city: City, residents: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Whether each has street (co-offending) ties: in a precinct these come first."""
    precinct = city.precinct[city.resident["slot"][residents]]
    return np.asarray(residents - precinct["first"] < precinct["street"])


def street_rows(city: City, residents: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """The street row of each; all must have street ties."""
    precinct = city.precinct[city.resident["slot"][residents]]
    return np.asarray(precinct["street_first"] + residents - precinct["first"], dtype=np.int64)


def street_residents(city: City) -> NDArray[np.int64]:
    """[S] the resident of each street row."""
    parts = [np.arange(p["first"], p["first"] + p["street"], dtype=np.int64) for p in city.precinct]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
