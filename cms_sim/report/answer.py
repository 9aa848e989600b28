"""The question, and the answer in three sentences: what, how sure, at what cost. As sure as the runs are and no surer.

The sentences are made from a `Found`, so that what they say of small, uncertain and harmful effects can be tested word
for word, and a search for the best plan speaks as a comparison does.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cms_sim.evaluation.intervals import FEWEST_DRAWS
from cms_sim.evaluation.money import Quadrant
from cms_sim.evaluation.words import fewer_between, interval, joined, runs_of
from cms_sim.report.plan_notes import moves_hours
from cms_sim.report.sheet import Estimate, PlanLine, Sheet
from cms_sim.report.words import (
    FEWEST_FOR_RANGE,
    NO_AVERAGE,
    NO_RANGE,
    count,
    ends_of,
    fewer,
    nine_in_ten,
    people,
    price_of_average,
    quoted,
    usd,
    years_told,
)

WIDE = 1.0
"""Width of an interval, as a share of its mean, beyond which the ends are said and not the mean."""


@dataclass(frozen=True)
class Found:
    """What an answer is made of: the plan that averts most, and what it is held against. Names are titles."""

    reference: str
    leader: PlanLine
    others: Sequence[PlanLine] = ()
    """The other plans compared."""
    tied: Sequence[str] = ()
    """Those of them that cannot be told from the leader on average."""
    moves_hours: bool = False
    """Whether the leader's teams work other hours than the reference's: no plan pays for hours."""


def found_in(sheet: Sheet) -> Found | None:
    """What a comparison found; None where there is no plan beside the references."""
    leader = sheet.leader
    if leader is None:
        return None
    others = [line for line in sheet.compared if line.index != leader.index]
    tied = [line.info.title for line in others if line.index in sheet.best.not_told_apart]
    return Found(sheet.reference.title, leader, others, tied, moves_hours(sheet, leader.index))


def question(sheet: Sheet) -> str:
    """What was asked."""
    results = sheet.results
    first, last = results.months[results.first_month], results.months[-1]
    where = f"from {month(first)} to {month(last)} in {len(results.precincts)} precincts of {sheet.city.name}"
    if sheet.leader is None and sheet.without:
        return f"How many more people would be shot {where} without the programme of “{sheet.reference.title}”?"
    return (
        f"How many people would not be shot {where} under each plan, compared with “{sheet.reference.title}”, "
        "and what would that cost?"
    )


def answer(sheet: Sheet) -> list[str]:
    """Three sentences: what, how sure, at what cost; fewer where there is less to say."""
    found, reference = found_in(sheet), f"“{sheet.reference.title}”"
    if found is None:
        return _without(sheet, sheet.without, reference) if sheet.without else [_alone(sheet, reference)]
    if sheet.too_few:
        one = sheet.replicates == 1
        examples, over = ("This is an example", "In it") if one else ("These are examples", "On average over them")
        return [
            f"{examples} of what may happen and no forecast: {NO_AVERAGE}.",
            f"{over}, under “{found.leader.info.title}” {fewer(found.leader.averted.mean)} than under {reference}.",
        ]
    return [what(found), how_sure(found), what_cost(found)]


def what(found: Found) -> str:
    """What the best plan averts on average, and whether it is told from the others and from none."""
    leader, name, reference = found.leader, f"“{found.leader.info.title}”", f"“{found.reference}”"
    averted, all_plans = leader.averted, len(found.others) + 1
    sure = f"{_ends(averted)} with 95% confidence in the average"
    if averted.mean == 0.0 and averted.low == averted.high:
        first = "No plan is" if found.others else f"{name} is not"
        return f"{first} distinguishable from {reference}: the same number of people are shot in every run."
    if not averted.clear:
        return _not_clear(found, name, reference)
    if averted.mean < 0.0:
        if all_plans == 1:
            return f"{name} does harm: {fewer(averted.mean)} than under {reference} ({sure})."
        worse = f"{fewer(averted.mean)} than under {reference} ({sure})"
        return f"No plan helps: even under {name}, the best of them, {worse}."
    said = f"{fewer(averted.mean)} than under {reference} ({sure}; {_share(leader.percent)} of all)"
    if averted.high - averted.low > WIDE * averted.mean:
        years = years_told(averted.mean)
        ends = fewer_between(years * averted.low, years * averted.high).replace(" to ", " and ")
        when = "a year" if years == 1 else "in ten years"
        said = (
            f"between {ends} fewer people are shot {when} than under {reference}, with 95% confidence in the average "
            f"({_share(leader.percent)} of all at the middle)"
        )
    if all_plans == 1:
        return f"Under {name} {said}."
    if not found.tied:
        return f"{name} averts most of the {all_plans} plans: {said}."
    if len(found.tied) == len(found.others):
        return f"No plan is distinguishable from the best: under {name}, the first of {all_plans}, {said}."
    others = f"{quoted(found.tied)} cannot be told from it"
    return f"No single plan is shown to be best: under {name}, the first of {all_plans}, {said}, and {others}."


def _not_clear(found: Found, name: str, reference: str) -> str:
    averted, ends = found.leader.averted, _ends(found.leader.averted)
    shown = [line for line in found.others if line.averted.clear and line.averted.mean > 0.0]
    if shown:
        best = max(shown, key=lambda line: line.averted.mean)
        return (
            f"Of the plans shown to avert anything “{best.info.title}” averts most: {fewer(best.averted.mean)} than "
            f"under {reference} ({_ends(best.averted)} with 95% confidence in the average); {name} has the higher "
            f"average, but its interval includes none ({ends})."
        )
    lead = f"No plan is distinguishable from {reference}" if found.others else f"{name} is not distinguishable from "
    lead += "" if found.others else reference
    under = f"under {name}, the best of them," if found.others else "under it"
    return f"{lead}: {under} {fewer(averted.mean)} on average, with a 95% interval that includes none ({ends})."


def how_sure(found: Found) -> str:
    """How far one future may lie from the average, and in what share of runs the plan does harm."""
    leader, reference = found.leader, f"“{found.reference}”"
    harm = leader.chance_more_shot
    said = []
    if math.isnan(leader.averted.run_low):
        said.append(f"how far one future may lie from that average is not said ({NO_RANGE})")
    elif leader.averted.run_low == leader.averted.run_high:
        said.append(f"nearly every run gives the same: {fewer(leader.averted.run_low)}")
    else:
        said.append(f"in nine runs of ten {_futures(leader.averted)}")
    if harm == 0.0:
        said.append(f"in no run are more people shot than under {reference}")
    else:
        said.append(f"in {runs_of(harm)} this plan does harm: more people are shot than under {reference}")
    if found.others and leader.averted.mean > 0.0:
        said.append(f"it is the best plan in {runs_of(leader.chance_best)}")
    harmful = [line.info.title for line in found.others if line.averted.clear and line.averted.mean < 0.0]
    if harmful and leader.averted.mean >= 0.0:
        said.append(f"under {quoted(harmful)} more people are shot on average")
    return f"One future may turn out otherwise: {joined(said)}."


def what_cost(found: Found) -> str:
    """Money beyond the reference, and for each person not shot; or why there is no such price."""
    leader, reference = found.leader, f"“{found.reference}”"
    extra, averted, price = leader.extra_usd_per_year, leader.averted, leader.price
    name = f"“{leader.info.title}”" if found.others else "It"
    cost = f"{name} costs {_more(extra)} than {reference}"
    if found.moves_hours:
        cost += " (its teams' hours are moved without extra pay, which is assumed)"
    if averted.clear and averted.mean < 0.0:
        return f"{cost}; there is no price for a person not shot, because more are shot."
    if not averted.clear:
        return (
            f"{cost}; what a person not shot costs cannot be said, because these runs do not show that any is spared."
        )
    if price.quadrant is Quadrant.SAVES_AVERTS or math.isnan(price.usd):
        return f"{cost}, so the people not shot come at no extra cost to the programme."
    return (
        f"{cost}, which is about {usd(price.usd)} for each person not shot ({price_of_average(price)} with 95% "
        "confidence in the average)."
    )


def readings(found: Mapping[str, Found], known: Sequence[str]) -> str:
    """Whether the answer is the same under both readings of how violence spreads. `found` is by the reading's title;
    `known` are the titles of all readings."""
    left = [title for title in known if title not in found]
    if len(found) == 1:
        (only,) = found
        other = f"; under {quoted(left)} the answer may be another, and these runs do not say" if left else ""
        return f"All of this is under one reading of how violence spreads, “{only}”{other}."
    parts = [
        f"“{each.leader.info.title}” under “{title}” ({fewer(each.leader.averted.mean)}, {_ends(each.leader.averted)})"
        if each.leader.averted.clear and each.leader.averted.mean > 0.0
        else f"no plan that is shown to avert under “{title}”"
        for title, each in found.items()
    ]
    helps = [each.leader for each in found.values() if each.leader.averted.clear and each.leader.averted.mean > 0.0]
    same = len(helps) == len(found) and len({line.info.name for line in helps}) == 1
    if same:
        sizes = joined([f"{fewer(each.leader.averted.mean)} under “{title}”" for title, each in found.items()])
        return f"Under both readings of how violence spreads “{helps[0].info.title}” averts most: {sizes}."
    return f"The answer depends on how violence spreads: {joined(parts)}."


def standing(sheet: Sheet) -> str:
    """What kind of numbers these are, before any of them is read."""
    number = f"{sheet.replicates} times" if sheet.replicates > 1 else "once"
    return (
        f"These numbers come from a simulation, not from a count. Each plan was run {number} through the same possible "
        "histories (a run is one history), with what is not known drawn anew each time. What hangs on assumptions is "
        "said at the end."
    )


def harms(sheet: Sheet) -> list[str]:
    """The plans under which more people are shot in some runs, in a sentence; none where the runs are too few."""
    if sheet.too_few or not sheet.compared:
        return []
    often = sorted(sheet.compared, key=lambda line: -line.chance_more_shot)
    said = [f"“{line.info.title}” in {runs_of(line.chance_more_shot)}" for line in often if line.chance_more_shot > 0.0]
    reference = f"“{sheet.reference.title}”"
    if not said:
        return [f"No plan does harm in any run: in none are more people shot than under {reference}."]
    others = "; the others in no run" if len(said) < len(often) else ""
    return [f"Harm, that is more people shot than under {reference}: {joined(said)}{others}."]


def cautions(sheet: Sheet) -> list[str]:
    """What a reader must know of the runs before the answer is used: broken off, or few."""
    runs, asked = sheet.replicates, sheet.results.replicates_asked
    said = []
    if sheet.results.is_part:
        said.append(
            f"The runs were broken off: {runs} of {asked} are finished. The draws of what is not known cover their "
            f"ranges evenly only when all {asked} are in, so these may lie to one side."
        )
    if runs < FEWEST_FOR_RANGE:
        number = "One run" if runs == 1 else f"{runs} runs"
        average = f"; no interval of an average under {FEWEST_DRAWS}" if sheet.too_few else ""
        said.append(f"{number} of each plan: no range of single runs is given under {FEWEST_FOR_RANGE}{average}.")
    return said


def month(value: object) -> str:
    """`July 2020` of a month such as 2020-07."""
    year, number = str(value).split("-")[:2]
    return f"{calendar.month_name[int(number)]} {year}"


def _alone(sheet: Sheet, reference: str) -> str:
    victims = sheet.lines[sheet.results.reference].victims_per_year
    shot = f"under it {count(victims, 1.0)} people a year are shot"
    return f"Only {reference} was run, so there is nothing to compare; {shot}."


def _without(sheet: Sheet, line: PlanLine, reference: str) -> list[str]:
    """What happens without the programme, where no plan was asked for."""
    averted = line.averted
    more = Estimate(-averted.mean, -averted.high, -averted.low, -averted.run_high, -averted.run_low)
    runs = sheet.replicates
    often = runs_of(line.chance_more_shot) if line.chance_more_shot else "no run"
    if sheet.too_few:
        often = f"{round(line.chance_more_shot * runs)} of {runs} run{'s' * (runs != 1)}"
    sure = NO_AVERAGE if math.isnan(more.low) else f"{_ends(averted)} with 95% confidence in the average"
    futures = f"there are {NO_RANGE}" if math.isnan(more.run_low) else f"{nine_in_ten(more)} more in nine runs of ten"
    return [
        f"Without the programme {fewer(averted.mean)} than under {reference} ({sure}).",
        f"More people are shot without it in {often}; {futures}.",
        f"The programme of {reference} costs {usd(-line.extra_usd_per_year)} a year.",
    ]


def _ends(averted: Estimate) -> str:
    return ends_of(averted.mean, averted.low, averted.high)


def _futures(averted: Estimate) -> str:
    low, high = averted.run_low, averted.run_high
    if low < 0.0 < high:
        return f"the number lies anywhere from {people(-low)} more to {people(high)} fewer people shot a year"
    word, ends = ("fewer", interval(low, high)) if high > 0.0 else ("more", interval(abs(high), abs(low)))
    return f"{ends} {word} people are shot a year"


def _share(percent: float) -> str:
    return f"{percent:.1f}%" if percent >= 0.1 else "less than 0.1%"


def _more(extra_usd: float) -> str:
    if abs(extra_usd) < 500.0:
        return "no more"
    return f"{usd(abs(extra_usd))} a year {'more' if extra_usd > 0.0 else 'less'}"
