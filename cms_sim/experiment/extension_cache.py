"""Compiled versions of extensions on the disk: the last few stay, so that work on a file does not fill the cache."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Final

KEPT: Final = 16
"""Versions in a folder of the cache; each takes about 4 MB."""
_VERSION: Final = re.compile(r"_([0-9a-f]{16})-\d+\.py\d+\.")


def keep_the_last(folder: Path, version: str) -> None:
    """Note that `version` is used now, and remove what is compiled of all but the last `KEPT` versions in `folder`.

    Another process that still uses an old one has it in memory; one that begins later compiles it again.
    """
    files = defaultdict[str, list[Path]](list)
    used: dict[str, float] = {}
    with suppress(OSError):  # a cache that cannot be tidied is as good
        for file in folder.iterdir():
            found = _VERSION.search(file.name)
            if found is None:
                continue
            if found[1] == version:
                os.utime(file)
            files[found[1]].append(file)
            used[found[1]] = max(used.get(found[1], 0.0), file.stat().st_mtime)
    for old in sorted(used, key=lambda each: (each == version, used[each]), reverse=True)[KEPT:]:
        for file in files[old]:
            with suppress(OSError):
                file.unlink()
