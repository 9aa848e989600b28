"""Files of extensions: what is wrong is said with the line; what was compiled is found again, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from cms_sim.errors import InputError
from cms_sim.experiment.extension import load_extension
from tests.pages import DOCS, ROOT

CURFEW = (DOCS / "examples" / "curfew.py").read_text(encoding="utf-8")
HOSPITAL = (DOCS / "examples" / "hospital_programme.py").read_text(encoding="utf-8")


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


PARAMETER, MEMORY, COLUMNS = '"cancelled": 0.3', '("count", "f8")', 'columns=["cancelled_by_curfew"]'
REFUSED = {
    "misspelt": ("morning=", "mornings=", "mornings"),
    "signature": ("(world, plan, state, own, day)", "(world, plan, day)", "is called with (world, plan, state, own"),
    "no function": ("morning=send_home", 'morning="send_home"', "str, not a function"),
    "no name": ('name="curfew"', 'name=" "', "name is"),
    "taken": (PARAMETER, '"detection": 0.3', "'detection' is a parameter"),
    "lever": (PARAMETER, '"violence_interrupters": 0.3', "is a lever"),
    "column": (PARAMETER, '"averted": 0.3', "is a column"),
    "reserved": (PARAMETER, '"starts": 0.3', "'starts' cannot"),
    "no identifier": (PARAMETER, '"my share": 0.3', "'my share' cannot"),
    "text": (PARAMETER, '"cancelled": "0.3"', "'cancelled' is '0.3'"),
    "endless": (PARAMETER, '"cancelled": float("inf")', "'cancelled' is inf"),
    "a set": (PARAMETER, '"cancelled"', "not valid Python"),
    "memory": (MEMORY, '("count", "f9")', "memory is no list"),
    "memory of objects": (MEMORY, '("count", object)', "else than numbers"),
    "memory taken": (MEMORY, '("cancelled", "f8")', "a parameter and a field"),
    "unnamed outcomes": (COLUMNS, "columns=[]", "belong together"),
    "outcome taken": (COLUMNS, 'columns=["victims"]', "'victims' is there"),
    "outcome twice": (COLUMNS, 'columns=["mine", "mine"]', "twice"),
    "one text": (COLUMNS, 'columns="cancelled_by_curfew"', "no list of names"),
}


@pytest.mark.parametrize(("old", "new", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = changed(CURFEW, (old, new))
    error = refused(text, tmp_path)
    before, _, inside = text.partition("\nEXTENSION = ")
    first = before.count("\n") + 2
    assert message in error.message and error.remedy
    file, _, line = error.where.partition(", line ")
    assert file == str(tmp_path / "own.py") and first <= int(line) <= first + inside.count("\n")


OTHERWISE = {
    "syntax": (
        changed(CURFEW, ("def at_night(own, hour):", "def at_night(own, hour:")),
        ", line 13",
        "not valid Python",
    ),
    "null": ("x = 1\0", "own.py", "null bytes"),
    "raises": ("import math\nimport no_such_module", ", line 2", "ModuleNotFoundError"),
    "exits": ("raise SystemExit(3)", ", line 1", "SystemExit"),
    "none": (changed(CURFEW, ("\nEXTENSION =", "\nCURFEW =")), "own.py", "no EXTENSION"),
    "other type": (CURFEW + "\nEXTENSION = 3\n", "own.py", "no Extension"),
    "kernel": (changed(HOSPITAL, ("own, day)", "own)")), ", line 62", "a kernel is called with (city, plan, rules"),
    "nothing": (
        "from cms_sim.experiment.extension import Extension\nEXTENSION = Extension('a')",
        ", line 2",
        "does nothing",
    ),
    "list": (
        "from cms_sim.experiment.extension import Extension\nEXTENSION = Extension('a', ['b'])",
        ", line 2",
        "no dictionary",
    ),
}


@pytest.mark.parametrize(("text", "where", "message"), OTHERWISE.values(), ids=OTHERWISE)
def test_files_that_are_no_extension(text: str, where: str, message: str, tmp_path: Path) -> None:
    error = refused(text, tmp_path)
    assert message in error.message and error.remedy
    assert error.where.startswith(str(tmp_path / "own.py")) and error.where.endswith(where)


def refused(text: str, folder: Path) -> InputError:
    file = folder / "own.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_extension(file)
    return error.value


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.py"
    latin.write_bytes("# déjà vu".encode("latin-1"))
    for path, message in ((tmp_path / "missing.py", "No such file"), (tmp_path, "directory"), (latin, "UTF-8")):
        with pytest.raises(InputError, match=message) as refused:
            load_extension(path)
        assert refused.value.where == str(path)


KERNEL = """
from cms_sim.compiled import bare_kernel
from cms_sim.experiment.extension import Extension
from cms_sim.experiment.extension_tools import cool, due

@bare_kernel
def step(city, plan, rules, course, state, own, day):
    for row in due(state, day):
        if state.conflict["head_hour"][row] < 12:
            cool(state, row)
            own["count"] += 1

EXTENSION = Extension("half days", memory=[("count", "f8")], morning=step)
"""
MEASURE = """
import json, sys, time
from numba.core.event import install_recorder
from cms_sim.experiment.extended_run import live
from cms_sim.experiment.extension import copy_of, load_extension
from cms_sim.engine.state import begin, make_state
from tests.engine import worlds
world = worlds.make_world(1, values=worlds.VIOLENT)
plan = worlds.plans(world, worlds.scenario())[0]
state = make_state(world.city, plan, worlds.BEGINS + 400, 20_000)
begin(state, worlds.BEGINS)
extension = load_extension(sys.argv[1])
own = copy_of(extension.own(), worlds.BEGINS)
with install_recorder("numba:compile") as compiled:
    clock = time.perf_counter()
    live(extension, world, plan, state, own, worlds.BEGINS + 400)
    seconds = time.perf_counter() - clock
print(json.dumps([own["count"], len(compiled.buffer), seconds]))
"""


@pytest.mark.slow
def test_a_second_process_compiles_nothing_and_an_edit_is_seen(tmp_path: Path) -> None:
    """Real processes on one cache. The edit keeps the file's size and date, which is all that Numba looks at."""
    cache = tmp_path / "cache"
    shutil.copytree(numba.config.CACHE_DIR, cache / "compiled" / Path(numba.config.CACHE_DIR).name)  # type: ignore[attr-defined]

    def measured(file: Path) -> tuple[float, int, float]:
        """Conflicts that it cooled, compilations, seconds."""
        command = [sys.executable, "-c", MEASURE, str(file)]
        environment = {**os.environ, "CMS_SIM_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
        run = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        cooled, compilations, seconds = json.loads(run.stdout)
        return cooled, compilations, seconds

    file = tmp_path / "one" / "half_days.py"
    file.parent.mkdir()
    unique = f"# {os.urandom(8).hex()}\n"
    file.write_text(KERNEL + unique, encoding="utf-8")
    date = file.stat()
    cold, warm = measured(file), measured(file)
    assert cold[1] > 0 and warm[1] == 0
    assert warm[0] == cold[0] > 0 and warm[2] < 0.25 * cold[2]

    file.write_text(changed(KERNEL, ("< 12", ">=12")) + unique, encoding="utf-8")
    os.utime(file, ns=(date.st_atime_ns, date.st_mtime_ns))
    edited = measured(file)
    assert edited[0] != cold[0] and edited[1] > 0

    other = tmp_path / "two" / "half_days.py"  # another extension of the same name: the first one's text, as it happens
    other.parent.mkdir()
    other.write_text(KERNEL + unique, encoding="utf-8")
    assert measured(other)[:2] == (cold[0], 0)
    assert measured(file)[:2] == (edited[0], 0)
