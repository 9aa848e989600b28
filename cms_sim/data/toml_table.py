"""Reads a TOML table that ships with the package, or one that a user has put in its place."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from cms_sim.errors import InputError


def read_toml(file: Path) -> dict[str, Any]:
    """The entries by name. Raises InputError for a file that cannot be read, or is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        remedy = "Start from the packaged table."
        raise InputError(f"cannot be read: {reason}", where=str(file), remedy=remedy) from None
