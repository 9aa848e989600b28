"""Walker's alias tables: a draw from a fixed law with two uniforms, whatever its size (Walker 1977; Vose 1991)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ALIAS, Records
from cms_sim.compiled import kernel


def alias_table(weight: NDArray[np.float64]) -> Records:
    """ALIAS [n] of the law given by positive weights [n]."""
    table = np.empty(weight.size, ALIAS)
    table["chance"], table["otherwise"] = _alias_table(weight)
    return table


@kernel
def _alias_table(weight):  # type: ignore[no-untyped-def]
    """Chance of keeping each row (float32 [n]) and the row taken otherwise (int32 [n]), for positive weights [n]."""
    n = weight.size
    chance = np.ones(n, np.float32)
    alias = np.arange(n).astype(np.int32)
    scaled = weight * (n / weight.sum())
    light = np.empty(n, np.int32)
    heavy = np.empty(n, np.int32)
    n_light = n_heavy = 0
    for i in range(n):
        if scaled[i] < 1.0:
            light[n_light] = i
            n_light += 1
        else:
            heavy[n_heavy] = i
            n_heavy += 1
    while n_light > 0 and n_heavy > 0:
        n_light -= 1
        low, high = light[n_light], heavy[n_heavy - 1]
        chance[low] = scaled[low]
        alias[low] = high
        scaled[high] -= 1.0 - scaled[low]
        if scaled[high] < 1.0:
            n_heavy -= 1
            light[n_light] = high
            n_light += 1
    return chance, alias  # rows left over differ from 1 by rounding only


def alias_probability(table: Records) -> NDArray[np.float64]:
    """The probability (float64 [n]) of each row under one alias table."""
    own = table["chance"].astype(np.float64)
    return (own + np.bincount(table["otherwise"], weights=1.0 - own, minlength=own.size)) / max(own.size, 1)
