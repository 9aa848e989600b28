"""The report on paper: eight pages at most, whatever its size, and readable by machines that read aloud."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.parameters import load_parameters
from cms_sim.door.cli import main
from cms_sim.errors import InputError
from cms_sim.experiment.results import Results
from cms_sim.report.html import report_page
from cms_sim.report.pdf import check_pdf, print_pdf
from cms_sim.report.pictures import all_pictures
from cms_sim.report.provenance import provenance
from cms_sim.report.sheet import Sheet
from cms_sim.scenario.files import load_default_set
from cms_sim.scenario.resolved import Scenario
from tests.evaluation.make_results import NO_PROGRAMME, REFERENCE, MadePlan, make_results

MOST_PAGES = 8
TOLD = {"command": ["compare"], "started": "2024-02-03T10:00:00+00:00", "seconds": 1.0}


@pytest.fixture(autouse=True)
def _has_printer() -> None:
    pytest.importorskip("weasyprint", reason="the extra `pdf` is not installed", exc_type=ImportError)
    pytest.importorskip("pypdf", reason="the extra `dev` is not installed")


def printed(sheet: Sheet, folder: Path, names: tuple[str, ...] = ("plans", "map_of_leader")) -> list[str]:
    """The text of each page of the report."""
    from pypdf import PdfReader

    drawings = [picture.finished() for picture in all_pictures(sheet) if picture.name in names]
    (folder / "report.html").write_text(report_page(sheet, drawings, provenance(sheet, sheet.scenarios, TOLD)), "utf-8")
    pages = print_pdf(folder / "report.html", folder / "report.pdf")
    reader = PdfReader(folder / "report.pdf")
    assert len(reader.pages) == pages
    assert reader.metadata is not None and sheet.results.name in str(reader.metadata.title)
    root = reader.root_object
    assert root["/Lang"] == "en" and "/StructTreeRoot" in root  # tagged: headings, tables and alt texts are told
    return [page.extract_text() for page in reader.pages]


def of_real_size(precincts: int | None = None, more_plans: int = 0) -> tuple[Results, tuple[Scenario, ...]]:
    """The plans that ship, with their titles, precincts and number of uncertain parameters, and numbers made up."""
    scenarios = load_default_set()
    kinds = [REFERENCE if k == 0 else MadePlan(f"p{k}", 0.02 * k, 71e6) for k in range(len(scenarios) + more_plans)]
    kinds[1] = NO_PROGRAMME
    numbers = scenarios[0].frame.precincts if precincts is None else range(1, precincts + 1)
    results = make_results(replicates=64, plans=kinds, precincts=numbers, victims_per_month=2.0)
    told = [scenarios[k % len(scenarios)] for k in range(len(kinds))]
    plans = tuple(
        replace(plan, name=f"{s.name}{k if k >= len(scenarios) else ''}", title=s.title, summary=s.summary)
        for k, (plan, s) in enumerate(zip(results.plans, told, strict=True))
    )
    drawn = [name for name, parameter in load_parameters().items() if parameter.prior][:20]
    values = {name: np.random.default_rng(k).random(64) for k, name in enumerate(drawn)}
    return replace(results, plans=plans, parameters=values), tuple(scenarios)


def test_a_small_report_keeps_to_eight_pages(sheet: Sheet, tmp_path: Path) -> None:
    pages = printed(sheet, tmp_path)
    assert 3 <= len(pages) <= MOST_PAGES
    assert "averts most of the 4 plans" in pages[0] and "page 1 of" in pages[0]
    text = " ".join(" ".join(pages).split())
    order = ["The plans side by side", "What each precinct gets", "The money", "How a study should", "What is assumed"]
    places = [text.index(heading) for heading in (*order, "Appendix: method")]
    assert places == sorted(places)


def test_the_shipped_plans_in_their_real_size_keep_to_eight_pages(tmp_path: Path) -> None:
    results, scenarios = of_real_size()
    assert len(results.precincts) == 26 and len(results.plans) == 10
    pages = printed(Sheet(results, scenarios=scenarios), tmp_path)
    assert len(pages) <= MOST_PAGES
    assert "120" in " ".join(pages) and "new site" in " ".join(pages)


def test_the_whole_city_and_twice_the_plans_keep_to_eight_pages(tmp_path: Path) -> None:
    results, scenarios = of_real_size(precincts=77, more_plans=4)
    pages = printed(Sheet(results, scenarios=scenarios), tmp_path, names=())
    assert len(pages) <= MOST_PAGES - 2  # pictures take up to two


def test_nothing_is_fetched(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body { display: none }", encoding="utf-8")
    page = tmp_path / "report.html"
    page.write_text(f'<html lang="en"><link rel="stylesheet" href="{secret.as_uri()}"><p>Here</p></html>', "utf-8")
    assert print_pdf(page, tmp_path / "report.pdf") == 1
    from pypdf import PdfReader

    assert "Here" in PdfReader(tmp_path / "report.pdf").pages[0].extract_text()


def test_a_folder_without_a_report_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no report\.html") as caught:
        print_pdf(tmp_path / "report.html", tmp_path / "report.pdf")
    assert str(tmp_path) in str(caught.value)


def test_the_command_prints_a_finished_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "report.html").write_text('<html lang="en"><title>Made</title><h1>Made</h1></html>', "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 0 and (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    told = capsys.readouterr()
    assert told.out == f"PDF: {tmp_path / 'report.pdf'} (1 page)\n" and told.err == ""


def test_a_comparison_with_a_pdf_is_refused_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(SystemExit) as ended:
        main(["compare", "--pdf", "--out", str(tmp_path / "results")])
    assert ended.value.code == 2 and "pip install 'cms-sim[pdf]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError, match="needs the package weasyprint") as caught:
        check_pdf()
    assert "pip install 'cms-sim[pdf]'" in caught.value.remedy and "browser" in caught.value.remedy
