"""What is in the folder, and who may write there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from cms_sim.errors import InputError
from cms_sim.experiment.sweep import sameness, store, study
from cms_sim.experiment.sweep.cells import Workbench
from cms_sim.experiment.sweep.design import Design, load_design
from cms_sim.experiment.sweep.read import load_sweep
from cms_sim.experiment.sweep.rows import OUTCOMES
from cms_sim.experiment.sweep.run import Progress, run_sweep
from tests.experiment.sweep.world import contents, write_design

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_writes_the_same_bytes(
    design_file: Path, finished: Path, workers: int, tmp_path: Path
) -> None:
    run_sweep(load_design(design_file), tmp_path / "store", workers)
    assert contents(tmp_path / "store") == contents(finished)


def test_parts_are_cut_by_the_design_alone(
    design_file: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after each chunk, and gone on with from another place: the rows and the files are the same."""
    monkeypatch.setattr(study, "PART_ROWS", 12)
    design, folder = load_design(design_file), tmp_path / "stopped"
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            run_sweep(design, folder, 1, on_progress=_interrupt_after(16))
    assert (folder / "loose").is_dir() and (folder / "parts" / "part-00000.parquet").is_file()
    run_sweep(design, folder, 1)
    run_sweep(design, tmp_path / "whole", 1)
    assert contents(folder) == contents(tmp_path / "whole")
    assert len(list((folder / "parts").iterdir())) == 4 and not (folder / "loose").exists()
    assert load_sweep(folder).runs.equals(load_sweep(finished).runs)


def _interrupt_after(runs: int):  # type: ignore[no-untyped-def]
    def on_progress(progress: Progress) -> None:
        if progress.done >= runs or progress.left == 0:
            raise KeyboardInterrupt

    return on_progress


def test_rows_hold_what_they_should(finished: Path) -> None:
    runs = load_sweep(finished).runs
    assert tuple(runs.columns) == ("plan", "point", "replicate", "scenario_hash", "seed", *OUTCOMES, "error")
    assert runs[["point", "replicate", "plan"]].values.tolist() == [
        [point, replicate, plan] for point in range(5) for replicate in range(4) for plan in ("base", "site")
    ]
    reference, plan = (runs[runs["plan"] == name].reset_index(drop=True) for name in ("base", "site"))
    assert (reference["averted"] == 0).all()
    assert plan["averted"].equals(reference["victims"] - plan["victims"])
    assert (plan["mediations"] >= plan["settled"]).all() and plan["mediations"].sum() > reference["mediations"].sum()
    assert runs.groupby("replicate")["seed"].nunique().eq(1).all() and runs["seed"].nunique() == 4
    assert reference["scenario_hash"].nunique() == 1
    levers = load_sweep(finished).points["violence_interrupters"]
    assert plan["scenario_hash"].nunique() == levers.nunique() > 1
    assert plan["cost_usd"].groupby(plan["point"]).first().rank().equals(levers.rank())


def test_replicates_share_their_dice_at_every_point(world: Path, tmp_path: Path) -> None:
    """The reference keeps its levers, so where no parameter differs it lives the same at every point."""
    text = write_design(world, "levers", points=3, replicates=2).read_text().split("[uncertainties")[0]
    file = world / "levers.toml"
    file.write_text(text + '[levers.violence_interrupters]\nof = "new"\nlow = 1\nhigh = 9\n')
    run_sweep(load_design(file), tmp_path / "store", 1)
    runs = load_sweep(tmp_path / "store").runs
    reference = runs[runs["plan"] == "base"]
    assert reference.groupby("replicate")[["victims", "mediations", "norm_after"]].nunique().eq(1).all().all()


def test_means_by_point(finished: Path) -> None:
    sweep = load_sweep(finished)
    runs = sweep.runs.query("plan == 'site' and point == 3")["victims"]
    found = sweep.means("victims", "site")
    assert found.loc[3].tolist() == pytest.approx([runs.mean(), runs.var(ddof=1), 4])
    low, high = found["mean"].min(), found["mean"].max()
    assert sweep.by_plan("victims")["site"] == pytest.approx((found["mean"].mean(), low, high))
    with pytest.raises(InputError, match="victims"):
        sweep.means("victim", "site")
    with pytest.raises(InputError, match="base, site"):
        sweep.means("victims", "sit")


def test_polars_reads_the_parts(finished: Path) -> None:
    table = pl.read_parquet(finished / "parts")
    runs = load_sweep(finished).runs
    assert table.shape == runs.shape and table["victims"].to_list() == runs["victims"].tolist()
    assert table["seed"].dtype == pl.UInt64 and table["point"].dtype == pl.Int32


def test_precincts_and_events_on_request(world: Path, tmp_path: Path, finished: Path) -> None:
    file = write_design(world, "more", more="by_precinct = true\nkeep_events = 1\n")
    run_sweep(load_design(file), tmp_path / "store", 1)
    sweep = load_sweep(tmp_path / "store")
    assert sweep.runs.equals(load_sweep(finished).runs)
    keys = ["point", "replicate", "plan"]
    for name in ("victims", "incidents", "averted", "mediations"):
        by_precinct = sweep.precincts.groupby(keys)[name].sum()
        assert by_precinct.tolist() == sweep.runs.set_index(keys)[name].sort_index().tolist()
    assert set(sweep.precincts["precinct"]) == {11, 22}
    assert set(sweep.events["replicate"]) == {0}
    first = sweep.runs.query("replicate == 0").set_index(keys)["victims"].sort_index()
    assert sweep.events.groupby(keys)["victims"].sum().tolist() == first.tolist()
    assert len(load_sweep(finished).events) == 0


def test_a_sweep_can_be_read_while_it_is_made(design_file: Path, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_sweep(load_design(design_file), tmp_path / "store", 1, on_progress=_interrupt_after(6))
    sweep = load_sweep(tmp_path / "store")
    assert not sweep.is_complete and 6 <= len(sweep.runs) < 40
    assert sweep.runs.equals(load_sweep(finished).runs[: len(sweep.runs)])
    assert sweep.means("victims", "site")["n"].tolist()[-1] == 0


def test_design_and_points_come_back(design_file: Path, finished: Path) -> None:
    sweep = load_sweep(finished)
    assert sweep.design.content() == load_design(design_file).content()
    assert sweep.names == ("detection", "violence_interrupters") and len(sweep.points) == 5
    with pytest.raises(InputError, match="no sweep"):
        load_sweep(finished.parent)


# Whom the folder belongs to


def test_another_design_is_refused_and_the_difference_shown(world: Path, design_file: Path, finished: Path) -> None:
    before = contents(finished)
    other = load_design(write_design(world, "other", points=6, more="time_limit_s = 5.0\n"))
    with pytest.raises(InputError) as refused:
        run_sweep(other, finished, 1)
    assert "design.points: 5 -> 6" in refused.value.message
    assert "design.time_limit_s: 600.0 -> 5.0" in refused.value.message and "--out" in refused.value.remedy
    assert contents(finished) == before


def test_a_changed_plan_is_another_design(world: Path, finished: Path, tmp_path: Path) -> None:
    text = (world / "site.toml").read_text()
    design = load_design(world / "design.toml")
    (world / "site.toml").write_text(text.replace("employment_slots = 5", "employment_slots = 6"))
    try:
        with pytest.raises(InputError, match=r"plans.base: \w+... -> |plans.site: "):
            run_sweep(design, finished, 1)
    finally:
        (world / "site.toml").write_text(text)


def test_another_title_is_the_same_design(world: Path, design_file: Path, finished: Path) -> None:
    file = world / "titled.toml"
    file.write_text(design_file.read_text().replace("A small one", "Another title"))
    assert run_sweep(load_design(file), finished, 1).done == 0


@pytest.mark.parametrize(("key", "words"), [("version", "version 0.0.1"), ("rules_hash", "other rules")])
def test_another_version_is_refused(design_file: Path, finished: Path, tmp_path: Path, key: str, words: str) -> None:
    record = json.loads((finished / store.RECORD).read_text())
    (tmp_path / store.RECORD).write_text(json.dumps({**record, key: "0.0.1"}))
    with pytest.raises(InputError, match=words):
        run_sweep(load_design(design_file), tmp_path, 1)


def test_a_folder_of_something_else_is_left_alone(design_file: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"thesis.txt"):
        run_sweep(load_design(design_file), tmp_path, 1)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}
    with pytest.raises(InputError, match="is a file"):
        run_sweep(load_design(design_file), tmp_path / "thesis.txt", 1)


def test_a_damaged_record_is_told_of(design_file: Path, tmp_path: Path) -> None:
    (tmp_path / store.RECORD).write_text("{")
    with pytest.raises(InputError, match=r"design.json: cannot be read"):
        run_sweep(load_design(design_file), tmp_path, 1)


def test_one_writer_at_a_time(design_file: Path, finished: Path, tmp_path: Path) -> None:
    with FileLock(tmp_path / store.LOCK), pytest.raises(InputError, match="another sweep is writing here"):
        run_sweep(load_design(design_file), tmp_path, 1)
    assert run_sweep(load_design(design_file), tmp_path, 1).done == 40
    assert contents(tmp_path) == contents(finished)


def test_temporary_files_of_killed_writers_are_swept(design_file: Path, finished: Path, tmp_path: Path) -> None:
    left = tmp_path / "parts" / ".part-00000.parquet.99999.part"
    left.parent.mkdir()
    left.write_bytes(b"PAR1 half")
    run_sweep(load_design(design_file), tmp_path, 1)
    assert contents(tmp_path) == contents(finished)


def test_nothing_is_left_is_found_without_the_engine(design_file: Path, finished: Path) -> None:
    code = (
        "import sys; from cms_sim.experiment.sweep.run import run_sweep; "
        "from cms_sim.experiment.sweep.design import load_design; "
        f"print(run_sweep(load_design({str(design_file)!r}), {str(finished)!r}).done, 'numba' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert told.split() == ["0", "False"]


def test_differences_name_what_is_new_and_what_is_gone() -> None:
    lines = list(sameness._differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "d": {"e": 3}}}))
    assert lines == ["a.c: 2 -> (none)", "a.d.e: (none) -> 3"]


def test_a_design_made_in_python(finished: Path, design_file: Path, tmp_path: Path) -> None:
    world = design_file.parent
    plans = tuple(str(world / f"{name}.toml") for name in ("base", "site"))
    design = Design(plans=plans, replicates=1, method="grid", levels="once")
    assert run_sweep(design, tmp_path / "store", 1).total == 2
    with pytest.raises(InputError, match="processes"):
        run_sweep(design, tmp_path / "store", -1)


def test_a_script_without_its_guard_is_told_so(design_file: Path, tmp_path: Path) -> None:
    """Each worker reads the script again, so it must not start a sweep by itself."""
    script = tmp_path / "script.py"
    script.write_text(
        "from cms_sim.experiment.sweep.design import load_design\n"
        "from cms_sim.experiment.sweep.run import run_sweep\n"
        f"run_sweep(load_design({str(design_file)!r}), {str(tmp_path / 'store')!r}, workers=2)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True)
    assert ended.returncode == 1 and "__main__" in ended.stderr
    assert not list((tmp_path / "store").rglob("*-*.parquet"))


def test_a_bench_runs_a_cell_alone(design_file: Path, finished: Path) -> None:
    """A cell gives the same rows whatever was run before it."""
    from cms_sim.data.city_tables import load_city_tables

    looked_up = study.study_of(load_design(design_file))
    tables = load_city_tables(looked_up.scenarios[0].frame.city_folder)
    rows = Workbench(looked_up, tables, may_exit=False).run(range(13, 14), 3, looked_up.points()[3:])
    expected = load_sweep(finished).runs.query("point == 3 and replicate == 1")
    assert rows["runs"]["victims"] == expected["victims"].tolist()
    assert rows["runs"]["norm_after"] == expected["norm_after"].tolist()
