"""A user's own ties in place of generated ones: an edge list with two ends and a layer in each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.arrays import ABSENT, KIN_TIES, City
from cms_sim.city.build import build_city, read_only
from cms_sim.city.demography import people
from cms_sim.city.spec import NetworkSpec
from cms_sim.city.street import compress, into_play
from cms_sim.data.csv_table import Row, read_rows

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.data.city_records import CityTables

COLUMNS: Final = ("precinct_a", "index_a", "precinct_b", "index_b", "layer")
KIN: Final = "kin"
STREET: Final = "street"
OWN_LAYERS: Final = (KIN, STREET)
"""Layers that an edge list can replace."""

Person: TypeAlias = tuple[int, int]
"""A resident: the precinct's number and the index within it. Those with street ties come first."""


def from_edges(tables: CityTables, numbers: Sequence[int], spec: NetworkSpec, source: Path | pd.DataFrame) -> City:
    """The city of `build_city` with every layer that occurs in an edge list replaced by it.

    `source`: a CSV file or a frame with `COLUMNS`. Ties are undirected; repeated ones count once. Both ends are in the
    tables; an end out of play is kept as such in the street layer and left out of kin. Kin and friends: at most 6 a
    resident. Street ties: among the residents who have them (the first of each precinct). InputError names the line
    of anything else.
    """
    rows = read_rows(source, COLUMNS) if isinstance(source, Path) else _rows_of_frame(source)
    return with_ties(tables, numbers, spec, rows, sorted({row.choice("layer", OWN_LAYERS) for row in rows}))


def _rows_of_frame(frame: pd.DataFrame) -> list[Row]:
    place = Path("edge list")
    for column in COLUMNS:
        if column not in frame.columns:
            known = ", ".join(str(name) for name in frame.columns)
            raise Row(place, 1, {}).fault(f"column '{column}' is missing", remedy=f"Add it. There are: {known}.")
    cells = zip(*(frame[column].astype(str).tolist() for column in COLUMNS), strict=True)
    return [Row(place, line, dict(zip(COLUMNS, row, strict=True))) for line, row in enumerate(cells, start=2)]


def with_ties(
    tables: CityTables, numbers: Sequence[int], spec: NetworkSpec, rows: Iterable[Row], layers: Sequence[str]
) -> City:
    """The city of `build_city` with `layers` replaced by the ties in `rows`."""
    city = build_city(tables, numbers, spec)
    residents = people(tables, spec)
    counts = {KIN: residents.total, STREET: residents.street_total}
    highest = {of: dict(zip(tables.numbers, (n - 1).tolist(), strict=True)) for of, n in counts.items()}
    ties: dict[str, set[tuple[Person, Person]]] = {layer: set() for layer in layers}
    kin_of: dict[Person, set[Person]] = defaultdict(set)
    for row in rows:
        layer = row.choice("layer", layers)
        one, other = sorted((_person(row, "a", layer, highest[layer]), _person(row, "b", layer, highest[layer])))
        if one == other:
            raise row.fault("ties a resident to themselves", remedy="Remove the line.")
        ties[layer].add((one, other))
        if layer == KIN:
            _add_kin(row, kin_of, one, other)
    if KIN in ties:
        city = city._replace(kin=_kin_rows(city, ties[KIN]))
    if STREET in ties:
        first = np.concatenate([[0], np.cumsum(residents.street_total)])
        start, tie = _street_rows(city, ties[STREET], dict(zip(tables.numbers, first.tolist(), strict=False)), first)
        city = city._replace(street_start=start, street_tie=tie)
    return read_only(city)


def _person(row: Row, end: str, layer: str, highest: dict[int, int]) -> Person:
    number = row.known(f"precinct_{end}", highest)
    index, last = row.integer(f"index_{end}"), highest[number]
    if index > last:
        who = "residents with street ties" if layer == STREET else "residents"
        more = " or raise street_share" if layer == STREET else ""
        message = f"precinct {number} has no {index}: its {who} are 0 to {last}"
        raise row.fault(message, f"index_{end}", f"Give an index in that range{more}.")
    return number, index


def _add_kin(row: Row, kin_of: dict[Person, set[Person]], one: Person, other: Person) -> None:
    kin_of[one].add(other)
    kin_of[other].add(one)
    for number, index in (one, other):
        if len(kin_of[number, index]) > KIN_TIES:
            message = f"resident {index} of precinct {number} has more than {KIN_TIES} kin and friends"
            raise row.fault(message, remedy=f"Keep the {KIN_TIES} closest.")


def _kin_rows(city: City, ties: set[tuple[Person, Person]]) -> NDArray[np.int32]:
    first = _first_of(city)
    kin = np.full_like(city.kin, ABSENT)
    given = np.zeros(len(kin), np.int8)
    for one, other in sorted(ties):
        if one[0] in first and other[0] in first:
            a, b = first[one[0]] + one[1], first[other[0]] + other[1]
            kin[a, given[a]], kin[b, given[b]] = b, a
            given[a] += 1
            given[b] += 1
    return kin


def _street_rows(
    city: City, ties: set[tuple[Person, Person]], first_of: dict[int, int], first: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    ends = [(first_of[a] + i, first_of[b] + j) for (a, i), (b, j) in sorted(ties)]
    in_play = np.isin(list(first_of), city.precinct["number"])
    row_of, resident_of = into_play(first, in_play, city.precinct)
    rows = int(city.precinct["street"].sum())
    return compress(np.array(ends, dtype=np.int32).reshape(-1, 2), row_of, resident_of, rows)


def _first_of(city: City) -> dict[int, int]:
    return dict(zip(city.precinct["number"].tolist(), city.precinct["first"].tolist(), strict=True))
