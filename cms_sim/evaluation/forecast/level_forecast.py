"""The rule by which levels go on after a cut, estimated from rows before it only; drawn anew for each history.

**City.** The logarithm of the yearly trend walks at random with a drift. Drift and size of the steps are both unknown
and drawn from their posterior under the usual flat prior (normal steps: Student's t in closed form). Without a drift
the rule would assert that the fall of the years before has ended; with a drift that is known, that it goes on. With one
that is drawn, either may be. Maximum likelihood for a state space would take the step size as known from seven to ten
of them, and often as zero: hence the closed form rather than a library's filter.

**Precincts.** Around the city's trend a precinct's level drifts (a random walk of its logarithm) besides the model's
independent yearly deviations. Before 2014 the squared difference of two years' shares, chance taken off, grows with the
years between them (0.004 after one, 0.025 after five; docs/forecast.md): deviations that are independent would give the
same after one year as after five. The level is filtered: a gamma law, updated with each clean year's count as for a
Poisson rate, and made wider from year to year by the drift; in months with a programme nothing is counted, so that of
precincts covered early less is known. The drift's size is drawn from its likelihood, given the draw's own yearly
spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.experiment.record_levels import NEW_YORK, SPLITS, RecordLevels

Floats = NDArray[np.float64]

DRIFTS: Final = np.linspace(0.0, 0.2, 41)
"""Standard deviations of the yearly step of a precinct's log level that are considered, all alike beforehand."""
PRIOR_SHOOTINGS: Final = 0.5
"""Weight of the prior at a precinct's first year, in incidents, around the city's mean rate."""
_LEVEL_STREAM: Final = 41


@dataclass(frozen=True)
class CityLevel:
    """The citywide trend at the cut and its yearly changes before."""

    last: float
    """Trend of the last year (mean 1 over the years fitted)."""
    drift: float
    """Mean yearly change of its logarithm."""
    spread: float
    """Standard deviation of these changes."""
    changes: int

    @classmethod
    def of(cls, trend: Floats) -> CityLevel:
        """Estimated from the yearly trend."""
        steps = np.diff(np.log(trend))
        return cls(float(trend[-1]), float(steps.mean()), float(steps.std(ddof=1)), len(steps))

    def draw(self, years: int, rng: np.random.Generator) -> Floats:
        """[years] trend after the cut."""
        free = self.changes - 1
        spread = self.spread * np.sqrt(free / rng.chisquare(free))
        drift = self.drift + spread / np.sqrt(self.changes) * rng.standard_normal()
        steps = drift + spread * rng.standard_normal(years)
        return np.asarray(self.last * np.exp(np.cumsum(steps)), dtype=np.float64)


@dataclass(frozen=True)
class PrecinctLevels:
    """What rows before the cut say of each precinct's level at trend 1."""

    counted: Floats
    """[precincts, years] incidents in clean months."""
    lived: Floats
    """[precincts, years] days of these months, at the city's trend and season."""

    @classmethod
    def of(cls, tables: CityTables, record: RecordLevels) -> PrecinctLevels:
        """Counts of clean months; of precincts whose territory changed, since then only."""
        months = tables.months
        days = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.float64)
        exposure = days * np.repeat(record.trend, 12) * record.season[np.arange(len(months)) % 12]
        used = record.clean.copy()
        for number, month in SPLITS.items():
            if tables.name == NEW_YORK and number in tables.numbers and months[-1] >= np.datetime64(month):
                used[tables.row(number)] &= months >= np.datetime64(month)
        return cls(_yearly(np.where(used, tables.incidents, 0)), _yearly(np.where(used, exposure, 0.0)))

    def draw(self, yearly_spread: float, years: int, rng: np.random.Generator) -> Floats:
        """[precincts, years] incidents a day at trend 1 after the cut; `yearly_spread`: the model's independent one,
        which is not in them.
        """
        likelihood, shape, rate = self.filtered(yearly_spread)
        chance = np.exp(likelihood - likelihood.max())
        chosen = int(np.searchsorted(np.cumsum(chance) / chance.sum(), rng.random()))
        level = rng.standard_gamma(shape[chosen]) / rate[chosen]
        spread = DRIFTS[chosen]
        steps = spread * rng.standard_normal((len(level), years)) - spread**2 / 2.0
        return np.asarray(level[:, None] * np.exp(np.cumsum(steps, axis=1)), dtype=np.float64)

    def filtered(self, yearly_spread: float) -> tuple[Floats, Floats, Floats]:
        """Log likelihood [DRIFTS], and shape and rate [DRIFTS, precincts] of the gamma law of each level in the last
        year.
        """
        from scipy.stats import nbinom

        city = self.counted.sum() / self.lived.sum()
        shape = np.full((len(DRIFTS), len(self.counted)), PRIOR_SHOOTINGS)
        rate = shape / city
        likelihood = np.zeros(len(DRIFTS))
        for counted, lived in zip(self.counted.T, self.lived.T, strict=True):
            wider = 1.0 + shape * np.square(DRIFTS)[:, None]
            shape, rate = shape / wider, rate / wider
            seen = lived > 0
            own = yearly_spread**2
            size = shape / (1.0 + shape * own)
            law = nbinom(size[:, seen], 1.0 / (1.0 + lived[seen] * (shape / rate / size)[:, seen]))
            likelihood += law.logpmf(counted[seen]).sum(axis=1)
            weight = 1.0 / (1.0 + own * lived * shape / rate)
            shape, rate = shape + weight * counted, rate + weight * lived
        return likelihood, shape, rate


@dataclass(frozen=True)
class LevelForecast:
    """The record's levels up to the cut, and draws of how they go on."""

    tables: CityTables
    record: RecordLevels
    months: int
    """From the record's first to the last that is forecast; whole years."""

    @cached_property
    def city(self) -> CityLevel:
        """The citywide part."""
        return CityLevel.of(self.record.trend)

    @cached_property
    def precincts(self) -> PrecinctLevels:
        """The precincts' part."""
        return PrecinctLevels.of(self.tables, self.record)

    def draw(self, yearly_spread: float, seed: int, replicate: int) -> Floats:
        """[precincts, months] incidents a day without a programme; the model's own yearly deviations are not in it."""
        rng = np.random.default_rng([seed, replicate, _LEVEL_STREAM])
        known = self.record.factor.shape[1]
        years = (self.months - known) // 12
        after = self.precincts.draw(yearly_spread, years, rng) * self.city.draw(years, rng)
        monthly = np.repeat(after, 12, axis=1) * np.tile(self.record.season, years)
        return np.concatenate([self.record.incidents_per_day(known), monthly], axis=1)


def _yearly(months: NDArray[np.generic]) -> Floats:
    return np.asarray(months.reshape(len(months), -1, 12).sum(axis=2), dtype=np.float64)
