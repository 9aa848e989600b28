"""What the survey's young men would not do: call the police (T2-018)."""

from __future__ import annotations

import numpy as np

from cms_sim.engine.calendar_days import day_of
from cms_sim.experiment.hindcast import SURVEYS, Lived


def not_calling(lived: Lived) -> dict[str, float]:
    """Share of those asked in precincts with a site who would not call the police at the last wave: one less their
    mean trust, which is read as the chance of calling (assumed). NaN where no site was open or nobody was asked.
    """
    last = day_of(SURVEYS[-1])
    open_ = sorted({int(site["slot"]) for site in lived.plan.site if site["opens"] < last})
    trust = lived.answers[-1, open_, 1]
    return {"would_not_call_police": 1.0 - float(trust.mean()) if open_ and np.isfinite(trust).all() else float("nan")}
