"""How far runs and record are apart, and what pairing bought."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.words import number
from cms_sim.experiment.results import FIELDS
from cms_sim.report.method import levels, method
from cms_sim.report.sheet import Sheet
from cms_sim.report.words import pairing_gain
from tests.evaluation.make_results import EXPANSION, NO_PROGRAMME, REFERENCE, make_results


@pytest.mark.parametrize(
    ("factor", "said"), [(0.9, "10% below the record"), (1.25, "25% above the record"), (1.0, "as in the record")]
)
def test_the_distance_from_the_record_is_computed(factor: float, said: str) -> None:
    """Runs in which the record's months hold `factor` times the record, in the reference only."""
    results, city = make_results(replicates=10, plans=[REFERENCE, EXPANSION]), load_city_tables()
    rows, counts = [city.row(number) for number in results.precincts], 100 * results.counts
    past = np.isin(results.months, city.months)
    recorded = 100.0 * city.victims[rows][:, np.isin(city.months, results.months)]
    counts[:, 0, :, past, FIELDS.index("victims")] = np.round(factor * recorded).T[:, None, :]
    scaled = replace(city, victims=100 * city.victims)
    (sentence,) = levels(Sheet(replace(results, counts=counts), scaled))
    assert f"from July 2018 to December 2019, these precincts with their sites stand {said}" in sentence
    assert "how much the programme takes off is not fitted" in sentence and "up to a tenth beyond chance" in sentence
    assert "without a programme" not in sentence.split("stand")[1]


def test_a_posterior_is_said_to_be_fitted_to_studies() -> None:
    results = make_results(replicates=10, plans=[REFERENCE, EXPANSION])
    fitted = replace(results, provenance={**results.provenance, "parameters": "posterior of the hypothesis 'city'"})
    (sentence,) = levels(Sheet(fitted))
    assert "is fitted to what studies find" in sentence and "is not fitted" not in sentence


def test_without_the_programme_is_said_where_it_was_run() -> None:
    (sentence,) = levels(Sheet(make_results(replicates=10, plans=[REFERENCE, NO_PROGRAMME])))
    assert "record, and without a programme " in sentence


@pytest.mark.parametrize("change", [{"past_months": 0, "opening_month": 0}, {"precincts": (43, 9001)}])
def test_what_is_not_on_record_is_not_compared(change: dict[str, object]) -> None:
    sheet = Sheet(make_results(replicates=3, **change))  # type: ignore[arg-type]
    lived = sheet.results.months
    if "past_months" in change:  # the made-up months start in 2018: move them past the record's end
        sheet = Sheet(replace(sheet.results, months=lived + 24))
    assert levels(sheet) == [] and method(sheet)


def test_pairing_says_what_is_shared_and_takes_the_true_median(sheet: Sheet) -> None:
    (drawn,) = pairing_gain(sheet)
    assert "share history, chance and the draw of what is not known" in drawn and "not told apart" in drawn
    ratios = np.array([sheet.pairing.ratio[line.index] for line in sheet.compared])
    finite = np.sort(ratios[np.isfinite(ratios)])
    assert len(finite) == 3 and f"a difference is {number(float(finite[1]))} times smaller" in drawn
    two = Sheet(make_results(replicates=40, plans=[REFERENCE, EXPANSION, replace(EXPANSION, name="b", effect=0.05)]))
    middle = float(np.mean([two.pairing.ratio[1], two.pairing.ratio[2]]))
    quoted = float(pairing_gain(two)[0].split("difference is ")[1].split(" times")[0].replace(",", ""))
    assert quoted == pytest.approx(middle, rel=0.06)


def test_fixed_parameters_are_no_shared_draw() -> None:
    results = make_results(replicates=30)
    (fixed,) = pairing_gain(Sheet(replace(results, parameters={"level": np.ones(30)})))
    assert "share history and chance:" in fixed and "draw" not in fixed


def test_a_few_runs_bought_nothing() -> None:
    assert pairing_gain(Sheet(make_results(replicates=3))) == []
