"""What a worker does: run cells, and turn what comes of them into rows.

A cell's plans share one past and one set of dice, so they are run together; where one of them fails, all rows of the
cell say so.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.city.spec import NetworkSpec
from cms_sim.data.city_records import CityTables
from cms_sim.data.unit_costs import load_unit_costs
from cms_sim.engine.arrays import CAUSE_NAMES
from cms_sim.engine.calendar_days import EPOCH, month_index
from cms_sim.engine.course import replicate_key
from cms_sim.engine.plan import compile_plans
from cms_sim.engine.rules import default_values
from cms_sim.errors import CmsSimError
from cms_sim.experiment.arms import Arms, Question
from cms_sim.experiment.draws import ParameterDraws
from cms_sim.experiment.levels import LevelSolver, Solved
from cms_sim.experiment.results import CAUSES, FIELDS, SURVEY
from cms_sim.experiment.summary import ArmSummary
from cms_sim.experiment.sweep.limits import TimeLimit, TookTooLong
from cms_sim.experiment.sweep.rows import (
    COUNTS,
    EVENTS,
    PRECINCTS,
    RUNS,
    Columns,
    Rows,
    columns_of,
    kinds_of,
    outcomes_of,
)
from cms_sim.experiment.sweep.study import PointValues, Study
from cms_sim.scenario.cost import cost_of
from cms_sim.scenario.resolved import Scenario, resolved_hash

ENDED: Final = "the worker process ended (killed, out of memory, or beyond the time limit)"
LONGEST_WORDS: Final = 500
"""Of an error's message, in letters."""


class PointArms(Arms):
    """Arms whose levers change from point to point; city, people and level solver stay."""

    def pull(self, scenarios: tuple[Scenario, ...]) -> None:
        """Run these scenarios from now on: the same world, other levers."""
        shapes = [(len(plan.site), len(plan.post)) for plan in self.plans]
        self.question = replace(self.question, scenarios=scenarios)
        self.plans = compile_plans(scenarios, self.numbers, default_values()["catchment_share"])
        self._draw = None
        if [(len(plan.site), len(plan.post)) for plan in self.plans] != shapes:
            self._state = None

    def prepare(self, values: Mapping[str, float]) -> None:
        """Make what all replicates under `values` share."""
        self._draw_of({**default_values(), **values})

    def forget(self) -> None:
        """Drop what a run that was broken off may have left half-written."""
        self._draw = self._state = None


class HeldLevels(LevelSolver):
    """Levels solved once, for `values`, and taken for every draw."""

    def __init__(self, tables: CityTables, spec: NetworkSpec, values: Mapping[str, float]) -> None:
        super().__init__(tables, spec)
        self._held = super().solve(values)

    def solve(self, values: Mapping[str, float]) -> Solved:
        """The levels that are held."""
        return self._held


class Workbench:
    """Everything that a worker keeps between chunks of one study."""

    def __init__(self, study: Study, tables: CityTables, may_exit: bool) -> None:
        self.study = study
        frame = study.scenarios[0].frame
        spec = NetworkSpec.of(study.network)
        draws = ParameterDraws((), np.zeros((1, 0)), {}, "design")
        question = Question(study.scenarios, spec, draws, study.design.seed)
        self.arms = PointArms(tables, question, study.extension)
        self.arms.warm_up()  # what must be compiled does not count as a run's time
        if study.design.levels == "once":
            fixed = {each.name: each.steps[0] for each in study.fixed if each.kind == "uncertainties"}
            behaviour = {name: value for name, value in fixed.items() if name not in study.network}
            self.arms.levels = HeldLevels(tables, spec, {**default_values(), **study.base, **behaviour})
        self.limit = TimeLimit(study.design.time_limit_s * len(study.scenarios), may_exit)
        self.first_month = month_index(frame.starts) - month_index(frame.past_starts)
        self._levers: dict[str, float] | None = None
        self._hashes: list[str] = []
        self._costs_usd: list[float] = []

    def run(self, cells: range, first_point: int, rows: NDArray[np.float64]) -> Rows:
        """The rows of consecutive cells; `rows` are those of `Study.points` from `first_point` on."""
        made = _blank(self.study)
        for cell in cells:
            point, replicate = divmod(cell, self.study.design.replicates)
            self.run_cell(point, rows[point - first_point], replicate, made)
        return made

    def run_cell(self, point: int, row: NDArray[np.float64], replicate: int, made: Rows) -> None:
        """Run one cell and add its rows."""
        values = self.study.values_at(row)
        try:
            self._set(values)
            arms, error = self._live(values, replicate), ""
        except TookTooLong:
            self.limit.stop()
            error = f"took longer than {self.study.design.time_limit_s:g} s"
        except (MemoryError, KeyboardInterrupt):
            raise  # not of this run's making alone: the chunk is tried again, or the sweep is to end
        except BaseException as failure:  # an extension that calls `sys.exit` ends its run, not the sweep
            error = words_for(failure)
        if error:
            self.arms.forget()
            add_failed(made, self.study, point, replicate, error, self._hashes)
        else:
            self._add(made, point, replicate, arms)

    def _set(self, values: PointValues) -> None:
        """Set levers and parameters of a point; nothing where they are those of the cell before."""
        if values.levers != self._levers:
            self._levers, self._hashes = None, hashes_at(self.study, values)
            scenarios = self.study.scenarios_at(values)
            self.arms.pull(scenarios)
            self._costs_usd = [cost_of(scenario, load_unit_costs()).total_usd for scenario in scenarios]
            self._levers = values.levers
        self.arms.prepare(values.parameters)

    def _live(self, values: PointValues, replicate: int) -> list[ArmSummary]:
        extension = self.study.extension
        own = extension.own(values.extension) if extension else None
        with self.limit:
            return self.arms.run_with(values.parameters, replicate, own)

    def _add(self, made: Rows, point: int, replicate: int, arms: Sequence[ArmSummary]) -> None:
        seed = int(replicate_key(self.study.design.seed, replicate))
        by_precinct = [self._by_precinct(arm) for arm in arms]
        victims = int(by_precinct[0]["victims"].sum())
        for place, (plan, arm, counts) in enumerate(zip(self.study.plans, arms, by_precinct, strict=True)):
            key = {"plan": plan, "point": point, "replicate": replicate}
            identity = {"scenario_hash": self._hashes[place], "seed": seed, "error": ""}
            totals = {name: int(column.sum()) for name, column in counts.items() if name in COUNTS}
            totals["averted"] = victims - totals["victims"]
            _append(made[RUNS], {**key, **identity, **totals, **self._measures(arm, place), **arm.extra})
            if PRECINCTS in made:
                averted = by_precinct[0]["victims"] - counts["victims"]
                self._add_precincts(made[PRECINCTS], key, {**counts, "averted": averted})
            if EVENTS in made and replicate < self.study.design.keep_events:
                self._add_events(made[EVENTS], key, arm)

    def _by_precinct(self, arm: ArmSummary) -> dict[str, NDArray[Any]]:
        counts = arm.counts[:, self.first_month :].sum(axis=1)
        columns = {name: counts[:, FIELDS.index(name)] for name in FIELDS}
        return {**columns, "enrolled": arm.enrolled.sum(axis=1), "participants": arm.participants}

    def _measures(self, arm: ArmSummary, place: int) -> dict[str, float | None]:
        causes = arm.causes.sum(axis=0)
        shootings = int(causes.sum())
        share = {name: float(causes[CAUSES.index(name)]) / shootings if shootings else None for name in CAUSES}
        survey = arm.survey.mean(axis=0)
        return {
            "cost_usd": self._costs_usd[place],
            "participants": float(arm.participants.sum()),
            "retaliation_share": share["retaliation"],
            "contagion_share": share["contagion"],
            "norm_after": float(survey[SURVEY.index("norm_after")]),
            "trust_after": float(survey[SURVEY.index("trust_after")]),
        }

    def _add_precincts(self, columns: Columns, key: Mapping[str, Any], counts: Mapping[str, NDArray[Any]]) -> None:
        for slot, number in enumerate(self.arms.numbers):
            own = {name: column[slot].item() for name, column in counts.items() if name in columns}
            _append(columns, {**key, "precinct": number, **own})

    def _add_events(self, columns: Columns, key: Mapping[str, Any], arm: ArmSummary) -> None:
        for shooting in np.sort(arm.shootings, order=["head_day", "head_hour", "key"]):
            own = {
                "key": int(shooting["key"]),
                "precinct": self.arms.numbers[shooting["slot"]],
                "date": (np.datetime64(EPOCH) + int(shooting["head_day"])).item(),
                "hour": int(shooting["head_hour"]),
                "cause": CAUSE_NAMES[shooting["cause"]],
                "victims": int(shooting["victims"]),
                "killed": int(shooting["killed"]),
            }
            _append(columns, {**key, **own})


def _blank(study: Study) -> Rows:
    return {kind: {name: [] for name in columns_of(kind, study)} for kind in kinds_of(study)}


def _append(columns: Columns, row: Mapping[str, Any]) -> None:
    for name, column in columns.items():
        column.append(row[name])


def add_failed(made: Rows, study: Study, point: int, replicate: int, error: str, hashes: Sequence[str]) -> None:
    """Add the rows of a cell that failed: who and why, and no outcomes."""
    seed = int(replicate_key(study.design.seed, replicate))
    nothing = dict.fromkeys(outcomes_of(study))
    for plan, scenario_hash in zip(study.plans, hashes, strict=True):
        key = {"plan": plan, "point": point, "replicate": replicate, "scenario_hash": scenario_hash, "seed": seed}
        _append(made[RUNS], {**key, **nothing, "error": error})


def hashes_at(study: Study, values: PointValues) -> list[str]:
    """The hash of each plan with the levers of a point; empty where these cannot be."""
    try:
        return [resolved_hash(scenario) for scenario in study.scenarios_at(values)]
    except CmsSimError:
        return [""] * len(study.scenarios)


def lost_cell(study: Study, point: int, row: NDArray[np.float64], replicate: int) -> Rows:
    """The rows of a cell whose process ended whenever it was tried."""
    made = _blank(study)
    add_failed(made, study, point, replicate, ENDED, hashes_at(study, study.values_at(row)))
    return made


def words_for(failure: BaseException) -> str:
    """What went wrong in a run, in one line: the same wherever it is run."""
    if isinstance(failure, CmsSimError):
        where = f"{Path(failure.where).name}: " if failure.where else ""
        return _in_one_line(f"{where}{failure.message}. {failure.remedy}")
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    try:
        said = str(failure)
    except Exception:
        said = "without words"
    return f"{type(failure).__name__}: {_in_one_line(said)}{place}"


def _in_one_line(words: str) -> str:
    """What a table takes: no line ends, only letters that UTF-8 has, and not the whole of an array."""
    line = " ".join(words[: 2 * LONGEST_WORDS].split()).encode(errors="replace").decode()
    return line if len(line) <= LONGEST_WORDS else f"{line[: LONGEST_WORDS - 3]}..."
