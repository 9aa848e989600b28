"""The two kinds of work, each a part of ten histories whose table is kept: living them, and studying them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.power.choosing import sites_of
from cms_sim.evaluation.power.histories import Arm, part_file, read_part
from cms_sim.evaluation.power.planted import planted
from cms_sim.evaluation.power.reported import (
    SPILLOVER,
    by_estimators,
    by_windows,
    row,
    true_percent,
)
from cms_sim.evaluation.power.study import Place, Study
from cms_sim.evaluation.power.windows import Setting
from cms_sim.experiment.bank import code_of

if TYPE_CHECKING:
    import pandas as pd

PLANTED, PROGRAMME = "planted", "programme"
"""Kinds of effect: a ratio, or the model's own sites."""


@dataclass(frozen=True)
class Live:
    """Live a part's histories."""

    arm: Arm
    part: range
    folder: Path

    @property
    def file(self) -> Path:
        """Where its table is kept."""
        return part_file(self.folder, self.arm, self.part)

    def table(self) -> pd.DataFrame:
        """Do it."""
        return self.arm.live(self.part)


@dataclass(frozen=True)
class Effects:
    """What is planted, and what is counted."""

    sizes: tuple[float, ...]
    """Percent; 0 among them."""
    outcome: str


@dataclass(frozen=True)
class Report:
    """Make a study in each of a part's histories, under every effect."""

    study: Study
    effects: Effects
    nothing: Arm
    part: range
    asks_estimators: bool
    """Whether the study's estimators are asked in these histories; its before/after studies always are."""
    histories: Path
    reports: Path

    @property
    def programme(self) -> Arm | None:
        """The arm with the model's own sites, where the study asks for it."""
        if not self.study.programme:
            return None
        numbers = load_city_tables().numbers
        sites = tuple(
            sorted((numbers[row], start) for row, start in zip(self.study.pool, self.study.starts, strict=True))
        )
        return Arm(self.nothing.hypothesis, self.nothing.seed, sites)

    @property
    def file(self) -> Path:
        """Where its table is kept: under a name that says what it hangs on."""
        told = [asdict(self.study), asdict(self.effects), self.asks_estimators, _code(), self.nothing.name]
        told.append(self.programme.name if self.programme else "")
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
        return self.reports / digest / f"part-{self.part.start:06d}.parquet"

    def table(self) -> pd.DataFrame:
        """Do it."""
        import pandas as pd

        return pd.DataFrame(self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        study, outcome = self.study, self.effects.outcome
        lived = read_part(part_file(self.histories, self.nothing, self.part), self.part, outcome)
        setting = _setting(study, lived.counts(), self.part, self.nothing.seed)
        for size in sorted({*self.effects.sizes, *study.estimator_effects_percent}, reverse=True):
            counts = planted(lived, setting, size / 100.0, study.spillover_share * size / 100.0)
            truth = {
                "": np.full(len(self.part), size),
                SPILLOVER: np.full(len(self.part), study.spillover_share * size),
            }
            yield from self._reports(PLANTED, size, counts, setting, truth)
        arm = self.programme
        if arm:
            counts = read_part(part_file(self.histories, arm, self.part), self.part, outcome).counts()
            direct, near = (true_percent(counts, lived.counts(), setting, next_door) for next_door in (False, True))
            yield from self._reports(PROGRAMME, float("nan"), counts, setting, {"": direct, SPILLOVER: near})

    def _reports(
        self, kind: str, size: float, counts: NDArray[np.int64], setting: Setting, truth: dict[str, NDArray[np.float64]]
    ) -> Iterator[dict[str, Any]]:
        if kind == PROGRAMME or size in self.effects.sizes:
            for name, found in by_windows(self.study, counts, setting):
                for place, history in enumerate(self.part):
                    values = float(found.value[place]), float(found.low[place]), float(found.high[place])
                    yield row(name, kind, size, history, float(truth[""][place]), values)
        if self.asks_estimators and (kind == PROGRAMME or size in self.study.estimator_effects_percent):
            for name, place, each in by_estimators(self.study, counts, setting, load_city_tables()):
                right = truth[SPILLOVER if name == SPILLOVER else ""][place]
                yield row(name, kind, size, self.part[place], float(right), (each.value, each.low, each.high))


def _setting(study: Study, counts: NDArray[np.int64], part: range, seed: int) -> Setting:
    place = Place(load_city_tables())
    sites = sites_of(study, counts, part, seed, place.tables.numbers)
    return Setting(sites, study.starts, study.before, study.after, place.beside, place.highest)


@cache
def _code() -> str:
    """What is reported hangs on this code."""
    digest = hashlib.sha256()
    for file in _FILES:
        digest.update(code_of(file).encode())
    return digest.hexdigest()


_HERE: Final = Path(__file__).parent
_FILES: Final = (
    *sorted((_HERE.parent / "estimators").glob("*.py")),
    _HERE.parent / "studies.py",
    *(_HERE / f"{name}.py" for name in ("choosing", "planted", "reported", "tasks", "windows")),
)
