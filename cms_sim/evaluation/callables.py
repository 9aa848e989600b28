"""The model as an ordinary function, for libraries that bring their own sampling: SALib, EMAworkbench, optimisers.

A design says what may vary, between which values, in which plans and frame; its `method` and `points` play no part.
Every call runs the design's replicates at the values given, with the dice that a sweep of the design would have at
that point: the same values give the same numbers, and other values differ by what they do, not by luck.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cms_sim.errors import InputError, RunError, nearest
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.research import needs
from cms_sim.experiment.sweep.design import Design
from cms_sim.experiment.sweep.points import problem
from cms_sim.experiment.sweep.rows import RUNS, outcomes_of
from cms_sim.experiment.sweep.spans import Varied
from cms_sim.experiment.sweep.study import Study, study_of

if TYPE_CHECKING:
    from cms_sim.experiment.sweep.cells import Workbench


class ModelFunction:
    """Call it with a value for each varied name; means over replicates by `OUTCOME_PLAN`, such as `averted_my_plan`.

    Goes between processes as its design; each thread that calls it makes a bench of its own (city, levels, arrays).
    """

    def __init__(self, design: Design) -> None:
        """Raises InputError for a design that could not be run."""
        self.design = design
        self.study: Study = study_of(design)
        self._own = threading.local()

    @property
    def names(self) -> tuple[str, ...]:
        """What it takes."""
        return self.study.names

    @property
    def outcomes(self) -> dict[str, tuple[str, str]]:
        """What it gives: (outcome, plan) by key."""
        pairs = [(outcome, plan) for plan in self.study.plans for outcome in outcomes_of(self.study)]
        return {re.sub(r"\W", "_", f"{outcome}_{plan}"): (outcome, plan) for outcome, plan in pairs}

    def __call__(self, **values: float) -> dict[str, float]:
        """Means over the design's replicates; NaN for a share of nothing.

        Raises InputError for missing, unknown and impossible values, RunError when a run fails.
        """
        row = np.array([_checked(each, values, self.design) for each in self.study.varied], dtype=np.float64)
        for name in values:
            if name not in self.names:
                raise InputError(f"the design varies no '{name}'", remedy=nearest(name, self.names))
        runs = self._bench().run(range(self.design.replicates), 0, row[None, :])[RUNS]
        failed = next((error for error in runs["error"] if error), "")
        if failed:
            raise RunError(failed, where=", ".join(f"{name} = {value:g}" for name, value in values.items()))
        plan_of = np.array(runs["plan"])
        return {
            key: _mean(np.array(runs[outcome], dtype=np.float64)[plan_of == plan])
            for key, (outcome, plan) in self.outcomes.items()
        }

    def _bench(self) -> Workbench:
        from cms_sim.data.city_tables import load_city_tables
        from cms_sim.experiment.sweep.cells import Workbench

        if not hasattr(self._own, "bench"):
            tables = load_city_tables(self.study.scenarios[0].frame.city_folder)
            self._own.bench = Workbench(self.study, tables, may_exit=False)
        bench: Workbench = self._own.bench
        return bench

    def __reduce__(self) -> tuple[Any, ...]:
        return ModelFunction, (self.design,)


def model_function(design: Design) -> ModelFunction:
    """The model as a function of what `design` varies. Raises InputError for a design that could not be run."""
    return ModelFunction(design)


def salib_problem(design: Design) -> dict[str, Any]:
    """What the design varies as SALib knows a problem: every name on 0 to 1, as `salib_function` takes it."""
    return problem(study_of(design).names)


def salib_function(design: Design, outcome: str) -> Callable[[Floats], Floats]:
    """A function of SALib's samples [N, names] that gives [N] one outcome (a key of `ModelFunction.outcomes`).

    Places between 0 and 1 become values as in a sweep: along the range, equally likely steps of a list, quantiles of a
    prior. Raises InputError for an unknown outcome.
    """
    model = model_function(design)
    if outcome not in model.outcomes:
        raise InputError(f"no outcome '{outcome}'", remedy=nearest(outcome, model.outcomes))

    def evaluate(places: Floats) -> Floats:
        columns = [each.at(np.asarray(places)[:, k]) for k, each in enumerate(model.study.varied)]
        return np.array([model(**dict(zip(model.names, row, strict=True)))[outcome] for row in np.stack(columns, 1)])

    return evaluate


def ema_model(design: Design) -> Any:
    """The model for EMAworkbench: parameters as uncertainties, levers as levers, outcomes for information.

    Lists become categories, levers in whole numbers integers, and a prior the range between its outermost quantiles
    (0.5% and 99.5%): EMAworkbench explores ranges, not beliefs. Raises InputError without EMAworkbench.
    """
    needs("ema_workbench")
    from ema_workbench import Model, ScalarOutcome

    function = model_function(design)
    model = Model("cmssim", function=function)
    varied = function.study.varied
    model.uncertainties = [_ema_parameter(each) for each in varied if each.kind != "levers"]
    model.levers = [_ema_parameter(each) for each in varied if each.kind == "levers"]
    model.outcomes = [ScalarOutcome(key) for key in function.outcomes]
    return model


def _ema_parameter(varied: Varied) -> Any:
    from ema_workbench import CategoricalParameter, IntegerParameter, RealParameter

    if varied.span.form == "values":
        return CategoricalParameter(varied.name, list(varied.steps))
    low, high = varied.at(np.array([0.0, 1.0]))
    if varied.whole:
        return IntegerParameter(varied.name, int(low), int(high))
    return RealParameter(varied.name, float(low), float(high))


def _checked(varied: Varied, values: Mapping[str, float], design: Design) -> float:
    """The value given for a name. Raises InputError where there is none, or one that the design does not allow."""
    where = design.where(*varied.kind.split("."), varied.name)
    if varied.name not in values:
        raise InputError(f"no value for '{varied.name}'", where=where, remedy="Give one for each name that it varies.")
    value, (low, high) = float(values[varied.name]), varied.bounds
    if not (math.isfinite(value) and low <= value <= high):
        remedy = f"Stay in {low:g} to {high:g}, or widen that in the design."
        raise InputError(f"{varied.name} = {value:g} is outside the design", where=where, remedy=remedy)
    if varied.whole and value != round(value):
        raise InputError(f"{varied.name} = {value:g} is not a whole number", where=where, remedy="Round it.")
    return value


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan
