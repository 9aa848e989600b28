"""How far a long command is, where there is no terminal and where there is one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cms_sim.door import progress
from cms_sim.door.progress import LINE_EVERY_S


def test_without_a_terminal_a_line_at_first_now_and_then_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now))
    with progress.progress() as show:
        show("Histories", 0, 2000)
        now += LINE_EVERY_S / 2
        show("Histories", 10, 2000)
        show("Studies", 1, 3)
        now += LINE_EVERY_S / 2
        show("Histories", 1200, 2000)
        show("Histories", 2000, 2000)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "Histories: 0 of 2,000", "Studies: 1 of 3", "Histories: 1,200 of 2,000", "Histories: 2,000 of 2,000",
    ]  # fmt: skip


def test_on_a_terminal_a_bar_for_each_thing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with progress.progress() as show:
        show("Histories", 20, 20)
        show("Studies", 1, 3)
    shown = capsys.readouterr().err
    assert "20/20" in shown and "1/3" in shown and "Studies" in shown and " of " not in shown
