"""What one site of a history does, picked by chance: what a report on a single site is held against."""

from __future__ import annotations

from typing import Final

import numpy as np

from cms_sim.engine.arrays import SITE_MONTH
from cms_sim.experiment.hindcast import Lived

FIRST_MONTHS: Final = 29
"""As the report on Crown Heights covers (T5-085)."""
LAST_MONTHS: Final = 12


def one_site(lived: Lived, seed: int) -> dict[str, float]:
    """Of a site that is open for `FIRST_MONTHS` at least, drawn by `seed`: conflicts mediated a month in all its
    months, participants taken on in the first ones, and participants in the last twelve; NaN without such a site.
    """
    is_open = lived.books[:, :, SITE_MONTH.index("open")] > 0
    grown = np.flatnonzero(is_open.sum(axis=1) >= FIRST_MONTHS)
    if not grown.size:
        return dict.fromkeys(("site_mediations_per_month", "site_recruited_first", "site_participants"), float("nan"))
    site = int(np.random.default_rng(seed).choice(grown))
    open_months = np.flatnonzero(is_open[site])
    posts = np.flatnonzero(lived.plan.post["site"] == site)
    mediated = len(np.unique(lived.mediations["conflict"][np.isin(lived.mediations["post"], posts)]))
    recruited = lived.books[site, open_months[FIRST_MONTHS - 1], SITE_MONTH.index("recruited_so_far")]
    participants = lived.books[site, open_months[-LAST_MONTHS:], SITE_MONTH.index("participants")]
    return {
        "site_mediations_per_month": mediated / len(open_months),
        "site_recruited_first": float(recruited),
        "site_participants": float(participants.mean()),
    }
