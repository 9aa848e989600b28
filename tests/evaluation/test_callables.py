"""The model as an ordinary function: the same numbers as a sweep, whoever calls it."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from cms_sim.errors import InputError
from cms_sim.evaluation.callables import ModelFunction, ema_model, model_function, salib_function, salib_problem
from cms_sim.experiment.sweep.design import Design, load_design
from cms_sim.experiment.sweep.read import load_sweep
from cms_sim.experiment.sweep.run import run_sweep

DESIGN = """
plans = ["sites_june_2020", "expansion_2020"]
method = "saltelli"
points = 1
replicates = 2
levels = "once"
[frame]
precincts = [73]
starts = 2020-07-01
ends = 2020-12-31
past_months = 1
[uncertainties.shooting_chance]
low = 0.08
high = 0.16
[uncertainties.detection]
prior = true
[levers.violence_interrupters]
of = "all"
low = 2
high = 6
[levers.outreach_workers]
of = "all"
values = [2, 5]
"""
VALUES = {"shooting_chance": 0.12, "detection": 0.03, "violence_interrupters": 4.0, "outreach_workers": 5.0}


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Design:
    file = tmp_path_factory.mktemp("callables") / "small.toml"
    file.write_text(DESIGN, encoding="utf-8")
    return load_design(file)


@pytest.fixture(scope="module")
def function(design: Design) -> ModelFunction:
    return model_function(design)


@pytest.mark.slow
def test_it_gives_what_a_sweep_gives(design: Design, function: ModelFunction, tmp_path: Path) -> None:
    run_sweep(design, tmp_path / "results", workers=1)
    sweep = load_sweep(tmp_path / "results")
    for point in (4, 0, 5):
        given = function(**sweep.points.loc[point].to_dict())
        assert given.keys() == function.outcomes.keys()
        for key, (outcome, plan) in function.outcomes.items():
            assert given[key] == pytest.approx(sweep.means(outcome, plan).loc[point, "mean"], nan_ok=True), key


def test_every_call_is_the_same(function: ModelFunction) -> None:
    first = function(**VALUES)
    other = function(**{**VALUES, "shooting_chance": 0.16})
    assert other["victims_sites_june_2020"] > first["victims_sites_june_2020"]
    assert function(**dict(reversed(VALUES.items()))) == first
    assert pickle.loads(pickle.dumps(function))(**VALUES) == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shooting_chance": 0.2}, r"shooting_chance = 0.2 is outside the design.*Stay in 0.08 to 0.16"),
        ({"shooting_chance": float("nan")}, "shooting_chance = nan is outside"),
        ({"violence_interrupters": 2.5}, "violence_interrupters = 2.5 is not a whole number"),
        ({"violence": 2}, "varies no 'violence'.*Did you mean 'violence_interrupters'"),
    ],
)
def test_impossible_values_are_refused(function: ModelFunction, change: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=f"(?s){message}"):
        function(**{**VALUES, **change})


def test_a_missing_value_is_named(function: ModelFunction) -> None:
    with pytest.raises(InputError, match="no value for 'detection'"):
        function(shooting_chance=0.1)


def test_salib_calls_it(design: Design, function: ModelFunction) -> None:
    salib = pytest.importorskip("SALib", reason="SALib is in the extra `research`")
    problem = salib.ProblemSpec(salib_problem(design))
    problem.sample_morris(2, seed=1).evaluate(salib_function(design, "victims_sites_june_2020"))
    effects = problem.analyze_morris(seed=1).analysis
    assert dict(zip(effects["names"], effects["mu"], strict=True))["shooting_chance"] > 5.0
    middle = function(**{**VALUES, "detection": function.study.varied[1].at(np.array([0.5]))[0]})
    places = np.array([[0.5, 0.5, 0.5, 0.9]])  # 2 to 6 posts: five steps, the third in the middle
    assert salib_function(design, "mediations_expansion_2020")(places)[0] == middle["mediations_expansion_2020"]
    with pytest.raises(InputError, match="Did you mean 'averted_expansion_2020'"):
        salib_function(design, "averted_expansion")


def test_emaworkbench_calls_it(design: Design, function: ModelFunction) -> None:
    workbench = pytest.importorskip("ema_workbench", reason="EMAworkbench is in the extra `research`")
    model = ema_model(design)
    assert [each.name for each in model.uncertainties] == ["shooting_chance", "detection"]
    assert [type(each).__name__ for each in model.levers] == ["IntegerParameter", "CategoricalParameter"]
    assert model.outcomes.keys() == function.outcomes.keys()
    runs, outcomes = workbench.perform_experiments(model, scenarios=2, policies=2)
    assert len(runs) == 4
    for row, run in runs.iterrows():
        given = function(**{name: float(run[name]) for name in function.names})
        for key in ("victims_sites_june_2020", "averted_expansion_2020", "cost_usd_expansion_2020"):
            assert outcomes[key][row] == given[key]


def test_without_emaworkbench(design: Design, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(InputError, match=r"'ema_workbench' is not installed"):
        ema_model(design)
