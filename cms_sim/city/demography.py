"""Who lives in a precinct: exact numbers by class (sex x age band), with and without street ties.

Residents are those of the census of 2010, the middle of the record's years. The tables give a precinct's share of men,
under 18 and aged 15 to 34; the parameters split the rest. Men's share is taken to be the same in every band. Residents
with street ties have the age and sex of the city's victims, since most victims are among them (T3-008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.apportion import apportion, apportion_within
from cms_sim.city.arrays import CLASSES
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import AGE_BANDS, SEXES
from cms_sim.errors import InputError

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables, Precinct

_FEWEST = 2
"""Residents with street ties even in a precinct of a park: two people can have a conflict."""


@dataclass(frozen=True)
class People:
    """Residents by precinct of the tables (sorted by number) and class."""

    number: NDArray[np.int64]
    """[P] public numbers, all precincts of the tables."""
    street: NDArray[np.int64]
    """[P, CLASSES] residents with street ties."""
    others: NDArray[np.int64]
    """[P, CLASSES] residents without."""
    other_party: NDArray[np.float64]
    """[P, CLASSES] cumulative probability of the class of a party to a conflict who has no street ties."""

    @property
    def street_total(self) -> NDArray[np.int64]:
        """[P] residents with street ties."""
        total: NDArray[np.int64] = self.street.sum(axis=1)
        return total

    @property
    def total(self) -> NDArray[np.int64]:
        """[P] residents."""
        total: NDArray[np.int64] = (self.street + self.others).sum(axis=1)
        return total


def people(tables: CityTables, spec: NetworkSpec) -> People:
    """Count residents of every precinct of the tables by class; InputError where nobody lives."""
    for precinct in tables.precincts:
        if precinct.population_2010 < _FEWEST:
            remedy = f"Give the residents of 2010, {_FEWEST} or more, or leave the precinct out of the tables."
            where = f"precinct {precinct.number}: population_2010"
            raise InputError(f"{precinct.population_2010} residents are too few", where=where, remedy=remedy)
    shares = _class_shares(tables.precincts, spec)
    everyone = np.stack([apportion(p.population_2010, s) for p, s in zip(tables.precincts, shares, strict=True)])
    victims = victims_by_class(tables)
    street = np.stack([_street(row, victims, spec) for row in everyone])
    others = everyone - street
    return People(np.array(tables.numbers), street, others, _party_law(others, victims))


def _class_shares(precincts: tuple[Precinct, ...], spec: NetworkSpec) -> NDArray[np.float64]:
    """[P, CLASSES] share of each class."""
    male, under_18, from_15_to_34 = np.array([(p.share_male, p.share_under18, p.share_15_34) for p in precincts]).T
    young = np.clip(from_15_to_34 - under_18 * spec.share_15_17_of_under_18, 0.0, 1.0 - under_18)
    older = 1.0 - under_18 - young
    bands = np.stack(
        [
            under_18,
            young * spec.share_18_24_of_18_34,
            young * (1 - spec.share_18_24_of_18_34) + older * spec.share_35_44_of_35_over,
            older * spec.share_45_64_of_35_over,
            older * (1 - spec.share_35_44_of_35_over - spec.share_45_64_of_35_over),
        ],
        axis=1,
    )
    return np.hstack([bands * (1 - male)[:, None], bands * male[:, None]])


def _street(everyone: NDArray[np.int64], victims: NDArray[np.float64], spec: NetworkSpec) -> NDArray[np.int64]:
    """[CLASSES] residents with street ties of one precinct: by the victims' mix, and no more than there are."""
    wanted = max(round(spec.street_share * int(everyone.sum())), _FEWEST)
    return apportion_within(wanted, victims, everyone)


def _party_law(others: NDArray[np.int64], victims: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cumulative law over the classes of each precinct, in proportion to class size times the city's victims per
    head.
    """
    city = others.sum(axis=0)
    rate = np.divide(victims, city, out=np.zeros(CLASSES), where=city > 0)
    weight = others * rate
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, others)
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    law = np.cumsum(weight / total, axis=1)
    last = CLASSES - 1 - np.argmax(weight[:, ::-1] > 0, axis=1)
    law[np.arange(CLASSES) >= last[:, None]] = 1.0  # no rounding may point at an empty class
    return law


def victims_by_class(tables: CityTables) -> NDArray[np.float64]:
    """[CLASSES] victims of the record by class; those of unknown age or sex are left out."""
    known = tables.victim_age_sex
    return np.array([known.get((band, sex), (0, 0))[0] for sex in SEXES for band in AGE_BANDS], dtype=np.float64)
