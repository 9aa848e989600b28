"""Which statistics of a history say the same: one may stand in several rows, and others go up and down with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

TOGETHER: Final = 0.9
"""Rank correlation over histories, of either sign, from which two statistics are taken for one."""
FEWEST: Final = 20
"""Histories that must know both."""


def alike(statistics: Mapping[str, NDArray[np.float64]], names: Iterable[str]) -> dict[str, str]:
    """Each of `names` with the first that it is linked to, over any number of pairs that go together."""
    import pandas as pd
    from scipy.sparse.csgraph import connected_components

    order = list(dict.fromkeys(names))
    table = pd.DataFrame({name: statistics[name] for name in order}).replace([np.inf, -np.inf], np.nan)
    together = table.corr(method="spearman", min_periods=FEWEST).abs().to_numpy() >= TOGETHER
    _, linked = connected_components(together, directed=False)
    first: dict[int, str] = {}
    return {name: first.setdefault(int(place), name) for name, place in zip(order, linked, strict=True)}
