"""Every command as its users type it, and what they are told when something is wrong."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cms_sim.door.cli import main
from cms_sim.engine.calendar_days import EPOCH, SPAN_DAYS, date_of
from cms_sim.scenario.frame import FIRST_DAY, LAST_DAY
from tests.data.test_importer import HEADER
from tests.door.shell import ROOT, run
from tests.experiment.conftest import small_plans  # noqa: F401

CACHE = "CMS_SIM_CACHE"
SEED = ("--seed", 3, "--replicates", 4, "--parameters", "fixed", "--workers")
TABLES = ("summary.csv", "by_precinct.csv", "studies.csv", "pairs.csv", "runs.parquet", "precinct_month.parquet")
CITY = ("precincts", "precinct_adjacency", "precinct_near_pairs", "cms_sites", "precinct_sets", "tile_grid")


def said(captured: str) -> str:
    """A message without its line breaks and with no trace of the program's inside."""
    assert "Traceback" not in captured and "Error(" not in captured
    return " ".join(captured.split())


# What works


@pytest.fixture(scope="module")
def base(small_plans: dict[str, str]) -> Path:  # noqa: F811
    """The folder of the small plans."""
    return Path(small_plans["base"]).parent


@pytest.fixture(scope="module")
def compared(base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of results of a small comparison, and what was printed."""
    out = tmp_path_factory.mktemp("out")
    done = run("compare", "base.toml", "site.toml", "big_site.toml", *SEED, 1, "--name", "one", "--out", out, cwd=base)
    assert done.returncode == 0, done.stderr
    return out / "one", done.stdout


def test_compare_prints_a_table_and_says_where_the_report_is(compared: tuple[Path, str]) -> None:
    folder, printed = compared
    assert f"Report: {folder / 'report.html'}" in printed and (folder / "report.html").is_file()
    assert all(title in printed for title in ("Small: base", "Small: site", "Small: big_site"))
    assert "…" not in printed and max(map(len, printed.splitlines())) <= max(100, len(f"Report: {folder}/report.html"))
    assert [entry.name for entry in folder.parent.iterdir()] == ["one"]


def test_the_recorded_seed_gives_identical_tables(compared: tuple[Path, str], base: Path, tmp_path: Path) -> None:
    """With another number of workers and in another order of plans, too: rows follow the order, numbers do not.

    The second is on a terminal that lacks some signs, which must not cost a finished run.
    """
    folder, _ = compared
    recorded = json.loads((folder / "provenance.json").read_text())["run"]["seed"]
    again = ("--seed", recorded, *SEED[2:])
    names = ("base.toml", "site.toml", "big_site.toml")
    assert run("compare", *names, *again, 2, "--name", "one", "--out", tmp_path, cwd=base).returncode == 0
    assert hashes(tmp_path / "one") == hashes(folder)
    turned = ("big_site.toml", "site.toml")
    plain = run("compare", *turned, *again, 1, "--out", tmp_path, "--name", "two", cwd=base, PYTHONIOENCODING="ascii")
    assert plain.returncode == 0 and "Report:" in plain.stdout
    lines, others = ((path / "summary.csv").read_text().splitlines() for path in (folder, tmp_path / "two"))
    assert others[:2] == lines[:2] and others[2:] == lines[:1:-1]


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every table."""
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}
    return found | {"events.parquet": hashlib.sha256((folder / "events.parquet").read_bytes()).hexdigest()}


def test_new_then_check(tmp_path: Path) -> None:
    assert "cms-sim check" in run("new", "my_plan", cwd=tmp_path).stdout
    done = run("check", "scenarios/my_plan.toml", cwd=tmp_path)
    assert done.returncode == 0 and "Unspent" in done.stdout and "My plan (my_plan" in done.stdout


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("--help", "compare"),
        ("--version", "cms-sim"),
        ("compare --help", "--replicates"),
        ("parameters", "prior"),
        ("parameters --markdown", "| parameter |"),
        ("steps", "1. "),
        ("city --precincts 43,46", "residents"),
    ],
)
def test_a_command_answers(command: str, words: str, tmp_path: Path) -> None:
    done = run(*command.split(), cwd=tmp_path)
    assert done.returncode == 0 and words in done.stdout, done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_goes_away_is_no_failure_of_the_program(tmp_path: Path) -> None:
    """As in `cms-sim parameters | head -1`; and a place that takes nothing is told."""
    for command in ("parameters", "steps", "schema"):
        program = [sys.executable, str(ROOT / "run_sim.py"), command]
        with subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout and process.stderr
            process.stdout.close()
            assert not process.stderr.read()
        assert process.returncode in (0, 1)
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, ROOT / "run_sim.py", "schema"], stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert done.returncode == 2 and "the disk is full" in said(done.stderr)


def test_schema_describes_what_a_file_may_hold(tmp_path: Path) -> None:
    schema = json.loads(run("schema", cwd=tmp_path).stdout)
    assert schema["$schema"].startswith("https://json-schema.org/") and schema["required"] == ["title"]
    references = re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema))
    assert set(references) <= set(schema["$defs"]) and "SiteEntry" in references
    assert set(schema["properties"]) >= {"title", "extends", "levers", "uncertainties", "constants", "budget"}


def test_the_calendar_of_scenarios_is_the_engines() -> None:
    assert FIRST_DAY == EPOCH and (date_of(SPAN_DAYS - 1) - LAST_DAY).days in range(31)


# Another city


def published(years: range) -> str:
    """A download with six incidents a month in each of two precincts."""
    who = "false,,,,25-44,M,BLACK,40.8,-73.9"
    rows = [
        f"{precinct}{year}{month:02d}{n},{month:02d}/{1 + 4 * n:02d}/{year},2{n % 4}:15:00,BRONX,{precinct},{who}"
        for year in years
        for month in range(1, 13)
        for n in range(6)
        for precinct in (43, 46)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def keep_precincts(folder: Path, kept: set[str]) -> None:
    """Cut a city's tables down to a few precincts."""
    for name in (*CITY, "precinct_month"):
        file = folder / f"{name}.csv"
        header, *rows = file.read_text(encoding="utf-8").splitlines()
        columns = [place for place, column in enumerate(header.split(",")) if column in ("precinct", "a", "b")]
        rows = [row for row in rows if {row.split(",")[place] for place in columns} <= kept]
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def own_city(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an imported city, cut down to four precincts, and a plan that names it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "download.csv").write_text(published(range(2006, 2010)), encoding="utf-8")
    done = run("import-data", "download.csv", "--out", "town", cwd=folder)
    assert done.returncode == 0 and "576 incidents in 48 months" in done.stdout, done.stderr
    keep_precincts(folder / "town", {"43", "45", "46", "48"})
    plan = (base / "base.toml").read_text().replace("past_months = 6", 'past_months = 6\ncity = "town"')
    (folder / "base.toml").write_text(plan)
    return folder


def test_an_imported_city_is_compared_end_to_end(own_city: Path) -> None:
    done = run("compare", "base.toml", "--replicates", 2, "--parameters", "fixed", "--workers", 1, cwd=own_city)
    assert done.returncode == 0, done.stderr
    assert "of town" in (own_city / "results" / "default" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kept", ["46", "43, 46"])
def test_a_city_of_islands_is_compared_end_to_end(own_city: Path, tmp_path: Path, kept: str) -> None:
    """One precinct, and two that no boundary joins: the table of boundaries has its first line alone."""
    shutil.copytree(own_city / "town", tmp_path / "town")
    keep_precincts(tmp_path / "town", set(kept.split(", ")))
    for pairs in ("precinct_adjacency", "precinct_near_pairs"):
        file = tmp_path / "town" / f"{pairs}.csv"
        file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    plan = (own_city / "base.toml").read_text(encoding="utf-8")
    (tmp_path / "base.toml").write_text(plan.replace("[43, 46]", f"[{kept}]"), encoding="utf-8")
    done = run("compare", "base.toml", "--replicates", 1, "--parameters", "fixed", "--workers", 1, cwd=tmp_path)
    assert done.returncode == 0 and "Report:" in done.stdout, done.stderr


# What is refused: exit code 2, one message with place and remedy, nothing left behind


@pytest.fixture
def here(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small plans, and the current one."""
    for file in base.glob("*.toml"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Refused = Callable[..., str]


@pytest.fixture
def refused(here: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs a command that must be refused, and gives its message."""

    def ask(*arguments: object) -> str:
        before = sorted(here.rglob("*"))
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        assert end.value.code == 2
        assert sorted(here.rglob("*")) == before
        captured = capsys.readouterr()
        assert captured.err.startswith("cms-sim: ") and captured.err.count("cms-sim: ") == 1
        return said(captured.err)

    return ask


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("comprae", r"unknown command 'comprae'.*Did you mean 'compare'"),
        ("compare --replicate 2", r"--replicate.*--replicates.*compare --help"),
        ("compare --replicates many", r"--replicates.*'many'"),
        ("compare nosuch", r"no scenario file 'nosuch'.*Valid: .*by_need"),
        ("compare expansion_2O20", r"Did you mean 'expansion_2020'"),
        ("compare sit.toml", r"no scenario file 'sit.toml'.*Did you mean 'site.toml'"),
        ("compare site.toml --replicates 0", r"--replicates: at least one.*Give 1 or more"),
        ("compare site.toml --replicates -2", r"--replicates: at least one"),
        ("compare site.toml --replicates 99999999999999999999", r"--replicates: .* too many.*at most 100,000"),
        ("compare site.toml --workers 99999999", r"--workers: 99,999,999 processes are too many"),
        ("check site", r"no scenario file 'site'.*Did you mean 'site.toml'"),
        ("compare site.toml --workers -1", r"--workers: -1 is negative.*0 or more"),
        ("compare site.toml --events -1", r"--events: -1 is negative"),
        ("compare site.toml --seed -1", r"--seed: -1 is out of range.*Give 0 to"),
        ("compare site.toml --seed 99999999999999999999", r"--seed: .*out of range"),
        ("compare site.toml --hypothesis chicgo", r"--hypothesis: .*'chicgo'.*Did you mean 'chicago'"),
        ("compare site.toml --name a/b", r"--name: 'a/b' cannot name.*--out"),
        ("compare site.toml --name ..", r"--name: '..' cannot name"),
        ("compare site.toml --name .", r"--name: '.' cannot name"),
        ("compare site.toml --out base.toml", r"base.toml.* is a file"),
        ("compare site.toml --out base.toml/below", r"base.toml/below: cannot be written.*--out"),
        (
            "compare site.toml expansion_2020",
            r"expansion_2020.toml: counts from 'sites_june_2020', but 'site' from 'base'",
        ),
        ("compare expansion_2020 surge", r"surge.toml: .*differ in frame or uncertainties.*one frame"),
        ("check nosuch", r"no scenario file 'nosuch'"),
        ("check", r"Missing argument 'FILE'.*check --help"),
        ("new ../up", r"'../up' cannot name.*letters"),
        ("new site --out site.toml", r"site.toml: the file exists"),
        ("new x --extends nosuch", r"'nosuch'.*Valid"),
        ("new x --out base.toml/x.toml", r"base.toml.*--out"),
        ("city --precincts 43,999", r"--precincts: precinct 999 does not exist.*nearest are"),
        ("city --precincts coverd_2020", r"--precincts: .*Did you mean 'covered_2020'"),
        ("city --precincts 43 --hypothesis x", r"--hypothesis: .*Valid: city, chicago"),
        ("import-data nosuch.csv", r"nosuch.csv: there is no such file"),
        ("import-data base.toml --out base.toml", r"base.toml"),
        ("levels --draws 0", r"--draws"),
        ("levels --workers -1", r"--workers"),
    ],
)
def test_a_wrong_command(command: str, words: str, refused: Refused) -> None:
    assert re.search(words, refused(*command.split()))


NOT_THERE = 'past_months = 6\ncity = "nowhere"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[constants]", "[constants", r"own.toml, line 7: not valid TOML"),
        ("provider", "provdier", r"line 16: levers.sites.provdier: unknown key.*Did you mean 'provider'"),
        ("past_months", "past_days", r"line 11: .*'past_days'.*Did you mean 'past_months' \(in months\)"),
        ("past_months = 6", "past_months = 600", r"line 11: constants.past_months: .*before the record.*at most 174"),
        ("past_months = 6", "past_months = 999999", r"line 11: constants.past_months"),
        ("past_months = 6", NOT_THERE, r"line 12: constants.city: there is no folder '.*nowhere'.*precincts.csv"),
        ("interrupters = 3", 'interrupters = "3"', r"line 18: .*'3' is not a whole number"),
        ("2020-12-31", "2020-06-30", r"line 10: constants.ends: .*before the first day.*in order"),
        ("2020-12-31", "9999-12-31", r"line 10: constants.ends: .*outside the calendar.*between"),
        ("2020-07-01", "1990-07-01", r"line 9: constants.starts: .*outside the calendar"),
        ("[43, 46]", "[43, 146]", r"line 8: .*no precinct 146.*nearest"),
        ("[43, 46]", '"coverd_2020"', r"line 8: .*'coverd_2020'.*Did you mean 'covered_2020'"),
        ('title = "Small: base"', 'title = ""', r"line 2: title: '' is not long enough"),
        ("interrupters = 3", "interrupters = 999999999999", r"line 18: .*must be at most 100000"),
        ("interrupters = 3", f"interrupters = {'9' * 5000}", r"own.toml: holds a number without end"),
        ("interrupters = 3", f"interrupters = {'[' * 3000}{']' * 3000}", r"own.toml: holds brackets in brackets"),
        ("site_id = 1", "site_id = 9999999999999", r"line 15: levers.sites.site_id: 9999999999999 must be at most"),
        ("past_months = 6", f"past_months = 6\ncity = '{'a' * 5000}'", r"line 12: constants.city: there is no folder"),
        ("past_months = 6", 'past_months = 6\ncity = "a\\u0000b"', r"line 12: constants.city: there is no folder"),
        ('extends = "no_programme"', f"extends = '{'a' * 5000}.toml'", r"line 4: extends: there is no scenario file"),
        ('reference = "base"', 'reference = "bse"', r"line 5: reference: .*'bse'.*Did you mean 'base'"),
        ('extends = "no_programme"', 'extends = "no_program"', r"line 4: extends: .*Did you mean 'no_programme'"),
    ],
)
@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_wrong_scenario_file(old: str, new: str, words: str, command: str, here: Path, refused: Refused) -> None:
    text = (here / "base.toml").read_text()
    assert old in text
    (here / "own.toml").write_text(text.replace(old, new, 1))
    assert re.search(words, refused(command, "own.toml"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("catchment_shar = 0.5", r"line 21: uncertainties.catchment_shar: .*Did you mean 'catchment_share'"),
        ("catchment_share = 5", r"line 21: uncertainties.catchment_share: 5 is out of range.*\(share\): .*0 to 1"),
        ("catchment_share = nan", r"line 21: uncertainties.catchment_share: nan is not a finite number"),
        ('catchment_share = { law = "uniform", low = 0.8, high = 0.2 }', r"line 21: .*0.8 is not below high 0.2"),
        ('catchment_share = { law = "uniform", low = 0.8, high = 1.2 }', r"line 21: .*1.2 is out of range"),
        ("[[uncertainties.surge]]\nfrom = 2020-08-01\nuntil = 2020-09-01\nfactor = 1e300", r"line 24: .*at most 100"),
        ('street_share = { law = "uniform", low = 0.1, high = 0.2 }', r"line 21: .*not drawn.*such as street_share = "),
    ],
)
def test_a_wrong_uncertainty(line: str, words: str, here: Path, refused: Refused) -> None:
    (here / "own.toml").write_text(f"{(here / 'base.toml').read_text()}\n[uncertainties]\n{line}\n")
    assert re.search(words, refused("check", "own.toml"))


def test_an_overspent_budget_and_a_date_out_of_order(here: Path, refused: Refused) -> None:
    text = (here / "site.toml").read_text()
    (here / "poor.toml").write_text(f"{text}\n[budget]\nusd_per_year = 1_000.0\n")
    assert re.search(
        r"poor.toml, line 21: budget.usd_per_year: overspent by \$.*posts", refused("compare", "poor.toml")
    )
    (here / "back.toml").write_text(f"{text}closes = 2020-06-01\n")
    assert re.search(r"back.toml, line 19: .*closes 2020-06-01 is not after opens", refused("compare", "back.toml"))


def test_files_that_are_none(here: Path, refused: Refused) -> None:
    (here / "folder.toml").mkdir()
    (here / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (here / "round.toml").symlink_to("round.toml")
    (here / "empty.toml").write_bytes(b"")
    for command in ("check", "compare"):
        assert "empty.toml: 'title' is missing" in refused(command, "empty.toml")
        assert "is a folder" in refused(command, "folder.toml")
        assert "bytes.toml: cannot be read (not UTF-8 text)" in refused(command, "bytes.toml")
        assert "round.toml" in refused(command, "round.toml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read(here: Path, refused: Refused) -> None:
    (here / "base.toml").chmod(0)
    assert "base.toml: cannot be read" in refused("check", "base.toml")


def test_a_byte_order_mark_is_passed_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "marked.toml").write_text((here / "base.toml").read_text(), encoding="utf-8-sig")
    with pytest.raises(SystemExit) as end:
        main(["check", "marked.toml"])
    assert end.value.code == 0 and "Small: base" in capsys.readouterr().out


def test_two_plans_of_one_name(here: Path, refused: Refused) -> None:
    (here / "other").mkdir()
    shutil.copy(here / "base.toml", here / "other")
    shutil.copy(here / "big_site.toml", here / "other" / "site.toml")
    message = refused("compare", "site.toml", "other/site.toml")
    assert re.search(r"other/site.toml: has the name of another plan .*Rename", message)


@pytest.mark.parametrize("name", ["thesis", "thesis-interrupted"])
def test_a_folder_that_holds_something_else_is_refused_before_anything_is_run(
    name: str, here: Path, refused: Refused
) -> None:
    (here / "results" / name).mkdir(parents=True)
    (here / "results" / name / "chapter.txt").write_text("years of work")
    assert f"results/{name}: holds something" in refused("compare", "site.toml", "--name", "thesis")


ROW = "1,06/27/2014,17:40:00,BRONX,40,false,18-24,M,BLACK,18-24,M,BLACK,40.81,-73.92"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"download.csv, line 1: the file is empty.*Historic"),
        (b"a,b\n1,2\n", r"line 1: column 'INCIDENT_KEY' is missing.*Historic"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('06/27/2014', '27/06/2014')}\n".encode(), r"line 3, column 'OCCUR_DATE'"),
        (f"{HEADER}\n{ROW.replace('40,', '400,')}\n".encode(), r"line 2, column 'PRECINCT': precinct 400 .*nearest"),
        (f"{HEADER}\n\xff\n".encode("latin-1"), r"line 2: is not UTF-8 text"),
        (f"{HEADER}\n".encode(), r"line 2: the table has no records"),
    ],
)
def test_a_file_that_is_no_download(content: bytes, words: str, here: Path, refused: Refused) -> None:
    (here / "download.csv").write_bytes(content)
    assert re.search(words, refused("import-data", "download.csv", "--out", "town"))


def test_a_city_with_a_broken_table(own_city: Path, here: Path, refused: Refused) -> None:
    shutil.copytree(own_city / "town", here / "town")
    shutil.copy(own_city / "base.toml", here)
    months = here / "town" / "precinct_month.csv"
    whole = months.read_text().splitlines()
    months.write_text("\n".join([*whole[:4], whole[4].replace("43,", "431,", 1).replace("46,", "461,", 1), *whole[5:]]))
    assert re.search(r"precinct_month.csv, line 5, column 'precinct': precinct 4.1", refused("compare", "base.toml"))
    months.write_text("\n".join([line for line in whole if not re.search(",2009-1[12],", line)]) + "\n")
    message = refused("compare", "base.toml")
    assert re.search(r"base.toml, line 12: constants.city: .*from 2006-01 to 2009-10.*whole years", message)
    (here / "town" / "precincts.csv").unlink()
    assert "precincts.csv: there is no such file" in refused("check", "base.toml")


# A disk that is full, a cache that is


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a quarter of a megabyte."""
    place = tmp_path / "tiny"
    place.mkdir()
    mounted = os.geteuid() == 0 and shutil.which("mount")
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], check=False).returncode
    ):
        pytest.skip("needs the right to mount a disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_keeps_the_older_report(tiny_disk: Path, base: Path) -> None:
    older = tiny_disk / "one"
    older.mkdir()
    (older / "provenance.json").write_text("{}")
    done = run("compare", "site.toml", *SEED, 1, "--name", "one", "--out", tiny_disk, cwd=base)
    assert done.returncode == 2 and re.search(r"the disk is full \(.*MB free\).*--out", said(done.stderr))
    assert [entry.name for entry in tiny_disk.iterdir()] == ["one"]
    assert [entry.name for entry in older.iterdir()] == ["provenance.json"]
    filled = tiny_disk / "rest"
    with contextlib.suppress(OSError):
        filled.write_bytes(bytes(2_000_000))
    done = run("new", "plan", "--out", tiny_disk / "plan.toml", cwd=base)
    assert done.returncode == 2 and "the disk is full" in said(done.stderr)
    assert not (tiny_disk / "plan.toml").exists()


def test_a_cache_that_cannot_be_used_costs_time_only(tiny_disk: Path, tmp_path: Path) -> None:
    usual, full = (run("city", "--precincts", "43", cwd=tmp_path, **cache) for cache in ({}, {CACHE: str(tiny_disk)}))
    assert full.returncode == 0 and full.stdout == usual.stdout
    assert re.search("Compiled code is not kept .*disk is full.*kept in memory only", said(full.stderr))


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], None]]:
    """Takes the right to write away from a folder, from the system's administrator too."""
    mounted: list[Path] = []

    def protect(folder: Path) -> None:
        if os.geteuid() != 0:
            for path in (*folder.rglob("*"), folder):
                path.chmod(0o555 if path.is_dir() else 0o444)
            return
        for command in (["mount", "--bind", folder, folder], ["mount", "-o", "remount,bind,ro", folder]):
            if not shutil.which("mount") or subprocess.run(command, check=False).returncode:
                pytest.skip("needs the right to mount a disk")
            mounted[:] = [folder]

    yield protect
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_filled_cache_that_cannot_be_written_is_read(tmp_path: Path, read_only: Callable[[Path], None]) -> None:
    """Nothing is built or compiled again, nothing said, and nothing stays in the folder of temporary files."""
    cache, temporary = tmp_path / "cache", tmp_path / "temporary"
    temporary.mkdir()
    places = {CACHE: str(cache), "TMPDIR": str(temporary), "NUMBA_DEBUG_CACHE": "1"}
    first, first_key = run("city", "--precincts", "22", cwd=tmp_path, **places), in_python(MIX, **places)
    assert first.returncode == 0 and "data saved" in first_key.stdout
    read_only(cache)
    with pytest.raises(OSError):
        (cache / "file").write_text("")
    again, again_key = run("city", "--precincts", "22", cwd=tmp_path, **places), in_python(MIX, **places)
    assert again.returncode == 0 and not again.stderr + again_key.stderr
    assert "data loaded" in again_key.stdout and "data saved" not in again.stdout + again_key.stdout
    for one, other in ((first, again), (first_key, again_key)):
        assert [line for line in other.stdout.splitlines() if "[cache]" not in line] == [
            line for line in one.stdout.splitlines() if "[cache]" not in line
        ]
    assert not list(temporary.iterdir())


MIX = "from cms_sim.keys import mix; import numpy; print(mix(numpy.uint64(1), numpy.uint64(2)))"


def in_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of Python with the package at hand."""
    place = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-c", code], env=place, capture_output=True, text=True, check=True)


def test_a_cache_below_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below, usual = in_python(MIX, **{CACHE: str(tmp_path / "file" / "cache")}), in_python(MIX)
    assert below.stdout == usual.stdout and "Compiled code is not kept" in below.stderr
