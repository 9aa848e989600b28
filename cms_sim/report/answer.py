"""The answer in three short parts, as sure as the runs are and no surer."""

from __future__ import annotations

import calendar
import math

from cms_sim.evaluation.intervals import FEWEST_DRAWS
from cms_sim.evaluation.money import CostPerAverted, Quadrant, Shape
from cms_sim.evaluation.words import chance, interval, runs_of
from cms_sim.report.plan_notes import hours_and_money, moves_hours
from cms_sim.report.sheet import Estimate, PlanLine, Sheet
from cms_sim.report.words import (
    FEWEST_FOR_RANGE,
    NO_AVERAGE,
    NO_RANGE,
    count,
    joined,
    nine_in_ten,
    price_of_average,
    usd,
    usd_between,
)


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
    """Three parts: what, at what cost, how sure."""
    leader, reference = sheet.leader, f"“{sheet.reference.title}”"
    if leader is None:
        return _without(sheet, sheet.without, reference) if sheet.without else [_alone(sheet, reference)]
    if sheet.too_few:
        one = sheet.replicates == 1
        examples, over = ("This is an example", "In it") if one else ("These are examples", "On average over them")
        return [
            f"{examples} of what may happen and no forecast: {NO_AVERAGE}.",
            f"{over}, under “{leader.info.title}” {_fewer(leader.averted.mean)} a year than under {reference}.",
        ]
    return [_what(leader, reference), _cost(sheet, leader), _how_sure(sheet, leader, reference)]


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
    sure = NO_AVERAGE if math.isnan(more.low) else f"{interval(more.low, more.high)} with 95% confidence in the average"
    return [
        f"Without the programme {_fewer(averted.mean)} a year than under {reference} ({sure}); "
        f"{_futures(more, 'more')}.",
        f"The programme of {reference} costs {usd(-line.extra_usd_per_year)} a year.",
        f"More people are shot without it in {often}.",
    ]


def _what(leader: PlanLine, reference: str) -> str:
    averted, name = leader.averted, f"“{leader.info.title}”"
    runs = _futures(averted, "not shot")
    if not averted.clear:
        return (
            f"No plan can be told from {reference}: under {name} {_fewer(averted.mean)} a year on average, and {runs}."
        )
    if averted.mean < 0.0:
        return f"No plan helps: even under {name} {_fewer(averted.mean)} a year than under {reference}, and {runs}."
    span = interval(averted.low, averted.high)
    return (
        f"{name} averts most: about {count(averted.mean)} people a year are not shot who would be under {reference} "
        f"({span} with 95% confidence in the average; {leader.percent:.1f}% of all), and {runs}."
    )


def _futures(people: Estimate, what: str) -> str:
    if math.isnan(people.run_low):
        return f"there are {NO_RANGE}"
    return f"in nine runs of ten the number {what} lies between {_and(nine_in_ten(people))}"


def _cost(sheet: Sheet, leader: PlanLine) -> str:
    extra = leader.extra_usd_per_year
    difference = f"{usd(abs(extra))} a year {'more' if extra > 0.0 else 'less'}" if abs(extra) >= 500.0 else "no more"
    cost = f"It costs {difference} than the reference"
    if moves_hours(sheet, leader.index):
        cost += " (its teams' hours are moved without extra pay, which is assumed)"
    price, deaths = leader.price, leader.deaths_averted
    if not leader.averted.clear or leader.averted.mean <= 0.0 or math.isnan(price.usd):
        return f"{cost}; a price for each person not shot cannot be given."
    died = ""
    if deaths.clear and deaths.mean > 0.0:
        died = f" About {count(deaths.mean)} of those not shot in a year would have died."
    average = f"{price_of_average(price)} with 95% confidence in the average"
    more = [f"{cost}, about {usd(price.usd)} for each person not shot ({average}); {_prices(price)}.{died}"]
    return " ".join([*more, *_better_buys(sheet, leader), *filter(None, [hours_and_money(sheet, leader.index)])])


def _better_buys(sheet: Sheet, leader: PlanLine) -> list[str]:
    """Plans that avert at a clearly lower price than the leader: the 95% intervals of the average prices are apart."""
    least = leader.price.fieller.low
    bounded = [line for line in sheet.compared if line.averted.clear and line.price.fieller.shape is Shape.BOUNDED]
    cheaper = sorted((line for line in bounded if line.price.fieller.high < least), key=lambda line: line.price.usd)
    free = [line for line in sheet.compared if line.averted.clear and line.price.quadrant is Quadrant.SAVES_AVERTS]
    named = [f"“{line.info.title}” (fewer people, for no more money)" for line in free]
    named += [f"“{line.info.title}” ({usd(line.price.usd)}, {price_of_average(line.price)})" for line in cheaper]
    return [f"{joined(named)} {'buys' if len(named) == 1 else 'buy'} more per dollar."] if named else []


def _prices(price: CostPerAverted) -> str:
    if math.isnan(price.low_90_usd):
        return f"there are {NO_RANGE}"
    if math.isinf(price.high_90_usd):
        return f"in single runs from {usd(price.low_90_usd)} up without limit, for in some nobody is spared"
    return f"in nine runs of ten between {_and(usd_between(price.low_90_usd, price.high_90_usd))}"


def _how_sure(sheet: Sheet, leader: PlanLine, reference: str) -> str:
    titles = [plan.title for plan in sheet.results.plans]
    others = [line for line in sheet.compared if line.index != leader.index]
    tied = [titles[k] for k in sheet.best.not_told_apart if k not in (leader.index, sheet.results.reference)]
    harm = leader.chance_more_shot
    more = f"in {chance(harm) + ' of its runs' if harm else 'no run'} are more people shot than under {reference}"
    if not others:
        return f"{more[0].upper()}{more[1:]}."
    apart = "on average every other plan averts clearly less"
    if tied:
        apart = f"on average it cannot be told from {joined([f'“{title}”' for title in tied])}"
    return f"It averts most in {runs_of(leader.chance_best)}; {apart}; {more}."


def month(value: object) -> str:
    """`July 2020` of a month such as 2020-07."""
    year, number = str(value).split("-")[:2]
    return f"{calendar.month_name[int(number)]} {year}"


def _fewer(mean: float) -> str:
    return f"{count(abs(mean))} {'fewer' if mean >= 0.0 else 'more'} people are shot"


def _and(span: str) -> str:
    return span.replace(" to ", " and ")
