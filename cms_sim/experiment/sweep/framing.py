"""The plans of a design in its frame: they may differ in their levers only."""

from __future__ import annotations

from pathlib import Path

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.experiment.sweep.design import Design, FramePart
from cms_sim.scenario.files import find_scenario, load_scenario
from cms_sim.scenario.frame import frame_of
from cms_sim.scenario.resolve import Context
from cms_sim.scenario.resolved import Frame, Scenario, world_hash
from cms_sim.scenario.schema import SHARED_SHIFTS, Constants
from cms_sim.scenario.source import PLANS, Source


def framed_plans(design: Design) -> tuple[Scenario, ...]:
    """The scenarios of the design's plans, in its frame. Raises InputError naming the plan."""
    scenarios: list[Scenario] = []
    for name in design.plans:
        scenario = _in_frame(_load(design, name), design)
        if scenario.name in {each.name for each in scenarios}:
            remedy = "Name each plan once; two files of one name: rename one."
            raise InputError(f"the plan '{scenario.name}' comes twice", where=design.where("plans"), remedy=remedy)
        if scenarios and world_hash(scenario) != world_hash(scenarios[0]):
            raise InputError(
                f"'{scenario.name}' and '{scenarios[0].name}' differ in frame or uncertainties, not only in levers",
                where=design.where("plans"),
                remedy="Give all plans one frame under [frame], or take the plan into a design of its own.",
            )
        scenarios.append(scenario)
    return tuple(scenarios)


def _load(design: Design, name: str) -> Scenario:
    try:
        return load_scenario(_beside(design.folder, name) or find_scenario(name))
    except InputError as error:
        raise InputError(error.message, where=error.where or design.where("plans"), remedy=error.remedy) from None


def _beside(folder: Path, name: str) -> Path | None:
    """A plan given as a file is looked up beside the design; a name is not."""
    file = folder / name
    return file if name.endswith(PLANS) and file.is_file() else None


def _in_frame(scenario: Scenario, design: Design) -> Scenario:
    part = design.frame
    if part == FramePart():
        return scenario
    frame = _laid_over(scenario.frame, design)
    return scenario.model_copy(update={"frame": frame}).restricted_to(frame.precincts)


def _laid_over(frame: Frame, design: Design) -> Frame:
    """The plan's frame with what the design says; checked as a scenario's own constants are."""
    part = design.frame
    tables = load_city_tables(frame.city_folder)
    constants = Constants(
        precincts=list(frame.precincts) if part.precincts is None else part.precincts,
        starts=part.starts or frame.starts,
        ends=part.ends or frame.ends,
        past_months=frame.past_months if part.past_months is None else part.past_months,
    )
    place = design.where("frame")
    context = Context([Source(Path(place), {}, {})], frozenset(tables.numbers), tables.sets, SHARED_SHIFTS)
    try:
        return frame_of(constants, frame.city_folder, frame.city_hash, context)
    except InputError as error:
        key = error.where.rpartition(".")[2]
        where = design.where("frame", key) if key in FramePart.model_fields else place
        raise InputError(error.message, where=where, remedy=error.remedy) from None
