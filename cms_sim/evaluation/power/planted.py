"""An effect of a known size, planted in a history that had no programme.

Each shooting has a uniform u of its own, drawn by its key. Under a ratio r it counts ceil(r - u) times: at r = 0.8 a
fifth of them did not happen, at 1.2 a fifth happened twice, at 1 nothing changes. As u stays the same, a stronger
effect takes away whatever a weaker one does, and the expected count is r times the history's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.power.windows import Setting


@dataclass(frozen=True)
class Shootings:
    """Incidents of H histories, by column."""

    histories: int
    precincts: int
    months: int
    history: NDArray[np.intp]
    """Place among these histories."""
    slot: NDArray[np.intp]
    month: NDArray[np.intp]
    weight: NDArray[np.int64]
    """People shot; or 1, where incidents are counted."""
    draw: NDArray[np.float64]
    """The uniform, in [0, 1)."""

    def counts(self, copies: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """[H, S, M], each incident as often as `copies` says (default: once)."""
        place = (self.history * self.precincts + self.slot) * self.months + self.month
        weight = self.weight if copies is None else self.weight * copies
        found = np.bincount(place, weight, self.histories * self.precincts * self.months)
        return np.asarray(found.astype(np.int64).reshape(self.histories, self.precincts, self.months))


def copies(ratio: NDArray[np.float64], draw: NDArray[np.float64]) -> NDArray[np.int64]:
    """How often each incident counts under its ratio (0 or more)."""
    return np.asarray(np.ceil(ratio - draw), dtype=np.int64)


def planted(shootings: Shootings, setting: Setting, effect: float, spillover: float) -> NDArray[np.int64]:
    """[H, S, M] counts with the sites' precincts changed by `effect` from their start on, and precincts without a site
    by `spillover` from the first start next door on (fractions: -0.2 is a fifth fewer)."""
    opening = setting.opening
    next_door = first_next_door(setting)
    where = shootings.history, shootings.slot
    ratio = np.where(shootings.month >= next_door[where], 1.0 + spillover, 1.0)
    ratio = np.where(shootings.month >= opening[where], 1.0 + effect, ratio)
    return shootings.counts(copies(ratio, shootings.draw))


def first_next_door(setting: Setting) -> NDArray[np.int64]:
    """[H, S] first month with a site next door, of precincts without one; far off for all others."""
    never = np.iinfo(np.int64).max
    opening = setting.opening
    near = np.stack([np.where(setting.beside, each, never).min(axis=1) for each in opening])
    return np.where(opening == never, near, never)
