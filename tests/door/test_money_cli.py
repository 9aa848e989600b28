from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.door.cli import main
from tests.full_disk import fill_disk


def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "months.csv"
    file.write_bytes(b"old\n")
    fill_disk(monkeypatch, "months.csv")
    with pytest.raises(SystemExit) as ended:
        main(["money", "late_payment", "--out", str(file)])
    said = capsys.readouterr()
    assert ended.value.code == 1 and f"{file}: the disk is full" in said.err and "Wrote" not in said.out
    assert file.read_bytes() == b"old\n" and list(tmp_path.iterdir()) == [file]
