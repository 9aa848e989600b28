"""Every block of docs/mesa.md runs, in order, as a reader would type it."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.pages import DOCS, run_python


def test_the_page_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    names = run_python(DOCS / "mesa.md")
    printed = capsys.readouterr().out
    assert printed.startswith("2020-06-30\n2020-09-30\n")
    rows = pd.DataFrame(names["rows"])
    assert len(rows) == 6 and rows["Step"].eq(92).all() and rows["date"].astype(str).eq("2020-09-30").all()
    assert not names["worker"].filled
