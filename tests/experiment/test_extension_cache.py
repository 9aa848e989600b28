"""Compiled versions of an extension: the last few stay on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cms_sim.experiment import extended_run, extension_cache
from cms_sim.experiment.extension import load_extension
from cms_sim.experiment.extension_cache import KEPT, keep_the_last

KERNEL = """
from cms_sim.compiled import bare_kernel
from cms_sim.experiment.extension import Extension


@bare_kernel
def rest(city, plan, rules, course, state, own, day):
    own["days"] += {days}


EXTENSION = Extension(name="rest", memory=[("days", "f8")], evening=rest)
"""


def mark(number: int) -> str:
    return f"{number:016x}"


def compiled(folder: Path, number: int, used: float) -> list[Path]:
    stem = f"extended_run.extended_days_{mark(number)}-131.py311"
    files = [folder / f"{stem}.nbi", folder / f"{stem}.1.nbc"]
    for file in files:
        file.touch()
        os.utime(file, (used, used))
    return files


def test_the_last_versions_stay(tmp_path: Path) -> None:
    versions = [compiled(tmp_path, number, 1000.0 + number) for number in range(KEPT + 3)]
    others = [tmp_path / "extended_run.dawn-71.py311.nbi", tmp_path / "day.advance-26.py311.1.nbc"]
    for other in others:
        other.touch()
        os.utime(other, (1.0, 1.0))
    keep_the_last(tmp_path, mark(0))  # the oldest, and in use
    left = {int(file.name.split("_")[3][:16], 16) for file in tmp_path.glob("extended_run.extended_days_*")}
    assert left == {0, *range(4, KEPT + 3)} and all(other.exists() for other in others)
    assert versions[0][0].stat().st_mtime > 1e9


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    keep_the_last(tmp_path / "nowhere", mark(1))


def test_every_way_in_tidies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Numba keeps the loop over days and where it keeps the kernels of the file."""
    tidied: list[str] = []
    monkeypatch.setattr(extended_run, "keep_the_last", lambda folder, version: tidied.append(version))
    (tmp_path / "rest.py").write_text(KERNEL.format(days=1.0))
    extension = load_extension(tmp_path / "rest.py")
    assert len(tidied) == 1
    extended_run._loop_of(extension)
    assert len(tidied) == 2 and len(set(tidied)) == 2
    assert all(extension_cache._VERSION.search(f"rest_{version}-7.py311.nbi") for version in tidied)
