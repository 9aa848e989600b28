"""What every city must satisfy, whatever its parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms_sim.city.alias import alias_probability, alias_table
from cms_sim.city.apportion import apportion, apportion_within
from cms_sim.city.arrays import ABSENT, BAND_AGES, BANDS, BASIS_POINTS, CLASSES, MALE, City
from cms_sim.city.build import build_city
from cms_sim.city.demography import people, victims_by_class
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from tests.small_city import island_tables


def street_rows(city: City) -> list[tuple[int, list[int]]]:
    """(resident, ties) of each street row."""
    residents = np.concatenate([np.arange(r["first"], r["first"] + r["street"]) for r in city.precinct]).tolist()
    bounds = zip(city.street_start[:-1], city.street_start[1:], strict=True)
    return [(who, city.street_tie[a:b].tolist()) for who, (a, b) in zip(residents, bounds, strict=True)]


def test_everyone_is_counted_once(city: City, tables: CityTables, spec: NetworkSpec) -> None:
    assert city.precinct["residents"].tolist() == [2000] * 3
    assert city.precinct["first"].tolist() == [0, 2000, 4000]
    assert city.precinct["street"].tolist() == [110] * 3
    counted = people(tables, spec)
    for slot in range(3):
        own = city.resident[city.resident["slot"] == slot]
        kind = own["sex"].astype(int) * BANDS + own["band"]
        street, others = kind[:110], kind[110:]
        assert np.bincount(street, minlength=CLASSES).tolist() == counted.street[slot].tolist()
        assert np.bincount(others, minlength=CLASSES).tolist() == counted.others[slot].tolist()
        assert (np.diff(others) >= 0).all()
        starts = city.class_start[slot]
        assert starts[0] == 110
        assert starts[-1] == 2000
        assert np.diff(starts).tolist() == counted.others[slot].tolist()
        law = city.class_weight[slot]
        assert (np.diff(law) >= 0).all()
        assert law[-1] == 1.0


def test_records_are_in_range(city: City) -> None:
    person = city.resident
    ages = np.array(BAND_AGES)
    assert (ages[person["band"]] <= person["age"]).all()
    assert (person["age"] < ages[person["band"].astype(int) + 1]).all()
    for column in ("norm", "trust"):
        assert person[column].min() >= 0
        assert person[column].max() <= BASIS_POINTS
    assert person["place"].max() > 65000
    assert abs(person["place"].mean() / 65536 - 0.5) < 0.02


def test_street_members_are_as_the_parameters_say(spec: NetworkSpec) -> None:
    city = build_city(island_tables(1, 40_000, connected=False), [11], spec)
    street, others = city.resident[:2200], city.resident[2200:]
    assert street["age"].min() >= spec.street_youngest_years
    assert abs((street["sex"] == MALE).mean() - 0.91) < 0.001
    assert abs((street["band"] == 1).mean() - 0.36) < 0.001
    young_man = (street["sex"] == MALE) & (street["age"] >= 18) & (street["age"] <= 30)
    assert abs(street["norm"][young_man].mean() / BASIS_POINTS - spec.norm_young_street_men) < 0.01
    assert abs(street["norm"][~young_man].mean() / BASIS_POINTS - spec.norm_street) < 0.015
    assert abs(others["norm"].mean() / BASIS_POINTS - spec.norm_others) < 0.01
    assert abs(street["norm"][young_man].std() / BASIS_POINTS - spec.norm_spread) < 0.01
    assert street["trust"].mean() < others["trust"].mean()


def test_kin_are_symmetric_distinct_and_in_the_precinct(city: City) -> None:
    for who, ties in enumerate(city.kin.tolist()):
        present = [other for other in ties if other != ABSENT]
        assert len(present) >= 5
        assert len(set(present)) == len(present)
        assert who not in present
        assert all(who in city.kin[other] for other in present)
        assert all(other // 2000 == who // 2000 for other in present)


def test_kin_are_a_small_world_across_classes(city: City) -> None:
    import networkx as nx

    pairs = [(who, other) for who in range(2000) for other in city.kin[who].tolist() if other != ABSENT]
    graph = nx.Graph(pairs)
    assert nx.is_connected(graph)
    assert max(nx.single_source_shortest_path_length(graph, 0).values()) <= 11  # log2(2000); the ring alone has 500
    assert 0.15 < nx.average_clustering(graph) < 0.5
    street_kin = np.mean([other < 110 for who, other in pairs if who < 110])
    assert street_kin < 0.2  # kin are drawn without regard to street ties: 5.5% expected


@pytest.mark.parametrize("residents", [2, 3, 4, 5, 7])
def test_tiny_precincts_hold_together(residents: int, spec: NetworkSpec) -> None:
    city = build_city(island_tables(1, residents, connected=False), [11], spec)
    for who, ties in enumerate(city.kin.tolist()):
        present = {other for other in ties if other != ABSENT}
        assert len(present) == min(residents - 1, sum(other != ABSENT for other in ties))
        assert present <= set(range(residents)) - {who}
        assert all(who in city.kin[other] for other in present)
    assert city.precinct["street"][0] == 2


def test_street_ties_are_symmetric_sorted_distinct(city: City) -> None:
    rows = dict(street_rows(city))
    for who, ties in rows.items():
        assert ties == sorted(set(ties))
        assert who not in ties
        assert all(who in rows[other] for other in ties)
    assert sum(len(ties) for ties in rows.values()) == city.street_tie.size


def test_street_ties_cross_precincts_by_the_parameter(tables: CityTables) -> None:
    def crossing(share: float) -> float:
        city = build_city(tables, tables.numbers, NetworkSpec.default(street_cross_share=share))
        return float(np.mean([who // 2000 != other // 2000 for who, ties in street_rows(city) for other in ties]))

    assert crossing(0.0) == 0.0
    assert 0.15 < crossing(0.3) < 0.30
    assert crossing(1.0) > 0.6


def test_degrees_are_heavy_tailed_and_clustered() -> None:
    tables = island_tables(1, 60_000, connected=False)

    def spread(sigma: float) -> float:
        degree = np.diff(build_city(tables, [11], NetworkSpec.default(activity_sigma=sigma)).street_start)
        return float(degree.max() / degree.mean())

    assert spread(1.0) > 8.0
    assert spread(0.0) < 0.6 * spread(1.0)


def test_crews_and_their_members_agree(city: City) -> None:
    assert city.crew.size == 12  # 200 per 100,000
    members = np.flatnonzero(city.resident["crew"] != ABSENT)
    assert members.size == city.crew["size"].sum()
    for index, crew in enumerate(city.crew):
        span = slice(crew["first"], crew["first"] + crew["size"])
        assert (city.resident["crew"][span] == index).all()
        assert (city.resident["slot"][span] == crew["slot"]).all()
    for slot, record in enumerate(city.precinct):
        own = city.crew[record["crew_first"] : record["crew_first"] + record["crews"]]
        assert (own["slot"] == slot).all()
        assert own["size"].sum() <= record["street"]
    assert city.precinct["crews"].tolist() == [3, 4, 5]  # victims 2 : 3 : 4, by largest remainder


def test_crews_never_outnumber_the_street() -> None:
    tables = island_tables(1, 500, connected=False)
    city = build_city(tables, [11], NetworkSpec.default(crews_per_100k_residents=5000.0))
    assert city.crew["size"].sum() <= city.precinct["street"][0]
    assert city.crew["size"].min() >= 3


def test_rivalries_are_symmetric_and_as_many_as_wanted() -> None:
    tables = island_tables(3, 100_000, connected=True)
    city = build_city(tables, tables.numbers, NetworkSpec.default(crews_per_100k_residents=50.0))
    start = city.rival_start
    rivals = {c: city.rival[start[c] : start[c + 1]].tolist() for c in range(city.crew.size)}
    for crew, others in rivals.items():
        assert others == sorted(set(others))
        assert crew not in others
        assert all(crew in rivals[other] for other in others)
    assert 2.4 < city.rival.size / city.crew.size < 3.6
    slot = city.crew["slot"]
    across = np.mean([slot[crew] != slot[other] for crew, others in rivals.items() for other in others])
    assert 0.2 < across < 0.4


def test_propensity_reproduces_activity_and_the_crew_factor(tables: CityTables) -> None:
    plain = build_city(tables, [11], NetworkSpec.default(crews_per_100k_residents=200.0, crew_propensity_factor=1.0))
    factor = build_city(tables, [11], NetworkSpec.default(crews_per_100k_residents=200.0, crew_propensity_factor=4.0))
    one = alias_probability(plain.propensity)
    other = alias_probability(factor.propensity)
    in_crew = plain.resident["crew"][:110] != ABSENT
    assert 0 < in_crew.sum() < 110
    odds = other / one
    np.testing.assert_allclose(odds[in_crew] / odds[~in_crew].mean(), 4.0, rtol=1e-4)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60))
def test_alias_table_has_the_weights_as_its_law(weights: list[float]) -> None:
    weight = np.array(weights)
    law = alias_probability(alias_table(weight.copy()))
    np.testing.assert_allclose(law, weight / weight.sum(), atol=1e-6)


@given(st.integers(0, 500), st.lists(st.floats(0, 10), min_size=1, max_size=12))
def test_apportioned_numbers_sum_and_stay_near_their_shares(total: int, weights: list[float]) -> None:
    whole = apportion(total, weights)
    assert whole.sum() == total
    share = np.array(weights) / sum(weights) if sum(weights) > 0 else np.full(len(weights), 1 / len(weights))
    assert (np.abs(whole - total * share) < 1 + 1e-6).all()


@given(st.data())
def test_apportioned_within_caps(data: st.DataObject) -> None:
    caps = data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=8))
    weights = data.draw(st.lists(st.floats(0, 5), min_size=len(caps), max_size=len(caps)))
    total = data.draw(st.integers(0, sum(caps)))
    whole = apportion_within(total, weights, caps)
    assert whole.sum() == total
    assert (whole <= caps).all()


def test_arrays_are_read_only(city: City) -> None:
    assert not any(array.flags.writeable for array in city)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), share=st.floats(0.0, 0.3), cross=st.floats(0.0, 1.0))
def test_any_spec_gives_a_sound_city(seed: int, share: float, cross: float) -> None:
    tables = island_tables(2, 300, connected=True)
    spec = NetworkSpec.default(city_seed=seed, street_share=share, street_cross_share=cross)
    city = build_city(tables, tables.numbers, spec)
    rows = dict(street_rows(city))
    assert all(who in rows[other] for who, ties in rows.items() for other in ties)
    assert len(city.resident) == 600


def test_unusable_precincts_are_refused(tables: CityTables, spec: NetworkSpec) -> None:
    with pytest.raises(InputError, match="12"):
        build_city(tables, [12], spec)
    with pytest.raises(InputError, match="twice"):
        build_city(tables, [11, 11], spec)
    with pytest.raises(InputError, match="0 precincts"):
        build_city(tables, [], spec)
    with pytest.raises(InputError, match="precinct 11: population_2010"):
        build_city(island_tables(1, 1, connected=False), [11], spec)


def test_new_yorks_people_match_the_record() -> None:
    tables = load_city_tables()
    counted = people(tables, NetworkSpec.default())
    assert counted.total.tolist() == [precinct.population_2010 for precinct in tables.precincts]
    assert abs(counted.street_total.sum() / counted.total.sum() - 0.055) < 1e-4
    victims = victims_by_class(tables)
    np.testing.assert_allclose(
        counted.street.sum(axis=0) / counted.street_total.sum(), victims / victims.sum(), atol=2e-3
    )
    men = np.diff(counted.other_party, axis=1, prepend=0.0)[:, BANDS:].sum(axis=1)
    assert ((men > 0.8) & (men < 0.97)).all()
