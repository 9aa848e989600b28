from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Scenario
from tests.scenario.workbook.parts import PLAN, Parts, write_workbook


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file = tmp_path_factory.mktemp("plans") / "small.toml"
    file.write_text(PLAN, encoding="utf-8")
    return load_scenario(file)


@pytest.fixture(scope="session")
def written(small: Scenario) -> Path:
    """The small plan as a workbook, beside its file."""
    file = small.folder / "small.xlsx"
    write_workbook(small, file, load_unit_costs())
    return file


@pytest.fixture(scope="session")
def parts(written: Path) -> Parts:
    return Parts.of(written)
