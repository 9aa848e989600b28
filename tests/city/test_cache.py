"""Cities on disk: the same arrays, read-only, whole or built again, and never a failure for want of a disk."""

from __future__ import annotations

import logging
import mmap
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from cms_sim.city import cache
from cms_sim.city.arrays import City
from cms_sim.city.cache import load_city
from cms_sim.city.spec import NetworkSpec
from cms_sim.compiled import cache_root
from cms_sim.data.city_records import CityTables
from cms_sim.errors import InputError
from tests.small_city import island_tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "compiled").symlink_to(cache_root() / "compiled")  # spare processes the compilation
    monkeypatch.setenv("CMS_SIM_CACHE", str(tmp_path))
    return tmp_path / "cities"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, city: City) -> list[int]:
    """Counts the cities that are built rather than read."""
    count: list[int] = []
    monkeypatch.setattr(cache, "build_city", lambda *_: count.append(1) or city)
    return count


def stored(own_cache: Path) -> Path:
    (folder,) = (path for path in own_cache.iterdir() if path.is_dir())
    return folder


def same(one: City, other: City) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_second_load_reads_what_the_first_wrote(
    tables: CityTables, spec: NetworkSpec, city: City, builds: list[int]
) -> None:
    first = load_city(tables, tables.numbers, spec)
    second = load_city(tables, list(reversed(tables.numbers)), spec)
    assert same(first, city)
    assert same(second, city)
    assert len(builds) == 1


@pytest.mark.parametrize(("held_bytes", "mapped"), [(0, True), (2**40, False)])
def test_stored_and_built_arrays_compile_to_one_signature(
    tables: CityTables,
    spec: NetworkSpec,
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    held_bytes: int,
    mapped: bool,
) -> None:
    """Large arrays are mapped, others held in memory: to compiled code both are what was built."""
    monkeypatch.setattr("cms_sim.city.cache.HELD_BYTES", held_bytes)
    loaded = load_city(tables, tables.numbers, spec)
    assert [numba.typeof(array) for array in loaded] == [numba.typeof(array) for array in city]
    below = loaded.kin
    while isinstance(below, np.ndarray):
        below = below.base
    assert isinstance(below, mmap.mmap) is mapped


def test_what_a_city_depends_on_names_it(tables: CityTables, spec: NetworkSpec, builds: list[int]) -> None:
    load_city(tables, tables.numbers, spec)
    load_city(tables, [11, 22], spec)
    load_city(tables, tables.numbers, NetworkSpec.default(city_seed=3))
    load_city(island_tables(3, 1999, connected=True), tables.numbers, spec)
    assert len(builds) == 4


def test_own_ties_are_part_of_the_content(tmp_path: Path, tables: CityTables, spec: NetworkSpec, city: City) -> None:
    file = tmp_path / "ties.csv"
    header = "precinct_a,index_a,precinct_b,index_b,layer\n"
    file.write_text(f"{header}11,0,11,1,street\n", encoding="utf-8")
    assert load_city(tables, tables.numbers, spec, file).street_tie.tolist() == [1, 0]
    file.write_text(f"{header}11,0,11,2,street\n", encoding="utf-8")
    assert load_city(tables, tables.numbers, spec, file).street_tie.tolist() == [2, 0]
    assert load_city(tables, tables.numbers, spec, file).street_tie.tolist() == [2, 0]
    assert same(load_city(tables, tables.numbers, spec), city)
    with pytest.raises(InputError, match="no such file"):
        load_city(tables, tables.numbers, spec, tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("kin.npy", lambda file: file.write_bytes(file.read_bytes()[:-100])),
        ("kin.npy", lambda file: file.write_bytes(file.read_bytes()[:-1] + b"x")),
        ("resident.npy", lambda file: file.write_bytes(b"")),
        ("rival.npy", lambda file: file.unlink()),
        ("seal.json", lambda file: file.write_text("{")),
        ("seal.json", lambda file: file.write_text("{}")),
        ("seal.json", lambda file: file.unlink()),
    ],
)
def test_a_damaged_city_is_built_again(
    name: str, spoil: object, own_cache: Path, tables: CityTables, spec: NetworkSpec, city: City, builds: list[int]
) -> None:
    load_city(tables, tables.numbers, spec)
    spoil(stored(own_cache) / name)  # type: ignore[operator]
    assert same(load_city(tables, tables.numbers, spec), city)
    assert len(builds) == 2
    assert same(load_city(tables, tables.numbers, spec), city)
    assert len(builds) == 2


def test_a_build_cut_short_leaves_nothing(
    own_cache: Path, tables: CityTables, spec: NetworkSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.np, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load_city(tables, tables.numbers, spec)
    assert not [path for path in own_cache.iterdir() if path.is_dir()]


def test_a_full_disk_costs_a_warning(
    tables: CityTables,
    spec: NetworkSpec,
    city: City,
    builds: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.np, "save", full)
    with caplog.at_level(logging.WARNING):
        assert same(load_city(tables, tables.numbers, spec), city)
    assert len(builds) == 1
    assert "No space left" in caplog.text


def test_a_stored_city_that_cannot_be_written_is_read(
    tables: CityTables,
    spec: NetworkSpec,
    city: City,
    builds: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    load_city(tables, tables.numbers, spec)
    for writer in ("os.utime", "os.mkdir", "tempfile.mkdtemp", "np.save"):
        monkeypatch.setattr(f"cms_sim.city.cache.{writer}", refuse)
    assert same(load_city(tables, tables.numbers, spec), city)
    assert len(builds) == 1 and not caplog.text


def test_a_folder_that_cannot_be_made_costs_a_warning(
    tmp_path: Path,
    tables: CityTables,
    spec: NetworkSpec,
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CMS_SIM_CACHE", str(tmp_path / "file" / "below"))
    with caplog.at_level(logging.WARNING):
        assert same(load_city(tables, tables.numbers, spec), city)
    assert "cannot be written" in caplog.text


def test_only_the_latest_cities_are_kept(
    own_cache: Path, tables: CityTables, builds: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_KEPT", 2)
    for seed in range(4):
        load_city(tables, [11], NetworkSpec.default(city_seed=seed))
        for path in own_cache.iterdir():
            os.utime(path, (path.stat().st_mtime - 10, path.stat().st_mtime - 10))
    assert sum(path.is_dir() for path in own_cache.iterdir()) == 2
    load_city(tables, [11], NetworkSpec.default(city_seed=3))
    assert len(builds) == 4


def test_two_processes_at_once_get_the_same_city(own_cache: Path, tables: CityTables, spec: NetworkSpec) -> None:
    code = (
        "from tests.small_city import island_tables\n"
        "from tests.city.conftest import SMALL\n"
        "from cms_sim.city.cache import load_city\n"
        "from cms_sim.city.spec import NetworkSpec\n"
        "tables = island_tables(3, 2000, connected=True)\n"
        "print(load_city(tables, tables.numbers, NetworkSpec.of(SMALL)).kin.sum())\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    printed = {run.communicate(timeout=300)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    assert printed == {str(load_city(tables, tables.numbers, spec).kin.sum())}
    assert sum(path.is_dir() for path in own_cache.iterdir()) == 1
