"""`cms-sim validate`: what it prints, writes and refuses. Histories are made up, but for one that is lived."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.evaluation.patterns.counts import monthly
from cms_sim.evaluation.validation import check, histories
from cms_sim.evaluation.validation.check import GROUPS
from cms_sim.evaluation.validation.histories import Histories, statistics_of, statistics_of_record
from cms_sim.experiment.draws import draw_from_priors, fixed_draws
from cms_sim.experiment.hindcast import Hindcast
from cms_sim.experiment.levels_between import LevelsBetween
from cms_sim.report import validation_plots
from cms_sim.report.style import Drawing, Picture
from cms_sim.report.validation_words import MARKER, picture_name
from tests import pages

LAST = re.compile(r"^rows = (\d+), covered = (\d+), predicted = (\d+), predicted and covered = (\d+)$")
DIFFERENT = re.compile(LAST.pattern.replace("rows", "different statistics"))
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an empty folder: exit code, what it printed, what it complained of."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["validate", *map(str, arguments)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return int(ended.value.code or 0), captured.out, captured.err

    return command


@pytest.fixture(autouse=True)
def quick_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of the command's time: only the test of the page itself draws every group as it is."""
    if request.node.name == "test_the_page_stands_alone":
        return
    small = Picture("x", Figure(figsize=(0.2, 0.2)), "", "").finished()

    class Drawn:
        def __init__(self, name: str) -> None:
            self.name = name

        def finished(self) -> Drawing:
            return replace(small, name=self.name)

    monkeypatch.setattr(validation_plots, "pictures", lambda _: [Drawn(picture_name(group)) for group in GROUPS])


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories around each figure, so that most are covered; what follows from what is far off."""
    record = statistics_of_record(load_city_tables())

    def live(work: Histories, workers: int, on_progress: Callable[[int], None]) -> dict[str, Any]:
        found, mixed = {}, np.random.default_rng(1)
        for group in GROUPS:
            for row in group.rows:
                middle = row.published if row.published is not None else None
                if middle is None:
                    middle = (row.low + row.high) / 2 if row.is_bound else record[row.statistic] * row.times  # type: ignore[operator]
                aim = middle / row.times * (0.2 if group.name == "contagion" else 1.0)
                found[row.statistic] = aim + mixed.permutation(np.linspace(-0.02, 0.02, work.draws))
        on_progress(work.draws)
        return found

    given = draw_from_priors(20, 1, hypothesis("city"))
    monkeypatch.setattr(check, "live", live)
    monkeypatch.setattr(check, "parameters_of", lambda name, variant, from_priors, count: given)


def test_it_ends_with_the_counts(run: Run, made_up: None) -> None:
    code, out, err = run("--histories", 40)
    assert code == 0, err
    found = LAST.match(out.splitlines()[-1])
    assert found
    rows, covered, predicted, both = map(int, found.groups())
    assert rows == sum(len(group.rows) for group in GROUPS) >= 40
    assert 0 < both <= min(covered, predicted) < rows
    different = DIFFERENT.match(out.splitlines()[-2])
    assert different
    for few, many in zip(different.groups(), found.groups(), strict=True):
        assert 0 < int(few) <= int(many)
    assert int(different[1]) < rows
    for group in GROUPS:
        assert group.title in out
    assert "Chicago's figure is of episodes in a network" in out.replace("\n", " "), (
        "failures are told with their reason"
    )


def test_rows_for_machines(run: Run, made_up: None) -> None:
    code, out, _ = run("--histories", 40, "--json")
    assert code == 0
    told = json.loads(out)
    (city,) = told["hypotheses"]
    assert LAST.match(told["last"])
    assert DIFFERENT.match(told["different"])
    assert city["different"]["statistics"] < city["counts"]["rows"]
    assert all(row["asks"] in {each["statistic"] for each in city["rows"]} for row in city["rows"])
    assert [aim["missed"] != [] for aim in city["aims"]] == [aim["reached"] is False for aim in city["aims"]]
    assert city["counts"]["rows"] == len(city["rows"])
    first = city["rows"][0]
    assert first["name"] == "announced_victims" and first["kind"] == "predicted" and first["published"] == -28.0
    assert first["posterior"] == "without_effect" and first["fitted_low"] < first["fitted_high"]
    assert {row["kind"] for row in city["rows"]} == {"predicted", "fitted", "input"}
    assert told["not_modelled"]


def test_both_hypotheses_side_by_side(run: Run, made_up: None) -> None:
    code, out, _ = run("--histories", 40, "--hypothesis", "both", "--markdown", "--parameters", "prior")
    assert code == 0
    header = next(line for line in out.splitlines() if line.startswith("| figure"))
    assert header == "| figure | kind | published | model: city | model: chicago | source |"
    assert "to be fitted" in out, "under priors nothing is fitted"
    aims, _, tables = out.partition("### What studies of the sites find")
    assert "| aim | city | chicago |" in aims
    assert all(line.count("|") == header.count("|") for line in tables.splitlines() if line.startswith("| "))


def test_the_page_stands_alone(run: Run, made_up: None) -> None:
    run("--histories", 40, "--out", "here")
    page = Path("here/validation.html").read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!data:|#)', page) and "<script" not in page
    assert page.count("<img") == len(GROUPS) == page.count("</table>")
    assert "different statistics = " in page and "rows = " in page and "told in forecast.md" in page
    assert json.loads(Path("here/validation.json").read_text(encoding="utf-8"))["last"]
    assert len(list(Path("here").glob("*.png"))) == len(GROUPS)


def test_the_documentation_is_renewed_in_place(run: Run, made_up: None, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "validation.md"
    page.write_text(f"# Head\n\nKept.\n\n{MARKER}\n\nWritten before.\n", encoding="utf-8")
    for _ in range(2):
        assert run("--histories", 40, "--page", page)[0] == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Head\n\nKept.\n\n{MARKER}\n") and "Written before" not in text
    assert text.count("### What studies of the sites find") == 1
    shown = re.findall(r"!\[[^]]*\]\((images/[^)]*)\)", text)
    assert len(shown) == len(GROUPS) and all((page.parent / name).is_file() for name in shown)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--hypothesis", "chicgo"), "Did you mean 'chicago'"),
        (("--histories", "3"), "too few"),
        (("--histories", "many"), "--histories"),
        (("--parameters", "guess"), "--parameters"),
        (("--workers", "-1"), "--workers"),
        (("--page", "nowhere.md"), "has no place for the table"),
        (("--no-such",), "No such option"),
    ],
)
def test_bad_input(run: Run, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = run(*arguments)
    assert code == 2 and out == ""
    assert words in err


def test_a_folder_that_cannot_be_written(run: Run, made_up: None, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    code, _, err = run("--histories", 40, "--out", tmp_path / "taken" / "inside")
    assert code == 2 and "taken" in err


def test_without_a_posterior_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, variant: str = "") -> Any:
        raise InputError("there is no such posterior", where=name, remedy="Give --parameters prior.")

    monkeypatch.setattr(histories, "shipped_posterior", missing)
    code, _, err = run("--histories", 40)
    assert code == 2 and "--parameters prior" in err


def test_ctrl_c_says_how_to_go_on(run: Run, made_up: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "live", interrupted)
    code, _, err = run("--histories", 40)
    assert code == 130 and "give the same command again" in err


def test_histories_are_kept_by_what_they_are_of() -> None:
    given = draw_from_priors(20, 1, hypothesis("city"))
    one = Histories.now("city", given, 30)
    assert one.draws == 30 and one.values[0] == one.values[20], "draws begin again when they are exhausted"
    assert one.folder == Histories.now("city", given, 30).folder
    others = [
        Histories.now("chicago", given, 30),
        Histories.now("city", given, 31),
        Histories.now("city", given, 30, 1),
    ]
    assert len({each.folder for each in (one, *others)}) == 4


def test_the_page_of_the_documentation_has_its_place() -> None:
    assert MARKER in pages.text_of(pages.DOCS / "validation.md").splitlines()


@pytest.mark.slow
def test_a_history_that_is_lived_knows_every_row() -> None:
    """One of all precincts, with and without sites."""
    levels = LevelsBetween(load_city_tables(), hypothesis("city"), draws=40)
    given = fixed_draws(hypothesis("city")).of(0)
    whole, none = Hindcast(levels), Hindcast(levels, frozenset(levels.tables.numbers))
    found = statistics_of(whole.live(given, 1, 0), monthly(none.live(given, 1, 0)), 1)
    for group in GROUPS:
        for row in group.rows:
            assert np.isfinite(found[row.statistic]), row.name
    assert found["more_without_sites"] > 0.0, "sites avert in the mean of a city, even in one history"
    assert 0.9 < found["incidents_over_record"] < 1.1
