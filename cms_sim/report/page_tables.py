"""The page's tables as text: plans side by side, the money, precincts, activity, studies, assumptions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cms_sim.evaluation.norms import survey_change
from cms_sim.evaluation.shares import activity, descended_share, matched_per_year
from cms_sim.evaluation.words import chance, cost_brief, interval, number
from cms_sim.report.assumptions import Assumption
from cms_sim.report.sheet import PlanLine, Sheet
from cms_sim.report.words import MINUS, best_in, between, count, extra_usd, nine_in_ten, percent, usd

NONE = "–"


@dataclass(frozen=True)
class TextTable:
    """A table for the page; the first cell of a row is its heading. `numeric` columns are set to the right."""

    caption: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numeric: bool = True
    strong: int | None = None
    """Row that is set in bold."""


def ordered(sheet: Sheet) -> list[PlanLine]:
    """The plans, the one that averts most first, then the references."""
    last = [sheet.lines[k] for k in (sheet.results.reference, sheet.results.no_programme) if k is not None]
    return sorted(sheet.compared, key=lambda line: -line.averted.mean) + last


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
    caption = (
        "Plans side by side. In brackets the 95% interval of the mean. “Best in” and “more shot in”: share of runs."
    )
    return TextTable(caption, headings, rows, strong=0 if sheet.leader else None)


def _plan_row(sheet: Sheet, line: PlanLine) -> tuple[str, ...]:
    shot = count(line.victims_per_year, 1.0)
    if line.index == sheet.results.reference:
        return (line.info.title, shot, "reference", NONE, NONE, NONE, best_in(line), NONE)
    best = NONE if line.index == sheet.results.no_programme else best_in(line)
    return (
        line.info.title,
        shot,
        between(line.averted),
        nine_in_ten(line.averted),
        percent(-line.percent),
        between(line.deaths_averted),
        best,
        chance(line.chance_more_shot),
    )


def money_table(sheet: Sheet) -> TextTable:
    """Costs by fiscal year and for each person not shot."""
    years = sorted({year for line in sheet.lines for year in line.info.cost_by_fiscal_year_usd})
    headings = (
        "Plan",
        "Cost a year",
        "Beyond reference",
        *(f"FY {year}" for year in years),
        "For each person not shot",
    )
    rows = [
        (
            line.info.title,
            usd(line.cost_usd_per_year),
            NONE if line.index == sheet.results.reference else extra_usd(line.extra_usd_per_year),
            *(usd(line.info.cost_by_fiscal_year_usd.get(year, 0.0)) for year in years),
            NONE
            if line.index == sheet.results.reference
            else cost_brief(line.price).replace("-", MINUS).replace(" million", "M"),
        )
        for line in ordered(sheet)
    ]
    caption = "What the plans cost, in nominal US dollars; a fiscal year ends on 30 June. In brackets the 95% interval."
    return TextTable(caption, headings, rows)


def precincts_table(sheet: Sheet) -> TextTable | None:
    """What each precinct has and gains under the plan that averts most."""
    leader, results = sheet.leader, sheet.results
    if leader is None:
        return None
    mean, low, high = sheet.precinct(leader.index)
    shot = results.frame("victims")[:, results.reference].mean(axis=0) / results.years
    order = np.argsort(-mean, kind="stable")
    rows = []
    for s in order:
        number_, name = results.precincts[s], results.precinct_names[s]
        gain = f"{_one(mean[s])} ({_one(low[s])} to {_one(high[s])})" if not math.isnan(low[s]) else _one(mean[s])
        per_head = 1e5 * mean[s] / results.residents[s] if results.residents[s] else math.nan
        site = "new site" if number_ in leader.info.new_precincts else ""
        rows.append((f"{number_} {name}", f"{results.residents[s]:,}", _one(shot[s]), gain, _one(per_head), site))
    headings = (
        "Precinct",
        "Residents",
        "People shot a year, reference",
        "Not shot a year",
        "Per 100,000 residents",
        "Site",
    )
    caption = f"What each precinct gains under “{leader.info.title}” (95% interval of the mean in brackets)."
    return TextTable(caption, headings, rows)


def _one(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".replace("-", MINUS) if not math.isnan(value) else NONE


def activity_table(sheet: Sheet) -> TextTable:
    """What the programme does under each plan."""
    results, done = sheet.results, activity(sheet.results)
    norm, shares, matched = survey_change(results, "norm"), descended_share(results), matched_per_year(results)
    rows = []
    for line in ordered(sheet):
        p = line.index
        rows.append(
            (
                line.info.title,
                _known(done.mediations_per_month[p]),
                _known(100.0 * done.settled_share[p], "%"),
                _known(done.participants[p]),
                _known(100.0 * done.posts_filled_share[p], "%"),
                _known(float(done.enrolments_per_year[p].sum())),
                percent(float(norm.city.mean[p])),
                _known(100.0 * shares.share[p], "%"),
                f"{number(float(matched['averted'][p]))} / {number(float(matched['added'][p]))}"
                if p != results.reference
                else NONE,
            )
        )
    headings = (
        *("Plan", "Mediations a month", "Settled", "People in caseloads", "Posts filled", "Enrolments a year"),
        *("Willingness to use violence", "Shootings that follow from earlier ones", "Shootings averted / added a year"),
    )
    caption = (
        "What the programme does. Willingness to use violence: change over the years compared, men aged 18 to 30. "
        "Averted and added: shootings that are in one of the two runs only."
    )
    return TextTable(caption, headings, rows)


def _known(value: float, unit: str = "") -> str:
    return f"{number(float(value))}{unit}" if not math.isnan(value) else NONE


def studies_table(sheet: Sheet) -> TextTable | None:
    """What a study would report."""
    if not sheet.studies:
        return None
    rows = [
        (
            sheet.results.plans[s.plan].title,
            percent(s.true_percent),
            f"{percent(s.raw_percent)} ({_range(s.raw_low_90, s.raw_high_90)})",
            f"{percent(s.did_percent)} ({_range(s.did_low_90, s.did_high_90)})",
            chance(s.detection_share),
            chance(s.wrong_way_share),
            chance(s.false_alarm_share),
        )
        for s in sheet.studies
    ]
    headings = (
        *("Plan", "True change", "Before and after", "With controls"),
        *("Shows a fall", "Shows a rise", "False alarm"),
    )
    caption = (
        "A study of the new sites, 24 months before and after opening. In brackets: 90 of 100 runs. “Shows”: share of "
        "runs with p < 0.05; “false alarm”: the same where nothing was opened."
    )
    return TextTable(caption, headings, rows)


def _range(low: float, high: float) -> str:
    return interval(low, high).replace("-", MINUS) if not math.isnan(low) else "too few runs"


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
    way = "too few runs" if math.isnan(a.correlation) else "no clear effect"
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
        "; ".join(sides) if sides else "too few runs" if math.isnan(a.correlation) else "not in these runs",
    )
