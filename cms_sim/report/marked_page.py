"""A section of a page of the documentation that a command writes: below the line that marks it, to the next one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cms_sim.errors import InputError
from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

if TYPE_CHECKING:
    from cms_sim.report.style import Drawing


def table_lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown, all columns set to the left."""
    yield f"| {' | '.join(headings)} |"
    yield "|---" * len(headings) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def check_page(page: Path, marker: str) -> None:
    """Raise InputError for a page without the line `marker`, or that is no text."""
    _text_of(page, marker)


def write_section(page: Path, marker: str, lines: Iterable[str], pictures: Sequence[Drawing] = ()) -> None:
    """Put lines under `marker`, in the place of those that are there, and pictures into `images` beside the page.

    Raises InputError for a page without the marker, or that cannot be written, and RunError for a full disk; the file
    that could not be written is as it was.
    """
    head, _, tail = _text_of(page, marker).partition(marker)
    next_one = re.search(r"^<!-- generated", tail, flags=re.MULTILINE)
    rest = tail[next_one.start() :] if next_one else ""
    section = "\n".join(lines)
    text = f"{head}{marker}\n\n{section}\n{rest}".rstrip() + "\n"
    for picture in pictures:
        _write(page.parent / "images" / f"{picture.name}.png", picture.png)
    _write(page, text.encode())


def _text_of(page: Path, marker: str) -> str:
    try:
        text = page.read_text(encoding="utf-8") if page.is_file() else ""
    except UnicodeDecodeError:
        remedy = "Save it as UTF-8 text, or give another page."
        raise InputError("cannot be read (not UTF-8 text)", where=str(page), remedy=remedy) from None
    if marker not in text.splitlines():
        raise InputError("has no place for the tables", where=str(page), remedy=f"Write a line: {marker}")
    return text


def _write(file: Path, content: bytes) -> None:
    with words_for_the_disk(file):
        file.parent.mkdir(exist_ok=True)
        write_whole(file, lambda part: part.write_bytes(content))
