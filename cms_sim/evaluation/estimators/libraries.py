"""The statistics libraries, imported where they are used: they are an extra, for a comparison of plans needs none.

Chosen by measurement (Python 3.11, 2026): `statsmodels` (regressions with clustered errors, rates; 65 MB) and
`diff-diff` (staggered adoption, synthetic control; MIT, 64 MB) have wheels for Linux, macOS and Windows and bring seven
packages in all. `pyfixest` brings 57 (a notebook shell and writers of documents among them), `csdid` 56 (tools that
upload packages among them); `differences` is GPL. `pysyncon` needed 0.2 s for a blend of 33 precincts, where
`diff-diff` solves exactly in a tenth of it. To import both takes 2 to 3 seconds.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from cms_sim.errors import InputError

LIBRARIES: Final = {"statsmodels": "statsmodels", "diff_diff": "diff-diff"}
"""Module to the name under which it is installed."""


def library(name: str) -> Any:
    """A module of one of `LIBRARIES`, such as `statsmodels.api`. Raises `InputError` when it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        package = LIBRARIES.get(str(missing.name).partition(".")[0])
        if package is None:
            raise
        remedy = "Install it: pip install 'cms-sim[evaluation]' (in a clone: pip install -e '.[evaluation]')."
        raise InputError(f"the estimators need {package}, which is not installed", remedy=remedy) from None


def check_libraries() -> None:
    """Raise the message of `library` before any work is done."""
    for name in LIBRARIES:
        library(name)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps a library's warnings off the terminal; what they warn of is checked where it is used."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
