"""A problem file: the money, where it may go, under which rules, and what is weighed (docs/optimise.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import PrivateAttr, Strict, ValidationError

from cms_sim.errors import InputError
from cms_sim.experiment.compare import MOST_REPLICATES
from cms_sim.experiment.sweep.design import DEFAULT_SEED, MOST_SEED, FramePart
from cms_sim.scenario.problems import input_error
from cms_sim.scenario.schema import Budget, PrecinctChoice, Services, Staff, Table, key
from cms_sim.scenario.source import read_source

NEW_PRECINCTS: Final = (43, 69, 70, 71, 103)
"""The five precincts of the expansion announced in June 2020 that had no site."""
DEFAULT_PLANS: Final = ("sites_june_2020", "new_sites_2020", "expansion_2020", "by_need")
MOST_WEIGHT: Final = 1e6
"""Of what is weighed, and of a hypothesis: beyond it smaller weights would be lost beside it."""
Names = Annotated[tuple[str, ...], Strict(False)]


class Rules(Table):
    """What a plan must keep to."""

    sites_at_least: int = key("New sites in each precinct that has none.", 1, ge=0, le=8)
    sites_at_most: int = key("New sites in each precinct.", 2, ge=0, le=8)
    minimum_staff: Staff = key(
        "Posts under which a new site is not viable; a role's number holds for each new site.",
        Staff(supervisors=1, violence_interrupters=2, outreach_workers=1),
    )
    most_staff: Staff = key(
        "Most posts at a site, by role (where nothing is opened: added to each site that is there).",
        Staff(supervisors=1, violence_interrupters=12, outreach_workers=12, hospital_responders=2),
    )
    most_services: Services = key(
        "Most places in a precinct, by service.",
        Services(
            employment_slots=20,
            mental_health_slots=20,
            trauma_counselling_slots=20,
            school_mediation_slots=80,
            legal_aid_slots=20,
        ),
    )
    most_usd_per_year: float | None = key(
        "Most money in one precinct, opening apart.", None, unit="US dollars per year", gt=0
    )
    shifts: Annotated[tuple[Names, ...], Strict(False)] = key(
        "Patterns of shifts to choose from: the first site of a precinct takes the first name of a pattern, and so on.",
        (("evenings",), ("nights_weekends",), ("evenings", "nights_weekends")),
        min_length=1,
    )


class Team(Table):
    """What the money is split into where a plan follows a rule of thumb."""

    staff: Staff = key("Posts, in this proportion.", Staff(violence_interrupters=1, outreach_workers=1))
    services: Services = key(
        "Places, in this proportion.",
        Services(employment_slots=10, trauma_counselling_slots=7, school_mediation_slots=40),
    )


class Weigh(Table):
    """What a plan is chosen by: a sum of what it averts, each times its weight, less its cost times its weight."""

    victims: float = key("Weight of a victim averted.", 1.0, ge=0, le=MOST_WEIGHT)
    deaths: float = key("Weight of a death averted, beside its victim's.", 0.0, ge=0, le=MOST_WEIGHT)
    worst_off: float = key(
        "Weight added to a victim averted in the precinct with most victims per resident under the reference.",
        0.0,
        ge=0,
        le=MOST_WEIGHT,
    )
    million_usd: float = key("Weight taken off for each million dollars.", 0.0, ge=0, le=MOST_WEIGHT)
    usd_per_victim: float | None = key(
        "What averting a victim is worth, for the break-even questions.", None, unit="US dollars", gt=0
    )


class Effort(Table):
    """How much is simulated at each stage of the search."""

    draws: int = key(
        "Parameter draws of each hypothesis: half for the search, half for what is stated.",
        128,
        ge=4,
        le=MOST_REPLICATES,
    )
    explore_plans: int = key("Plans that the response surface is first fitted to.", 120, ge=8, le=5000)
    explore_replicates: int = key("Replicates of each, per hypothesis.", 32, ge=2, le=MOST_REPLICATES)
    rounds: int = key("Times that plans proposed by the surface are run and it is fitted again.", 2, ge=0, le=20)
    proposals: int = key("Plans proposed each time.", 24, ge=2, le=500)
    candidates: int = key("Plans that enter the race.", 32, ge=2, le=500)
    race_replicates: int = key(
        "Replicates of the first heat of the race, per hypothesis; doubled each heat.", 32, ge=2, le=MOST_REPLICATES
    )
    finalists: int = key("Plans that come out of the race and are run again.", 6, ge=1, le=40)
    fresh_replicates: int = key("Replicates on fresh seeds and draws, per hypothesis.", 128, ge=4, le=MOST_REPLICATES)


class Problem(Table):
    """The best use of a budget: a question for `cms-sim optimise`."""

    title: str = key("Short name, as shown in tables and figures.", min_length=1, max_length=120)
    plans: Names = key(
        "Names or files of scenarios: the first is the reference, the others are compared with what is found.",
        DEFAULT_PLANS,
        min_length=1,
    )
    precincts: PrecinctChoice = key("Where the money may go: a set, a precinct or a list.", list(NEW_PRECINCTS))
    seed: int = key("Seed of the search and its runs.", DEFAULT_SEED, ge=0, le=MOST_SEED)
    hypotheses: dict[str, float] = key(
        "How violence spreads, each hypothesis with its weight.", {"city": 1.0, "chicago": 1.0}, min_length=1
    )
    budget: Budget = key("Money beyond the reference.")
    rules: Rules = key("What a plan must keep to.", Rules())
    team: Team = key("What the money is split into by the equal split and the split by need.", Team())
    weigh: Weigh = key("What a plan is chosen by.", Weigh())
    effort: Effort = key("How much is simulated.", Effort())
    frame: FramePart = key("Laid over the scenarios' constants.", FramePart())

    _file: Path | None = PrivateAttr(default=None)
    _budget_from: str = PrivateAttr(default="")
    """The option that took the place of the file's budget."""

    @property
    def file(self) -> Path | None:
        """The file that it was read from."""
        return self._file

    def where(self, *path: str) -> str:
        """The place of a key, for a message: a line of the file, or the option that was given instead."""
        if self._budget_from and path[:1] == ("budget",):
            return self._budget_from
        if self._file and self._file.is_file():
            return read_source(self._file).where(*path)
        return ".".join(("problem", *path))

    def fail(self, message: str, remedy: str, *path: str) -> InputError:
        """An error at that key."""
        return InputError(message, where=self.where(*path), remedy=remedy)

    def content(self) -> dict[str, Any]:
        """Everything that it says, as JSON knows it."""
        return self.model_dump(mode="json")


def load_problem(file: str | Path) -> Problem:
    """The problem in a TOML file, its keys and limits checked. Raises InputError naming file, line, key and remedy.

    What its names stand for is looked up by `cms_sim.experiment.optimise.case`.
    """
    source = read_source(Path(file))
    try:
        problem = Problem.model_validate(source.content)
    except ValidationError as failure:
        raise input_error(source, failure, Problem) from None
    problem._file = source.path
    return problem


def built_in() -> Problem:
    """The question of June 2020: ten million dollars a year, and the wraparound fund, for five new precincts.

    The sums are those of scenarios/expansion_2020.toml (T5-027, T5-024).
    """
    budget = {"usd_per_year": 10_000_000.0, "wraparound_usd_per_year": 1_222_000.0, "recurring": True}
    return Problem.model_validate({"title": "Ten million for five precincts", "budget": budget})


def with_changes(problem: Problem, usd_per_year: float | None, hypotheses: Mapping[str, float] | None) -> Problem:
    """The problem with another budget (its title says so) or other hypotheses."""
    changes: dict[str, Any] = {}
    if usd_per_year is not None and usd_per_year != problem.budget.usd_per_year:
        changes["budget"] = problem.budget.model_copy(update={"usd_per_year": usd_per_year})
        changes["title"] = f"{problem.title}, asked with ${usd_per_year:,.0f} a year instead"
    if hypotheses is not None:
        changes["hypotheses"] = dict(hypotheses)
    changed = problem.model_copy(update=changes)
    if "budget" in changes:
        changed._budget_from = "--budget-usd"
    return changed
