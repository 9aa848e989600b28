"""What is assumed, which assumption decides the ranking, and what would change the advice, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.data.shooting_costs import load_lenses
from cms_sim.evaluation.economics.returns import break_even
from cms_sim.evaluation.intervals import FEWEST_DRAWS
from cms_sim.evaluation.money import Quadrant, Shape
from cms_sim.evaluation.words import joined
from cms_sim.report.answer import Found, found_in, readings
from cms_sim.report.assumptions import FEWEST_RUNS, Assumption, value_text
from cms_sim.report.plan_notes import hours_and_money, plan_notes
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.words import NO_RANGE, count, people, price_of_average, quoted, usd, usd_between

MOST_NAMED: Final = 3
"""Assumptions that a sentence names; the table has the others."""
SOURCES: Final = {
    "priors": "What is not known of the programme and of violence is drawn from ranges that are published or assumed; "
    "they were not fitted to this city's record.",
    "posterior": "What is not known of the programme and of violence is drawn from ranges fitted to this city's "
    "record of "
    "2006-2019; where the record says nothing, they are as published or assumed.",
    "fixed": "What is not known of the programme and of violence has one value throughout, so that only chance varies.",
}
"""By how the source of the draws begins."""


def assumed(sheet: Sheet, found: Sequence[Assumption]) -> list[str]:
    """What every number here takes for granted."""
    guessed = sum(a.known is not None and a.known.source_class == "assumed" for a in found)
    drawn = f" What is drawn anew for each run: {len(found)} number{'s' * (len(found) != 1)}" if found else ""
    if found:
        drawn += (
            f", of which {guessed} without a published figure, only a stated reason and a wide range."
            if guessed
            else "."
        )
    source = source_in_words(str(sheet.results.provenance.get("parameters", "not recorded")))
    return [
        f"{source}{drawn} Prices, and whatever is not in the list of what is drawn, are the same in every run.",
        readings(_reading(sheet), [each.title for each in load_hypotheses().values()]),
        *plan_notes(sheet),
    ]


def decides(sheet: Sheet, found: Sequence[Assumption]) -> list[str]:
    """Which assumption decides the ranking, and which the size of the effect."""
    leader = sheet.leader
    if leader is None:
        return ["No plan was compared, so there is no ranking that an assumption could decide."]
    if sheet.replicates < FEWEST_RUNS:
        return [f"There are too few runs to say which assumption decides the ranking (at least {FEWEST_RUNS})."]
    if not found:
        return ["No parameter was varied, so these runs cannot say which assumption decides the ranking."]
    changing = [a for a in found if a.changes_advice]
    moving = [a for a in found if a.moves_result]
    prior_only = [a for a in changing if a.prior_only]
    said = []
    if changing:
        said.append(f"The ranking is decided by: {_meanings(changing)}. The table says which plan leads at which end.")
    elif len(sheet.compared) > 1:
        said.append(
            "No single assumption decides the ranking: in no half of the draws of any one does another plan clearly "
            "avert "
            f"more than “{leader.info.title}”."
        )
    if prior_only:
        said.append(f"No count of this city can settle {_meanings(prior_only)}: there the ranking rests on judgement.")
    if moving:
        said.append(f"How many people are not shot depends most clearly on: {_meanings(moving)}.")
    if unsettled := [a for a in moving[:MOST_NAMED] if a.prior_only]:
        said.append(f"No count of this city can settle {_meanings(unsettled)}: there that number rests on judgement.")
    said.append("Assumptions were looked at one at a time; together they may do what none does alone.")
    return said


def would_change(sheet: Sheet, found: Sequence[Assumption]) -> list[str]:
    """What, if it turned out so, would speak for another plan or for none."""
    answer = found_in(sheet)
    if answer is None:
        return ["No plan was compared, so there is no advice."]
    if sheet.too_few:
        return [f"There are too few runs for any advice: an average takes {FEWEST_DRAWS}."]
    leader = answer.leader
    if not leader.averted.clear or leader.averted.mean < 0.0:
        return [
            f"These runs give no reason to prefer “{leader.info.title}” to “{answer.reference}”: evidence that it "
            "averts "
            "people shot would be needed first, from more runs where the effect is small, from a study where it is "
            "not known."
        ]
    said = [*_ties(answer), *_cheaper(sheet, leader), *_break_even(sheet, leader)]
    said += [
        f"{_upper(_meanings([a]))}: if it is {side} {value_text(a.middle)}, “{rival}” averts more."
        for a in [each for each in found if each.changes_advice][:MOST_NAMED]
        for side, rival in zip(("below", "above"), a.rivals, strict=True)
        if rival
    ]
    if hours := hours_and_money(sheet, leader.index):
        said.append(hours)
    return [
        *said,
        "What cannot be counted here: whom residents trust, who is there to be hired, and what else the money could "
        "do.",
    ]


def price_notes(sheet: Sheet) -> list[str]:
    """What the leading plan's price is in single futures, and how many of those not shot would have died."""
    leader = sheet.leader
    if leader is None or sheet.too_few or not leader.averted.clear or leader.averted.mean <= 0.0:
        return []
    price, deaths, said = leader.price, leader.deaths_averted, []
    if not math.isnan(price.usd):
        said.append(
            f"For each person not shot under “{leader.info.title}”: {_of_runs(price.low_90_usd, price.high_90_usd)}."
        )
    if deaths.clear and deaths.mean > 0.0:
        said.append(f"About {people(deaths.mean)} of the people not shot in a year would have died.")
    return said


def source_in_words(source: str) -> str:
    """Where the ranges of what is not known come from, in plain words."""
    for start, meaning in SOURCES.items():
        if source.startswith(start):
            return meaning
    return f"What is not known of the programme and of violence is drawn from ranges (source: {source})."


def _reading(sheet: Sheet) -> dict[str, Found]:
    """The answer under the reading that these runs have, where there is one."""
    known, answer = load_hypotheses(), found_in(sheet)
    name = sheet.results.hypothesis
    return {known[name].title if name in known else name: answer} if answer else {}


def _ties(answer: Found) -> list[str]:
    if not answer.tied:
        return []
    return [
        f"{quoted([answer.leader.info.title, *answer.tied])} are not told apart by these runs: who gets the sites, "
        "what "
        "they cost and who is ready to run them may decide between them."
    ]


def _cheaper(sheet: Sheet, leader: PlanLine) -> list[str]:
    """Plans that avert at a clearly lower price than the leader: the 95% intervals of the average prices are apart."""
    least = leader.price.fieller.low
    bounded = [line for line in sheet.compared if line.averted.clear and line.price.fieller.shape is Shape.BOUNDED]
    cheaper = sorted((line for line in bounded if line.price.fieller.high < least), key=lambda line: line.price.usd)
    shown = [line for line in sheet.compared if line.averted.clear and line is not leader]
    free = [line for line in shown if line.price.quadrant is Quadrant.SAVES_AVERTS]
    named = [f"“{line.info.title}” (fewer people, for no more money)" for line in free]
    named += [f"“{line.info.title}” ({usd(line.price.usd)}, {price_of_average(line.price)})" for line in cheaper]
    if not named or leader.price.quadrant is Quadrant.SAVES_AVERTS:
        return []
    return [f"Less money: {joined(named)} {'buys' if len(named) == 1 else 'buy'} more per dollar."]


def _break_even(sheet: Sheet, leader: PlanLine) -> list[str]:
    """How far the effect may shrink before the plan no longer pays, by who pays."""
    even = [
        (lens.title.lower(), next(each for each in break_even(sheet.results, lens) if each.plan == leader.index))
        for lens in load_lenses().values()
    ]
    priced = [(title, each.averted_per_year) for title, each in even if math.isfinite(each.averted_per_year)]
    if not priced:
        return []
    parts = [f"by what shootings cost {title} it {_pays(leader, needed)}" for title, needed in priced]
    lead = f"Another size of effect than about {people(leader.averted.mean)} people not shot a year"
    return [f"{lead}: {'; '.join(parts)}."]


def _pays(leader: PlanLine, needed: float) -> str:
    if leader.averted.low <= needed <= leader.averted.high:
        return f"pays from {people(needed)} a year on, which these runs neither show nor rule out"
    if leader.averted.low > needed:
        return f"pays from {people(needed)} a year on"
    return f"does not pay under {people(needed)} a year"


def _of_runs(low: float, high: float) -> str:
    if math.isnan(low):
        return f"there are {NO_RANGE}"
    if math.isinf(high):
        return f"in single runs from {usd(low)} up without limit, for in some nobody is spared"
    return f"in nine runs of ten {usd_between(low, high)}"


def _meanings(found: Sequence[Assumption]) -> str:
    named = [f"{a.known.meaning[0].lower()}{a.known.meaning[1:]}" if a.known else a.name for a in found]
    more = f"; and {count(len(named) - MOST_NAMED, 1.0)} more" if len(named) > MOST_NAMED else ""
    return "; ".join(named[:MOST_NAMED]) + more


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
