"""Layers as graphs and back, and a user's own edge list."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cms_sim.city import graph as graph_module
from cms_sim.city.arrays import ABSENT, City
from cms_sim.city.build import build_city
from cms_sim.city.edges import from_edges
from cms_sim.city.graph import from_networkx, to_networkx
from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.errors import InputError

HEADER = "precinct_a,index_a,precinct_b,index_b,layer\n"


def write(folder: Path, *lines: str) -> Path:
    file = folder / "ties.csv"
    file.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def kin_sets(city: City) -> list[set[int]]:
    return [{other for other in ties if other != ABSENT} for ties in city.kin.tolist()]


@pytest.mark.parametrize("layer", ["kin", "street"])
def test_a_layer_goes_out_and_comes_back(layer: str, city: City, tables: CityTables, spec: NetworkSpec) -> None:
    graph = to_networkx(city, layer)
    back = from_networkx(tables, tables.numbers, spec, graph, layer)
    assert kin_sets(back) == kin_sets(city)
    np.testing.assert_array_equal(back.street_start, city.street_start)
    np.testing.assert_array_equal(back.street_tie, city.street_tie)
    assert not back.kin.flags.writeable
    assert graph.number_of_nodes() == (6000 if layer == "kin" else 330)


def test_nodes_carry_what_is_known_of_a_person(city: City) -> None:
    graph = to_networkx(city, "street", precinct=22)
    node = graph.nodes[22, 0]
    person = city.resident[2000]
    assert node["age"] == person["age"]
    assert node["norm"] == person["norm"] / 10_000
    assert node["crew"] == (22, 0)
    assert node["outside"] == 0
    assert {number for number, _ in graph} == {11, 22, 33}
    assert {number for pair in graph.edges for number, _ in pair if (22 not in (pair[0][0], pair[1][0]))} == set()


def test_ties_out_of_play_are_told(tables: CityTables, spec: NetworkSpec, city: City) -> None:
    alone = to_networkx(build_city(tables, [22], spec), "street")
    whole = to_networkx(city, "street", precinct=22)
    outside = nx.get_node_attributes(alone, "outside")
    assert sum(outside.values()) > 0
    for node in alone:
        assert alone.degree(node) + outside[node] == whole.degree(node)


def test_surroundings_of_a_resident(city: City) -> None:
    near = to_networkx(city, "street", residents=[(11, 5)], steps=1)
    assert set(near) == {(11, 5), *near.neighbors((11, 5))}
    wide = to_networkx(city, "street", residents=[(11, 5)], steps=2)
    whole = to_networkx(city, "street")
    expected = nx.ego_graph(whole, (11, 5), radius=2)
    assert set(wide) == set(expected)
    assert {frozenset(edge) for edge in wide.edges} == {frozenset(edge) for edge in expected.edges}


def test_crews_are_dense_and_rivals_are_crews(city: City) -> None:
    crews = to_networkx(city, "crew")
    sizes = sorted(len(part) for part in nx.connected_components(crews))
    assert sizes == sorted(city.crew["size"].tolist())
    assert crews.number_of_edges() == sum(size * (size - 1) // 2 for size in sizes)
    rivals = to_networkx(city, "rivalry")
    assert rivals.number_of_nodes() == city.crew.size
    assert rivals.number_of_edges() == city.rival.size // 2
    assert sum(members for _, members in rivals.nodes(data="members")) == city.crew["size"].sum()


def test_too_large_a_graph_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "EDGE_LIMIT", 7000)
    with pytest.raises(InputError, match="Ask for one precinct"):
        to_networkx(city, "kin")
    assert to_networkx(city, "kin", precinct=11).number_of_nodes() == 2000
    monkeypatch.setattr(graph_module, "EDGE_LIMIT", 5000)
    with pytest.raises(InputError, match="fewer steps"):
        to_networkx(city, "kin", residents=[(11, 0)], steps=12)


def test_unknown_names_in_graphs_are_refused(city: City, tables: CityTables, spec: NetworkSpec) -> None:
    with pytest.raises(InputError, match="Did you mean 'street'"):
        to_networkx(city, "stret")
    with pytest.raises(InputError, match="precinct 12 is not in play"):
        to_networkx(city, "kin", precinct=12)
    with pytest.raises(InputError, match="no resident 2000"):
        to_networkx(city, "kin", residents=[(11, 2000)])
    with pytest.raises(InputError, match="cannot be replaced"):
        from_networkx(tables, [11], spec, nx.Graph(), "crew")
    with pytest.raises(InputError, match="not a resident"):
        from_networkx(tables, [11], spec, nx.Graph([("Ann", "Bo")]), "kin")


def test_an_edge_list_replaces_its_layers_only(
    tmp_path: Path, tables: CityTables, spec: NetworkSpec, city: City
) -> None:
    file = write(tmp_path, "11,0,11,1,street", "22,3,11,0,street", "11,1,11,0,street")
    own = from_edges(tables, tables.numbers, spec, file)
    assert own.street_tie.tolist() == [1, 2003, 0, 0]
    assert np.diff(own.street_start)[[0, 1, 113]].tolist() == [2, 1, 1]
    assert own.street_start[-1] == 4
    np.testing.assert_array_equal(own.kin, city.kin)
    alone = from_edges(tables, [11], spec, file)
    assert alone.street_tie.tolist() == [1, ABSENT, 0]


def test_a_frame_serves_as_an_edge_list(tables: CityTables, spec: NetworkSpec) -> None:
    frame = pd.DataFrame(
        {"precinct_a": [11, 22], "index_a": [1, 5], "precinct_b": [11, 33], "index_b": [7, 9], "layer": "kin"}
    )
    own = from_edges(tables, tables.numbers, spec, frame)
    assert (own.kin != ABSENT).sum() == 4
    assert own.kin[1, 0] == 7
    assert own.kin[2005, 0] == 4009
    with pytest.raises(InputError, match="column 'layer' is missing"):
        from_edges(tables, tables.numbers, spec, frame.drop(columns="layer"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("11,0,11,0,street", "line 3.*ties a resident to themselves"),
        ("11,0,11,110,street", "line 3, column 'index_b'.*0 to 109.*\n.*street_share"),
        ("11,2000,11,1,kin", "line 3, column 'index_a'.*0 to 1999"),
        ("12,0,11,1,kin", "line 3, column 'precinct_a'.*precinct 12"),
        ("11,0,11,1,kni", "line 3, column 'layer'.*\n.*Did you mean 'kin'"),
        ("11,x,11,1,kin", "line 3, column 'index_a'.*not a whole number"),
        ("11,0,11,-1,kin", "line 3, column 'index_b'.*out of range"),
        ("11,0,11", "line 3.*3 cells"),
    ],
)
def test_bad_lines_are_named(line: str, message: str, tmp_path: Path, tables: CityTables, spec: NetworkSpec) -> None:
    with pytest.raises(InputError, match=message):
        from_edges(tables, tables.numbers, spec, write(tmp_path, "11,4,11,5,kin", line))


def test_more_kin_than_the_layer_holds(tmp_path: Path, tables: CityTables, spec: NetworkSpec) -> None:
    six = [f"11,0,11,{other},kin" for other in range(1, 7)]
    assert (from_edges(tables, [11], spec, write(tmp_path, *six, six[0])).kin[0] != ABSENT).all()
    with pytest.raises(InputError, match=r"line 8.*resident 0 of precinct 11 has more than 6"):
        from_edges(tables, [11], spec, write(tmp_path, *six, "11,9,11,0,kin"))


def test_a_missing_file_and_a_missing_column(tmp_path: Path, tables: CityTables, spec: NetworkSpec) -> None:
    with pytest.raises(InputError, match="no such file"):
        from_edges(tables, tables.numbers, spec, tmp_path / "none.csv")
    file = tmp_path / "ties.csv"
    file.write_text("precinct_a,index_a\n11,0\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'precinct_b' is missing"):
        from_edges(tables, tables.numbers, spec, file)
