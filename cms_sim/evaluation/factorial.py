"""A sweep over a grid as an xarray data set: an axis for each thing that was varied, one for plans, one for replicates.

`sweep.averted.sel(plan="more").mean("replicate").plot()` and the rest of xarray then work on results as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cms_sim.errors import InputError
from cms_sim.evaluation.research import needs
from cms_sim.evaluation.varied import Varied, varied_in

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from cms_sim.experiment.sweep.read import Sweep


def factorial(sweep: Sweep) -> xr.Dataset:
    """Outcomes of a grid sweep by varied names (in the order of the design), plan and replicate.

    Axes of what was varied carry `units` and `long_name`; runs that failed or are not there are NaN. Raises InputError
    for a sweep whose points are no grid, and without xarray.
    """
    names = varied_in(sweep)
    return dataset(sweep.runs, sweep.points, sweep.plans, sweep.design.replicates, sweep.outcomes, names)


def dataset(
    runs: pd.DataFrame,
    points: pd.DataFrame,
    plans: Sequence[str],
    replicates: int,
    outcomes: Sequence[str],
    names: Mapping[str, Varied] | None = None,
) -> xr.Dataset:
    """The same from tables: `runs` with plan, point, replicate and `outcomes`; `points` with the values by point."""
    needs("xarray")
    import xarray as xr

    steps = {str(name): np.unique(points[name]) for name in points.columns}
    size = int(np.prod([len(values) for values in steps.values()]))
    if not steps or size != len(points) or points.duplicated().any():
        raise InputError(
            f"{len(points)} points are no grid of {' x '.join(str(len(values)) for values in steps.values())}",
            remedy='Sweep a design with method = "grid" and values = [...] for each name.',
        )
    place = {name: np.searchsorted(values, points[name]) for name, values in steps.items()}
    flat = np.ravel_multi_index(tuple(place.values()), tuple(len(values) for values in steps.values()))
    shape = (*(len(values) for values in steps.values()), len(plans), replicates)
    axes = {**steps, "plan": list(plans), "replicate": np.arange(replicates)}
    at = np.searchsorted(points.index, runs["point"])
    row = (flat[at], [list(plans).index(plan) for plan in runs["plan"]], runs["replicate"])
    columns = {}
    for outcome in outcomes:
        table = np.full((size, len(plans), replicates), np.nan)
        table[row] = runs[outcome].to_numpy(dtype=np.float64)
        columns[outcome] = (tuple(axes), table.reshape(shape))
    found = xr.Dataset(columns, coords=axes)
    for name, each in (names or {}).items():
        found[name].attrs.update({"units": each.unit, "long_name": each.meaning})
    return found
