"""Which precincts a precinct's ties reach: shared boundary, or a listed pair across water or at a corner.

A co-offending group that spans two precincts goes from its own to one in reach with a probability in proportion to
shared boundary (km) times the other's residents, so that a park or an industrial precinct does not draw ties for
people who are not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from cms_sim.city.spec import NetworkSpec

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

Shares: TypeAlias = dict[int, dict[int, float]]
"""For each precinct (number) a share for each precinct in reach; sums to 1, empty for an island."""


def shared_km(tables: CityTables, near_pair_km: float) -> Shares:
    """Kilometres of shared boundary (near pairs: `near_pair_km`) of each precinct with each precinct in reach, by
    number.
    """
    km: Shares = {number: {} for number in tables.numbers}
    for near in tables.near_pairs:
        km[near.a][near.b] = km[near.b][near.a] = near_pair_km
    for pair in tables.boundaries:
        km[pair.a][pair.b] = km[pair.b][pair.a] = pair.shared_km
    return {a: dict(sorted(others.items())) for a, others in km.items()}


def outward_shares(km: Shares, size: Mapping[int, float]) -> Shares:
    """Where what goes out of each precinct goes to: in proportion to shared km times the `size` of the other."""
    shares: Shares = {}
    for a, others in km.items():
        pull = {b: length * size[b] for b, length in others.items() if length * size[b] > 0}
        total = sum(pull.values())
        shares[a] = {b: value / total for b, value in pull.items()}
    return shares


def flow_weights(tables: CityTables, number: int, spec: NetworkSpec | None = None) -> dict[int, float]:
    """Share of a precinct's cross ties that go to each precinct in reach (numbers): those its own and the others'
    start.

    Sums to 1; empty for an island. `spec` gives the weight of near pairs (default: the parameter table's).
    """
    km = shared_km(tables, (spec or NetworkSpec.default()).near_pair_km)
    tables.row(number)
    size = {precinct.number: float(precinct.population_2010) for precinct in tables.precincts}
    out = outward_shares(km, size)
    both = {b: size[number] * share + size[b] * out[b].get(number, 0.0) for b, share in out[number].items()}
    total = sum(both.values())
    return {b: value / total for b, value in both.items()}
