"""A family of shootings by hand: who descends from whom, after how long, where, and how large it grows."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.city.arrays import ABSENT
from cms_sim.engine.arrays import CAUSE_CONTAGION, CAUSE_RETALIATION, NOBODY
from cms_sim.evaluation.patterns.contagion import contagion, roots
from tests.evaluation.patterns.made_history import lived, small_city


def _member(crew: bool) -> int:
    """A resident with street ties, in a crew or in none."""
    first = small_city().precinct[0]
    street = np.arange(first["first"], first["first"] + first["street"])
    return int(street[(small_city().resident["crew"][street] != ABSENT) == crew][0])


def _off_street() -> int:
    first = small_city().precinct[0]
    return int(first["first"] + first["street"])


FAMILY = (
    {"head_day": 800, "slot": 0},
    {"head_day": 810, "slot": 0, "parent": 0, "cause": CAUSE_RETALIATION, "generation": 1},
    {"head_day": 900, "slot": 1, "parent": 0, "cause": CAUSE_CONTAGION, "generation": 1},
    {"head_day": 960, "slot": 1, "parent": 2, "cause": CAUSE_CONTAGION, "generation": 2},
    {"head_day": 970, "slot": 2},
    {"head_day": 4000, "slot": 2},
)


def test_shares_lags_and_generations_of_a_family() -> None:
    found = contagion(lived(FAMILY))
    assert found["descended_share"] == pytest.approx(3 / 6)
    assert found["retaliation_share"] == pytest.approx(1 / 6)
    assert found["crossing_share_of_descended"] == pytest.approx(1 / 3)
    assert found["lag_mean_days"] == pytest.approx((10 + 100 + 60) / 3)
    assert found["lag_median_days"] == 60
    assert found["generation_mean"] == pytest.approx(4 / 6)


def test_cascades_are_counted_from_their_first_shooting() -> None:
    found = contagion(lived(FAMILY))
    assert found["cascade_largest"] == 4
    assert found["cascade_mean_size"] == pytest.approx((4 + 1) / 2), "the last may not have ended"


def test_roots_of_a_long_line() -> None:
    rows = lived([{"parent": k - 1 if k else NOBODY} for k in range(40)]).shootings
    assert not roots(rows).any()


def test_children_of_the_first_two_years_are_left_out() -> None:
    early = ({"head_day": 5}, {"head_day": 20, "parent": 0, "cause": CAUSE_CONTAGION})
    assert np.isnan(contagion(lived(early))["descended_share"])
    assert contagion(lived([*early, {"head_day": 1000}]))["descended_share"] == 0.0


def test_inside_the_network_is_asked_of_those_shot() -> None:
    on, off = {"opponent": _member(crew=False)}, {"opponent": _off_street()}
    rows = [
        {"head_day": 800} | on,
        {"head_day": 820, "parent": 0, "cause": CAUSE_CONTAGION} | on,
        {"head_day": 830, "parent": 0, "cause": CAUSE_CONTAGION} | off,
    ]
    found = contagion(lived(rows))
    assert found["descended_share_in_network"] == pytest.approx(1 / 2)
    assert found["descended_share"] == pytest.approx(2 / 3)


def test_children_by_crew_of_the_shooter() -> None:
    crew, none = {"instigator": _member(crew=True)}, {"instigator": _member(crew=False)}
    rows = [
        {"head_day": 1} | crew,
        {"head_day": 2} | none,
        *({"head_day": 3, "parent": 0} | none,) * 3,
        {"head_day": 4, "parent": 1} | crew,
    ]
    # Two shootings by a crew member have three children, four by others have one.
    assert contagion(lived(rows))["crew_offspring_ratio"] == pytest.approx((3 / 2) / (1 / 4))


def test_retaliations_inside_an_open_catchment_against_outside_it() -> None:
    site = {"slot": 0, "opens": 100, "place_from": 0, "place_to": 1000}
    inside, outside, before = {"place": 10, "head_day": 200}, {"place": 5000, "head_day": 200}, {"place": 10}
    revenge = {"cause": CAUSE_RETALIATION, "slot": 2, "head_day": 300}
    rows = [inside, inside, outside, outside, before, *({"parent": 0} | revenge,), *({"parent": 2} | revenge,) * 2,
            *({"parent": 4} | revenge,) * 9]  # fmt: skip
    found = contagion(lived(rows, sites=[site]))
    assert found["retaliation_change_in_catchment"] == pytest.approx((1 / 2) / (2 / 2) - 1)


def test_a_history_without_shootings_knows_nothing() -> None:
    assert np.isnan(contagion(lived([]))["lag_mean_days"])
