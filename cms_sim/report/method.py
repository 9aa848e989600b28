"""How it was done, and how far the runs stand from the record, in sentences."""

from __future__ import annotations

import numpy as np

from cms_sim.experiment.results import FIELDS
from cms_sim.report.answer import month
from cms_sim.report.sheet import Sheet
from cms_sim.report.words import count, pairing_gain, percent

FEWEST_MONTHS = 12
"""Months lived through that are on record, under which runs and record are not compared."""


def method(sheet: Sheet) -> list[str]:
    """The method in brief."""
    results = sheet.results
    first, last = results.months[results.first_month], results.months[-1]
    usual = float(results.frame("victims")[:, results.reference].sum(axis=-1).mean()) / results.years
    histories = "one possible history" if sheet.replicates == 1 else f"{sheet.replicates} possible histories"
    return [
        f"{int(results.residents.sum()):,} residents of {len(results.precincts)} precincts are simulated person by "
        f"person from {month(results.months[0])}, and the plans are compared from {month(first)} to {month(last)}. "
        f"In the record of 2017 to 2019 {count(results.record_victims_per_year, 1.0)} people a year were shot in these "
        f"precincts; in these runs, under the reference, {count(usual, 1.0)} a year are.",
        *levels(sheet),
        f"Every plan lives through the same {histories}: the same people, the same "
        "quarrels, the same chance, and the same draw of what is not known. A difference between two plans is "
        "therefore what the plans did. The level of violence after the record ends is an assumption with a spread of "
        "its own.",
        *pairing_gain(sheet),
        "The 95% interval says how well these runs know the average; more runs make it narrower. The range of 90 of "
        "100 runs says where one future may fall, with chance and the drawn parameters in it (parameters that are "
        "assumed and not drawn, and unit costs, stay fixed); more runs do not make it narrower.",
    ]


def levels(sheet: Sheet) -> list[str]:
    """Why these precincts stand lower or higher than in the record, by the months that are in both."""
    results, city = sheet.results, sheet.city
    both = np.intersect1d(results.months, city.months)
    if len(both) < FEWEST_MONTHS or not set(results.precincts) <= set(city.numbers):
        return []
    rows = [city.row(number) for number in results.precincts]
    recorded = float(city.victims[rows][:, np.isin(city.months, both)].sum())
    lived = results.counts[..., np.isin(results.months, both), FIELDS.index("victims")]
    if recorded == 0.0:
        return []
    off = 100.0 * lived.sum(axis=(2, 3)).mean(axis=0) / recorded - 100.0
    without = f", and without a programme {_apart(float(off[sheet.without.index]))}" if sheet.without else ""
    return [
        "The level of violence is solved on the record of the whole city, from precincts and months without a "
        f"programme; how much the programme takes off {_fitted(sheet)}. So in the "
        f"runs, from {month(both[0])} to {month(both[-1])}, these precincts with their sites stand "
        f"{_apart(float(off[results.reference]))}{without}. A test of the model lets single years and large precincts "
        "of the city differ from the record by up to a tenth beyond chance."
    ]


def _fitted(sheet: Sheet) -> str:
    if str(sheet.results.provenance.get("parameters", "")).startswith("posterior"):
        return "is fitted to what studies find around the months in which sites opened, and not to these years"
    return "is not fitted"


def _apart(off: float) -> str:
    """`7% below the record`."""
    if abs(off) < 0.5:
        return "as in the record"
    return f"{percent(abs(off)).lstrip('+')} {'below' if off < 0.0 else 'above'} the record"
