"""Extensions: the same events in either door, nothing added by a share of 0, pairing and retries unchanged."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cms_sim.compiled import bare_kernel
from cms_sim.data.city_tables import CityTables
from cms_sim.engine.arrays import FULL, N_CONFLICTS, N_HARMED, OUTCOME_COOLED
from cms_sim.engine.day import ORDER
from cms_sim.engine.state import begin, make_state
from cms_sim.errors import InputError, RunError
from cms_sim.experiment import extended_run
from cms_sim.experiment.arms import Arms
from cms_sim.experiment.compare import Request, plans_of, question_of
from cms_sim.experiment.extended_run import live
from cms_sim.experiment.extension import Extension, copy_of, load_extension
from cms_sim.experiment.extension_tools import FIRST_DRAW, cool, due, harmed, open_conflicts, settle, shootings, soothe
from cms_sim.experiment.summary import ArmSummary
from cms_sim.keys import uniform
from tests.engine import worlds
from tests.engine.logs import Log, log_of
from tests.pages import DOCS

EXAMPLES = DOCS / "examples"
UNTIL = worlds.BEGINS + 500
PYTHON, KERNEL = "(world, plan, state, own, day):", "(city, plan, rules, course, state, own, day):"
NOTHING_OF_IT = {"curfew": {"cancelled": 0.0}, "hospital_programme": {"settles": 0.0, "relief": 0.0}}
ALL_OF_IT = {"curfew": {"cancelled": 1.0}, "hospital_programme": {"reach": 1.0, "settles": 1.0, "relief": 1.0}}
ARRAYS = ("counts", "causes", "matched", "survey", "participants", "posts_filled", "enrolled")


def lived(extension: Extension | None, starts: int = worlds.BEGINS, **values: float) -> tuple[Log, Any]:
    """The log of a violent city under an extension, and the extension's record at the end."""
    world = worlds.make_world(2, values=worlds.VIOLENT, level=1.5)
    plan = worlds.plans(world, worlds.scenario([worlds.site(11)], numbers=(11, 22)))[0]
    state = make_state(world.city, plan, UNTIL, 20_000)
    begin(state, worlds.BEGINS)
    own = copy_of(extension.own(values), starts) if extension else None
    live(extension, world, plan, state, own, UNTIL)
    assert state.count[FULL] == 0
    return log_of(world, plan, state), own


def example(name: str) -> Extension:
    return load_extension(EXAMPLES / f"{name}.py")


def other_way(name: str, folder: Path) -> Extension:
    """The example written for the other door: the file of the callback as kernels, that of the kernels as callbacks."""
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
    if KERNEL in text:
        text = re.sub(r"@bare_kernel\n", "", text)
        text = re.sub(
            re.escape(KERNEL) + r"\n( +)(.+)", rf"{PYTHON}\n\1\2\n\1city, rules = world.city, world.rules", text
        )
    else:
        text = text.replace(PYTHON, KERNEL).replace("def send_home", "@bare_kernel\ndef send_home")
        text = text.replace("def at_night", "@both_ways\ndef at_night")
        text = (
            "from cms_sim.compiled import bare_kernel\nfrom cms_sim.experiment.extension_tools import both_ways\n"
            + text
        )
    file = folder / f"{name}.py"
    file.write_text(text, encoding="utf-8")
    extension = load_extension(file)
    assert extension.is_compiled != example(name).is_compiled
    return extension


@bare_kernel
def do_nothing(city, plan, rules, course, state, own, day):  # type: ignore[no-untyped-def]
    """A kernel that does nothing."""


def idle(world: Any, plan: Any, state: Any, own: Any, day: int) -> None:
    """The same in Python."""


@pytest.fixture(scope="module")
def plain() -> Log:
    return lived(None)[0]


def test_the_days_are_those_of_the_engine(plain: Log) -> None:
    """One day in Python, one step each way, one loop: the order of the steps is the engine's."""
    for extension in (
        Extension("python", evening=idle),
        Extension("both", morning=idle, evening=do_nothing),
        Extension("compiled", morning=do_nothing),
    ):
        assert lived(extension)[0] == plain, extension.name
    calls = [*extended_run.dawn.py_func.__code__.co_names, *extended_run.daylight.py_func.__code__.co_names]
    assert tuple(calls) == ORDER


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTHING_OF_IT)
def test_a_callback_and_a_kernel_give_the_same_events(name: str, tmp_path: Path, plain: Log) -> None:
    log, own = lived(example(name))
    other, other_own = lived(other_way(name, tmp_path))
    assert log == other and own == other_own
    assert log != plain and max(own[field[0]] for field in example(name).memory) > 20


@pytest.mark.parametrize(("name", "values"), NOTHING_OF_IT.items())
def test_a_share_of_nothing_changes_nothing(name: str, values: dict[str, float], plain: Log) -> None:
    assert lived(example(name), **values)[0] == plain
    assert lived(example(name), starts=UNTIL)[0] == plain  # nor does one that has not begun


def test_what_is_cancelled_depends_on_the_conflict_alone() -> None:
    """Whatever else happened: a conflict that is due at night is cancelled by its own draw."""
    log = lived(example("curfew"), cancelled=0.6)[0]
    at_night = {line[0]: line[9] for line in log["conflicts"] if line[8] >= 22 or line[8] < 5}
    spared = {key for key, outcome in at_night.items() if uniform(np.uint64(key), FIRST_DRAW) >= 0.6}
    shot = {key for key, outcome in at_night.items() if outcome == "shooting"}
    assert shot <= spared and len(shot) > 10


def test_a_whole_curfew_leaves_no_shooting_at_its_hours() -> None:
    log = lived(example("curfew"), cancelled=1.0, from_hour=20.0, to_hour=4.0)[0]
    hours = {line[8] for line in log["conflicts"] if line[9] == "shooting"}
    assert hours == set(range(4, 20))


def test_what_the_tools_find_is_what_the_logs_say() -> None:
    seen: dict[str, list[int]] = {"due": [], "shootings": [], "harmed": [], "cooled": []}

    def morning(world: Any, plan: Any, state: Any, own: Any, day: int) -> None:
        rows = list(due(state, day))
        assert set(rows) <= set(open_conflicts(state, day))
        assert all(state.conflict["head_day"][rows] == day)
        seen["due"] += rows
        if rows:
            cool(state, rows[0])
            settle(state, rows[0])  # it has ended: nothing is left to settle
            seen["cooled"].append(rows[0])

    def evening(world: Any, plan: Any, state: Any, own: Any, day: int) -> None:
        today = list(shootings(state))
        seen["shootings"] += today
        lines = list(harmed(state))
        assert {int(state.harmed["conflict"][line]) for line in lines} <= set(today)
        seen["harmed"] += lines
        for line in lines:
            who = int(state.harmed["resident"][line])
            before = int(state.person["trauma"][who])
            soothe(state, world.rules, who, day, 0.25)
            assert int(state.person["trauma"][who]) == int(before * 0.75) > 0
        seen["conflicts"] = [int(state.count[N_CONFLICTS])]
        seen["all"] = [int(state.count[N_HARMED])]
        seen["outcomes"] = state.conflict["outcome"][seen["cooled"]].tolist()

    log = lived(Extension("observer", morning=morning, evening=evening))[0]
    assert len(seen["shootings"]) == sum(line[9] == "shooting" for line in log["conflicts"]) > 50
    assert seen["harmed"] == list(range(seen["all"][0]))
    assert len(set(seen["due"])) > 300 and set(seen["shootings"]) <= set(seen["due"])
    assert set(seen["outcomes"]) == {OUTCOME_COOLED}


@pytest.fixture(scope="module")
def arms_of(small_plans: dict[str, str], tables: CityTables) -> Any:
    request = Request(tuple(small_plans[name] for name in ("base", "copy", "site")), seed=3, parameters="fixed")
    question = question_of(request, plans_of(request))
    return lambda *more: Arms(tables, question, *more)


def _same(one: list[ArmSummary], other: list[ArmSummary]) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b in zip(one, other, strict=True)
        for name in ARRAYS
    )


@pytest.mark.parametrize(("name", "values"), NOTHING_OF_IT.items())
def test_replicates_with_none_of_it_are_those_without_it(name: str, values: dict[str, float], arms_of: Any) -> None:
    extension = example(name)
    arms, plain = arms_of(extension), arms_of()
    draws = plain.question.draws.of(1)
    without = plain.run(1)
    assert _same(without, plain.run_with(draws, 1)) and without[0].extra == {}
    assert _same(without, arms.run_with(draws, 1, extension.own(values)))
    arms.own = extension.own(ALL_OF_IT[name])
    assert not all(_same(plain.run(replicate), arms.run(replicate)) for replicate in range(8))
    with_it = arms.run(1)
    assert np.array_equal(without[0].counts[:, :6], with_it[0].counts[:, :6])  # the past before the frame
    assert set(with_it[0].extra) == set(extension.columns)
    assert with_it[0].extra == with_it[1].extra  # a plan that adds nothing
    assert with_it[0].extra == arms.run(1)[0].extra  # nothing is left of the last run
    assert sum(with_it[2].extra.values()) > 0


def test_a_log_that_is_full_is_lived_again_from_the_start(arms_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    extension = example("curfew")
    whole = arms_of(extension).run(0)
    monkeypatch.setattr("cms_sim.experiment.arms.room_for", lambda world, days: 40)
    again = arms_of(extension).run(0)
    assert _same(whole, again) and [arm.extra for arm in whole] == [arm.extra for arm in again]


def test_warming_up_calls_no_step_of_python(arms_of: Any) -> None:
    called: list[int] = []
    arms = arms_of(Extension("caller", morning=lambda world, plan, state, own, day: called.append(day)))
    arms.warm_up()
    assert called == []
    arms.run(0)
    assert called == [*range(arms.begins, arms.until), *range(arms.split, arms.until), *range(arms.split, arms.until)]


@pytest.mark.parametrize("found", [{"other": 1.0}, {}, None])
def test_outcomes_that_were_not_named_are_an_error_of_the_run(found: Any, arms_of: Any) -> None:
    extension = Extension("wrong", outcomes=lambda *_: found, columns=["mine"])
    with pytest.raises(RunError, match="mine"):
        arms_of(extension).run(0)


def test_memory_is_kept_with_the_past_that_plans_share(arms_of: Any) -> None:
    """The first plan lives the past and the frame; the next ones go on from the past's memory, not from its end."""

    def count(world: Any, plan: Any, state: Any, own: Any, day: int) -> None:
        own["days"] += 1
        own["early"][0 if day < own["starts"] else 1] += 1

    extension = Extension(
        "counter",
        memory=[("days", "f8"), ("early", "i4", (2,))],
        evening=count,
        outcomes=lambda world, plan, state, own, starts, until: {"days": own["days"], "late": own["early"][1]},
        columns=["days", "late"],
    )
    arms = arms_of(extension)
    wanted = {"days": arms.until - arms.begins, "late": arms.until - arms.split}
    assert [arm.extra for arm in arms.run(0)] == [wanted] * 3


def test_it_crosses_processes_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: Log) -> None:
    file = tmp_path / "curfew.py"
    file.write_text((EXAMPLES / "curfew.py").read_text(encoding="utf-8"), encoding="utf-8")
    extension = load_extension(file)
    packed = pickle.dumps(extension)
    assert pickle.loads(packed) is extension  # the same process reads it once
    file.write_text("EXTENSION = None", encoding="utf-8")  # as on a machine where another file is in its place
    monkeypatch.setenv("CMS_SIM_CACHE", str(tmp_path / "cache"))
    load_extension.__globals__["_from_source"].cache_clear()
    there = pickle.loads(packed)
    assert there is not extension and there.source == extension.source
    (copy,) = (tmp_path / "cache" / "extensions").rglob("*.py")
    assert extension.source and copy.read_text(encoding="utf-8") == extension.source.text
    assert there.morning.__code__.co_filename == str(copy)
    assert lived(there)[0] == lived(extension)[0] != plain


def test_a_step_that_does_not_compile_is_told_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    text = (EXAMPLES / "hospital_programme.py").read_text(encoding="utf-8")
    file.write_text(text.replace('own["people"] += 1', 'own["peple"] += 1'), encoding="utf-8")
    with pytest.raises(InputError, match="peple") as refused:
        lived(load_extension(file))
    assert refused.value.where == str(file)


def test_the_examples_are_told_apart_by_what_they_do() -> None:
    one, other = example("curfew"), example("hospital_programme")
    assert one.source and other.source and one.source.hash != other.source.hash
    with pytest.raises(InputError, match="from_hour"):
        one.own({"from_hours": 3.0})
    assert replace(one, name="again").own()["cancelled"] == 0.3
