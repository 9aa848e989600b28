"""The tables on the page, as text: plans, money, precincts, parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cms_sim.data.parameters import PRIOR_ONLY
from cms_sim.evaluation.words import chance
from cms_sim.report.assumptions import Assumption, value_text
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.text_table import TextTable, ordered
from cms_sim.report.words import (
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

FEW: Final = 6
"""Assumptions in the report; the details have all."""


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
    leader = sheet.leader
    shown = leader is not None and leader.averted.clear and leader.averted.mean > 0.0
    return TextTable(caption, headings, rows, strong=0 if shown else None)


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
    known = len(headings) - 2 * sheet.too_few
    return TextTable(caption, headings[:known], [row[:known] for row in rows])


def _prices(sheet: Sheet, line: PlanLine) -> tuple[str, str, str]:
    if line.index in (sheet.results.reference, sheet.results.no_programme):
        return NONE, NONE, NONE
    return price(line.price, line.averted), price_of_average(line.price), price_of_runs(line.price)


def few_assumptions_table(found: Sequence[Assumption]) -> TextTable:
    """The assumptions that matter most, in plain words."""
    headings = (
        "What is not known",
        "Nine in ten draws lie in",
        "Rests on",
        "If it is higher",
        "Does the advice change?",
    )
    rows = [
        (a.known.meaning if a.known else a.name, drawn, source, higher, changes)
        for a, (_, drawn, source, _, higher, changes) in ((a, _assumption_row(a)) for a in found[:FEW])
    ]
    which = f"The {FEW} assumptions of {len(found)} on which most hangs" if len(found) > FEW else "The assumptions"
    caption = f"{which}. “Assumed”: a stated reason and a wide range instead of a published figure."
    return TextTable(caption, headings, rows, numeric=False)


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
        "Uncertain parameters, 90 of 100 draws. “Assumed” has a stated reason and a wide prior instead of a "
        "published figure; “prior only” means that no count of this city can correct it."
    )
    return TextTable(caption, headings, rows, numeric=False)


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
        f"{side} {value_text(a.middle)}: “{rival}” averts more"
        for side, rival in zip(("below", "above"), a.rivals, strict=True)
        if rival
    ]
    unit = f" {known.unit}" if known and known.unit not in ("share", "ratio") else ""
    return (
        meaning,
        f"{value_text(a.low)} to {value_text(a.high)}{unit}",
        source,
        PRIOR_ONLY if a.prior_only else known.identified_by if known else NONE,
        way,
        "; ".join(sides) if sides else NONE if alone else "not in these runs",
    )
