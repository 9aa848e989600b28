"""A design as written: which plans at which points, how many replicates of each (docs/sweeps.md).

`Design(...)` can be made in Python as well. What must hold between its parts, and what the names in it stand for, is
looked up by `cms_sim.experiment.sweep.study`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import PrivateAttr, Strict, ValidationError

from cms_sim.data.hypotheses import DEFAULT_HYPOTHESIS
from cms_sim.errors import InputError
from cms_sim.scenario.problems import input_error
from cms_sim.scenario.schema import PrecinctChoice, Table, key
from cms_sim.scenario.source import Source, read_source

METHODS: Final = ("grid", "latin_hypercube", "sobol", "saltelli", "morris", "table")
Method = Literal["grid", "latin_hypercube", "sobol", "saltelli", "morris", "table"]
DEFAULT_PLANS: Final = ("sites_june_2020", "expansion_2020")
DEFAULT_SEED: Final = 2020
MOST_SEED: Final = 2**63 - 1
MOST_REPLICATES: Final = 1_000_000


class Span(Table):
    """What values something takes: a range, a list, its prior, or one value."""

    low: float | None = key("Lowest value.", None)
    high: float | None = key("Highest value.", None)
    values: tuple[float, ...] | None = key("The values themselves.", None, strict=False, min_length=1)
    prior: bool = key("Quantiles of the prior in the parameter table or the hypothesis.", False)
    value: float | None = key("One value at every point.", None)

    @property
    def form(self) -> str:
        """`range`, `values`, `prior`, `value`; nothing for none of them, several joined by `and`."""
        given = {
            "range": self.low is not None or self.high is not None,
            "values": self.values is not None,
            "prior": self.prior,
            "value": self.value is not None,
        }
        return " and ".join(name for name, is_given in given.items() if is_given)


class Lever(Span):
    """A lever of the plans, and the sites that it is set for. The reference, which comes first, keeps its own."""

    of: Literal["all", "new"] | Annotated[tuple[int, ...], Strict(False)] = key(
        'Sites: "all", "new" (those that the reference lacks), or a list of precincts.', "new"
    )


class FramePart(Table):
    """What is laid over the plans' constants."""

    precincts: PrecinctChoice | None = key("Precincts in play: a set, a precinct or a list.", None)
    starts: date | None = key("First day that is compared.", None)
    ends: date | None = key("Last day.", None)
    past_months: int | None = key("Months simulated before the first day.", None, unit="months", ge=0)


class ExtensionPart(Table):
    """An extension of the model, and its parameters."""

    file: str = key("File that defines EXTENSION, relative to this one.")
    parameters: dict[str, Span] = key("Its parameters, varied or fixed.", {})


class Design(Table):
    """A design: plans, points, replicates."""

    title: str = key("Short name.", "")
    plans: tuple[str, ...] = key(
        "Names or files; averted victims are counted from the first.", DEFAULT_PLANS, strict=False, min_length=1
    )
    replicates: int = key("Replicates at each point.", 32, ge=1, le=MOST_REPLICATES)
    seed: int = key("Seed of points and runs.", DEFAULT_SEED, ge=0, le=MOST_SEED)
    hypothesis: str = key("How violence spreads: city or chicago.", DEFAULT_HYPOTHESIS)
    method: Method = key("How points are chosen.", "latin_hypercube")
    points: int | None = key("Number of points, base sample (saltelli) or trajectories (morris).", None, ge=1)
    table: str | None = key("CSV file of points, relative to this one: a column for each name.", None)
    levels: Literal["each point", "once"] = key("Where background levels are solved.", "each point")
    time_limit_s: float = key("Longest time of one run.", 600.0, unit="seconds", gt=0, le=1e6)
    keep_events: int = key("Replicates whose shootings are kept, per point.", 0, ge=0)
    by_precinct: bool = key("Keep outcomes by precinct as well.", False)
    frame: FramePart = key("Laid over the plans' constants.", FramePart())
    uncertainties: dict[str, Span] = key("Parameters of the parameter table.", {})
    levers: dict[str, Lever] = key("Levers of the plans.", {})
    extension: ExtensionPart | None = key("An extension of the model.", None)

    _file: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        """Where its table, its extension and plans given as files are looked up."""
        return self._file.parent if self._file else Path()

    def where(self, *path: str) -> str:
        """The place of a key, for a message."""
        if self._file and self._file.is_file():
            return read_source(self._file).where(*path)
        return ".".join(("design", *path))

    def content(self) -> dict[str, Any]:
        """Everything that it says, as JSON knows it; what it leaves out is not there."""
        return self.model_dump(mode="json", exclude_none=True)


def load_design(file: str | Path) -> Design:
    """The design of a DESIGN.toml.

    Raises InputError naming file, line, key and remedy for whatever could not be run.
    """
    source = read_source(Path(file))
    design = _design(source, source.content, source.path)
    from cms_sim.experiment.sweep.study import study_of

    study_of(design)
    return design


def _design(source: Source, content: Mapping[str, Any], file: Path) -> Design:
    try:
        design = Design.model_validate(content)
    except ValidationError as failure:
        raise input_error(source, failure, Design) from None
    design._file = file
    return design


def recorded_design(content: str, file: Path) -> Design:
    """The design in `file`, a JSON record that a sweep has written. Raises InputError when it is none."""
    try:
        design = Design.model_validate_json(content)
    except ValidationError as failure:
        problem = failure.errors(include_url=False)[0]
        raise InputError(
            f"is not the record of a design ({problem['msg']})",
            where=str(file),
            remedy="Run the sweep again into another folder.",
        ) from None
    return design
