"""What is known at a cut: nothing of the years after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.engine.rules import default_values, make_rules
from cms_sim.errors import InputError
from cms_sim.evaluation.forecast import check
from cms_sim.evaluation.forecast.histories import Cut, ForecastCity, Future, Past, SolveLevels
from cms_sim.evaluation.forecast.known import known_until
from cms_sim.evaluation.forecast.parts import do
from cms_sim.evaluation.forecast.statistics import observed_before, targets_before
from cms_sim.evaluation.patterns.counts import by_year, monthly
from cms_sim.experiment.levels import LevelSolver, Solved
from tests.small_city import island_tables

COUNTS = ("incidents", "victims", "fatal_incidents")
UNTIL = 2011


@pytest.fixture(scope="module")
def small() -> CityTables:
    """Two precincts, 2006-2013, with chance in the counts."""
    tables = island_tables(2, 4000, connected=True)
    months = np.arange("2006-01", "2014-01", dtype="datetime64[M]")
    incidents = np.random.default_rng(1).poisson(4.0, (2, months.size))
    return replace(
        tables, months=months, incidents=incidents, victims=incidents + incidents // 4, fatal_incidents=incidents // 5
    )


def otherwise_after(tables: CityTables, until: int) -> CityTables:
    """The same but for every count after the year."""
    after = tables.months > np.datetime64(f"{until}-12")
    changed = {name: np.where(after, 3 * getattr(tables, name) + 1, getattr(tables, name)) for name in COUNTS}
    return replace(tables, **changed)


class AnySolver(LevelSolver):
    """Levels good enough for a test, without solving."""

    def solve(self, values):  # type: ignore[no-untyped-def]
        return Solved(values["shooting_chance"], 0.2, 0.0)


def lived(tables: CityTables, replicate: int = 0) -> np.ndarray:
    known = known_until(UNTIL, tables)
    city = ForecastCity(AnySolver(known, NetworkSpec.default()), len(tables.months))
    return monthly(city.live({}, 5, replicate)).victims


@pytest.mark.parametrize("until", [2013, 2016])
def test_the_packaged_city_is_known_the_same_whatever_came_after(until: int) -> None:
    whole = load_city_tables()
    changed = otherwise_after(whole, until)
    assert changed.content_hash != whole.content_hash
    first, second = known_until(until, whole), known_until(until, changed)
    assert first.content_hash == second.content_hash
    targets = targets_before(first)
    assert observed_before(first, targets) == pytest.approx(observed_before(second, targets_before(second)))


def test_a_forecast_is_the_same_whatever_came_after(small: CityTables) -> None:
    said = lived(small)
    assert said.shape == (2, 96)
    assert np.array_equal(said, lived(otherwise_after(small, UNTIL)))
    assert not np.array_equal(said, lived(otherwise_after(small, UNTIL - 1))), "what is known does matter"
    assert not np.array_equal(said, lived(small, replicate=1))


def test_the_known_years_stand_at_the_record_and_the_others_are_drawn(small: CityTables) -> None:
    city = ForecastCity(AnySolver(known_until(UNTIL, small), NetworkSpec.default()), 96)
    levels = []
    for replicate in range(3):
        city.live({}, 5, replicate)
        levels.append(city.expected({}))
    known = city.levels.record.incidents_per_day(72)
    assert all(each[:, :72] == pytest.approx(known) for each in levels)
    assert len({each[0, 80] for each in levels}) == 3
    assert city.held == 0.0


def test_a_level_is_held_to_what_the_engine_can_hold(small: CityTables, monkeypatch: pytest.MonkeyPatch) -> None:
    city = ForecastCity(AnySolver(known_until(UNTIL, small), NetworkSpec.default()), 96)
    monkeypatch.setattr(city._forecast.__class__, "draw", lambda *_: np.full((2, 96), 50.0))
    city.live({"yearly_precinct_spread": 0.1}, 5, 0)
    assert city.held == 1.0


def test_sites_that_open_after_the_cut_are_in_the_plan() -> None:
    known = known_until(2013)
    city = ForecastCity(AnySolver(known, NetworkSpec.default()), len(load_city_tables().months))
    opens = {int(site["number"]): int(site["opens"]) for site in city._plan.site}
    after = [number for number, day in opens.items() if day >= 2922]
    assert city.until == 5113 and len(after) > 10


def test_a_precinct_that_was_cut_out_has_its_share_of_earlier_counts() -> None:
    whole, known = load_city_tables(), known_until(2013)
    rows = [known.row(number) for number in (120, 121, 122)]
    others = [row for row in range(len(known.precincts)) if row not in rows]
    before = whole.before(2014)
    for name in COUNTS:
        assert np.array_equal(getattr(known, name)[others], getattr(before, name)[others])
        assert np.array_equal(getattr(known, name)[rows].sum(axis=0), getattr(before, name)[rows].sum(axis=0))
    share = by_year(known.incidents)[rows].sum(axis=1)
    since = before.incidents[rows][:, -6:].sum(axis=1)
    assert share[1] / share.sum() == pytest.approx(since[1] / since.sum(), abs=0.02)
    assert (known.incidents >= 0).all()


def test_victims_per_incident_are_those_of_the_known_rows() -> None:
    known = known_until(2013)
    shares = known.victims_per_incident / known.victims_per_incident.sum()
    assert shares @ np.arange(1, len(shares) + 1) == pytest.approx(
        known.victims.sum() / known.incidents.sum(), abs=1e-5
    )
    published = load_city_tables().victims_per_incident[1:]
    assert shares[1:] / shares[1:].sum() == pytest.approx(published / published.sum(), abs=1e-3)
    assert make_rules(known, default_values())["victims"][0] == pytest.approx(shares[0])


def test_before_2014_no_effect_of_sites_is_known() -> None:
    early, late = ({target.name for target in targets_before(known_until(until))} for until in (2013, 2016))
    assert "relative_rest_of_city" in late - early
    assert {"share_statistic", "dispersion_monthly", "participants_per_site"} <= early
    assert not {"dispersion_daily", "survey_programme"} & late


@pytest.mark.parametrize("until", [2005, 2009, 2019, 2030])
def test_a_year_that_cannot_be_a_cut_is_refused(until: int) -> None:
    with pytest.raises(InputError, match="from 2010 to 2018"):
        known_until(until)


def test_every_part_of_the_work_is_of_what_is_known(
    small: CityTables, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    """The record that is loaded has other counts after the cut: the work is the same to the last row."""
    from cms_sim.evaluation.forecast import histories

    found = []
    for number, tables in enumerate((small, otherwise_after(small, UNTIL))):
        known = known_until(UNTIL, tables)
        monkeypatch.setattr(histories, "packaged_until", lambda until, known=known: known)
        monkeypatch.setattr(check, "load_city_tables", lambda tables=tables: tables)
        said = check.forecast(UNTIL, "city", tmp_path / str(number), check.Effort(0, 3, 20), 7, 1, lambda done: None)
        found.append(said)
    assert np.array_equal(found[0].victims, found[1].victims)
    assert np.array_equal(found[0].draws.values, found[1].draws.values)
    assert found[0].victims.shape == (3, 2, 24)
    scores = [
        check.scored(said, tables) for said, tables in zip(found, (small, otherwise_after(small, UNTIL)), strict=True)
    ]
    assert scores[0].tables[0].model.crps.mean() < scores[1].tables[0].model.crps.mean(), "only what came differs"


def test_work_of_another_kind_is_refused(small: CityTables, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from cms_sim.evaluation.forecast import histories

    monkeypatch.setattr(histories, "packaged_until", lambda until: known_until(UNTIL, small))
    cut = Cut.now(UNTIL, "city", 20)
    assert SolveLevels(cut).draws == 20
    do(Future(cut, ("detection",), ((0.02,), (0.03,)), 1, 84), tmp_path, 1)
    with pytest.raises(InputError, match="other work"):
        do(Past(cut, 2, 1), tmp_path, 1)
