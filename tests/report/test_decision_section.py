"""The worked example in docs/optimise.md: it says what the report says, and is written whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.errors import InputError, RunError
from cms_sim.report.decision_places import places_table
from cms_sim.report.decision_plots import plans_picture
from cms_sim.report.decision_section import MARKER, section
from cms_sim.report.decision_tables import plans_table
from cms_sim.report.decision_words import three_sentences
from cms_sim.report.marked_page import check_page, write_section
from cms_sim.report.style import Drawing
from tests.full_disk import fill_disk
from tests.report.made_decision import made_decision

DOCS = Path(__file__).parents[2] / "docs"


def test_it_has_the_answer_the_tables_and_the_pictures(tmp_path: Path) -> None:
    decision, page = made_decision(), tmp_path / "page.md"
    page.write_text(f"# Before\n\n{MARKER}\nold\n", encoding="utf-8")
    drawn = [plans_picture(decision).finished()]
    write_section(page, MARKER, section(decision, drawn), drawn)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n\n{MARKER}\n") and "old" not in text.splitlines()
    for words in (*three_sentences(decision), *plans_table(decision).headings, "2,000 runs of 40 plans"):
        assert words in text
    assert all(f"| {row[0]} |" in text for row in plans_table(decision).rows)
    assert (tmp_path / "images" / f"{drawn[0].name}.png").read_bytes() == drawn[0].png
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} <= {
        len(plans_table(decision).headings) + 1,
        len(places_table(decision).headings) + 1,
    }


@pytest.mark.parametrize("page", ["optimise", "ten_million_anywhere"])
def test_the_pages_of_the_documentation_have_their_place_and_pictures(page: str) -> None:
    check_page(DOCS / f"{page}.md", MARKER)
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8").partition(MARKER)[2]
    assert "fewer people are shot a year than under" in text
    for picture in ("plans", "map"):
        assert f"images/{page}_decision_{picture}.png" in text
        assert (DOCS / "images" / f"{page}_decision_{picture}.png").is_file()


def test_a_page_without_the_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(InputError, match="no place for the tables"):
        check_page(tmp_path / "page.md", MARKER)


def test_a_page_that_is_no_text_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(f"caf\u00e9\n{MARKER}\n".encode("latin-1"))
    refused = pytest.raises(InputError, match=r"page\.md: cannot be read \(not UTF-8 text\)")
    with refused:
        check_page(page, MARKER)
    with refused:
        write_section(page, MARKER, ["new"])


@pytest.mark.parametrize("full", ["page.md", "plans.png"])
def test_a_full_disk_leaves_page_and_pictures_as_they_were(
    full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, picture = tmp_path / "page.md", tmp_path / "images" / "plans.png"
    page.write_text(f"{MARKER}\nold\n", encoding="utf-8")
    picture.parent.mkdir()
    picture.write_bytes(b"old picture")
    fill_disk(monkeypatch, full)
    with pytest.raises(RunError, match=rf"{full}: the disk is full"):
        write_section(page, MARKER, ["new"], [Drawing("plans", "", "", b"", b"new picture")])
    assert page.read_text(encoding="utf-8") == f"{MARKER}\nold\n"
    assert picture.read_bytes() == (b"old picture" if full == "plans.png" else b"new picture")
    assert {file.name for file in tmp_path.rglob("*")} == {"page.md", "images", "plans.png"}
