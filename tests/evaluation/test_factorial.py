"""A grid sweep as an xarray data set."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pandas as pd
import pytest

from cms_sim.errors import InputError
from cms_sim.evaluation.factorial import dataset
from cms_sim.evaluation.varied import varied

xr = pytest.importorskip("xarray", reason="xarray is in the extra `research`")

PLANS = ("now", "more")
STEPS = {"detection": [0.04, 0.02], "violence_interrupters": [2.0, 4.0, 6.0]}
POINTS = pd.DataFrame(list(itertools.product(*STEPS.values())), columns=list(STEPS)).rename_axis("point")


def made_runs(replicates: int = 3) -> pd.DataFrame:
    """Victims that say where they stand: 1000 detection + 10 interrupters + replicate, negative in the plan `more`."""
    rows = [
        (plan, point, replicate, (1000 * detection + 10 * posts + replicate) * (-1 if plan == "more" else 1))
        for point, (detection, posts) in enumerate(POINTS.itertuples(index=False))
        for replicate in range(replicates)
        for plan in PLANS
    ]
    return pd.DataFrame(rows, columns=["plan", "point", "replicate", "victims"]).sample(frac=1.0, random_state=2)


def test_every_run_is_where_its_values_say() -> None:
    found = dataset(made_runs(), POINTS, PLANS, 3, ("victims",), varied(POINTS, {"violence_interrupters"}))
    assert found["victims"].dims == ("detection", "violence_interrupters", "plan", "replicate")
    assert found.sizes == {"detection": 2, "violence_interrupters": 3, "plan": 2, "replicate": 3}
    assert found["detection"].values.tolist() == [0.02, 0.04]
    for detection, posts, replicate in itertools.product(STEPS["detection"], STEPS["violence_interrupters"], range(3)):
        at = found["victims"].sel(detection=detection, violence_interrupters=posts, replicate=replicate)
        assert at.sel(plan="now").item() == 1000 * detection + 10 * posts + replicate == -at.sel(plan="more").item()


def test_axes_say_their_unit_and_meaning() -> None:
    found = dataset(made_runs(), POINTS, PLANS, 3, ("victims",), varied(POINTS, {"violence_interrupters"}))
    assert found["detection"].attrs["units"] == "probability per conflict-day"
    assert found["violence_interrupters"].attrs == {
        "units": "full-time posts",
        "long_name": "Posts that detect and mediate conflicts",
    }


def test_what_is_not_there_is_nan() -> None:
    runs = made_runs()
    runs = runs[~((runs["point"] == 1) & (runs["replicate"] == 2))]
    victims = dataset(runs, POINTS, PLANS, 3, ("victims",))["victims"]
    assert int(np.isnan(victims).sum()) == 2
    gone = victims.sel(detection=0.04, violence_interrupters=4.0, replicate=2)
    assert np.isnan(gone).all()


@pytest.mark.parametrize("points", [POINTS.iloc[:5], POINTS.iloc[[0, 1, 2, 3, 4, 4]], POINTS[[]].iloc[:1]])
def test_points_that_are_no_grid(points: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r'(?s)no grid.*method = "grid"'):
        dataset(made_runs(), points.reset_index(drop=True), PLANS, 3, ("victims",))


def test_without_xarray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"'xarray' is not installed"):
        dataset(made_runs(), POINTS, PLANS, 3, ("victims",))
