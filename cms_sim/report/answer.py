"""The answer in three sentences, as sure as the runs are and no surer."""

from __future__ import annotations

import calendar
import math

from cms_sim.evaluation.words import chance, interval, money
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.words import count, joined, nine_in_ten, usd


def question(sheet: Sheet) -> str:
    """What was asked."""
    results = sheet.results
    first, last = results.months[results.first_month], results.months[-1]
    return (
        f"How many people would not be shot from {month(first)} to {month(last)} in {len(results.precincts)} "
        f"precincts of {sheet.city.name} under each plan, compared with “{sheet.reference.title}”, "
        "and what would that cost?"
    )


def answer(sheet: Sheet) -> list[str]:
    """Three sentences: what, at what cost, how sure."""
    leader, reference = sheet.leader, f"“{sheet.reference.title}”"
    if leader is None:
        victims = sheet.lines[sheet.results.reference].victims_per_year
        shot = f"under it {count(victims, 1.0)} people a year are shot"
        return [f"Only {reference} was run, so there is nothing to compare; {shot}."]
    if math.isnan(leader.averted.low):
        return [
            "These are the numbers of one run: an example of what may happen, not a forecast.",
            f"In it, under “{leader.info.title}”, {_fewer(leader.averted.mean)} a year than under {reference}.",
            "More runs are needed to say how sure that is.",
        ]
    return [_what(leader, reference), _cost(leader), _how_sure(sheet, leader, reference)]


def _what(leader: PlanLine, reference: str) -> str:
    averted, name = leader.averted, f"“{leader.info.title}”"
    runs = f"in nine runs of ten the number not shot lies between {_and(nine_in_ten(averted))}"
    if math.isnan(averted.run_low):
        runs = "there are too few runs to say between what numbers nine runs of ten fall"
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


def _cost(leader: PlanLine) -> str:
    extra = leader.extra_usd_per_year
    difference = f"{usd(abs(extra))} a year {'more' if extra > 0.0 else 'less'}" if abs(extra) >= 500.0 else "no more"
    cost = f"It costs {difference} than the reference"
    price, deaths = leader.price, leader.deaths_averted
    if not leader.averted.clear or leader.averted.mean <= 0.0 or math.isnan(price.usd):
        return f"{cost}; a price for each person not shot cannot be given."
    span = f" ({interval(price.fieller.low, price.fieller.high, money)})" if price.fieller.low > 0.0 else ""
    died = ""
    if deaths.clear and deaths.mean > 0.0:
        died = f"; about {count(deaths.mean)} of those not shot in a year would have died"
    return f"{cost}, about {usd(price.usd)} for each person not shot{span}{died}."


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
    return f"It averts most in {chance(leader.chance_best)} of runs; {apart}; {more}."


def month(value: object) -> str:
    """`July 2020` of a month such as 2020-07."""
    year, number = str(value).split("-")[:2]
    return f"{calendar.month_name[int(number)]} {year}"


def _fewer(mean: float) -> str:
    return f"{count(abs(mean))} {'fewer' if mean >= 0.0 else 'more'} people are shot"


def _and(span: str) -> str:
    return span.replace(" to ", " and ")
