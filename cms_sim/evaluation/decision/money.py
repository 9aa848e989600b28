"""What a plan is worth: through each lens from where on it pays, what a dollar buys, what it may cost; and which choice
is worth most, whatever a person not shot is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from cms_sim.data.shooting_costs import Lens, load_lenses
from cms_sim.evaluation.decision.acceptable import WORTHS_USD, Acceptable
from cms_sim.evaluation.decision.decision import BreakEven, Estimate
from cms_sim.evaluation.decision.fresh import DEATHS, VICTIMS, Fresh
from cms_sim.evaluation.decision.futures import futures_of
from cms_sim.evaluation.economics.discounting import RATE_PER_YEAR, fiscal_years, worth_in_first
from cms_sim.evaluation.intervals import Floats


def break_even(fresh: Fresh, place: int, cost_by_fiscal_year_usd: Mapping[int, float]) -> list[BreakEven]:
    """The plan at `place` through every lens. Runs tell sums over the frame, so that for discounting what is averted is
    taken as spread evenly over its months, and a fiscal year's cost over its months there."""
    frame = fresh.found.case.reference.frame
    years = fiscal_years(np.arange(np.datetime64(frame.starts, "M"), np.datetime64(frame.ends, "M") + 1))
    factors = worth_in_first(len(years), RATE_PER_YEAR)
    cost = sum(usd * float(factors[years == year].mean()) for year, usd in cost_by_fiscal_year_usd.items())
    return [_through(lens, fresh, place, cost, float(factors.mean())) for lens in load_lenses().values()]


def _through(lens: Lens, fresh: Fresh, place: int, cost_usd: float, factor: float) -> BreakEven:
    averted = fresh.averted[:, place].sum(axis=1)
    reference = fresh.mean(fresh.found.counts[:, 0].sum(axis=1, dtype=np.float64))
    dying = float(reference[DEATHS] / reference[VICTIMS]) if reference[VICTIMS] else 0.0
    usd, a_year = lens.per_victim_usd(dying), float(fresh.cost_usd[place]) / fresh.years
    expected = float(fresh.mean(averted[:, VICTIMS]))
    needed = a_year / usd if a_year > 0.0 and usd > 0.0 else None
    worth, least, most = (
        fresh.estimate(_worth_usd(lens, averted, end) * fresh.years * factor) for end in ("", "_low", "_high")
    )
    pays = worth.low is not None and worth.low > 0.0 and cost_usd > 0.0
    return BreakEven(
        lens=lens.name,
        title=lens.title,
        averted_per_year=needed,
        share_of_expected=needed / expected if needed is not None and expected > 0.0 else None,
        most_usd_per_year=max(0.0, expected * usd),
        net_usd=_each(worth, lambda value: value - cost_usd),
        per_dollar=_each(worth, lambda value: value / cost_usd) if pays else None,
        per_dollar_range=(least.mean / cost_usd, most.mean / cost_usd) if pays else None,
    )


def _worth_usd(lens: Lens, averted: Floats, end: str) -> Floats:
    """[cells] what is averted [cells, OUTCOMES] a year is worth; `end` as of `Lens.per_victim_usd`."""
    deaths, injured = averted[:, DEATHS], averted[:, VICTIMS] - averted[:, DEATHS]
    return np.asarray(getattr(lens, f"death{end}_usd") * deaths + getattr(lens, f"injury{end}_usd") * injured)


def acceptability(fresh: Fresh, choices: Sequence[int]) -> tuple[Acceptable, ...]:
    """The acceptability curve of the plans at these places, at each of `WORTHS_USD`."""
    futures = futures_of(fresh, fresh.victims[:, choices])
    a_year = fresh.cost_usd[choices] / fresh.years
    found = []
    for usd in WORTHS_USD:
        net = usd * futures.samples - a_year
        first = int(np.argmax(futures.share(net)))
        share = float(replace(futures, samples=net).share_best[first])
        found.append(Acceptable(usd, fresh.found.entries[choices[first]].name, share))
    return tuple(found)


def _each(estimate: Estimate, change: Callable[[float], float]) -> Estimate:
    low, high = (None if end is None else change(end) for end in (estimate.low, estimate.high))
    return Estimate(change(estimate.mean), low, high)
