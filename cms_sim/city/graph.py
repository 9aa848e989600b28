"""The layers of the network as NetworkX graphs, for a precinct or for the surroundings of some residents, and back.

A resident's node is (precinct number, index in the precinct), a crew's (precinct number, crew's index in the precinct).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ABSENT, BAND_NAMES, BASIS_POINTS, City
from cms_sim.city.edges import COLUMNS, KIN, OWN_LAYERS, STREET, Person, with_ties
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.csv_table import Row
from cms_sim.errors import InputError, nearest

if TYPE_CHECKING:
    import networkx as nx

    from cms_sim.data.city_records import CityTables

CREW: Final = "crew"
RIVALRY: Final = "rivalry"
LAYERS: Final = (KIN, STREET, CREW, RIVALRY)
EDGE_LIMIT: Final = 1_000_000
"""Ties that a graph may hold: about a gigabyte, and more than the kin of any one precinct."""

Indices: TypeAlias = NDArray[np.int64]


def to_networkx(
    city: City,
    layer: str,
    precinct: int | None = None,
    residents: Iterable[Person] | None = None,
    steps: int = 1,
) -> nx.Graph[Any]:
    """One layer ("kin", "street", "crew" or "rivalry") as a graph.

    `precinct`: its residents (in the street layer those with street ties, in the crew layer those in a crew), their
    ties, and whom these lead to. `residents`: those, everyone within `steps` ties, and all ties among them. Neither:
    everyone in play. The attributes of a node are sex, age, band, norm and trust (0 to 1), place, crew (its node, or
    None) and, in the street layer, `outside`: ties to people out of play. InputError for an unknown layer, precinct
    or resident, or more than EDGE_LIMIT ties.
    """
    import networkx as nx

    if layer not in LAYERS:
        raise InputError(f"there is no layer '{layer}'", where="layer", remedy=nearest(layer, LAYERS))
    if residents is not None:
        members = _surroundings(city, layer, _members_given(city, layer, residents), steps)
        pairs = _ties(city, layer, members)
        pairs = pairs[np.isin(pairs[:, 1], members)]
    else:
        members = _members_of(city, layer, precinct)
        pairs = _ties(city, layer, members)
    names = _names(city, layer)
    graph: nx.Graph[Any] = nx.Graph(layer=layer)
    describe = _describe_crew if layer == RIVALRY else _describe
    for index in np.union1d(members, pairs).tolist():
        graph.add_node(names(index), **describe(city, index, layer))
    graph.add_edges_from((names(a), names(b)) for a, b in pairs.tolist())
    return graph


def from_networkx(
    tables: CityTables, numbers: Sequence[int], spec: NetworkSpec, graph: nx.Graph[Any], layer: str
) -> City:
    """The city of `build_city` with one layer ("kin" or "street") replaced by a graph's; InputError as `from_edges`."""
    if layer not in OWN_LAYERS:
        raise InputError(f"layer '{layer}' cannot be replaced", where="layer", remedy=nearest(layer, OWN_LAYERS))
    rows = (_row(line, one, other, layer) for line, (one, other) in enumerate(graph.edges(), start=1))
    return with_ties(tables, numbers, spec, rows, [layer])


def _row(line: int, one: Any, other: Any, layer: str) -> Row:
    place = Path("graph")
    for node in (one, other):
        if not (isinstance(node, tuple) and len(node) == 2):
            remedy = "Name nodes (precinct number, index in the precinct)."
            raise Row(place, line, {}).fault(f"node {node!r} is not a resident", remedy=remedy)
    return Row(place, line, dict(zip(COLUMNS, [str(part) for part in (*one, *other, layer)], strict=True)))


def _members_of(city: City, layer: str, precinct: int | None) -> Indices:
    """Members of a layer (residents; in the rivalry layer crews) in one precinct or everywhere."""
    records = city.precinct if precinct is None else city.precinct[[_slot(city, precinct)]]
    first, count = ("crew_first", "crews") if layer == RIVALRY else ("first", "residents")
    if layer in (STREET, CREW):
        count = "street"
    spans = [np.arange(r[first], r[first] + r[count], dtype=np.int64) for r in records]
    members: Indices = np.concatenate(spans)
    return members[city.resident["crew"][members] != ABSENT] if layer == CREW else members


def _members_given(city: City, layer: str, residents: Iterable[Person]) -> Indices:
    indices = []
    for number, index in residents:
        record = city.precinct[_slot(city, number)]
        if not 0 <= index < record["residents"]:
            remedy = f"Its residents are 0 to {record['residents'] - 1}."
            raise InputError(f"precinct {number} has no resident {index}", where="residents", remedy=remedy)
        indices.append(int(record["first"]) + index)
    given = np.array(indices, dtype=np.int64)
    if layer == RIVALRY:
        crews = city.resident["crew"][given].astype(np.int64)
        return np.unique(crews[crews != ABSENT])
    return np.unique(given)


def _slot(city: City, number: int) -> int:
    numbers = city.precinct["number"].tolist()
    if number not in numbers:
        raise InputError(f"precinct {number} is not in play", where="precinct", remedy=nearest(number, numbers))
    return int(numbers.index(number))


def _surroundings(city: City, layer: str, members: Indices, steps: int) -> Indices:
    for _ in range(steps):
        members = np.union1d(members, _ties(city, layer, members))
    return members


def _ties(city: City, layer: str, members: Indices) -> Indices:
    """Ties [n, 2] from each of `members` to someone in play, from either end; InputError above EDGE_LIMIT."""
    if layer == KIN:
        start, size = members * city.kin.shape[1], np.full(members.size, city.kin.shape[1])
        flat = city.kin.reshape(-1)
    elif layer == RIVALRY:
        start, size = city.rival_start[members], np.diff(city.rival_start)[members]
        flat = city.rival
    elif layer == STREET:
        rows = _street_rows(city, members)
        members, rows = members[rows != ABSENT], rows[rows != ABSENT]
        start, size = city.street_start[rows], np.diff(city.street_start)[rows]
        flat = city.street_tie
    else:
        members = members[city.resident["crew"][members] != ABSENT]
        crews = city.crew[city.resident["crew"][members]]
        start, size, flat = crews["first"].astype(np.int64), crews["size"].astype(np.int64), None
    if size.sum() > 2 * EDGE_LIMIT:
        message = f"the '{layer}' layer has about {size.sum() // 2:,} ties here, more than a graph can hold"
        raise InputError(
            message, where="graph", remedy=f"Ask for one precinct, or fewer steps (at most {EDGE_LIMIT:,})."
        )
    offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    place = np.repeat(start, size) + offset
    pairs = np.stack([np.repeat(members, size), place if flat is None else flat[place].astype(np.int64)], axis=1)
    kept: Indices = pairs[(pairs[:, 1] != ABSENT) & (pairs[:, 0] != pairs[:, 1])]
    return kept


def _street_rows(city: City, members: Indices) -> Indices:
    """The street row of each resident, ABSENT for those without street ties."""
    record = city.precinct[city.resident["slot"][members]]
    local = members - record["first"]
    rows: Indices = np.where(local < record["street"], record["street_first"] + local, ABSENT).astype(np.int64)
    return rows


def _names(city: City, layer: str) -> Any:
    """A function from an index to its node."""
    numbers = city.precinct["number"].tolist()
    first = city.precinct["crew_first" if layer == RIVALRY else "first"].tolist()
    slots = city.crew["slot"] if layer == RIVALRY else city.resident["slot"]

    def name(index: int) -> tuple[int, int]:
        slot = int(slots[index])
        return numbers[slot], index - first[slot]

    return name


def _describe(city: City, index: int, layer: str) -> dict[str, Any]:
    person = city.resident[index]
    crew = int(person["crew"])
    described = {
        "sex": "male" if person["sex"] else "female",
        "age": int(person["age"]),
        "band": BAND_NAMES[person["band"]],
        "norm": int(person["norm"]) / BASIS_POINTS,
        "trust": int(person["trust"]) / BASIS_POINTS,
        "place": int(person["place"]),
        "crew": None if crew == ABSENT else _names(city, RIVALRY)(crew),
    }
    if layer == STREET:
        row = int(_street_rows(city, np.array([index]))[0])
        own = city.street_tie[city.street_start[row] : city.street_start[row + 1]] if row != ABSENT else np.zeros(0)
        described["outside"] = int((own == ABSENT).sum())
    return described


def _describe_crew(city: City, index: int, layer: str) -> dict[str, Any]:
    return {"members": int(city.crew[index]["size"])}
