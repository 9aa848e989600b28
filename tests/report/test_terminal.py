from __future__ import annotations

import io

import pytest
from rich.console import Console

from cms_sim.experiment.results import Results
from cms_sim.report.sheet import Sheet
from cms_sim.report.terminal import WIDTH, print_summary
from tests.report.conftest import degenerate


def printed(results: Results, terminal: bool = False) -> str:
    stream = io.StringIO()
    print_summary(results, Console(file=stream, force_terminal=terminal, width=160, color_system=None))
    return stream.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_table_fits_and_has_every_plan(results: Results, terminal: bool) -> None:
    text = printed(results, terminal)
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    for plan in results.plans:
        assert plan.title in text
    assert "reference" in text and "…" not in text
    assert all(sentence in " ".join(text.split()) for sentence in Sheet(results).verdict)


def test_table_is_plain_where_there_is_no_terminal(results: Results) -> None:
    text = printed(results)
    assert "\x1b" not in text and "━" not in text and "─" not in text


def test_long_titles_are_cut(results: Results) -> None:
    from dataclasses import replace

    plans = tuple(replace(plan, title="A very long title " * 5) for plan in results.plans)
    assert max(len(line) for line in printed(replace(results, plans=plans)).splitlines()[:20]) <= WIDTH


@pytest.mark.parametrize("case", list(degenerate()))
def test_results_with_little_to_say_are_printed(case: str) -> None:
    assert "nan" not in printed(degenerate()[case])
