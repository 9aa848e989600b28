"""The money of an optimisation's report: what plans cost by year, what the first is worth by who counts, prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from math import nan
from typing import Any, Final

from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.evaluation.decision.acceptable import Acceptable
from cms_sim.evaluation.decision.decision import BreakEven, Decision, Estimate
from cms_sim.evaluation.economics.discounting import RATE_PER_YEAR
from cms_sim.evaluation.words import chance
from cms_sim.report.decision_words import left_out, told_plans
from cms_sim.report.money_tables import lens_notes
from cms_sim.report.text_table import TextTable
from cms_sim.report.words import MINUS, NONE, extra_usd, in_a_cell, people, per_dollar, usd, usd_between
from cms_sim.scenario.cost import fiscal_year_of

ROOM_FOR_YEARS: Final = 6
"""Fiscal years that fit in a row on paper."""
CHEAPER: Final = "cheaper"
"""Kind of a plan that was found for less money."""
LEAST_LEFT: Final = 0.01
"""Of what is granted: with less left over there is nothing to explain."""


def cost_table(decision: Decision) -> TextTable:
    """What plans cost beyond the reference, by fiscal year."""
    plans = told_plans(decision)
    years = sorted({year for plan in plans for year in plan.cost_by_fiscal_year_usd})
    shown = years if len(years) <= ROOM_FOR_YEARS else []
    headings = ("Plan", "Over the frame", "Of that for opening", "Running", *(f"FY {year}" for year in shown))
    rows = [
        (
            in_a_cell(plan.title),
            *map(extra_usd, (plan.cost_usd, plan.opening_usd, plan.cost_usd - plan.opening_usd)),
            *(extra_usd(plan.cost_by_fiscal_year_usd.get(year, 0.0)) for year in shown),
        )
        for plan in plans
    ]
    caption = (
        f"What the plans cost beyond “{decision.plans[0].title}”, in nominal US dollars; a fiscal year ends on 30 June."
        f"{left_out(decision)}"
    )
    granted = granted_usd(decision)
    if granted:
        whole = sum(granted.values())
        rows.append(("Granted", usd(whole), NONE, NONE, *(usd(granted.get(year, 0.0)) for year in shown)))
    return TextTable(caption, headings, rows, strong=0)


def granted_usd(decision: Decision) -> dict[int, float]:
    """What the budget grants by fiscal year, the fund for services with it; a budget granted once stands under the
    frame's first."""
    budget = decision.problem.get("budget", {})
    whole = float(budget.get("usd_per_year") or 0.0) + float(budget.get("wraparound_usd_per_year") or 0.0)
    starts, ends = date.fromisoformat(decision.starts), date.fromisoformat(decision.ends)
    first, last = fiscal_year_of(starts), fiscal_year_of(ends)
    if not whole or not budget.get("recurring", True):
        return {first: whole} if whole else {}
    found = {}
    for year in range(first, last + 1):
        opens, closes = date(year - 1, 7, 1), date(year, 6, 30)
        days = (min(ends, closes) - max(starts, opens)).days + 1
        found[year] = whole * days / ((closes - opens).days + 1)
    return found


def _last_dollars(decision: Decision) -> list[str]:
    """What the money beyond the next cheaper plan of the search buys, where it clearly buys something."""
    winner = decision.plan(decision.winner)
    cheaper = [
        plan
        for plan in decision.plans
        if plan.kind == CHEAPER
        and plan.name not in decision.not_told_apart
        and plan.cost_usd_per_year < winner.cost_usd_per_year
        and plan.averted_per_year.mean < winner.averted_per_year.mean
    ]
    if not cheaper or not decision.is_advice:
        return []
    nearest = max(cheaper, key=lambda plan: plan.cost_usd_per_year)
    more_usd = winner.cost_usd_per_year - nearest.cost_usd_per_year
    each_usd = more_usd / (winner.averted_per_year.mean - nearest.averted_per_year.mean)
    average_usd = winner.cost_usd_per_year / winner.averted_per_year.mean
    less = "buy less" if each_usd > average_usd else "buy as much"
    return [
        f"The last dollars {less}: the {usd(more_usd)} a year that “{winner.title}” costs beyond “{nearest.title}” "
        f"spare people at {usd(each_usd)} each, all of it at {usd(average_usd)}."
    ]


def _unspent(decision: Decision) -> list[str]:
    """That the winner leaves money over, where it does, and why."""
    granted, winner = sum(granted_usd(decision).values()), decision.plan(decision.winner)
    left = granted - winner.cost_usd
    if granted <= 0.0 or left < LEAST_LEFT * granted:
        return []
    return [
        f"“{winner.title}” leaves {usd(left)} of the {usd(granted)} granted: plans are looked for whose posts and "
        "places stay the same from the first day to the last, and the first year also pays for opening."
    ]


def lens_table(decision: Decision) -> TextTable | None:
    """What the winner is worth by who counts; None where it is not shown that it spares anybody."""
    winner = decision.plan(decision.winner)
    if winner.averted_per_year.low is None or winner.averted_per_year.low <= 0.0:
        return None
    headings = (
        "By what shootings cost",
        "A dollar more buys",
        "Over the range of sources",
        "Net over the frame",
        "Pays from (people not shot a year)",
        "May cost at most a year",
    )
    averts = people(winner.averted_per_year.mean)
    caption = (
        f"“{winner.title}” by who counts: three views of the same people, never to be added up. It averts about "
        f"{averts} a year. In brackets the 95% interval of the average; the range is that of what a shooting costs by "
        f"its sources. What a dollar buys and the net are discounted at {RATE_PER_YEAR:.0%} a year, what is averted "
        "taken as even over the years."
    )
    return TextTable(caption, headings, [_lens_row(each) for each in decision.break_even])


def _lens_row(each: BreakEven) -> tuple[str, ...]:
    needed, net = each.averted_per_year, each.net_usd
    return (
        each.title,
        _per_dollar(each.per_dollar),
        NONE if each.per_dollar_range is None else " to ".join(per_dollar(x, nan, nan) for x in each.per_dollar_range),
        f"{usd(net.mean)}{_span(net)}".replace("-", MINUS),
        "any number" if needed is None else people(needed),
        usd(each.most_usd_per_year),
    )


def acceptability_table(decision: Decision) -> TextTable | None:
    """Which choice is worth most, whatever a person not shot is worth; None where that was not told."""
    if not decision.acceptability:
        return None
    titles = {plan.name: plan.title for plan in decision.plans}
    rows = [
        (_ends([usd(each.usd_per_victim) for each in same]), in_a_cell(titles[plan]), _ends(_chances(same)))
        for plan, same in (
            (plan, list(group)) for plan, group in groupby(decision.acceptability, lambda each: each.plan)
        )
    ]
    headings = ("A person not shot is worth", "Worth most on average", "In so many draws")
    caption = (
        "Which choice is worth most, doing nothing more among them, whatever a person not shot is worth to who decides "
        "(acceptability curve): what it averts at that worth less what it costs, and in what share of the draws of "
        "what is not known it is that one (lowest to highest in the row); plans that are nearly alike share it."
    )
    return TextTable(caption, headings, rows, words=(1,))


def _chances(same: Sequence[Acceptable]) -> list[str]:
    return [chance(share) for share in sorted({each.probability for each in same})]


def _ends(said: Sequence[str]) -> str:
    """`$300,000 to $600,000`; one of them where they are the same."""
    return said[0] if said[0] == said[-1] else f"{said[0]} to {said[-1]}"


def _per_dollar(found: Estimate | None) -> str:
    if found is None or found.low is None or found.high is None:
        return NONE
    return per_dollar(found.mean, found.low, found.high)


def _span(net: Estimate) -> str:
    return "" if net.low is None or net.high is None else f" ({usd_between(net.low, net.high)})"


def money_notes(decision: Decision) -> list[str]:
    """What a victim averted is worth by the problem itself, what the lenses count, where prices come from."""
    winner = decision.plan(decision.winner)
    shown = winner.averted_per_year.low is not None and winner.averted_per_year.low > 0.0
    said = [] if shown else ["It is not shown that anybody is spared, so no return and no price is told."]
    own = decision.problem.get("weigh", {}).get("usd_per_victim")
    if own and shown and winner.cost_usd_per_year > 0.0:
        needed = winner.cost_usd_per_year / float(own)
        said.append(f"At {usd(float(own))} for a person not shot it pays from {people(needed)} a year on.")
    said += [*_last_dollars(decision), *_unspent(decision)]
    return [*said, *(lens_notes() if shown else []), _prices(decision.problem.get("unit_costs_usd", {}))]


def _prices(used: Mapping[str, Any]) -> str:
    packaged = load_unit_costs()
    other = [name for name, usd_each in used.items() if name in packaged and float(usd_each) != packaged[name].usd]
    if other:
        return f"Prices: the user's own table, which differs from the packaged one in {len(other)} of {len(packaged)}."
    sourced = sum(bool(cost.source) for cost in packaged.values())
    return (
        f"Prices: the packaged table (docs/money.md), {sourced} of {len(packaged)} from a published source, the others "
        "assumed with a stated reason. They are the same in every run."
    )
