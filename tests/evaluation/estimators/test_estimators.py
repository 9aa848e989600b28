"""What each estimator does on panels that can be worked out by hand, and what it says when there is nothing to say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.evaluation.estimators import libraries
from cms_sim.evaluation.estimators.battery import ESTIMATORS, estimate_all, over_replicates
from cms_sim.evaluation.estimators.before_after import against_not_yet_covered, against_rest_of_city, raw_change
from cms_sim.evaluation.estimators.event_study import event_study
from cms_sim.evaluation.estimators.panel import Panel, adjacent, record_panel, tidy_panel
from cms_sim.evaluation.estimators.poisson import Periods, between_openings, change
from cms_sim.evaluation.estimators.poisson_did import poisson_did
from cms_sim.evaluation.estimators.spillover import spillover
from cms_sim.evaluation.estimators.synthetic_control import synthetic_control
from tests.evaluation.estimators.made_panels import made_panel

STEADY = (40, 43, 69, 73, 75, 77, 79, 81)


def steady(openings: dict[int, int], ratio: float = 0.5, months: int = 96) -> Panel:
    """Twelve victims a month in every precinct, times `ratio` where a site is open."""
    counts = np.full((len(STEADY), months), 12)
    for number, month in openings.items():
        counts[STEADY.index(number), month:] = int(12 * ratio)
    span = np.datetime64("2010-01", "M") + np.arange(months)
    near: dict[int, tuple[int, ...]] = {43: (69,), 69: (43,)}
    return Panel(STEADY, span, counts, openings, frozenset(openings), near, tuple(openings))


def test_a_halving_is_told_by_every_estimator() -> None:
    panel = steady({40: 48, 73: 60})
    for estimator in (raw_change, against_not_yet_covered, event_study, poisson_did, synthetic_control):
        found = estimator(panel)
        assert found.value == pytest.approx(-50.0, abs=1e-6), found.name
    assert all(found.value == pytest.approx(-50.0, abs=0.01) for found in estimate_all(panel)[5:7])
    rest = against_rest_of_city(panel).value
    assert -50.0 < rest < -45.0  # site 73 is among the controls of site 40, and falls with it


def test_parts_are_named_by_site_and_add_up() -> None:
    found = raw_change(steady({40: 48, 73: 60}))
    assert [part.name for part in found.parts] == ["precinct 40, from 2014-01", "precinct 73, from 2015-01"]
    assert [part.notes for part in found.parts] == [("288 to 144",)] * 2
    assert all(part.low < -50.0 < part.high < 0.0 for part in found.parts)


def test_a_fall_next_door_is_a_spillover() -> None:
    panel = steady({43: 48})
    counts = panel.counts.copy()
    counts[STEADY.index(69), 48:] = 9
    found = spillover(replace(panel, counts=counts))
    assert found.value == pytest.approx(-25.0, abs=1e-6) and found.notes[-1].startswith("1 precincts")
    assert found.parts[0].value == pytest.approx(-25.0, abs=1e-6)


def test_sums_between_openings_give_what_months_give() -> None:
    """The same estimate; the clustered error but for the small-sample factor sqrt((n - 1) / (n - k))."""
    panel = made_panel(3, 0.8)
    cut = panel.precincts.index(60)
    small = replace(
        panel,
        precincts=panel.precincts[:cut],
        counts=panel.counts[:cut, 60:120],
        months=panel.months[60:120],
        openings={n: m - 60 for n, m in panel.openings.items() if n < 60},
        sites=tuple(n for n in panel.sites if n < 60),
    )
    short = between_openings(small)
    months = Periods(small.counts, np.arange(60))
    found = []
    for periods in (short, months):
        open_ = small.opening[:, None] <= periods.begins
        found.append(change("x", periods.counts, open_, np.ones(periods.counts.shape, dtype=bool)))
    assert short.counts.shape[1] < 10
    assert found[0].value == pytest.approx(found[1].value, abs=1e-6)
    kept = int((small.counts.sum(axis=1) > 0).sum())
    n, k = kept * np.array([short.counts.shape[1], 60]), kept + np.array([short.counts.shape[1], 60])
    factor = np.sqrt(((n - 1) / (n - k))[0] / ((n - 1) / (n - k))[1])
    width = [np.log((100 + each.high) / (100 + each.low)) for each in found]
    assert width[0] / width[1] == pytest.approx(factor, rel=1e-6)


def test_what_cannot_be_estimated_says_why() -> None:
    for panel in (steady({40: 12}), steady({})):
        unknown = [found for found in estimate_all(panel) if not found.known]
        assert unknown and all(found.notes and "unknown (" in found.line() for found in unknown)
        assert all(found.as_json()["value"] is None for found in unknown)
    everywhere = steady(dict.fromkeys(STEADY, 48))
    assert "nothing to compare with" in poisson_did(everywhere).notes[0]
    assert not against_not_yet_covered(everywhere).known and not event_study(everywhere).known


def test_nobody_shot_is_no_estimate() -> None:
    panel = steady({40: 48})
    nobody = replace(panel, counts=np.zeros_like(panel.counts))
    assert [found.name for found in estimate_all(nobody) if found.known] == []


def test_a_tidy_table_gives_the_panel_of_the_record() -> None:
    tables = load_city_tables()
    whole = record_panel(tables)
    precinct, month = np.indices(whole.counts.shape).reshape(2, -1)
    columns = {"precinct": np.array(whole.precincts)[precinct], "month": whole.months[month].astype("datetime64[s]")}
    frame = pd.DataFrame(columns | {"victims": whole.counts.ravel()})
    openings = {number: str(whole.months[start]) for number, start in whole.openings.items() if start < 168}
    panel = tidy_panel(frame[frame["victims"] > 0], openings, tables)
    assert raw_change(panel.studying(whole.sites)).value == raw_change(whole).value
    assert panel.neighbours == adjacent(tables) and 77 in panel.neighbours[73]


def test_a_site_that_never_opens_is_refused() -> None:
    panel = record_panel(load_city_tables())
    with pytest.raises(InputError, match=r"no site opens in precinct 43 (.|\n)*Sites open in: 23, 25"):
        panel.studying([43])
    with pytest.raises(InputError, match=r"precinct 74 is not on record(.|\n)*73 and 75"):
        panel.studying([74])
    with pytest.raises(InputError, match="Did you mean 'victims'"):
        record_panel(load_city_tables(), "victim")


def test_replicates_are_told_by_mean_and_range() -> None:
    by_replicate = [raw_change(made_panel(seed, 0.8)) for seed in range(3)]
    found, values = over_replicates([[each] for each in by_replicate])[0], [each.value for each in by_replicate]
    assert found.draws == tuple(values) and found.value == pytest.approx(np.mean(values)) and found.n == 3
    assert min(values) <= found.low < found.value < found.high <= max(values)
    assert "a fall in 100% of them" in found.notes[1]


def test_a_missing_library_is_one_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr(libraries.importlib, "import_module", missing)
    with pytest.raises(InputError, match=r"need statsmodels, which is not installed(.|\n)*cms-sim\[evaluation\]"):
        libraries.check_libraries()


def test_every_estimator_has_a_name_of_its_own() -> None:
    names = [found.name for found in estimate_all(steady({40: 48}))]
    assert len(set(names)) == len(ESTIMATORS) == 11
