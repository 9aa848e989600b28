"""Cities on disk: built once for their content, then read, or memory-mapped where large, by every process."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from cms_sim.city.arrays import ALIAS, CREW, PRECINCT, RESIDENT, City
from cms_sim.city.build import build_city, checked_numbers
from cms_sim.city.edges import from_edges
from cms_sim.city.spec import NetworkSpec
from cms_sim.compiled import cache_root, sources_hash
from cms_sim.data.csv_table import read_text

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables

log = logging.getLogger(__name__)

_SEAL = "seal.json"
_RECORDS = {"precinct": PRECINCT, "resident": RESIDENT, "propensity": ALIAS, "crew": CREW}
_KEPT = 12
"""Cities kept on disk; the one not used for longest goes first."""


def load_city(tables: CityTables, numbers: Sequence[int], spec: NetworkSpec, ties: Path | None = None) -> City:
    """The city of `build_city`, from the disk cache where it is there and whole, else built and put there.

    With `ties`, an edge list, the city of `from_edges`. A cache that cannot be written (no right, no space) costs a
    warning and the time of building, never a result.
    """
    in_order = checked_numbers(tables, numbers)
    folder = cache_root() / "cities" / _name(tables, in_order, spec, ties)
    if (city := read_city(folder)) is not None:
        return city
    built: City | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if (city := read_city(folder)) is not None:
                return city  # another process built it meanwhile
            built = _build(tables, in_order, spec, ties)
            write_city(built, folder)
            _drop_oldest(folder.parent)
        return read_city(folder) or built
    except OSError as error:
        log.warning("The city is kept in memory only, since %s cannot be written: %s", folder.parent, error)
        return built if built is not None else _build(tables, in_order, spec, ties)


def _build(tables: CityTables, numbers: list[int], spec: NetworkSpec, ties: Path | None) -> City:
    return build_city(tables, numbers, spec) if ties is None else from_edges(tables, numbers, spec, ties)


def _name(tables: CityTables, numbers: list[int], spec: NetworkSpec, ties: Path | None) -> str:
    content = [spec.content_hash(tables, numbers), sources_hash(), "" if ties is None else read_text(ties)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:24]


def write_city(city: City, folder: Path) -> None:
    """Write the arrays and their seal beside `folder`, then move them there in one step. OSError if that fails."""
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.part-", dir=folder.parent))
    try:
        seal = {}
        for name, array in city._asdict().items():
            np.save(part / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
            seal[name] = [list(array.shape), _checksum(array)]
        (part / _SEAL).write_text(json.dumps(seal), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def read_city(folder: Path) -> City | None:
    """The city in `folder`, memory-mapped; None where there is none, or it is cut short or altered."""
    try:
        seal = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        arrays = {name: _read(folder / f"{name}.npy", name, *seal[name]) for name in City._fields}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        log.warning("The stored city %s is damaged and is built again: %s", folder, error)
        return None
    with suppress(OSError):  # a cache that may only be read does not note its use
        os.utime(folder)
    return City(**arrays)


HELD_BYTES = 128 * 2**20
"""Arrays up to this size are held in memory (in large pages: runs are faster), larger ones are mapped and shared."""


def _read(file: Path, name: str, shape: list[int], checksum: int) -> NDArray[Any]:
    large = file.stat().st_size > HELD_BYTES
    stored = np.load(file, mmap_mode="r" if large else None, allow_pickle=False)
    # A plain array of the very type of a freshly built one: compiled code then has one signature.
    array: NDArray[Any] = np.asarray(stored).view(_RECORDS.get(name, stored.dtype))
    array.flags.writeable = False
    if list(array.shape) != shape or _checksum(array) != checksum:
        raise ValueError(f"{file.name} is not what was written")
    return array


def _checksum(array: NDArray[Any]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)


def _drop_oldest(root: Path) -> None:
    cities = sorted((path.stat().st_mtime, path) for path in root.iterdir() if (path / _SEAL).exists())
    for _, path in cities[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)
        Path(f"{path}.lock").unlink(missing_ok=True)
