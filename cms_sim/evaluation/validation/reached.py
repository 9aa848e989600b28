"""What the model was to reach before it may be used, and whether it did: each aim is some rows of the validation, or
stands on another page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cms_sim.evaluation.validation.check import Validation


@dataclass(frozen=True)
class Aim:
    """Rows that all have to be covered; without any, the page that tells whether it is reached."""

    words: str
    rows: tuple[str, ...] = ()
    page: str = ""
    told: str = ""
    """How the page tells it, where its rows are not those of a validation."""


@dataclass(frozen=True)
class Reached:
    """An aim under one hypothesis."""

    aim: Aim
    missed: tuple[str, ...]
    """Words of its rows that are not covered."""

    @property
    def reached(self) -> bool | None:
        """None where another page tells."""
        return None if self.aim.page else not self.missed


AIMS: Final = (
    Aim("Annual counts of people shot by precinct, in years after a cut, lie in the forecast's 90% interval as often "
        "as asked (86 to 94%)", page="forecast.md", told="for each cut, as asked or not"),
    Aim("Daily, weekly and monthly scatter of incidents in precincts, and the drift of their shares, lie inside (asked "
        "of the city's record)", ("dispersion_daily", "dispersion_weekly", "dispersion_monthly", "share_statistic")),
    Aim("The raw change at the real sites and dates is predicted: -28.9% on record", ("raw_change",)),
    Aim("So are the controlled ones: -14.5%, -18.7%, and the best published estimate, -14.0%",
        ("relative_rest_of_city", "relative_not_yet_covered", "did_published")),
    Aim("What identifies each parameter is backed by recovery; what is known by its prior only is named",
        page="calibration.md"),
    Aim("Mediations per site-month lie within the range of other cities (1.2 to 6.6)", ("mediations_range",)),
    Aim("So do the single figures of mediations lie within the model's interval",
        ("mediations_mean", "mediations_chicago", "mediations_baltimore_2024", "mediations_harlem",
         "mediations_crown_heights", "mediations_madison", "mediations_mcelderry")),
    Aim("Participants per site lie within the range that was asked for (38 to 96, which mixes two kinds of count)",
        ("participants_range_mixed",)),
    Aim("They lie within the range of reports of one site at a time (20 to 90)", ("participants_range",)),
    Aim("The single figures of participants lie within the model's interval",
        ("participants_chicago", "participants_harlem", "participants_mcelderry", "recruited_crown_heights",
         "recruits_crown_heights")),
    Aim("Caseloads lie within the published range (5 to 15)", ("caseload",)),
    Aim("Shares of mediations that are settled: the published ones lie within",
        ("resolved_for_good", "resolved_for_now", "resolved_baltimore")),
    Aim("The change of the survey's answers on violence lies within", ("survey_programme",)),
    Aim("So does what young men say of the police", ("trust_programme", "trust_comparison", "would_not_call")),
    Aim("The whole calibration takes less than two hours of two cores, goes on after a kill, and repeats itself",
        page="calibration.md"),
)  # fmt: skip


def reached(validation: Validation) -> Iterator[Reached]:
    """Each aim with the words of those of its rows that are not covered."""
    by_name = {each.row.name: each for each in validation.rows}
    for aim in AIMS:
        yield Reached(aim, tuple(by_name[name].row.words for name in aim.rows if not by_name[name].covered))
