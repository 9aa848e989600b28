"""`cms-sim demo`: on loopback only, in the default browser, and plain words for what cannot be."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.door.cli import main
from cms_sim.door.demo import first_start, server
from cms_sim.door.demo.server import Demo

Started = list[tuple[Demo, tuple[str, int]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What would have been served, and on which address; nothing is."""
    seen: Started = []

    def serve(demo: Demo, listening: socket.socket) -> None:
        seen.append((demo, listening.getsockname()))
        listening.close()

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.setattr("cms_sim.door.demo_cli._warm_up", lambda: None)
    monkeypatch.setattr(first_start, "is_prepared", lambda: True)
    return seen


def fail() -> None:
    """Stands in for a process that runs out of memory."""
    sys.exit(1)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["demo", *arguments])
    return int(ended.value.code or 0)


def test_it_listens_on_loopback_only_and_opens_the_browser(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    there = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda address: (opened.append(address), there.set()))
    assert run("--language", "es") == 0
    (demo, (host, port)) = started[0]
    assert host == "127.0.0.1" and demo.port == port and demo.language == "es"
    assert there.wait(10.0) and opened == [f"http://127.0.0.1:{port}/"]
    assert opened[0] in capsys.readouterr().out


def test_without_a_browser_it_only_says_where(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: pytest.fail("opened a browser"))
    assert run("--no-browser") == 0 and started


def test_the_first_start_says_so_and_tells_the_address_when_it_can_answer(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def prepare(on_progress: Callable[[int], None]) -> None:
        told = capsys.readouterr()
        said.append(told.err)
        assert "http://" not in told.out and not started
        on_progress(first_start.FUNCTIONS // 2)

    monkeypatch.setattr(first_start, "is_prepared", lambda: False)
    monkeypatch.setattr(first_start, "prepare", prepare)
    assert run("--no-browser") == 0 and started
    assert said[0].startswith("First start: the model is compiled, once.") and "minutes" in said[0]
    assert "http://" in capsys.readouterr().out


def test_a_first_start_that_fails_is_told(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(first_start, "is_prepared", lambda: False)
    monkeypatch.setattr(first_start, "_make_and_leave", fail)
    assert run("--no-browser") == 1 and not started
    told = capsys.readouterr().err
    assert "CMS_SIM_CACHE" in told and "Traceback" not in told


def test_what_is_prepared_is_not_prepared_again_until_a_file_is_touched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(first_start, "_folder", lambda: tmp_path)
    assert not first_start.is_prepared()
    first_start.make_everything()
    assert first_start.is_prepared()
    monkeypatch.setattr(first_start, "_stamp", lambda: "touched")
    assert not first_start.is_prepared()


def test_what_cannot_be_is_told(started: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.toml").write_text('title = "a"\nsummary = "b"\n[[steps]]\nrun_today = 3\n', encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for arguments, says in (
            (["--port", port], "--port"),
            (["--language", "ess"], "'es'"),
            (["--lessons", str(tmp_path / "nowhere")], "no such folder"),
            (["--lessons", str(tmp_path)], "run_to_day"),
        ):
            assert run("--no-browser", *arguments) == 2
            told = capsys.readouterr().err
            assert says in told and "Traceback" not in told, told
    assert not started
