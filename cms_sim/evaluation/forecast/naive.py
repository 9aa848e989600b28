"""What anyone can forecast from the counts alone: the last year, the mean of three, a trend; with laws of their own.

Each rule gives means by precinct and year. Around them stand a Poisson law, and a negative binomial law whose excess is
found by moments: the rule is applied to the first years of what is known, its errors in the years that follow, chance
taken off, are what it errs by at one year ahead, two, and so on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.libraries import library, quiet
from cms_sim.evaluation.forecast.scores import NegativeBinomial

Floats = NDArray[np.float64]
Rule = Callable[[Floats, int], Floats]
"""[precincts, years known], years ahead -> [precincts, years ahead]."""

LEAST_KNOWN: Final = 3
"""Years that a rule needs."""


def last_year(known: Floats, ahead: int) -> Floats:
    """As many as in the last year; half a person where there was none."""
    return _level(known, 1, ahead)


def mean_of_three(known: Floats, ahead: int) -> Floats:
    """The mean of the last three years; half a person in the three where there was none."""
    return _level(known, 3, ahead)


def _level(known: Floats, years: int, ahead: int) -> Floats:
    mean = np.maximum(known[:, -years:].sum(axis=1), 0.5) / years
    return np.repeat(mean[:, None], ahead, axis=1)


def city_trend(known: Floats, ahead: int) -> Floats:
    """Poisson regression with a level for each precinct and one exponential trend for all.

    Its trend is that of the city's totals, its levels are in proportion to the precincts' totals (the likelihood
    factorises), so one small regression does.
    """
    trend = _trend(known.sum(axis=0), ahead)
    past, after = trend[: known.shape[1]], trend[known.shape[1] :]
    return np.asarray(np.maximum(known.sum(axis=1), 0.5)[:, None] * after / past.sum())


def own_trend(known: Floats, ahead: int) -> Floats:
    """Poisson regression with an exponential trend of its own for each precinct; half a person is added to each
    precinct's past, so that one without any has a trend.
    """
    years = known.shape[1]
    return np.stack([_trend(row + 0.5 / years, ahead)[years:] for row in known])


def _trend(counts: Floats, ahead: int) -> Floats:
    """[years known and ahead] of a Poisson regression on the year."""
    models, families = library("statsmodels.genmod.generalized_linear_model"), library("statsmodels.genmod.families")
    years = np.arange(len(counts) + ahead, dtype=np.float64)
    design = np.column_stack([np.ones_like(years), years - years[: len(counts)].mean()])
    with quiet():  # it warns of a precinct with the same count every year
        fitted = models.GLM(counts, design[: len(counts)], family=families.Poisson()).fit()
    return np.asarray(fitted.predict(design), dtype=np.float64)


RULES: Final[dict[str, Rule]] = {
    "last year": last_year,
    "mean of three years": mean_of_three,
    "trend of the city": city_trend,
    "trend of each precinct": own_trend,
}


@dataclass(frozen=True)
class Naive:
    """One naive forecast by precinct and year."""

    name: str
    mean: Floats
    """[precincts, years ahead]."""
    excess: Floats
    """[years ahead] of variance, over mean squared; 0 for the Poisson law."""

    def yearly(self) -> NegativeBinomial:
        """Law of the years."""
        return NegativeBinomial(self.mean, np.broadcast_to(self.excess, self.mean.shape))

    def monthly(self, month_share: Floats) -> NegativeBinomial:
        """Law of the months; `month_share` [12] of a year. The error of the year's level is shared by its months."""
        mean = (self.mean[:, :, None] * month_share).reshape(len(self.mean), -1)
        return NegativeBinomial(mean, np.broadcast_to(np.repeat(self.excess, 12), mean.shape))


def naive_forecasts(known: NDArray[np.int64], ahead: int) -> list[Naive]:
    """Every rule under both laws; `known` [precincts, years]."""
    counts = known.astype(np.float64)
    found = []
    for name, rule in RULES.items():
        mean = rule(counts, ahead)
        found.append(Naive(f"{name}, Poisson", mean, np.zeros(ahead)))
        found.append(Naive(f"{name}, neg. binomial", mean, excess_by_moments(rule, counts, ahead)))
    return found


def excess_by_moments(rule: Rule, known: Floats, ahead: int) -> Floats:
    """[years ahead] sum of squared errors less their chance, over the sum of squared means, 0 or more; beyond what the
    known years can tell, as at the furthest that they can.
    """
    years = known.shape[1]
    furthest = min(ahead, years - LEAST_KNOWN)
    over, under = np.zeros(furthest), np.zeros(furthest)
    for begun in range(LEAST_KNOWN, years):
        horizon = min(furthest, years - begun)
        mean = rule(known[:, :begun], horizon)
        missed = np.square(known[:, begun : begun + horizon] - mean) - mean
        over[:horizon] += missed.sum(axis=0)
        under[:horizon] += np.square(mean).sum(axis=0)
    excess = np.maximum(over / under, 0.0)
    return np.concatenate([excess, np.full(ahead - furthest, excess[-1])])


def month_shares(season: Floats, months: NDArray[np.datetime64]) -> Floats:
    """[12] share of a year that falls in each month, by season and days of the known years."""
    days = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.float64)
    weight = season * days.reshape(-1, 12).mean(axis=0)
    return np.asarray(weight / weight.sum())
