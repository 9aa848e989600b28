"""Parts of a bank that are damaged are named, and not learned from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cms_sim.errors import InputError
from cms_sim.evaluation.calibration.bank import LIVED, PART, BankPlan, read_bank


def written(folder: Path) -> BankPlan:
    """Two whole parts."""
    plan = BankPlan.now("city", 2 * PART, 1)
    for part in plan.parts:
        rows = pd.DataFrame({"share_statistic": np.ones(len(part)), LIVED: np.ones(len(part))})
        rows.to_parquet(folder / f"part-{part.start:06d}.parquet", index=False)
    return plan


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"no table of rows"),
        lambda file: pd.read_parquet(file).iloc[:3].to_parquet(file, index=False),
        lambda file: pd.read_parquet(file)[[LIVED]].to_parquet(file, index=False),
        lambda file: pd.read_parquet(file)[["share_statistic"]].to_parquet(file, index=False),
    ],
)
def test_a_damaged_part_is_named_with_the_remedy(damage: Callable[[Path], object], tmp_path: Path) -> None:
    plan = written(tmp_path)
    assert len(read_bank(plan, tmp_path).statistics) == 2 * PART
    damage(tmp_path / f"part-{PART:06d}.parquet")
    with pytest.raises(InputError, match="is damaged") as refused:
        read_bank(plan, tmp_path)
    assert f"part-{PART:06d}" in str(refused.value) and "Delete this file" in refused.value.remedy
