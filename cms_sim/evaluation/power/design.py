"""A design as written: which studies are made, of which sites, over which months (docs/power.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from cms_sim.data.hypotheses import DEFAULT_HYPOTHESIS
from cms_sim.errors import InputError
from cms_sim.scenario.problems import input_error
from cms_sim.scenario.schema import PrecinctChoice, Table, key
from cms_sim.scenario.source import Source, read_source

MOST_HISTORIES: Final = 100_000
MOST_SITES: Final = 30
CONTROLS: Final = ("not_yet_covered", "rest_of_city")
"""The first stands for the study: among the rest of the city are other sites, which hide a part of what one does."""
EFFECTS_PERCENT: Final = tuple(float(-each) for each in (0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80))
ESTIMATOR_EFFECTS_PERCENT: Final = (0.0, -10.0, -15.0, -20.0, -30.0)

Choice = Literal["listed", "random", "highest_last_year", "largest_rise"]


class StudyPart(Table):
    """One kind of study; lists in it make a study for each of their entries."""

    name: str = key("Short name.", min_length=1, max_length=40)
    sites: PrecinctChoice | None = key(
        'Precincts: "record" (the sites with 24 months on record on each side, on their real dates), a named set, a '
        "precinct or a list. With another choice than listed: those that are chosen from (default: the 30 with most "
        "people shot on record; for peaks, all).",
        None,
    )
    choice: Choice = key("How sites are chosen from them, in each history anew.", "listed")
    number: list[int] = key("How many are chosen, such as [1, 5]; not for listed sites.", [])
    start: date | None = key("First day of the first site's work, the first of a month; not for the record.", None)
    months_between_starts: int = key("From one opening to the next; 0: all together.", 0, unit="months", ge=0, le=60)
    months: list[list[int]] = key("Pairs of months before and after the start, such as [[24, 24]].", [[24, 24]])
    controls: tuple[str, ...] = key("Whom a before/after study compares with.", CONTROLS, strict=False)
    estimators: tuple[str, ...] = key(
        "Estimators of `cms-sim evaluate`, in fewer histories: they take time.", (), strict=False
    )
    estimator_effects_percent: tuple[float, ...] = key(
        "Planted changes of which `estimators` are asked. The smallest that they find is told within these.",
        ESTIMATOR_EFFECTS_PERCENT, unit="percent", strict=False,
    )  # fmt: skip
    spillover_share: float = key("Part of the effect that precincts next door feel; negative: the reverse.", 0.0)
    programme: bool = key("Also the model's own programme in these sites, as a second kind of effect.", False)


class Design(Table):
    """Studies, effects, and in how many histories they are made."""

    title: str = key("Short name.", "")
    histories: int = key("Simulated histories of the city.", 300, ge=1, le=MOST_HISTORIES)
    estimator_histories: int = key("Of them, those for `estimators`.", 60, ge=0, le=MOST_HISTORIES)
    seed: int = key("Seed of the histories.", 2020, ge=0, le=2**63 - 1)
    hypothesis: str = key("How violence spreads: city or chicago.", DEFAULT_HYPOTHESIS)
    outcome: Literal["victims", "incidents"] = key("What is counted.", "victims")
    effects_percent: tuple[float, ...] = key("Planted changes.", EFFECTS_PERCENT, unit="percent", strict=False)
    study: tuple[StudyPart, ...] = key("The studies, each under [[study]].", strict=False, min_length=1)


def read_design(file: Path) -> tuple[Design, Source]:
    """A design file and where each of its keys stands. Raises InputError naming file, line, key and remedy."""
    source = read_source(file)
    return parsed(source), source


def parsed(source: Source) -> Design:
    """What `source` says. Raises InputError naming file, line, key and remedy."""
    try:
        return Design.model_validate(source.content)
    except ValidationError as failure:
        raise input_error(source, failure, Design) from None


def built_in() -> tuple[Design, Source]:
    """The design without a file."""
    source = Source(Path("the built-in design"), BUILT_IN, {})
    return parsed(source), source


def fail(source: Source, message: str, remedy: str, *path: str | int) -> InputError:
    """A problem with a key."""
    return InputError(message, where=source.where(*path), remedy=remedy)


_BATTERY: Final = [
    "before_after_rest_of_city",
    "before_after_not_yet_covered",
    "event_study",
    "poisson_did",
    "staggered_callaway_santanna",
    "staggered_poisson",
    "synthetic_control",
]
_EARLY, _LATE = date(2015, 1, 1), date(2018, 1, 1)
_FIVE: Final = "expansion_2020"
_FOR_FIVE: Final = [0, -10, -20, -30, -40]
_FOR_17: Final = [0, -10, -15, -20]
"""Around the smallest fall that a before/after study of as many sites finds: each costs the estimators 17 sites' time
again."""
_WINDOWS: Final = [[24, 24], [12, 12], [36, 36]]
BUILT_IN: Final[Mapping[str, Any]] = {
    "title": "Built-in design",
    "study": [
        {
            "name": "the five of 2020",
            "sites": _FIVE,
            "start": _LATE,
            "controls": [*CONTROLS, "not_next_door", "highest_30"],
            "estimators": _BATTERY,
            "estimator_effects_percent": _FOR_FIVE,
            "programme": True,
        },
        {"name": "the five of 2020, from 2015", "sites": _FIVE, "start": _EARLY, "months": [*_WINDOWS, [60, 60]]},
        {"name": "one of the five", "sites": _FIVE, "choice": "random", "number": [1], "start": _LATE},
        {
            "name": "the 17 of 2012-2016",
            "sites": "record",
            "controls": [*CONTROLS, "not_among_sites", "not_next_door", "highest_30"],
            "estimators": _BATTERY,
            "estimator_effects_percent": _FOR_17,
        },
        {"name": "by lot", "choice": "random", "number": [1, 3, 5, 10, 17], "start": _EARLY, "months": _WINDOWS},
        {"name": "most shot last year", "choice": "highest_last_year", "number": [1, 5, 17], "start": _EARLY},
        {"name": "largest rise", "choice": "largest_rise", "number": [1, 5, 17], "start": _EARLY},
        {"name": "the 17, felt next door", "sites": "record", "spillover_share": 0.5,
         "controls": [*CONTROLS, "not_next_door"], "estimators": ["spillover"]},
    ],
}  # fmt: skip
"""The questions that every reader has: the expansion, the sites of the record, numbers of sites, and how they come to
be chosen."""
