"""A disk that is full once half of a file has been written."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest


def fill_disk(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """From now on only half of a file with `name` in its own can be written."""
    whole = Path.write_bytes

    def write_bytes(file: Path, content: bytes) -> int:
        if name not in file.name:
            return whole(file, content)
        whole(file, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    monkeypatch.setattr(Path, "write_text", lambda file, text, encoding: write_bytes(file, text.encode(encoding)))
