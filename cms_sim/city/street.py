"""Street ties: people who offend together, as an affiliation network.

Every resident with street ties convenes one co-offending group of 2 to 5; its other members are drawn by their
activity, a heavy-tailed trait, so that the layer is clustered (every pair in a group is tied) and its degrees are
heavy-tailed. A share of the groups spans two precincts in reach of each other, with members from either side in turn.
Groups are drawn for all precincts of the tables (there are few against all residents), so a precinct's ties are the
same whichever others are in play.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.alias import alias_table
from cms_sim.city.arrays import ABSENT, ALIAS, Records
from cms_sim.city.crews import Sizes
from cms_sim.city.demography import People
from cms_sim.city.draws import (
    ACTIVITY,
    GROUPS,
    IN_CREW,
    KEEP,
    NORMAL_STEPS,
    PARTNER,
    PEOPLE,
    ROW,
    SIZE,
    SPANS,
    layer_key,
    normal_table,
)
from cms_sim.city.reach import Shares, outward_shares
from cms_sim.city.spec import NetworkSpec
from cms_sim.compiled import kernel
from cms_sim.keys import below, mix, uniform

_LARGEST = 5
_PAIRS = _LARGEST * (_LARGEST - 1) // 2


class Street(NamedTuple):
    """Everyone with street ties, in all precincts of the tables (sorted by number); rows are precinct by precinct."""

    number: NDArray[np.int64]
    """[P] public numbers."""
    first: NDArray[np.int64]
    """[P + 1] first row of each precinct."""
    activity: NDArray[np.float64]
    """[T] how often each is drawn into a group, relative to others of the precinct."""
    alias: Records
    """ALIAS [T]: tables of activity, precinct by precinct."""
    crew_first: NDArray[np.int64]
    """[T] row of the first member of one's crew, ABSENT without a crew."""
    crew_size: NDArray[np.int64]
    out_start: NDArray[np.int64]
    """[P + 1] compressed rows: precincts (index) to which groups of each go out, with cumulative probability."""
    out_to: NDArray[np.int64]
    out_law: NDArray[np.float64]


def street_of_all(residents: People, sizes: Sizes, km: Shares, spec: NetworkSpec) -> Street:
    """The residents with street ties of every precinct of the tables, with what their groups are drawn from."""
    first = np.concatenate([[0], np.cumsum(residents.street_total)]).astype(np.int64)
    activity = np.empty(first[-1], np.float64)
    alias = np.empty(first[-1], ALIAS)
    crew_first, crew_size = np.full(first[-1], ABSENT, np.int64), np.zeros(first[-1], np.int64)
    levels = np.exp(spec.activity_sigma * normal_table())
    for number, begin, end in zip(residents.number.tolist(), first[:-1], first[1:], strict=True):
        _fill_activity(activity[begin:end], spec.city_seed, number, levels)
        alias[begin:end] = alias_table(activity[begin:end])
        of, members = sizes[number], int(sizes[number].sum())
        crew_first[begin : begin + members] = np.repeat(begin + np.cumsum(of) - of, of)
        crew_size[begin : begin + members] = np.repeat(of, of)
    total = dict(zip(residents.number.tolist(), residents.street_total.tolist(), strict=True))
    return Street(residents.number, first, activity, alias, crew_first, crew_size, *_outward(km, total))


def _outward(km: Shares, size: dict[int, float]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    shares = outward_shares(km, size)
    index = {number: i for i, number in enumerate(shares)}
    start = np.cumsum([0, *(len(to) for to in shares.values())], dtype=np.int64)
    to = np.array([index[b] for others in shares.values() for b in others], dtype=np.int64)
    law = np.concatenate([np.zeros(0), *(np.cumsum(list(others.values())) for others in shares.values())])
    law[start[1:][np.diff(start) > 0] - 1] = 1.0
    return start, to, law


@kernel
def _fill_activity(activity, seed, number, levels):  # type: ignore[no-untyped-def]
    people = layer_key(seed, PEOPLE, number)
    for local in range(activity.size):
        activity[local] = levels[below(mix(people, local), ACTIVITY, NORMAL_STEPS)]


@kernel
def _group_ties(street, in_play, seed, size_law, cross_share, crew_share, ends):  # type: ignore[no-untyped-def]
    """Write both ends (rows) of each tie that touches a precinct in play to `ends` [T * _PAIRS, 2]; how many."""
    written = 0
    member = np.empty(_LARGEST, np.int64)
    for p in range(street.number.size):
        layer = layer_key(seed, GROUPS, street.number[p])
        reach = street.out_to[street.out_start[p] : street.out_start[p + 1]]
        law = street.out_law[street.out_start[p] : street.out_start[p + 1]]
        for local in range(street.first[p + 1] - street.first[p]):
            key = mix(layer, local)
            member[0] = street.first[p] + local
            size = 2 + np.searchsorted(size_law, uniform(key, SIZE), side="right")
            partner = p
            if reach.size > 0 and uniform(key, SPANS) < cross_share:
                partner = reach[np.searchsorted(law, uniform(key, PARTNER), side="right")]
            if not (in_play[p] or in_play[partner]):
                continue
            crew = partner == p and street.crew_size[member[0]] > 0 and uniform(key, IN_CREW) < crew_share
            for j in range(1, size):
                if crew:
                    member[j] = street.crew_first[member[0]] + below(mix(key, j), ROW, street.crew_size[member[0]])
                else:
                    member[j] = _by_activity(street, partner if j % 2 == 1 else p, mix(key, j))
                for i in range(j):
                    if member[i] != member[j]:
                        ends[written, 0] = member[i]
                        ends[written, 1] = member[j]
                        written += 1
    return written


@kernel
def _by_activity(street, p, key):  # type: ignore[no-untyped-def]
    begin = street.first[p]
    row = begin + below(key, ROW, street.first[p + 1] - begin)
    if uniform(key, KEEP) < street.alias[row].chance:
        return row
    return begin + np.int64(street.alias[row].otherwise)


def street_ties(
    street: Street, in_play: NDArray[np.bool_], precinct: Records, spec: NetworkSpec
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Compressed rows (start [S + 1], tie) over the residents with street ties of the precincts in play."""
    weights = np.array(spec.group_weights)
    size_law = np.cumsum(weights / weights.sum())
    size_law[int(np.flatnonzero(weights)[-1]) :] = 1.0
    ends = np.empty((int(street.first[-1]) * _PAIRS, 2), np.int32)
    written = _group_ties(
        street, in_play, spec.city_seed, size_law, spec.street_cross_share, spec.crew_group_share, ends
    )
    row_of, resident_of = into_play(street.first, in_play, precinct)
    return compress(ends[:written], row_of, resident_of, int(precinct["street"].sum()))


def into_play(
    first: NDArray[np.int64], in_play: NDArray[np.bool_], precinct: Records
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Street row and resident, in the city in play, of each row of all precincts (`first` [P + 1]); ABSENT for none."""
    row_of = np.full(int(first[-1]), ABSENT, np.int64)
    resident_of = row_of.copy()
    for p, record in zip(np.flatnonzero(in_play), precinct, strict=True):
        local = np.arange(int(record["street"]))
        row_of[first[p] + local] = record["street_first"] + local
        resident_of[first[p] + local] = record["first"] + local
    return row_of, resident_of


def compress(
    ends: NDArray[np.int32], row_of: NDArray[np.int64], resident_of: NDArray[np.int64], rows: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Undirected ties (`ends` [n, 2], any order, with doubles) as compressed rows without doubles, in order.

    `row_of` and `resident_of` give each end's row and resident in play, ABSENT for none. A tie to someone out of play
    stays in its place as ABSENT, so that the n-th tie of a person is the same whoever is in play.
    """
    everyone = max(row_of.size, 1)
    one, other = ends[:, 0].astype(np.int64), ends[:, 1].astype(np.int64)
    tie = np.unique(np.concatenate([one * everyone + other, other * everyone + one]))
    row, to = row_of[tie // everyone], resident_of[tie % everyone]
    kept = row != ABSENT
    start = np.searchsorted(row[kept], np.arange(rows + 1))
    return start.astype(np.int32), to[kept].astype(np.int32)
