"""A question small enough to be asked many times: two precincts, a few months."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.data.city_tables import CityTables, load_city_tables

_PLAN = """
title = "Small: {name}"
summary = "For tests."
extends = "{extends}"
reference = "{reference}"

[constants]
precincts = [43, 46]
starts = 2020-07-01
ends = 2020-12-31
past_months = 6
"""
_SITE = """
[[levers.sites]]
precinct = {precinct}
site_id = 1
provider = "Test"
opens = 2020-07-01
staff = {{ supervisors = 1, violence_interrupters = {interrupters}, outreach_workers = 3 }}
"""


@pytest.fixture(scope="session")
def small_plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files of a reference, a copy that adds nothing, and two plans that add a site."""
    folder: Path = tmp_path_factory.mktemp("plans")

    def write(name: str, extends: str, reference: str, more: str = "") -> str:
        file = folder / f"{name}.toml"
        file.write_text(_PLAN.format(name=name, extends=extends, reference=reference) + more)
        return str(file)

    base = write("base", "no_programme", "base", _SITE.format(precinct=46, interrupters=3))
    return {
        "base": base,
        "copy": write("copy", "base", "base"),
        "site": write("site", "base", "base", _SITE.format(precinct=43, interrupters=4)),
        "big_site": write("big_site", "base", "base", _SITE.format(precinct=43, interrupters=12)),
    }


@pytest.fixture(scope="session")
def tables() -> CityTables:
    """The packaged record."""
    return load_city_tables()
