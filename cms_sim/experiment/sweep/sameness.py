"""Whether a folder holds the sweep that is asked for, and what differs where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from cms_sim.errors import InputError
from cms_sim.experiment.sweep.store import LOCK, LOOSE, POINTS, read_parquet, read_record, record_of
from cms_sim.experiment.sweep.study import Study

_MOST_SHOWN: Final = 12
_NAMES: Final = ("design.title", "hash")
"""What may differ: a title, and the hash, which the title enters."""
_CONTENTS: Final = "contents"
"""What plans say: compared only where a plan's hash says that it has changed."""
_NOT_IN_HASH: Final = ".provider"


def check_folder(folder: Path, study: Study) -> bool:
    """Whether `folder` holds this very sweep, whole or in part; False where it is free to begin in.

    Raises InputError for another design (with what differs, old -> new), another version, and for anything else there.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", where=str(folder), remedy="Give a folder with --out.")
    old = read_record(folder)
    if old is None:
        _check_free(folder, study)
        return False
    new = record_of(study)
    changed = [line for name, line in _changes(old, new, folder, study) if name not in _NAMES]
    made_with, now = (tuple(record.get(key) for key in ("version", "rules_hash")) for record in (old, new))
    asked = [line for line in changed if not line.startswith(("version:", "rules_hash:"))]
    if asked:
        shown = "\n    ".join(asked[:_MOST_SHOWN])
        more = f"\n    and {len(asked) - _MOST_SHOWN} more" if len(asked) > _MOST_SHOWN else ""
        raise InputError(
            f"the folder holds another design:\n    {shown}{more}",
            where=str(folder),
            remedy="Give the new design a folder of its own with --out, or undo these changes to go on.",
        )
    if made_with != now:
        made = f"version {made_with[0]}" if made_with[0] != now[0] else f"other rules (version {made_with[0]})"
        raise InputError(
            f"the folder was begun with {made}; its rows would not go with those of {now[0]} as it is here",
            where=str(folder),
            remedy="Go on with the version that began it, or begin anew in another folder with --out.",
        )
    return True


def _check_free(folder: Path, study: Study) -> None:
    """Refuse a folder with content that no unfinished beginning of a sweep would have."""
    own = {LOCK, POINTS, LOOSE, "parts", "precincts", "events"}
    try:
        names = sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", where=str(folder), remedy="Choose another folder with --out."
        ) from None
    strange = [name for name in names if name not in own and not name.endswith(".part")]
    if strange:
        message = f"holds something else ('{strange[0]}'), and no sweep"
        raise InputError(message, where=str(folder), remedy="Choose another folder with --out.")


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], folder: Path, study: Study) -> Iterator[tuple[str, str]]:
    """Name and words for every change; of plans, tables and extensions what is behind their hashes."""
    before, after = ({key: value for key, value in record.items() if key != _CONTENTS} for record in (old, new))
    for name, line in _differences(before, after):
        plan = name.removeprefix("plans.")
        said = [record.get(_CONTENTS, {}).get(plan) for record in (old, new)]
        inside = list(_differences(*said)) if name.startswith("plans.") and all(said) else []
        if name == "table":
            yield name, f"table: {_other_points(folder, study)}"
        elif name == "extension" and study.design.extension is not None and old.get(name):
            yield name, f"extension: the text of {study.design.extension.file} has changed"
        else:
            shown = [(f"{name}.{key}", f"{name}.{words}") for key, words in inside if not key.endswith(_NOT_IN_HASH)]
            yield from shown or [(name, line)]


def _other_points(folder: Path, study: Study) -> str:
    """How the points of a table differ from those that the sweep began with."""
    table, points = read_parquet(folder / POINTS), study.points()
    names = [name for name in table.column_names if name != "point"]
    if names != list(study.names) or len(table) != len(points):
        return f"{len(table)} points of {', '.join(names)} -> {len(points)} of {', '.join(study.names)}"
    before = np.stack([table[name].to_numpy() for name in names], axis=1)
    others = np.argwhere(before != points)
    row, column = others[0]
    more = len(set(others[:, 0])) - 1
    first = f"point {row}, {names[column]}: {before[row, column]:g} -> {points[row, column]:g}"
    return f"{first} ({more} more points differ)" if more else first


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Place, and `place: old -> new`, for everything that differs."""
    before, after = dict(_flat(old)), dict(_flat(new))
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield name, f"{name}: {_shown(before.get(name))} -> {_shown(after.get(name))}"


def _flat(content: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            value = {str(index): each for index, each in enumerate(value)}
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{place}{name}.")
        else:
            yield f"{place}{name}", value


def _shown(value: object) -> str:
    if value is None or value == {}:
        return "(none)"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
