"""What an import did to a published file, trap by trap, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class YearComparison:
    """A whole year's counts in the file against the packaged record: (imported, packaged)."""

    year: int
    incidents: tuple[int, int]
    victims: tuple[int, int]
    fatal_incidents: tuple[int, int]

    @property
    def victims_percent(self) -> float:
        """How far the imported victims lie from the packaged ones, in percent of these."""
        return 100.0 * (self.victims[0] / self.victims[1] - 1.0) if self.victims[1] else 0.0


@dataclass(frozen=True)
class ImportReport:
    """What was read, what was done about each trap of the published files, and what came out."""

    file: Path
    folder: Path
    rows: int
    repeated_rows: int
    """Rows dropped because another is the same in every column. No row is dropped for another reason."""
    incidents: int
    fatal_incidents: int
    both_flags_incidents: int
    """Incidents in which the flag for murder is set on some rows and not on others."""
    rows_that_disagree: int
    """Rows whose date, hour or precinct is not that of their incident's first row, which counts."""
    victims_described: int
    """Victims whom the file tells apart: the least number."""
    victims: int
    """With the estimate of those who are described alike: what the tables hold."""
    unknown_ages: Mapping[str, int]
    impossible_ages: Mapping[str, int]
    perpetrator_impossible_ages: Mapping[str, int]
    unknown_sexes: Mapping[str, int]
    first_day: date
    last_day: date
    months: int
    empty_months: int
    """Months between the first and the last in which the file has no incident in the whole city."""
    central_park_incidents: int
    given_back_from_116: Mapping[int, int]
    """Rows of precinct 116 by the precinct that they were given back to."""
    unplaced_116: int
    before_121_incidents: int
    """Incidents in 120 and 122 before July 2013, when 121 was cut from them."""
    comparison: tuple[YearComparison, ...]
    """Years that both the file and the packaged record have in full."""

    def lines(self) -> list[str]:
        """The report as lines of text."""
        return [*self._read(), *self._victims(), *self._unknowns(), *self._precincts(), *self._compared()]

    def _read(self) -> list[str]:
        lines = [f"Read {self.file}: {self.rows:,} rows, {self.first_day} to {self.last_day}"]
        if self.repeated_rows:
            lines.append(f"  {self.repeated_rows:,} rows dropped: the same as another in every column")
        if self.rows_that_disagree:
            lines.append(
                f"  {self.rows_that_disagree:,} rows differ from their incident's first in date, hour or precinct"
            )
        if self.empty_months:
            lines.append(f"  {self.empty_months:,} months have no incident at all: is the file complete?")
        return [
            *lines,
            f"  The last month is whole only if the file was published after {self.last_day:%B %Y}.",
            f"{self.incidents:,} incidents in {self.months} months, {self.fatal_incidents:,} of them fatal",
            "  Rows are combinations of victims and perpetrators: they were grouped by INCIDENT_KEY.",
            "  An incident is fatal if any of its rows carries the flag for murder"
            f" ({self.both_flags_incidents:,} have rows with and without it).",
        ]

    def _victims(self) -> list[str]:
        alike = self.victims - self.victims_described
        return [
            f"{self.victims:,} victims: {self.victims_described:,} whom the file tells apart,"
            f" and {alike:,} estimated to be described alike",
            "  The file does not number victims: years come within about 1%, a precinct in one month within a few.",
        ]

    def _unknowns(self) -> list[str]:
        kinds = [
            ("age not stated", self.unknown_ages),
            ("impossible age", self.impossible_ages),
            ("sex not stated", self.unknown_sexes),
        ]
        lines = [f"  Victim's {name}, taken as unknown: {_tally(values)}" for name, values in kinds if values]
        if self.perpetrator_impossible_ages:
            lines.append(f"  Perpetrator's impossible age, not used: {_tally(self.perpetrator_impossible_ages)}")
        return lines

    def _precincts(self) -> list[str]:
        lines = []
        if earlier := self.before_121_incidents:
            lines.append(
                f"Precinct 121 was cut from 120 and 122 in July 2013: {earlier:,} earlier incidents stay there"
            )
        if back := self.given_back_from_116:
            shares = " and ".join(f"{rows:,} to {number}" for number, rows in sorted(back.items()))
            lines += [
                f"Precinct 116 was cut from 105 and 113 in December 2024: its rows go back by place, {shares}",
                f"  ({self.unplaced_116:,} of them without coordinates, to 105)",
            ]
        if park := self.central_park_incidents:
            lines.append(f"Precinct 22 is Central Park: {park:,} incidents kept, but rates per head mean nothing there")
        return lines

    def _compared(self) -> list[str]:
        if not self.comparison:
            return ["No year is whole in both this file and the packaged record, so they are not compared."]
        head = f"{'year':>6}{'incidents':>11}{'packaged':>10}{'fatal':>8}{'packaged':>10}{'victims':>9}{'packaged':>10}"
        body = [
            f"{year.year:>6}{year.incidents[0]:>11,}{year.incidents[1]:>10,}{year.fatal_incidents[0]:>8,}"
            f"{year.fatal_incidents[1]:>10,}{year.victims[0]:>9,}{year.victims[1]:>10,}{year.victims_percent:>+7.1f}%"
            for year in self.comparison
        ]
        return ["Against the packaged record:", head, *body]


def _tally(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name or '(empty)'} {count:,}" for name, count in sorted(values.items()))
