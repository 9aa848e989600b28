from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.experiment.sweep.design import load_design
from cms_sim.experiment.sweep.run import run_sweep
from tests.experiment.sweep.world import contents, make_world, write_design


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made-up city and two plans."""
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def design_file(world: Path) -> Path:
    """A design of 5 points, 4 replicates, 2 plans: 40 runs."""
    return write_design(world)


@pytest.fixture(scope="session")
def finished(design_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of that design, run without faults in this process."""
    folder = tmp_path_factory.mktemp("finished") / "store"
    done = run_sweep(load_design(design_file), folder, workers=1)
    assert (done.total, done.done, done.failed) == (40, 40, 0)
    assert contents(folder).keys() == {"design.json", "points.parquet", "parts/part-00000.parquet"}
    return folder
