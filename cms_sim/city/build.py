"""Build a city: every resident of the precincts in play, and their network.

Each precinct's residents and the ties among them depend on the tables, the spec and the precinct's number alone, not
on which others are in play.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.alias import alias_table
from cms_sim.city.arrays import CLASSES, CREW, KIN_TIES, PRECINCT, RESIDENT, City, Records
from cms_sim.city.crews import Sizes, crew_sizes, rivalries
from cms_sim.city.demography import People, people
from cms_sim.city.draws import normal_table
from cms_sim.city.kin import fill_kin
from cms_sim.city.reach import shared_km
from cms_sim.city.residents import fill_residents
from cms_sim.city.spec import NetworkSpec
from cms_sim.city.street import Street, street_of_all, street_ties
from cms_sim.errors import InputError

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

_MOST_PRECINCTS = 255


def build_city(tables: CityTables, numbers: Sequence[int], spec: NetworkSpec) -> City:
    """The city (read-only arrays) of the precincts in play, given by number in any order.

    InputError for a precinct that the tables do not have, one given twice, none, or more than 255.
    """
    in_order = checked_numbers(tables, numbers)
    residents = people(tables, spec)
    sizes = crew_sizes(tables, residents, spec)
    km = shared_km(tables, spec.near_pair_km)
    street = street_of_all(residents, sizes, km, spec)
    in_play = np.isin(residents.number, in_order)
    precinct = _precincts(residents, sizes, in_play)
    start, tie = street_ties(street, in_play, precinct, spec)
    rival_start, rival = rivalries(sizes, km, in_order, spec)
    crew = _crews(precinct, sizes)
    city = City(
        precinct=precinct,
        resident=_residents(precinct, residents, in_play, crew, spec),
        class_start=_class_start(residents, in_play),
        class_weight=residents.other_party[in_play],
        propensity=_propensity(street, in_play, spec),
        kin=_kin(precinct, spec),
        street_start=start,
        street_tie=tie,
        crew=crew,
        rival_start=rival_start,
        rival=rival,
    )
    return read_only(city)


def checked_numbers(tables: CityTables, numbers: Sequence[int]) -> list[int]:
    """The numbers sorted; InputError as `build_city`."""
    for number in numbers:
        tables.row(number)
    if len(set(numbers)) != len(numbers):
        raise InputError("a precinct is given twice", where="precincts", remedy="Give each precinct once.")
    if not 0 < len(numbers) <= _MOST_PRECINCTS:
        remedy = f"Give 1 to {_MOST_PRECINCTS} precincts."
        raise InputError(f"{len(numbers)} precincts are in play", where="precincts", remedy=remedy)
    return sorted(int(number) for number in numbers)


def read_only(city: City) -> City:
    """The city with every array read-only, as a memory-mapped one is: compiled code then has one signature."""
    for array in city:
        array.flags.writeable = False
    return city


def _precincts(residents: People, sizes: Sizes, in_play: NDArray[np.bool_]) -> Records:
    precinct = np.zeros(int(in_play.sum()), PRECINCT)
    precinct["number"] = residents.number[in_play]
    precinct["residents"] = residents.total[in_play]
    precinct["street"] = residents.street_total[in_play]
    precinct["crews"] = [sizes[number].size for number in precinct["number"].tolist()]
    for first, count in (("first", "residents"), ("street_first", "street"), ("crew_first", "crews")):
        precinct[first] = np.cumsum(precinct[count]) - precinct[count]
    return precinct


def _crews(precinct: Records, sizes: Sizes) -> Records:
    crew = np.zeros(int(precinct["crews"].sum()), CREW)
    for slot, record in enumerate(precinct):
        of = sizes[int(record["number"])]
        rows = crew[record["crew_first"] : record["crew_first"] + record["crews"]]
        rows["size"], rows["slot"] = of, slot
        rows["first"] = record["first"] + np.cumsum(of) - of
    return crew


def _residents(
    precinct: Records, residents: People, in_play: NDArray[np.bool_], crew: Records, spec: NetworkSpec
) -> Records:
    resident = np.zeros(int(precinct["residents"].sum()), RESIDENT)
    values, normal = values_of(spec), normal_table()
    street, others = residents.street[in_play], residents.others[in_play]
    for slot, record in enumerate(precinct):
        own = resident[record["first"] : record["first"] + record["residents"]]
        fill_residents(own, slot, int(record["number"]), street[slot], others[slot], values, normal)
    for index, record in enumerate(crew):
        resident["crew"][record["first"] : record["first"] + record["size"]] = index
    return resident


def values_of(spec: NetworkSpec) -> Any:
    """The spec as one record that compiled code reads by name."""
    values = asdict(spec)
    kinds = [(name, "i8" if name == "city_seed" else "f8") for name in values]
    return np.array([tuple(values.values())], dtype=np.dtype(kinds, align=True))[0]


def _kin(precinct: Records, spec: NetworkSpec) -> NDArray[np.int32]:
    kin = np.empty((int(precinct["residents"].sum()), KIN_TIES), np.int32)
    for record in precinct:
        rows = kin[record["first"] : record["first"] + record["residents"]]
        fill_kin(rows, spec.city_seed, int(record["number"]), int(record["first"]))
    return kin


def _class_start(residents: People, in_play: NDArray[np.bool_]) -> NDArray[np.int32]:
    street, others = residents.street_total[in_play], residents.others[in_play]
    start = np.empty((street.size, CLASSES + 1), np.int32)
    start[:, 0] = street
    start[:, 1:] = street[:, None] + np.cumsum(others, axis=1)
    return start


def _propensity(street: Street, in_play: NDArray[np.bool_], spec: NetworkSpec) -> Records:
    """Alias tables, precinct by precinct, of who starts a conflict: activity, times the factor of crews in a crew."""
    weight = street.activity * np.where(street.crew_size > 0, spec.crew_propensity_factor, 1.0)
    return np.concatenate([alias_table(weight[street.first[p] : street.first[p + 1]]) for p in np.flatnonzero(in_play)])
