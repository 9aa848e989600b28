"""The page of the documentation says of each posterior what its shipped file says."""

from __future__ import annotations

import json

import pytest

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.calibration.calibrate import VARIANTS
from cms_sim.experiment.posterior import posterior_file, variant_of
from tests import pages

PAGE = pages.DOCS / "calibration.md"
FILES = [posterior_file(name, variant_of(left_out)) for name in load_hypotheses() for left_out in VARIANTS]


@pytest.mark.parametrize("place", range(len(FILES)), ids=[file.stem for file in FILES])
def test_the_table_of_recovery_is_that_of_what_ships(place: int) -> None:
    """Stale after a calibration: `cms-sim identify --page docs/calibration.md` writes it again."""
    checks = json.loads(FILES[place].read_text(encoding="utf-8"))["checks"]
    shown = {row[0].strip("`"): row for row in pages.tables(PAGE)[place]}
    assert shown.keys() == checks.keys()
    for name, found in checks.items():
        _, _, _, _, contraction, half, most, p, _ = shown[name]
        assert float(contraction) == round(found["contraction"], 2)
        assert half.split()[0] == f"{found['coverage_50']:.0%}" and most.split()[0] == f"{found['coverage_90']:.0%}"
        assert p == (f"{found['p_uniform']:.4f}" if found["p_uniform"] else "< 0.0001")


def test_it_has_a_picture_for_each() -> None:
    shown = [target for target in pages.links(PAGE) if target.startswith("images/calibration_ranks")]
    assert shown == [f"images/calibration_ranks_{file.stem}.png" for file in FILES]
