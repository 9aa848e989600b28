"""What each history says of every row, and what the record itself says: one code for both.

Histories are kept on disk by what they are histories of, so that a second call reads them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.compiled import cache_root
from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.engine.arrays import NOBODY
from cms_sim.errors import InputError
from cms_sim.evaluation.estimators.panel import Panel, never_listed, record_panel
from cms_sim.evaluation.forecast.parts import Rows, do
from cms_sim.evaluation.patterns.clock import clock, clock_of_record
from cms_sim.evaluation.patterns.contagion import contagion
from cms_sim.evaluation.patterns.counts import Monthly, monthly
from cms_sim.evaluation.patterns.effects import crown_heights, effects
from cms_sim.evaluation.patterns.handshakes import handshakes
from cms_sim.evaluation.patterns.one_site import one_site
from cms_sim.evaluation.patterns.people import people
from cms_sim.evaluation.patterns.places import places
from cms_sim.evaluation.patterns.programme import programme, study_panel
from cms_sim.evaluation.patterns.statistics import statistics
from cms_sim.evaluation.patterns.trust import not_calling
from cms_sim.evaluation.patterns.truth import truth
from cms_sim.evaluation.patterns.weeks import median_dispersion, weeks
from cms_sim.evaluation.studies import before_after
from cms_sim.evaluation.validation.row import WITHOUT_EFFECT, fitted_statistics
from cms_sim.experiment.draws import ParameterDraws, draw_from_priors
from cms_sim.experiment.fitted_with import code_hash, history_hash
from cms_sim.experiment.hindcast import Hindcast, Lived
from cms_sim.experiment.levels_between import LevelsBetween
from cms_sim.experiment.posterior import posterior_file, sample_of, shipped_posterior
from cms_sim.experiment.refused import lived
from cms_sim.experiment.threads import one_thread_each

HISTORIES: Final = 200
SEED: Final = 2020
_CODE: Final = (
    "evaluation/patterns/*.py",
    "evaluation/estimators/*.py",
    "evaluation/studies.py",
    "evaluation/validation/histories.py",
)


@dataclass(frozen=True)
class Histories:
    """Histories of 2006-2019 under given parameters, each lived with and without its sites."""

    hypothesis: str
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    """[draws][names]."""
    seed: int
    lived_with: str
    """Hash of what a history hangs on besides (`experiment.fitted_with`)."""
    code: str
    """Hash of what is asked of a history."""

    @classmethod
    def now(cls, name: str, given: ParameterDraws, count: int, seed: int = SEED) -> Histories:
        """`count` histories; draws beyond the last start again from the first, with other chance."""
        rows = tuple(tuple(float(x) for x in given.values[k % len(given)]) for k in range(count))
        lived_with = history_hash(hypothesis(name), load_city_tables())
        return cls(name, given.names, rows, seed, lived_with, code_hash(_CODE))

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.values)

    @property
    def folder(self) -> Path:
        """Where they are kept."""
        told = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        return cache_root() / "validation" / told[:24]

    def begin(self) -> Callable[[int], Rows]:
        """What lives one history."""
        levels = LevelsBetween(load_city_tables(), hypothesis(self.hypothesis))
        lives, none = Hindcast(levels), Hindcast(levels, frozenset(levels.tables.numbers))

        def one(draw: int) -> Rows:
            given = dict(zip(self.names, self.values[draw], strict=True))
            without, whole = lived((none, lives), given, self.seed, draw)
            found = statistics_of(whole, monthly(without), self.seed + draw)
            return {name: np.array(value) for name, value in found.items()}

        return one


def live(
    histories: Histories, workers: int = 0, on_progress: Callable[[int], None] = lambda done: None
) -> dict[str, NDArray[np.float64]]:
    """[draws] of each statistic: read, or lived now in processes. Ctrl-C keeps what is finished."""
    with one_thread_each():
        return do(histories, histories.folder, workers, on_progress)


def parameters_of(hypothesis_name: str, variant: str, from_priors: bool, count: int) -> ParameterDraws:
    """Draws to live under: the shipped posterior's sample, or the priors'.

    Raises InputError without a posterior, and for one that was fitted to other statistics than rows take for fitted.
    """
    if from_priors:
        return draw_from_priors(count, SEED, hypothesis(hypothesis_name))
    posterior = shipped_posterior(hypothesis_name, variant)
    if set(posterior.targets) != fitted_statistics(about_sites=variant == WITHOUT_EFFECT):
        raise InputError(
            "was fitted to other statistics than today's, so that nobody knows what it predicts",
            where=str(posterior_file(hypothesis_name, variant)),
            remedy="Fit it again with `cms-sim calibrate --ship`, or draw from the priors with --parameters prior.",
        )
    return sample_of(posterior)


def statistics_of(lived: Lived, without: Monthly, seed: int) -> dict[str, float]:
    """Everything that rows ask of a history; `without` are the counts of the same history without sites."""
    counts = monthly(lived)
    panel = study_panel(lived, counts)
    parents = lived.shootings["parent"] != NOBODY
    return {
        **statistics(lived),
        **effects(panel),
        **crown_heights(_of(panel, counts.incidents)),
        "injuries_raw_change": _raw_change(_of(panel, counts.victims - counts.killed)),
        **truth(lived, counts, without, panel.starts),
        **contagion(lived),
        "background_share": float(1.0 - parents.mean()) if len(parents) else float("nan"),
        **people(lived),
        **handshakes(lived),
        **clock(lived),
        **places(lived.tables, counts.victims),
        **weeks(lived),
        **median_dispersion(counts.incidents),
        **one_site(lived, seed),
        **not_calling(lived),
    }


@lru_cache(maxsize=4)
def statistics_of_record(tables: CityTables) -> Mapping[str, float]:
    """What the same code says of a record, as far as its tables tell."""
    panel = record_panel(tables)
    people_shot = {key: shot for key, (shot, _) in tables.victim_age_sex.items()}
    everyone = sum(people_shot.values())

    def share(*keep: str) -> float:
        return sum(shot for (band, sex), shot in people_shot.items() if band in keep or sex in keep) / everyone

    return {
        **programme(panel),
        **effects(panel),
        **crown_heights(record_panel(tables, "incidents")),
        **places(tables, tables.victims),
        **clock_of_record(tables),
        **median_dispersion(tables.incidents),
        "victims_men": share("M"),
        "victims_under_18": share("<18"),
        "victims_18_to_24": share("18-24"),
        "victims_25_to_44": share("25-44"),
        "victims_45_and_over": share("45-64", "65+"),
    }


def _of(panel: Panel, counts: NDArray[np.int64]) -> Panel:
    return replace(panel, counts=counts[:, : len(panel.months)])


def _raw_change(panel: Panel) -> float:
    return float(before_after(panel.counts, panel.starts, never_listed(panel)).raw_change)
