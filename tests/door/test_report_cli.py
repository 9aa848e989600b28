from __future__ import annotations

from pathlib import Path

import pytest

from cms_sim.door.cli import main


@pytest.mark.parametrize("boundaries", [[], ["--boundaries", "precincts.geojson"]])
def test_a_folder_that_is_not_there_is_named(
    boundaries: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path / "none"), *boundaries])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and f"{tmp_path / 'none'}: there is no such folder" in said
    assert "comparison or optimisation" in said and "has its maps already" not in said


def test_an_empty_folder_is_not_called_a_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path), "--boundaries", "precincts.geojson"])
    assert ended.value.code == 2 and f"no optimisation is finished in {tmp_path}" in capsys.readouterr().err
