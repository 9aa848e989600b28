from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from cms_sim.data.city_tables import CityTables
from cms_sim.engine.calendar_days import day_of
from cms_sim.engine.plan import compile_plans
from cms_sim.errors import InputError
from cms_sim.experiment import compare as module
from cms_sim.experiment.arms import past_of
from cms_sim.experiment.compare import Comparison, Request, assemble, compare, plans_of, question_of
from cms_sim.experiment.pool import Finished
from cms_sim.experiment.results import Results

ARRAYS = ("counts", "causes", "matched", "survey", "participants", "posts_filled", "enrolled")


def _asked(plans: dict[str, str], *names: str, workers: int = 1, seed: int = 3, replicates: int = 4) -> Comparison:
    chosen = tuple(plans[name] for name in names)
    return compare(Request(chosen, replicates=replicates, seed=seed, workers=workers, parameters="fixed"))


def _same(one: Results, other: Results) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in ARRAYS)


@pytest.fixture(scope="module")
def asked(small_plans: dict[str, str]) -> Comparison:
    return _asked(small_plans, "base", "copy", "site", "big_site")


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_gives_the_same_results(
    asked: Comparison, small_plans: dict[str, str], workers: int
) -> None:
    other = _asked(small_plans, "base", "copy", "site", "big_site", workers=workers)
    assert _same(asked.results, other.results)
    for ours, theirs in zip(asked.events, other.events, strict=True):
        for arm, arm_there in zip(ours, theirs, strict=True):
            assert arm.shootings.tobytes() == arm_there.shootings.tobytes()


def test_a_plan_that_adds_nothing_is_its_reference_bit_for_bit(asked: Comparison) -> None:
    results = asked.results
    for name in ARRAYS:
        array = getattr(results, name)
        assert np.array_equal(array[:, 0], array[:, 1], equal_nan=True), name
    assert not results.matched[:, 1].any()


def test_a_plan_that_adds_a_site_changes_something_and_only_from_its_opening(asked: Comparison) -> None:
    results = asked.results
    assert results.counts[:, 2, ..., 3].sum() > results.counts[:, 0, ..., 3].sum()
    past = results.counts[:, :, :, : results.first_month]
    assert np.array_equal(past[:, 0], past[:, 3])


def test_a_plan_lives_the_same_whoever_it_is_compared_with(asked: Comparison, small_plans: dict[str, str]) -> None:
    alone = _asked(small_plans, "site")
    assert np.array_equal(alone.results.counts[:, 1], asked.results.counts[:, 2])
    assert np.array_equal(alone.results.survey[:, 1], asked.results.survey[:, 2])


def test_the_reference_comes_first_even_when_it_is_not_named(small_plans: dict[str, str]) -> None:
    results = _asked(small_plans, "site", replicates=1).results
    assert [plan.name for plan in results.plans] == ["base", "site"]
    assert results.reference == 0


def test_the_same_seed_repeats_and_another_does_not(asked: Comparison, small_plans: dict[str, str]) -> None:
    again = _asked(small_plans, "base", "copy", "site", "big_site")
    other = _asked(small_plans, "base", "copy", "site", "big_site", seed=4)
    assert _same(asked.results, again.results)
    assert not _same(asked.results, other.results)


def test_matched_events_account_for_every_difference(asked: Comparison) -> None:
    """Shootings of a plan = shootings of the reference - averted + added."""
    results = asked.results
    incidents = results.frame("incidents")
    averted, added = results.matched[..., 0], results.matched[..., 1]
    assert np.array_equal(incidents.sum(axis=2), (incidents[:, :1] - averted + added).sum(axis=2))


def test_plans_of_different_worlds_are_refused() -> None:
    with pytest.raises(InputError, match="differ in frame or uncertainties"):
        compare(Request(("expansion_2020", "surge"), replicates=1))


def test_no_replicates_are_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        compare(Request(replicates=0))


def test_an_unknown_scenario_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="expansion_2020"):
        compare(Request(("expansion_2O20",), replicates=1))


def test_a_replicate_that_is_missing_takes_its_draw_with_it(
    asked: Comparison, small_plans: dict[str, str], tables: CityTables
) -> None:
    """Workers finish in any order: after an interruption the rows are still those of their own draws."""
    request = Request(tuple(small_plans.values()), replicates=8)
    question = question_of(request, plans_of(request))
    results = assemble(request, tables, question, {0: asked.events[0], 5: asked.events[1]})
    for place, replicate in enumerate((0, 5)):
        for name, value in question.draws.of(replicate).items():
            assert results.parameters[name][place] == value


def test_an_interrupted_comparison_keeps_what_is_finished(
    small_plans: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.run_replicates

    def interrupted(*arguments: object) -> Iterator[Finished]:
        for place, finished in enumerate(real(*arguments)):  # type: ignore[arg-type]
            if place == 2:
                raise KeyboardInterrupt
            yield finished

    monkeypatch.setattr(module, "run_replicates", interrupted)
    part = _asked(small_plans, "base", "site")
    assert not part.whole
    monkeypatch.undo()
    whole = _asked(small_plans, "base", "site")
    assert whole.whole
    assert np.array_equal(part.results.counts, whole.results.counts[:2])
    assert (part.results.replicates, part.results.replicates_asked, part.results.is_part) == (2, 4, True)
    assert part.results.provenance["replicates_missing"] == [2, 3]
    assert not whole.results.is_part and whole.results.provenance["replicates_missing"] == []


def test_plans_that_agree_before_the_first_day_share_one_past() -> None:
    question = question_of(Request(replicates=1), plans_of(Request(replicates=1)))
    frame = question.scenarios[0].frame
    plans = compile_plans(question.scenarios, list(frame.precincts), 0.5)
    pasts = [past_of(plan, day_of(frame.starts)) for plan in plans]
    apart = [scenario.name for scenario, past in zip(question.scenarios, pasts, strict=True) if past != pasts[0]]
    assert apart == ["no_programme"]
