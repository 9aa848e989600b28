"""A folder of the packaged tables that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cms_sim.data.city_tables import STATIC_TABLES, TABLES
from cms_sim.data.importer import COUNTED_TABLES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    city = tmp_path / "city"
    city.mkdir()
    for name in (*STATIC_TABLES, *COUNTED_TABLES):
        shutil.copyfile(TABLES / name, city / name)
    return city
