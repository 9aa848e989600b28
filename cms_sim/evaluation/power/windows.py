"""Before/after studies of many histories at once, with the error that two Poisson counts have.

The pooled change is `studies.before_after`; here windows may differ in length, and sites from history to history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.studies import SIGNIFICANT_Z, before_after

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
RAW: Final = "raw"


@dataclass(frozen=True)
class Setting:
    """Where and when a study is made, in each of H histories."""

    sites: Rows
    """[H, k] rows."""
    starts: tuple[int, ...]
    """[k] months."""
    before: int
    after: int
    beside: Mask
    """[S, S] precincts that share a boundary."""
    highest: tuple[int, ...]
    """Rows with most people shot on record."""

    @property
    def among_sites(self) -> Mask:
        """[H, S]."""
        return np.asarray((self.sites[:, :, None] == np.arange(len(self.beside))).any(axis=1))

    @property
    def opening(self) -> NDArray[np.int64]:
        """[H, S] month in which a precinct's site starts; far off without one."""
        found = np.full((len(self.sites), len(self.beside)), np.iinfo(np.int64).max)
        np.put_along_axis(found, self.sites, np.array(self.starts, dtype=np.int64)[None], axis=1)
        return found


@dataclass(frozen=True)
class Reported:
    """What studies report [H], percent; NaN where they can say nothing."""

    value: Floats
    low: Floats
    high: Floats


def _rest_of_city(setting: Setting) -> Mask:
    return np.asarray(setting.sites[:, :, None] != np.arange(len(setting.beside)))


def _not_yet_covered(setting: Setting) -> Mask:
    ends = np.array(setting.starts)[None, :, None] + setting.after
    return np.asarray(setting.opening[:, None, :] >= ends)


def _not_among_sites(setting: Setting) -> Mask:
    return np.repeat(~setting.among_sites[:, None, :], len(setting.starts), axis=1)


def _not_next_door(setting: Setting) -> Mask:
    beside_any = np.asarray(setting.beside[setting.sites].any(axis=1), dtype=np.bool_)
    return np.asarray(_not_among_sites(setting) & ~beside_any[:, None, :])


def _highest(setting: Setting) -> Mask:
    return np.asarray(_not_among_sites(setting) & np.isin(np.arange(len(setting.beside)), setting.highest))


CONTROLS: Final[Mapping[str, Callable[[Setting], Mask]]] = {
    "rest_of_city": _rest_of_city,
    "not_yet_covered": _not_yet_covered,
    "not_among_sites": _not_among_sites,
    "not_next_door": _not_next_door,
    "highest_30": _highest,
}
"""[H, k, S] the precincts that each site is compared with: every other one; those without a site by the end of its
window; those that never get one; of these, those that touch no site; of those, the 30 with most people shot."""


def raw_change(counts: NDArray[np.int64], setting: Setting) -> Reported:
    """Change of the sites' monthly rate, all sites together, of `counts` [H, S, M]."""
    own, _ = _condensed(counts, setting, None)
    before, after = own[..., 0::2].sum(axis=(1, 2)), own[..., 1::2].sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (after / setting.after) / (before / setting.before)
        error = np.sqrt(1.0 / before + 1.0 / after)
    return _reported(ratio, error)


def relative_change(counts: NDArray[np.int64], setting: Setting, controls: str) -> Reported:
    """Change beyond that of `controls` (a name), of `counts` [H, S, M]."""
    own, others = _condensed(counts, setting, CONTROLS[controls](setting))
    k = len(setting.starts)
    column = np.searchsorted(np.unique(setting.starts), setting.starts)
    whom = np.hstack([np.zeros((k, k), dtype=np.bool_), np.eye(k, dtype=np.bool_)])
    both = np.concatenate([own, others], axis=1)
    found = before_after(both, {site: int(2 * column[site] + 1) for site in range(k)}, whom, window=1)
    return _reported(1.0 + found.relative_change, found.log_error)


def _condensed(
    counts: NDArray[np.int64], setting: Setting, controls: Mask | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[H, k, 2 x distinct starts] each site's count before and after in the two columns of its start, and its
    controls' count there."""
    starts, group = np.unique(setting.starts, return_inverse=True)
    shape = (*setting.sites.shape, 2 * len(starts))
    own, others = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for place, start in enumerate(starts.tolist()):
        windows = (slice(start - setting.before, start), slice(start, start + setting.after))
        for side, window in enumerate(windows):
            total = counts[..., window].sum(axis=2)
            mine = np.flatnonzero(group == place)
            own[:, mine, 2 * place + side] = np.take_along_axis(total, setting.sites[:, mine], axis=1)
            if controls is not None:
                others[:, mine, 2 * place + side] = np.einsum("hks,hs->hk", controls[:, mine], total)
    return own, others


def _reported(ratio: Floats, log_error: Floats) -> Reported:
    known = np.isfinite(ratio)
    ratio = np.where(known, ratio, np.nan)
    spread = np.exp(np.where(known & np.isfinite(log_error), SIGNIFICANT_Z * log_error, np.nan))
    return Reported(100.0 * (ratio - 1.0), 100.0 * (ratio / spread - 1.0), 100.0 * (ratio * spread - 1.0))
