"""`cms-sim calibrate` as a process that is killed (SIGKILL) at random moments: it goes on, and nothing shows of it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pages import ROOT

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as Unix does")

LAUNCHER = Path(__file__).with_name("quick_calibrate.py")
DRAWS, PARTS = 220, 9
PATIENCE_S = 240.0
FILES = ("city.json", "city-without_effect.json")


def begin(out: Path, workers: int, seed: int = 5) -> subprocess.Popen[bytes]:
    """Start a calibration in a session of its own."""
    options = ("--hypothesis", "city", "--draws", DRAWS, "--seed", seed, "--workers", workers, "--out", out)
    command = [sys.executable, str(LAUNCHER), "calibrate", *map(str, options)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for one that is to finish."""
    _, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 and b"Traceback" not in complaints, complaints.decode()[-2000:]


def parts(out: Path) -> set[Path]:
    return set((out / "city" / "bank").glob("part-*.parquet"))


def kill_after(process: subprocess.Popen[bytes], out: Path, more: int, seconds: float) -> None:
    """Kill the main process, alone as the system does when memory runs out, `seconds` after so many more parts."""
    before, ends = len(parts(out)), time.monotonic() + PATIENCE_S
    while len(parts(out)) < before + more and process.poll() is None and time.monotonic() < ends:
        time.sleep(0.01)
    time.sleep(seconds)
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)  # until the workers have closed their ends as well: none stays


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    end(begin(out, workers=2))
    return out / "city"


def test_killed_at_random_moments_it_goes_on_to_the_same_posteriors(undisturbed: Path, tmp_path: Path) -> None:
    moments = random.Random(17)
    kept: dict[Path, int] = {}
    for _ in range(2):
        process = begin(tmp_path, workers=1)
        kill_after(process, tmp_path, moments.randint(1, 2), moments.uniform(0.0, 0.4))
        now = {part: part.stat().st_mtime_ns for part in parts(tmp_path)}
        assert kept.items() <= now.items(), "a part that was finished is not done again"
        assert len(kept) < len(now) < PARTS
        assert not (tmp_path / "city" / FILES[0]).exists(), "no posterior of half a bank"
        kept = now
    end(begin(tmp_path, workers=2))
    assert len(parts(tmp_path)) == PARTS
    assert kept.items() <= {part: part.stat().st_mtime_ns for part in parts(tmp_path)}.items()
    for name in FILES:
        assert (tmp_path / "city" / name).read_bytes() == (undisturbed / name).read_bytes()


def test_another_seed_is_refused_in_the_same_folder_and_would_differ(undisturbed: Path) -> None:
    """So the agreement above is no accident of a posterior that ignores its histories."""
    process = begin(undisturbed.parent, workers=1, seed=6)
    _, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2 and "another seed" in " ".join(complaints.decode().split())
