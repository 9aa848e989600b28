"""No Ctrl-C is lost."""

from __future__ import annotations

import sys
import time

import pytest

from cms_sim.door.ctrl_c import hear_every_ctrl_c


class Finalised:
    """Goes while Ctrl-C arrives, or fails otherwise."""

    def __init__(self, fault: type[BaseException]) -> None:
        self.fault = fault

    def __del__(self) -> None:
        raise self.fault


def test_a_ctrl_c_in_a_finaliser_is_raised_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    hear_every_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        Finalised(KeyboardInterrupt)
        time.sleep(5.0)


def test_other_faults_of_finalisers_are_told_as_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    hear_every_ctrl_c()
    Finalised(ValueError)
    assert "ValueError" in capsys.readouterr().err
