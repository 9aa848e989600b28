"""The frame of a scenario: which city, precincts and dates, inside what the record and the calendar hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cms_sim.errors import InputError
from cms_sim.scenario.resolved import Frame
from cms_sim.scenario.schema import Constants
from cms_sim.scenario.source import Source, is_there, where

if TYPE_CHECKING:
    from cms_sim.data.city_tables import CityTables
    from cms_sim.scenario.resolve import Context

FIRST_DAY = date(2006, 1, 1)
LAST_DAY = date(2028, 5, 31)
"""The days that can be simulated: the record's first, and the last month that the engine's calendar holds."""


def tables_of(folder: Path | None, chain: Sequence[Source]) -> CityTables:
    """The city that the file asks for; its record must be of whole years from the calendar's first day on."""
    from cms_sim.data.city_tables import load_city_tables

    place = where(chain, "constants", "city")
    if folder is not None and not is_there(folder.is_dir):
        remedy = "Give the folder that holds precincts.csv and the other tables of a city, relative to this file."
        raise InputError(f"there is no folder '{folder}'", where=place, remedy=remedy)
    tables = load_city_tables(folder)
    first, last = tables.months[0].astype("M8[D]").item(), tables.months[-1]
    if first != FIRST_DAY or len(tables.months) % 12:
        remedy = f"Levels need whole years from {FIRST_DAY:%B %Y} on: import a file that has them, or cut the table."
        raise InputError(f"the city's record goes from {first:%Y-%m} to {last}", where=place, remedy=remedy)
    return tables


def frame_of(constants: Constants, folder: Path | None, city_hash: str, context: Context) -> Frame:
    """The precincts and dates of a question, all of them there and inside the calendar. Raises InputError.

    `folder` is where the city's tables are (None: packaged), `city_hash` that of their content.
    """
    for name in ("precincts", "starts", "ends"):
        if getattr(constants, name) is None:
            remedy = 'Add it under [constants], or extend a scenario that has it: extends = "sites_june_2020".'
            raise context.fail(f"constants.{name} is missing", remedy, "constants")
    assert constants.precincts is not None and constants.starts and constants.ends  # the loop above
    if constants.ends < constants.starts:
        message = f"the last day {constants.ends} is before the first day {constants.starts}"
        raise context.fail(message, "Put the dates in order.", "constants", "ends")
    _check_calendar(constants.starts, constants.ends, constants.past_months, context)
    return Frame(
        precincts=context.choose(constants.precincts, "constants", "precincts"),
        starts=constants.starts,
        ends=constants.ends,
        past_months=constants.past_months,
        city_folder=folder,
        city_hash=city_hash,
    )


def _check_calendar(starts: date, ends: date, past_months: int, context: Context) -> None:
    for name, day in (("starts", starts), ("ends", ends)):
        if not FIRST_DAY <= day <= LAST_DAY:
            remedy = f"Stay between {FIRST_DAY} and {LAST_DAY}."
            raise context.fail(f"{day} is outside the calendar", remedy, "constants", name)
    most = (starts.year - FIRST_DAY.year) * 12 + starts.month - FIRST_DAY.month
    if past_months > most:
        message = f"{past_months} months of past before {starts} would begin before the record"
        raise context.fail(message, f"Give at most {most}.", "constants", "past_months")
