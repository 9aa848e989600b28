"""What an optimisation found, in the words of the report: three sentences, and when the winner stops being best."""

from __future__ import annotations

from datetime import date
from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.decision.decision import Condition, Decision, Estimate, PlanResult, Region
from cms_sim.evaluation.decision.words import (
    first_choice,
    harm,
    is_plain,
    not_found,
    nothing_more,
    one_replicate,
    parameter,
    small,
    too_few,
    weighed,
    weighing,
)
from cms_sim.evaluation.words import chance, fewer_between
from cms_sim.report.advice import source_in_words
from cms_sim.report.assumptions import value_text
from cms_sim.report.words import MINUS, ends_of, fewer, joined, people, quoted, usd

MOST_PLANS: Final = 14
"""Beside the reference; more do not fit on eight pages."""
SURE: Final = "with 95% confidence in the average"


def question(decision: Decision) -> str:
    """What was asked."""
    budget = decision.problem.get("budget", {})
    money = f"{usd(float(budget['usd_per_year']))} a year" if "usd_per_year" in budget else "the budget"
    places = [part.precinct for part in decision.plan(decision.winner).precincts if part.in_play]
    where = f"precinct{'s' * (len(places) != 1)} {joined([str(number) for number in places])}"
    return (
        f"What is the best use of {money} in {where} from {_day(decision.starts)} to {_day(decision.ends)}, beyond "
        f"“{decision.plans[0].title}”?"
    )


def three_sentences(decision: Decision) -> list[str]:
    """What, how sure, at what cost; a fourth where another plan averts more victims than what is weighed favours."""
    winner, reference = decision.plan(decision.winner), f"“{decision.plans[0].title}”"
    first = [_what(decision, winner, reference), *weighing(decision)]
    return [*first, _how_sure(decision), _what_cost(winner, reference)]


def _what(decision: Decision, winner: PlanResult, reference: str) -> str:
    averted, name = winner.averted_per_year, f"“{winner.title}”"
    size = f"{fewer(averted.mean)} than under {reference}"
    if averted.low is None or averted.high is None:
        return f"These are examples and no advice: {too_few(decision)}. Under {name} {size}."
    span = ends_of(averted.mean, averted.low, averted.high)
    if (leads := nothing_more(decision)) is not None:
        return f"{leads} Under that plan {size} ({span} {SURE})."
    if averted.high < 0.0:
        return f"No plan helps: even under {name}, the best that was found, {size} ({span} {SURE})."
    if averted.low <= 0.0 and decision.is_advice:
        return (
            f"{name} comes first by what is weighed ({weighed(decision)}); that fewer people are shot is not shown: "
            f"{size}, with a 95% interval that includes none ({span})."
        )
    if averted.low <= 0.0:
        return (
            f"No plan is distinguishable from {reference}: under {name}, the best that was found, {size}, with a 95% "
            f"interval that includes none ({span})."
        )
    others = [decision.plan(each).title for each in decision.not_told_apart if each != decision.winner]
    if not others:
        return f"The best use found is {name}: {size} ({span} {SURE})."
    which = quoted(others) if len(others) <= 3 else f"{len(others)} other plans"
    return f"{name} comes first, but {which} cannot be told from it: {size} ({span} {SURE})."


def _how_sure(decision: Decision) -> str:
    winner, best, said = decision.plan(decision.winner), first_choice(decision), []
    if best is not None:
        said.append(best)
    if decision.is_advice and winner.expected_regret_per_year is not None:
        said.append(f"choosing it is expected to miss {small(winner.expected_regret_per_year)} of what is weighed")
    said.append(_lower(harm(decision)).removesuffix("."))
    return f"How sure that is: {'; '.join(said)}."


def _what_cost(winner: PlanResult, reference: str) -> str:
    extra, price, averted = winner.cost_usd_per_year, winner.usd_per_averted, winner.averted_per_year
    more = "no more" if abs(extra) < 500.0 else f"{usd(abs(extra))} a year {'more' if extra > 0.0 else 'less'}"
    cost = f"“{winner.title}” costs {more} than {reference}"
    if averted.high is not None and averted.high < 0.0:
        return f"{cost}; there is no price for a person not shot, because more are shot."
    if averted.low is None or averted.low <= 0.0:
        return f"{cost}; what a person not shot costs cannot be said, because it is not shown that any is spared."
    if price is None:
        return f"{cost}, so the people not shot come at no extra cost to the programme."
    span = f" ({_price_ends(price)} {SURE})" if _price_ends(price) else ""
    return f"{cost}, which is about {usd(price.mean)} for each person not shot{span}."


def stops_being_best(decision: Decision) -> list[str]:
    """Under which assumptions another plan is ahead, and how much of that is known."""
    winner, robust = decision.plan(decision.winner), decision.plan(decision.winner).robustness
    said = [
        f"Where {_region(region)}, which is {chance(region.share_of_futures)} of what may be true, "
        f"“{decision.plan(region.best_there).title}” is ahead by {small(-region.lead_per_year.mean)}."
        for region in robust.stops_being_best
    ]
    if said and robust.tree_skill is not None:
        said.append(f"These conditions tell {chance(robust.tree_skill)} of how its lead varies; the rest is not told.")
    if not said:
        said.append(not_found(decision))
    if len(winner.averted_by_hypothesis_per_year) > 1:
        parts = [
            f"{_signed(each.mean)} a year under “{_hypothesis(name)}”{_span(each)}"
            for name, each in winner.averted_by_hypothesis_per_year.items()
        ]
        said.append(f"People shot, by reading of how violence spreads: {joined(parts)}.")
    if (reason := one_replicate(decision)) is not None:
        said.append(reason)
    if robust.maximum_regret_per_year is not None:
        said.append(f"At worst, over all that was drawn, choosing it misses {small(robust.maximum_regret_per_year)}.")
    if decision.careful_choice is not None and decision.careful_choice != decision.winner:
        careful = decision.plan(decision.careful_choice)
        least = careful.robustness.maximum_regret_per_year
        at_worst = f": at worst it misses {small(least)}" if least is not None else ""
        said.append(f"Who wants the least to regret, whatever is true, takes “{careful.title}”{at_worst}.")
    return said


def told_plans(decision: Decision) -> tuple[PlanResult, ...]:
    """The plans of pictures and tables beside the reference: the winner and the highest scores."""
    return decision.plans[1 : 1 + MOST_PLANS]


def left_out(decision: Decision) -> str:
    """How many plans a table leaves out, at the end of its caption."""
    more = len(decision.plans) - 1 - len(told_plans(decision))
    return f" {more} more stand in plans.csv." if more else ""


def ends(estimate: Estimate) -> str:
    """The interval in words; nothing where there is none."""
    low, high = estimate.low, estimate.high
    return "" if low is None or high is None else fewer_between(low, high)


def contrasts(decision: Decision) -> list[str]:
    """The winner held against other plans; the reference has the answer's first sentence."""
    return [each.sentence.replace("-", MINUS) for each in decision.contrasts if each.role != "reference"]


def assumed(decision: Decision) -> list[str]:
    """Where what is not known comes from, by reading of how violence spreads."""
    said = [
        f"Under “{_hypothesis(name)}”: {_lower(source_in_words(source))}"
        for name, source in decision.parameters.items()
    ]
    weights = (
        "What is weighed: people not shot, each alike."
        if is_plain(decision)
        else f"What is weighed, by which “best” and “miss” are meant: {weighed(decision)}."
    )
    return [
        weights,
        *said,
        "Only plans that the problem's rules allow were looked for.",
    ]


def _region(region: Region) -> str:
    return joined([_condition(each) for each in region.conditions]) or region.text


def _condition(each: Condition) -> str:
    if each.value is not None:
        return f"violence spreads as in “{_hypothesis(each.value)}”"
    what = parameter(each.name)
    low, high = (None if end is None else value_text(end) for end in (each.low, each.high))
    if low is None or high is None:
        return f"“{what}” is above {low}" if high is None else f"“{what}” is at most {high}"
    return f"“{what}” is between {low} and {high}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _span(estimate: Estimate) -> str:
    return f" ({ends(estimate)})" if ends(estimate) else ""


def _price_ends(price: Estimate) -> str:
    return "" if price.low is None or price.high is None else f"{usd(price.low)} to {usd(price.high)}"


def _signed(averted: float) -> str:
    return f"{people(abs(averted))} {'fewer' if averted >= 0.0 else 'more'}"


def _hypothesis(name: str) -> str:
    return load_hypotheses()[name].title if name in load_hypotheses() else name
