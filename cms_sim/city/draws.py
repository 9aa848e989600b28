"""Keys and decisions of the city's generator. Append-only: a number once used keeps its meaning.

A key is mixed as city seed -> layer -> precinct number -> local index; layers keep the families of keys apart.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.compiled import kernel
from cms_sim.keys import below, mix

# Layers.
PEOPLE: Final = 1
GROUPS: Final = 2
CREWS: Final = 3
RIVALRIES: Final = 4
KIN: Final = 5
STREET_ORDER: Final = 6

# Decisions about a resident.
PLACE: Final = 1
AGE: Final = 2
NORM: Final = 3
TRUST: Final = 4
ACTIVITY: Final = 5
# About a co-offending group.
SIZE: Final = 10
SPANS: Final = 11
PARTNER: Final = 12
IN_CREW: Final = 13
ROW: Final = 14
KEEP: Final = 15
# About a crew and a pair of crews.
CREW_SIZE: Final = 20
RIVALS: Final = 21

NORMAL_STEPS: Final = 4096


@cache
def normal_table() -> NDArray[np.float64]:
    """Quantiles of the standard normal law at the middles of `NORMAL_STEPS` equal steps: a draw is one index."""
    law = NormalDist()
    return np.array([law.inv_cdf((i + 0.5) / NORMAL_STEPS) for i in range(NORMAL_STEPS)])


@kernel
def layer_key(seed, layer, number):  # type: ignore[no-untyped-def]
    """The key (uint64) of one layer of one precinct (its public number)."""
    return mix(mix(np.uint64(seed), layer), number)


@kernel
def shuffled(key, n):  # type: ignore[no-untyped-def]
    """A keyed order (int32 [n]) of 0..n-1, all orders alike (Fisher-Yates); the key serves nothing else."""
    order = np.arange(n).astype(np.int32)
    for i in range(n - 1, 0, -1):
        j = below(key, i, i + 1)
        order[i], order[j] = order[j], order[i]
    return order
