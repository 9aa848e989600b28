"""What an extension may be: checked when it is made, so that nothing of it fails in the middle of a sweep."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from keyword import iskeyword
from numbers import Real
from typing import Any, Final

import numpy as np

from cms_sim.data.parameters import load_parameters
from cms_sim.errors import InputError
from cms_sim.scenario.schema import Services, Staff

PYTHON_STEP: Final = ("world", "plan", "state", "own", "day")
KERNEL_STEP: Final = ("city", "plan", "rules", "course", "state", "own", "day")
OUTCOMES: Final = ("world", "plan", "state", "own", "starts", "until")
RESERVED: Final = frozenset({"starts"})
"""Fields that every extension's record has."""
COLUMNS: Final = frozenset(
    {
        *("scenario_hash", "plan", "point", "replicate", "seed", "error", "seconds"),
        *("victims", "incidents", "deaths", "mediations", "settled", "averted", "cost_usd", "participants", "enrolled"),
        *("retaliation_share", "contagion_share", "norm_after", "trust_after"),
    }
)
"""Columns of a sweep's rows."""
LEVERS: Final = frozenset(
    {*Staff.model_fields, *Services.model_fields, "payment_delay_days", "catchment_share", "months_late"}
)


def check_name(name: object) -> None:
    """A name is some text."""
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"name is {name!r}", where="Extension", remedy='Give the extension a name: name="curfew".')


def check_parameters(where: str, parameters: object) -> None:
    """Parameters are finite numbers by names that nothing else has."""
    if not isinstance(parameters, Mapping):
        raise InputError("parameters are no dictionary", where=where, remedy="Give defaults by name: {'share': 0.3}.")
    for name, value in parameters.items():
        _check_field(where, "parameter", name)
        if name in load_parameters() or name in LEVERS or name in COLUMNS:
            kind = "parameter of the model" if name in load_parameters() else "lever" if name in LEVERS else "column"
            raise InputError(f"'{name}' is a {kind} already", where=where, remedy=f"Call it my_{name}, say.")
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise InputError(f"parameter '{name}' is {value!r}", where=where, remedy="Its default is a number.")


def check_memory(where: str, memory: object, parameters: Mapping[str, float]) -> None:
    """Memory is a list of numeric fields with names of their own."""
    remedy = "Give fields as NumPy does: [('visits', 'f8'), ('by_precinct', 'i8', (77,))]."
    try:
        fields: np.dtype[Any] = np.dtype(list(memory))  # type: ignore[call-overload]  # whatever the researcher gave
        kinds = {fields[name].base.kind for name in fields.names or ()}
    except (TypeError, ValueError) as error:
        raise InputError(f"memory is no list of fields ({error})", where=where, remedy=remedy) from error
    for name in fields.names or ():
        _check_field(where, "field of memory", name)
        if name in parameters:
            raise InputError(f"'{name}' is a parameter and a field of memory", where=where, remedy="Rename one.")
    if not kinds <= set("iufb"):
        raise InputError("memory holds something else than numbers", where=where, remedy=remedy)


def check_step(where: str, name: str, step: object, is_kernel: bool) -> None:
    """A step can be called as its door calls it."""
    wanted = KERNEL_STEP if is_kernel else PYTHON_STEP
    kind = "kernel" if is_kernel else "Python function"
    _check_call(where, name, getattr(step, "py_func", step), wanted, kind)


def check_outcomes(where: str, outcomes: object, columns: object, parameters: Mapping[str, float]) -> None:
    """Outcomes are a function, and their columns are named beforehand: failed runs have them too."""
    if isinstance(columns, str) or not isinstance(columns, Sequence) or not all(isinstance(c, str) for c in columns):
        raise InputError("columns are no list of names", where=where, remedy='Give names: columns=["visits"].')
    if (outcomes is None) != (len(columns) == 0):
        raise InputError(
            "outcomes and columns belong together", where=where, remedy="Name in columns what outcomes returns."
        )
    if outcomes is not None:
        _check_call(where, "outcomes", getattr(outcomes, "py_func", outcomes), OUTCOMES, "Python function")
    for name in columns:
        _check_field(where, "column", name)
        if name in COLUMNS or name in LEVERS or name in parameters or name in load_parameters():
            raise InputError(f"the column '{name}' is there already", where=where, remedy=f"Call it my_{name}, say.")
    if len(set(columns)) < len(columns):
        raise InputError("a column is named twice", where=where, remedy="Give each outcome a name of its own.")


def own_dtype(memory: Sequence[tuple[Any, ...]], parameters: Mapping[str, float]) -> np.dtype[Any]:
    """The type of an extension's record."""
    return np.dtype([("starts", "i8"), *((name, "f8") for name in parameters), *memory], align=True)


def _check_field(where: str, kind: str, name: object) -> None:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name) or name in RESERVED:
        raise InputError(
            f"{name!r} cannot be the name of a {kind}", where=where, remedy="Use lower case letters, digits and _."
        )


def _check_call(where: str, name: str, function: object, wanted: tuple[str, ...], kind: str) -> None:
    if not callable(function):
        raise InputError(f"{name} is {type(function).__name__}, not a function", where=where, remedy="Give a function.")
    try:
        inspect.signature(function).bind(*wanted)
    except TypeError as error:
        raise InputError(
            f"{name} takes {inspect.signature(function)}, but a {kind} is called with ({', '.join(wanted)})",
            where=where,
            remedy="Take these arguments in this order.",
        ) from error
