"""What holds for the project as a whole: its commands, its rooms, its sources, what it says of itself."""

from __future__ import annotations

import ast
import csv
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from benchmarks import load_benchmarks
from benchmarks.__main__ import main as run_benchmarks
from cms_sim.data.parameters import load_parameters
from cms_sim.version import __version__

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cms_sim"
ROOMS = ("data", "city", "scenario", "engine", "experiment", "evaluation", "report", "door")
"""In the order in which they may import."""
BOTTOM = ("version", "errors", "compiled", "keys")
"""Modules below all rooms, in the order in which they may import."""
SECTIONS = {name: rank for rank, name in enumerate((*BOTTOM, *ROOMS))}
FACES = ("__init__", "__main__")
"""What the package shows of all rooms."""
HEAVY = {"pandas", "numba", "scipy", "mesa", "matplotlib", "pyarrow", "rich", "networkx"}
MAX_LINES = 320


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _texts() -> Iterator[tuple[str, str]]:
    """Every text file that the repository holds, or that is about to be added to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs a clone and git")
    for name in filter(None, listed.split("\0")):
        file = ROOT / name
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            yield name, content.decode()


def _readme_commands() -> list[str]:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("python3 -m venv ")]


def test_readme_has_the_two_commands() -> None:
    main_job, tests = _readme_commands()
    assert main_job.endswith(" run_sim.py")
    assert " -m pytest" in tests
    assert all("pip install" in command and "\\" not in command for command in (main_job, tests))


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_ci_runs_the_commands_of_the_readme_and_none_of_its_own() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (extraction,) = re.findall(r"mapfile -t commands < <\((.+)\)", script)
    extracted = subprocess.run(["bash", "-c", extraction], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert extracted.splitlines() == _readme_commands()
    assert 'for command in "${commands[@]}"' in script
    for own in ("pip install", "pytest", "run_sim"):
        assert own not in script


def test_ci_and_pre_commit_use_the_same_ruff() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (wanted,) = (each for each in project["project"]["optional-dependencies"]["dev"] if each.startswith("ruff"))
    pinned = re.findall(r"ruff==([\d.]+)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {f"ruff~={version}" for version in pinned} == {wanted}


def test_no_file_names_a_machine_or_a_package_host() -> None:
    forbidden = re.compile(
        r"(?<![\w./:-])/(?:work|tmp|home|root|Users|mnt)/|[A-Z]:\\Users\\|p[y]pi|python[h]osted|anaconda[.]org|local[h]ost:\d",
        re.I,
    )
    found = {name: match[0] for name, text in _texts() if (match := forbidden.search(text))}
    assert found == {}


def test_files_of_the_package_are_short() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in _modules()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_imports_go_one_way() -> None:
    upward = [
        f"{file.relative_to(ROOT)} imports {imported}"
        for file in _modules()
        for imported in _imported_sections(file)
        if SECTIONS[imported] > SECTIONS[_section(file)]
    ]
    assert upward == []


def test_every_part_of_the_package_has_its_place() -> None:
    assert {_section(file) for file in _modules()} <= {*SECTIONS, *FACES}


def _section(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported_sections(file: Path) -> Iterator[str]:
    """Rooms (or modules at the bottom) that a file imports from, wherever the import stands."""
    if _section(file) in FACES:
        return
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        parts = (name.split(".") for name in names)
        yield from {part[1] for part in parts if part[0] == "cms_sim" and len(part) > 1 and part[1] in SECTIONS}


def test_importing_the_rooms_loads_nothing_heavy() -> None:
    light = ["cms_sim", *(f"cms_sim.{room}" for room in ROOMS), "cms_sim.errors", "cms_sim.door.cli"]
    code = f"import sys, {', '.join(light)}; print(*{HEAVY!r} & sys.modules.keys())"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(loaded.split()) == set()


IMPORTED_AS = {"scikit_learn": "sklearn"}


def test_dependencies_are_what_the_package_imports() -> None:
    """What is always installed is imported anywhere; what an extra brings, only where it is needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: lines for name, lines in project["optional-dependencies"].items() if name != "dev"}
    always = {_package(line) for line in project["dependencies"]}
    extra = {_package(line) for lines in extras.values() for line in lines}
    own = sys.stdlib_module_names | {"cms_sim", "pydantic_core"}
    imported = {name.lower() for file in _modules() for name in _imports(ast.walk(_tree(file)))} - own
    at_once = {name.lower() for file in _modules() for name in _imports(_tree(file).body)} - own
    assert always <= imported <= always | extra
    assert not at_once & (extra - always)


def _package(requirement: str) -> str:
    name = re.split(r"[<>=~\[; ]", requirement)[0].lower().replace("-", "_")
    return IMPORTED_AS.get(name, name)


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)


def test_every_table_is_shipped() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    patterns = [f"{each}/*" if each.endswith("**") else each for each in setuptools["package-data"]["cms_sim"]]
    shipped = {file for pattern in patterns for file in PACKAGE.glob(pattern)}
    data = {
        file for file in PACKAGE.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc", ".nbi", ".nbc"}
    }
    assert data - shipped == set()
    (scenarios,) = setuptools["data-files"].values()
    assert set((ROOT / "scenarios").iterdir()) == {file for each in scenarios for file in ROOT.glob(each)}


def test_the_version_is_said_once() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.M) == [__version__]
    assert __version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_sources_exist() -> None:
    with (PACKAGE / "data" / "tables" / "evidence.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    assert known
    unknown = {p.name: set(p.source) - known - {"record"} for p in load_parameters().values()}
    assert {name: ids for name, ids in unknown.items() if ids} == {}
    named = {name: set(re.findall(r"\bT\d-\d{3}\b", text)) - known for name, text in _texts()}
    assert {name: ids for name, ids in named.items() if ids} == {}


def test_a_benchmark_is_known_by_its_name() -> None:
    assert {"cli_help_s", "default_run_first_s", "default_run_second_s"} <= load_benchmarks().keys()


def test_an_unknown_benchmark_gives_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_benchmarks(["cli_hlp_s"]) == 2
    assert "Did you mean 'cli_help_s'?" in capsys.readouterr().err


def test_run_sim_without_the_packages_says_what_to_do() -> None:
    bare = [sys.executable, "-S", "-E", "run_sim.py"]  # -S: without installed packages
    run = subprocess.run(bare, cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode == 1
    assert "README.md" in run.stderr
    assert "Traceback" not in run.stderr
