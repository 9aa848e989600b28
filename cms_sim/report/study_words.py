"""How a study should measure what a plan does, in sentences: what the runs say of studies of its size, and what to
settle before the first site opens."""

from __future__ import annotations

import math
from typing import Final

from cms_sim.evaluation.studies import WINDOW_MONTHS, Study
from cms_sim.evaluation.words import chance, interval
from cms_sim.report.sheet import Sheet
from cms_sim.report.words import MINUS, percent

ENOUGH_POWER: Final = 0.8
"""Share of runs in which a study should show a true change: the custom of the field."""
BEFOREHAND: Final = (
    "Write down before the first site opens, and publish: which precincts, which months before and after, which "
    "precincts "
    "they are held against, what is counted (people shot, and those who die, from the police department's public "
    "list), "
    "and what result would count against the plan.",
    "Use a comparison group and never before-and-after alone; judge the change against other start months and other "
    "precincts in the same record, for precincts have good and bad years of their own.",
    "Report the range and not only whether it is “significant”, and publish whatever comes out. Opening sites in "
    "turn, in "
    "an order drawn by lot, would measure more than any calculation afterwards.",
)


def study_of_leader(sheet: Sheet) -> Study | None:
    """The study of the leading plan's new sites, or else of the first plan that has one."""
    leader = sheet.leader
    own = [study for study in sheet.studies if leader is not None and study.plan == leader.index]
    return next(iter([*own, *sheet.studies]), None)


def study_advice(sheet: Sheet) -> list[str]:
    """Sentences: what a usual study would find, then what to settle beforehand."""
    study = study_of_leader(sheet)
    if study is None:
        return [
            "No plan here opens new sites with two years of record on each side of the opening, so no study of single "
            "precincts could measure it; only holding whole years of the city against others would be left, which "
            "cannot tell the plan from everything else that changes.",
            *BEFOREHAND,
        ]
    return [*_found(sheet, study), *BEFOREHAND]


def _found(sheet: Sheet, study: Study) -> list[str]:
    title, sites = sheet.results.plans[study.plan].title, study.sites
    opens = f"“{title}” opens new sites in {sites} precinct{'s' * (sites != 1)}"
    if sheet.too_few or math.isnan(study.true_percent):
        return [f"{opens}; there are too few runs to say what a study of them would report."]
    truth = (
        f"In the runs the people shot there change by {percent(study.true_percent)}, against the same history without"
    )
    plain = (
        f"Before-and-after alone ({WINDOW_MONTHS} months each way) would report {percent(study.raw_percent)}; it would "
        f"have reported {percent(study.raw_reference_percent)} had nothing opened, so it measures the years and not "
        "the plan."
    )
    return [f"{opens}. {truth}. {plain}", _controlled(study)]


def _controlled(study: Study) -> str:
    harm = study.true_percent > 0.0
    shown, way = (study.rise_share, "rise") if harm else (study.fall_share, "fall")
    span = ""
    if not math.isnan(study.did_low_90):
        ends = interval(study.did_low_90, study.did_high_90).replace("-", MINUS)
        span = f"; nine single studies of ten fall between {ends.replace(' to ', '% and ')}%"
    verdict = (
        "a study of this size can be relied on to show it"
        if shown >= ENOUGH_POWER
        else "“no significant change” must therefore not be read as “no effect”: more sites, more months or several "
        "cities together are needed"
    )
    return (
        f"Held against the other precincts, which the plan may change as well, it would report "
        f"{percent(study.did_percent)} on average where the truth is {percent(study.true_percent)}, and "
        f"{percent(study.did_reference_percent)} had nothing opened{span}. It would show a {way} in {chance(shown)} "
        "of runs, "
        f"and some change in {chance(study.false_alarm_share)} of runs where nothing opened; {verdict}."
    )
