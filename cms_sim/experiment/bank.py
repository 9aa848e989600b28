"""Levels solved beforehand for the main job's draws, shipped with the package and refused when stale.

A bank carries the hash of the rules, parameters and solver that it was solved with; another hash, and it is as if it
were not there. `cms-sim levels` solves and writes it again.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.data.parameters import parameters_hash

BANK: Final = Path(__file__).parent / "levels_bank"
BANK_DRAWS: Final = 128
_RULES: Final = (
    "keys.py",
    "city/*.py",
    "engine/*.py",
    "engine/steps/*.py",
    "experiment/levels.py",
    "experiment/record_levels.py",
)
_NO_RULES: Final = ("cache.py", "concentration.py", "edges.py", "graph.py", "log.py", "simulate.py", "state.py")
"""Files in those rooms that store, show or hold, and decide nothing."""


@cache
def rules_hash() -> str:
    """A hash (hex) of what the code of city, engine and solver does, comments and docstrings apart, and of the
    parameter table.
    """
    here = Path(__file__).parent.parent
    digest = hashlib.sha256(parameters_hash().encode())
    for pattern in _RULES:
        for file in sorted(
            set(here.glob(pattern)) - {here / room / name for room in ("city", "engine") for name in _NO_RULES}
        ):
            digest.update(code_of(file).encode())
    return digest.hexdigest()


def code_of(file: Path) -> str:
    """What a module does, as text: comments, docstrings and layout apart."""
    return _told(_without_docstrings(file.read_text(encoding="utf-8")))


def _told(node: object) -> str:
    """A tree as text that is alike in every version of Python: each adds fields that are None or empty in older code,
    and `ast.dump` shows them.
    """
    if isinstance(node, ast.AST):
        filled = ((name, getattr(node, name, None)) for name in node._fields)
        return f"{type(node).__name__}({', '.join(f'{n}={_told(v)}' for n, v in filled if v is not None and v != [])})"
    return f"[{', '.join(map(_told, node))}]" if isinstance(node, list) else repr(node)


def _without_docstrings(source: str) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [part for part in body if not _is_text(part)]  # type: ignore[attr-defined]
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def load_bank() -> dict[str, tuple[float, float, float]]:
    """Solved levels by key (`LevelSolver.key`): gain, crossing, misfit; empty where every shipped bank is stale."""
    found: dict[str, tuple[float, float, float]] = {}
    for file in sorted(BANK.glob("*.json")):
        bank = json.loads(file.read_text(encoding="utf-8"))
        if bank["rules"] == rules_hash():
            found.update({key: tuple(row) for key, row in bank["levels"].items()})
    return found


def write_bank(draws: int | None, hypothesis: str | None, workers: int) -> Iterator[str]:
    """Solve the levels of the main job's draws and write the banks; yields a line for each hypothesis."""
    from cms_sim.experiment.solving import solve_draws

    for name in [hypothesis] if hypothesis else list(load_hypotheses()):
        solved = solve_draws(name, draws or BANK_DRAWS, workers)
        bank = {"rules": rules_hash(), "levels": dict(sorted(solved.items()))}
        text = json.dumps(bank, indent=0)
        part = BANK / f"{name}.json.part"
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(BANK / f"{name}.json")
        worst = max(abs(row[2]) for row in solved.values())
        yield f"{name}: {len(solved)} draws solved; largest misfit in the fitted cells {worst:.1%}"
