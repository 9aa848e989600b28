"""Panels with a known truth: this city's levels and year-to-year scatter, sites at its dates, and an effect given."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.estimators.panel import Panel, record_panel

SCATTER = 0.01
"""Variance of a precinct's yearly factor: with it counts scatter as the record's do (share statistic 1.2)."""


@cache
def record() -> Panel:
    return record_panel(load_city_tables())


def made_panel(seed: int, ratio: float = 1.0, scatter: float = SCATTER) -> Panel:
    """Victims by precinct and month: level x city's month x gamma factor of the year, times `ratio` where a site is
    open; incidents are Poisson, with one to three victims each."""
    panel, rng = record(), np.random.default_rng([20, seed])
    counts = panel.counts
    rate = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    years = counts.shape[1] // 12
    factor = rng.gamma(1.0 / scatter, scatter, (len(counts), years)) if scatter else np.ones((len(counts), years))
    open_ = np.arange(counts.shape[1]) >= panel.opening[:, None]
    incidents = rng.poisson(rate / 1.19 * np.repeat(factor, 12, axis=1) * np.where(open_, ratio, 1.0))
    more = rng.binomial(incidents, 0.14)
    return replace(panel, counts=incidents + more + rng.binomial(more, 0.33))
