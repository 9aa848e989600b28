"""A plan survives the way into a workbook and back, with every date, amount and name."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.errors import InputError
from cms_sim.scenario.check import check_file
from cms_sim.scenario.content import content_of, scenario_text
from cms_sim.scenario.files import load_reference, load_scenario, shipped_folder
from cms_sim.scenario.resolved import Scenario, resolved_hash
from cms_sim.scenario.schema import SHARED_SHIFTS, WEEKDAYS, Services, Staff
from cms_sim.scenario.workbook.prices import read_unit_costs
from tests.scenario.workbook.parts import write_workbook

NAMES = sorted(file.stem for file in shipped_folder().glob("*.toml"))  # type: ignore[union-attr]
KEPT = ("title", "summary", "budget", "order")
PRECINCTS = (73, 75, 79, 81)


def there_and_back(scenario: Scenario, folder: Path) -> tuple[Scenario, Scenario]:
    """As read from a workbook, and from the text file written from that."""
    book, text = folder / "plan_a.xlsx", folder / "plan_b.toml"
    write_workbook(scenario, book, load_unit_costs())
    from_book = load_scenario(book)
    text.write_text(scenario_text(content_of(from_book, text)), encoding="utf-8")
    return from_book, load_scenario(text)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_plan(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    for found in there_and_back(scenario, tmp_path):
        assert resolved_hash(found) == resolved_hash(scenario)
        assert [getattr(found, key) for key in KEPT] == [getattr(scenario, key) for key in KEPT]
        assert [site.provider for site in found.sites] == [site.provider for site in scenario.sites]
        assert resolved_hash(load_reference(found)) == resolved_hash(load_reference(scenario))
        assert not found.default_set


def test_everything_a_file_can_say(small: Scenario, written: Path) -> None:
    found = load_scenario(written)
    assert resolved_hash(found) == resolved_hash(small) and found.file == written
    assert found.reference == found.name == "small"
    assert len(found.sites[0].terms) == 3 and found.surges and found.patrols and len(found.parameters) == 2


def test_check_takes_a_workbook(written: Path) -> None:
    lines = check_file(written)
    assert lines[0].startswith("A small plan (small, ") and any(line.startswith("Budget: $3,000,000") for line in lines)


def test_a_reference_in_a_file_beside_the_plan(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    for name, extra in (
        ("before", ""),
        ("after", "[[levers.add]]\nprecincts = 73\nfrom = 2020-07-01\nstaff = { supervisors = 1 }\n"),
    ):
        text = f'title = "{name}"\nextends = "sites_june_2020"\nreference = "before"\n{extra}'
        (tmp_path / "plans" / f"{name}.toml").write_text(text, encoding="utf-8")
    plan = load_scenario(tmp_path / "plans" / "after.toml")
    for found in there_and_back(plan, tmp_path):
        assert load_reference(found).title == "before"
    for found in there_and_back(plan, tmp_path / "plans"):
        assert found.reference == "before" and load_reference(found).title == "before"


def test_texts_stay_texts(tmp_path: Path) -> None:
    text = '=1+1 "quoted" \\ né\n@sum, -2 & <b>'
    scenario = load_scenario("sites_june_2020").model_copy(
        update={"title": text, "summary": "+A1", "reference": "no_programme"}
    )
    for found in there_and_back(scenario, tmp_path):
        assert (found.title, found.summary) == (text, "+A1")


def test_what_no_workbook_can_hold(tmp_path: Path) -> None:
    scenario = load_scenario("sites_june_2020")
    file = tmp_path / "x.xlsx"
    with pytest.raises(InputError, match="no cell can hold"):
        write_workbook(scenario.model_copy(update={"title": "bell \x07"}), file, load_unit_costs())
    first = scenario.sites[0]
    early = first.model_copy(update={"terms": (first.terms[0].model_copy(update={"from_date": date(1890, 1, 1)}),)})
    with pytest.raises(InputError, match="1890-01-01"):
        write_workbook(scenario.model_copy(update={"sites": (early,)}), file, load_unit_costs())
    assert not file.exists()


def test_prices_come_back_and_can_be_replaced(written: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    assert read_unit_costs(written) == load_unit_costs() == read_unit_costs(None)
    book = load_workbook(written)
    book["Unit costs"]["B5"] = 120_000
    book.save(tmp_path / "dearer.xlsx")
    changed = read_unit_costs(tmp_path / "dearer.xlsx")
    assert {n: c.usd for n, c in changed.items() if c != load_unit_costs()[n]} == {
        "staff.violence_interrupters": 120_000.0
    }


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("B5", -5, "-5 is not a sum of 0 or more"),
        ("B5", 0, "'staff.violence_interrupters' costs nothing"),
        ("B5", "free", "'free' is not a sum in US dollars"),
        ("B5", None, "US dollars is missing"),
        ("D5", "croe", "Did you mean 'core'"),
        ("E5", "T5-9999", "there is no evidence 'T5-9999'"),
        ("B8", 10, "outside its own range"),  # supervisors, from 90,000 to 140,000
        ("G8", 200_000, "outside its own range (Low 200,000, US dollars 102,000, High 140,000)"),
        ("H8", 1, "Put Low, US dollars and High in order"),
        ("E5", None, "nothing says where the price is from"),
        ("E5", ", ", "Fill in Evidence (ids of the project, such as T5-042), or Assumed because (the reason)"),
        ("F5", "An offer.", "Evidence is filled in as well"),
        ("E5", "an offer", "Where the price is from elsewhere, say so in 'Assumed because' instead"),
        ("A5", "staff.violence_interupters", "Did you mean 'staff.violence_interrupters'"),
        ("A6", "staff.violence_interrupters", "is there twice"),
    ],
)
def test_a_bad_price_is_named_with_its_cell(
    cell: str, value: str | int | None, words: str, written: Path, tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    book = load_workbook(written)
    book["Unit costs"][cell] = value
    book.save(tmp_path / "bad.xlsx")
    with pytest.raises(InputError) as caught:
        read_unit_costs(tmp_path / "bad.xlsx")
    assert words in str(caught.value)
    assert f"bad.xlsx, Unit costs!{cell}" in caught.value.where


def test_prices_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(b"\xff\xfen\x00a\x00")
    with pytest.raises(InputError, match=r"prices\.csv: is no text and no workbook\n.* ends in \.xlsx"):
        read_unit_costs(file)


def test_a_deleted_price_is_named_with_its_sheet(written: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(written)
    book["Unit costs"].delete_rows(5)
    book.save(tmp_path / "bad.xlsx")
    with pytest.raises(InputError, match=r"sheet Unit costs: prices are missing: staff.violence_interrupters"):
        read_unit_costs(tmp_path / "bad.xlsx")


def test_a_workbook_that_another_program_saved(written: Path, tmp_path: Path, small: Scenario) -> None:
    """Opened and saved: formats and formulas are kept, empty rows go, numbers may become 3.0."""
    from openpyxl import load_workbook

    load_workbook(written).save(tmp_path / "again.xlsx")
    assert resolved_hash(load_scenario(tmp_path / "again.xlsx")) == resolved_hash(
        small.model_copy(update={"name": "again"})
    )


DAYS = st.dates(date(2019, 1, 1), date(2022, 6, 30))
AMOUNTS = {
    "staff": st.fixed_dictionaries({}, optional={role: st.integers(0, 5) for role in Staff.model_fields}),
    "services": st.fixed_dictionaries({}, optional={name: st.integers(0, 60) for name in Services.model_fields}),
}
TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=("Cc",)), min_size=1, max_size=30
)
SHIFTS = ("evenings", "nights_weekends", "office_hours", "own")


@st.composite
def sites(draw: st.DrawFn, precinct: int) -> dict[str, Any]:
    opens = draw(DAYS)
    steps = sorted(draw(st.sets(st.integers(1, 900), max_size=3)))
    site: dict[str, Any] = {"precinct": precinct, "site_id": draw(st.integers(1, 3)), "opens": opens}
    site |= {name: draw(of) for name, of in AMOUNTS.items()} | {"shift": draw(st.sampled_from(SHIFTS))}
    site["changes"] = [
        {"from": opens + timedelta(days=day), "shift": draw(st.sampled_from(SHIFTS)), "staff": draw(AMOUNTS["staff"])}
        for day in steps
    ]
    if draw(st.booleans()):
        site |= {"closes": opens + timedelta(days=draw(st.integers(901, 1500))), "provider": draw(TEXT)}
    if draw(st.booleans()):
        site |= {"catchment_share": draw(st.floats(0.01, 1.0)), "payment_delay_days": draw(st.integers(0, 400))}
    return site


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    where = draw(st.lists(st.sampled_from(PRECINCTS), unique=True, max_size=3))
    days = draw(st.lists(st.sampled_from(WEEKDAYS), unique=True, min_size=1, max_size=5))
    begins = draw(st.integers(0, 23))
    patrols = draw(st.lists(st.sampled_from(PRECINCTS), unique=True, max_size=2))
    surge = {"from": draw(DAYS), "factor": draw(st.floats(0.1, 9.0)), "until": date(2022, 7, 1)}
    content = {
        "title": draw(TEXT),
        "reference": "made",
        "constants": {"precincts": list(PRECINCTS), "starts": date(2020, 7, 1), "ends": date(2022, 6, 30)},
        "shifts": {"own": {"weekdays": days, "from_hour": begins, "to_hour": (begins + 7) % 24 + 1}},
        "levers": {
            "sites": [draw(sites(precinct)) for precinct in where],
            "patrol": [
                {"precincts": n, "from": draw(DAYS), "officers": draw(st.integers(0, 9)), "share_of_precinct": 0.2}
                for n in patrols
            ],
        },
        "uncertainties": {"detection": draw(st.floats(0.001, 0.9)), "surge": [surge] * draw(st.integers(0, 2))},
    }
    if draw(st.booleans()):
        content["budget"] = {"usd_per_year": draw(st.floats(0, 1e8)), "recurring": draw(st.booleans())}
    return content


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents())
def test_any_plan(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("made")
    (folder / "made.toml").write_text(scenario_text(content), encoding="utf-8")
    scenario = load_scenario(folder / "made.toml")
    assert all(name in SHARED_SHIFTS or name == "own" for name in scenario.shifts)
    for found in there_and_back(scenario, folder):
        assert resolved_hash(found) == resolved_hash(scenario)
        assert (found.title, found.budget) == (scenario.title.strip(), scenario.budget)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from cms_sim.door.cli import main

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    monkeypatch.chdir(tmp_path)
    assert run("workbook", "write", "expansion_2020", "mine.xlsx") == (
        0,
        "Wrote mine.xlsx. Fill it in, then: cms-sim check mine.xlsx\n",
    )
    assert run("workbook", "read", "mine.xlsx", "mine.toml")[0] == 0
    assert run("check", "mine.toml")[1] == run("check", "mine.xlsx")[1]
    for arguments, words in (
        (("write", "expansion_2020", "mine.xlsx"), "exists already"),
        (("write", "expansion_2020", "mine.ods"), "does not end in .xlsx"),
        (("write", "expansion_202", "other.xlsx"), "'expansion_2020'"),
        (("read", "mine.toml", "other.toml"), "is no workbook"),
        (("read", "nowhere.xlsx", "other.toml"), "there is no scenario file"),
        (("read", "mine.xlsx", "mine.toml"), "exists already"),
    ):
        code, said = run("workbook", *arguments)
        assert code == 2 and words in said and "Traceback" not in said, said


def test_a_reader_without_the_library_is_told_what_to_install() -> None:
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from cms_sim.door.cli import main\nmain(['workbook', 'write', 'expansion_2020', 'never.xlsx'])"
    )
    import sys

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 2 and "cms-sim[spreadsheet]" in run.stderr and "Traceback" not in run.stderr


def test_other_prices_are_warned_of_and_can_be_counted(written: Path, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(written)
    book["Unit costs"]["B8"] = 132_000  # supervisors, 30,000 dearer: two years of one, nine months of another
    book.save(tmp_path / "small.xlsx")
    warned = [line for line in check_file(tmp_path / "small.xlsx") if line.startswith("Warning: other unit costs")]
    assert len(warned) == 1 and "staff.supervisors" in warned[0]
    lines = check_file(tmp_path / "small.xlsx", tmp_path / "small.xlsx")
    assert not [line for line in lines if line.startswith("Warning: other unit costs")]
    before, after = (
        float(next(line for line in report if line.startswith("Cost: ")).split()[1].strip("$").replace(",", ""))
        for report in (check_file(written), lines)
    )
    assert after - before == pytest.approx(30_000 * (2 + (181 + 90) / 365), abs=1.0)
