"""Sweeps as they are read back, of made-up outcomes: what the analysis needs of one, without a run of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cms_sim.evaluation.intervals import Floats

Outcome = Callable[[Floats], Floats]
"""[points] averted from points on 0 to 1 [points, names]."""


def made_sweep(
    method: str,
    names: tuple[str, ...],
    averted: Mapping[str, Outcome],
    *,
    points: int,
    replicates: int = 8,
    noise: float = 0.0,
    seed: int = 1,
) -> Any:
    """A finished sweep of a reference `now` and the plans of `averted`; noise of the plan's own at every point, beside
    a level of the replicate."""
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    if method == "morris":
        from SALib.sample import morris

        places = morris.sample(problem, points, seed=seed)
    else:
        from SALib.sample import sobol

        places = sobol.sample(problem, points, calc_second_order=False, seed=seed)
    rng = np.random.Generator(np.random.Philox(key=seed))
    level = rng.normal(size=replicates)
    frames = []
    for plan, function in {"now": lambda x: 0.0 * x[:, 0], **averted}.items():
        chance = 0.0 if plan == "now" else noise * rng.normal(size=(len(places), replicates)) + level
        table = np.asarray(function(places))[:, None] + chance + np.zeros(replicates)
        point, replicate = (index.ravel() for index in np.indices(table.shape))
        frames.append(pd.DataFrame({"plan": plan, "point": point, "replicate": replicate, "averted": table.ravel()}))
    runs = pd.concat(frames, ignore_index=True).assign(error="")
    runs["victims"] = 100.0 - runs["averted"]
    return SimpleNamespace(
        folder=Path("results/made"),
        design=SimpleNamespace(method=method, replicates=replicates, points=points, levers={}),
        plans=("now", *averted),
        points=pd.DataFrame(places, columns=list(names)),
        runs=runs,
        outcomes=("victims", "averted"),
    )
