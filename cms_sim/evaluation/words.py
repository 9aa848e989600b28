"""Numbers as people say them, and sentences that claim no more than the runs show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cms_sim.evaluation.best import Best
from cms_sim.evaluation.differences import Averted
from cms_sim.evaluation.intervals import FEWEST_DRAWS
from cms_sim.evaluation.money import CostPerAverted, Quadrant, Shape

UNKNOWN = "not known"
WITHOUT = "without the programme"
TOO_FEW = f"too few runs to say how sure that is; at least {FEWEST_DRAWS}"


def number(value: float, unit: float | None = None) -> str:
    """`value` to two significant digits (one below 1), or to whole multiples of `unit`: 1234 is '1,200'."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "no limit"
    step = _unit(value) if unit is None else unit
    rounded = round(value / step) * step
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if rounded != round(rounded) else 0
    return f"{rounded + 0.0:,.{digits}f}"


def about(value: float) -> str:
    """'about 1,200'; 'none' for exactly 0 and 'less than 0.1' for what would round to it."""
    if value == 0.0:
        return "none"
    if 0.0 < abs(value) < 0.05:
        return "less than 0.1" if value > 0.0 else "more than -0.1"
    return number(value) if not math.isfinite(value) else f"about {number(value)}"


def money(usd: float, unit: float | None = None) -> str:
    """'$380,000', '$1.2 million', '-$10 million'."""
    if not math.isfinite(usd):
        return number(usd)
    step = _unit(usd) if unit is None else unit
    rounded = abs(round(usd / step) * step)
    sign = "-" if usd < 0.0 and rounded >= 1.0 else ""
    for size, name in ((1e9, " billion"), (1e6, " million")):
        if rounded >= size:
            return f"{sign}${number(rounded / size, step / size)}{name}"
    return f"{sign}${rounded:,.0f}"


def percent(value: float) -> str:
    """`value` in percent: '14%', '-3.5%'."""
    return number(value) if not math.isfinite(value) else f"{number(value)}%"


def chance(share: float) -> str:
    """A share of runs: '85%', and never '0%' or '100%' unless it is exactly that."""
    if math.isnan(share):
        return UNKNOWN
    if 0.0 < share < 0.005:
        return "less than 1%"
    if 0.995 <= share < 1.0:
        return "more than 99%"
    return f"{100.0 * share:.0f}%"


def interval(low: float, high: float, say: Callable[[float, float | None], str] = number) -> str:
    """'10 to 23', both ends to the same place; 'at least 10' or 'up to 23' with an open end. `say=money` in dollars."""
    if math.isnan(low) or math.isnan(high):
        return UNKNOWN
    if math.isinf(low) and math.isinf(high):
        return "no limit" if low < high else "never"
    if math.isinf(high):
        return f"at least {say(low, None)}"
    if math.isinf(low):
        return f"up to {say(high, None)}"
    width = high - low
    unit = min(_unit(max(abs(low), abs(high))), 10.0 ** math.floor(math.log10(width))) if width > 1e-6 else None
    return f"{say(low, unit)} to {say(high, unit)}"


def joined(parts: Sequence[str]) -> str:
    """`a, b and c`; nothing of nothing."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def many(count: int, what: str) -> str:
    """Things that are counted, so that they are not rounded: `1 post`, `1,234 posts`."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def people(value: float) -> str:
    """A number of people as one says it: '230', '33', '6', and with a decimal only under three: '1.6'."""
    return number(value, 1.0 if 3.0 <= abs(value) < 10.0 else None)


def fewer_between(low: float, high: float) -> str:
    """An interval of people fewer: '30 to 36', '3 to 9 more', 'from 2 more to 5 fewer'.

    An end that is not 0 does not read as 0: 'less than 0.1 to 3'."""
    if low < 0.0 < high:
        return f"from {_end(-low)} more to {_end(high)} fewer"
    return _ends(low, high) if high > 0.0 else f"{_ends(-high, -low)} more" if low < 0.0 else "none"


def _ends(low: float, high: float) -> str:
    """`low` is 0 or more."""
    said = interval(low, high)
    if low == 0.0 or not said.startswith("0 to "):
        return said
    return _end(high) if high < 0.05 else f"{_end(low)} to {_end(high)}"


def _end(value: float) -> str:
    return "less than 0.1" if value < 0.05 else people(value)


def _unit(value: float) -> float:
    if value == 0.0:
        return 1.0
    return 10.0 ** max(math.floor(math.log10(abs(value))) - 1, -1 if abs(value) < 1.0 else -6)


def cost_text(cost: CostPerAverted) -> str:
    """What one averted event costs, with the 95% interval of the mean, or why no such number is given."""
    of = cost.outcome.removesuffix("s")
    if cost.quadrant is not Quadrant.COSTS_AVERTS:
        return f"not defined: {_CASES[cost.quadrant]}".format(many=cost.outcome)
    if cost.fieller.shape is Shape.UNKNOWN:
        return f"{money(cost.usd)} ({TOO_FEW})"
    if cost.fieller.shape is Shape.BOUNDED:
        return f"{money(cost.usd)} ({interval(cost.fieller.low, cost.fieller.high, money)})"
    least = (
        f"at least {money(cost.fieller.high)}, no upper limit" if cost.fieller.shape is Shape.TWO_RAYS else "no limits"
    )
    return f"{money(cost.usd)} ({least}: these runs do not rule out that no {of} is averted)"


def cost_brief(cost: CostPerAverted) -> str:
    """`cost_text` for a cell: '$380,000 ($270,000 to $640,000)', '$900,000 (at least $300,000)', 'adds victims'."""
    if cost.quadrant is Quadrant.COSTS_AVERTS:
        shape, low, high = cost.fieller.shape, cost.fieller.low, cost.fieller.high
        if shape is Shape.BOUNDED:
            return f"{money(cost.usd)} ({interval(low, high, money)})"
        return f"{money(cost.usd)} ({f'at least {money(high)}' if shape is Shape.TWO_RAYS else UNKNOWN})"
    if cost.quadrant in (Quadrant.COSTS_HARMS, Quadrant.SAVES_HARMS):
        return f"adds {cost.outcome}"
    return "costs no more" if cost.quadrant is Quadrant.SAVES_AVERTS else f"no {cost.outcome} averted"


_CASES = {
    Quadrant.SAME: "averts nothing and costs nothing more",
    Quadrant.SAVES_AVERTS: "averts {many} and costs no more",
    Quadrant.COSTS_NOTHING: "costs more and averts no {many}",
    Quadrant.COSTS_HARMS: "costs more and adds {many} on average",
    Quadrant.SAVES_HARMS: "costs no more, but adds {many} on average",
    Quadrant.SAVES_NOTHING: "costs less and averts no {many}",
}


def plan_verdict(averted: Averted, plan: int, no_programme: int | None = None) -> str:
    """One or two sentences on one plan against its reference; `no_programme` adds nobody, it is what sites avert."""
    many, at = averted.outcome, averted.per_year
    if plan == averted.reference:
        return "This is the reference."
    if averted.probability_averts[plan] == 0.0 and averted.probability_harm[plan] == 0.0:
        return f"Changes no number of {many} in any run."
    mean, low, high = float(at.mean[plan]), float(at.mean_low[plan]), float(at.mean_high[plan])
    ends = (float(at.low_90[plan]), float(at.high_90[plan]))
    span = interval(*ends) if mean >= 0.0 else interval(-ends[1], -ends[0])
    if plan == no_programme:
        return _without(averted, plan, mean, interval(-ends[1], -ends[0]))
    if math.isnan(low):
        return f"{_what(mean, many)} in these runs ({TOO_FEW})."
    if low <= 0.0 <= high:
        lead = f"On average its {many} cannot be told from the reference's"
        span = interval(*ends)
        spread = f" (in nine runs of ten it averts {span} a year)"
    else:
        lead, spread = f"{_what(mean, many)} on average", f" (in nine runs of ten {span})"
    return f"{lead}{spread if span != UNKNOWN else ''}. {_harm(averted, plan)}"


def _without(averted: Averted, plan: int, mean: float, span: str) -> str:
    """What happens where there is no site, and how often it is worse."""
    more = f"{about(abs(mean))} {'more' if mean <= 0.0 else 'fewer'} {averted.outcome} a year"
    if math.isnan(float(averted.per_year.mean_low[plan])):
        return f"Without the programme {more} in these runs ({TOO_FEW})."
    spread = f" (in nine runs of ten {span})" if span != UNKNOWN else ""
    harm = float(averted.probability_harm[plan])
    return f"Without the programme {more} on average{spread}; more in {runs_of(harm) if harm else 'no run'}."


def _what(mean: float, many: str) -> str:
    verb = "Averts" if mean >= 0.0 else "Adds"
    return f"{verb} {about(abs(mean))} {many} a year"


def _harm(averted: Averted, plan: int) -> str:
    harm = float(averted.probability_harm[plan])
    return f"Adds {averted.outcome} in {runs_of(harm)}." if harm > 0.0 else "Adds none in any run."


def runs_of(share: float) -> str:
    """'every run', '12% of runs'."""
    return "every run" if share == 1.0 else f"{chance(share)} of runs"


def verdict(best: Best, averted: Averted, titles: Sequence[str], no_programme: int | None = None) -> list[str]:
    """What the comparison as a whole can say: who leads, whom the leader cannot be told from, and who does harm.

    `no_programme`, if it is among the plans, is no plan that could do harm."""
    others = [plan for plan in best.candidates if plan != best.leader]
    if not others and no_programme is not None:
        return [plan_verdict(averted, no_programme, no_programme)]
    if not others:
        return ["There is one plan, so there is nothing to rank."]
    if all(math.isnan(best.p_value[plan]) for plan in others):
        return [f"Fewer than {FEWEST_DRAWS} runs cannot tell plans apart: they are examples, not a ranking."]
    harm = [
        f"{titles[plan]} adds {averted.outcome} in {runs_of(float(averted.probability_harm[plan]))}."
        for plan in best.candidates
        if averted.probability_harm[plan] >= 0.05 and plan != no_programme
    ]
    return _lead(best, averted.reference, titles) + harm


def _lead(best: Best, reference: int, titles: Sequence[str]) -> list[str]:
    close = [plan for plan in best.not_told_apart if plan != best.leader]
    if len(close) == len(best.candidates) - 1:
        return ["No plan can be told apart from the others on these runs."]
    share = float(best.probability[best.leader])
    leader = titles[best.leader]
    sentences = [f"{leader} has the fewest {best.outcome} on average; it is the best plan in {runs_of(share)}."]
    if close:
        sentences.append(f"On average it cannot be told apart from: {'; '.join(titles[plan] for plan in close)}.")
    if reference in (best.leader, *close):
        sentences.append("No plan is shown to be better than the reference.")
    return sentences
