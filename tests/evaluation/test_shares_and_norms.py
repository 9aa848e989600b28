"""Shares of causes, activity, matched events, and the survey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.evaluation.norms import survey_change
from cms_sim.evaluation.shares import (
    activity,
    contagion_share,
    descended_share,
    matched_per_year,
    retaliation_share,
    site_months,
)
from tests.evaluation.make_results import EXPANSION, NO_PROGRAMME, REFERENCE, make_results

RESULTS = make_results(plans=(REFERENCE, EXPANSION, NO_PROGRAMME))


def test_shares_are_of_all_shootings() -> None:
    total = RESULTS.causes[:, 1].sum()
    assert retaliation_share(RESULTS).share[1] == pytest.approx(RESULTS.causes[:, 1, :, 1].sum() / total)
    both = retaliation_share(RESULTS).share + contagion_share(RESULTS).share
    np.testing.assert_allclose(descended_share(RESULTS).share, both)
    assert (descended_share(RESULTS).low < both).all() and (both < descended_share(RESULTS).high).all()


def test_shares_without_shootings_are_unknown() -> None:
    assert np.isnan(descended_share(make_results(3, victims_per_month=0.0)).share).all()


def test_mediations_per_site_month_count_sites_from_their_opening() -> None:
    # Reference: two precincts with sites over 48 months; the expansion's two more open 12 months later.
    late = replace(RESULTS, opening_month=36)
    assert site_months(late).tolist() == [96.0, 96.0 + 72.0, 0.0]
    done = activity(late)
    assert done.mediations_per_month[0] == 15.0  # 3 in each of 5 precincts
    assert done.mediations_per_site_month[0] == pytest.approx(15.0 * 48 / 96)
    assert np.isnan(done.mediations_per_site_month[2]) and np.isnan(done.posts_filled_share[2])
    assert done.settled_share[0] == pytest.approx(2 / 3) and done.posts_filled_share[0] == pytest.approx(0.8)
    assert done.participants.tolist() == [100.0, 200.0, 0.0]
    assert done.enrolments_per_year[0].tolist() == [10.0, 2.5, 3.0, 4.0, 1.0]


def test_matched_totals_are_per_year() -> None:
    found = matched_per_year(RESULTS)
    assert list(found) == ["averted", "added", "moved", "changed"] and found["averted"][0] == 0.0
    assert found["averted"][1] == pytest.approx(RESULTS.matched[:, 1, :, 0].sum() / 60 / 4)


def test_the_survey_compares_new_sites_with_others() -> None:
    norm = survey_change(RESULTS, "norm")
    assert norm.new_sites.mean[1] == pytest.approx(-12.0, abs=0.3)
    assert norm.new_sites.low_90[1] < norm.new_sites.mean_low[1] < -12.0 + 0.3
    assert norm.against_reference.mean[1] == pytest.approx(-12.0, abs=0.3)
    assert np.isnan(norm.new_sites.mean[[0, 2]]).all() and np.isnan(norm.others.mean[[0, 2]]).all()
    assert norm.city.mean[2] == pytest.approx(0.0, abs=0.3)
    assert survey_change(RESULTS, "trust").new_sites.mean[1] == pytest.approx(10.0, abs=1.0)
