"""What studies find, what is true, what one site does: made panels and hand-made books."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.engine.arrays import MEDIATION, POST, SITE_MONTH
from cms_sim.evaluation.estimators.panel import Panel, record_panel
from cms_sim.evaluation.patterns.counts import Monthly
from cms_sim.evaluation.patterns.effects import crown_heights, effects
from cms_sim.evaluation.patterns.one_site import FIRST_MONTHS, one_site
from cms_sim.evaluation.patterns.trust import not_calling
from cms_sim.evaluation.patterns.truth import open_months, truth
from cms_sim.experiment.hindcast import Lived
from tests.evaluation.patterns.made_history import lived, of_days


def _made(effect: float) -> Panel:
    """The record's sites, with counts that every estimator of a proportional change must read without error: each
    precinct's own level times the year's, changed by `effect` from the calendar year of the start on.
    """
    panel = record_panel(load_city_tables())
    level = 200.0 + 40.0 * (np.arange(len(panel.precincts)) % 7)
    year = np.arange(len(panel.months)) // 12
    open_ = year >= (panel.opening // 12)[:, None]
    counts = level[:, None] * (1.0 - 0.02 * year) * np.where(open_, 1.0 + effect, 1.0)
    return replace(panel, counts=np.rint(counts * 10).astype(np.int64))


def test_regressions_read_a_proportional_change_exactly() -> None:
    found = effects(_made(-0.2))
    names = ("did", "did_among_covered", "did_cohort_2012_to_2014", "did_cohort_2015_and_2016", "did_start_year",
             "did_year_1", "did_year_2", "did_year_3_on", "did_staggered")  # fmt: skip
    assert {name: found[name] for name in names} == pytest.approx(dict.fromkeys(names, -0.2), abs=0.02)
    assert found["did"] == pytest.approx(-0.2, abs=1e-3)


def test_nothing_is_found_where_nothing_changed() -> None:
    found = effects(_made(0.0))
    spread = found.pop("placebo_random_spread")
    raw = found.pop("raw_change_first_year")
    assert found == pytest.approx(dict.fromkeys(found, 0.0), abs=2e-3)
    assert spread < 0.01
    assert -0.1 < raw < 0.0, "the raw change has the city's fall in it"


def test_on_the_record_they_are_what_the_page_of_estimates_says() -> None:
    found = effects(record_panel(load_city_tables()))
    page = {"did_by_month": -0.0928, "did": -0.0993, "did_staggered": -0.1026, "callaway_santanna": -0.1919,
            "spillover": -0.0716, "spillover_never_listed": -0.0942, "placebo_two_years_early": 0.0795}  # fmt: skip
    assert {name: found[name] for name in page} == pytest.approx(page, abs=1e-4)
    assert found["placebo_random_mean"] == pytest.approx(-0.018, abs=0.01)
    assert found["placebo_random_spread"] == pytest.approx(0.058, abs=0.008)


def test_crown_heights_by_hand() -> None:
    panel = record_panel(load_city_tables(), "incidents")
    counts = np.full_like(panel.counts, 10)
    counts[panel.row(77), 48:] = 8
    for number in panel.neighbours[77]:
        counts[panel.row(number), 48:] = 16
    found = crown_heights(replace(panel, counts=counts))
    assert found["crown_heights"] == pytest.approx(-0.2)
    assert found["crown_heights_beside"] == pytest.approx(0.6)
    assert found["crown_heights_net"] == pytest.approx(-0.5)
    assert crown_heights(replace(panel, precincts=tuple(1000 + n for n in panel.precincts))) == {}


def _open(history: Lived, site: int, first: int, until: int) -> None:
    history.books[site, first:until, SITE_MONTH.index("open")] = 1


def test_truth_is_with_over_without() -> None:
    tables = load_city_tables()
    history = replace(
        of_days(tables, [0], [0]),
        plan=lived([], sites=[{"slot": 3, "opens": 3000}]).plan,
        books=np.zeros((1, 168, len(SITE_MONTH)), dtype=np.int64),
    )
    _open(history, 0, 100, 168)
    none = np.full((77, 168), 10)
    some = none.copy()
    some[3, 100:] = 8
    some[5] = 9
    empty = np.zeros_like(none)
    found = truth(history, Monthly(empty, some, empty, empty), Monthly(empty, none, empty, empty), {3: 100})
    assert open_months(history).sum() == 68
    assert found["true_change_in_study"] == pytest.approx(-0.2)
    assert found["true_change_where_open"] == pytest.approx(-0.2)
    assert found["true_change_never_covered"] == pytest.approx(-1 / 760)
    assert found["more_without_sites"] == pytest.approx(none[:, 72:].sum() / some[:, 72:].sum() - 1)


def test_one_site_is_drawn_among_those_open_long_enough() -> None:
    history = lived([], sites=[{"slot": 0}, {"slot": 1}])
    _open(history, 0, 40, 48)
    _open(history, 1, 10, 48)
    history.books[1, 10 + FIRST_MONTHS - 1, SITE_MONTH.index("recruited_so_far")] = 70
    history.books[1, 36:48, SITE_MONTH.index("participants")] = np.arange(12) + 30
    post = np.zeros(2, dtype=POST)
    post["site"] = [0, 1]
    mediations = np.zeros(4, dtype=MEDIATION)
    mediations["conflict"], mediations["post"] = [1, 2, 2, 3], [0, 1, 1, 1]
    history = replace(history, plan=history.plan._replace(post=post), mediations=mediations)
    for seed in range(5):
        found = one_site(history, seed)
        assert found["site_mediations_per_month"] == pytest.approx(2 / 38), "conflicts 2 and 3, each once"
        assert found["site_recruited_first"] == 70
        assert found["site_participants"] == pytest.approx(35.5)


def test_without_a_site_that_is_open_long_enough_nothing_is_known() -> None:
    assert all(np.isnan(value) for value in one_site(lived([]), 1).values())


def test_who_would_not_call_is_asked_where_a_site_is_open() -> None:
    history = lived([], sites=[{"slot": 1, "opens": 10}, {"slot": 2, "opens": 5000}])
    history.answers[-1, :, 1] = [0.9, 0.2, 0.4]
    assert not_calling(history)["would_not_call_police"] == pytest.approx(0.8)
    assert np.isnan(not_calling(lived([]))["would_not_call_police"])
