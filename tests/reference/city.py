"""From the arrays of a city to objects: precincts, crews, residents and their ties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cms_sim.city.arrays import City
from tests.reference.people import Crew, Precinct, Resident

if TYPE_CHECKING:
    from tests.reference.model import CityModel


def settle(model: CityModel, city: City) -> list[Precinct]:
    """Create every resident of the city and tie them to each other."""
    precincts = [_precinct(model, city, slot) for slot in range(len(city.precinct))]
    everyone = [resident for precinct in precincts for resident in precinct.residents]
    for resident, kin in zip(everyone, city.kin.tolist(), strict=True):
        resident.kin = [_resident(everyone, index) for index in kin]
    _tie_streets(city, precincts, everyone)
    _gather_crews(city, everyone)
    return precincts


def _resident(everyone: list[Resident], index: int) -> Resident | None:
    return everyone[index] if index >= 0 else None


def _precinct(model: CityModel, city: City, slot: int) -> Precinct:
    record = city.precinct[slot]
    precinct = Precinct(model, int(record["number"]))
    first, rows = int(record["first"]), int(record["street_first"])
    precinct.on_street = int(record["street"])
    precinct.keep_chance = city.propensity["chance"][rows : rows + precinct.on_street].tolist()
    precinct.otherwise = city.propensity["otherwise"][rows : rows + precinct.on_street].tolist()
    precinct.class_start = city.class_start[slot].tolist()
    precinct.class_weight = city.class_weight[slot].tolist()
    for local in range(int(record["residents"])):
        row = city.resident[first + local]
        facts = {name: int(row[name]) for name in ("age", "sex", "place", "norm")}
        precinct.residents.append(Resident(model, precinct, local, facts))
    return precinct


def _tie_streets(city: City, precincts: list[Precinct], everyone: list[Resident]) -> None:
    row = 0
    for precinct in precincts:
        for resident in precinct.residents[: precinct.on_street]:
            ties = city.street_tie[city.street_start[row] : city.street_start[row + 1]].tolist()
            resident.street_ties = [_resident(everyone, index) for index in ties]
            row += 1


def _gather_crews(city: City, everyone: list[Resident]) -> None:
    crews = [Crew() for _ in city.crew]
    for index, crew in enumerate(crews):
        crew.rivals = [crews[rival] for rival in city.rival[city.rival_start[index] : city.rival_start[index + 1]]]
    for resident, index in zip(everyone, city.resident["crew"].tolist(), strict=True):
        if index >= 0:
            resident.crew = crews[index]
            crews[index].members.append(resident)
