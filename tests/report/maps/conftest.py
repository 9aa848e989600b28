from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.report.maps.boundaries import Boundaries, load_boundaries
from tests.report.maps.made import features, write_geojson

PRECINCTS = (40, 43, 69, 73, 75)


@pytest.fixture(scope="session")
def city() -> CityTables:
    return load_city_tables()


@pytest.fixture(scope="session")
def file(city: CityTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_geojson(tmp_path_factory.mktemp("boundaries") / "precincts.geojson", features(city))


@pytest.fixture(scope="session")
def boundaries(file: Path, city: CityTables) -> Boundaries:
    return load_boundaries(file, city, PRECINCTS)
