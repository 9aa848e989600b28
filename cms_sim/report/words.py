"""Findings in words for pictures and page; numbers are rounded by `cms_sim.evaluation.words`."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from cms_sim.evaluation import words
from cms_sim.evaluation.best import neighbours_not_told_apart
from cms_sim.evaluation.intervals import FEWEST_DRAWS, fewest_for_range
from cms_sim.evaluation.money import CostPerAverted, Quadrant, Shape
from cms_sim.report.sheet import Estimate, PlanLine, Sheet

MINUS = "−"
NONE = "–"
"""In a cell that has nothing to say."""
FEWEST_FOR_RANGE: Final = fewest_for_range(0.90)
NO_AVERAGE: Final = f"too few runs to say how sure an average is, which takes {FEWEST_DRAWS}"
NO_RANGE: Final = f"too few runs for a range of single runs, which takes {FEWEST_FOR_RANGE}"
LONGEST_IN_A_CELL: Final = 44
FEW: Final = 0.95
"""People a year under which one speaks of ten years."""


def count(value: float, unit: float | None = None) -> str:
    """A number of people, to two digits or to whole multiples of `unit`, with a true minus sign."""
    return words.number(value, unit).replace("-", MINUS)


def in_a_cell(title: str) -> str:
    """A title with room for it in a table's first column: its beginning, where it is long."""
    return textwrap.shorten(title, LONGEST_IN_A_CELL, placeholder="…")


def at_least(value: float) -> str:
    """A number that may stand behind `at least`: 247.6 is `240`."""
    unit = 10.0 ** max(0, math.floor(math.log10(value)) - 1) if value >= 1.0 else 0.1
    return count(math.floor(value / unit + 1e-9) * unit, min(unit, 1.0))


def people(value: float) -> str:
    """A number of people as one says it: `230`, `33`, `6`, and with a decimal only under three: `1.6`."""
    return words.people(value).replace("-", MINUS)


def between(estimate: Estimate) -> str:
    """Mean and the interval of it: `22 (19 to 25)`; the mean alone where runs are too few for one."""
    if math.isnan(estimate.low):
        return count(estimate.mean)
    return f"{count(estimate.mean)} ({words.interval(estimate.low, estimate.high)})".replace("-", MINUS)


def nine_in_ten(estimate: Estimate) -> str:
    """The range of 90 of 100 single runs: `1.3 to 47`."""
    if math.isnan(estimate.run_low):
        return "too few runs"
    return words.interval(estimate.run_low, estimate.run_high).replace("-", MINUS)


def usd(value: float) -> str:
    """Dollars, short: `$11.2M`, `$450,000`."""
    unit = 1e5 if 1e6 <= abs(value) < 1e8 else None
    return _short(words.money(value, unit))


def usd_between(low: float, high: float) -> str:
    """Two ends in dollars, short: `$340,000 to $410,000`; `at least $240,000` without an upper end.

    To the same place, but far apart each to its own two digits."""
    far = math.isfinite(high) and high > 2.0 * low > 0.0
    return f"{usd(low)} to {usd(high)}" if far else _short(words.interval(low, high, words.money))


def _short(money: str) -> str:
    return money.replace(" million", "M").replace(" billion", "B").replace("-", MINUS)


def per_dollar(value: float, low: float, high: float) -> str:
    """What a dollar buys: `$7 (6.2 to 7.7)`; in cents where the interval stays under a dollar: `9 cents (8 to 9)`."""
    if max(value, high) < 1.0:
        ends = f" ({words.interval(100.0 * low, 100.0 * high)})" if math.isfinite(low) else ""
        return f"{words.number(100.0 * value)} cents{ends}".replace("-", MINUS)
    ends = f" ({words.interval(low, high)})" if math.isfinite(low) else ""
    return f"${words.number(value)}{ends}".replace("-", MINUS)


def extra_usd(value: float) -> str:
    """Money beyond the reference, with its sign; `none` for none."""
    return "none" if abs(value) < 500.0 else f"+{usd(value)}" if value > 0.0 else usd(value)


def percent(value: float) -> str:
    """A change in percent with its sign."""
    text = words.percent(value).replace("-", MINUS)
    return f"+{text}" if value > 0.0 and text.strip("0.%") else text


def price(cost: CostPerAverted, averted: Estimate) -> str:
    """Dollars for each person not shot, or in two or three words why there is no such number."""
    if cost.quadrant in (Quadrant.COSTS_HARMS, Quadrant.SAVES_HARMS) and averted.clear:
        return "more shot"
    if cost.quadrant is Quadrant.SAVES_AVERTS and averted.clear:
        return "costs no more"
    if math.isnan(averted.low):
        return "too few runs"
    return usd(cost.usd) if averted.clear and cost.quadrant is Quadrant.COSTS_AVERTS else "not clear"


def price_of_average(cost: CostPerAverted) -> str:
    """The 95% interval of the average price; nothing where there is none."""
    if cost.fieller.shape is Shape.BOUNDED:
        return usd_between(cost.fieller.low, cost.fieller.high)
    return f"at least {usd(cost.fieller.high)}" if cost.fieller.shape is Shape.TWO_RAYS else NONE


def price_of_runs(cost: CostPerAverted) -> str:
    """The range of the price over 90 of 100 single runs; nothing where there is none."""
    return NONE if math.isnan(cost.low_90_usd) else usd_between(cost.low_90_usd, cost.high_90_usd)


def finding(sheet: Sheet) -> str:
    """What the comparison found, in one line; says so when nothing can be told apart."""
    leader, reference = sheet.leader, f"“{sheet.reference.title}”"
    if leader is None:
        return "There is one plan only, so there is nothing to compare"
    if sheet.too_few:
        return "Too few runs to tell plans apart: these are examples"
    if not leader.averted.clear:
        return f"No plan can be told from {reference}"
    if leader.averted.mean < 0.0:
        return f"Under every plan more people are shot than under {reference}"
    lead = f"“{leader.info.title}” averts most: {words.about(leader.averted.mean)} people a year are not shot"
    tied = [plan for plan in sheet.best.not_told_apart if plan not in (leader.index, sheet.results.reference)]
    return f"{lead}, but {len(tied)} other{'s' * (len(tied) > 1)} may do as well" if tied else lead


def plan_alt(line: PlanLine) -> str:
    """One plan for those who cannot see the picture."""
    extra = extra_usd(line.extra_usd_per_year)
    return (
        f"{line.info.title}: {between(line.averted)} people not shot a year, money beyond the reference {extra} a year"
    )


def best_in(sheet: Sheet, line: PlanLine) -> str:
    """Share of runs in which the plan averts most; nothing for a plan alone, no programme, or too few runs."""
    competes = line.index in sheet.candidates and len(sheet.candidates) > 1
    return words.chance(line.chance_best) if competes and not sheet.too_few else NONE


def quoted(titles: Sequence[str]) -> str:
    """`“A”, “B” and “C”`."""
    return words.joined([f"“{title}”" for title in titles])


def average(sheet: Sheet) -> str:
    """What a mean is over: no caption speaks of an average of one run."""
    return "mean over all runs" if sheet.replicates > 1 else "the one run"


def ties(sheet: Sheet) -> list[str]:
    """Which neighbours below the leader cannot be told from each other, in a sentence; none where all can."""
    pairs = neighbours_not_told_apart(sheet.results, sheet.candidates)
    if not pairs:
        return []
    titles = [plan.title for plan in sheet.results.plans]
    names = [f"“{titles[above]}” from “{titles[below]}”" for above, below in pairs]
    untold = words.joined(names)
    return [f"Below the first, the order does not tell {untold}: 95% intervals of the difference include zero."]


def pairing_gain(sheet: Sheet) -> list[str]:
    """What pairing bought, in a sentence; none where it cannot be known."""
    gains = [float(sheet.pairing.ratio[line.index]) for line in sheet.compared]
    usable = sorted(gain for gain in gains if math.isfinite(gain))
    if not usable or sheet.too_few:
        return []
    middle = float(np.median(usable))
    beside = f" beside “{sheet.without.info.title}”" if sheet.without else ""
    ends = f"{words.number(usable[0])} to {words.number(usable[-1])}"
    span = f" ({ends} over the plans{beside})" if len(usable) > 1 else ""
    drawn = any(np.ptp(values) > 0.0 for values in sheet.results.parameters.values())
    shared = "history, chance and the draw of what is not known" if drawn else "history and chance"
    part = " How much of that the shared draw brings, and how much shared chance, is not told apart." if drawn else ""
    return [
        f"Paired runs share {shared}: the variance of a difference is {words.number(middle)} times smaller than "
        f"between runs that share nothing{span}; it would take about {count(sheet.replicates * middle)} such runs of "
        f"each plan to be as sure.{part}"
    ]


def fewer(mean: float) -> str:
    """`about 33 fewer people are shot a year`; in ten years where that is less than one a year."""
    word = "fewer" if mean >= 0.0 else "more"
    if years_told(mean) == 1:
        return f"about {people(abs(mean))} {word} people are shot a year"
    if mean == 0.0:
        return "as many people are shot"
    if abs(mean) < 0.05:
        return f"less than one person {word} is shot in twenty years"
    decade = round(10.0 * abs(mean))
    return (
        f"about {decade} {word} people are shot in ten years"
        if decade > 1
        else f"about one person {word} is shot in ten years"
    )


def years_told(mean: float) -> int:
    """Years over which a mean a year is told, and its interval with it: 1, or 10 where it is less than one person."""
    return 1 if abs(mean) >= FEW else 10


def ends_of(mean: float, low: float, high: float) -> str:
    """The interval of a mean a year, over as many years as `fewer` tells the mean: `30 to 36`, `3 to 9 more`,
    `from 2 more to 5 fewer`, and `0.2 to 6` of about three in ten years."""
    years = years_told(mean)
    said = words.fewer_between(years * low, years * high)
    return said if years == 1 or abs(mean) >= 0.05 else f"{said} in ten years"


def posts_in_words(staff: Mapping[str, int]) -> str:
    """`1 supervisor, 4 violence interrupters`."""
    roles = {role: role.replace("_", " ") for role in staff}
    return ", ".join(
        f"{number} {roles[role].removesuffix('s') if number == 1 else roles[role]}"
        for role, number in staff.items()
        if number
    )


def services_in_words(places: Mapping[str, int]) -> str:
    """`20 mental health, 5 legal aid`."""
    words = {name: name.removesuffix("_slots").replace("_", " ") for name in places}
    return ", ".join(f"{number} {words[name]}" for name, number in places.items() if number)
