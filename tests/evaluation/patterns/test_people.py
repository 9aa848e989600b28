"""Who is shot, who again, and how far from whom: by hand and in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from cms_sim.city.arrays import ABSENT, BAND_AGES, MALE
from cms_sim.evaluation.patterns.handshakes import FAR, handshakes, odds_ratio, street_edges, to_nearest_other
from cms_sim.evaluation.patterns.people import again, people
from cms_sim.evaluation.patterns.residents import on_street, street_residents, street_rows
from tests.evaluation.patterns.made_history import lived, small_city


def test_shares_of_sex_age_street_and_crews() -> None:
    city = small_city()
    chosen = np.array([0, 10, 1150, 15000, 19900, 35000])
    found = people(lived([{"head_day": 9}] * 6, [(n, int(who), 0) for n, who in enumerate(chosen)]))
    resident = city.resident[chosen]
    assert found["victims_men"] == pytest.approx((resident["sex"] == MALE).mean())
    assert found["victims_under_18"] == pytest.approx((resident["age"] < 18).mean())
    bands = [value for name, value in found.items() if name.startswith("victims_") and name[8].isdigit()]
    assert sum(bands) + found["victims_under_18"] == pytest.approx(1.0)
    local = chosen - city.precinct["first"][resident["slot"]]
    assert found["victims_with_street_ties"] == pytest.approx(
        (local < city.precinct["street"][resident["slot"]]).mean()
    )
    assert found["residents_with_street_ties"] == pytest.approx(0.055, abs=0.002)
    assert BAND_AGES[1] == 18


def test_a_shooting_is_of_crews_when_either_party_is() -> None:
    crew = small_city().resident["crew"]
    member, other = int(np.flatnonzero(crew != ABSENT)[0]), int(np.flatnonzero(crew == ABSENT)[0])
    parties = ((member, member), (member, other), (other, member), (other, other))
    rows = [{"instigator": a, "opponent": b} for a, b in parties]
    assert people(lived(rows, [(0, other, 0)]))["shootings_with_crews"] == pytest.approx(3 / 4)


def test_who_is_shot_again() -> None:
    who = np.array([5, 7, 5, 9, 7, 5, 8])
    day = np.array([100, 200, 150, 50, 1200, 3000, 3000])
    killed = np.zeros(7, dtype=bool)
    found = again(who, day, killed)
    assert found["shot_again"] == pytest.approx(2 / 4), "5 and 7 of 5, 7, 8, 9"
    assert found["gap_to_second_median_days"] == pytest.approx((50 + 1000) / 2)
    assert found["shot_again_in_two_years"] == pytest.approx(1 / 3), "of 5, 7 and 9; 8 is not followed for two years"


def test_who_died_is_not_followed() -> None:
    found = again(np.array([1, 2, 2, 3]), np.array([0, 0, 100, 2000]), np.array([True, False, False, False]))
    assert found["shot_again_in_two_years"] == pytest.approx(1.0)


def test_nobody_shot_twice() -> None:
    found = again(np.array([1, 2]), np.array([0, 5]), np.zeros(2, dtype=bool))
    assert found["shot_again"] == 0.0
    assert np.isnan(found["gap_to_second_median_days"])


def _line(length: int) -> tuple[np.ndarray, np.ndarray]:
    one = np.arange(length - 1)
    return np.r_[one, one + 1], np.r_[one + 1, one]


def test_distance_to_the_nearest_other_on_a_line() -> None:
    found = to_nearest_other(_line(8), np.array([1, 5]), 9)
    assert found.tolist() == [1, 4, 1, 2, 1, 4, 1, 2, FAR], "a source's is to the other source; 8 is tied to nobody"


def test_distance_to_the_nearest_other_by_plain_search() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 60, (2, 80))
    one, other = np.r_[a, b], np.r_[b, a]
    sources = rng.choice(60, 7, replace=False)
    steps = np.full((60, 60), 99)
    np.fill_diagonal(steps, 0)
    steps[one, other] = np.minimum(steps[one, other], np.where(one == other, 0, 1))
    for k in range(60):
        steps = np.minimum(steps, steps[:, k : k + 1] + steps[k])
    expected = [min(steps[n, s] for s in sources if s != n) for n in range(60)]
    found = to_nearest_other((one, other), sources, 60)
    assert [d if d < 99 else FAR for d in expected] == found.tolist()


def test_odds_ratio_of_two_distances_is_that_of_the_table() -> None:
    distance = np.repeat([1, 2, FAR], [40, 100, 50])
    shot = np.r_[np.arange(10), 40 + np.arange(5), 140 + np.arange(20)]
    assert odds_ratio(distance, shot) == pytest.approx((5 / 95) / (10 / 30), rel=1e-6)


def test_odds_ratio_without_contrast_is_unknown() -> None:
    assert np.isnan(odds_ratio(np.full(10, 1), np.array([0])))
    assert np.isnan(odds_ratio(np.array([1, 2]), np.array([], dtype=int)))


def test_handshakes_of_a_history_are_asked_of_2008_and_2009() -> None:
    city = small_city()
    one, other = street_edges(city)
    assert sorted(zip(one.tolist(), other.tolist(), strict=True)) == sorted(
        zip(other.tolist(), one.tolist(), strict=True)
    )
    residents = street_residents(city)
    assert on_street(city, residents).all()
    assert street_rows(city, residents).tolist() == list(range(len(residents)))
    pair = [int(residents[one[0]]), int(residents[other[0]])]
    rows = [{"head_day": 800}, {"head_day": 900}, {"head_day": 10}]
    near = handshakes(lived(rows, [(0, pair[0], 0), (1, pair[1], 0), (2, int(residents[-1]), 0)]))
    assert 0.0 < near["odds_ratio_per_handshake"] < 1.0, "the two shot are one handshake apart"
    assert np.isnan(handshakes(lived(rows, [(2, pair[0], 0)]))["odds_ratio_per_handshake"])
