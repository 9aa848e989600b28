"""What tests read in the pages of the documentation: blocks of code, tables, links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(page), flags=re.DOTALL | re.MULTILINE)


def run_python(page: Path) -> dict[str, Any]:
    """Run every Python block, in order, as a reader would type it; the names that they leave."""
    names: dict[str, Any] = {"__name__": "page"}
    found = blocks(page, "python")
    assert found, f"{page.name} has no block of Python"
    for number, block in enumerate(found, start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)
    return names


def tables(page: Path) -> list[list[tuple[str, ...]]]:
    """Every table: the cells of each row below its head."""
    found = re.findall(r"(?:^\|.*\|\n)+", text_of(page), flags=re.MULTILINE)
    return [[tuple(cell.strip() for cell in line.strip("|").split("|")) for line in t.splitlines()[2:]] for t in found]


def links(page: Path) -> list[str]:
    """Targets of links and pictures that lead into the repository, anchors included."""
    prose = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as hosts of repositories make them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
