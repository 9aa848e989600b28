"""`cms-sim calibrate` and `cms-sim identify --page` where histories cost nothing: tables, pictures, the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from cms_sim.data.hypotheses import hypothesis
from cms_sim.data.targets import load_targets
from cms_sim.door.cli import commands
from cms_sim.errors import InputError
from cms_sim.evaluation import identified as identified_module
from cms_sim.evaluation.calibration import bank
from cms_sim.evaluation.calibration.bank import LIVED, BankPlan
from cms_sim.evaluation.calibration.inference import LEAST_DRAWS
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.threads import MOST_WORKERS
from cms_sim.report.recovery_words import MARKER
from tests import pages

DRAWS = 220
VARIANTS = {"all": "city", "without_effect": "city-without_effect"}


def quick_rows(plan: BankPlan, missing: list[range], workers: int) -> Iterator[tuple[range, list[dict[str, float]]]]:
    """Every target a line in the parameters with chance."""
    del workers
    values = np.tanh(draw_from_priors(plan.draws, plan.seed, hypothesis(plan.hypothesis)).values)
    slopes = np.random.default_rng(1).random((len(load_targets()), values.shape[1]))
    seen = 1.0 + values @ slopes.T + 0.3 * np.random.default_rng(2).random((plan.draws, len(slopes)))
    names = [target.name for target in load_targets()]
    for part in missing:
        yield part, [{**dict(zip(names, seen[draw].tolist(), strict=True)), LIVED: 1.0} for draw in part]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def calibrated(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Mapping[str, Mapping[str, Mapping[str, object]]]]:
    """The folder of a calibration, and what it prints for machines."""
    out = tmp_path_factory.mktemp("calibration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bank, "_run", quick_rows)
        told = run("calibrate", "--hypothesis", "city", "--draws", DRAWS, "--out", out, "--json")
    assert told.exit_code == 0, told.output
    return out / "city", json.loads(told.stdout)["city"]


@pytest.fixture
def no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no history can be lived."""
    monkeypatch.setattr(bank, "_run", None)
    monkeypatch.setattr(identified_module, "learned_from", lambda bank: {})


def test_it_prints_a_table_and_a_sentence_for_each_posterior(calibrated: tuple[Path, object], no_history: None) -> None:
    folder, machines = calibrated
    shown = run("calibrate", "--hypothesis", "city", "--draws", DRAWS, "--out", folder.parent).stdout
    assert shown.count("contraction") >= 2 and shown.count("recovered worse") + shown.count("Recovered poorly") == 2
    assert "at most 5% have any parameter named" in " ".join(shown.split())
    for variant, file in VARIANTS.items():
        checks = json.loads((folder / f"{file}.json").read_text(encoding="utf-8"))["checks"]
        assert machines[variant]["checks"] == checks  # type: ignore[index]
        assert machines[variant]["so"].keys() == checks.keys()  # type: ignore[index]
        told = json.loads((folder / f"{file}.json").read_text(encoding="utf-8"))
        assert list(machines[variant]["observed"]) == told["targets"]  # type: ignore[index]
    assert shown.count("beyond 99% of the histories") + shown.count("lies among the histories") == 2


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--draws", (0, -5, 1, LEAST_DRAWS - 1, 1_000_001)),
        ("--workers", (-3, MOST_WORKERS + 1)),
        ("--seed", (-1, 2**63, 99999999999999999999999)),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    option: str, values: tuple[int, ...], no_history: None, tmp_path: Path
) -> None:
    for value in values:
        refused = run("calibrate", "--hypothesis", "city", "--out", tmp_path / "out", option, value)
        assert isinstance(refused.exception, click.exceptions.Exit | SystemExit) and refused.exit_code == 2
        assert option in refused.output and "is not in the range" in refused.output
        assert not (tmp_path / "out").exists()


def test_it_leaves_pictures_of_the_ranks(calibrated: tuple[Path, object]) -> None:
    for file in VARIANTS.values():
        picture = calibrated[0] / f"calibration_ranks_{file}"
        assert picture.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in picture.with_suffix(".svg").read_bytes()


def test_the_page_is_written_from_the_bank_alone(
    calibrated: tuple[Path, object], no_history: None, tmp_path: Path
) -> None:
    folder, _ = calibrated
    page = tmp_path / "calibration.md"
    page.write_text(f"# Calibration\n\n{MARKER}\n\nwhat stood here\n", encoding="utf-8")
    told = run("identify", folder, "--page", page)
    assert told.exit_code == 0, told.output
    assert "what stood here" not in pages.text_of(page)
    for file, rows in zip(VARIANTS.values(), pages.tables(page), strict=True):
        checks = json.loads((folder / f"{file}.json").read_text(encoding="utf-8"))["checks"]
        assert pages_checks(rows) == {name: shown_as(found) for name, found in checks.items()}
        picture = f"calibration_ranks_{file}.png"
        assert (tmp_path / "images" / picture).read_bytes() == (folder / picture).read_bytes()
        assert f"images/{picture}" in pages.links(page)


def pages_checks(rows: list[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Of the page's table: parameter to contraction, coverages without their intervals, and the ranks' p."""
    return {row[0].strip("`"): (row[4], row[5].split()[0], row[6].split()[0], row[7]) for row in rows}


def shown_as(checks: Mapping[str, float]) -> tuple[str, ...]:
    """What a posterior's file says, as the page writes it."""
    p = f"{checks['p_uniform']:.4f}" if checks["p_uniform"] else "< 0.0001"
    contraction = f"{round(checks['contraction'], 2) + 0.0:.2f}"
    return contraction, f"{checks['coverage_50']:.0%}", f"{checks['coverage_90']:.0%}", p


def test_a_page_without_a_place_for_it_is_refused_before_the_work(tmp_path: Path, no_history: None) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A page\n", encoding="utf-8")
    refused = run("identify", tmp_path / "nowhere", "--page", page)
    assert isinstance(refused.exception, InputError) and "no place for the tables" in str(refused.exception)
    assert MARKER in str(refused.exception.remedy)
