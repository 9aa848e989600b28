"""The tables on what the programme does and on what a study would find, as text."""

from __future__ import annotations

import math

import numpy as np

from cms_sim.engine.arrays import SERVICE_NAMES
from cms_sim.evaluation.best import wilson
from cms_sim.evaluation.norms import survey_change
from cms_sim.evaluation.shares import activity, contagion_share, imported_share, matched_per_year, retaliation_share
from cms_sim.evaluation.studies import SIGNIFICANT_P
from cms_sim.evaluation.words import chance, interval, number
from cms_sim.experiment.summary import SAMPLE
from cms_sim.report.sheet import Sheet
from cms_sim.report.text_table import TextTable, ordered
from cms_sim.report.words import MINUS, NONE, percent


def activity_table(sheet: Sheet) -> TextTable:
    """What the programme does under each plan."""
    results, done = sheet.results, activity(sheet.results)
    norm, trust = survey_change(results, "norm"), survey_change(results, "trust")
    retaliation, contagion = retaliation_share(results), contagion_share(results)
    matched = matched_per_year(results)
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
                percent(float(norm.city.mean[p])),
                percent(float(trust.city.mean[p])),
                _known(100.0 * retaliation.share[p], "%"),
                _known(100.0 * contagion.share[p], "%"),
                f"{number(float(matched['averted'][p]))} / {number(float(matched['added'][p]))}"
                if p != results.reference
                else NONE,
            )
        )
    headings = (
        *("Plan", "Mediations a month", "Settled", "People in caseloads", "Posts filled"),
        *("Willingness to use violence", "Trust in police", "Retaliations", "Contagion"),
        "Shootings averted / added a year",
    )
    outside = _known(100.0 * imported_share(results).share[results.reference], "%")
    caption = (
        "What the programme does. Willingness to use violence and trust in police: change over the years compared, "
        f"asked of {SAMPLE} men aged 18 to 30 with street ties in each precinct. Retaliations and contagion: share of "
        "shootings that answer an earlier one, and that otherwise grow from one, in these precincts; those that grow "
        f"from shootings elsewhere are in neither ({outside} under the reference). Averted and added: shootings that "
        "are in one of the two runs only."
    )
    return TextTable(caption, headings, rows)


def services_table(sheet: Sheet) -> TextTable | None:
    """Enrolments by kind of service; None where nobody enrols."""
    enrolled = activity(sheet.results).enrolments_per_year
    if not enrolled.any():
        return None
    rows = [
        (line.info.title, *(number(float(each)) for each in enrolled[line.index]), number(enrolled[line.index].sum()))
        for line in ordered(sheet)
    ]
    headings = ("Plan", *(name.replace("_", " ").capitalize() for name in SERVICE_NAMES), "All")
    return TextTable("Enrolments a year in services, by kind.", headings, rows)


def _known(value: float, unit: str = "") -> str:
    return f"{number(float(value))}{unit}" if not math.isnan(value) else NONE


def studies_table(sheet: Sheet) -> TextTable | None:
    """What a study would report, of the plan and of the reference."""
    if not sheet.studies:
        return None
    rows = [
        (
            sheet.results.plans[s.plan].title,
            percent(s.true_percent),
            percent(s.raw_percent) + _range(s.raw_low_90, s.raw_high_90),
            percent(s.did_percent) + _range(s.did_low_90, s.did_high_90),
            percent(s.did_reference_percent) + _range(s.did_reference_low_90, s.did_reference_high_90),
            _shares(sheet, s.fall_share, s.rise_share),
            _shares(sheet, s.false_fall_share, s.false_rise_share),
        )
        for s in sheet.studies
    ]
    headings = (
        *("Plan", "True change", "Before and after", "With controls", "With controls, nothing opened"),
        *("Shows a fall / a rise", "The same, nothing opened"),
    )
    brackets = "; in brackets 90 of 100 runs" if sheet.has_ranges else ""
    shows = f" “Shows”: share of runs in which the change with controls has p < {SIGNIFICANT_P:g}, two-sided."
    caption = (
        f"A study of the new sites' precincts, 24 months before and after opening, all runs together{brackets}. "
        f"“Nothing opened”: the same study under the reference.{'' if sheet.too_few else shows}"
    )
    return TextTable(caption, headings, rows)


def false_alarms(sheet: Sheet) -> str:
    """How often the study's test sees something where nothing was opened, and why where that is above its level."""
    shares = np.array(sorted(study.false_alarm_share for study in sheet.studies))
    lowest, highest = chance(shares[0]), chance(shares[-1])
    span = lowest if lowest == highest else f"{lowest} to {highest}"
    nominal = f"The test is two-sided: where nothing was opened it should see a change in {chance(SIGNIFICANT_P)}"
    if sheet.too_few:
        return f"{nominal} of runs."
    if wilson(shares, sheet.replicates)[0].max() <= SIGNIFICANT_P:
        return f"{nominal} of runs; here it does in {span}."
    return (
        f"{nominal} of runs, but here it does in {span}, for its usual error counts chance alone and not that each "
        "precinct has better and worse years of its own."
    )


def _shares(sheet: Sheet, falls: float, rises: float) -> str:
    return NONE if sheet.too_few else f"{chance(falls)} / {chance(rises)}"


def _range(low: float, high: float) -> str:
    """In brackets; nothing where the runs are too few for a range."""
    return "" if math.isnan(low) else f" ({interval(low, high).replace('-', MINUS)})"
