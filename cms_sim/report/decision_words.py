"""What an optimisation found, in the words of the report: three sentences, and when the winner stops being best."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.data.parameters import load_parameters
from cms_sim.evaluation.decision.decision import Condition, Decision, Estimate, PlanResult, Region
from cms_sim.evaluation.words import chance, interval, runs_of
from cms_sim.report.advice import source_in_words
from cms_sim.report.answer import fewer
from cms_sim.report.assumptions import value_text
from cms_sim.report.words import MINUS, count, joined, people, quoted, usd

UNSURE: Final = "too few draws to say how sure that is"
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
    """What, how sure, at what cost."""
    winner, reference = decision.plan(decision.winner), f"“{decision.plans[0].title}”"
    return [_what(decision, winner, reference), _how_sure(decision, winner, reference), _what_cost(winner, reference)]


def _what(decision: Decision, winner: PlanResult, reference: str) -> str:
    averted, name = winner.averted_per_year, f"“{winner.title}”"
    size = f"{fewer(averted.mean)} than under {reference}"
    if averted.low is None or averted.high is None:
        return f"These are examples and no advice ({UNSURE}): under {name} {size}."
    if averted.high < 0.0:
        return f"No plan helps: even under {name}, the best that was found, {size} ({ends(averted)} {SURE})."
    if averted.low <= 0.0:
        return (
            f"No plan is distinguishable from {reference}: under {name}, the best that was found, {size}, with a 95% "
            f"interval that includes none ({ends(averted)})."
        )
    others = [decision.plan(each).title for each in decision.not_told_apart if each != decision.winner]
    if not others:
        return f"The best use found is {name}: {size} ({ends(averted)} {SURE})."
    which = quoted(others) if len(others) <= 3 else f"{len(others)} other plans"
    return f"{name} comes first, but {which} cannot be told from it: {size} ({ends(averted)} {SURE})."


def _how_sure(decision: Decision, winner: PlanResult, reference: str) -> str:
    said = []
    if winner.probability_best is not None:
        rivals = sum(plan.probability_best is not None for plan in decision.plans)
        said.append(f"it is the best of {rivals} choices with {chance(winner.probability_best)} probability")
    if winner.expected_regret_per_year is not None:
        said.append(f"choosing it is expected to miss {_small(winner.expected_regret_per_year)} of what is weighed")
    on_average = winner.robustness.share_harm
    draws = f"in {chance(on_average)} of draws" if on_average else "in no draw"
    said.append(f"{draws} of what is not known this plan does harm on average")
    often = runs_of(winner.chance_of_harm) if winner.chance_of_harm else "no run"
    said.append(f"in {often} are more people shot than under {reference}")
    return f"How sure that is: {joined(said)}."


def _what_cost(winner: PlanResult, reference: str) -> str:
    extra, price, averted = winner.cost_usd_per_year, winner.usd_per_averted, winner.averted_per_year
    more = "no more" if abs(extra) < 500.0 else f"{usd(abs(extra))} a year {'more' if extra > 0.0 else 'less'}"
    cost = f"It costs {more} than {reference}"
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
        f"“{decision.plan(region.best_there).title}” is ahead by {_small(-region.lead_per_year.mean)}."
        for region in robust.stops_being_best
    ]
    if not said:
        said.append("No part of what may be true was found in which another plan is clearly ahead; that is no proof.")
    if robust.tree_skill is not None:
        said.append(
            f"These conditions tell {chance(max(0.0, robust.tree_skill))} of how its lead varies; the rest is not told."
        )
    if len(winner.averted_by_hypothesis_per_year) > 1:
        parts = [
            f"{people(each.mean)} people not shot a year under “{_hypothesis(name)}”{_span(each)}"
            for name, each in winner.averted_by_hypothesis_per_year.items()
        ]
        said.append(f"By reading of how violence spreads: {joined(parts)}.")
    if robust.maximum_regret_per_year is not None:
        said.append(f"At worst, over all that was drawn, choosing it misses {_small(robust.maximum_regret_per_year)}.")
    if decision.careful_choice != decision.winner:
        careful = decision.plan(decision.careful_choice)
        least = careful.robustness.maximum_regret_per_year
        at_worst = f": at worst it misses {_small(least)}" if least is not None else ""
        said.append(f"Who wants the least to regret, whatever is true, takes “{careful.title}”{at_worst}.")
    return said


def information(decision: Decision) -> list[str]:
    """What it would be worth to know first."""
    told = decision.information
    known = [each for each in told.by_parameter if each.value_per_year > each.noise_per_year]
    said = [
        f"Knowing all that is not known before choosing would gain {_small(told.everything_per_year)}; in "
        f"{chance(told.changes_the_choice)} of draws another plan would be chosen."
    ]
    if known:
        parts = [f"{_parameter(each.name)} ({_small(each.value_per_year)})" for each in known[:3]]
        said.append(f"Most worth knowing: {'; '.join(parts)}.")
    else:
        said.append("No single unknown is worth knowing first by more than what chance in these runs would show.")
    return said


def break_even(decision: Decision) -> list[str]:
    """From where on the winner pays, by who counts."""
    said = []
    for each in decision.break_even:
        if each.averted_per_year is None or not math.isfinite(each.averted_per_year):
            continue
        share = each.share_of_expected
        verdict = "" if share is None or share <= 0.0 else f", {_verdict(share)}"
        least = f"{people(each.averted_per_year)} people a year"
        said.append(f"By what shootings cost {each.title.lower()} it pays from {least} on{verdict}.")
    return said


def ends(estimate: Estimate) -> str:
    """The interval in words; nothing where there is none."""
    low, high = estimate.low, estimate.high
    if low is None or high is None:
        return ""
    if low < 0.0 < high:
        return f"from {people(-low)} more to {people(high)} fewer"
    return interval(low, high) if high > 0.0 else f"{interval(-high, -low)} more"


def contrasts(decision: Decision) -> list[str]:
    """The winner held against other plans."""
    return [each.sentence.replace("-", MINUS) for each in decision.contrasts]


def assumed(decision: Decision) -> list[str]:
    """Where what is not known comes from, by reading of how violence spreads."""
    said = [
        f"Under “{_hypothesis(name)}”: {_lower(source_in_words(source))}"
        for name, source in decision.parameters.items()
    ]
    return [*said, "Only plans that the problem's rules allow were looked for. Prices are the same in every run."]


def _region(region: Region) -> str:
    return joined([_condition(each) for each in region.conditions]) or region.text


def _condition(each: Condition) -> str:
    if each.value is not None:
        return f"violence spreads as in “{_hypothesis(each.value)}”"
    what = _parameter(each.name)
    low, high = (None if end is None else value_text(end) for end in (each.low, each.high))
    if low is None or high is None:
        return f"“{what}” is above {low}" if high is None else f"“{what}” is at most {high}"
    return f"“{what}” is between {low} and {high}"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _verdict(share: float) -> str:
    return f"{chance(min(share, 1.0))} of what it averts here" if share <= 1.0 else "more than it averts here"


def _span(estimate: Estimate) -> str:
    return f" ({ends(estimate)})" if ends(estimate) else ""


def _price_ends(price: Estimate) -> str:
    return "" if price.low is None or price.high is None else f"{usd(price.low)} to {usd(price.high)}"


def _small(per_year: float) -> str:
    """`0.3 a year`, in what the problem weighs."""
    return "less than 0.1 a year" if abs(per_year) < 0.05 else f"{count(per_year)} a year"


def _hypothesis(name: str) -> str:
    return load_hypotheses()[name].title if name in load_hypotheses() else name


def _parameter(name: str) -> str:
    known = load_parameters().get(name)
    if known is None:
        return "how violence spreads" if name == "hypothesis" else name
    return _lower(known.meaning)
