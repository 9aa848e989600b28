"""What is observed of the targets, on the scale on which histories are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.targets import Target
from cms_sim.evaluation.estimators.panel import record_panel
from cms_sim.evaluation.patterns.programme import programme


def scaled(target: Target, values: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The statistic on the scale on which it is compared."""
    return np.log(values) if target.logarithm else np.asarray(values, dtype=np.float64)


def observed(targets: Sequence[Target]) -> NDArray[np.float64]:
    """[targets] what is observed, scaled."""
    own = _record_statistics()
    return np.array([scaled(t, own[t.name] if t.observed is None else t.observed) for t in targets])


@lru_cache(maxsize=1)
def _record_statistics() -> Mapping[str, float]:
    return programme(record_panel(load_city_tables()))
