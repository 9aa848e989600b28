"""What a study would have reported from the same counts, and how far that lies from the truth.

The estimators take plain arrays `victims` [..., S, M] (any replicates in front) and know nothing of simulations: the
same code runs on a city's published record. A site's window is `window` months before its start month and as many from
it on, whole precincts, pooled over sites. Expected without a programme = sum over sites of
before x (control after / control before). Over replicates a change is a ratio of sums, as the truth is that it is held
against: a mean of ratios lies above it by chance alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats, ratio, sample_range
from cms_sim.experiment.results import FIELDS, Results

WINDOW_MONTHS: Final = 24
EVENT_YEARS: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
SIGNIFICANT_P: Final = 0.05
"""Two-sided level of the study's test."""
SIGNIFICANT_Z: Final = 1.959964

Starts = Mapping[int, int]
"""Row of a precinct to the column of its start month."""
Controls = NDArray[np.bool_]
"""[sites, S] the control precincts of each site, in the order of its `Starts`."""


@dataclass(frozen=True)
class BeforeAfter:
    """What a before/after study and its controlled form report. Arrays have the shape in front of [S, M].

    Changes are fractions (-0.28 is 28% fewer); NaN where there is nothing to divide by."""

    before: Floats
    after: Floats
    raw_change: Floats
    expected: Floats
    """Victims after, had the sites changed as their controls did."""
    control_change: Floats
    """expected / before - 1."""
    relative_change: Floats
    """after / expected - 1: the difference-in-differences, with one start month exactly the ratio of the two groups'
    ratios."""
    log_error: Floats
    """Conventional (Poisson, delta method) standard error of log(after / expected); infinite with an empty cell."""

    @property
    def z(self) -> Floats:
        """log(after / expected) over its standard error; 0 with an empty cell."""
        usable = np.isfinite(self.log_error) & (self.relative_change > -1.0)
        change = np.log1p(np.where(usable, self.relative_change, 0.0))
        return np.asarray(change / np.where(usable, self.log_error, 1.0), dtype=np.float64)


@dataclass(frozen=True)
class NoStudy:
    """A plan that no study could be made of, and why."""

    plan: int
    reason: str


@dataclass(frozen=True)
class Study:
    """What a study of one plan's new sites would report, over replicates, beside what was true. Changes in percent."""

    plan: int
    sites: int
    raw_percent: float
    """Raw change of the new sites' precincts, all replicates pooled."""
    raw_low_90: float
    """Range of 90% of replicates."""
    raw_high_90: float
    raw_reference_percent: float
    """The same precincts and months under the reference, where nothing opened: what the raw study mistakes."""
    control_percent: float
    """What the controls make one expect, pooled."""
    did_percent: float
    """Change relative to precincts in play that are not newly covered, pooled."""
    did_low_90: float
    did_high_90: float
    did_reference_percent: float
    """The same precincts, controls and months under the reference, where nothing opened."""
    did_reference_low_90: float
    did_reference_high_90: float
    did_error: float
    """Mean conventional standard error of the log ratio."""
    true_percent: float
    """Victims of these precincts and months under the plan against the reference, pooled."""
    raw_bias: float
    """`raw_percent` - `true_percent`, in points."""
    did_bias: float
    fall_share: float
    """Replicates in which the difference-in-differences shows a fall by the two-sided test at `SIGNIFICANT_P`."""
    rise_share: float
    """Replicates in which it shows a rise by the same test."""
    false_fall_share: float
    """Replicates of the reference, where nothing opened, in which it shows a fall."""
    false_rise_share: float
    false_alarm_share: float
    """Either: above `SIGNIFICANT_P` where counts scatter more than the conventional error knows."""


def before_after(
    victims: NDArray[np.integer], starts: Starts, controls: Controls, window: int = WINDOW_MONTHS
) -> BeforeAfter:
    """Pools the sites in `starts`; every window must lie inside `victims` [..., S, M]."""
    before, after, expected, variance = (np.zeros(victims.shape[:-2]) for _ in range(4))
    site_error: dict[int, Floats] = {}
    for (row, start), chosen in zip(starts.items(), controls, strict=True):
        past, future = slice(start - window, start), slice(start, start + window)
        site_before, control_before = _total(victims, row, past), _total(victims, chosen, past)
        control_after = _total(victims, chosen, future)
        growth = ratio(control_after, control_before)
        site_expected = site_before * growth
        before, after = before + site_before, after + _total(victims, row, future)
        expected = expected + site_expected
        variance = variance + site_before * np.square(growth)
        # Sites that start together share their control: its errors add up, they do not average out.
        with np.errstate(invalid="ignore"):  # no victims among controls: NaN here, an infinite error below
            error = site_expected * np.sqrt(_reciprocal(control_before) + _reciprocal(control_after))
        site_error[start] = site_error.get(start, np.zeros_like(error)) + error
    for error in site_error.values():
        variance = variance + np.square(error)
    log_variance = _reciprocal(after) + ratio(variance, np.square(expected))
    return BeforeAfter(
        before=before,
        after=after,
        raw_change=ratio(after, before) - 1.0,
        expected=expected,
        control_change=ratio(expected, before) - 1.0,
        relative_change=ratio(after, expected) - 1.0,
        log_error=np.sqrt(np.where(np.isnan(log_variance), np.inf, log_variance)),
    )


def event_study(
    victims: NDArray[np.integer], starts: Starts, controls: Controls, years: tuple[int, ...] = EVENT_YEARS
) -> dict[int, Floats]:
    """Victims of sites' precincts in each year around the start over what their controls predict, from the level of as
    many years before the start as `years` names (-1 is the last year before, 1 the first from the start month on).

    A year counts only the sites whose twelve months, and all of whose months before, are on record; NaN without any."""
    base, months = 12 * -min(years), victims.shape[-1]
    found = {}
    for year in years:
        offset = 12 * (year if year < 0 else year - 1)
        observed, expected, sites = np.zeros(victims.shape[:-2]), np.zeros(victims.shape[:-2]), 0
        for (row, start), chosen in zip(starts.items(), controls, strict=True):
            if start < base or start + offset + 12 > months:
                continue
            level, span = slice(start - base, start), slice(start + offset, start + offset + 12)
            sites += 1
            observed = observed + _total(victims, row, span)
            expected = expected + _total(victims, row, level) * ratio(
                _total(victims, chosen, span), _total(victims, chosen, level)
            )
        found[year] = ratio(observed, expected) if sites else np.full(victims.shape[:-2], np.nan)
    return found


def _total(victims: NDArray[np.integer], rows: int | NDArray[np.bool_], months: slice) -> Floats:
    """Victims of one row, or of the chosen rows together, in `months`."""
    cut = victims[..., months]
    chosen = cut[..., rows, :] if isinstance(rows, np.ndarray) else cut[..., rows : rows + 1, :]
    return np.asarray(chosen.sum(axis=(-2, -1)), dtype=np.float64)


def _reciprocal(count: Floats) -> Floats:
    inverse = np.divide(1.0, count, out=np.full(np.shape(count), np.inf), where=count > 0.0)
    return np.asarray(inverse, dtype=np.float64)


def study(results: Results, plan: int, window: int = WINDOW_MONTHS) -> Study | NoStudy:
    """What a study of `plan`'s new sites would report if it opened in `results.opening_month`.

    Controls are the precincts in play without a new site. Counts in play only: a real study has the whole city."""
    setting = study_setting(results, plan, window)
    if isinstance(setting, NoStudy):
        return setting
    starts, controls = setting
    victims = results.counts[..., FIELDS.index("victims")]
    found = before_after(victims[:, plan], starts, controls, window)
    nothing = before_after(victims[:, results.reference], starts, controls, window)
    true = _pooled_percent(found.after, nothing.after)
    raw, did = _pooled_percent(found.after, found.before), _pooled_percent(found.after, found.expected)
    raw_low, raw_high = sample_range(100.0 * found.raw_change, 0.90)
    did_low, did_high = sample_range(100.0 * found.relative_change, 0.90)
    nothing_low, nothing_high = sample_range(100.0 * nothing.relative_change, 0.90)
    false_fall, false_rise = float((nothing.z < -SIGNIFICANT_Z).mean()), float((nothing.z > SIGNIFICANT_Z).mean())
    usable = found.log_error[np.isfinite(found.log_error)]
    return Study(
        plan=plan,
        sites=len(starts),
        raw_percent=raw,
        raw_low_90=float(raw_low),
        raw_high_90=float(raw_high),
        raw_reference_percent=_pooled_percent(nothing.after, nothing.before),
        control_percent=_pooled_percent(found.expected, found.before),
        did_percent=did,
        did_low_90=float(did_low),
        did_high_90=float(did_high),
        did_reference_percent=_pooled_percent(nothing.after, nothing.expected),
        did_reference_low_90=float(nothing_low),
        did_reference_high_90=float(nothing_high),
        did_error=float(usable.mean()) if usable.size else float("nan"),
        true_percent=true,
        raw_bias=raw - true,
        did_bias=did - true,
        fall_share=float((found.z < -SIGNIFICANT_Z).mean()),
        rise_share=float((found.z > SIGNIFICANT_Z).mean()),
        false_fall_share=false_fall,
        false_rise_share=false_rise,
        false_alarm_share=false_fall + false_rise,
    )


def study_setting(
    results: Results, plan: int, window: int = WINDOW_MONTHS
) -> tuple[dict[int, int], Controls] | NoStudy:
    """The new sites' starts and their controls, or why there can be no study."""
    new, opening = results.plans[plan].new_precincts, results.opening_of(plan)
    if not new:
        return NoStudy(plan, "the plan opens no site in a precinct without one")
    if opening is None:
        return NoStudy(plan, "no plan opens a site in the months lived through")
    after = len(results.months) - opening
    if opening < window or after < window:
        return NoStudy(plan, f"needs {window} months on each side of the opening; there are {opening} and {after}")
    rows = [results.precincts.index(precinct) for precinct in new]
    control = ~np.isin(np.arange(len(results.precincts)), rows)
    if not control.any():
        return NoStudy(plan, "every precinct in play has a new site, so none is left to compare with")
    return dict.fromkeys(rows, opening), np.tile(control, (len(rows), 1))


def _pooled_percent(after: Floats, before: Floats) -> float:
    """Change from `before` to `after` summed over the replicates that know both, percent; NaN without any."""
    known = ~(np.isnan(after) | np.isnan(before))
    return 100.0 * float(ratio(after[known].sum(), before[known].sum())) - 100.0
