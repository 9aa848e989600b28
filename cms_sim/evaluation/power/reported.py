"""What each estimator reports of one study in some histories, beside what is true there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.before_after import against_not_yet_covered, against_rest_of_city, raw_change
from cms_sim.evaluation.estimators.estimate import Estimate
from cms_sim.evaluation.estimators.event_study import event_study
from cms_sim.evaluation.estimators.panel import NEVER, Panel, adjacent
from cms_sim.evaluation.estimators.poisson_did import poisson_did
from cms_sim.evaluation.estimators.spillover import spillover
from cms_sim.evaluation.estimators.staggered import callaway_santanna, staggered_poisson
from cms_sim.evaluation.estimators.synthetic_control import synthetic_control
from cms_sim.evaluation.power import windows

if TYPE_CHECKING:
    from cms_sim.data.city_records import CityTables
    from cms_sim.evaluation.power.study import Study

SPILLOVER: Final = "spillover"
ESTIMATORS: Final[Mapping[str, Callable[[Panel], Estimate]]] = {
    "before_after_raw": raw_change,
    "before_after_rest_of_city": against_rest_of_city,
    "before_after_not_yet_covered": against_not_yet_covered,
    "event_study": event_study,
    "poisson_did": poisson_did,
    "staggered_callaway_santanna": callaway_santanna,
    "staggered_poisson": staggered_poisson,
    "synthetic_control": synthetic_control,
    SPILLOVER: spillover,
}
"""Those of `cms-sim evaluate` that say what sites changed, or what changed next door."""
BY_WINDOWS: Final = "windows_"
"""Before an estimator's name: a before/after study with the error of Poisson counts, and its controls."""
UNCOMPARED: Final = (BY_WINDOWS + windows.RAW, "before_after_raw")
"""Estimators that compare with nobody. Histories have the record's trend of the city, all the same one: of what it does
by chance these are spared the error, while those that compare take it off on both sides."""


def by_windows(
    study: Study, counts: NDArray[np.int64], setting: windows.Setting
) -> Iterator[tuple[str, windows.Reported]]:
    """The raw change, and the change against each of the study's controls, of `counts` [H, S, M]."""
    yield BY_WINDOWS + windows.RAW, windows.raw_change(counts, setting)
    for name in study.controls:
        yield BY_WINDOWS + name, windows.relative_change(counts, setting, name)


def by_estimators(
    study: Study, counts: NDArray[np.int64], setting: windows.Setting, tables: CityTables
) -> Iterator[tuple[str, int, Estimate]]:
    """(name, place of the history, estimate) of the study's estimators, which know the record from its first month to
    the end of the last site's window."""
    near = adjacent(tables)
    for place, (rows, one) in enumerate(zip(setting.sites, counts, strict=True)):
        openings = {tables.numbers[row]: start for row, start in zip(rows, study.starts, strict=True)}
        panel = Panel(
            precincts=tables.numbers,
            months=tables.months[: study.end],
            counts=one[:, : study.end],
            openings=openings,
            listed=frozenset(openings),
            neighbours=near,
            sites=tuple(sorted(openings)),
        )
        for name in study.estimators:
            yield name, place, ESTIMATORS[name](panel)


def true_percent(
    changed: NDArray[np.int64], without: NDArray[np.int64], setting: windows.Setting, next_door: bool = False
) -> NDArray[np.float64]:
    """[H] change of the sites' windows after the start (or of precincts next door from then on) against the same
    history without, percent."""
    from cms_sim.evaluation.power.planted import first_next_door

    begins = first_next_door(setting) if next_door else setting.opening
    ends = np.minimum(np.where(begins < NEVER, begins, 0) + setting.after, without.shape[-1])
    month = np.arange(without.shape[-1])
    inside = (month >= begins[..., None]) & (month < ends[..., None])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(inside, changed, 0).sum(axis=(1, 2)) / np.where(inside, without, 0).sum(axis=(1, 2))
    return np.asarray(100.0 * (ratio - 1.0))


def row(
    estimator: str, kind: str, effect: float, history: int, truth: float, found: tuple[float, ...]
) -> dict[str, Any]:
    """One line of what was reported; `found` is value, low, high."""
    return {
        "estimator": estimator,
        "kind": kind,
        "effect_percent": effect,
        "history": history,
        "true_percent": truth,
        "value": found[0],
        "low": found[1],
        "high": found[2],
    }
