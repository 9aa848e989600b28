"""A history is the same whatever the process lived before: else the number of workers would change the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.validation import histories
from cms_sim.evaluation.validation.histories import Histories
from cms_sim.experiment.draws import draw_from_priors
from cms_sim.experiment.levels_between import LevelsBetween

BROOKLYN = (66, 67, 70, 71, 72, 73, 76, 77, 78, 81, 83, 84)
"""Three with a site, and enough others beside them for every study to be made."""
RESIDENTS = 20_000


def small_brooklyn() -> CityTables:
    """These precincts of the record, with few residents."""
    whole, inside = load_city_tables(), set(BROOKLYN)
    rows = [whole.row(number) for number in BROOKLYN]
    return replace(
        whole,
        precincts=tuple(
            replace(whole.precincts[row], population_2010=RESIDENTS, population_2020=RESIDENTS) for row in rows
        ),
        boundaries=tuple(pair for pair in whole.boundaries if {pair.a, pair.b} <= inside),
        near_pairs=tuple(pair for pair in whole.near_pairs if {pair.a, pair.b} <= inside),
        incidents=whole.incidents[rows],
        victims=whole.victims[rows],
        fatal_incidents=whole.fatal_incidents[rows],
        sites=tuple(site for site in whole.sites if site.precinct in inside),
        sets={},
        tiles={number: whole.tiles[number] for number in BROOKLYN},
    )


def test_what_was_lived_before_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = small_brooklyn()
    monkeypatch.setattr(histories, "load_city_tables", lambda: tables)
    monkeypatch.setattr(histories, "LevelsBetween", lambda whole, reading: LevelsBetween(whole, reading, draws=8))
    work = Histories.now("city", draw_from_priors(3, 1, hypothesis("city")), 3)
    one_process, another = work.begin(), work.begin()
    first, second, first_again = (one_process(draw) for draw in (0, 1, 0))
    alone = another(1)
    assert second.keys() == alone.keys()
    assert [name for name in alone if not np.array_equal(second[name], alone[name])] == []
    assert [name for name in first if not np.array_equal(first[name], first_again[name])] == []
    assert sum(bool(first[name] != second[name]) for name in first) > 80, "two draws that differ little show little"
    assert all(np.isfinite(value) for value in alone.values())
