"""What the model was to reach before it may be used, and whether it did: each aim is some rows of the validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cms_sim.evaluation.validation.check import Validation


@dataclass(frozen=True)
class Aim:
    """Rows that all have to be covered."""

    words: str
    rows: tuple[str, ...]


AIMS: Final = (
    Aim("Daily, weekly and monthly scatter of incidents in precincts, and the drift of their shares, lie inside",
        ("dispersion_daily", "dispersion_weekly", "dispersion_monthly", "share_statistic")),
    Aim("The raw change at the real sites and dates is predicted: -28.9% on record", ("raw_change",)),
    Aim("So are the controlled ones: -14.5%, -18.7%, and the best published estimate, -14.0%",
        ("relative_rest_of_city", "relative_not_yet_covered", "relative_never_listed", "did_published")),
    Aim("Mediations, participants and caseloads lie within the published ranges",
        ("mediations_range", "participants_range", "caseload")),
    Aim("So do the shares of mediations that are settled", ("resolved_for_good", "resolved_for_now")),
    Aim("So does the change of the survey's answers", ("survey_programme", "survey_comparison")),
)  # fmt: skip


def missed(validation: Validation) -> Iterator[tuple[Aim, tuple[str, ...]]]:
    """Each aim with the words of those of its rows that are not covered; none where it is reached."""
    by_name = {each.row.name: each for each in validation.rows}
    for aim in AIMS:
        yield aim, tuple(by_name[name].row.words for name in aim.rows if not by_name[name].covered)
