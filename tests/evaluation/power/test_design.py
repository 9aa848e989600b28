"""Designs: what they stand for, and what is wrong with the ones that cannot be made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.evaluation.power.choosing import sites_of
from cms_sim.evaluation.power.design import StudyPart, built_in, read_design
from cms_sim.evaluation.power.detectable import FEWEST
from cms_sim.evaluation.power.study import Study, studies_of
from cms_sim.report.power_page import MARKER
from tests.pages import DOCS, blocks, text_of

GOOD = """
histories = 20
[[study]]
name = "five"
sites = "expansion_2020"
start = 2018-01-01
"""


def studies(text: str, folder: Path) -> list[Study]:
    file = folder / "design.toml"
    file.write_text(text, encoding="utf-8")
    return studies_of(*read_design(file), load_city_tables())


def test_a_design_is_read(tmp_path: Path) -> None:
    (study,) = studies(GOOD, tmp_path)
    tables = load_city_tables()
    assert tuple(tables.numbers[row] for row in study.pool) == (43, 69, 70, 71, 103)
    assert study.starts == (144,) * 5 and (study.before, study.after) == (24, 24)


def test_lists_make_a_study_each(tmp_path: Path) -> None:
    text = GOOD.replace('sites = "expansion_2020"', 'choice = "random"\nnumber = [1, 3]\nmonths_between_starts = 2')
    found = studies(text.replace("2018", "2016") + "months = [[24, 24], [12, 6]]\n", tmp_path)
    assert [(study.number, study.before, study.after) for study in found] == [(1, 24, 24), (1, 12, 6), (3, 24, 24),
                                                                              (3, 12, 6)]  # fmt: skip
    assert found[2].starts == (120, 122, 124)
    assert len({study.name for study in found}) == 4


def test_the_record_s_own_sites_and_dates() -> None:
    design, source = built_in()
    record = next(study for study in studies_of(design, source, load_city_tables()) if "17 of" in study.name)
    assert record.number == 17 and len(set(record.starts)) > 5


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("histories", "historys"), 2, "Did you mean 'histories'"),
        (("histories = 20", "histories = 0"), 2, "at least 1"),
        (("histories = 20", 'hypothesis = "chicagoo"'), 2, "Did you mean 'chicago'"),
        (("histories = 20", "effects_percent = [-120]"), 2, "from -100 to 100"),
        (("2018-01-01", "2018-01-01\nestimator_effects_percent = [0, 120]"), 7, "from -100 to 100"),
        (("expansion_2020", "expansion_2021"), 5, "Did you mean 'expansion_2020'"),
        (('"expansion_2020"', "[43, 999]"), 5, "The nearest are"),
        (('"expansion_2020"', "[43, 70, 43]"), 5, "precinct 43 is named twice"),
        (("2018-01-01", "2019-01-01"), 6, "to 2018-01"),
        (("start = 2018-01-01", ""), 3, "start = 2018-01-01"),
        (("2018-01-01", '2018-01-01\ncontrols = ["rest_of_town"]'), 7, "Did you mean 'rest_of_city'"),
        (("2018-01-01", '2018-01-01\nestimators = ["poison_did"]'), 7, "Did you mean 'poisson_did'"),
        (("2018-01-01", '2018-01-01\nchoice = "radnom"'), 7, "'random'"),
        (("2018-01-01", '2018-01-01\nchoice = "random"'), 3, "numbers from 1 to 5"),
        (("2018-01-01", '2018-01-01\nnumber = [2]'), 7, "Leave it out"),
        (("2018-01-01", "2018-01-01\nmonths = [[24]]"), 7, "[[before, after]]"),
        (("2018-01-01", "2018-01-01\nspillover_share = 3.0"), 7, "from -1 to 1"),
        (('sites = "expansion_2020"', 'sites = "record"'), 6, "dates of their own"),
        (('sites = "expansion_2020"', 'choice = "largest_rise"\nnumber = [3]\nprogramme = true'), 7, "list sites"),
        (('sites = "expansion_2020"\n', ""), 3, "Add sites"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said(change: tuple[str, str], line: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as failure:
        studies(GOOD.replace(*change), tmp_path)
    message = str(failure.value)
    assert f"design.toml, line {line}" in message and said in message


def test_two_studies_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name of its own"):
        studies(GOOD + GOOD.replace("histories = 20", ""), tmp_path)


def test_no_design_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_design(tmp_path / "none.toml")


def study(choice: str, number: int) -> Study:
    return Study("s", choice, tuple(range(6)), (36,) * number, 24, 24, (), (), (), 0.0, False)  # type: ignore[arg-type]


def test_peaks_are_chosen_in_each_history() -> None:
    counts = np.full((2, 6, 60), 10)
    counts[0, 4, 24:36] = 30  # a high last year
    counts[1, 2, :] = 50  # always highest, no rise
    counts[1, 3, 30:36] = 20
    numbers = tuple(range(1, 7))
    highest = sites_of(study("highest_last_year", 1), counts, range(2), 1, numbers)
    rise = sites_of(study("largest_rise", 1), counts, range(2), 1, numbers)
    assert highest.tolist() == [[4], [2]] and rise.tolist() == [[4], [3]]


def test_lots_are_nested_and_hang_on_the_history_alone() -> None:
    counts, numbers = np.zeros((3, 6, 60), dtype=np.int64), tuple(range(1, 7))
    three = sites_of(study("random", 3), counts, range(3), 1, numbers)
    five = sites_of(study("random", 5), counts, range(3), 1, numbers)
    later = sites_of(study("random", 3), counts[1:], range(1, 3), 1, numbers)
    assert (five[:, :3] == three).all() and (later == three[1:]).all()
    many = sites_of(study("random", 1), np.zeros((600, 6, 60), dtype=np.int64), range(600), 1, numbers)
    assert np.bincount(many[:, 0], minlength=6).min() > 60  # 100 expected, standard deviation 9


def test_the_design_of_the_page_is_one(tmp_path: Path) -> None:
    (block,) = blocks(DOCS / "power.md", "toml")
    found = studies(block, tmp_path)
    assert [(each.number, each.before, each.programme) for each in found] == [(5, 24, True), (5, 12, False)]
    assert found[0].estimators and MARKER in text_of(DOCS / "power.md").splitlines()


def test_the_built_in_design_asks_for_enough_histories_to_say_what_is_found() -> None:
    design, source = built_in()
    first, *others = studies_of(design, source, load_city_tables())
    assert min(design.histories, design.estimator_histories) >= FEWEST
    assert first.number == 5 and first.programme and others


def test_the_built_in_design_plants_falls_around_what_estimators_can_detect() -> None:
    """Before/after studies of five sites detect about 33%, of the 17 about 15%: neither is read off a line from 0."""
    design, source = built_in()
    asked = [study for study in studies_of(design, source, load_city_tables()) if study.estimators]
    around = {5: {0.0, -20.0, -30.0, -40.0}, 17: {0.0, -10.0, -15.0, -20.0}}
    assert {study.number for study in asked} == set(around)
    assert all(around[study.number] <= set(study.estimator_effects_percent) for study in asked)
    default = StudyPart(name="some").estimator_effects_percent
    assert {-10.0, -15.0, -20.0} < set(default)
