"""`cms-sim power` on a small run, from made-up histories and from lived ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cms_sim.door.cli import main
from cms_sim.door.power_cli import power
from cms_sim.errors import RunError
from cms_sim.evaluation.power import run
from cms_sim.evaluation.power.histories import Arm, read_part
from cms_sim.experiment.threads import MOST_WORKERS
from cms_sim.report.power_page import MARKER
from tests.evaluation.power.made_up import keep_histories

DESIGN = """
histories = 45
estimator_histories = 3
effects_percent = [0, -30, -60, -90]
[[study]]
name = "five"
sites = "expansion_2020"
start = 2016-01-01
months = [[24, 24], [36, 24]]
estimators = ["poisson_did"]
estimator_effects_percent = [-30]
[[study]]
name = "lots"
choice = "random"
number = [1, 5]
start = 2016-01-01
"""
FILES = ("about.json", "answer.txt", "power.csv", "power.parquet", "power_curves.png", "reports.parquet",
         "smallest.csv", "smallest.parquet", "smallest_detectable.svg", "without_an_effect.svg")  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    keep_histories(folder, 45)
    (folder / "design.toml").write_text(DESIGN, encoding="utf-8")
    return folder


def command(kept: Path, out: Path, *more: str) -> str:
    arguments = [str(kept / "design.toml"), "--kept", str(kept), "--out", str(out), "--workers", "1", *more]
    found = CliRunner().invoke(power, arguments, catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


@pytest.fixture(scope="module")
def out(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    text = command(kept, folder, "--effect", "30")
    assert "five: 5 sites from 2016-01, 24 months before and after" in text and "windows_rest_of_city" in text
    assert "cry wolf" in text and "detect a true fall of 30% in people shot 8 times in 10" in text
    assert "\n- five: " in text and "\n  - lots, 1 site: " in text
    return folder


def test_tables_pictures_and_words_are_there(out: Path) -> None:
    assert all((out / name).is_file() for name in FILES)
    power_table = pd.read_parquet(out / "power.parquet")
    assert set(power_table["study"]) == {"five", "five, 36 and 24 months", "lots, 1 site", "lots, 5 sites"}
    five = power_table[(power_table["study"] == "five") & (power_table["estimator"] == "windows_rest_of_city")]
    assert five["effect_percent"].tolist() == [0.0, -30.0, -60.0, -90.0]
    # Poisson counts without a trend: a study that is right, up to what 45 histories can tell.
    assert five["bias_points"].abs().max() < 6.0 and five["fall"].iloc[-1] == 1.0 and five["fall"].iloc[0] < 0.2
    library = power_table[power_table["estimator"] == "poisson_did"]
    assert library["histories"].tolist() == [3, 3] and library["effect_percent"].tolist() == [0.0, -30.0]


def test_the_same_from_any_number_of_workers_and_for_machines(out: Path, kept: Path, tmp_path: Path) -> None:
    told = json.loads(command(kept, tmp_path, "--json", "--workers", "2"))
    assert (tmp_path / "reports.parquet").read_bytes() == (out / "reports.parquet").read_bytes()
    assert (tmp_path / "power.csv").read_bytes() == (out / "power.csv").read_bytes()
    assert told["histories"].startswith("city-none-") and len(told["smallest"]) == 13
    assert told["design"]["study"][0]["name"] == "five"
    assert told["which"][0]["study"] == "lots, 1 site"  # the fewest sites first


def test_a_page_gets_its_section_and_keeps_its_head(out: Path, kept: Path, tmp_path: Path) -> None:
    page = tmp_path / "power.md"
    page.write_text(f"# Head\n\n{MARKER}\n\nwhat was there before\n", encoding="utf-8")
    command(kept, out, "--page", str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Head\n\n{MARKER}\n\n45 histories under the ") and "before\n" not in text
    rows = [line for line in text.splitlines() if line.startswith("| five")]
    assert len(rows) == 2 and "### Every estimator: five" in text
    for picture in re.findall(r"\]\((images/.+?)\)", text):
        assert (tmp_path / picture).is_file()
    assert text.count("](images/") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--page", "nowhere.md"], "Write a line"),
        (["--hypothesis", "chicagoo"], "Did you mean 'chicago'"),
        (["no_such_design.toml"], "no_such_design.toml"),
        (["--effect", "0"], "--effect"),
        (["--workers", str(MOST_WORKERS + 1)], "--workers"),
    ],
)
def test_bad_input_is_answered_before_any_work(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["power", *arguments])
    told = capsys.readouterr().err
    assert left.value.code == 2 and said in told and "Traceback" not in told
    assert list(tmp_path.rglob("*.parquet")) == []


def test_what_is_finished_is_not_done_again(out: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = sorted((out / "kept").rglob("*.parquet"))
    files[3].unlink()
    made: list[Path] = []
    write = run._write

    def noted(file: Path, table: pd.DataFrame) -> None:
        made.append(file)
        write(file, table)

    monkeypatch.setattr(run, "_write", noted)
    before = (out / "power.csv").read_bytes()
    command(kept, out)
    assert made == [files[3]] and (out / "power.csv").read_bytes() == before


def test_ctrl_c_keeps_what_is_finished(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, done = run._write, []

    def pressed(file: Path, table: pd.DataFrame) -> None:
        write(file, table)
        done.append(file)
        if len(done) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(run, "_write", pressed)
    arguments = [str(kept / "design.toml"), "--kept", str(kept), "--out", str(tmp_path), "--workers", "1"]
    found = CliRunner().invoke(power, arguments)
    assert found.exit_code == 130 and "kept" in found.stderr
    assert sorted((tmp_path / "kept").rglob("*.parquet")) == sorted(done)


def test_a_history_hangs_on_its_number_alone() -> None:
    arm = Arm("city", 2020)
    two, second = arm.live(range(2)), arm.live(range(1, 2))
    pd.testing.assert_frame_equal(two[two["history"] == 1].reset_index(drop=True), second)
    assert 10_000 < len(second) < 25_000 and second["month"].between(0, 167).all()
    draw = second["draw"] / 2**32
    assert abs(draw.mean() - 0.5) < 4 * 0.2887 / len(draw) ** 0.5
    with_sites = Arm("city", 2020, ((67, 96), (73, 96))).live(range(1, 2))
    early = [table[table["month"] < 96].reset_index(drop=True) for table in (second, with_sites)]
    pd.testing.assert_frame_equal(early[0], early[1])  # the same dice until the sites open
    assert len(with_sites) != len(second)


def test_histories_that_are_gone_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="give the same command again"):
        read_part(tmp_path / "part-000000.parquet", range(10), "victims")
