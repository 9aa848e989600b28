"""Everything the page says, by language: one file each in `words/`, with the same names in all of them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from cms_sim.errors import InputError, nearest

LANGUAGES: Final = ("en", "es")
_FOLDER: Final = Path(__file__).parent / "words"


@cache
def words(language: str) -> dict[str, str]:
    """Texts by name (`section.name`). InputError for a language that does not ship."""
    if language not in LANGUAGES:
        raise InputError(
            f"the demonstration does not speak '{language}'", where="--language", remedy=nearest(language, LANGUAGES)
        )
    content = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, texts in content.items() for name, text in texts.items()}
