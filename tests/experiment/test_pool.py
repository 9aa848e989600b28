"""A worker that is gone is told with what to do about it, in the same words everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cms_sim.errors import SHORT_OF_MEMORY, RunError
from cms_sim.experiment.pool import as_they_finish, worker_pool

PACKAGE = Path(__file__).resolve().parents[2] / "cms_sim"


def test_a_worker_that_is_lost_is_told_with_its_remedy() -> None:
    with (
        pytest.raises(RunError) as caught,
        worker_pool(1, str) as pool,
    ):  # `str` makes nothing; `os._exit` ends a worker
        list(as_they_finish(pool, os._exit, [1]))
    assert caught.value.remedy == SHORT_OF_MEMORY and "--workers 1" in SHORT_OF_MEMORY


def test_there_is_one_remedy_for_short_memory() -> None:
    said = [file for file in PACKAGE.rglob("*.py") if "short of memory:" in file.read_text("utf-8")]
    assert said == [PACKAGE / "errors.py"]
