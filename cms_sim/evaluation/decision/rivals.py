"""The winner held against other plans: one by one, and what must be known first of those that the question names.

A named plan may spend other money in other places, and is no choice then; but nobody should first hear from others
that it averts more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from cms_sim.evaluation.decision.decision import Contrast, Decision, Estimate, PlanResult
from cms_sim.evaluation.words import chance, fewer_between, joined, many, money, number

NAMED: Final = "named"
"""Role of a plan that the question names for comparison."""
SURE: Final = "with 95% confidence in the average"
LEAST_SHARE: Final = 0.005
"""Of a plan's money: less than that elsewhere is not worth a word."""
LEAST_USD: Final = 500.0
"""A year: with less between them two plans cost as much."""


class Standing(Enum):
    """How a named plan stands to the winner."""

    AHEAD = 0
    """It averts clearly more: the interval of the difference leaves out 0."""
    LEVEL = 1
    """They cannot be told apart."""
    BEHIND = 2


@dataclass(frozen=True)
class Named:
    """The named plans that stand best: the one that averts most of them, and the others."""

    standing: Standing
    first: Contrast
    others: tuple[Contrast, ...]


def contrast_sentence(winner: str, other: str, ahead: Estimate, apart: bool, extra_usd_per_year: float) -> str:
    """The winner against one other plan: people shot, and what it costs beyond it."""
    if ahead.low is None or ahead.high is None:
        return f"“{winner}” and “{other}”: too few draws to tell them apart."
    cost = f"“{winner}” costs {extra_money(extra_usd_per_year)}"
    if ahead.low == ahead.high == 0.0:
        return f"Under “{winner}” and “{other}” the same people are shot in every run; {cost}."
    if not apart:
        said = f"{either_way(ahead)} people are shot a year under the first"
        return f"“{winner}” and “{other}” cannot be told apart: {said}; {cost}."
    size = people_shot(ahead.mean, "fewer" if ahead.mean > 0.0 else "more")
    return f"Under “{winner}” {size} than under “{other}” ({_ends(ahead)}); {cost}."


def extra_money(usd_per_year: float) -> str:
    """`$1.2 million a year more`."""
    if abs(usd_per_year) < LEAST_USD:
        return "as much"
    return f"{money(abs(usd_per_year))} a year {'more' if usd_per_year > 0.0 else 'less'}"


def people_of(difference: float) -> str:
    """The size of a difference: `10`, `less than 0.1`."""
    return number(abs(difference)) if abs(difference) >= 0.05 else "less than 0.1"


def people_shot(difference: float, word: str) -> str:
    """`2.8 fewer people are shot a year`; `word` is fewer or more."""
    size = people_of(difference)
    return f"{size} {word} {'person is' if size == '1' else 'people are'} shot a year"


def best_named(decision: Decision) -> Named | None:
    """The named plans that avert clearly more than the winner; else those that cannot be told from it; else all."""
    by_standing: dict[Standing, list[Contrast]] = {}
    for contrast in sorted(decision.contrasts, key=lambda each: each.difference_per_year.mean):
        if contrast.role == NAMED:
            by_standing.setdefault(_standing(contrast), []).append(contrast)
    for standing in Standing:
        if standing in by_standing:
            first, *others = by_standing[standing]
            return Named(standing, first, tuple(others))
    return None


def _standing(contrast: Contrast) -> Standing:
    if not contrast.told_apart:
        return Standing.LEVEL
    return Standing.AHEAD if contrast.difference_per_year.mean < 0.0 else Standing.BEHIND


def named_plans(decision: Decision) -> str:
    """In one sentence: whether a plan that the question names averts more than the winner, which, by how much, and why
    it is not the advice; else which cannot be told from it; else which comes nearest."""
    named = best_named(decision)
    if named is None:
        return "The question names no other plan to hold it against."
    gap = named.first.difference_per_year
    if gap.low is None or gap.high is None:
        winner, plan = decision.plan(decision.winner), decision.plan(named.first.plan)
        return f"Draws are too few to tell “{winner.title}” from “{plan.title}”, named for comparison."
    says = {Standing.AHEAD: _ahead, Standing.LEVEL: _level, Standing.BEHIND: _behind}
    return says[named.standing](decision, named)


def _ahead(decision: Decision, named: Named) -> str:
    winner, plan = decision.plan(decision.winner), decision.plan(named.first.plan)
    why = f"{_why_not(decision, winner, plan)}{_too(decision, winner, named.others)}"
    return f"{_shot_under(decision, named, 'fewer')}; {why}."


def _level(decision: Decision, named: Named) -> str:
    winner, plan, gap = decision.plan(decision.winner), decision.plan(named.first.plan), named.first.difference_per_year
    said = f"{either_way(gap)} people are shot a year under “{winner.title}”"
    if gap.low == gap.high == 0.0:
        said = "the same people are shot in every run"
    more = extra_money(plan.cost_usd_per_year - winner.cost_usd_per_year)
    others = f", and neither can {many(len(named.others), 'other named plan')}" if named.others else ""
    told = f"“{plan.title}”, named for comparison, cannot be told from “{winner.title}”: {said}"
    return f"{told}; it costs {more}{others}."


def _behind(decision: Decision, named: Named) -> str:
    others = f"; under {many(len(named.others), 'other named plan')} still more are" if named.others else ""
    return f"{_shot_under(decision, named, 'more')}{others}."


def _shot_under(decision: Decision, named: Named, word: str) -> str:
    """How many people fewer or more (`word`) are shot under the first named plan than the winner, for what money."""
    winner, plan, gap = decision.plan(decision.winner), decision.plan(named.first.plan), named.first.difference_per_year
    extra = plan.cost_usd_per_year - winner.cost_usd_per_year
    cost = extra_money(extra) if abs(extra) >= LEAST_USD else "as much money"
    than = f"than under “{winner.title}” ({_ends(gap)} {SURE})"
    return f"Under “{plan.title}”, named for comparison, {people_shot(gap.mean, word)} {than}, for {cost}"


def _why_not(decision: Decision, winner: PlanResult, plan: PlanResult) -> str:
    """Why a plan that averts more is not what is advised; that nothing was found against it, where that is so."""
    reasons = _reasons(decision, winner, plan)
    if not reasons:
        return f"nothing that was checked speaks against it, so weigh it before “{winner.title}”"
    return f"it is not the advice because {joined(reasons)}"


def _reasons(decision: Decision, winner: PlanResult, plan: PlanResult) -> list[str]:
    """What speaks against a plan that averts more, weightiest first; nothing where nothing was found."""
    low, reference = plan.averted_per_year.low, decision.plans[0].title
    reasons = [
        *([] if low is not None and low > 0.0 else [f"it is not shown to spare anybody beyond “{reference}”"]),
        *_elsewhere(plan),
        *(["it costs more than the budget"] if plan.within_budget is False else []),
        *_broken(plan),
    ]
    if plan.score_per_year.mean < winner.score_per_year.mean:
        reasons.append("by what is weighed it is behind")
    if not reasons and plan.cost_usd_per_year > winner.cost_usd_per_year + LEAST_USD:
        reasons.append("it costs more")
    return reasons


def _elsewhere(plan: PlanResult) -> list[str]:
    """What of its money, or of its sites, lies in precincts that the question is not about."""
    outside = [part for part in plan.precincts if not part.in_play]
    spent = sum(max(0.0, part.usd_per_year) for part in plan.precincts)
    share = sum(max(0.0, part.usd_per_year) for part in outside) / spent if spent else 0.0
    if share >= LEAST_SHARE:
        return [f"{chance(share)} of its money goes to precincts outside the question"]
    if any(abs(part.usd_per_year) >= LEAST_USD for part in outside):
        return ["it takes money from precincts outside the question"]
    return []


def _broken(plan: PlanResult) -> list[str]:
    """Where it breaks the rules of the question."""
    where = [str(number) for number in plan.breaks_rules_in or ()]
    asked = sum(part.in_play for part in plan.precincts)
    if not where:
        return []
    if len(where) == 1:
        return [f"it breaks the question's rules in precinct {where[0]}"]
    everywhere = "both" if asked == 2 else f"all {asked}"
    several = everywhere if len(where) == asked else f"{len(where)} of {asked}"
    return [f"it breaks the question's rules in {several} precincts"]


def _too(decision: Decision, winner: PlanResult, others: tuple[Contrast, ...]) -> str:
    """That others avert more as well: one by its name with what weighs most against it, more by their number."""
    if not others:
        return ""
    if len(others) > 1:
        return f"; under {many(len(others), 'other named plan')} fewer are shot, too"
    gap, plan = others[0].difference_per_year, decision.plan(others[0].plan)
    reasons = _reasons(decision, winner, plan)
    why = f"but {reasons[0]}" if reasons else "and nothing that was checked speaks against it"
    return f"; under “{plan.title}”, too, {people_of(gap.mean)} fewer are shot ({_ends(gap)}), {why}"


def _ends(gap: Estimate) -> str:
    """The interval of a difference that leaves out 0, without its sign."""
    assert gap.low is not None and gap.high is not None
    return fewer_between(gap.low, gap.high).removesuffix(" more")


def either_way(gap: Estimate) -> str:
    """The interval of a difference that may go either way: `from 1 more to 3 fewer`."""
    assert gap.low is not None and gap.high is not None
    ends = fewer_between(gap.low, gap.high)
    return ends if "fewer" in ends or "more" in ends else f"{ends} fewer"
