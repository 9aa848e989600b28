"""24 months before and after, whole precincts, pooled over sites: raw, and against precincts without a new site.

Expected without a programme = sum over sites of before x (controls after / controls before); relative = after over
expected, less 1 (docs/RECORD.md). The raw change is the one that was announced (T1-001)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.estimate import CONFIDENCE, UNKNOWN, Estimate, percent, unknown
from cms_sim.evaluation.estimators.libraries import library
from cms_sim.evaluation.estimators.panel import Panel, all_others, not_yet_covered
from cms_sim.evaluation.estimators.resampling import interval
from cms_sim.evaluation.studies import SIGNIFICANT_Z, WINDOW_MONTHS, BeforeAfter, Controls, before_after

NO_SITE = f"no site has {WINDOW_MONTHS} months on record before and after its start"
NOBODY = "nobody was shot in the sites' precincts before, or among those to compare with"


def raw_change(panel: Panel) -> Estimate:
    """Victims after over before, less 1; parts by site. Intervals of sites are Poisson (`statsmodels`, score test)."""
    name = "before_after_raw"
    if not panel.starts:
        return unknown(name, NO_SITE)
    controls = all_others(panel)
    found = before_after(panel.counts, panel.starts, controls)
    if not found.before:
        return unknown(name, NOBODY)
    low, high = interval(panel, lambda counts: _of(counts, panel, controls).raw_change)
    return Estimate(
        name=name,
        value=100.0 * float(found.raw_change),
        low=100.0 * float(low),
        high=100.0 * float(high),
        n=len(panel.starts),
        n_of="sites",
        notes=(
            f"{int(found.before):,} to {int(found.after):,}",
            "no comparison: the city's own fall and the return from a high year are in it",
        ),
        parts=tuple(_raw_by_site(panel)),
    )


def against_rest_of_city(panel: Panel) -> Estimate:
    """Relative to all other precincts, sites among them."""
    return against(panel, "before_after_rest_of_city", all_others(panel))


def against_not_yet_covered(panel: Panel) -> Estimate:
    """Relative to precincts without a site by the end of the window."""
    return against(panel, "before_after_not_yet_covered", not_yet_covered(panel))


def against(panel: Panel, name: str, controls: Controls) -> Estimate:
    """Relative change against `controls` [sites, S]; parts by site, and what the controls did themselves."""
    if not panel.starts:
        return unknown(name, NO_SITE)
    if not controls.any(axis=1).all():
        return unknown(name, "a site has no such precinct to be compared with")
    found = before_after(panel.counts, panel.starts, controls)
    if not np.isfinite(found.relative_change):
        return unknown(name, NOBODY)
    low, high = interval(panel, lambda counts: _of(counts, panel, controls).relative_change)
    return Estimate(
        name=name,
        value=100.0 * float(found.relative_change),
        low=100.0 * float(low),
        high=100.0 * float(high),
        n=len(panel.starts),
        n_of="sites",
        notes=(f"by the controls' change {100.0 * float(found.control_change):.1f}% was to be expected",),
        parts=tuple(_relative_by_site(panel, controls)),
    )


def _of(counts: NDArray[np.int64], panel: Panel, controls: Controls) -> BeforeAfter:
    return before_after(counts, panel.starts, controls)


def _raw_by_site(panel: Panel) -> Iterator[Estimate]:
    rates = library("statsmodels.stats.rates")
    for row, start in panel.starts.items():
        before = int(panel.counts[row, start - WINDOW_MONTHS : start].sum())
        after = int(panel.counts[row, start : start + WINDOW_MONTHS].sum())
        low = high = UNKNOWN
        if before and after:
            low, high = rates.confint_poisson_2indep(after, 1.0, before, 1.0, compare="ratio", alpha=1.0 - CONFIDENCE)
        value = percent(after / before) if before else UNKNOWN
        note = f"{before} to {after}"
        n_of = panel.outcome
        yield Estimate(_site(panel, row), value, percent(low), percent(high), before + after, n_of, notes=(note,))


def _relative_by_site(panel: Panel, controls: Controls) -> Iterator[Estimate]:
    for (row, start), chosen in zip(panel.starts.items(), controls, strict=True):
        found = before_after(panel.counts, {row: start}, chosen[None])
        ratio, error = 1.0 + float(found.relative_change), SIGNIFICANT_Z * float(found.log_error)
        known = np.isfinite(error) and ratio > 0.0
        low, high = (ratio * np.exp(-error), ratio * np.exp(error)) if known else (UNKNOWN, UNKNOWN)
        n = int(found.before + found.after)
        yield Estimate(_site(panel, row), percent(ratio), percent(low), percent(high), n, panel.outcome)


def _site(panel: Panel, row: int) -> str:
    return f"precinct {panel.precincts[row]}, from {panel.months[panel.starts[row]]}"
