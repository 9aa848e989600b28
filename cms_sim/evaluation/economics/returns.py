"""Return of a plan through a lens: the worth of what it averts less what it costs more, run by run, discounted.

All uncertainty that the runs have is kept: each run is worth what it averts. What a shooting costs is not drawn; its
range is told beside the result. A plan that averts nothing on average, or adds, has a loss and no ratio.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cms_sim.data.shooting_costs import Lens
from cms_sim.errors import InputError
from cms_sim.evaluation.differences import labels, outcome_counts
from cms_sim.evaluation.economics.discounting import RATE_PER_YEAR, cost_by_month_usd, factors
from cms_sim.evaluation.intervals import Floats, Spread, mean_interval, resampled_sums, spread
from cms_sim.evaluation.money import incremental_cost_usd
from cms_sim.experiment.results import FIELDS, Results

NONE: Final = math.nan


@dataclass(frozen=True)
class Return:
    """One plan through one lens against the reference, over the frame, in US dollars of its first month."""

    plan: int
    lens: Lens
    rate_per_year: float
    cost_usd: float
    """Beyond the reference; below 0 the plan costs less."""
    worth: Spread
    """Of what is averted, 0-d; below 0 where more is lost than averted."""
    net: Spread
    """Worth less cost."""
    probability_net: float
    """Share of runs in which it is worth more than it costs; NaN for the reference."""
    per_dollar: float
    """Worth for each dollar more; NaN unless the plan costs more and averts on average."""
    per_dollar_low: float
    """95% interval of it; the lower end may be below 0, where the runs do not rule out harm."""
    per_dollar_high: float
    net_low_usd: float
    """Mean net worth where a shooting costs the least of the lens' range, and the most."""
    net_high_usd: float


@dataclass(frozen=True)
class BreakEven:
    """From where on a plan pays through a lens, undiscounted; NaN where there is no such number."""

    plan: int
    lens: Lens
    averted_per_year: float
    """Victims it must avert a year to pay for itself; NaN where it costs no more."""
    percent: float
    """The same in percent of the reference's victims; over 100 it cannot pay."""
    probability: float
    """Share of runs in which it averts as many."""
    cost_usd_per_year: float
    """The most it may cost more a year; 0 where it averts nothing or adds, so that no money is well spent."""


def returns(results: Results, lens: Lens, rate_per_year: float = RATE_PER_YEAR) -> tuple[Return, ...]:
    """Every plan's return. Raises InputError for a rate that is none."""
    worth = {end: worth_by_run(results, lens, rate_per_year, end) for end in ("", "_low", "_high")}
    cost = discounted_cost_usd(results, rate_per_year)
    return tuple(
        _return(results, plan, lens, rate_per_year, float(cost[plan]), {e: w[:, plan] for e, w in worth.items()})
        for plan in range(len(results.plans))
    )


def worth_by_run(results: Results, lens: Lens, rate_per_year: float = RATE_PER_YEAR, end: str = "") -> Floats:
    """[R, P] worth of what each plan averts in each run, in US dollars of the frame's first month.

    A death averted is worth the lens' cost of a death, another victim averted that of an injury (`end` as in
    `Lens.per_victim_usd`)."""
    counts = results.counts[..., results.first_month :, :].sum(axis=2, dtype=np.int64)
    averted = (counts[:, [results.reference]] - counts).astype(np.float64)
    victims, deaths = (averted[..., FIELDS.index(name)] for name in ("victims", "deaths"))
    death_usd, injury_usd = getattr(lens, f"death{end}_usd"), getattr(lens, f"injury{end}_usd")
    by_month = death_usd * deaths + injury_usd * (victims - deaths)
    return np.asarray(by_month @ factors(results, rate_per_year), dtype=np.float64)


def discounted_cost_usd(results: Results, rate_per_year: float = RATE_PER_YEAR) -> Floats:
    """[P] cost beyond the reference, in US dollars of the frame's first month."""
    cost = cost_by_month_usd(results) @ factors(results, rate_per_year)
    return np.asarray(cost - cost[results.reference], dtype=np.float64)


def _return(
    results: Results, plan: int, lens: Lens, rate_per_year: float, cost_usd: float, worth: Mapping[str, Floats]
) -> Return:
    label, runs = labels(results), worth[""]
    mean, is_reference = float(runs.mean()), plan == results.reference
    ratio = (NONE, NONE, NONE)
    if cost_usd > 0.0 and mean > 0.0:
        low, high = (float(end) for end in mean_interval(runs, label))
        ratio = (mean / cost_usd, low / cost_usd, high / cost_usd)
    ends = sorted(float(worth[end].mean()) for end in ("_low", "_high"))
    return Return(
        plan=plan,
        lens=lens,
        rate_per_year=rate_per_year,
        cost_usd=cost_usd,
        worth=spread(runs, label),
        net=spread(runs - cost_usd, label),
        probability_net=NONE if is_reference else float((runs > cost_usd).mean()),
        per_dollar=ratio[0],
        per_dollar_low=ratio[1],
        per_dollar_high=ratio[2],
        net_low_usd=ends[0] - cost_usd,
        net_high_usd=ends[1] - cost_usd,
    )


def break_even(results: Results, lens: Lens) -> tuple[BreakEven, ...]:
    """From where on each plan pays, at the share of the reference's victims that die."""
    victims, deaths = (outcome_counts(results, name).sum(axis=-1) for name in ("victims", "deaths"))
    shot = float(victims[:, results.reference].mean())
    dying = float(deaths[:, results.reference].mean()) / shot if shot > 0.0 else 0.0
    usd = lens.per_victim_usd(dying)
    extra = incremental_cost_usd(results) / results.years
    averted = (victims[:, [results.reference]] - victims) / results.years
    found = []
    for plan, cost_usd in enumerate(extra):
        needed = float(cost_usd) / usd if cost_usd > 0.0 and usd > 0.0 else NONE
        found.append(
            BreakEven(
                plan=plan,
                lens=lens,
                averted_per_year=needed,
                percent=100.0 * needed * results.years / shot if shot > 0.0 else NONE,
                probability=float((averted[:, plan] >= needed).mean()) if math.isfinite(needed) else NONE,
                cost_usd_per_year=max(0.0, float(averted[:, plan].mean()) * usd),
            )
        )
    return tuple(found)


def acceptable_shares(results: Results, values_usd: Floats, *, of_average: bool) -> Floats:
    """[V, P] how likely each plan is worth its money against the reference, if averting a victim is worth `values_usd`.

    A cost-effectiveness acceptability curve a plan. Of single runs: the share of futures in which it is. Of the
    average: the share of bootstrap resamples of whole draws in which the mean is, which more runs make surer."""
    values = np.asarray(values_usd, dtype=np.float64)
    if values.ndim != 1 or not (np.isfinite(values).all() and (values >= 0.0).all()):
        raise InputError("the worth of a victim averted must be 0 or more", remedy="Give US dollars.")
    victims = outcome_counts(results, "victims").sum(axis=-1)
    averted, cost = victims[:, [results.reference]] - victims, incremental_cost_usd(results)
    if of_average:
        sums = resampled_sums(np.concatenate([averted, np.ones((len(averted), 1))], axis=1), labels(results))
        averted = sums[:, :-1] / sums[:, -1:]
    shares = (values[:, None, None] * averted - cost > 0.0).mean(axis=1)
    shares[:, results.reference] = NONE
    return np.asarray(shares, dtype=np.float64)
