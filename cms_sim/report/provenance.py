"""Where results come from: everything needed to run them again and to see whether they are the same."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np

from cms_sim.data.parameters import load_parameters, parameters_hash
from cms_sim.experiment.results import Results
from cms_sim.report.sheet import Sheet
from cms_sim.scenario.resolved import Scenario, resolved_hash
from cms_sim.version import __version__

LIBRARIES: Final = (
    "numpy",
    "numba",
    "scipy",
    "pandas",
    "pyarrow",
    "matplotlib",
    "mesa",
    "networkx",
    "pydantic",
    "jinja2",
)


_ABOUT: Final = ("name", "replicates_asked", "provenance")
"""Fields of `Results` that tell of the run and are not among its numbers."""


def provenance(sheet: Sheet, scenarios: Sequence[Scenario], told: Mapping[str, Any]) -> dict[str, Any]:
    """What `provenance.json` holds. `told` is what only the door knows: command, when it started, how long it took."""
    results = sheet.results
    return {
        "cms_sim": __version__,
        "name": results.name,
        **told,
        "run": dict(results.provenance),
        "hypothesis": results.hypothesis,
        "replicates": sheet.replicates,
        "replicates_asked": results.replicates_asked or sheet.replicates,
        "months": [str(results.months[0]), str(results.months[results.first_month]), str(results.months[-1])],
        "precincts": list(results.precincts),
        "plans": [asdict(plan) for plan in results.plans],
        "scenarios": {scenario.name: _resolved(scenario) for scenario in scenarios},
        "parameters": {name: _drawn(name, values) for name, values in sorted(results.parameters.items())},
        "hashes": {
            "content": content_hash(results),
            "city": sheet.city.content_hash,
            "parameters": parameters_hash(),
        },
        "python": sys.version.split()[0],
        "platform": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def provenance_json(content: Mapping[str, Any]) -> str:
    """The content as JSON, sorted and indented."""
    return json.dumps(content, indent=2, sort_keys=True, default=_plain, ensure_ascii=False) + "\n"


def content_hash(results: Results) -> str:
    """SHA-256 (hex) over every number of the results: the same seed and version give the same on any machine, under
    any name.
    """
    digest = hashlib.sha256()
    for field in fields(results):
        value = getattr(results, field.name)
        if field.name in _ABOUT:
            continue
        digest.update(field.name.encode())
        if isinstance(value, np.ndarray):
            array = np.ascontiguousarray(
                value.astype("datetime64[M]").astype("<i8") if value.dtype.kind == "M" else value
            )
            digest.update(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())
        elif field.name == "parameters":
            for name in sorted(value):
                digest.update(name.encode() + np.ascontiguousarray(value[name]).tobytes())
        else:
            digest.update(repr(value).encode())
    return digest.hexdigest()


def _resolved(scenario: Scenario) -> dict[str, Any]:
    content = scenario.model_dump(mode="json", exclude={"folder": True, "frame": {"city_folder"}})
    return {"hash": resolved_hash(scenario), **content}


def _drawn(name: str, values: Any) -> dict[str, Any]:
    known = load_parameters().get(name)
    low, middle, high = (float(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
    summary: dict[str, Any] = {"p05": low, "p50": middle, "p95": high, "mean": float(np.mean(values))}
    return summary | ({"unit": known.unit, "default": known.default, "source": known.source_class} if known else {})


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _plain(value: Any) -> Any:
    """What JSON does not know: arrays, numbers of NumPy, and anything else as its text."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
