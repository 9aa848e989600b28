"""Findings in words for pictures and page; numbers are rounded by `cms_sim.evaluation.words`."""

from __future__ import annotations

import math

from cms_sim.evaluation import words
from cms_sim.evaluation.money import CostPerAverted, Quadrant
from cms_sim.report.sheet import Estimate, PlanLine, Sheet

MINUS = "−"


def count(value: float, unit: float | None = None) -> str:
    """A number of people, to two digits or to whole multiples of `unit`, with a true minus sign."""
    return words.number(value, unit).replace("-", MINUS)


def between(estimate: Estimate) -> str:
    """Mean and the interval of it: `22 (19 to 25)`; the mean alone where one run gives no interval."""
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
    return words.money(value, unit).replace(" million", "M").replace(" billion", "B").replace("-", MINUS)


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
        return "one run"
    return usd(cost.usd) if averted.clear and cost.quadrant is Quadrant.COSTS_AVERTS else "not clear"


def finding(sheet: Sheet) -> str:
    """What the comparison found, in one line; says so when nothing can be told apart."""
    leader, reference = sheet.leader, f"“{sheet.reference.title}”"
    if leader is None:
        return "There is one plan only, so there is nothing to compare"
    if math.isnan(leader.averted.low):
        return "One run is an example: it cannot tell plans apart"
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


def best_in(line: PlanLine) -> str:
    """Share of runs in which the plan averts most; one run has none."""
    return "–" if math.isnan(line.averted.low) else words.chance(line.chance_best)


def joined(parts: list[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "none"


def pairing_gain(sheet: Sheet) -> list[str]:
    """What pairing bought, in a sentence; none where it cannot be known."""
    gains = [float(sheet.pairing.ratio[line.index]) for line in sheet.compared]
    usable = sorted(gain for gain in gains if math.isfinite(gain))
    if not usable:
        return []
    middle = usable[len(usable) // 2]
    span = f" ({words.number(usable[0])} to {words.number(usable[-1])} over the plans)" if len(usable) > 1 else ""
    return [
        f"Pairing makes the variance of a difference {words.number(middle)} times smaller than separate histories "
        f"would{span}; without it the same certainty would have taken about "
        f"{count(sheet.replicates * middle)} runs of each plan."
    ]
