"""What an optimisation found, in the words of the report: three sentences, and when the winner stops being best."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.data.parameters import load_parameters
from cms_sim.evaluation.decision.decision import Condition, Decision, Estimate, PlanResult, Region
from cms_sim.evaluation.decision.rivals import SURE, named_plans, people_of
from cms_sim.evaluation.decision.words import (
    first_choice,
    harm,
    is_plain,
    missed,
    not_found,
    nothing_more,
    one_replicate,
    parameter,
    single_runs,
    too_few,
    weighed,
    weighing,
)
from cms_sim.evaluation.words import chance, fewer_between, joined
from cms_sim.report.advice import source_in_words
from cms_sim.report.assumptions import value_text
from cms_sim.report.words import MINUS, ends_of, fewer, people, posts_in_words, quoted, services_in_words, usd

MOST_PLANS: Final = 14
"""Beside the reference; more do not fit on eight pages."""
NOT_COUNTED: Final = (
    "What cannot be counted here: whom residents trust, who is there to be hired, and what else the money could do."
)
FINALIST: Final = "finalist"
"""Kind of a plan that came out of the search."""


def question(decision: Decision) -> str:
    """What was asked."""
    budget = decision.problem.get("budget", {})
    each = "a year" if budget.get("recurring", True) else "in all"
    money = f"{usd(float(budget['usd_per_year']))} {each}" if "usd_per_year" in budget else "the budget"
    if services := budget.get("wraparound_usd_per_year"):
        money = f"{money}, and {usd(float(services))} {each} for services and hospital responders,"
    places = [part.precinct for part in decision.plan(decision.winner).precincts if part.in_play]
    where = f"precinct{'s' * (len(places) != 1)} {joined([str(number) for number in places])}"
    return (
        f"What is the best use of {money} in {where} from {_day(decision.starts)} to {_day(decision.ends)}, beyond "
        f"“{decision.plans[0].title}”?"
    )


def three_sentences(decision: Decision) -> list[str]:
    """What and at what cost; whether a plan that the question names averts more; how sure. A fourth where a plan that
    may be chosen averts more victims, but what is weighed favours another."""
    winner, reference = decision.plan(decision.winner), f"“{decision.plans[0].title}”"
    first = f"{_what(decision, winner, reference).removesuffix('.')}; {_what_cost(winner)}"
    return [first, *weighing(decision), named_plans(decision).replace("-", MINUS), _how_sure(decision)]


def _what(decision: Decision, winner: PlanResult, reference: str) -> str:
    averted, name = winner.averted_per_year, f"“{winner.title}”"
    size = f"{fewer(averted.mean)} {'than' if averted.mean else 'as'} under {reference}"
    if averted.low is None or averted.high is None:
        return f"These are examples and no advice: {too_few(decision)}. Under {name} {size}."
    if averted.low == averted.high == 0.0:
        ahead = nothing_more(decision) or "Nothing that was found averts anything."
        return f"{ahead} Under {name}, the first of the plans, {size}, in every run."
    span = ends_of(averted.mean, averted.low, averted.high)
    if (leads := nothing_more(decision)) is not None:
        return f"{leads} Under that plan {size} ({span} {SURE})."
    if averted.high < 0.0:
        return f"No plan that was found helps: even under {name}, the best of them, {size} ({span} {SURE})."
    if averted.low <= 0.0 and decision.is_advice:
        return (
            f"{name} comes first by what is weighed ({weighed(decision)}); that fewer people are shot is not shown: "
            f"{size}, with a 95% interval that includes none ({span})."
        )
    if averted.low <= 0.0:
        return (
            f"No plan that was found is distinguishable from {reference}: under {name}, the best of them, {size}, with "
            f"a 95% interval that includes none ({span})."
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
        short = missed(decision, winner.expected_regret_per_year)
        said.append(f"it is expected to fall short of the best choice by {short}")
    said += [_lower(each).removesuffix(".") for each in single_runs(winner)]
    said.append(_lower(harm(decision)).removesuffix("."))
    return f"How sure that is: {'; '.join(said)}."


def _what_cost(winner: PlanResult) -> str:
    extra, price, averted = winner.cost_usd_per_year, winner.usd_per_averted, winner.averted_per_year
    more = "no more" if abs(extra) < 500.0 else f"{usd(abs(extra))} a year {'more' if extra > 0.0 else 'less'}"
    cost = f"it costs {more}"
    if averted.high is not None and averted.high < 0.0:
        return f"{cost}, and there is no price for a person not shot, because more are shot."
    if averted.low is None or averted.low <= 0.0:
        return f"{cost}; what a person not shot costs cannot be said, because it is not shown that any is spared."
    if price is None:
        return f"{cost}, so the people not shot come at no extra cost to the programme."
    return f"{cost}, which is about {usd(price.mean)} for each person not shot{_what_price_hangs_on(winner)}."


def _what_price_hangs_on(winner: PlanResult) -> str:
    """How far the price may be off: by what is not known, which more runs would not make less."""
    expected, price, extra = winner.expected_range_per_year, winner.usd_per_averted, winner.cost_usd_per_year
    if expected is None:
        return f" ({_price_ends(price)} {SURE})" if price is not None and _price_ends(price) else ""
    low, high = expected
    if low <= 0.0:
        return f" ({usd(extra / high)} at best, and no bound above, over what is not known)" if high > 0.0 else ""
    return f" ({usd(extra / high)} to {usd(extra / low)} over what is not known: {_between(low, high)} people a year)"


def _between(low: float, high: float) -> str:
    return f"{people(low)} to {people(high)}"


def stops_being_best(decision: Decision) -> list[str]:
    """Under which assumptions another plan is ahead, and how much of that is known."""
    winner, robust = decision.plan(decision.winner), decision.plan(decision.winner).robustness
    said = [
        f"Where {_region(region)}, which is {chance(region.share_of_futures)} of what may be true, "
        f"“{decision.plan(region.best_there).title}” is ahead by {missed(decision, -region.lead_per_year.mean)}."
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
        worst = missed(decision, robust.maximum_regret_per_year)
        said.append(f"At worst, over all that was drawn, it falls short of the best choice by {worst}.")
    if decision.careful_choice is not None and decision.careful_choice != decision.winner:
        careful = decision.plan(decision.careful_choice)
        least = careful.robustness.maximum_regret_per_year
        at_worst = f": at worst it falls short by {missed(decision, least)}" if least is not None else ""
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


def as_precise(mean: float, said: str) -> str:
    """A mean with as many decimals as its ends as they are `said`: 1.24 beside `1.23 to 1.25`."""
    decimals = max((len(part) for part in re.findall(r"\.(\d+)", said)), default=0)
    return f"{round(mean, decimals) + 0.0:,.{decimals}f}".replace("-", MINUS)


def contrasts(decision: Decision) -> list[str]:
    """The winner held against other plans; the reference has the answer's first sentence."""
    said = [
        sentence.replace("-", MINUS)
        for each in decision.contrasts
        if each.role != "reference"
        for sentence in (each.sentence, each.for_its_money)
        if sentence is not None
    ]
    return [*_alike(decision), *said]


def _alike(decision: Decision) -> list[str]:
    """How far apart the plans lie that one search found."""
    averted = [plan.averted_per_year.mean for plan in decision.plans if plan.kind == FINALIST]
    if len(averted) < 2:
        return []
    apart = people_of(max(averted) - min(averted))
    return [f"The {len(averted)} plans that came out of the search lie at most {apart} people not shot a year apart."]


def assumed(decision: Decision) -> list[str]:
    """Where what is not known comes from, by reading of how violence spreads."""
    readings: dict[str, list[str]] = {}
    for name, source in decision.parameters.items():
        readings.setdefault(_lower(source_in_words(source)), []).append(_hypothesis(name))
    said = [f"Under {quoted(names)}: {words}" for words, names in readings.items()]
    weights = (
        "What is weighed: people not shot, each alike."
        if is_plain(decision)
        else f"What is weighed, by which “best” and “miss” are meant: {weighed(decision)}."
    )
    return [
        weights,
        *said,
        *_drawn(decision),
        *_rules(decision),
        NOT_COUNTED,
    ]


def _drawn(decision: Decision) -> list[str]:
    """How many numbers are drawn, and of how many no figure is published; none where that was not kept."""
    known = load_parameters()
    names = [each.name for each in decision.information.by_parameter] if decision.information else []
    drawn = [known[name] for name in names if name in known]
    if not drawn:
        return []
    guessed = sum(each.source_class == "assumed" for each in drawn)
    effort = decision.effort
    draws, readings = min(effort.draws.values()), len(effort.draws)
    numbered, of_each = (", numbered alike under each reading,", " of each") if readings > 1 else ("", "")
    return [
        f"Not known and therefore drawn: {len(drawn)} number{'s' * (len(drawn) != 1)}, {guessed or 'none'} of them "
        f"without a published figure, only a stated reason and a wide range. {draws} draws of them{numbered} are taken "
        f"in turn for the {effort.fresh_replicates // readings} histories{of_each}."
    ]


def _rules(decision: Decision) -> list[str]:
    """The question's own rules, which somebody set: another rule may have another answer."""
    from pydantic import ValidationError

    from cms_sim.experiment.optimise.problem import Rules

    said = "Only plans that the question's rules allow were looked for"
    try:
        rules = Rules.model_validate(decision.problem.get("rules", {}))
    except ValidationError:
        return [f"{said}."]
    sites = f"{rules.sites_at_least} to {rules.sites_at_most} new sites in each of its precincts that has none"
    least, most = (posts_in_words(staff.model_dump()) for staff in (rules.minimum_staff, rules.most_staff))
    places = services_in_words(rules.most_services.model_dump())
    cap = f"; at most {usd(rules.most_usd_per_year)} a year in one precinct" if rules.most_usd_per_year else ""
    return [
        f"{said}: {sites}; at a new site at least {least}, at most {most}, which may also be added to a site that is "
        f"there; in a precinct at most {places} places{cap}. Other rules may have another answer."
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
