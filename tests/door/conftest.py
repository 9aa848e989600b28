"""Two neighbouring precincts of 3,000 residents, a site in the first, ten months after three of past."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.door.mesa_model import CMSModel
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Scenario
from tests.small_city import island_tables

PLAN = """
title = "One site"
reference = "one_site"
[constants]
precincts = [11, 22]
starts = 2012-03-01
ends = 2012-12-31
past_months = 3
[[levers.sites]]
precinct = 11
site_id = 1
opens = 2012-01-15
catchment_share = 0.9
shift = "nights_weekends"
staff = { supervisors = 1, violence_interrupters = 4, outreach_workers = 4, hospital_responders = 1 }
services = { employment_slots = 20, trauma_counselling_slots = 10 }
"""
SMALL = {"crews_per_100k_residents": 300.0, "crew_size_mean": 8.0, "recruits_per_day": 0.5, "contacts_per_day": 1.0}

Make = Callable[..., CMSModel]


@pytest.fixture(scope="session")
def tables() -> CityTables:
    return island_tables(2, 3000, connected=True)


@pytest.fixture(scope="session")
def scenario(tables: CityTables, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file: Path = tmp_path_factory.mktemp("scenarios") / "one_site.toml"
    file.write_text(PLAN, encoding="utf-8")
    return load_scenario(file, city=tables)


@pytest.fixture(scope="session")
def make(tables: CityTables, scenario: Scenario) -> Make:
    """Makes a model of the small city; arguments as for CMSModel."""

    def make_model(**arguments: Any) -> CMSModel:
        return CMSModel(**{"scenario": scenario, "city": tables, **SMALL, **arguments})

    return make_model
