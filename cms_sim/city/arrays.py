"""The arrays of a city: immutable, shared by every replicate and process, memory-mapped from the disk cache.

Indices. A *slot* is a precinct's place in these arrays (precincts in play, sorted by number). A *resident* is
`precinct.first[slot] + local`. In a precinct the residents with street ties come first (crew by crew, then those
without a crew), the others follow ordered by class (`sex * BANDS + band`). A *street row* is
`precinct.street_first[slot] + local`. Keys never hold a slot or a global index: a resident's key is mixed from the
city seed, the precinct's number and the local index.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Records: TypeAlias = NDArray[Any]

FEMALE: Final = 0
MALE: Final = 1
BAND_NAMES: Final = ("under 18", "18-24", "25-44", "45-64", "65 and over")
BAND_AGES: Final = (0, 18, 25, 45, 65, 100)
"""Ages at which the bands begin, and the age below which everyone is."""
BANDS: Final = 5
CLASSES: Final = 2 * BANDS
KIN_TIES: Final = 6
"""Kin and friends of a resident: two neighbours on each side of a ring, and one in each of two matchings."""
ABSENT: Final = -1
"""In `kin` no such tie, in `street_tie` a tie to someone out of play, in `resident.crew` no crew."""
BASIS_POINTS: Final = 10_000

PRECINCT: Final = np.dtype(
    [
        ("number", "i4"),  # public number of the precinct
        ("first", "i4"),  # index of its first resident
        ("residents", "i4"),
        ("street", "i4"),  # how many residents have street ties; they come first
        ("street_first", "i4"),  # its first street row
        ("crew_first", "i4"),  # its first crew
        ("crews", "i4"),
    ],
    align=True,
)

RESIDENT: Final = np.dtype(
    [
        ("slot", "u1"),
        ("sex", "u1"),  # FEMALE or MALE
        ("age", "u1"),  # years
        ("band", "u1"),  # index into BAND_NAMES
        ("place", "u2"),  # where in the precinct, 0..65535
        ("norm", "i2"),  # baseline willingness to use violence, basis points
        ("trust", "i2"),  # baseline trust in police, basis points
        ("crew", "i4"),  # index of the crew, or ABSENT
    ],
    align=True,
)

ALIAS: Final = np.dtype([("chance", "f4"), ("otherwise", "i4")], align=True)
"""A row of Walker's alias table: the chance of keeping the row drawn, and the local index taken otherwise."""

CREW: Final = np.dtype([("first", "i4"), ("size", "i4"), ("slot", "i4")], align=True)
"""A crew's first member (index of a resident), members, and precinct's slot; members have consecutive indices."""


class City(NamedTuple):
    """A city's arrays, all read-only: P precincts in play, N residents, S of them with street ties, C crews."""

    precinct: Records
    """PRECINCT [P]."""
    resident: Records
    """RESIDENT [N]."""
    class_start: NDArray[np.int32]
    """[P, CLASSES + 1]: local index where each class of the residents without street ties begins; last, their end."""
    class_weight: NDArray[np.float64]
    """[P, CLASSES]: cumulative law of the class of a resident without street ties who is party to a conflict."""
    propensity: Records
    """ALIAS [S]: each precinct's alias table of who starts a conflict."""
    kin: NDArray[np.int32]
    """[N, KIN_TIES]: kin and friends (residents) in the same precinct, symmetric; ABSENT where there is none."""
    street_start: NDArray[np.int32]
    """[S + 1]: where each street row's ties begin in `street_tie`."""
    street_tie: NDArray[np.int32]
    """Street ties (residents), each row in order and without doubles; ABSENT stands in place of those out of play."""
    crew: Records
    """CREW [C]."""
    rival_start: NDArray[np.int64]
    """[C + 1]: where each crew's rivals begin in `rival`."""
    rival: NDArray[np.int32]
    """Rival crews (indices of crews in play), symmetric, sorted."""
