"""Runs are kept: a search that was broken off goes on, and another problem's folder is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from cms_sim.errors import InputError
from cms_sim.experiment.optimise.case import Case, case_of
from cms_sim.experiment.optimise.cells import GROUPS, Counts, Draws, draws_of, search_cells
from cms_sim.experiment.optimise.runs import Kept, Task, folder_for, live_with
from cms_sim.experiment.optimise.search import Found, search
from tests.made_up_plans import SMALL, MadeUp, problem_of

EFFORT = {**SMALL, "explore_plans": 20, "proposals": 3, "candidates": 4, "finalists": 3, "fresh_replicates": 32}


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of(problem_of(effort=EFFORT, precincts=[69, 71]))


@pytest.fixture(scope="module")
def draws(case: Case) -> Draws:
    return draws_of(case, "prior")


class Broken:
    """Lives some tasks, then ends as Ctrl-C does."""

    def __init__(self, case: Case, tasks: int) -> None:
        self._live = live_with(MadeUp(case, 1))
        self._left = tasks

    def __call__(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Counts]]:
        for task in tasks:
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
            yield from self._live([task])


def same(one: Found, other: Found) -> bool:
    return [each.plan for each in one.entries] == [each.plan for each in other.entries] and bool(
        np.array_equal(one.counts, other.counts)
    )


def test_a_search_goes_on_where_it_was_broken_off(case: Case, draws: Draws, tmp_path: Path) -> None:
    whole = search(case, MadeUp(case, 1))
    with folder_for(case, draws, tmp_path), pytest.raises(KeyboardInterrupt):
        search(case, Kept(case, tmp_path, Broken(case, 3)))
    with folder_for(case, draws, tmp_path):
        kept = Kept(case, tmp_path, live_with(MadeUp(case, 1)))
        known = kept.known
        assert known > 0
        assert same(search(case, kept), whole) and kept.simulated == kept.known - known
        kept.gather()
    with folder_for(case, draws, tmp_path):
        again = Kept(case, tmp_path, live_with(MadeUp(case, 1)))
        assert same(search(case, again), whole) and again.simulated == 0
    assert [file.name for file in tmp_path.glob("*.parquet")] == ["runs.parquet"] and not (tmp_path / "parts").exists()


def test_the_folder_of_another_search_is_refused(case: Case, draws: Draws, tmp_path: Path) -> None:
    busy = pytest.raises(InputError, match="another search is writing")
    with folder_for(case, draws, tmp_path), busy, folder_for(case, draws, tmp_path):
        pass
    other = case_of(problem_of(effort=EFFORT, precincts=[69, 70]))
    with pytest.raises(InputError, match=r"differs in: .*precincts"), folder_for(other, draws, tmp_path):
        pass
    with folder_for(case_of(problem_of(effort={**EFFORT, "rounds": 2}, precincts=[69, 71])), draws, tmp_path):
        pass  # more effort goes on with the same runs


@pytest.mark.parametrize("text", ["", '{"hash": "ab', "[]", "7", "[" * 100_000])
def test_a_damaged_record_is_named(text: str, case: Case, draws: Draws, tmp_path: Path) -> None:
    with folder_for(case, draws, tmp_path):
        pass
    (tmp_path / "runs.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"runs\.json: is damaged"), folder_for(case, draws, tmp_path):
        pass


def test_a_folder_with_something_else_is_left_alone(case: Case, draws: Draws, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match="something else"), folder_for(case, draws, tmp_path):
        pass
    assert sorted(file.name for file in tmp_path.iterdir() if file.name != ".lock") == ["letter.txt"]


def damaged(how: str, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = file.read_bytes()
    table = pq.read_table(file)
    if how == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "overwritten":
        file.write_bytes(whole[:200] + bytes(len(whole) - 400) + whole[-200:])
    elif how == "a row short":
        pq.write_table(table.slice(0, len(table) - 1), file)
    elif how == "a column short":
        pq.write_table(table.drop_columns(["deaths"]), file)
    elif how == "in another order":
        pq.write_table(table.take(list(reversed(range(len(table))))), file)
    else:
        name, value = IMPOSSIBLE[how]
        column: list[object] = table[name].to_pylist()
        column[0] = value
        values = pa.array(column if not isinstance(value, str) else [str(each) for each in column])
        pq.write_table(table.set_column(table.column_names.index(name), name, values), file)


IMPOSSIBLE: Mapping[str, tuple[str, object]] = {
    "fewer than none": ("victims", -3),
    "no number": ("victims", float("nan")),
    "nothing": ("deaths", None),
    "half a person": ("victims", 1.5),
    "more than fit": ("victims", 2**40),
    "more killed than shot": ("deaths", 2**30),
    "more shot than in all groups": ("victims", 2**30),
    "of no group": (GROUPS[7], 0),
    "no draw": ("draw", None),
    "no plan": ("plan", None),
    "no hypothesis": ("hypothesis", None),
    "a word": ("victims", "many"),
}
"""The first cell of a column, and what cannot stand in it."""
FORMS = ("cut", "empty", "overwritten", "a row short", "a column short", "in another order")


@pytest.mark.parametrize("how", [*FORMS, *IMPOSSIBLE])
@pytest.mark.parametrize("gathered", [False, True])
def test_a_damaged_file_of_runs_is_named(how: str, gathered: bool, case: Case, draws: Draws, tmp_path: Path) -> None:
    cells = search_cells(case, 0, 2)
    with folder_for(case, draws, tmp_path):
        kept = Kept(case, tmp_path, live_with(MadeUp(case, 1)))
        before = kept.run([0, 1], cells, whole=False)
        if gathered:
            kept.gather()
    (file,) = [*tmp_path.glob("*.parquet"), *tmp_path.glob("parts/*.parquet")][:1]
    damaged(how, file)
    with folder_for(case, draws, tmp_path), pytest.raises(InputError, match="is damaged") as caught:
        Kept(case, tmp_path, live_with(MadeUp(case, 1)))
    assert caught.value.where == str(file) and "Delete this file" in caught.value.remedy
    file.unlink()  # as the message says
    again = Kept(case, tmp_path, live_with(MadeUp(case, 1)))
    assert (again.run([0, 1], cells, whole=False) == before).all() and again.simulated > 0
