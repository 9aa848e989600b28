"""Intervals by drawing precincts again: counts of one precinct hang together, those of two are taken as apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.estimate import CONFIDENCE
from cms_sim.evaluation.estimators.libraries import quiet
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.intervals import Floats

RESAMPLES: Final = 499
BATCH: Final = 50
FEWEST: Final = 2
"""Sites of which draws can say anything at all."""
SEED: Final = 2406

Statistic = Callable[[NDArray[np.int64]], NDArray[np.float64]]
"""Counts [B, S, M] to [B] or [k, B]."""


def interval(panel: Panel, statistic: Statistic) -> tuple[Floats, Floats]:
    """Low and high of `statistic` by the percentile bootstrap over precincts (`scipy.stats.bootstrap`).

    Sites and other precincts are drawn apart, each with replacement and with its whole history: a precinct drawn twice
    counts twice, as a site and as a control. NaN with fewer than `FEWEST` sites."""
    from scipy import stats

    sites = np.array(list(panel.starts), dtype=np.intp)
    others = np.setdiff1d(np.arange(len(panel.precincts)), sites)
    if len(sites) < FEWEST or not len(others):
        nothing = np.full_like(statistic(panel.counts[None])[..., 0], np.nan)
        return nothing, nothing
    rows = np.arange(len(panel.precincts))

    def drawn(first: NDArray[np.intp], second: NDArray[np.intp], axis: int) -> NDArray[np.float64]:
        both = np.atleast_2d(np.concatenate([first, second], axis=axis))
        weight = (both[:, :, None] == rows).sum(axis=1)
        found = statistic(panel.counts * weight[:, :, None])
        return found if first.ndim > 1 else found[..., 0]

    with quiet(), np.errstate(all="ignore"):
        found = stats.bootstrap(
            (sites, others),
            drawn,
            n_resamples=RESAMPLES,
            batch=BATCH,
            vectorized=True,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
    return np.asarray(found.low), np.asarray(found.high)
