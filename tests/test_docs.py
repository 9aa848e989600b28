"""The pages say what is so: figures are computed again, blocks run, tables are current, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import TABLES, load_city_tables
from cms_sim.door.cli import main
from cms_sim.door.describe import parameters_markdown
from cms_sim.scenario.check import check_file
from cms_sim.scenario.files import load_scenario
from tests import pages, record_figures
from tests.pages import DOCS, ROOT

MARK = "<!-- generated -->\n"
RENEW = "sed -i '/^<!-- generated/q' docs/PARAMETERS.md && cms-sim parameters --markdown >> docs/PARAMETERS.md"
ROOMS = ("docs", "cms_sim", "scenarios", "tests", "benchmarks")
PAGES = sorted([*ROOT.glob("*.md"), *(page for room in ROOMS for page in (ROOT / room).rglob("*.md"))])


@pytest.fixture(scope="module")
def city() -> CityTables:
    return load_city_tables()


def test_the_figures_of_the_record(city: CityTables) -> None:
    counts, where, when, dispersion, made_up, programme, controls, around = pages.tables(DOCS / "RECORD.md")
    assert counts == record_figures.counts(city)
    assert where == record_figures.where(city)
    assert when == record_figures.when_and_whom(city)
    assert dispersion == record_figures.dispersion(city)
    assert programme == record_figures.programme(city)
    assert controls == record_figures.controls(city)
    assert around == record_figures.event_study(city)
    assert len(made_up) == 10


@pytest.mark.parametrize("row", pages.tables(DOCS / "RECORD.md")[4], ids=" ".join)
def test_what_contagion_would_do_to_the_share_statistic(row: tuple[str, str, str], city: CityTables) -> None:
    children, elsewhere, statistic = float(row[0]), float(row[1].rstrip("%")) / 100, float(row[2])
    assert record_figures.simulated_share_statistic(city, children, elsewhere) == pytest.approx(statistic, abs=0.02)


def test_how_far_random_start_months_scatter(city: CityTables) -> None:
    text = " ".join(pages.text_of(DOCS / "RECORD.md").split())
    found = re.search(r"relative change has a mean of (-\d)% and a standard deviation of (\d) points", text)
    assert found
    mean, deviation = record_figures.random_starts(city)
    assert (round(100 * mean), round(100 * deviation)) == (int(found[1]), int(found[2]))
    assert record_figures.first_of_2019(city, 20).isdisjoint(record_figures.ADDED)


def test_the_forecast_s_words_agree_with_its_sections() -> None:
    """Which of the 90% intervals hold as many annual counts as asked, and where the programme's part may be chance."""
    words, *sections = re.split(r"### Up to (?=\d{4}: )", pages.text_of(DOCS / "forecast.md"))
    assert len(sections) == 4
    missed = [each for each in sections if "(randomised PIT): as asked" not in each]
    assert [each.partition("\n")[0] for each in missed] == ["2013: Chicago's social contagion"]
    found = re.search(r"\* ([\d.]+)% of annual counts", missed[0])
    assert found and f"({found[1]}%, where 86 to 94% was asked for)" in words and "three of the four" in words
    assert f"({found[1]}%, where 86 to 94% was asked for)" in pages.text_of(DOCS / "validation.md")
    assert all("the model beats the best naive forecast" in each for each in sections)
    by_chance = [re.search(r"The forecast's levels alone.*may be chance", each) is not None for each in sections]
    assert by_chance == [True, True, False, True] and "under Chicago's hypothesis this may be chance" in words


def test_the_table_of_parameters_is_current() -> None:
    head, _, table = pages.text_of(DOCS / "PARAMETERS.md").partition(MARK)
    assert head.startswith("# Parameters")
    assert table == "\n".join(parameters_markdown()) + "\n", f"docs/PARAMETERS.md is stale. Renew it with: {RENEW}"


def test_every_block_of_a_plan_is_valid_with_those_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    *plan, one_site = pages.blocks(DOCS / "scenarios.md", "toml")
    assert len(plan) > 5
    file = tmp_path / "my_plan.toml"
    for count in range(1, len(plan) + 1):
        file.write_text("\n".join(plan[:count]), encoding="utf-8")
        lines = check_file(file)
        assert not [line for line in lines if line.startswith("Warning") and "no [budget]" not in line]
    whole = load_scenario(file)
    assert whole.surges and whole.patrols and set(whole.parameters) == {"detection", "catchment_share"}
    assert any(line.startswith("Unspent") for line in lines)

    shutil.copytree(TABLES, tmp_path / "city")
    (tmp_path / "scenarios").mkdir()
    own = tmp_path / "scenarios" / "one_site.toml"
    own.write_text(one_site, encoding="utf-8")
    assert check_file(own) and load_scenario(own).frame.city_folder == (tmp_path / "city").resolve()


@pytest.mark.slow
def test_the_commands_for_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (commands,) = pages.blocks(DOCS / "scenarios.md", "sh")
    smallest = {"compare": ["--replicates", "2", "--workers", "1", "--events", "1"]}
    for line in commands.splitlines():
        program, command, *rest = shlex.split(line)
        assert program == "cms-sim"
        with pytest.raises(SystemExit) as ended:
            main([command, *rest, *smallest.get(command, [])])
        assert ended.value.code == 0, line
    assert (tmp_path / "results" / "my_plan" / "report.html").is_file()


@pytest.mark.slow
def test_the_page_of_the_library_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = pages.run_python(DOCS / "library.md")
    assert "\n2\n" in capsys.readouterr().out  # ties of the edge list
    assert len(names["shootings"]) > 100 and set(names["shootings"]["precinct"]) == {73}
    assert names["frames"].summary["plan"].tolist() == ["sites_june_2020", "nights_weekends"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    dead = [target for target in pages.links(page) if not _leads_somewhere(page, target)]
    assert dead == []


def _leads_somewhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    return file.exists() and (not anchor or anchor in pages.anchors(file))


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in pages.links(ROOT / "README.md")}
    assert set(DOCS.glob("*.md")) <= linked


def test_the_changelog_names_this_version() -> None:
    from cms_sim.version import __version__

    assert re.search(rf"^## \[{re.escape(__version__)}\]", pages.text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)
