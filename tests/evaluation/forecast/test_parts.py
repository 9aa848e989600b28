"""Work in parts: resumed, the same for any number of workers, refused where it is another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cms_sim.errors import InputError
from cms_sim.evaluation.forecast.parts import PART, Rows, do


@dataclass(frozen=True)
class Squares:
    draws: int
    breaks_at: int = -1

    def begin(self) -> Callable[[int], Rows]:
        def one(draw: int) -> Rows:
            if draw == self.breaks_at:
                raise KeyboardInterrupt
            return {"square": np.array(draw**2), "row": np.full((2, 3), draw)}

        return one


def test_rows_come_in_order_and_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    found = do(Squares(60), tmp_path, 1, told.append)
    assert found["square"].tolist() == [k**2 for k in range(60)]
    assert found["row"].shape == (60, 2, 3)
    assert told == [0, PART, 2 * PART, 60]


def test_what_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Squares.begin
    monkeypatch.setattr(Squares, "begin", lambda self: whole(Squares(60, breaks_at=30)))
    with pytest.raises(KeyboardInterrupt):
        do(Squares(60), tmp_path, 1)
    monkeypatch.setattr(Squares, "begin", whole)
    assert len(list(tmp_path.glob("part-*.npz"))) == 1
    told: list[int] = []
    assert do(Squares(60), tmp_path, 1, told.append)["square"][59] == 59**2
    assert told[0] == PART
    monkeypatch.setattr(Squares, "begin", lambda self: pytest.fail("nothing is left to do"))
    assert len(do(Squares(60), tmp_path, 1)["square"]) == 60


def test_two_workers_give_the_same(tmp_path: Path) -> None:
    alone, together = do(Squares(60), tmp_path / "1", 1), do(Squares(60), tmp_path / "2", 2)
    assert all(np.array_equal(alone[name], together[name]) for name in alone)


def test_a_folder_of_other_work_is_refused(tmp_path: Path) -> None:
    do(Squares(3), tmp_path, 1)
    with pytest.raises(InputError, match="other work"):
        do(Squares(4), tmp_path, 1)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        do(Squares(3), tmp_path / "file" / "below", 1)
