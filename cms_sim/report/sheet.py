"""Everything that pictures, page and terminal say of a comparison, worked out once, by `cms_sim.evaluation`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cms_sim.data.city_tables import CityTables, load_city_tables
from cms_sim.evaluation.best import Best, best
from cms_sim.evaluation.differences import Averted, averted, averted_by_precinct, labels
from cms_sim.evaluation.economics.tables import acceptability_table, returns_table
from cms_sim.evaluation.intervals import Floats, enough, fewest_for_range
from cms_sim.evaluation.long_tables import runs
from cms_sim.evaluation.money import CostPerAverted, cost_per_averted
from cms_sim.evaluation.pairing import Pairing, pairing
from cms_sim.evaluation.side_tables import pairs, studies
from cms_sim.evaluation.studies import Study, study
from cms_sim.evaluation.tables import by_precinct, summary
from cms_sim.evaluation.words import verdict
from cms_sim.experiment.results import PlanInfo, Results
from cms_sim.report.grid import CityGrid
from cms_sim.scenario.resolved import Scenario

if TYPE_CHECKING:
    from cms_sim.report.maps.boundaries import Boundaries


@dataclass(frozen=True)
class Estimate:
    """A yearly number, the 95% interval of its mean and the range of 90 of 100 runs; NaN where the runs are too few."""

    mean: float
    low: float
    high: float
    run_low: float
    run_high: float

    @property
    def clear(self) -> bool:
        """Whether the interval of the mean leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True)
class PlanLine:
    """One plan against the reference. `runs` is people not shot a year, run by run."""

    index: int
    info: PlanInfo
    averted: Estimate
    deaths_averted: Estimate
    percent: float
    victims_per_year: float
    cost_usd_per_year: float
    extra_usd_per_year: float
    price: CostPerAverted
    chance_best: float
    chance_more_shot: float
    runs: Floats


@dataclass(frozen=True)
class Sheet:
    """A comparison, ready to be shown; `city` has the grid of the tile map."""

    results: Results
    city: CityTables = field(default_factory=load_city_tables)
    scenarios: Sequence[Scenario] = ()
    """The plans as their files state them, where they are known: what is assumed of them is read there."""
    boundaries: Boundaries | None = None
    """For maps of the precincts' own shapes; without, they are tiles."""

    @property
    def reference(self) -> PlanInfo:
        """The plan that the others are counted from."""
        return self.results.plans[self.results.reference]

    @property
    def replicates(self) -> int:
        """Number of runs of every plan."""
        return int(self.results.counts.shape[0])

    @property
    def too_few(self) -> bool:
        """Whether these runs are too few for an interval of any average."""
        return not enough(labels(self.results))

    @property
    def has_ranges(self) -> bool:
        """Whether these runs are enough for a range of 90 of 100 single runs."""
        return self.replicates >= fewest_for_range(0.90)

    @property
    def without(self) -> PlanLine | None:
        """No programme, if it is among the plans and not the reference."""
        none = self.results.no_programme
        return self.lines[none] if none is not None and none != self.results.reference else None

    @cached_property
    def lines(self) -> tuple[PlanLine, ...]:
        """Every plan in the order of the results, references too."""
        return tuple(self._line(index) for index in range(len(self.results.plans)))

    @cached_property
    def compared(self) -> tuple[PlanLine, ...]:
        """The plans that are neither reference, in the order of the results."""
        references = (self.results.reference, self.results.no_programme)
        return tuple(line for line in self.lines if line.index not in references)

    @property
    def leader(self) -> PlanLine | None:
        """The plan that averts most on average, if there is one beside the references."""
        return max(self.compared, key=lambda line: line.averted.mean, default=None)

    @cached_property
    def averted(self) -> Averted:
        """People not shot, city."""
        return averted(self.results)

    @cached_property
    def deaths(self) -> Averted:
        """Deaths averted, city."""
        return averted(self.results, "deaths")

    @cached_property
    def by_precinct(self) -> Averted:
        """People not shot by precinct."""
        return averted_by_precinct(self.results)

    @cached_property
    def best(self) -> Best:
        """Which plan averts most; the reference is a candidate, no programme is not."""
        return best(self.results, candidates=self.candidates)

    @cached_property
    def prices(self) -> tuple[CostPerAverted, ...]:
        """Money beyond the reference for each person not shot."""
        return cost_per_averted(self.results)

    @cached_property
    def pairing(self) -> Pairing:
        """What pairing the runs bought."""
        return pairing(self.results)

    @cached_property
    def studies(self) -> tuple[Study, ...]:
        """What a study would report of each plan that opens new sites, where one could be made."""
        found = (study(self.results, line.index) for line in self.compared)
        return tuple(report for report in found if isinstance(report, Study))

    @cached_property
    def grid(self) -> CityGrid:
        """Where the tile map draws the precincts."""
        return CityGrid(self.city, self.results.precincts)

    @cached_property
    def candidates(self) -> list[int]:
        """The plans that compete for being best: the reference too, no programme not."""
        return [plan for plan in range(len(self.results.plans)) if plan != self.results.no_programme]

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per plan."""
        return summary(self.results, self.candidates)

    @cached_property
    def verdict(self) -> list[str]:
        """Sentences on the comparison as a whole."""
        titles = [plan.title for plan in self.results.plans]
        return verdict(self.best, self.averted, titles, self.without.index if self.without else None)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per plan and replicate."""
        return runs(self.results)

    @cached_property
    def short_tables(self) -> dict[str, pd.DataFrame]:
        """The tables that people read, by name."""
        tables = {"summary": self.summary, "by_precinct": by_precinct(self.results, self.city)}
        more = {"returns": returns_table(self.results), "acceptability": acceptability_table(self.results)}
        return tables | {"studies": studies(self.results), "pairs": pairs(self.results)} | more

    def scenario(self, plan: int) -> Scenario | None:
        """A plan as its file states it, where that is known."""
        name = self.results.plans[plan].name
        return next((scenario for scenario in self.scenarios if scenario.name == name), None)

    def prepare(self) -> None:
        """Work out now what the pictures share."""
        _ = self.lines, self.by_precinct, self.studies

    def precinct(self, plan: int) -> tuple[Floats, Floats, Floats]:
        """Mean, and 95% interval of it, of people not shot a year in each precinct [S]."""
        numbers = self.by_precinct.per_year
        return numbers.mean[plan], numbers.mean_low[plan], numbers.mean_high[plan]

    def _line(self, p: int) -> PlanLine:
        results = self.results
        info, reference = results.plans[p], self.reference
        victims = results.frame("victims").sum(axis=-1)
        return PlanLine(
            index=p,
            info=info,
            averted=_estimate(self.averted, p),
            deaths_averted=_estimate(self.deaths, p),
            victims_per_year=float(victims[:, p].mean()) / results.years,
            percent=float(self.averted.percent[p]),
            cost_usd_per_year=info.cost_usd / results.years,
            extra_usd_per_year=(info.cost_usd - reference.cost_usd) / results.years,
            price=self.prices[p],
            chance_best=float(self.best.probability[p]),
            chance_more_shot=float(self.averted.probability_harm[p]),
            runs=(victims[:, results.reference] - victims[:, p]) / results.years,
        )


def _estimate(outcome: Averted, p: int) -> Estimate:
    numbers = outcome.per_year
    parts = (numbers.mean, numbers.mean_low, numbers.mean_high, numbers.low_90, numbers.high_90)
    return Estimate(*(float(np.asarray(part)[p]) for part in parts))
