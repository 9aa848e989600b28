"""Money of different months on one footing: the value of the frame's first month."""

from __future__ import annotations

from typing import Final

import numpy as np

from cms_sim.errors import InputError
from cms_sim.evaluation.intervals import Floats
from cms_sim.experiment.results import Results

RATE_PER_YEAR: Final = 0.03
"""Assumed: the usual rate of health economics for costs and for what they buy; both are discounted alike."""


def factors(results: Results, rate_per_year: float) -> Floats:
    """[M] what a dollar of each month of the frame is worth in the first: (1 + rate)^(-years since)."""
    if not 0.0 <= rate_per_year < 1.0:
        raise InputError(f"a rate of {rate_per_year} a year", where="--rate", remedy="Give a share such as 0.03.")
    months = np.arange(len(results.months) - results.first_month)
    return np.asarray((1.0 + rate_per_year) ** (-months / 12.0), dtype=np.float64)


def cost_by_month_usd(results: Results) -> Floats:
    """[P, M] every plan's cost by month of the frame: a fiscal year's in equal parts over its months there."""
    months = results.months[results.first_month :].astype("datetime64[M]").astype(np.int64)
    years = 1970 + months // 12 + (months % 12 >= 6)
    cost = np.zeros((len(results.plans), len(months)))
    for plan, info in enumerate(results.plans):
        for year, usd in info.cost_by_fiscal_year_usd.items():
            inside = years == year
            if inside.any():
                cost[plan, inside] += usd / inside.sum()
    return cost
