"""The extension point: an intervention, a rule or an outcome of one's own, in a file of one's own (docs/extending.md).

A file defines `EXTENSION = Extension(...)`. Its steps are called in the morning and in the evening of each day, as
plain Python functions or, compiled with the engine, as kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from cms_sim.errors import InputError, nearest

Own: TypeAlias = Any
"""What an extension carries through a run: a record with its parameters (float64) by name."""
Step: TypeAlias = Callable[..., None]
Outcomes: TypeAlias = Callable[..., Mapping[str, float]]


@dataclass(frozen=True)
class Extension:
    """What a researcher adds to the model."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Defaults by name; a sweep varies them by that name."""
    memory: Sequence[tuple[Any, ...]] = ()
    """More fields of `own`, as NumPy describes them; zero when a run begins."""
    morning: Step | None = None
    evening: Step | None = None
    outcomes: Outcomes | None = None

    def own(self, values: Mapping[str, float] | None = None) -> Own:
        """The record that goes through a run: `values` by name, the others at their defaults.

        Raises InputError for a name that is none of the extension's parameters.
        """
        for name in values or {}:
            if name not in self.parameters:
                raise InputError(
                    f"the extension '{self.name}' has no parameter '{name}'", remedy=nearest(name, self.parameters)
                )
        kind = np.dtype([("starts", "i8"), *((name, "f8") for name in self.parameters), *self.memory], align=True)
        own = np.zeros(1, dtype=kind)[0]
        for name, value in {**self.parameters, **(values or {})}.items():
            own[name] = value
        return own
