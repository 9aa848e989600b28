"""Histories that know nothing after the cut: of the years before it, to fit parameters; and on to the record's end.

After the cut sites open on their real dates: what the programme was going to do is taken as known, what came of it is
not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.course import WIDEST_DEVIATION, candidate_bounds
from cms_sim.engine.rules import default_values, profiles
from cms_sim.evaluation.forecast.known import packaged_until
from cms_sim.evaluation.forecast.level_forecast import LevelForecast
from cms_sim.evaluation.forecast.parts import Rows
from cms_sim.evaluation.forecast.statistics import statistics_before
from cms_sim.evaluation.patterns.counts import monthly
from cms_sim.experiment.bank import BANK_DRAWS
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.fitted_with import code_hash, history_hash
from cms_sim.experiment.hindcast import Hindcast, Lived
from cms_sim.experiment.levels import LevelSolver
from cms_sim.experiment.levels_between import BANK_SEED, LevelsBetween
from cms_sim.experiment.refused import lived

Floats = NDArray[np.float64]
_CODE: Final = (
    *(f"evaluation/forecast/{name}.py" for name in ("histories", "known", "level_forecast", "statistics")),
    "evaluation/patterns/*.py",
)
_PAST_SEED: Final = 1
"""Added to the seed for the histories that parameters are fitted with: other chance than the forecast's."""


@dataclass(frozen=True)
class Cut:
    """What is known: the years up to `until`, under one hypothesis."""

    until: int
    hypothesis: str
    lived_with: str
    """Hash of what its histories hang on, the city as it was known among it (`experiment.fitted_with`)."""
    code: str
    """Hash of what the forecast does besides."""
    levels: int = BANK_DRAWS
    """Solved draws between which levels are interpolated."""

    @classmethod
    def now(cls, until: int, name: str, levels: int = BANK_DRAWS) -> Cut:
        """Under all that is today's."""
        lived_with = history_hash(hypothesis(name), packaged_until(until))
        return cls(until, name, lived_with, code_hash(_CODE), levels)

    @property
    def tables(self) -> CityTables:
        """The city as it was known."""
        return packaged_until(self.until)


@dataclass(frozen=True)
class SolveLevels:
    """Solves the draws that levels are interpolated between; they stay in the disk cache."""

    cut: Cut

    @property
    def draws(self) -> int:
        """How many."""
        return self.cut.levels

    def begin(self) -> Callable[[int], Rows]:
        """What solves one draw."""
        chosen = hypothesis(self.cut.hypothesis)
        solver = LevelSolver(self.cut.tables, NetworkSpec.of(chosen.network))
        sampled = draw_from_priors(self.draws, BANK_SEED, chosen)

        def one(draw: int) -> Rows:
            return {"misfit": np.array(solver.solve({**default_values(), **sampled.of(draw)}).misfit)}

        return one


@dataclass(frozen=True)
class Past:
    """The years before the cut under draws from the priors: their statistics."""

    cut: Cut
    draws: int
    seed: int

    def begin(self) -> Callable[[int], Rows]:
        """What lives one history."""
        chosen = hypothesis(self.cut.hypothesis)
        lives = Hindcast(LevelsBetween(self.cut.tables, chosen, self.cut.levels))
        sampled = draw_from_priors(self.draws, self.seed, chosen)

        def one(draw: int) -> Rows:
            found = statistics_before(lived([lives], sampled.of(draw), self.seed + _PAST_SEED, draw)[0])
            return {name: np.array(value) for name, value in found.items()}

        return one


@dataclass(frozen=True)
class Future:
    """The years after the cut under given parameters: people shot."""

    cut: Cut
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    """[draws][names]."""
    seed: int
    months: int
    """From the record's first to the last that is forecast."""

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.values)

    def begin(self) -> Callable[[int], Rows]:
        """What lives one history."""
        lives = ForecastCity(
            LevelsBetween(self.cut.tables, hypothesis(self.cut.hypothesis), self.cut.levels), self.months
        )
        known = len(lives.tables.months)

        def one(draw: int) -> Rows:
            given = dict(zip(self.names, self.values[draw], strict=True))
            counts = monthly(lived([lives], given, self.seed, draw)[0])
            return {"victims": counts.victims[:, known:].astype(np.uint16), "held": np.array(lives.held)}

        return one


class ForecastCity(Hindcast):
    """Lives on beyond what is known, at levels that are drawn for each history."""

    def __init__(self, levels: LevelSolver, months: int) -> None:
        super().__init__(levels, months=months)
        self._forecast = LevelForecast(self.tables, levels.record, self.months)
        self._expected: Floats = np.zeros(0)
        self.held = 0.0
        """Share of precinct-months of the last history that were held to the engine's bound."""

    def live(self, given: Mapping[str, float], seed: int, replicate: int) -> Lived:
        """The history of one replicate; its level after the cut is drawn by the same seed and replicate."""
        values = {**default_values(), **given}
        drawn = self._forecast.draw(values["yearly_precinct_spread"], seed, replicate)
        most = self._most(values)[:, None]
        self._expected, self.held = np.minimum(drawn, most), float((drawn > most).mean())
        return super().live(given, seed, replicate)

    def expected(self, values: Mapping[str, float]) -> Floats:
        """[precincts, months] incidents a day without a programme of the history that is being lived."""
        return self._expected

    def _most(self, values: Mapping[str, float]) -> Floats:
        """[precincts] the highest level that the engine's bound holds whatever the yearly deviation is."""
        widest = np.exp(WIDEST_DEVIATION * values["yearly_precinct_spread"]) * profiles(self.tables)[0].max()
        bound = candidate_bounds(self.tables, self.numbers)
        return np.asarray(bound * self.levels.solve(values).gain / widest)
