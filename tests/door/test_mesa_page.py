"""Every block of docs/mesa.md runs, in order, as a reader would type it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "mesa.md"


def test_the_page_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 8
    names: dict[str, Any] = {"__name__": "page"}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{PAGE.name}, block {number + 1}", "exec"), names)
    printed = capsys.readouterr().out
    assert printed.startswith("2020-06-30\n2020-09-30\n")
    rows = pd.DataFrame(names["rows"])
    assert len(rows) == 6 and rows["Step"].eq(92).all() and rows["date"].astype(str).eq("2020-09-30").all()
    assert not names["worker"].filled
