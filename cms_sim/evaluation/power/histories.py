"""Histories of the city 2006-2019 without a programme, and with one of the model's own; kept, for many studies."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.calendar_days import months as months_of_days
from cms_sim.engine.decisions import EXTENSION
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import default_values
from cms_sim.errors import RunError
from cms_sim.evaluation.power.planted import Shootings
from cms_sim.experiment.draws import ParameterDraws, draw_from_priors
from cms_sim.experiment.fitted_with import code_hash, history_hash
from cms_sim.experiment.hindcast import Hindcast
from cms_sim.experiment.levels import LevelSolver
from cms_sim.experiment.levels_between import LevelsBetween
from cms_sim.experiment.posterior import draw_from_posterior, posterior_file, shipped_posterior
from cms_sim.experiment.refused import lived
from cms_sim.keys import uniform
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.resolved import Site

if TYPE_CHECKING:
    import pandas as pd

PLANTED: Final = EXTENSION + 700
PART: Final = 10
"""Histories in a file."""
DRAWS: Final = 256
"""Parameter draws; histories beyond begin with the first again, with other dice."""
PLAN: Final = "expansion_2020"
_STEPS: Final = 2**32


def parameter_draws(name: str, seed: int) -> ParameterDraws:
    """The parameters that histories are lived under: the shipped posterior of a hypothesis, or its priors where none
    is shipped."""
    if posterior_file(name).is_file():
        return draw_from_posterior(shipped_posterior(name), DRAWS, seed, hypothesis(name), None)
    return draw_from_priors(DRAWS, seed, hypothesis(name))


@dataclass(frozen=True)
class Arm:
    """A programme that histories are lived with: (precinct, start month) of its sites; none without."""

    hypothesis: str
    seed: int
    sites: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """Says what its histories hang on: the arm, the rules, the draws."""
        return f"{self.hypothesis}-{'programme' if self.sites else 'none'}-{_digest(self)}"

    def live(self, histories: range) -> pd.DataFrame:
        """Shootings of these histories: history, precinct (row), month, victims, draw (of 2**32)."""
        import pandas as pd

        city, draws = _bench(self)
        found = []
        for history in histories:
            rows = lived([city], draws.of(history), self.seed, history)[0].shootings
            columns = {
                "history": np.full(len(rows), history, dtype=np.int32),
                "slot": rows["slot"].astype(np.uint8),
                "month": months_of_days()[rows["head_day"]].astype(np.int16),
                "victims": rows["victims"].astype(np.uint8),
                "draw": np.array([uniform(key, PLANTED) * _STEPS for key in rows["key"]]).astype(np.uint32),
            }
            found.append(pd.DataFrame(columns))
        return pd.concat(found, ignore_index=True)


@cache
def _digest(arm: Arm) -> str:
    draws = parameter_draws(arm.hypothesis, arm.seed)
    hangs_on = [history_hash(hypothesis(arm.hypothesis), load_city_tables()), code_hash(_CODE)]
    told = [asdict(arm), hangs_on, draws.names, draws.values.tolist()]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def parts(histories: int) -> list[range]:
    """Whole parts, as many as hold so many histories: a longer run goes on where a shorter one ended."""
    return [range(first, first + PART) for first in range(0, histories, PART)]


def part_file(folder: Path, arm: Arm, part: range) -> Path:
    """Where a part is kept."""
    return folder / arm.name / f"part-{part.start:06d}.parquet"


@lru_cache(maxsize=8)
def read_part(file: Path, part: range, outcome: str) -> Shootings:
    """A part that was kept. Raises RunError where it is no longer."""
    import pandas as pd

    if not file.is_file():
        remedy = "They were deleted, or the model's files changed, while studies ran: give the same command again."
        raise RunError("histories are gone that a study needs", where=str(file), remedy=remedy)
    table, tables = pd.read_parquet(file), load_city_tables()
    victims = table["victims"].to_numpy(dtype=np.int64)
    return Shootings(
        histories=len(part),
        precincts=len(tables.numbers),
        months=len(tables.months),
        history=table["history"].to_numpy(dtype=np.intp) - part.start,
        slot=table["slot"].to_numpy(dtype=np.intp),
        month=table["month"].to_numpy(dtype=np.intp),
        weight=victims if outcome == "victims" else np.ones_like(victims),
        draw=table["draw"].to_numpy(dtype=np.float64) / _STEPS,
    )


class _WithSites(Hindcast):
    """The years of record with sites of one's own: as the expansion plans them, from a month on."""

    def __init__(self, levels: LevelSolver, tables: CityTables, sites: tuple[tuple[int, int], ...]) -> None:
        super().__init__(levels, without=frozenset(tables.numbers))
        opened = tuple(_site(number, tables.months[month]) for number, month in sorted(sites))
        self.scenario = self.scenario.model_copy(update={"sites": opened})
        self._plan = compile_plans([self.scenario], self.numbers, default_values()["catchment_share"])[0]


def _site(number: int, month: np.datetime64) -> Site:
    """The precinct's site in the plan of the expansion as it is in the end, or, without one, that of its first new
    precinct."""
    planned = load_scenario(PLAN)
    new = next(site for site in planned.sites if site.precinct in load_city_tables().sets[PLAN])
    like = next((site for site in planned.sites if site.precinct == number), new)
    opens = month.astype("M8[D]").item()
    term = like.terms[-1].model_copy(update={"from_date": opens, "until_date": None})
    return like.model_copy(update={"precinct": number, "terms": (term,)})


@lru_cache(maxsize=1)
def _levels(name: str) -> LevelsBetween:
    return LevelsBetween(load_city_tables(), hypothesis(name))


@lru_cache(maxsize=2)
def _bench(arm: Arm) -> tuple[Hindcast, ParameterDraws]:
    """What a process keeps from one part to the next: the city is large."""
    return _WithSites(_levels(arm.hypothesis), load_city_tables(), arm.sites), parameter_draws(arm.hypothesis, arm.seed)


_CODE: Final = ("evaluation/power/histories.py",)
