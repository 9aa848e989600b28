"""From a sweep to indices: which runs count, which plan is best, and what is refused with the number needed."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from cms_sim.errors import InputError
from cms_sim.evaluation import enough
from cms_sim.evaluation.morris import MorrisEffects
from cms_sim.evaluation.sensitivity import analyse, best_table, candidates, outcome_table, without_gaps
from cms_sim.evaluation.sobol import SobolIndices, sobol_indices
from tests.evaluation.make_sweep import made_sweep

pytest.importorskip("SALib", reason="SALib is in the extra `research`")

NAMES = ("detection", "spread", "trust")
PLANS = {"more": lambda x: 10.0 * x[:, 0] + 4.0 * x[:, 1], "other": lambda x: 10.0 - 6.0 * x[:, 0] + 0.0 * x[:, 1]}


def test_shares_of_a_sum() -> None:
    """The variance of 10 a + 4 b is 100 : 16."""
    found = analyse(made_sweep("saltelli", NAMES, PLANS, points=256, noise=2.0))
    assert (found.outcome, found.plan, found.reference, found.method) == ("averted", "more", "now", "sobol")
    assert isinstance(found.indices, SobolIndices)
    truth = np.array([100.0, 16.0, 0.0]) / 116.0
    assert (np.abs(found.indices.first - truth) <= found.indices.first_half).all()
    assert (np.abs(found.indices.total - truth) <= found.indices.total_half).all()
    assert 0.02 < found.indices.noise_share < 0.1  # 4 / 8 of 9.7
    table = found.frame()
    assert table["name"].tolist() == ["detection", "spread", "trust"]
    assert table["total"].is_monotonic_decreasing and set(table["plan"]) == {"more"}


def test_effects_of_a_sum() -> None:
    found = analyse(made_sweep("morris", NAMES, PLANS, points=20, noise=0.5), plan="other")
    assert isinstance(found.indices, MorrisEffects) and found.method == "morris"
    assert (np.abs(found.indices.mu - [-6.0, 0.0, 0.0]) <= found.indices.mu_half + 1e-9).all()
    assert found.frame()["name"][0] == "detection"


def test_which_plan_is_best() -> None:
    """`more` beats `other` where 16 a + 4 b > 10: the chance of that hangs on a, hardly on b, not on c."""
    sweep = made_sweep("saltelli", NAMES, PLANS, points=512, noise=1.0)
    found = analyse(sweep, "best", "more")
    assert isinstance(found.indices, SobolIndices)
    first, total = found.indices.first, found.indices.total
    assert first[0] > 0.6 and 0.02 < total[1] < 0.4 and abs(total[2]) < 0.1
    opposite = analyse(sweep, "best", "other")
    np.testing.assert_allclose(opposite.indices.total, total, atol=0.02)  # type: ignore[union-attr]


def test_the_best_in_each_replicate() -> None:
    averted = [np.zeros((1, 4)), np.array([[1.0, -1.0, 0.0, np.nan]])]
    np.testing.assert_array_equal(best_table(averted, 1), [[1.0, 0.0, 0.5, np.nan]])
    np.testing.assert_array_equal(best_table(averted, 0), [[0.0, 1.0, 0.5, np.nan]])


def test_the_reference_has_nothing_averted() -> None:
    sweep = made_sweep("morris", NAMES, PLANS, points=10)
    assert candidates(sweep, "averted") == ("more", "other")
    assert candidates(sweep, "best") == candidates(sweep, "victims") == ("now", "more", "other")


def test_runs_are_put_where_they_belong() -> None:
    sweep = made_sweep("morris", NAMES, PLANS, points=10)
    mixed = sweep.runs.sample(frac=1.0, random_state=1).iloc[:-1]
    lost = sweep.runs.drop(mixed.index).iloc[0]
    table = outcome_table(mixed, lost["plan"], "averted", (40, 8))
    assert np.argwhere(np.isnan(table)).tolist() == [[lost["point"], lost["replicate"]]]
    assert (
        table[7, 3] == sweep.runs.query(f"plan == '{lost['plan']}' and point == 7 and replicate == 3")["averted"].item()
    )


def test_gaps_take_their_block_or_their_replicate_along() -> None:
    table = np.zeros((12, 5))
    table[4, 2] = np.nan  # in the second block of three
    table[[0, 3, 6, 9], 4] = np.nan  # a replicate that failed everywhere
    rows, columns = without_gaps(table, 3)
    assert columns.tolist() == [0, 1, 2, 3] and rows.tolist() == [0, 1, 2, 6, 7, 8, 9, 10, 11]
    rows, _ = without_gaps(np.full((6, 2), np.nan), 3)
    assert len(rows) == 0


def test_failed_runs_are_left_out_and_told() -> None:
    sweep = made_sweep("saltelli", NAMES, PLANS, points=256, noise=1.0)
    sweep.runs.loc[(sweep.runs["point"] == 7) & (sweep.runs["replicate"] == 2), ["averted", "victims"]] = np.nan
    sweep.runs.loc[sweep.runs["replicate"] == 5, ["averted", "victims"]] = np.nan
    found = analyse(sweep)
    assert (found.left_out, found.replicates_left_out) == (1, 1)
    assert (found.indices.replicates, found.indices.base_points) == (7, 255)  # type: ignore[union-attr]


def test_a_refusal_says_what_failed_runs_took_with_them() -> None:
    """Twelve trajectories were swept; of four a run failed, and eight are too few."""
    sweep = made_sweep("morris", NAMES, PLANS, points=12, noise=0.5)
    sweep.runs.loc[sweep.runs["point"].isin([0, 5, 8, 13]), ["averted", "victims"]] = np.nan
    with pytest.raises(InputError) as refused:
        analyse(sweep)
    assert "8 trajectories is fewer than the 10" in refused.value.message
    assert "4 trajectories left out, for runs without a value" in refused.value.message
    assert "`error`" in refused.value.remedy
    sweep.runs.loc[sweep.runs["replicate"] > 2, ["averted", "victims"]] = np.nan
    with pytest.raises(InputError, match=r"3 replicates at each point .* and 5 replicates left out"):
        analyse(sweep)


def test_a_sweep_of_which_every_run_failed() -> None:
    sweep = made_sweep("morris", NAMES, PLANS, points=10)
    sweep.runs[["averted", "victims"]] = np.nan
    with pytest.raises(InputError, match=r"no point has a value") as refused:
        analyse(sweep)
    assert "why they failed" in refused.value.remedy


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"method": "latin_hypercube"}, (), r'latin_hypercube.*\n.*method = "morris".*method = "saltelli"'),
        ({}, ("avertd",), "no outcome 'avertd'.*\n.*Did you mean 'averted'.*best"),
        ({}, ("averted", "mor"), "no plan 'mor'.*\n.*Did you mean 'more'"),
        ({}, ("averted", "now"), "averted of 'now': is the same at every point"),
    ],
)
def test_what_cannot_be_asked(change: dict[str, str], arguments: tuple[str, ...], message: str) -> None:
    sweep = made_sweep("morris", NAMES, PLANS, points=10)
    vars(sweep.design).update(change)
    with pytest.raises(InputError, match=re.compile(f"results/made.*{message}", re.DOTALL)):
        analyse(sweep, *arguments)


def test_a_sweep_without_a_finished_point() -> None:
    sweep = made_sweep("morris", NAMES, PLANS, points=10)
    for few, words in ((sweep.runs["replicate"] < 0, "nothing"), (sweep.runs["point"] % 4 > 0, "no point")):
        sweep.runs = sweep.runs[few] if words == "nothing" else made_sweep("morris", NAMES, PLANS, points=10).runs[few]
        with pytest.raises(InputError, match=f"(?s){words} .*goes on where it ended"):
            analyse(sweep)


def test_what_only_chance_moves_is_the_same_at_every_point() -> None:
    sweep = made_sweep("saltelli", NAMES, {"more": lambda x: 0.0 * x[:, 0]}, points=64)  # a level of each replicate
    with pytest.raises(InputError, match="averted of 'more': is the same at every point"):
        analyse(sweep)


def needed(error: InputError) -> int:
    found = re.search(r"Set (?:points|replicates) = (\d+)", error.remedy)
    assert found, error.remedy
    return int(found[1])


@pytest.mark.parametrize("replicates", [1, 2, 3])
def test_few_replicates_are_refused(replicates: int) -> None:
    with pytest.raises(InputError, match=f"^results/made: {replicates} replicates? at each point cannot") as refused:
        analyse(made_sweep("saltelli", NAMES, PLANS, points=256, replicates=replicates, noise=1.0))
    assert needed(refused.value) == enough.FEWEST_REPLICATES


def test_few_points_are_refused() -> None:
    with pytest.raises(InputError, match="32 base points is fewer than the 64") as refused:
        analyse(made_sweep("saltelli", NAMES, PLANS, points=32, noise=0.5))
    assert needed(refused.value) in (64, 128)
    with pytest.raises(InputError, match="9 trajectories is fewer than the 10") as refused:
        analyse(made_sweep("morris", NAMES, PLANS, points=9, noise=0.5))
    assert needed(refused.value) == 10


PEAK = {"more": lambda x: 10.0 * (x[:, 0] > 0.8) * (x[:, 1] > 0.8) * (x[:, 2] > 0.5)}
"""A corner in which everything happens: indices take many points."""


def test_wide_intervals_are_refused_and_the_number_asked_for_is_enough() -> None:
    with pytest.raises(InputError, match=r"total index of '\w+' is known to \+-0\.\d\d only") as refused:
        analyse(made_sweep("saltelli", NAMES, PEAK, points=256, noise=0.1))
    assert "points" in refused.value.remedy and needed(refused.value) in (512, 1024, 2048, 4096)
    again = made_sweep("saltelli", NAMES, PEAK, points=needed(refused.value), noise=0.1)
    assert isinstance(analyse(again).indices, SobolIndices)


def test_noise_is_refused_and_the_number_asked_for_is_enough() -> None:
    with pytest.raises(InputError, match=r"chance makes \d\d% of what the means over 4 replicates vary by") as refused:
        analyse(made_sweep("saltelli", NAMES, PLANS, points=512, replicates=4, noise=12.0))
    asked = {name: int(number) for name, number in re.findall(r"(points|replicates) = (\d+)", refused.value.remedy)}
    assert 8 < asked["replicates"] < 100
    again = made_sweep("saltelli", NAMES, PLANS, noise=12.0, **{"points": 512, **asked})  # type: ignore[arg-type]
    assert analyse(again).indices.noise_share < enough.NOISY + 0.1


def test_both_numbers_are_given_where_one_would_not_do() -> None:
    """Replicates that bring noise down leave intervals that 128 base points cannot narrow: one refusal, not two."""
    given, enough_at_once = 0, 0
    for seed in range(12):
        try:
            analyse(made_sweep("saltelli", NAMES, PLANS, points=128, replicates=8, noise=12.0, seed=seed))
        except InputError as error:
            asked = {name: int(number) for name, number in re.findall(r"(points|replicates) = (\d+)", error.remedy)}
            if len(asked) < 2 or "at least" in error.remedy or np.prod([*asked.values()]) > 100_000:
                continue
            given += 1
            try:
                analyse(made_sweep("saltelli", NAMES, PLANS, noise=12.0, seed=seed + 100, **asked))  # type: ignore[arg-type]
                enough_at_once += 1
            except InputError:
                pass
    assert given >= 4 and enough_at_once >= 0.6 * given, (given, enough_at_once)


def test_what_may_be_chance_is_asked_for_at_least() -> None:
    """Noise that goes over the points in step, as with the same dice: a slope of each replicate's own, no effect."""
    said = []
    for seed in range(20):
        sweep = made_sweep("morris", NAMES, {"more": lambda x: 0.0 * x[:, 0]}, points=16, noise=0.01, seed=seed)
        slopes = np.random.Generator(np.random.Philox(key=seed)).normal(size=(8, 3))
        plan = sweep.runs["plan"] == "more"
        rows = sweep.runs[plan]
        places = sweep.points.to_numpy()[rows["point"]]
        sweep.runs.loc[plan, "averted"] += (places * slopes[rows["replicate"]]).sum(axis=1)
        with pytest.raises(InputError) as refused:
            analyse(sweep)
        said.append(refused.value.remedy)
    cautious = [words for words in said if "at least" in words or "told from chance" in words]
    assert len(cautious) >= 15


def test_an_outcome_of_chance_alone_is_hopeless() -> None:
    rng = np.random.Generator(np.random.Philox(key=3))
    noise = rng.normal(size=(64 * 5, 4))
    found = sobol_indices(NAMES, noise)
    with pytest.raises(InputError, match=r"(?s)chance makes (all|\d\d%).*(detection, spread, trust|replicates = \d+)"):
        enough.check_enough(found)
    with pytest.raises(InputError, match=r"(?s)vary by.*told from chance"):
        enough.check_enough(type(found)(**{**vars(found), "noise_share": 1.0}))


def test_the_greatest_effect_must_be_known() -> None:
    with pytest.raises(
        InputError, match=r"mu\* of '\w+', the greatest, is .* and to \+-50% it must be known"
    ) as refused:
        analyse(made_sweep("morris", NAMES, PEAK, points=12, noise=0.01, seed=3))
    assert needed(refused.value) > 12


def test_a_missing_library_is_said_once_and_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(InputError, match=r"(?s)'SALib' is not installed.*pip install 'cms-sim\[research\]'"):
        analyse(made_sweep("latin_hypercube", NAMES, PLANS, points=8))
