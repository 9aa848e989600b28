"""What happened besides: where shootings came from, how they match the reference's, and what the programme did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cms_sim.evaluation.differences import labels
from cms_sim.evaluation.intervals import Floats, ratio, resampled_ratio
from cms_sim.experiment.results import CAUSES, FIELDS, MATCHED, Results


@dataclass(frozen=True)
class Share:
    """A share of shootings [P]: all replicates pooled, with its bootstrap 95% interval; NaN without shootings."""

    share: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Activity:
    """What the programme did, means over replicates, [P] in the precincts in play."""

    mediations_per_month: Floats
    mediations_per_site_month: Floats
    """Attempts per precinct with posts and month of the frame (published programmes: 1.2 to 6.6, T5-095, T5-101);
    NaN without posts. New precincts count from the opening month."""
    settled_share: Floats
    """Attempts that settled a conflict for good or for now."""
    participants: Floats
    """People in caseloads in an average month."""
    posts_filled_share: Floats
    """Mean over precincts with posts."""
    enrolments_per_year: Floats
    """[P, 5] by kind of service, in the engine's order."""


def retaliation_share(results: Results) -> Share:
    """Shootings that answered an earlier one between the same people or crews, of all shootings in the frame."""
    return _share(results, ("retaliation",))


def contagion_share(results: Results) -> Share:
    """Shootings that grew from exposure to an earlier one, other than retaliation, of all."""
    return _share(results, ("contagion",))


def imported_share(results: Results) -> Share:
    """Shootings that grew from one outside the precincts in play, of all: in neither of the two shares above."""
    return _share(results, ("imported",))


def descended_share(results: Results) -> Share:
    """Shootings that descend from an earlier one in the precincts in play, by retaliation or contagion, of all (imports
    left out): to be held against Chicago's 63% inside its co-arrest network (Green, Horel and Papachristos 2017)."""
    return _share(results, ("retaliation", "contagion"))


def _share(results: Results, causes: tuple[str, ...]) -> Share:
    counts = results.causes.sum(axis=2, dtype=np.int64).astype(np.float64)
    part, whole = counts[..., [CAUSES.index(cause) for cause in causes]].sum(axis=-1), counts.sum(axis=-1)
    low, high = resampled_ratio(part, whole, labels(results))
    return Share(ratio(part.sum(axis=0), whole.sum(axis=0)), low, high)


def matched_per_year(results: Results) -> dict[str, Floats]:
    """Class of match to [P] shootings a year, mean over replicates: averted, added, moved, changed."""
    totals = results.matched.sum(axis=2, dtype=np.int64).mean(axis=0) / results.years
    return {name: np.asarray(totals[:, index], dtype=np.float64) for index, name in enumerate(MATCHED)}


def activity(results: Results) -> Activity:
    """Mediations, participants, posts and services of every plan."""
    frame_months = len(results.months) - results.first_month
    attempts = results.frame("mediations").sum(axis=-1).mean(axis=0)
    settled = results.frame("settled").sum(axis=-1).mean(axis=0)
    filled = results.posts_filled
    staffed = ~np.isnan(filled)
    return Activity(
        mediations_per_month=attempts / frame_months,
        mediations_per_site_month=ratio(attempts, site_months(results)),
        settled_share=ratio(settled, attempts),
        participants=results.participants.sum(axis=-1).mean(axis=0),
        posts_filled_share=ratio(np.where(staffed, filled, 0.0).sum(axis=(0, 2)), staffed.sum(axis=(0, 2))),
        enrolments_per_year=results.enrolled.sum(axis=2, dtype=np.int64).mean(axis=0) / results.years,
    )


def site_months(results: Results) -> Floats:
    """[P] months of the frame summed over precincts with posts; a new precinct's from the opening month on."""
    staffed = (~np.isnan(results.posts_filled)).any(axis=0)
    months = np.full(staffed.shape, len(results.months) - results.first_month, dtype=np.float64)
    for plan, info in enumerate(results.plans):
        opened = max(results.first_month, results.opening_of(plan) or 0)
        months[plan, np.isin(results.precincts, info.new_precincts)] = len(results.months) - opened
    return np.asarray((staffed * months).sum(axis=1), dtype=np.float64)


def monthly(results: Results, name: str) -> Floats:
    """[R, P, M] a field of `FIELDS` by month, the precincts in play together."""
    total = results.counts[..., FIELDS.index(name)].sum(axis=2, dtype=np.int64)
    return np.asarray(total, dtype=np.float64)
