"""Difference-in-differences: do rates change when a site opens, beyond what changes everywhere in that month?

log(rate) = precinct + month + effect x open. The published study of this city has years for months and counts the
whole year of the start (T1-003; T1-011 to 2019); that form is a part of the estimate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cms_sim.evaluation.estimators.estimate import Estimate, unknown
from cms_sim.evaluation.estimators.panel import Panel
from cms_sim.evaluation.estimators.poisson import Periods, between_openings, calendar_years, change

NAME = "poisson_did"


def poisson_did(panel: Panel) -> Estimate:
    """Change of the rate from the start month on, all years on record.

    A precinct that gets a site but is not under study is compared with until it opens."""
    if not len(panel.sites):
        return unknown(NAME, "no site under study opens on record")
    by_month = _change(NAME, panel, between_openings(panel))
    by_year = _change("precinct and calendar year effects, whole year of the start", panel, calendar_years(panel))
    note = "precinct and month effects, errors clustered by precinct"
    return replace(by_month, notes=(*by_month.notes, note), parts=(by_year,))


def _change(name: str, panel: Panel, periods: Periods) -> Estimate:
    """Treated: sites from the period in which they open. A period ends where the next begins."""
    ends = np.append(periods.begins[1:], len(panel.months))
    open_ = panel.opening[:, None] < ends
    studied = np.isin(panel.precincts, panel.sites)[:, None]
    covered_all_along = (panel.opening <= 0)[:, None]
    return change(name, periods.counts, studied & open_, studied | covered_all_along | ~open_)
