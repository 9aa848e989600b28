"""What a run found, in sentences: which study detects a fall, one study in plain words, notes below tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.evaluation.power.reported import BY_WINDOWS, SPILLOVER, UNCOMPARED
from cms_sim.evaluation.power.said import Line, detectable_range, middle, of_hundred, percent, smallest, times
from cms_sim.evaluation.power.study import Study
from cms_sim.evaluation.power.tables import MARK, of, pick
from cms_sim.evaluation.power.tasks import PROGRAMME
from cms_sim.evaluation.power.trend import city_changes
from cms_sim.evaluation.power.windows import RAW

if TYPE_CHECKING:
    from cms_sim.evaluation.power.summary import Found

OFF_POINTS: Final = 3.0
"""From so many points on, advice names what a study reports beside what is true."""


def which(found: Found, studies: Sequence[Study], fall: float) -> Iterator[str]:
    """Which studies detect a fall of so many percent 8 times in 10, held against the range in which each study's
    smallest detectable fall is known. Those that compare with nobody stand apart."""
    table = pick(found, studies, fall)
    compared = [line for line in table if line["estimator"] not in UNCOMPARED]
    sure, unsure, others = ([line for line in compared if _standing(line, fall) == each] for each in (2, 1, 0))
    yield (
        f"Studies that detect a true fall of {fall:g}% in people shot 8 times in 10, held so strictly that only 5 in "
        "100 would cry wolf:"
    )
    yield from (f"- {_named(line, fall)}" for line in sure)
    if not sure:
        yield "- surely none of these."
    if unsure:
        yield "- perhaps; so many histories cannot tell whether 8 in 10 or fewer:"
        yield from (f"  - {_named(line, fall)}" for line in unsure)
    known = [line for line in others if not np.isnan(line["detects"])]
    if known:
        best = max(known, key=lambda line: float(line["detects"]))
        yield f"- not the others, of which the best is {_named(best, fall)}."
    for line in table:
        if line["estimator"] in UNCOMPARED:
            yield (
                f"- {line['study']} compares with nobody: {of_hundred(line, 'detects')} would be only for a reader who "
                "knows what the city's trend would have done."
            )


def _standing(line: Line, fall: float) -> int:
    """2: the whole range of its smallest detectable fall lies at or below this one; 1: some of it does; 0: none."""
    low, high = -line["detectable_low_percent"], -line["detectable_high_percent"]
    surely_from = high if high else -line["least_planted_percent"]
    return 2 if surely_from <= fall else 1 if low <= fall else 0


def _named(line: Line, fall: float) -> str:
    """A study, how many detect the fall, and what it reports beside the truth."""
    nothing, reported = line["bias_points"], line["reports_percent"]
    said = ""
    if abs(nothing) >= OFF_POINTS:
        said = f", if it is known that it reports {percent(nothing)} of nothing"
    elif abs(reported + fall) >= OFF_POINTS:
        said = f", though it reports {percent(reported)} of it"
    return f"{line['study']}: {of_hundred(line, 'detects')}{said}"


def answer(found: Found, study: Study, months: NDArray[np.datetime64]) -> Iterator[str]:
    """A study in plain words: the raw one, and the one against its first control group."""
    lines = {line["estimator"]: line for line in of(found.smallest, study.name).to_dict("records")}
    raw = lines[BY_WINDOWS + RAW]
    yield f"{study.name}: {place(study, months)}."
    yield (
        f"- A plain before/after count reports {percent(raw['bias_points'])} on average where nothing happened: the "
        f"city's trend of those years. {_hundred(raw)} such studies would call that a change."
    )
    if not study.controls:
        return
    name = BY_WINDOWS + study.controls[0]
    line, against = lines[name], f"precincts {spoken(study.controls[0])}"
    yield (
        f"- Set against {against}, it reports {percent(line['bias_points'])} on average where nothing happened, and "
        f"{middle(line).strip('()')} in 95 of 100 cases. {_hundred(line)} such studies cry wolf; 5 should."
        + ("" if np.isnan(line["error_times"]) else f" Its error should be {times(line['error_times'])} as large.")
    )
    yield (
        f"- **Smallest detectable fall**: {smallest(line, 'detectable')} {detectable_range(line)}. Plan with this one. "
        f"(Its own interval shows a fall 8 times in 10 from {smallest(line, 'shown')} on, false alarms and all.)"
    )
    power = of(found.power, study.name)
    programme = power[(power["kind"] == PROGRAMME) & (power["estimator"] == name)].to_dict("records")
    for each in programme:
        yield (
            f"- The model's own programme changes the count there by {percent(each['true_percent'])} on average: "
            f"{of_hundred(each, 'calibrated_fall')} such studies would detect it."
        )


def _hundred(line: Line) -> str:
    return of_hundred(line, "false_alarm")


def spoken(controls: str) -> str:
    """Control precincts in a sentence."""
    return {
        "rest_of_city": "of the rest of the city",
        "not_yet_covered": "not yet covered",
        "not_among_sites": "that never get a site",
        "not_next_door": "that touch no site",
        "highest_30": "without a site among the 30 with most people shot",
    }[controls]


def uncompared(tables: CityTables, study: Study) -> str:
    """The note below a table that has an estimator that compares with nobody."""
    changes = city_changes(tables, study.before, study.after)
    trend = f" (on record {changes.min():+.0f}% to {changes.max():+.0f}%, by the month)" if len(changes) else ""
    return (
        f"{MARK.strip()} Not for planning, and not to be ranked with the others. It compares with nobody, and the "
        "city's trend is the record's own in every history: these numbers are those of somebody who knows beforehand "
        f"what the whole city will do, and leave out how far that varies{trend}. Estimators that compare have the "
        "trend on both sides and gain nothing by it."
    )


def place(study: Study, months: NDArray[np.datetime64]) -> str:
    """Sites, months and starts."""
    first, last = months[min(study.starts)], months[max(study.starts)]
    when = f"from {first}" if first == last else f"from {first} to {last}"
    sites = "1 site" if study.number == 1 else f"{study.number} sites"
    span = f"{study.before} months before and after" if study.before == study.after else (
        f"{study.before} months before and {study.after} after"
    )  # fmt: skip
    return f"{sites} {when}, {span}"


def notes(found: Found, study: Study, tables: CityTables) -> Iterator[str]:
    """What to know of a study's table of estimators."""
    lines = of(found.smallest, study.name).to_dict("records")
    asked = [line for line in lines if not str(line["estimator"]).startswith(BY_WINDOWS)]
    yield uncompared(tables, study)
    if asked:
        planted = ", ".join(f"{-each:.3g}" for each in study.estimator_effects_percent if each < 0.0)
        yield (
            f"`windows_` are counts in all histories, with every size planted; the others are asked in "
            f"{asked[0]['histories']}, with falls of {planted}%. A smallest detectable fall is read off between the "
            "two planted beside it; beyond all of them it is only said to be less or more. Other histories can look "
            "better by chance: hold the others against `before_after_`, the counts of `windows_` in the same histories."
        )
    if any(line["estimator"] == SPILLOVER for line in lines):
        yield f"`{SPILLOVER}`: falls are those of the precincts next door."
