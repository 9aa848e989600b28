"""The extension point: an intervention, a rule or an outcome of one's own, in a file of one's own (docs/extending.md).

A file defines `EXTENSION = Extension(...)`. Its steps are called in the morning and in the evening of each day, as
plain Python functions or, compiled with the engine, as kernels. Between processes it travels as the text of its file.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from cms_sim.errors import InputError, nearest
from cms_sim.experiment import extension_checks as checks

Own: TypeAlias = Any
"""What an extension carries through a run: a record with `starts` (first day of the frame), its parameters, its memory.
"""
Step: TypeAlias = Callable[..., None]
Outcomes: TypeAlias = Callable[..., Mapping[str, float]]


@dataclass(frozen=True)
class Source:
    """The file that an extension was read from."""

    path: str
    text: str

    @property
    def hash(self) -> str:
        """A hash (hex) of the text: what the extension does."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Extension:
    """What a researcher adds to the model. Raises InputError for what cannot be."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Defaults by name; a sweep varies them by that name."""
    memory: Sequence[tuple[Any, ...]] = ()
    """More fields of `own`, as NumPy describes fields; zero when a run begins, kept with the past that plans share."""
    morning: Step | None = None
    """Called when sites have opened, staff have come and the day's conflicts have arisen, before anybody acts.

    A Python function `(world, plan, state, own, day)`, or a `bare_kernel` `(city, plan, rules, course, state, own,
    day)`.
    """
    evening: Step | None = None
    """The same, when everything of the day is over."""
    outcomes: Outcomes | None = None
    """`(world, plan, state, own, starts, until)`: numbers by column, of the frame's days `starts` to `until` - 1."""
    columns: Sequence[str] = ()
    """Names of the outcomes."""
    source: Source | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what would fail, or mean something else, in the middle of a run."""
        checks.check_name(self.name)
        checks.check_parameters(self.where, self.parameters)
        checks.check_memory(self.where, self.memory, self.parameters)
        for name, step in self.steps.items():
            checks.check_step(self.where, name, step, is_kernel(step))
        checks.check_outcomes(self.where, self.outcomes, self.columns, self.parameters)
        if self.outcomes is None and not self.steps:
            raise InputError("it does nothing", where=self.where, remedy="Give morning, evening or outcomes.")

    @property
    def where(self) -> str:
        """How messages name it."""
        return self.source.path if self.source else f"extension '{self.name}'"

    @property
    def steps(self) -> dict[str, Step]:
        """Its steps by name."""
        steps = {"morning": self.morning, "evening": self.evening}
        return {name: step for name, step in steps.items() if step is not None}

    @property
    def is_compiled(self) -> bool:
        """Whether its days run in one compiled loop: no step is plain Python."""
        return all(is_kernel(step) for step in self.steps.values())

    def own(self, values: Mapping[str, float] | None = None) -> Own:
        """The record that a run begins with: `values` by name, the others at their defaults, memory at zero.

        `Arms` sets `starts`, the first day of the frame. Raises InputError for a name that is no parameter.
        """
        for name in values or {}:
            if name not in self.parameters:
                raise InputError(f"no parameter '{name}'", where=self.where, remedy=nearest(name, self.parameters))
        own = np.zeros(1, dtype=checks.own_dtype(self.memory, self.parameters))[0]
        for name, value in {**self.parameters, **(values or {})}.items():
            own[name] = value
        return own

    def __reduce__(self) -> tuple[Any, ...]:
        """Between processes and machines: the file's text, where there is one."""
        if self.source is not None:
            return _from_source, (self.source,)
        named = (self.name, self.parameters, self.memory, self.morning, self.evening, self.outcomes, self.columns)
        return Extension, named


def is_kernel(step: Step) -> bool:
    """Whether a step is compiled code (a Numba dispatcher) rather than a plain function."""
    return hasattr(step, "py_func")


def copy_of(own: Own, starts: int) -> Own:
    """A record that a run may change, with the first day of its frame; None where there is no extension."""
    if own is None:
        return None
    copy = np.zeros(1, dtype=own.dtype)
    copy[0] = own
    copy["starts"] = starts
    return copy[0]


def load_extension(path: str | Path) -> Extension:
    """Read `EXTENSION` from a researcher's file.

    Raises InputError, with file and line where there is one, for a file that cannot be read or run, and for an
    extension that cannot be.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text in UTF-8"
        raise InputError(
            f"the extension cannot be read: {reason}", where=str(path), remedy="Give the path of a Python file."
        ) from error
    return _from_source(Source(str(Path(path).resolve()), text))


@lru_cache(maxsize=32)
def _from_source(source: Source) -> Extension:
    module = _run(source)
    found = getattr(module, "EXTENSION", None)
    if not isinstance(found, Extension):
        said = "EXTENSION is no Extension" if hasattr(module, "EXTENSION") else "defines no EXTENSION"
        raise InputError(
            said,
            where=source.path,
            remedy="End the file with EXTENSION = Extension(...), from cms_sim.experiment.extension.",
        )
    if "numba" in sys.modules:
        from cms_sim.experiment.extended_run import keep_apart

        keep_apart(module, source.hash)
    return replace(found, source=source)


def _run(source: Source) -> types.ModuleType:
    """The file's text run as a module of its own."""
    file = _file_with(source)
    module = types.ModuleType(f"extension_{source.hash[:16]}", "A researcher's extension.")
    module.__file__ = file
    sys.modules[module.__name__] = module
    try:
        exec(compile(source.text, file, "exec"), module.__dict__)
    except SyntaxError as error:
        place = f"{source.path}, line {error.lineno}" if error.lineno else source.path
        raise InputError(f"not valid Python: {error.msg}", where=place, remedy="Mend the file.") from error
    except InputError as error:
        raise InputError(error.message, where=_place(source, file, error), remedy=error.remedy) from error
    except (Exception, SystemExit) as error:
        raise InputError(
            f"running it raised {type(error).__name__}: {error}",
            where=_place(source, file, error),
            remedy="Importing the file must work by itself: python " + Path(source.path).name,
        ) from error
    return module


def _place(source: Source, file: str, error: BaseException) -> str:
    """File and line in the researcher's file that led to the error."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{source.path}, line {lines[-1]}" if lines else source.path


def _file_with(source: Source) -> str:
    """A file that holds the text: the researcher's own, or on another machine one made of it (Numba keeps compiled
    code by file).
    """
    try:
        if Path(source.path).read_text(encoding="utf-8-sig") == source.text:
            return source.path
    except (OSError, UnicodeDecodeError):
        pass
    from cms_sim.compiled import cache_root

    name = Path(source.path).name
    try:
        return _written(cache_root() / "extensions" / source.hash[:16] / name, source.text)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="cms-sim-extension-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return _written(folder / name, source.text)


def _written(file: Path, text: str) -> str:
    """Write a file by renaming a finished one; one that is there stays, with its date."""
    if not (file.exists() and file.read_text(encoding="utf-8") == text):
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    return str(file)
