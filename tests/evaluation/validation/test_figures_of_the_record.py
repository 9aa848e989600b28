"""Rows on the record itself: the code's own figure, or that of the first study of it where the code gives the same."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.evaluation.estimators.panel import record_panel
from cms_sim.evaluation.estimators.placebo import placebo_random_starts
from cms_sim.evaluation.patterns.counts import monthly
from cms_sim.evaluation.patterns.dispersion import dispersion
from cms_sim.evaluation.patterns.effects import PLACEBO_BATCHES
from cms_sim.evaluation.patterns.weeks import weeks
from cms_sim.evaluation.validation.check import every_row
from cms_sim.evaluation.validation.histories import statistics_of_record
from cms_sim.evaluation.validation.row import RECORD
from cms_sim.experiment.hindcast import Lived
from tests.evaluation.patterns.test_counts_in_time_and_place import published  # noqa: F401

BY_NAME = {row.name: row for row in every_row()}
STUDY = {
    "dispersion_daily": (1.01, 0.01),
    "dispersion_weekly": (1.02, 0.01),
    "dispersion_monthly": (1.07, 0.01),
    "dispersion_city_weekly": (1.42, 0.01),
    "share_statistic": (1.20, 0.01),
    "share_statistic_last_years": (1.24, 0.01),
    "extra_next_door": (2.4, 0.1),
    "city_week_to_week": (-11.0, 1.0),
}
"""What the first study of the published file has, and one in its last digit."""
OWN = {
    "february": (0.65, 0.01), "august": (1.37, 0.01), "thursday": (0.76, 0.01), "sunday": (1.32, 0.01),
    "night": (0.56, 0.01), "victims_per_incident": (1.19, 0.01), "one_victim": (0.861, 0.001),
    "fatal_per_incident": (0.186, 0.001), "men": (91.0, 1.0), "under_18": (8.0, 1.0), "aged_18_to_24": (36.0, 1.0),
    "aged_25_to_44": (47.0, 1.0), "top_10": (41.0, 1.0), "top_15": (55.0, 1.0), "top_20": (64.0, 1.0),
    "top_40": (90.0, 1.0), "raw_change": (-28.85, 0.01), "relative_rest_of_city": (-14.5, 0.1),
    "relative_not_yet_covered": (-18.7, 0.1), "relative_never_listed": (-19.7, 0.1), "event_year_-2": (1.14, 0.01),
    "event_year_-1": (0.95, 0.01), "event_year_+1": (0.81, 0.01), "event_year_+2": (0.87, 0.01),
    "event_year_+3": (0.84, 0.01), "event_year_+4": (0.83, 0.01),
}  # fmt: skip
"""The same where the packaged tables hold what is needed: the row has the code's own in any case."""
TAKEN = {"killed_per_victim", "placebo_random_mean", "placebo_random_spread"}
"""Neither: the first is no count of the record, the placebos are of more draws than a history gets."""


@pytest.fixture(scope="module")
def by_the_code(published: Lived) -> dict[str, float]:  # noqa: F811
    """Row to the figure of the published file."""
    found = {**dispersion(published, monthly(published)), **weeks(published)}
    return {name: found[BY_NAME[name].statistic] * BY_NAME[name].times for name in STUDY}


def test_every_row_on_the_record_follows_the_rule() -> None:
    given = {row.name for row in every_row() if row.sources[0] == RECORD and row.published is not None}
    assert given == STUDY.keys() | TAKEN


@pytest.mark.parametrize("name", STUDY)
def test_the_studys_figure_where_the_code_gives_it_and_else_the_codes(name: str, by_the_code: dict[str, float]) -> None:
    row, (study, last_digit) = BY_NAME[name], STUDY[name]
    if abs(by_the_code[name] - study) < last_digit:
        assert row.published == study
    else:
        assert row.published == pytest.approx(by_the_code[name], abs=0.51 * last_digit)
        assert f"the first study of it has {study}" in row.note
    if "By this code on the published file: " in row.note:
        told = row.note.split("published file: ")[1].split(" ")[0].rstrip(".;")
        assert float(told) == pytest.approx(by_the_code[name], abs=0.51 * 10.0 ** -len(told.partition(".")[2]))


@pytest.mark.parametrize("name", OWN)
def test_where_the_first_study_differs_the_row_says_so(name: str) -> None:
    row, (study, last_digit) = BY_NAME[name], OWN[name]
    own = statistics_of_record(load_city_tables())[row.statistic] * row.times
    assert row.published is None
    assert (abs(own - study) >= last_digit) == (f"The first study of the published file has {study}" in row.note)


def test_placebos_are_those_of_the_evaluation() -> None:
    told = placebo_random_starts(record_panel(load_city_tables()))
    draws = np.array(told.draws)
    assert BY_NAME["placebo_random_mean"].published == round(told.value, 1) == -1.8
    assert BY_NAME["placebo_random_spread"].published == round(float(draws.std()), 1)
    assert f"standard deviation {BY_NAME['placebo_random_spread'].published} points" in told.notes
    for name in ("placebo_random_mean", "placebo_random_spread"):
        assert f"{len(draws):,} draws" in BY_NAME[name].note and f"gets {100 * PLACEBO_BATCHES}," in BY_NAME[name].note
