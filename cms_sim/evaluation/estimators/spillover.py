"""Do rates of precincts without a site change when one opens next door?

A fall is a gain that crosses the boundary, a rise one that is paid for there. The published study has -13.1% (-23.8,
-0.9) for neighbours that never get a site (T1-018)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cms_sim.evaluation.estimators.estimate import Estimate, unknown
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.estimators.poisson import between_openings, change

NAME = "spillover"


def spillover(panel: Panel) -> Estimate:
    """Change of the rate from the month on in which the first adjacent precinct opens a site, as in `poisson_did`.

    Only precincts, and only months, without a site of their own; a part has those that no list ever names."""
    if not panel.changing.any():
        return unknown(NAME, "no site opens on record")
    next_door = np.array([_first_next_door(panel, number) for number in panel.precincts])
    periods = between_openings(panel)
    beside = next_door[:, None] <= periods.begins
    alone = panel.opening[:, None] > periods.begins
    unlisted = ~np.isin(panel.precincts, list(panel.listed))[:, None]
    never = change("never listed", periods.counts, beside, np.broadcast_to(unlisted, beside.shape))
    found = change(NAME, periods.counts, beside, alone)
    count = int(((next_door > 0) & (next_door < len(panel.months)) & (panel.opening > next_door)).sum())
    return replace(found, notes=(*found.notes, f"{count} precincts come to lie beside a site"), parts=(never,))


def _first_next_door(panel: Panel, number: int) -> int:
    """Opening month of the first adjacent precinct in which a site opens on record."""
    near = np.isin(panel.precincts, panel.neighbours.get(number, ()))
    return int(np.min(panel.opening[near & panel.changing], initial=2**31 - 1))
