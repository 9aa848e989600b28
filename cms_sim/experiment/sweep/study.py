"""A design looked up: plans in its frame, names, values, and how its runs are cut into chunks and parts.

*point*: one set of values; *cell*: one replicate at one point, all plans on one shared past; *run*: one plan in a cell;
*chunk*: consecutive cells that one task runs; *part*: the file of consecutive chunks. Nothing here needs the engine.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.hypotheses import Hypothesis, hypothesis
from cms_sim.errors import InputError
from cms_sim.experiment.extension import Extension, load_extension
from cms_sim.experiment.sweep.design import Design
from cms_sim.experiment.sweep.framing import framed_plans
from cms_sim.experiment.sweep.levers import sites_of, with_levers
from cms_sim.experiment.sweep.names import base_values, is_network, names_of, network_values
from cms_sim.experiment.sweep.points import count_points, make_points
from cms_sim.experiment.sweep.spans import Varied
from cms_sim.scenario.resolved import Scenario, resolved_hash

MOST_RUNS: Final = 200_000_000
MOST_POINTS: Final = 10_000_000
PART_ROWS: Final = 5_000
SHORT_TASK_MS, LONG_TASK_MS, MANY_TASKS, FEW_TASKS = 1_000.0, 10_000.0, 10_000, 128
"""About how long a chunk should take: a second; longer in a sweep that would have more than `MANY_TASKS`, which one
scheduler must hand out; shorter in one that would have less than `FEW_TASKS`, which all cores should share.
"""
SOLVING_TASK_MS: Final = 20_000.0
"""The same where each point has its levels solved first: such a chunk is a whole point wherever that is possible."""
RUN_MS: Final = 2.0
PRECINCT_YEAR_MS: Final = 0.5
"""About what a run takes besides its precincts' years, and what each of those adds (benchmarks/sweep.py)."""


class PointValues(NamedTuple):
    """The values of a point by name, those that the design fixes among them."""

    parameters: dict[str, float]
    levers: dict[str, float]
    extension: dict[str, float]


@dataclass(frozen=True)
class Study:
    """A design with everything that its names stand for."""

    design: Design
    scenarios: tuple[Scenario, ...]
    """In the frame of the design, the reference first, without the design's levers."""
    reading: Hypothesis
    extension: Extension | None
    varied: tuple[Varied, ...]
    """What differs between points, in the order of the columns of `points`."""
    fixed: tuple[Varied, ...]
    """What the design holds at one value."""
    n_points: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of `points`."""
        return tuple(each.name for each in self.varied)

    @property
    def plans(self) -> tuple[str, ...]:
        """Names of the plans, the reference first."""
        return tuple(scenario.name for scenario in self.scenarios)

    @property
    def n_cells(self) -> int:
        """Points times replicates."""
        return self.n_points * self.design.replicates

    @property
    def n_runs(self) -> int:
        """Cells times plans: the rows."""
        return self.n_cells * len(self.scenarios)

    @cached_property
    def cells_per_chunk(self) -> int:
        """From the design alone, so that the store is the same whoever runs it.

        A chunk holds whole points, or of one point a share that is as equal as can be, so that no point is prepared
        more often than need be.
        """
        replicates, most = self.design.replicates, max(1, PART_ROWS // len(self.scenarios))
        if self.solves_each_point:
            most = min(most, replicates, max(1, round(SOLVING_TASK_MS / self._cell_ms)))
        else:
            task_ms = min(LONG_TASK_MS, max(SHORT_TASK_MS, self.n_cells * self._cell_ms / MANY_TASKS))
            most = min(most, max(1, round(task_ms / self._cell_ms)), max(1, self.n_cells // FEW_TASKS))
        if most >= replicates:
            return replicates * (most // replicates)
        return math.ceil(replicates / math.ceil(replicates / most))

    @property
    def _cell_ms(self) -> float:
        frame = self.scenarios[0].frame
        years = (frame.until_date - frame.past_starts).days / 365.25
        return len(self.scenarios) * (RUN_MS + PRECINCT_YEAR_MS * years * len(frame.precincts))

    @property
    def solves_each_point(self) -> bool:
        """Whether points differ in what the background levels are solved for."""
        return self.design.levels == "each point" and any(each.kind == "uncertainties" for each in self.varied)

    @property
    def n_chunks(self) -> int:
        """Chunks, of which the last one, and the last of each point that is cut, may be shorter."""
        if self._shares > 1:
            return self.n_points * self._shares
        return math.ceil(self.n_cells / self.cells_per_chunk)

    @cached_property
    def _shares(self) -> int:
        """Chunks of a point; 1 where each holds whole points."""
        return max(1, math.ceil(self.design.replicates / self.cells_per_chunk))

    @property
    def chunks_per_part(self) -> int:
        """So that a part has about `PART_ROWS` rows."""
        return max(1, PART_ROWS // (self.cells_per_chunk * len(self.scenarios)))

    def cells_of(self, chunk: int) -> range:
        """The cells of a chunk; cell c is replicate c % replicates at point c // replicates."""
        size, replicates = self.cells_per_chunk, self.design.replicates
        if self._shares == 1:
            return range(chunk * size, min((chunk + 1) * size, self.n_cells))
        point, share = divmod(chunk, self._shares)
        first, until = point * replicates, (point + 1) * replicates
        return range(first + share * size, min(first + (share + 1) * size, until))

    def points(self) -> NDArray[np.float64]:
        """[points, names] the values at every point."""
        return make_points(self.design, self.varied)

    @property
    def network(self) -> dict[str, float]:
        """Network parameters that differ from the table's defaults."""
        own = {each.name: each.steps[0] for each in self.fixed if is_network(each.name)}
        return {**network_values(self.scenarios[0], self.reading), **own}

    @cached_property
    def base(self) -> dict[str, float]:
        """Behaviour parameters that differ from the table's defaults where a point says nothing of them."""
        return base_values(self.scenarios[0], self.reading)

    def values_at(self, row: Sequence[float] | NDArray[np.float64]) -> PointValues:
        """What holds at a point, given its row of `points`."""
        values = [(each, each.steps[0]) for each in self.fixed if not is_network(each.name)]
        values += [(each, float(value)) for each, value in zip(self.varied, row, strict=True)]
        kinds = ("uncertainties", "levers", "extension.parameters")
        own = [{each.name: value for each, value in values if each.kind == kind} for kind in kinds]
        return PointValues({**self.base, **own[0]}, own[1], own[2])

    def scenarios_at(self, values: PointValues) -> tuple[Scenario, ...]:
        """The plans with the levers of a point."""
        return with_levers(self.scenarios, self.design.levers, values.levers)

    def record(self) -> dict[str, Any]:
        """What a store remembers of the study: with an equal one the rows are equal."""
        content: dict[str, Any] = {
            "design": self.design.content(),
            "plans": {scenario.name: resolved_hash(scenario) for scenario in self.scenarios},
            "parameters": self.base,
            "network": self.network,
            "hypothesis": self.reading.content_hash,
        }
        if self.design.method == "table":
            content["table"] = _hash([self.names, self.points().tolist()])
        if self.extension is not None and self.extension.source is not None:
            content["extension"] = self.extension.source.hash
        return {**content, "hash": _hash(content)}


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def study_of(design: Design) -> Study:
    """The study of a design. Raises InputError for whatever could not be run."""
    reading = _reading(design)
    scenarios = framed_plans(design)
    extension = load_extension(design.folder / design.extension.file) if design.extension else None
    _check_keys(design)
    names = names_of(design, reading, extension)
    varied = tuple(each for each in names if each.span.form != "value")
    fixed = tuple(each for each in names if each.span.form == "value")
    _check_method(design, varied)
    n_points = count_points(design, varied)
    _check_size(design, n_points, len(scenarios))
    study = Study(design, scenarios, reading, extension, varied, fixed, n_points)
    _check_levers(study)
    return study


def _reading(design: Design) -> Hypothesis:
    try:
        return hypothesis(design.hypothesis)
    except InputError as error:
        raise InputError(error.message, where=design.where("hypothesis"), remedy=error.remedy) from None


def _check_keys(design: Design) -> None:
    """Refuse `points` and `table` where the method has no use for them, and their lack where it has."""
    sampled = design.method not in ("grid", "table")
    for name, wanted in (("points", sampled), ("table", design.method == "table")):
        given = getattr(design, name) is not None
        if wanted and not given:
            remedy = "Say how many: points = 128." if name == "points" else 'Name the file: table = "points.csv".'
            raise InputError(f"the method '{design.method}' needs {name}", where=design.where("method"), remedy=remedy)
        if given and not wanted:
            remedy = "Take it out, or choose another method."
            message = f"the method '{design.method}' has no use for it"
            raise InputError(message, where=design.where(name), remedy=remedy)


def _check_method(design: Design, varied: Sequence[Varied]) -> None:
    if design.method == "grid":
        for each in varied:
            if each.span.form != "values":
                where = design.where(*each.kind.split("."), each.name)
                remedy = "Give values = [...], or choose another method, such as latin_hypercube."
                raise InputError("a grid needs the values themselves", where=where, remedy=remedy)
    elif not varied:
        remedy = 'Give a range under [uncertainties] or [levers]; for replicates alone, method = "grid".'
        raise InputError("the design varies nothing", where=design.where("method"), remedy=remedy)
    if design.method == "saltelli" and design.points and design.points & (design.points - 1):
        below = 1 << (design.points.bit_length() - 1)
        remedy = f"Give {below} or {2 * below}: the Sobol sequence is even only then."
        raise InputError(f"{design.points} is not a power of two", where=design.where("points"), remedy=remedy)


def _check_size(design: Design, n_points: int, n_plans: int) -> None:
    runs = n_points * n_plans * design.replicates
    for count, most, what in ((n_points, MOST_POINTS, "points"), (runs, MOST_RUNS, "runs")):
        if count > most:
            key = "points" if design.points else "method"
            remedy = f"At most {most:,}: fewer points, values or replicates."
            raise InputError(f"the design has {count:,} {what}", where=design.where(key), remedy=remedy)


def _check_levers(study: Study) -> None:
    """Refuse a lever that no site has, and extremes of the levers that cannot be."""
    for name, lever in study.design.levers.items():
        if not sites_of(lever, study.scenarios):
            remedy = 'Choose other sites: of = "all", or a list of precincts in which a plan has a site.'
            where = study.design.where("levers", name)
            raise InputError("no plan has a site that it could be set for", where=where, remedy=remedy)
    levers = [each for each in (*study.varied, *study.fixed) if each.kind == "levers"]
    if levers:
        with_levers(study.scenarios, study.design.levers, {each.name: each.bounds[1] for each in levers})
