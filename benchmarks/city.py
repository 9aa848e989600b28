"""All 77 precincts with every resident: time to build, time to load again, peak memory, each in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache

Result = tuple[str, float, str]

_LOAD = """
import json, resource, time
from cms_sim.city.cache import load_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_tables import load_city_tables

tables, spec = load_city_tables(), NetworkSpec.default()
began = time.perf_counter()
load_city(tables, tables.numbers, spec)
seconds = time.perf_counter() - began
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, kilobytes / 1e6]))
"""


@cache
def _built_and_loaded() -> tuple[list[float], list[float]]:
    """(seconds, gigabytes) of building the city with nothing stored, compilation included, and of loading it again."""
    with tempfile.TemporaryDirectory() as folder:
        return _measure(folder), _measure(folder)


def _measure(cache_folder: str) -> list[float]:
    environment = os.environ | {"CMS_SIM_CACHE": cache_folder}
    run = subprocess.run(
        [sys.executable, "-c", _LOAD], env=environment, check=True, capture_output=True, text=True, timeout=600
    )
    measured: list[float] = json.loads(run.stdout)
    return measured


def city_build_s() -> Result:
    return "city_build_s", _built_and_loaded()[0][0], "s"


def city_load_s() -> Result:
    return "city_load_s", _built_and_loaded()[1][0], "s"


def city_peak_gb() -> Result:
    return "city_peak_gb", max(gigabytes for _, gigabytes in _built_and_loaded()), "GB"
