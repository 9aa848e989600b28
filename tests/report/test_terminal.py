from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from cms_sim.experiment.results import Results
from cms_sim.report.sheet import Sheet
from cms_sim.report.terminal import NARROWEST, ROOM_FOR_RUNS, WIDTH, print_summary
from cms_sim.report.words import between, extra_usd, nine_in_ten, pairing_gain, ties
from tests.report.conftest import degenerate


def printed(results: Results, terminal: bool = False, width: int = 160) -> str:
    stream = io.StringIO()
    print_summary(results, Console(file=stream, force_terminal=terminal, width=width, color_system=None))
    return stream.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_table_fits_and_has_every_plan(results: Results, terminal: bool) -> None:
    text = printed(results, terminal)
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    for plan in results.plans:
        assert plan.title in text
    assert "reference" in text and "…" not in text
    said = [*Sheet(results).verdict, *ties(Sheet(results)), *pairing_gain(Sheet(results))]
    assert len(said) >= 2 and all(sentence in " ".join(text.split()) for sentence in said)


def test_table_is_plain_where_there_is_no_terminal(results: Results) -> None:
    text = printed(results)
    assert "\x1b" not in text and "━" not in text and "─" not in text


@pytest.mark.parametrize("width", [None, 60, 80, 89, 100, 160])
def test_nothing_is_cut(results: Results, width: int | None) -> None:
    """Titles are wrapped where they are long; a number is whole or its column is not there."""
    titles = ["Same money into hot-spot patrol, a year late and then some", *(plan.title for plan in results.plans)]
    plans = tuple(replace(plan, title=title) for plan, title in zip(results.plans, titles, strict=False))
    text = printed(replace(results, plans=plans), width is not None, width or 80)
    assert "…" not in text and "..." not in text
    assert max(len(line) for line in text.splitlines()) <= (min(max(width, NARROWEST), WIDTH) if width else WIDTH)
    for line in Sheet(results).lines:
        if line.index != results.reference:
            assert between(line.averted) in text and extra_usd(line.extra_usd_per_year) in text
            assert nine_in_ten(line.averted) in text or (width and width < ROOM_FOR_RUNS)


@pytest.mark.parametrize("case", ["reference alone", "references alone"])
def test_a_plan_alone_is_not_best(case: str) -> None:
    assert "100%" not in printed(degenerate()[case])


def test_rows_of_the_table(results: Results) -> None:
    rows = {
        cells[0]: cells[1:] for line in printed(results).splitlines() if len(cells := line.strip("|").split("|")) > 5
    }
    found = {name.strip(): [cell.strip() for cell in cells] for name, cells in rows.items()}
    assert found["Kept"] == ["244", "reference", "", "", "", "0%"]
    assert found["Expansion"] == ["231", "13 (12 to 14)", "8 to 18", "+$10M", "$770,000", "100%"]
    assert found["Harmful"][4] == "more shot" and found["None"][4:] == ["", "–"]


@pytest.mark.parametrize("case", list(degenerate()))
def test_results_with_little_to_say_are_printed(case: str) -> None:
    assert "nan" not in printed(degenerate()[case])
