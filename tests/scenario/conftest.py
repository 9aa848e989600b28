from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FRAME = """
title = "A test"
reference = "{name}"
[constants]
precincts = [73, 75, 79]
starts = 2020-07-01
ends = 2022-06-30
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a scenario file; `frame` puts a title, a reference to itself and three precincts in front."""

    def write_file(text: str, name: str = "test", *, frame: bool = True) -> Path:
        file = tmp_path / f"{name}.toml"
        file.write_text((FRAME.format(name=name) if frame else "") + text, encoding="utf-8")
        return file

    return write_file
