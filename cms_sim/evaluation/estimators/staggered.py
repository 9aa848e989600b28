"""Staggered adoption: sites that open in different years, each compared only with precincts that have none yet.

A regression with one effect for all compares late sites with early ones as well, and is wrong where effects differ or
grow. Two estimators of `diff-diff` do not: Callaway and Sant'Anna's, from the year before the start, and Wooldridge's
Poisson regression with an effect for each year of start and calendar, from all years before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cms_sim.evaluation.estimators.before_after import NOBODY
from cms_sim.evaluation.estimators.estimate import Estimate, unknown
from cms_sim.evaluation.estimators.libraries import library, quiet
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.estimators.poisson import years

CALLAWAY_SANTANNA = "staggered_callaway_santanna"
WOOLDRIDGE = "staggered_poisson"
BASE_YEARS_FEWEST = 2


@dataclass(frozen=True)
class Yearly:
    """One row a precinct and year: precinct, year (1 is the first), count, first (year of the start; 0 never), level
    (mean a year before any start), share (count over level)."""

    frame: pd.DataFrame
    sites: int
    begins: str


def callaway_santanna(panel: Panel) -> Estimate:
    """Average effect on the sites over their years from the start on, against precincts not yet covered.

    On counts, every precinct would have to fall by as many; so that each may fall by the same share, counts are divided
    by the precinct's level before any start and weighted by it."""
    made = _yearly(panel)
    if isinstance(made, str):
        return unknown(CALLAWAY_SANTANNA, made)
    library_ = library("diff_diff")
    estimator = library_.CallawaySantAnna(control_group="not_yet_treated", estimation_method="reg")
    with quiet():
        found = estimator.fit(
            made.frame, "share", "precinct", "year", "first", survey_design=library_.SurveyDesign(weights="level")
        )
    after = made.frame[(made.frame["first"] > 0) & (made.frame["year"] >= made.frame["first"])]
    return _relative(CALLAWAY_SANTANNA, found, float(np.average(after["share"], weights=after["level"])), made)


def staggered_poisson(panel: Panel) -> Estimate:
    """The same average by Wooldridge's saturated Poisson regression, errors clustered by precinct."""
    made = _yearly(panel)
    if isinstance(made, str):
        return unknown(WOOLDRIDGE, made)
    frame = made.frame[made.frame.groupby("precinct")["count"].transform("sum") > 0]
    with quiet():
        found = library("diff_diff").WooldridgeDiD(method="poisson").fit(frame, "count", "precinct", "year", "first")
    after = frame[(frame["first"] > 0) & (frame["year"] >= frame["first"])]
    return _relative(WOOLDRIDGE, found, float(after["count"].mean()), made)


def _relative(name: str, found: object, seen: float, made: Yearly) -> Estimate:
    """Effect in percent of what is expected without: `seen` is the mean that the effect is part of, and taken as it
    is, so that the interval's ends are carried over one by one."""
    effect, (low, high) = found.overall_att, found.overall_conf_int  # type: ignore[attr-defined]
    value, a, b = (100.0 * float(x) / (seen - float(x)) if seen > x else float("nan") for x in (effect, low, high))
    note = f"years from {made.begins}; the year of the start counts whole, which makes a change look smaller"
    return Estimate(name, value, a, b, made.sites, "sites", notes=(note,))


def _yearly(panel: Panel) -> Yearly | str:
    """The yearly table, or why there can be none. Years begin in the month in which most sites open; precincts that
    open but are not under study are left out."""
    starts = np.array([panel.openings[number] for number in panel.sites], dtype=np.int64)
    if not len(starts):
        return "no site under study opens on record"
    month = int(np.bincount(starts % 12).argmax())
    periods = years(panel, month)
    studied = np.isin(panel.precincts, panel.sites)
    first = np.where(studied, (panel.opening - month) // 12 + 1, 0)
    before = int(first[studied].min()) - 1
    if before < BASE_YEARS_FEWEST or before >= periods.counts.shape[1]:
        return f"needs {BASE_YEARS_FEWEST} whole years before the first start and one after; before it are {before}"
    level = periods.counts[:, :before].mean(axis=1)
    kept = (level > 0) & (studied | ~panel.changing)
    if not (kept & studied).any() or not (kept & ~studied).any():
        return NOBODY
    precinct, year = np.indices(periods.counts.shape).reshape(2, -1)
    frame = pd.DataFrame(
        {
            "precinct": precinct,
            "year": year + 1,
            "count": periods.counts.ravel().astype(np.float64),
            "first": first[precinct],
            "level": level[precinct],
        }
    )[kept[precinct]]
    return Yearly(frame.assign(share=frame["count"] / frame["level"]), len(starts), str(panel.months[month]))
