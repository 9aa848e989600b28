"""Three neighbouring precincts of 2,000 residents, with crews enough to be tested."""

from __future__ import annotations

import pytest

from cms_sim.city.arrays import City
from cms_sim.city.build import build_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from tests.small_city import island_tables

SMALL = {"crews_per_100k_residents": 200.0, "crew_size_mean": 8.0}


@pytest.fixture(scope="session")
def spec() -> NetworkSpec:
    return NetworkSpec.of(SMALL)


@pytest.fixture(scope="session")
def tables() -> CityTables:
    return island_tables(3, 2000, connected=True)


@pytest.fixture(scope="session")
def city(tables: CityTables, spec: NetworkSpec) -> City:
    return build_city(tables, tables.numbers, spec)
