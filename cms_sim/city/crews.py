"""Crews (dense: everyone in a crew is tied) and the rivalries between them.

The city's crews (T8-058) are allotted to precincts by their share of the record's victims. A crew's members are the
first residents of its precinct, crew by crew. Everything is counted over all precincts of the tables, so no crew
depends on which are in play.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.apportion import apportion
from cms_sim.city.demography import People
from cms_sim.city.draws import CREW_SIZE, CREWS, NORMAL_STEPS, RIVALRIES, RIVALS, layer_key, normal_table
from cms_sim.city.reach import Shares, outward_shares
from cms_sim.city.spec import NetworkSpec
from cms_sim.compiled import kernel
from cms_sim.keys import below, mix, uniform

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

Sizes: TypeAlias = dict[int, NDArray[np.int64]]
"""Members of each crew of each precinct, by number."""
_SMALLEST = 3


def crew_sizes(tables: CityTables, residents: People, spec: NetworkSpec) -> Sizes:
    """Members of every crew. Where a precinct's crews would exceed its residents with street ties, the last are cut."""
    victims = {p.number: float(row.sum()) for p, row in zip(tables.precincts, tables.victims, strict=True)}
    city = int(residents.total.sum())
    counts = apportion(
        round(spec.crews_per_100k_residents * city / 1e5), [victims[n] for n in residents.number.tolist()]
    )
    return {
        number: _sizes(number, int(count), int(street), spec)
        for number, count, street in zip(residents.number.tolist(), counts, residents.street_total, strict=True)
    }


def _sizes(number: int, count: int, street: int, spec: NetworkSpec) -> NDArray[np.int64]:
    sigma = spec.crew_size_sigma
    quantile = normal_table()[_size_draws(spec.city_seed, number, count)]
    drawn = np.rint(spec.crew_size_mean * np.exp(sigma * quantile - sigma**2 / 2))
    end = np.minimum(np.cumsum(np.maximum(drawn, _SMALLEST)), street)
    sizes: NDArray[np.int64] = np.diff(end, prepend=0).astype(np.int64)
    kept: NDArray[np.int64] = sizes[sizes >= _SMALLEST]
    return kept


@kernel
def _size_draws(seed, number, count):  # type: ignore[no-untyped-def]
    layer = layer_key(seed, CREWS, number)
    place = np.empty(count, np.int64)
    for crew in range(count):
        place[crew] = below(mix(layer, crew), CREW_SIZE, NORMAL_STEPS)
    return place


def rivalries(
    sizes: Sizes, km: Shares, numbers: list[int], spec: NetworkSpec
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Compressed rows (start [C + 1], rival) of rivalries between the crews of the precincts in play (`numbers`,
    sorted).

    Each pair of crews in a precinct, or in two precincts in reach, has its own draw against a chance that gives a crew
    `rivals_per_crew` rivals in the mean, `rivals_cross_share` of them in other precincts.
    """
    first = dict(zip(numbers, np.cumsum([0, *(sizes[n].size for n in numbers)]).tolist(), strict=False))
    ends = [
        _rival_pairs(spec.city_seed, a, b, sizes[a].size, sizes[b].size, chance) + np.array([first[a], first[b]])
        for a, b, chance in _chances(sizes, km, numbers, spec)
    ]
    pair = np.concatenate(ends)
    crews = sum(sizes[n].size for n in numbers)
    both = np.sort(np.concatenate([pair[:, 0] * crews + pair[:, 1], pair[:, 1] * crews + pair[:, 0]]))
    start = np.searchsorted(both, np.arange(crews + 1, dtype=np.int64) * crews)
    return start.astype(np.int64), (both % max(crews, 1)).astype(np.int32)


@kernel
def _rival_pairs(seed, a, b, crews_of_a, crews_of_b, chance):  # type: ignore[no-untyped-def]
    """Pairs (int64 [n, 2]: crew of a, crew of b, counted in each) of rival crews of precincts a <= b."""
    pairs = np.empty((crews_of_a * crews_of_b, 2), np.int64)
    written = 0
    layer = mix(layer_key(seed, RIVALRIES, a), b)
    for i in range(crews_of_a):
        for j in range(i + 1 if a == b else 0, crews_of_b):
            if uniform(mix(mix(layer, i), j), RIVALS) < chance:
                pairs[written, 0] = i
                pairs[written, 1] = j
                written += 1
    return pairs[:written]


def _chances(sizes: Sizes, km: Shares, numbers: list[int], spec: NetworkSpec) -> Iterator[tuple[int, int, float]]:
    """Precincts in play a <= b (numbers) with the chance that a crew of a and a crew of b are rivals."""
    crews = {number: float(of.size) for number, of in sizes.items()}
    out = outward_shares(km, crews)
    for a in numbers:
        inside = spec.rivals_per_crew * (1.0 - spec.rivals_cross_share)
        yield a, a, inside / max(crews[a] - 1.0, 1.0)
        for b in (b for b in numbers if b > a and b in km[a]):
            expected = (crews[a] * out[a].get(b, 0.0) + crews[b] * out[b].get(a, 0.0)) / 2
            yield a, b, spec.rivals_per_crew * spec.rivals_cross_share * expected / max(crews[a] * crews[b], 1.0)
