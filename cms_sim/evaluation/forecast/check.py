"""The whole check of one cut under one hypothesis: fitted, forecast, held against what came and what anyone could say.

1. Solve the levels of draws from the priors on what was known.
2. Live the known years under draws from the priors; fit the parameters to what was known of them.
3. Live on to the record's end under the fitted draws, at levels that are drawn for each history.
4. Score, by precinct and year and by precinct and month, against the naive forecasts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.engine.rules import profiles
from cms_sim.evaluation.forecast.histories import Cut, Future, Past, SolveLevels
from cms_sim.evaluation.forecast.known import check_until
from cms_sim.evaluation.forecast.levels_alone import levels_alone
from cms_sim.evaluation.forecast.naive import Naive, month_shares, naive_forecasts
from cms_sim.evaluation.forecast.parts import do
from cms_sim.evaluation.forecast.posterior_before import draw_before
from cms_sim.evaluation.forecast.scores import Gain, Law, NegativeBinomial, Sample, Scored, gain, score
from cms_sim.evaluation.patterns.counts import by_year
from cms_sim.experiment.bank import BANK_DRAWS
from cms_sim.experiment.draws import ParameterDraws

HISTORIES: Final = 1000
SEED: Final = 2020
SCORES: Final = ("crps", "log_score")
MODEL: Final = "model"
ALONE: Final = "the model's levels alone"


@dataclass(frozen=True)
class Effort:
    """How much is run."""

    fitted: int = HISTORIES
    """Histories of the known years that parameters are fitted with; 0: draws from the priors."""
    histories: int = HISTORIES
    """Histories of the years that are forecast."""
    levels: int = BANK_DRAWS
    """Draws whose levels are solved."""

    @property
    def draws(self) -> int:
        """All of them."""
        return self.levels + self.fitted + self.histories


@dataclass(frozen=True)
class Forecast:
    """What the model said at the cut. Axis 0 of counts follows `known.precincts`."""

    until: int
    hypothesis: str
    known: CityTables
    victims: NDArray[np.integer[Any]]
    """[histories, precincts, months after the cut]."""
    held: float
    """Share of precinct-months whose drawn level was held to the engine's bound."""
    draws: ParameterDraws
    seed: int


@dataclass(frozen=True)
class Table:
    """Scores for one length of period; the model first, its levels alone, then the naive forecasts."""

    period: str
    scored: tuple[Scored, ...]

    @property
    def model(self) -> Scored:
        """The model's."""
        return self.scored[0]

    @property
    def naive(self) -> tuple[Scored, ...]:
        """The naive forecasts'."""
        return self.scored[2:]

    def best_naive(self, by: str) -> Scored:
        """The naive forecast with the lowest mean score: chosen afterwards, in its favour."""
        return min(self.naive, key=lambda each: float(getattr(each, by).mean()))

    def gain(self, by: str) -> Gain:
        """Of the model over the best naive forecast."""
        best = self.best_naive(by)
        return gain(getattr(self.model, by), getattr(best, by), best.name)

    def gain_of_agents(self, by: str) -> Gain:
        """Of the model over its levels alone."""
        alone = self.scored[1]
        return gain(getattr(self.model, by), getattr(alone, by), alone.name)


@dataclass(frozen=True)
class Checked:
    """A forecast, and how it did."""

    forecast: Forecast
    came: NDArray[np.int64]
    """[precincts, months after the cut] people shot."""
    tables: tuple[Table, ...]
    """By precinct and year, by precinct and month."""


def check(
    until: int,
    hypothesis: str,
    folder: Path,
    effort: Effort = Effort(),
    seed: int = SEED,
    workers: int = 0,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Checked:
    """Run what is missing in `folder`, and score; `on_progress` is told draws done, of `effort.draws`.

    Raises InputError for a year that cannot be a cut, and for a folder of other work.
    """
    return scored(forecast(until, hypothesis, folder, effort, seed, workers, on_progress), load_city_tables())


def forecast(
    until: int,
    hypothesis: str,
    folder: Path,
    effort: Effort,
    seed: int,
    workers: int,
    on_progress: Callable[[int], None],
) -> Forecast:
    """All that needs no row after the cut, but for how long the record is."""
    check_until(until, load_city_tables())
    months = len(load_city_tables().months)
    cut = Cut.now(until, hypothesis, effort.levels)
    before = 0

    def done(draws: int) -> None:
        on_progress(before + draws)

    do(SolveLevels(cut), folder / "levels", workers, done)
    before += effort.levels
    past = Past(cut, effort.fitted, seed)
    statistics = do(past, folder / "past", workers, done) if effort.fitted else None
    before += effort.fitted
    draws = draw_before(past, statistics, effort.histories, seed)
    values = tuple(tuple(map(float, row)) for row in draws.values)
    found = do(Future(cut, draws.names, values, seed, months), folder / "future", workers, done)
    return Forecast(until, hypothesis, cut.tables, found["victims"], float(found["held"].mean()), draws, seed)


def scored(said: Forecast, whole: CityTables) -> Checked:
    """Hold a forecast against the rows after its cut: the only place where these are read."""
    known = said.known
    came = whole.victims[:, len(known.months) :]
    naive = naive_forecasts(by_year(known.victims), came.shape[1] // 12)
    shares = month_shares(profiles(known)[1], known.months)
    alone = levels_alone(known, len(known.months) + came.shape[1], said.draws, said.seed)

    def table(period: str, count: Callable[[Any], Any], law: Callable[[Naive], NegativeBinomial]) -> Table:
        laws: dict[str, Law] = {
            MODEL: Sample(count(said.victims)),
            ALONE: Sample(count(alone)),
            **{each.name: law(each) for each in naive},
        }
        return Table(period, tuple(score(name, each, count(came), known.numbers) for name, each in laws.items()))

    by_month = table("month", lambda counts: counts, lambda each: each.monthly(shares))
    return Checked(said, came, (table("year", _yearly, Naive.yearly), by_month))


def _yearly(victims: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    return by_year(victims.astype(np.int64))
