"""Kin and friends: a small world inside each precinct.

Residents stand on a ring in a keyed order, each tied to the two nearest on either side, and are paired by two keyed
matchings. A ring plus one random matching already has a diameter near log2 of its size (Bollobas & Chung 1988), and
the ring keeps it clustered.
"""

from __future__ import annotations

from cms_sim.city.arrays import ABSENT, KIN_TIES
from cms_sim.city.draws import KIN, layer_key, shuffled
from cms_sim.compiled import kernel
from cms_sim.keys import mix


@kernel
def fill_kin(kin, seed, number, first):  # type: ignore[no-untyped-def]
    """Write the ties (rows of `kin` [n, KIN_TIES], indices from `first`) of one precinct's residents."""
    n = kin.shape[0]
    key = layer_key(seed, KIN, number)
    ring = shuffled(mix(key, 0), n)
    for i in range(n):
        row = ring[i]
        kin[row, 0] = ring[i - 1] if i > 0 else ring[n - 1]
        kin[row, 1] = ring[(i + 1) % n]
        kin[row, 2] = ring[(i - 2) % n]
        kin[row, 3] = ring[(i + 2) % n]
    for matching in range(2):
        order = shuffled(mix(key, 1 + matching), n)
        if n % 2 == 1:
            kin[order[n - 1], 4 + matching] = ABSENT
        for i in range(0, n - 1, 2):
            kin[order[i], 4 + matching] = order[i + 1]
            kin[order[i + 1], 4 + matching] = order[i]
    _without_doubles(kin, first)


@kernel
def _without_doubles(kin, first):  # type: ignore[no-untyped-def]
    """Strike out ties to oneself and the second of two ties to the same person, then turn local indices into the
    city's.
    """
    for row in range(kin.shape[0]):
        for column in range(KIN_TIES):
            other = kin[row, column]
            if other == row:
                kin[row, column] = ABSENT
            for before in range(column):
                if kin[row, before] == other:
                    kin[row, column] = ABSENT
        for column in range(KIN_TIES):
            if kin[row, column] != ABSENT:
                kin[row, column] += first
