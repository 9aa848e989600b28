"""Libraries of the extra `research`: imported where they are needed, with one message where they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from cms_sim.errors import InputError


def needs(library: str) -> ModuleType:
    """Import `library`. Raises InputError with the line that installs it."""
    try:
        return importlib.import_module(library)
    except ImportError:
        raise InputError(
            f"the library '{library.partition('.')[0]}' is not installed",
            remedy="Install the libraries for research: pip install 'cms-sim[research]'",
        ) from None
