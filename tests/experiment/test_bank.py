"""The hash of the rules: it sees what code does, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.experiment.bank import code_of

RULE = '''
def chance(norm: float) -> float:
    """What is left of it."""
    return 0.5 * norm  # half
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rule.py"


def test_every_version_of_python_tells_the_code_alike(file: Path) -> None:
    """Newer versions add fields (`type_params` to a function): they would make what ships stale."""
    file.write_text(RULE)
    assert code_of(file) == (
        "Module(body=[FunctionDef(name='chance', args=arguments(args=[arg(arg='norm', annotation=Name(id='float', "
        "ctx=Load()))]), body=[Return(value=BinOp(left=Constant(value=0.5), op=Mult(), right=Name(id='norm', "
        "ctx=Load())))], returns=Name(id='float', ctx=Load()))])"
    )


@pytest.mark.parametrize(
    ("change", "by", "alike"),
    [
        ("  # half", "", True),
        ("What is left of it.", "Half of it.", True),
        ("return 0.5", "return  0.5", True),
        ("0.5", "0.4", False),
        ("norm:", "trust:", False),
        ("0.5 * norm", "0.5 + norm", False),
    ],
)
def test_only_what_code_does_counts(change: str, by: str, alike: bool, file: Path) -> None:
    file.write_text(RULE)
    before = code_of(file)
    file.write_text(RULE.replace(change, by))
    assert (code_of(file) == before) == alike
