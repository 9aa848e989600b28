"""A plan's money month by month: what is spent on opening and on running, what the city has paid, what it still owes.

The rule is that of `cms_sim.scenario.cost`: months add up to its fiscal years. A site whose city pays late spends on
the day and is paid `payment_delay_days` later; meanwhile its organisation carries the sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from cms_sim.data.unit_costs import UnitCosts
from cms_sim.scenario.cost import fiscal_year_of, shares_of_years, yearly_spans
from cms_sim.scenario.resolved import Frame, Scenario


@dataclass(frozen=True)
class MonthCost:
    """One month inside the frame, in US dollars: spent in it, paid in it, and owed at its end."""

    month: date
    """Its first day."""
    start_up_usd: float
    running_usd: float
    paid_usd: float
    owed_usd: float

    @property
    def spent_usd(self) -> float:
        """Opening and running together."""
        return self.start_up_usd + self.running_usd

    @property
    def fiscal_year(self) -> int:
        """Named after the year in which it ends."""
        return fiscal_year_of(self.month)


@dataclass(frozen=True)
class _Span:
    """A yearly sum from one day to another, and the days by which it is paid late."""

    yearly_usd: float
    from_date: date
    until_date: date | None
    delay_days: int

    def spent_by(self, day: date, frame: Frame) -> float:
        """Before `day`, inside the frame."""
        until = min(day, self.until_date or day)
        return self.yearly_usd * sum(share for _, share in shares_of_years(frame, self.from_date, until))


def months_of(scenario: Scenario, unit_costs: UnitCosts) -> tuple[MonthCost, ...]:
    """Every month of the frame, in order; a frame that begins or ends inside a month has part of it."""
    frame, spans, openings = scenario.frame, _spans(scenario, unit_costs), _openings(scenario, unit_costs)
    ends = _month_ends(frame)
    running = [sum(span.spent_by(day, frame) for span in spans) for day in ends]
    opened = [sum(usd for opens, _, usd in openings if opens < day) for day in ends]
    paid = [
        sum(span.spent_by(day - timedelta(days=span.delay_days), frame) for span in spans)
        + sum(usd for opens, delay, usd in openings if opens + timedelta(days=delay) < day)
        for day in ends
    ]
    starts = [frame.starts.replace(day=1), *ends[:-1]]
    by_month = (_steps(opened), _steps(running), _steps(paid))
    owed = [spent + usd - settled for spent, usd, settled in zip(opened, running, paid, strict=True)]
    return tuple(MonthCost(*parts) for parts in zip(starts, *by_month, owed, strict=True))


def _steps(sums: Sequence[float]) -> list[float]:
    """What each running sum adds to the one before it."""
    return [now - before for before, now in pairwise([0.0, *sums])]


def carrying_cost_usd(months: Sequence[MonthCost], rate_per_year: float) -> float:
    """What it costs the organisations to carry what is owed, at a yearly rate of interest, over the frame's months."""
    return sum(month.owed_usd for month in months) * rate_per_year / 12.0


def _spans(scenario: Scenario, unit_costs: UnitCosts) -> list[_Span]:
    """One a term of a site, all its kinds together; patrols are the city's own and paid on the day."""
    sums: defaultdict[tuple[date, date | None, int], float] = defaultdict(float)
    for span, kind, amount in yearly_spans(scenario):
        delay = getattr(span, "payment_delay_days", 0)
        sums[span.from_date, span.until_date, delay] += amount * unit_costs[kind].usd
    return [_Span(usd, *key) for key, usd in sums.items()]


def _openings(scenario: Scenario, unit_costs: UnitCosts) -> list[tuple[date, int, float]]:
    frame, usd = scenario.frame, unit_costs["site.start_up"].usd
    return [
        (site.opens, site.terms[0].payment_delay_days, usd)
        for site in scenario.sites
        if frame.starts <= site.opens <= frame.ends
    ]


def _month_ends(frame: Frame) -> list[date]:
    """The first day after each month of the frame; after the last, the first day after the frame."""
    ends = []
    day = frame.starts
    while day < frame.until_date:
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        ends.append(min(day, frame.until_date))
    return ends
