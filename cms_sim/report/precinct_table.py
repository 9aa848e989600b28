"""What each precinct gets and gains under the plan that averts most, in the order of the numbers by which people know
their precinct."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.record import recent_victims_per_year
from cms_sim.report.sheet import Sheet
from cms_sim.report.text_table import TextTable
from cms_sim.report.words import MINUS, NONE, count
from cms_sim.scenario.resolved import Scenario, SiteTerm, covers

MOST_ROWS: Final = 32
"""Precincts in the report: with more, those that get nothing new and gain least are one row."""
LAST_DAY: Final = "on the last day compared"


def precincts_table(sheet: Sheet) -> TextTable | None:
    """A row a precinct; None where no plan was compared."""
    leader, results = sheet.leader, sheet.results
    if leader is None:
        return None
    mean, low, high = sheet.precinct(leader.index)
    shot = results.frame("victims")[:, results.reference].mean(axis=0) / results.years
    recorded = recent_victims_per_year(results.precincts, sheet.city)
    gets = [what_it_gets(sheet, leader.index, number) for number in results.precincts]
    shown = _shown(gets, mean)
    rows = [
        (
            f"{results.precincts[s]} {results.precinct_names[s]}",
            f"{round(results.residents[s], -3):,}",
            gets[s] or "nothing new",
            _one(recorded[s]),
            _one(shot[s]),
            _one(mean[s]),
            NONE if math.isnan(low[s]) else f"{_one(low[s])} to {_one(high[s])}",
            _verdict(low[s], high[s]),
        )
        for s in shown
    ]
    if left := [s for s in range(len(mean)) if s not in shown]:
        all_ = f"{len(left)} others, all together"
        sums = (_one(recorded[left].sum()), _one(shot[left].sum()), _one(mean[left].sum()))
        rows.append((all_, f"{round(results.residents[left].sum(), -3):,}", "nothing new", *sums, NONE, NONE))
    headings: tuple[str, ...] = (
        "Precinct",
        "Residents",
        "What it gets beyond the reference",
        "Shot a year, record 2017-2019",
        "Shot a year, reference",
        "Not shot a year",
        "95% interval",
        "Clear of chance?",
    )
    known = len(headings) - 2 * sheet.too_few
    interval = "" if sheet.too_few else " The interval is that of the average."
    caption = (
        f"What each precinct gets and gains under “{leader.info.title}”, in people a year. Posts and places: "
        f"{LAST_DAY}. A minus sign is more people shot.{interval}"
    )
    return TextTable(caption, headings[:known], [row[:known] for row in rows], words=(2, 7))


def what_it_gets(sheet: Sheet, plan: int, precinct: int) -> str:
    """`new site: 9 posts, 57 places`, `+2 posts`, `other hours`: what a plan has there beyond the reference; empty for
    nothing. Without the plans' files only a new site is known."""
    own, usual = sheet.scenario(plan), sheet.scenario(sheet.results.reference)
    new = precinct in sheet.results.plans[plan].new_precincts
    if own is None or usual is None:
        return "new site" if new else ""
    mine, theirs = _terms(own, precinct), _terms(usual, precinct)
    parts = [
        _change(sum(t.staff.posts for t in mine) - sum(t.staff.posts for t in theirs), "post", new),
        _change(_places(mine) - _places(theirs), "service place", new),
    ]
    if not new and {own.shifts[t.shift].on_duty for t in mine} != {usual.shifts[t.shift].on_duty for t in theirs}:
        parts.append("other hours")
    if not new and {t.payment_delay_days for t in mine} != {t.payment_delay_days for t in theirs}:
        parts.append("paid later")
    officers = _officers(own, precinct) - _officers(usual, precinct)
    parts.append(_change(officers, "patrol officer", False))
    said = ", ".join(filter(None, parts))
    return f"new site: {said}" if new and said else "new site" if new else said


def reach(sheet: Sheet) -> list[str]:
    """Who is left out, in a sentence; empty where no plan was compared."""
    leader, results = sheet.leader, sheet.results
    if leader is None or not sheet.scenarios:
        return []
    gets = [bool(what_it_gets(sheet, leader.index, number)) for number in results.precincts]
    if all(gets):
        return [f"Under “{leader.info.title}” each of the {len(gets)} precincts gets something beyond the reference."]
    shot = results.frame("victims")[:, results.reference].mean(axis=0)
    part = float(shot[~np.array(gets)].sum() / shot.sum()) if shot.sum() else 0.0
    nothing = len(gets) - sum(gets)
    return [
        f"{nothing} of {len(gets)} precincts get nothing beyond the reference under “{leader.info.title}”; "
        f"{count(100.0 * part)}% of the people shot are shot there."
    ]


def _shown(gets: Sequence[str], mean: Floats) -> list[int]:
    """Rows in the order of the precincts: all, or as many as the report has room for."""
    order = sorted(range(len(gets)), key=lambda s: (not gets[s], -abs(mean[s])))
    return sorted(order[: MOST_ROWS if len(gets) <= MOST_ROWS else MOST_ROWS - 1])


def _verdict(low: float, high: float) -> str:
    if math.isnan(low):
        return "too few runs"
    return "yes, fewer" if low > 0.0 else "MORE shot" if high < 0.0 else "no"


def _terms(plan: Scenario, precinct: int) -> list[SiteTerm]:
    """What holds there on the last day of the frame."""
    found = (site.term_on(plan.frame.ends) for site in plan.sites if site.precinct == precinct)
    return [term for term in found if term is not None]


def _places(terms: Sequence[SiteTerm]) -> int:
    return sum(sum(term.services.model_dump().values()) for term in terms)


def _officers(plan: Scenario, precinct: int) -> int:
    here = (patrol for patrol in plan.patrols if patrol.precinct == precinct)
    return sum(patrol.officers for patrol in here if covers(patrol, plan.frame.ends))


def _change(number: int, what: str, new: bool) -> str:
    if number == 0:
        return ""
    sign = "" if new else "+" if number > 0 else MINUS
    return f"{sign}{abs(number)} {what}{'s' * (abs(number) != 1)}"


def _one(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".replace("-", MINUS) if not math.isnan(value) else NONE
