"""What can be fitted to before the cut: how counts scatter, what sites did, and what they changed where that is known.

The scatter by day and week is known after 2013 only, the survey is of 2014 to 2016: neither is used. Before 2014 no
site has the 24 months on each side that its effect is read from. The published activity of sites is of years before
2013 (evidence T5-087 to T5-102), so that no cut hides it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.targets import EFFECT, Target, targets_of
from cms_sim.evaluation.calibration.targets import scaled
from cms_sim.evaluation.estimators.panel import Panel, record_panel
from cms_sim.evaluation.patterns.activity import activity
from cms_sim.evaluation.patterns.counts import Counts, busiest, by_year, monthly
from cms_sim.evaluation.patterns.dispersion import BUSIEST, LAST_YEARS, MOVED, scatter, share_statistic
from cms_sim.evaluation.patterns.programme import programme, study_panel
from cms_sim.experiment.hindcast import Lived

_SCATTER: Final = ("dispersion_monthly", "share_statistic", "share_statistic_last_years")
_EFFECTS: Final = ("raw_change", "relative_rest_of_city", "relative_not_yet_covered", "relative_never_listed")


def targets_before(tables: CityTables) -> tuple[Target, ...]:
    """Those of the calibration's targets that were known."""
    groups = ("dispersion", "activity", *((EFFECT,) if record_panel(tables).starts else ()))
    known = [each for each in targets_of(groups) if each.group == "activity" or each.name in (*_SCATTER, *_EFFECTS)]
    return tuple(known)


def observed_before(tables: CityTables, targets: Sequence[Target]) -> NDArray[np.float64]:
    """[targets] scaled: the record's own from the rows before the cut, the published ones as they are."""
    own = _of_record(tables, record_panel(tables), tables.incidents, tables.victims)
    return np.array([scaled(each, own[each.name] if each.name in own else _published(each)) for each in targets])


def statistics_before(lived: Lived) -> dict[str, float]:
    """The same of a history."""
    counts = monthly(lived)
    return _of_record(lived.tables, study_panel(lived, counts), counts.incidents, counts.victims) | activity(lived)


def _of_record(tables: CityTables, panel: Panel, incidents: Counts, victims: Counts) -> dict[str, float]:
    yearly = by_year(incidents)[[number not in MOVED for number in tables.numbers]]
    found = {
        "dispersion_monthly": _monthly_dispersion(incidents, busiest(victims, BUSIEST, LAST_YEARS)),
        "share_statistic": share_statistic(yearly),
        "share_statistic_last_years": share_statistic(yearly[:, -LAST_YEARS:]),
    }
    if panel.starts:
        effects = programme(panel)
        found |= {name: effects[name] for name in _EFFECTS}
    return found


def _monthly_dispersion(incidents: Counts, rows: NDArray[np.intp]) -> float:
    """Of some precincts in the last years, against each year's total spread by the whole city's season in them."""
    last = incidents[:, -12 * LAST_YEARS :]
    season = np.maximum(last.sum(axis=0).reshape(-1, 12).sum(axis=0), 1e-12)
    place = np.arange(last.shape[1])
    return scatter(last[rows], np.tile(season, LAST_YEARS), place // 12, place)


def _published(target: Target) -> float:
    assert target.observed is not None
    return target.observed
