"""A scenario file as text: read, parsed, and with the line of each key, so that a message can point at it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cms_sim.errors import InputError

KeyPath = tuple[str | int, ...]
Step = str | int | Mapping[str, object]
"""One step into a file: a key, the index of an entry, or what an entry of a list must contain."""

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
"""Endings of files that are read as a workbook, or refused as one."""
PLANS = (".toml", *WORKBOOKS)
"""Endings that make a name a path."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\"'-]+)\s*\]")
_KEY = re.compile(r"^\s*([\w.-]+)\s*=")
_INLINE_KEY = re.compile(r"[{,]\s*([\w-]+)\s*=")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True)
class Source:
    """One file: its path as given, its parsed content, and the line (from 1) of each key path."""

    path: Path
    content: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def where(self, *path: str | int) -> str:
        """`file, line n: key` for the key or, when it has no line of its own, for what encloses it."""
        name = ".".join(str(part) for part in path if isinstance(part, str))
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return f"{self.path}, line {self.lines[path[:length]]}: {name}"
        return f"{self.path}: {name}" if name else str(self.path)

    def find(self, steps: Sequence[Step]) -> KeyPath | None:
        """The key path that the steps lead to, or None when this file does not have it."""
        place: Any = self.content
        path: list[str | int] = []
        for step in steps:
            found = _enter(place, step)
            if found is None:
                return None
            path.append(found)
            place = place[found]
        return tuple(path)


def _enter(place: Any, step: Step) -> str | int | None:
    if isinstance(step, str):
        return step if isinstance(place, dict) and step in place else None
    if not isinstance(place, list):
        return None
    if isinstance(step, int):
        return step if step < len(place) else None
    matches = (n for n, entry in enumerate(place) if all(entry.get(name) == value for name, value in step.items()))
    return next(matches, None)


def where(chain: Sequence[Source], *steps: Step) -> str:
    """The place in the first file of the chain (child before parent) that has it, or has what would enclose it."""
    for length in range(len(steps), 0, -1):
        for source in chain:
            path = source.find(steps[:length])
            if path is not None:
                return source.where(*path)
    return f"{chain[0].path}: {'.'.join(step for step in steps if isinstance(step, str))}"


def is_there(question: Callable[[], bool]) -> bool:
    """What a path's `is_file` or `is_dir` answers; False, not an error, for what can be no path (a name too long)."""
    try:
        return question()
    except OSError:
        return False


def read_source(path: Path) -> Source:
    """Read and parse one file.

    Raises InputError when it cannot be read or is not TOML (with the line that the parser names), and for a workbook
    naming sheet and cell.
    """
    if path.suffix.lower() in WORKBOOKS:
        from cms_sim.scenario.workbook.read import workbook_source

        return workbook_source(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        remedy = "Save it as UTF-8 text; a scenario file is plain text."
        raise InputError("cannot be read (not UTF-8 text)", where=str(path), remedy=remedy) from None
    except OSError as error:
        remedy = "Check the path and the permissions."
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy=remedy) from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        place = f"{path}, line {line.group(1)}" if line else str(path)
        raise InputError(
            f"not valid TOML: {error}",
            where=place,
            remedy="Mend that line; texts stand in quotes, dates as 2020-07-01 without.",
        ) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        reason = "brackets in brackets without end" if isinstance(error, RecursionError) else "a number without end"
        remedy = "Start from a file that `cms-sim new` writes."
        raise InputError(f"holds {reason}", where=str(path), remedy=remedy) from None
    return Source(path, content, key_lines(text))


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line of each table header and key. A scan, not a parser: made for files that `tomllib` has accepted."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    key: KeyPath = ()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _TEXT.sub("''", raw).split("#", 1)[0]
        if header := _HEADER.match(line):
            table = _table(header.group(2), header.group(1) == "[[", counts)
            lines.setdefault(table, number)
            continue
        if match := _KEY.match(line):
            key = (*table, *match.group(1).split("."))
            lines.setdefault(key, number)
        for inner in _INLINE_KEY.finditer(line):
            lines.setdefault((*key, inner.group(1)), number)
    return lines


def _table(name: str, is_entry: bool, counts: dict[KeyPath, int]) -> KeyPath:
    """The path of a header, with the index of the entry after each list that it stands in."""
    parts = [part.strip("\"' ") for part in name.split(".")]
    path: KeyPath = ()
    for depth, part in enumerate(parts, start=1):
        path = (*path, part)
        if is_entry and depth == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
