"""What the project promises about speed and size, measured: `python -m benchmarks [NAME]`.

A benchmark is a public function of a module here: its name is the benchmark's, it takes nothing and returns one
`Result`. Benchmarks that share a measurement share a cached private function. Modules stay light to import.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from inspect import isfunction

Result = tuple[str, float, str]
"""Name, value, unit."""
Benchmark = Callable[[], Result]


def load_benchmarks() -> dict[str, Benchmark]:
    """Every benchmark by name, module by module, in the order in which they are written."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "__main__")
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {
        name: function
        for module in modules
        for name, function in vars(module).items()
        if isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    }
