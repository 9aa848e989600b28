"""What sites do in a history, as programmes report it: mediations, participants, results, and what a survey hears."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.arrays import ROLE_OUTREACH, SITE_MONTH, STANDING_GOOD, STANDING_NOW
from cms_sim.engine.calendar_days import day_of
from cms_sim.experiment.hindcast import SURVEYS, Lived

YEAR_MONTHS: Final = 12
"""A site's first months, which programmes' reports of caseloads leave behind them."""


def activity(lived: Lived) -> dict[str, float]:
    """Conflicts mediated per site-month, how they were settled, participants per site and outreach worker, new ones a
    month.

    A conflict counts once, however often staff went back, with the result that first settled it: what staff then write
    down (T5-089, T5-090).
    """
    is_open = lived.books[:, :, SITE_MONTH.index("open")] > 0
    site_months = int(is_open.sum())
    participants = lived.books[:, :, SITE_MONTH.index("participants")]
    grown = is_open & (np.cumsum(is_open, axis=1) > YEAR_MONTHS)
    recruited = int(lived.books[:, -1, SITE_MONTH.index("recruited_so_far")].sum())
    good, now, mediated = _first_settled(lived)
    per_site = _mean(participants[grown])
    return {
        "mediations_per_site_month": mediated / site_months if site_months else np.nan,
        "resolved_for_good": good / max(1, mediated),
        "resolved_for_now": now / max(1, mediated),
        "participants_per_site": per_site,
        "participants_per_outreach_worker": per_site / _outreach_workers(lived),
        "new_participants_per_site_month": recruited / site_months if site_months else np.nan,
    }


def survey(lived: Lived) -> dict[str, float]:
    """Change between the survey's waves of what young men answer, as a fraction: in precincts whose first site opened
    between the waves, and in those never listed.
    """
    opened = {int(site["slot"]): int(site["opens"]) for site in lived.plan.site[::-1]}
    first, last = map(day_of, SURVEYS)
    began = [slot for slot, day in opened.items() if first <= day < last]
    listed = {site.precinct for site in lived.tables.sites}
    never = [row for row, number in enumerate(lived.tables.numbers) if number not in listed]
    willing, trust = lived.answers[..., 0], lived.answers[..., 1]
    return {
        "survey_programme": _change(willing, began),
        "survey_comparison": _change(willing, never),
        "survey_trust_programme": _change(trust, began),
        "survey_trust_comparison": _change(trust, never),
    }


def _change(answers: NDArray[np.float64], rows: list[int]) -> float:
    return float(answers[-1, rows].mean() / answers[0, rows].mean() - 1.0) if rows else float("nan")


def _first_settled(lived: Lived) -> tuple[int, int, int]:
    """Conflicts first settled for good, first settled for now, and all that staff tried to mediate."""
    rows = lived.mediations
    settled = rows[(rows["result"] == STANDING_GOOD) | (rows["result"] == STANDING_NOW)]
    _, first = np.unique(settled["conflict"], return_index=True)
    good = int((settled["result"][first] == STANDING_GOOD).sum())
    return good, len(first) - good, len(np.unique(rows["conflict"]))


def _outreach_workers(lived: Lived) -> float:
    """Posts of outreach workers per site."""
    return float((lived.plan.post["role"] == ROLE_OUTREACH).sum() / max(1, len(lived.plan.site)))


def _mean(values: NDArray[np.int64]) -> float:
    return float(values.mean()) if values.size else float("nan")
