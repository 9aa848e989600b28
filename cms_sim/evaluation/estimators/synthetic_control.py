"""Synthetic control: each site against the blend of uncovered precincts that moved as it did before (`diff-diff`).

Sites stand above every other precinct, so that no blend reaches their level; each series is divided by its own mean
before the start. How far off chance alone is, placebos tell: every precinct that could be in a blend is treated as if
it had been a site, and ranked with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.before_after import NO_SITE
from cms_sim.evaluation.estimators.estimate import UNKNOWN, Estimate, percent, unknown
from cms_sim.evaluation.estimators.libraries import library, quiet
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.studies import WINDOW_MONTHS

NAME: Final = "synthetic_control"
STEP_MONTHS: Final = 6
PAST_MONTHS: Final = 48
"""The level before, as in the event study: four years, or what is on record."""
DONORS_FEWEST: Final = 5
LEVEL_FEWEST: Final = 6.0
"""Victims in half a year, on average before the start, below which a precinct is mostly chance: one a month."""
DRAWS: Final = 2000
SEED: Final = 1902


@dataclass(frozen=True)
class Blend:
    """A precinct and its blend over the months after the start."""

    observed: float
    expected: float
    misfit_ratio: float
    """Root mean square gap after over before: large where the blend fitted before and not after."""

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected if self.expected > 0.0 else UNKNOWN


def synthetic_control(panel: Panel) -> Estimate:
    """24 months from the start on over what the blends expect, pooled over sites; parts by site, with the rank.

    The interval is that of 2,000 pooled placebos: for each site one of its donors by chance."""
    sites, starts = [], panel.starts
    donors: dict[int, dict[int, Blend]] = {}
    for row, start in starts.items():
        pool = _donors(panel, start)
        if len(pool) < DONORS_FEWEST:
            return unknown(NAME, f"needs {DONORS_FEWEST} precincts without a site to blend; there are {len(pool)}")
        if _past(panel, start)[row].sum() == 0:
            return unknown(NAME, f"nobody was shot in precinct {panel.precincts[row]} before the start")
        if start not in donors:
            donors[start] = {donor: _blend(panel, donor, start, pool[pool != donor]) for donor in pool}
        sites.append(_blend(panel, row, start, pool))
    if not sites:
        return unknown(NAME, NO_SITE)
    observed, expected = (sum(getattr(site, which) for site in sites) for which in ("observed", "expected"))
    placebo = _pooled_placebos([donors[start] for start in starts.values()], [site.expected for site in sites])
    ratio = observed / expected
    low, high = (percent(ratio / q) for q in np.quantile(placebo, (0.975, 0.025)))
    share = float((placebo <= ratio).mean())
    note = f"{100 * share:.1f}% of pooled placebos are as low"
    parts = tuple(
        _part(panel, row, site, donors[start]) for (row, start), site in zip(starts.items(), sites, strict=True)
    )
    draws = tuple(percent(x) for x in placebo)
    return Estimate(NAME, percent(ratio), low, high, len(sites), "sites", notes=(note,), parts=parts, draws=draws)


def _donors(panel: Panel, start: int) -> NDArray[np.intp]:
    """Rows of precincts without a site by the end of the window, and with enough victims before it."""
    steps = _past(panel, start)
    return np.nonzero((panel.opening >= start + WINDOW_MONTHS) & (steps.mean(axis=1) >= LEVEL_FEWEST))[0]


def _blend(panel: Panel, row: int, start: int, pool: NDArray[np.intp]) -> Blend:
    """Weights from the half-years before the start, which count alike."""
    before = _past(panel, start)[[row, *pool]]
    after = _steps(panel.counts[[row, *pool], start : start + WINDOW_MONTHS])
    level = before.mean(axis=1, keepdims=True)
    series = np.concatenate([before, after], axis=1) / level
    unit, time = np.indices(series.shape).reshape(2, -1)
    treated = (unit == 0) & (time >= before.shape[1])
    frame = pd.DataFrame({"unit": unit, "time": time, "share": series.ravel(), "treated": treated.astype(int)})
    alike = np.full(before.shape[1], 1.0 / before.shape[1])
    estimator = library("diff_diff").SyntheticControl(v_method="custom", custom_v=alike, standardize="none")
    with quiet():
        found = estimator.fit(frame, "share", "treated", "unit", "time", treated_unit=0)
    observed = float(after[0].sum())
    return Blend(observed, observed - float(level[0, 0]) * after.shape[1] * float(found.att), float(found.rmspe_ratio))


def _past(panel: Panel, start: int) -> Floats:
    """[S, half-years] before the start, whole ones only."""
    months = min(start, PAST_MONTHS) // STEP_MONTHS * STEP_MONTHS
    return _steps(panel.counts[:, start - months : start])


def _steps(counts: NDArray[np.int64]) -> Floats:
    """[S, half-years] sums."""
    return np.asarray(counts.reshape(len(counts), -1, STEP_MONTHS).sum(axis=2), dtype=np.float64)


def _pooled_placebos(pools: list[dict[int, Blend]], expected: list[float]) -> Floats:
    """[draws] observed over expected, each site's share of what is expected given to a donor drawn by chance."""
    rng = np.random.default_rng(SEED)
    weight = np.array(expected) / sum(expected)
    ratios = [np.array([blend.ratio for blend in pool.values()]) for pool in pools]
    drawn = np.stack([rng.choice(ratio, DRAWS) for ratio in ratios])
    return np.asarray(weight @ drawn)


def _part(panel: Panel, row: int, site: Blend, pool: Mapping[int, Blend]) -> Estimate:
    """A site with the middle 95% of its placebos around it, and its two ranks among them."""
    ratios = np.array([blend.ratio for blend in pool.values()])
    low, high = (percent(site.ratio / q) if q > 0 else UNKNOWN for q in np.quantile(ratios, (0.975, 0.025)))
    rank = _rank(pool, lambda blend: blend.ratio <= site.ratio)
    misfit = _rank(pool, lambda blend: blend.misfit_ratio >= site.misfit_ratio)
    note = f"rank {rank} by change and {misfit} by misfit after over before, of {len(pool) + 1}"
    name = f"precinct {panel.precincts[row]}, from {panel.months[panel.starts[row]]}"
    return Estimate(name, percent(site.ratio), low, high, len(pool), "donors", notes=(note,))


def _rank(pool: Mapping[int, Blend], beats: Callable[[Blend], Any]) -> int:
    return 1 + sum(bool(beats(blend)) for blend in pool.values())
