"""The tables on the page, as text: plans, money, precincts, parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cms_sim.evaluation.record import recent_victims_per_year
from cms_sim.evaluation.words import chance, number
from cms_sim.report.assumptions import Assumption
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.text_table import TextTable, ordered
from cms_sim.report.words import (
    MINUS,
    NONE,
    best_in,
    between,
    count,
    extra_usd,
    nine_in_ten,
    percent,
    price,
    price_of_average,
    price_of_runs,
    usd,
)


def plans_table(sheet: Sheet) -> TextTable:
    """Plans side by side."""
    headings = (
        "Plan",
        "People shot a year",
        "Not shot a year",
        "90 of 100 runs",
        "Change",
        "Deaths averted a year",
        "Best in",
        "More shot in",
    )
    rows = [_plan_row(sheet, line) for line in ordered(sheet)]
    brackets = " In brackets the 95% interval of the mean. “Best in” and “more shot in”: share of runs."
    caption = f"Plans side by side.{'' if sheet.too_few else brackets}"
    return TextTable(caption, headings, rows, strong=0 if sheet.leader else None)


def _plan_row(sheet: Sheet, line: PlanLine) -> tuple[str, ...]:
    shot = count(line.victims_per_year, 1.0)
    if line.index == sheet.results.reference:
        return (line.info.title, shot, "reference", NONE, NONE, NONE, best_in(sheet, line), NONE)
    return (
        line.info.title,
        shot,
        between(line.averted),
        nine_in_ten(line.averted),
        percent(-line.percent),
        between(line.deaths_averted),
        best_in(sheet, line),
        NONE if sheet.too_few else chance(line.chance_more_shot),
    )


def money_table(sheet: Sheet) -> TextTable:
    """Costs by fiscal year, and for each person not shot with both its ranges."""
    years = sorted({year for line in sheet.lines for year in line.info.cost_by_fiscal_year_usd})
    headings = (
        "Plan",
        "Cost a year",
        "Beyond reference",
        *(f"FY {year}" for year in years),
        "For each person not shot",
        "95% interval of that average",
        "90 of 100 runs",
    )
    rows = [
        (
            line.info.title,
            usd(line.cost_usd_per_year),
            NONE if line.index == sheet.results.reference else extra_usd(line.extra_usd_per_year),
            *(usd(line.info.cost_by_fiscal_year_usd.get(year, 0.0)) for year in years),
            *_prices(sheet, line),
        )
        for line in ordered(sheet)
    ]
    prices = (
        " For each person not shot: the average, how surely these runs know it, and where it falls in single runs, as "
        "one future may."
    )
    caption = (
        "What the plans cost, in nominal US dollars; a fiscal year ends on 30 June."
        f"{'' if sheet.too_few else prices} Unit costs do not vary in the runs."
    )
    return TextTable(caption, headings, rows)


def _prices(sheet: Sheet, line: PlanLine) -> tuple[str, str, str]:
    if line.index in (sheet.results.reference, sheet.results.no_programme):
        return NONE, NONE, NONE
    return price(line.price, line.averted), price_of_average(line.price), price_of_runs(line.price)


def precincts_table(sheet: Sheet) -> TextTable | None:
    """What each precinct has and gains under the plan that averts most."""
    leader, results = sheet.leader, sheet.results
    if leader is None:
        return None
    mean, low, high = sheet.precinct(leader.index)
    shot = results.frame("victims")[:, results.reference].mean(axis=0) / results.years
    recorded = recent_victims_per_year(results, sheet.city)
    order = np.argsort(-mean, kind="stable")
    rows = []
    for s in order:
        number_, name = results.precincts[s], results.precinct_names[s]
        gain = f"{_one(mean[s])} ({_one(low[s])} to {_one(high[s])})" if not math.isnan(low[s]) else _one(mean[s])
        per_head = 1e5 * mean[s] / results.residents[s] if results.residents[s] else math.nan
        site = "new site" if number_ in leader.info.new_precincts else ""
        levels = (_one(recorded[s]), _one(shot[s]))
        rows.append((f"{number_} {name}", f"{results.residents[s]:,}", *levels, gain, _one(per_head), site))
    headings = (
        "Precinct",
        "Residents",
        "People shot a year, record 2017-2019",
        "People shot a year, reference",
        "Not shot a year",
        "Per 100,000 residents",
        "Site",
    )
    brackets = "" if sheet.too_few else " (95% interval of the mean in brackets)"
    caption = f"What each precinct gains under “{leader.info.title}”{brackets}."
    return TextTable(caption, headings, rows)


def _one(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".replace("-", MINUS) if not math.isnan(value) else NONE


def assumptions_table(found: Sequence[Assumption]) -> TextTable:
    """Every uncertain parameter, where it comes from, and whether the advice hangs on it."""
    rows = [_assumption_row(a) for a in found]
    headings = (
        "What is not known",
        "Drawn from",
        "Source",
        "Identified by",
        "If it is higher",
        "Does the advice change?",
    )
    caption = (
        "Uncertain parameters, 90 of 100 draws. “Assumed” has a stated reason and a wide prior instead of a published "
        "figure; “prior only” means that no count of this city can correct it."
    )
    return TextTable(caption, headings, rows, numeric=False)


def _value(value: float) -> str:
    """A parameter's value to two digits, however small."""
    return number(value) if abs(value) >= 1.0 else f"{value:.2g}"


def _assumption_row(a: Assumption) -> tuple[str, ...]:
    known = a.known
    meaning = f"{known.meaning} ({a.name})" if known else a.name
    source = (
        ("assumed" if known.source_class == "assumed" else f"evidence {', '.join(known.source)}") if known else NONE
    )
    alone = math.isnan(a.correlation)
    way = NONE if alone else "no clear effect"
    if a.moves_result:
        way = "more is averted" if a.correlation > 0 else "less is averted"
    sides = [
        f"{side} {_value(a.middle)}: “{rival}” averts more"
        for side, rival in zip(("below", "above"), a.rivals, strict=True)
        if rival
    ]
    unit = f" {known.unit}" if known and known.unit not in ("share", "ratio") else ""
    return (
        meaning,
        f"{_value(a.low)} to {_value(a.high)}{unit}",
        source,
        known.identified_by if known else NONE,
        way,
        "; ".join(sides) if sides else NONE if alone else "not in these runs",
    )
