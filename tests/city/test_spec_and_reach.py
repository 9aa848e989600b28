"""The spec's parameters, where ties go, and how concentrated a city is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cms_sim.city.arrays import ABSENT, City
from cms_sim.city.build import build_city
from cms_sim.city.concentration import concentration
from cms_sim.city.reach import flow_weights
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.parameters import load_parameters
from cms_sim.errors import InputError
from tests.small_city import island_tables


def test_the_spec_is_the_theme_of_the_parameter_table() -> None:
    theme = {name for name, parameter in load_parameters().items() if parameter.theme == "network"}
    assert theme == {field.name for field in dataclasses.fields(NetworkSpec)} - {"city_seed"}
    spec = NetworkSpec.default(street_share=0.04)
    assert spec.street_share == 0.04
    assert spec.crew_size_mean == 35


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"street_shar": 0.1}, "Did you mean 'street_share'"),
        ({"street_share": 1.2}, "street_share: 1.2 is out of range"),
        ({"activity_sigma": -1.0}, "0 or more"),
        ({"trust_spread": float("nan")}, "trust_spread"),
        ({"share_35_44_of_35_over": 0.7}, "share_45_64_of_35_over"),
        ({f"group_weight_{n}": 0.0 for n in (2, 3, 4, 5)}, "group_weight_2"),
        ({"street_youngest_years": 30.0}, "17 or less"),
        ({"crew_propensity_factor": 0.0}, "above 0"),
    ],
)
def test_values_out_of_range_are_refused(overrides: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        NetworkSpec.of(overrides)


def test_the_content_hash_follows_the_content(tables: CityTables, spec: NetworkSpec) -> None:
    one = spec.content_hash(tables, [11, 22])
    assert spec.content_hash(tables, [22, 11]) == one
    assert spec.content_hash(tables, [11]) != one
    assert dataclasses.replace(spec, rivals_per_crew=2.0).content_hash(tables, [11, 22]) != one
    assert spec.content_hash(island_tables(3, 2001, connected=True), [11, 22]) != one


def test_flows_go_to_precincts_in_reach() -> None:
    tables = load_city_tables()
    for number in tables.numbers:
        flow = flow_weights(tables, number)
        assert set(flow) == set(tables.reach(number))
        assert abs(sum(flow.values()) - 1.0) < 1e-12
    assert flow_weights(tables, 23)[22] < 1e-3  # Central Park: a long boundary, and 25 residents
    assert flow_weights(island_tables(2, 500, connected=False), 11) == {}
    with pytest.raises(InputError, match="12"):
        flow_weights(island_tables(2, 500, connected=False), 12)


def test_a_near_pair_weighs_less_than_a_boundary() -> None:
    flow = flow_weights(island_tables(3, 500, connected=True), 11)
    assert flow[33] < 0.2 < 0.8 < flow[22]


def test_groups_cross_as_the_flows_say() -> None:
    tables = island_tables(3, 60_000, connected=True)
    city = build_city(tables, tables.numbers, NetworkSpec.default())
    first_rows = int(city.precinct["street"][0])
    slot = city.resident["slot"][city.street_tie[: city.street_start[first_rows]]]
    across = np.bincount(slot, minlength=3)[1:]
    flow = flow_weights(tables, 11)
    np.testing.assert_allclose(across / across.sum(), [flow[22], flow[33]], atol=0.02)


def test_concentration_counts_what_is_there(city: City, tables: CityTables) -> None:
    figures = concentration(city, tables)
    assert (figures.precincts, figures.residents, figures.street, figures.crews) == (3, 6000, 330, 12)
    assert figures.crew_members == (city.resident["crew"] != ABSENT).sum()
    assert figures.ties_mean == pytest.approx(city.street_tie.size / 330)
    assert figures.ties_most == np.diff(city.street_start).max()
    slot = city.resident["slot"]
    residents = np.concatenate([np.arange(110) + 2000 * i for i in range(3)])
    own = np.repeat(slot[residents], np.diff(city.street_start))
    assert figures.ties_across_precincts == pytest.approx((own != slot[city.street_tie]).mean())
    assert len(figures.lines()) == 6


def test_concentration_agrees_with_networkx(city: City, tables: CityTables) -> None:
    import networkx as nx

    from cms_sim.city.graph import to_networkx

    graph = to_networkx(city, "street")
    figures = concentration(city, tables)
    several = [value for node, value in nx.clustering(graph).items() if graph.degree(node) >= 2]
    assert figures.clustering == pytest.approx(np.mean(several))
    assert figures.largest_component == pytest.approx(max(map(len, nx.connected_components(graph))) / 330)


def test_concentration_knows_even_from_uneven(tables: CityTables) -> None:
    def figures(**overrides: float) -> tuple[float, float]:
        city = build_city(tables, tables.numbers, NetworkSpec.default(crews_per_100k_residents=0.0, **overrides))
        found = concentration(city, tables)
        return found.propensity_gini, found.started_by_top_tenth

    even, top_of_even = figures(activity_sigma=0.0)
    uneven, top_of_uneven = figures(activity_sigma=1.0)
    assert even < 0.2 < 0.4 < uneven  # the precincts differ in victims
    assert top_of_even < 0.2 < 0.3 < top_of_uneven


def test_most_victims_are_expected_in_the_network() -> None:
    tables = load_city_tables()
    city = build_city(tables, [23, 25, 28, 32], NetworkSpec.default())
    figures = concentration(city, tables)
    assert 0.6 < figures.victims_in_network < 0.8  # T3-008: 70%, with under 6% of residents
    assert figures.street / figures.residents < 0.06
