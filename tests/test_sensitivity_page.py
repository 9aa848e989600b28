"""The page on sensitivity does what it says: its design is swept (smaller), its commands and its Python run."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from cms_sim.door.cli import main
from tests import pages
from tests.pages import DOCS

PAGE = DOCS / "sensitivity.md"
SMALLER = {"precincts = [67, 73, 75, 79, 81]": "precincts = [73, 75]", "points = 12": "points = 10"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:ipyparallel not installed")
def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for library in ("SALib", "xarray", "ema_workbench"):
        pytest.importorskip(library, reason="the extra `research` is not installed")
    monkeypatch.chdir(tmp_path)
    (design,) = pages.blocks(PAGE, "toml")
    for long, short in {**SMALLER, "replicates = 12": "replicates = 10", "2022-06-30": "2021-12-31"}.items():
        assert long in design
        design = design.replace(long, short)
    Path("what_matters.toml").write_text(design, encoding="utf-8")
    (commands,) = pages.blocks(PAGE, "sh")
    for line in commands.splitlines():
        program, command, *rest = shlex.split(line)
        assert program == "cms-sim"
        with pytest.raises(SystemExit) as ended:
            main([command, *rest, *(["--workers", "1"] if command == "sweep" else [])])
        assert ended.value.code == 0, line
    files = sorted(file.name for file in Path("results/what_matters/sensitivity").iterdir())
    assert [name for name in files if name.startswith("averted")] == [
        f"averted-sites_june_2020.{ending}" for ending in ("csv", "png", "svg")
    ]
    names = pages.run_python(PAGE)
    assert names["found"].frame()["name"][0] in ("detection", "catchment_share")
    assert (np.abs(names["indices"].first - [0.9, 0.1]) <= names["indices"].first_half).all()
    assert names["table"].mediations.dims == ("detection", "violence_interrupters", "plan", "replicate")
    assert names["model"](detection=0.03, violence_interrupters=4) == names["here"]
    assert len(names["experiments"]) == 4
