"""What the whole city did on record, from one window to the next: the part of a raw count that histories do not vary.

Histories follow the record's own trend (`experiment.hindcast`), all the same one. How far a raw change may lie from no
change by a city's trend alone is therefore not in them; how it moved on record says how much that is."""

from __future__ import annotations

import numpy as np

from cms_sim.data.city_records import CityTables
from cms_sim.evaluation.intervals import Floats


def city_changes(tables: CityTables, before: int, after: int) -> Floats:
    """Change of the monthly number of people shot in the whole city from `before` months to the next `after`, percent,
    for each month of the record at which such windows can meet; empty if none can."""
    total = np.concatenate([[0], np.cumsum(tables.victims.sum(axis=0))])
    meet = np.arange(before, len(total) - after)
    earlier, later = total[meet] - total[meet - before], total[meet + after] - total[meet]
    return np.asarray(100.0 * ((later / after) / (earlier / before) - 1.0))
