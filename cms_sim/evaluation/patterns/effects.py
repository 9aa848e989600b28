"""What costlier studies of the sites find in a history or the record: regressions, by cohort, next door, placebos.

Changes are fractions. The regressions take the published study's form (precinct and calendar year effects, the year of
the start counted whole: T1-003) on people shot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.estimators.panel import Panel, never_listed
from cms_sim.evaluation.estimators.placebo import BATCH, changes_of_draws
from cms_sim.evaluation.estimators.poisson import calendar_years, change
from cms_sim.evaluation.estimators.poisson_did import poisson_did
from cms_sim.evaluation.estimators.spillover import spillover
from cms_sim.evaluation.estimators.staggered import callaway_santanna, staggered_poisson
from cms_sim.evaluation.studies import before_after

COHORTS: Final = {"2012_to_2014": (2012, 2014), "2015_and_2016": (2015, 2016)}
SINCE: Final = {"start_year": (0, 0), "year_1": (1, 1), "year_2": (2, 2), "year_3_on": (3, 99)}
"""Calendar years since the year of the start, as in the published event study (T1-007 to T1-010)."""
PLACEBO_BATCHES: Final = 3
EARLIER_MONTHS: Final = 24
CROWN_HEIGHTS: Final = 77
CROWN_HEIGHTS_SPAN: Final = (np.datetime64("2010-01", "M"), 18, 21)
"""First month of the programme, months before it and from it on (T1-035, T1-036)."""


def effects(panel: Panel) -> dict[str, float]:
    """Of people shot. About half a second."""
    by_month = poisson_did(panel)
    next_door = spillover(panel)
    return {
        "did_by_month": _fraction(by_month.value),
        "did": _fraction(by_month.parts[0].value) if by_month.parts else float("nan"),
        "did_among_covered": _among_covered(panel),
        **{f"did_cohort_{name}": _cohort(panel, years) for name, years in COHORTS.items()},
        **{f"did_{name}": _since(panel, span) for name, span in SINCE.items()},
        "did_staggered": _fraction(staggered_poisson(panel).value),
        "callaway_santanna": _fraction(callaway_santanna(panel).value),
        "spillover": _fraction(next_door.value),
        "spillover_never_listed": _fraction(next_door.parts[0].value) if next_door.parts else float("nan"),
        **_simple(panel),
        **_placebos(panel),
    }


def _fraction(percent: float) -> float:
    return percent / 100.0


def _opened(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[S, years] counts, and whole calendar years since that of the start (negative before; far below 0 without)."""
    periods = calendar_years(panel)
    start = np.where(panel.opening < len(panel.months), panel.opening // 12, 10**6)
    return periods.counts, np.arange(periods.counts.shape[1]) - start[:, None]


def _among_covered(panel: Panel) -> float:
    """Only precincts in which a site opens on record: identified by when, not where."""
    counts, since = _opened(panel)
    kept = np.broadcast_to(panel.changing[:, None], counts.shape)
    return _fraction(change("did_among_covered", counts, since >= 0, kept).value)


def _cohort(panel: Panel, years: tuple[int, int]) -> float:
    """Sites of these years of start only, against precincts without a site until they open."""
    counts, since = _opened(panel)
    first = panel.months[0].astype("M8[Y]").astype(int) + 1970
    started = np.where(panel.changing, panel.opening // 12 + first, 0)
    mine = np.isin(panel.precincts, panel.sites) & (started >= years[0]) & (started <= years[1])
    return _fraction(change("cohort", counts, mine[:, None] & (since >= 0), mine[:, None] | (since < 0)).value)


def _since(panel: Panel, span: tuple[int, int]) -> float:
    """The change in these years since the start; other years with a site are left out."""
    counts, since = _opened(panel)
    studied = np.isin(panel.precincts, panel.sites)[:, None]
    treated = studied & (since >= span[0]) & (since <= span[1])
    return _fraction(change("since", counts, treated, treated | (since < 0)).value)


def _simple(panel: Panel) -> dict[str, float]:
    """Raw change from the last twelve months before the start to the first twelve from it on."""
    if not panel.starts:
        return {"raw_change_first_year": float("nan")}
    year = before_after(panel.counts, panel.starts, never_listed(panel), window=12)
    return {"raw_change_first_year": float(year.raw_change)}


def _placebos(panel: Panel) -> dict[str, float]:
    """The study two years early, when nothing had opened; and with start months given to busy precincts at random."""
    if not panel.starts or min(panel.starts.values()) < 2 * EARLIER_MONTHS:
        return {}
    earlier = panel.with_openings({row: start - EARLIER_MONTHS for row, start in panel.starts.items()})
    early = before_after(panel.counts, earlier.starts, never_listed(earlier)).relative_change
    drawn = np.concatenate([changes_of_draws(panel, batch) for batch in range(PLACEBO_BATCHES)])
    assert len(drawn) == PLACEBO_BATCHES * BATCH
    return {
        "placebo_two_years_early": float(early),
        "placebo_random_mean": _fraction(float(np.nanmean(drawn))),
        "placebo_random_spread": _fraction(float(np.nanstd(drawn))),
    }


def crown_heights(incidents: Panel) -> dict[str, float]:
    """Incidents a month of precinct 77 around January 2010, and against the precincts that share a boundary with it."""
    month, before, after = CROWN_HEIGHTS_SPAN
    start = int((month - incidents.months[0]).astype(int))
    if CROWN_HEIGHTS not in incidents.precincts or start < before or start + after > len(incidents.months):
        return {}
    near = [incidents.row(number) for number in incidents.neighbours.get(CROWN_HEIGHTS, ())]

    def ratio(rows: Sequence[int]) -> float:
        counts = incidents.counts[list(rows)].sum(axis=0)
        past = counts[start - before : start].mean()
        return float(counts[start : start + after].mean() / past) if past > 0 else float("nan")

    own, beside = ratio([incidents.row(CROWN_HEIGHTS)]), ratio(near)
    return {"crown_heights": own - 1.0, "crown_heights_beside": beside - 1.0, "crown_heights_net": own / beside - 1.0}
