"""What the same study finds where nothing happened: at earlier dates, and at start months given to other precincts."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.before_after import NO_SITE, NOBODY, against
from cms_sim.evaluation.estimators.estimate import Estimate, unknown
from cms_sim.evaluation.estimators.panel import Panel, all_others, never_listed
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.studies import WINDOW_MONTHS, before_after

DATES: Final = "placebo_dates"
RANDOM: Final = "placebo_random_starts"
SHIFTS_MONTHS: Final = (24, 36, 48)
"""How much earlier: from 24 months on, no month after a true start is in a window."""
BUSIEST: Final = 30
DRAWS, BATCH = 2000, 100
SEED: Final = 1


def placebo_dates(panel: Panel) -> Estimate:
    """The change against precincts never listed had every site opened two years earlier; parts for other shifts."""
    if not panel.starts:
        return unknown(DATES, NO_SITE)
    parts = tuple(
        _shifted(panel, shift) for shift in SHIFTS_MONTHS if min(panel.starts.values()) >= shift + WINDOW_MONTHS
    )
    if not parts:
        return unknown(DATES, f"needs {SHIFTS_MONTHS[0] + WINDOW_MONTHS} months before the first start")
    first = parts[0]
    if not first.known:
        return unknown(DATES, first.notes[0])
    note = f"all starts {SHIFTS_MONTHS[0]} months earlier; a value far from 0 is trend or chance, not programme"
    return Estimate(DATES, first.value, first.low, first.high, len(panel.starts), "sites", notes=(note,), parts=parts)


def placebo_random_starts(panel: Panel) -> Estimate:
    """Mean of the change against the rest of the city, and the middle 95%, over draws of precincts for the start months
    of the sites: from the 30 with most victims, sites among them. `draws` has them all."""
    months, count = list(panel.starts.values()), len(panel.starts)
    if not months:
        return unknown(RANDOM, NO_SITE)
    if len(_busiest(panel)) <= count:
        return unknown(RANDOM, f"there are no more than {len(panel.precincts)} precincts to draw {count} from")
    found = np.concatenate([changes_of_draws(panel, batch) for batch in range(DRAWS // BATCH)])
    real = 100.0 * float(before_after(panel.counts, panel.starts, all_others(panel)).relative_change)
    if not np.isfinite(found).any():
        return unknown(RANDOM, NOBODY)
    low, high = np.nanquantile(found, (0.025, 0.975))
    notes = (
        f"standard deviation {np.nanstd(found):.1f} points",
        f"{100.0 * float((found <= real).mean()):.1f}% of draws are as low as {real:.1f}%",
    )
    draws = tuple(found.tolist())
    return Estimate(RANDOM, float(np.nanmean(found)), float(low), float(high), DRAWS, "draws", notes=notes, draws=draws)


def changes_of_draws(panel: Panel, batch: int) -> Floats:
    """[BATCH] changes in percent: the sites' rows are given the counts of precincts drawn, all others the rest."""
    rng, busiest = np.random.default_rng([SEED, batch]), _busiest(panel)
    sites = np.array(list(panel.starts), dtype=np.intp)
    drawn = rng.permuted(np.tile(busiest, (BATCH, 1)), axis=1)[:, : len(sites)]
    every = np.arange(len(panel.precincts))
    is_drawn = (drawn[:, :, None] == every).any(axis=1)
    order = np.empty((BATCH, len(every)), dtype=np.intp)
    order[:, sites] = drawn
    order[:, np.setdiff1d(every, sites)] = np.argsort(is_drawn, axis=1, kind="stable")[:, : len(every) - len(sites)]
    return 100.0 * before_after(panel.counts[order], panel.starts, all_others(panel)).relative_change


def _shifted(panel: Panel, shift: int) -> Estimate:
    """Against precincts never listed: among all others, sites that had opened by then would fall with their own."""
    earlier = panel.with_openings({row: start - shift for row, start in panel.starts.items()})
    return against(earlier, f"{shift} months earlier", never_listed(panel))


def _busiest(panel: Panel) -> NDArray[np.intp]:
    return np.argsort(-panel.counts.sum(axis=1), kind="stable")[:BUSIEST]
