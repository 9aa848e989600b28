"""A precinct is the same whichever others are in play, and a city the same whenever it is built."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.city.arrays import ABSENT, City
from cms_sim.city.build import build_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from tests.small_city import island_tables

Person = tuple[int, int]


def local(city: City, index: int) -> Person:
    slot = int(city.resident["slot"][index])
    return int(city.precinct["number"][slot]), index - int(city.precinct["first"][slot])


def street_of(city: City, number: int) -> list[list[Person | None]]:
    """The street ties of one precinct's residents as (precinct, index), None for out of play, in their order."""
    record = city.precinct[city.precinct["number"].tolist().index(number)]
    rows = range(record["street_first"], record["street_first"] + record["street"])
    ties = [city.street_tie[city.street_start[row] : city.street_start[row + 1]].tolist() for row in rows]
    return [[None if tie == ABSENT else local(city, tie) for tie in row] for row in ties]


def rivals_of(city: City, number: int) -> list[list[Person]]:
    record = city.precinct[city.precinct["number"].tolist().index(number)]
    names = []
    for crew in range(record["crew_first"], record["crew_first"] + record["crews"]):
        rivals = city.rival[city.rival_start[crew] : city.rival_start[crew + 1]]
        slots = city.crew["slot"][rivals]
        first = city.precinct["crew_first"][slots]
        names.append(list(zip(city.precinct["number"][slots].tolist(), (rivals - first).tolist(), strict=True)))
    return names


def own_arrays(city: City, number: int) -> dict[str, np.ndarray]:
    """Everything about a precinct that names no one outside, with indices counted from its first resident."""
    slot = city.precinct["number"].tolist().index(number)
    record = city.precinct[slot]
    people = slice(record["first"], record["first"] + record["residents"])
    rows = slice(record["street_first"], record["street_first"] + record["street"])
    columns = {name: city.resident[name][people] for name in ("sex", "age", "band", "place", "norm", "trust")}
    crew, kin = city.resident["crew"][people], city.kin[people]
    return columns | {
        "crew": np.where(crew == ABSENT, ABSENT, crew - record["crew_first"]),
        "kin": np.where(kin == ABSENT, ABSENT, kin - record["first"]),
        "chance": city.propensity["chance"][rows],
        "alias": city.propensity["otherwise"][rows],
        "class_start": city.class_start[slot],
        "class_weight": city.class_weight[slot],
        "crew_size": city.crew["size"][record["crew_first"] : record["crew_first"] + record["crews"]],
    }


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("number", [11, 33, 44])
def test_a_precinct_does_not_depend_on_the_others_in_play(number: int, connected: bool, spec: NetworkSpec) -> None:
    tables = island_tables(4, 1500, connected)
    whole = build_city(tables, tables.numbers, spec)
    for others in ([], [11, 22], [22, 44], [11, 44]):
        in_play = sorted({number, *others})
        part = build_city(tables, in_play, spec)
        for name, array in own_arrays(whole, number).items():
            np.testing.assert_array_equal(own_arrays(part, number)[name], array, err_msg=name)
        for mine, its in zip(street_of(part, number), street_of(whole, number), strict=True):
            assert mine == [tie if tie is not None and tie[0] in in_play else None for tie in its]
        for mine_, its_ in zip(rivals_of(part, number), rivals_of(whole, number), strict=True):
            assert mine_ == [rival for rival in its_ if rival[0] in in_play]


def test_neighbours_do_share_ties_and_rivalries(spec: NetworkSpec) -> None:
    whole = build_city(tables := island_tables(4, 1500, connected=True), tables.numbers, spec)
    assert {tie[0] for row in street_of(whole, 22) for tie in row if tie} == {11, 22, 33}
    assert any(rival[0] != number for number in tables.numbers for row in rivals_of(whole, number) for rival in row)
    islands = build_city(island_tables(4, 1500, connected=False), [11, 22, 33, 44], spec)
    assert {tie[0] for row in street_of(islands, 22) for tie in row if tie} == {22}


def test_the_same_city_twice(city: City, tables: CityTables, spec: NetworkSpec) -> None:
    again = build_city(tables, list(reversed(tables.numbers)), spec)
    for name, array in city._asdict().items():
        np.testing.assert_array_equal(getattr(again, name), array, err_msg=name)


def test_another_seed_is_another_city(city: City, tables: CityTables) -> None:
    other = build_city(tables, tables.numbers, NetworkSpec.default(city_seed=7))
    assert (other.resident["place"] != city.resident["place"]).mean() > 0.99
    assert (other.kin[:, 0] != city.kin[:, 0]).mean() > 0.99
    assert other.precinct["street"].tolist() == city.precinct["street"].tolist()
