"""What goes wrong, said once and clearly.

Every door (command line, Mesa, library) raises these two and nothing of its own: an `InputError` is the
user's to mend (exit code 2), a `RunError` happened while running (exit code 1).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CmsSimError(Exception):
    """A failure with a message for a person: what is wrong, where, and what to do about it.

    `where` names the file, line, key, sheet or cell; `remedy` is one sentence that says what to do.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        self.message = message
        self.where = where
        self.remedy = remedy
        super().__init__(self.__str__())

    def __str__(self) -> str:
        lead = f"{self.where}: {self.message}" if self.where else self.message
        return f"{lead}\n  {self.remedy}" if self.remedy else lead

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.where, self.remedy))


class InputError(CmsSimError):
    """Something the user gave cannot be used. Exit code 2."""

    exit_code = 2


class RunError(CmsSimError):
    """Something failed while running. Exit code 1."""

    exit_code = 1


SHORT_OF_MEMORY = "The machine may be short of memory: give the same command again with --workers 1."
"""Remedy where a worker process is gone: one process needs least, and every command that has workers has the option."""


def _rebuild(kind: type[CmsSimError], message: str, where: str, remedy: str) -> CmsSimError:
    return kind(message, where=where, remedy=remedy)


def nearest(name: object, known: Iterable[object]) -> str:
    """A remedy that names the valid value nearest to `name`, and lists the valid ones when they are few."""
    options = [str(option) for option in known]
    close = difflib.get_close_matches(str(name), options, n=1, cutoff=0.5)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    if len(options) <= 40:
        return f"{hint}Valid: {', '.join(options)}."
    return hint.strip() or f"There are {len(options)} valid values."
