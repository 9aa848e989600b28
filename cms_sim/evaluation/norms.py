"""A survey of young men, before and after: willingness to use violence and trust in police.

As the published surveys did (men aged 18-30, 17 confrontations scored from 1, ignore, to 5, use a weapon: Delgado,
Alsabahi and Butts 2017, T2-001): 200 answers in each precinct, of men aged 18-30 with street ties, drawn with
replacement; the same men at both dates and under every plan (`experiment.summary`). Precincts are weighted by
residents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.differences import labels
from cms_sim.evaluation.intervals import Floats, Spread, ratio, spread
from cms_sim.experiment.results import SURVEY, Results

ITEMS: Final = ("norm", "trust")
"""Willingness to use violence, 1 to 5; trust in police, 0 to 1."""


@dataclass(frozen=True)
class SurveyChange:
    """One item over all plans, fields [P]; the groups are NaN for a plan that opens no new site."""

    item: str
    city: Spread
    """Percent change from the frame's first to its last morning, all precincts in play."""
    new_sites: Spread
    """The same, in precincts with a new site."""
    others: Spread
    """The same, in the other precincts in play."""
    against_reference: Spread
    """New-site precincts' last morning against the reference's last morning, percent: what the plan itself did."""


def survey_change(results: Results, item: str) -> SurveyChange:
    """Before and after for `item` (of `ITEMS`), with intervals over replicates."""
    before = results.survey[..., SURVEY.index(f"{item}_before")]
    after = results.survey[..., SURVEY.index(f"{item}_after")]
    new = np.array([np.isin(results.precincts, plan.new_precincts) for plan in results.plans])
    weight = results.residents.astype(np.float64)
    every = np.ones_like(new)
    others = ~new & new.any(axis=1, keepdims=True)
    last = np.broadcast_to(after[:, [results.reference]], after.shape)
    label = labels(results)

    def change(group: NDArray[np.bool_], start: Floats) -> Spread:
        return spread(_percent(group * weight, start, after), label)

    return SurveyChange(item, change(every, before), change(new, before), change(others, before), change(new, last))


def _percent(weight: Floats, before: Floats, after: Floats) -> Floats:
    """[R, P] percent change of the weighted mean over precincts; NaN without precincts."""
    start, end = (before * weight).sum(axis=-1), (after * weight).sum(axis=-1)
    return 100.0 * ratio(end - start, start)
