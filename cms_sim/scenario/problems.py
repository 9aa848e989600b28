"""From what the schema found wrong to one message: file, line, key, what is expected, the nearest valid key."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from cms_sim.errors import InputError
from cms_sim.scenario.schema import PriorOverride, ScenarioFile, Uncertainties
from cms_sim.scenario.source import Source

_LIMITS = {
    "greater_than_equal": "at least",
    "greater_than": "greater than",
    "less_than_equal": "at most",
    "less_than": "less than",
}
_UNION = {"int", "str", "list[int]"}
_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "date_type": "a date without quotes, such as 2020-07-01",
    "list_type": "a list in square brackets",
    "tuple_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "string_too_short": "long enough",
    "string_too_long": "short enough (at most 120 signs)",
}


def input_error(source: Source, failure: ValidationError, model: type[BaseModel] = ScenarioFile) -> InputError:
    """The first problem of a file (read as `model`) in the order of its lines, and how many more there are.

    What is missing comes last: mostly it is there under another name.
    """
    problems = failure.errors(include_url=False)
    first = min(problems, key=lambda problem: (problem["type"] == "missing", _line(source, problem["loc"])))
    others = len({_written(source, problem["loc"]) for problem in problems}) - 1
    message, remedy = _explain(source, first, model)
    more = f" ({others} more after this one)" if others else ""
    return InputError(message + more, where=source.where(*_written(source, first["loc"])), remedy=remedy)


def _line(source: Source, location: tuple[str | int, ...]) -> int:
    path = _written(source, location)
    return next((source.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in source.lines), 10**9)


def _written(source: Source, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of a problem's location that stands in the file (the schema adds the names of union members)."""
    path: tuple[str | int, ...] = ()
    for step in location:
        if source.find((*path, step)) is not None:
            path = (*path, step)
    return path


def _explain(source: Source, problem: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    kind, location, given = problem["type"], problem["loc"], problem["input"]
    path = _written(source, location)
    if kind == "missing":
        wanted = str(location[-1])
        return f"'{wanted}' is missing", f"Add it: {_about(_fields_at(path, model)[wanted])}"
    depth = max((index for index, step in enumerate(path) if isinstance(step, str)), default=0)
    name, fields = str(path[depth]), _fields_at(path[:depth], model)
    if kind == "extra_forbidden":
        return f"unknown key '{name}'", _nearest_key(name, fields)
    if kind == "literal_error":
        return f"{_shown(given)} is not one of the values allowed here", f"Valid: {problem['ctx']['expected']}."
    if _UNION.intersection(map(str, location)):
        return (
            f"{_shown(given)} does not name precincts",
            "Give a set in quotes, a precinct number, or a list of numbers.",
        )
    about = _about(fields[name]) if name in fields else "See `cms-sim schema`."
    if kind in _LIMITS:
        ((_, limit),) = problem["ctx"].items()
        negative = kind == "greater_than_equal" and limit == 0
        return f"{given} must {'not be negative' if negative else f'be {_LIMITS[kind]} {limit}'}", about
    if kind == "too_short":
        return f"'{name}' holds {len(given)} entries", f"Give at least {problem['ctx']['min_length']}. {about}"
    expected = _EXPECTED.get(kind)
    return (f"{_shown(given)} is not {expected}" if expected else f"{_shown(given)}: {problem['msg']}"), about


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _about(field: FieldInfo) -> str:
    unit = _unit(field)
    return f"{field.description}{f' Unit: {unit}.' if unit else ''}"


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def _nearest_key(name: str, fields: dict[str, FieldInfo]) -> str:
    close = difflib.get_close_matches(name, fields, n=1, cutoff=0.5)
    if close:
        unit = _unit(fields[close[0]])
        return f"Did you mean '{close[0]}'{f' (in {unit})' if unit else ''}? Valid keys: {', '.join(fields)}."
    return f"Valid keys: {', '.join(fields)}."


def _fields_at(path: tuple[str | int, ...], model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys that may stand in the table at `path` of a file that is read as `model`."""
    for step in path:
        if isinstance(step, int):
            continue
        field = _keys(model).get(step)
        if field is None:  # the name of a shift, or of a parameter with another prior
            model = PriorOverride if model is Uncertainties else model
            continue
        nested = next(_models(field.annotation), None)
        if nested is None:
            return {}
        model = nested
    return _keys(model)


def _keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {str(field.validation_alias or name): field for name, field in model.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if (
        isinstance(annotation, type)
        and not isinstance(annotation, types.GenericAlias)
        and issubclass(annotation, BaseModel)
    ):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)
