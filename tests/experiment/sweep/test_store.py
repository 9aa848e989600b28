"""What is in the folder, and who may write there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import weakref
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
        with pytest.raises(InputError) as refused:
            run_sweep(design, finished, 1)
        lines = [line.strip() for line in refused.value.message.splitlines()[1:]]
        assert lines == [
            f"plans.site.sites.{site}.terms.0.services.employment_slots: 5 -> 6" for site in ("11-1", "22-1")
        ]
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


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "cannot be read"), ("null", "is not the record"), ("[]", "is not the record"), ("{}", "is not the record")],
)
def test_a_damaged_record_is_told_of(design_file: Path, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / store.RECORD).write_text(text)
    with pytest.raises(InputError, match=f"design.json: {words}"):
        run_sweep(load_design(design_file), tmp_path, 1)
    with pytest.raises(InputError, match=f"design.json: {words}"):
        load_sweep(tmp_path)


def test_a_sweep_without_a_finished_run_has_its_columns(design_file: Path, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_sweep(load_design(design_file), tmp_path, 1, on_progress=_interrupt_after(0))
    sweep, whole = load_sweep(tmp_path), load_sweep(finished)
    assert sweep.runs.columns.equals(whole.runs.columns) and sweep.runs.empty and not sweep.is_complete
    assert sweep.failed.empty and sweep.count_failed() == 0 and sweep.by_plan("averted") == {}
    assert sweep.means("averted", "site")["n"].tolist() == [0] * 5
    assert "precinct" in sweep.precincts and "date" in sweep.events


def test_a_damaged_file_is_named_with_what_to_delete(design_file: Path, finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    shutil.copytree(finished, folder)
    part = folder / "parts" / "part-00000.parquet"
    for cut in (0, 10, part.stat().st_size - 1):
        part.write_bytes((finished / "parts" / part.name).read_bytes()[:cut])
        for read in (lambda: load_sweep(folder).runs, load_sweep(folder).count_failed):
            with pytest.raises(InputError, match=r"part-00000.parquet: is damaged") as refused:
                read()
            assert f"Delete {part} and sweep" in refused.value.remedy
    part.unlink()
    run_sweep(load_design(design_file), folder, 1)
    assert contents(folder) == contents(finished)
    (folder / store.POINTS).unlink()
    with pytest.raises(InputError, match=r"points.parquet: is not there"):
        _ = load_sweep(folder).points


def test_of_a_damaged_table_by_precinct_the_runs_are_to_be_deleted(tmp_path: Path) -> None:
    for name, runs in (
        ("precincts/part-00002.parquet", "parts/part-00002.parquet"),
        ("loose/chunk-0000007-events.parquet", "loose/chunk-0000007.parquet"),
    ):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"PAR1")
        with pytest.raises(InputError) as refused:
            store.read_parquet(tmp_path / name)
        assert f"Delete {tmp_path / runs} and" in refused.value.remedy


def test_reading_by_plan_holds_one_part_at_a_time(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cms_sim.experiment.sweep import read

    shutil.copytree(finished, tmp_path / "store")
    for number in range(1, 6):
        shutil.copy(
            finished / "parts" / "part-00000.parquet", tmp_path / "store" / "parts" / f"part-0000{number}.parquet"
        )
    held: list[weakref.ref[object]] = []
    most = 0

    def watched(file: Path, columns: list[str] | None = None) -> object:
        nonlocal most
        table = store.read_parquet(file, columns)
        held.append(weakref.ref(table))
        most = max(most, sum(each() is not None for each in held))
        return table

    monkeypatch.setattr(read, "read_parquet", watched)
    sweep = load_sweep(tmp_path / "store")
    assert set(sweep.by_plan("victims")) == {"base", "site"} and sweep.count_failed() == 0
    assert len(held) == 12 and most <= 2  # the next one is read before the last one goes


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
    lines = list(sameness._differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "d": [{"e": 3}]}}))
    assert lines == [("a.c", "a.c: 2 -> (none)"), ("a.d.0.e", "a.d.0.e: (none) -> 3")]


def test_another_table_is_shown_point_by_point(world: Path, tmp_path: Path) -> None:
    file, points = world / "of_points.toml", world / "own_points.csv"
    text = 'plans = ["base.toml"]\nreplicates = 1\nmethod = "table"\ntable = "own_points.csv"\nlevels = "once"\n'
    file.write_text(text + "[frame]\nends = 2012-01-31\npast_months = 0\n")
    points.write_text("detection,backfire\n0.02,0.01\n0.03,0.01\n")
    assert run_sweep(load_design(file), tmp_path / "store", 1).done == 2
    for changed, words in (
        ("detection,backfire\n0.02,0.01\n0.04,0.01\n", r"table: point 1, detection: 0.03 -> 0.04\n"),
        ("detection,backfire\n0.01,0.01\n0.04,0.01\n", r"table: point 0, .* 0.01 \(1 more points differ\)"),
        ("detection\n0.02\n0.03\n", r"table: 2 points of detection, backfire -> 2 of detection"),
    ):
        points.write_text(changed)
        with pytest.raises(InputError) as refused:
            run_sweep(load_design(file), tmp_path / "store", 1)
        assert re.search(words, str(refused.value)), str(refused.value)


def test_another_text_of_an_extension_is_said_to_be(world: Path, tmp_path: Path) -> None:
    text = (
        "from cms_sim.experiment.extension import Extension\n"
        "EXTENSION = Extension(name='none', outcomes=lambda *given: {'mine': 1.0}, columns=['mine'])\n"
    )
    (world / "own.py").write_text(text)
    (world / "own.toml").write_text(
        'plans = ["base.toml"]\nreplicates = 1\nmethod = "grid"\nlevels = "once"\n[frame]\nends = 2012-01-31\n'
        'past_months = 0\n[extension]\nfile = "own.py"\n'
    )
    run_sweep(load_design(world / "own.toml"), tmp_path / "store", 1)
    (world / "own.py").write_text(text + "# changed\n")
    with pytest.raises(InputError, match=r"extension: the text of own.py has changed"):
        run_sweep(load_design(world / "own.toml"), tmp_path / "store", 1)


def test_a_design_made_in_python(finished: Path, design_file: Path, tmp_path: Path) -> None:
    world = design_file.parent
    plans = tuple(str(world / f"{name}.toml") for name in ("base", "site"))
    design = Design(plans=plans, replicates=1, method="grid", levels="once")
    assert run_sweep(design, tmp_path / "store", 1).total == 2
    with pytest.raises(InputError, match="processes"):
        run_sweep(design, tmp_path / "store", -1)
    with pytest.raises(InputError, match="a cluster brings its own workers"):
        run_sweep(design, tmp_path / "store", 2, cluster="tcp://127.0.0.1:9")


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
