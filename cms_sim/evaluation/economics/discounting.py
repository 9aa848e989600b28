"""Money of different months on one footing: the value of the frame's first month."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.errors import InputError
from cms_sim.evaluation.intervals import Floats, Labels
from cms_sim.experiment.results import Results

RATE_PER_YEAR: Final = 0.03
"""Assumed: the usual rate of health economics for costs and for what they buy; both are discounted alike."""


def factors(results: Results, rate_per_year: float) -> Floats:
    """[M] what a dollar of each month of the frame is worth in the first: (1 + rate)^(-years since)."""
    if not 0.0 <= rate_per_year < 1.0:
        raise InputError(f"a rate of {rate_per_year} a year", where="--rate", remedy="Give a share such as 0.03.")
    return worth_in_first(len(results.months) - results.first_month, rate_per_year)


def worth_in_first(months: int, rate_per_year: float) -> Floats:
    """[months] what a dollar of each is worth in the first."""
    return np.asarray((1.0 + rate_per_year) ** (-np.arange(months) / 12.0), dtype=np.float64)


def fiscal_years(months: NDArray[Any]) -> Labels:
    """[months] the fiscal year of each, which ends in June."""
    number = months.astype("datetime64[M]").astype(np.int64)
    return np.asarray(1970 + number // 12 + (number % 12 >= 6))


def cost_by_month_usd(results: Results) -> Floats:
    """[P, M] every plan's cost by month of the frame: a fiscal year's in equal parts over its months there."""
    years = fiscal_years(results.months[results.first_month :])
    cost = np.zeros((len(results.plans), len(years)))
    for plan, info in enumerate(results.plans):
        for year, usd in info.cost_by_fiscal_year_usd.items():
            inside = years == year
            if inside.any():
                cost[plan, inside] += usd / inside.sum()
    return cost
