"""What studies of the sites of 2012-2016 find in a history: the estimators of `docs/RECORD.md`, on the same precincts
and start months.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from cms_sim.data.city_tables import CityTables
from cms_sim.evaluation.estimators.panel import Panel, all_others, never_listed, not_yet_covered, record_panel
from cms_sim.evaluation.patterns.counts import Monthly
from cms_sim.evaluation.studies import before_after, event_study
from cms_sim.experiment.hindcast import Lived

CONTROLS = {"rest_of_city": all_others, "not_yet_covered": not_yet_covered, "never_listed": never_listed}


def study_panel(lived: Lived, counts: Monthly) -> Panel:
    """The history's people shot, with the record's sites, start months and neighbours."""
    panel = _record_panel(lived.tables)
    return replace(panel, counts=counts.victims[:, : len(panel.months)])


@lru_cache(maxsize=4)
def _record_panel(tables: CityTables) -> Panel:
    return record_panel(tables)


def programme(panel: Panel) -> dict[str, float]:
    """Changes over 24 months before and after, fractions: raw, and relative to each control group; each year of the
    event study over the four years before.
    """
    groups = {name: control(panel) for name, control in CONTROLS.items()}
    found = {
        f"relative_{name}": float(before_after(panel.counts, panel.starts, controls).relative_change)
        for name, controls in groups.items()
    }
    never = groups["never_listed"]
    found["raw_change"] = float(before_after(panel.counts, panel.starts, never).raw_change)
    years = event_study(panel.counts, panel.starts, never)
    found |= {f"event_year_{year:+d}": float(value) for year, value in years.items()}
    single = [before_after(panel.counts, {row: start}, never[:1]).raw_change for row, start in panel.starts.items()]
    return {**found, "site_lowest": float(np.min(single)), "site_highest": float(np.max(single))}
