"""Studies made definite: what a design's lists and names stand for, looked up and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.csv_table import nearest_precincts
from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.errors import nearest
from cms_sim.evaluation.estimators.panel import adjacent, record_panel
from cms_sim.evaluation.power.design import MOST_SITES, Choice, Design, StudyPart, fail
from cms_sim.evaluation.power.reported import ESTIMATORS
from cms_sim.evaluation.power.windows import CONTROLS
from cms_sim.scenario.source import Source

RECORD: Final = "record"
PEAK_MONTHS, RISE_MONTHS = 12, 36
"""Months before the first start that a choice by the last year looks at, and one by its rise over the two before."""
HIGHEST: Final = 30


@dataclass(frozen=True)
class Study:
    """One study. Rows are places in the city's tables; months are counted from the record's first."""

    name: str
    choice: Choice
    pool: tuple[int, ...]
    """Rows that sites are chosen from; listed: the sites themselves."""
    starts: tuple[int, ...]
    """First month of each site."""
    before: int
    after: int
    """Months."""
    controls: tuple[str, ...]
    estimators: tuple[str, ...]
    estimator_effects_percent: tuple[float, ...]
    """Of which planted changes they are asked, 0 among them."""
    spillover_share: float
    programme: bool

    @property
    def number(self) -> int:
        """Sites."""
        return len(self.starts)

    @property
    def end(self) -> int:
        """The month after the last that the study looks at."""
        return max(self.starts) + self.after


@dataclass(frozen=True, eq=False)
class Place:
    """What studies need to know of a city, by row."""

    tables: CityTables

    @cached_property
    def beside(self) -> NDArray[np.bool_]:
        """[S, S] precincts that share a boundary."""
        near = adjacent(self.tables)
        return np.array([[other in near[number] for other in self.tables.numbers] for number in self.tables.numbers])

    @cached_property
    def highest(self) -> tuple[int, ...]:
        """Rows of the 30 precincts with most people shot on record."""
        return tuple(sorted(np.argsort(-self.tables.victims.sum(axis=1), kind="stable")[:HIGHEST].tolist()))


def studies_of(design: Design, source: Source, tables: CityTables) -> list[Study]:
    """Every study of a design. Raises InputError naming file, line, key and remedy for what cannot be made."""
    if design.hypothesis not in load_hypotheses():
        remedy = nearest(design.hypothesis, load_hypotheses())
        raise fail(source, f"unknown hypothesis '{design.hypothesis}'", remedy, "hypothesis")
    check_effects(design.effects_percent, source, "effects_percent")
    found = [study for place, part in enumerate(design.study) for study in _Reader(place, part, source, tables).all()]
    names = [study.name for study in found]
    for name in names:
        if names.count(name) > 1:
            raise fail(source, f"two studies are called '{name}'", "Give each a name of its own.", "study")
    return found


def check_effects(effects: Sequence[float], source: Source, *path: str | int) -> None:
    """Raise InputError for what is no change in percent."""
    for effect in effects:
        if not -100.0 <= effect <= 100.0:
            raise fail(source, f"{effect:g} is no change in percent", "Give values from -100 to 100.", *path)


@dataclass(frozen=True)
class _Reader:
    """Reads one part of a design."""

    place: int
    part: StudyPart
    source: Source
    tables: CityTables

    def all(self) -> Iterator[Study]:
        """A study for each number of sites and each pair of months."""
        self._check_names()
        effects = self.part.estimator_effects_percent
        check_effects(effects, self.source, "study", self.place, "estimator_effects_percent")
        part, pool = self.part, self._pool()
        for number in self._numbers(pool):
            for before, after in self._pairs():
                starts = self._starts(pool, number)
                self._check_months(starts, before, after)
                yield Study(
                    name=self._name(number, before, after),
                    choice=part.choice,
                    pool=pool,
                    starts=starts,
                    before=before,
                    after=after,
                    controls=part.controls,
                    estimators=part.estimators if before == after == 24 else (),
                    estimator_effects_percent=tuple(sorted({0.0, *effects}, reverse=True)),
                    spillover_share=part.spillover_share,
                    programme=part.programme and before == after == 24,
                )

    def _fail(self, message: str, remedy: str, key: str) -> Exception:
        return fail(self.source, message, remedy, "study", self.place, key)

    def _name(self, number: int, before: int, after: int) -> str:
        many = "1 site" if number == 1 else f"{number} sites"
        count = f", {many}" if self.part.choice != "listed" else ""
        months = "" if (before, after) == (24, 24) else f", {before} and {after} months"
        return f"{self.part.name}{count}{months}"

    def _check_names(self) -> None:
        for key, known in (("controls", CONTROLS), ("estimators", ESTIMATORS)):
            for name in getattr(self.part, key):
                if name not in known:
                    raise self._fail(f"unknown name '{name}'", nearest(name, known), key)
        if self.part.programme and self.part.choice != "listed":
            raise self._fail("the model's programme needs listed sites", "Leave it out, or list sites.", "programme")
        if not -1.0 <= self.part.spillover_share <= 1.0:
            raise self._fail("is no share", "Give a number from -1 to 1.", "spillover_share")

    def _pool(self) -> tuple[int, ...]:
        sites, tables = self.part.sites, self.tables
        if sites is None:
            if self.part.choice == "listed":
                raise self._fail("a study of listed sites lists none", "Add sites, or another choice.", "sites")
            every = tuple(range(len(tables.numbers)))
            return Place(tables).highest if self.part.choice == "random" else every
        if isinstance(sites, str):
            sets = {**tables.sets, RECORD: record_panel(tables).sites}
            if sites not in sets:
                raise self._fail(f"there is no set of precincts '{sites}'", nearest(sites, sets), "sites")
            numbers: Sequence[int] = sets[sites]
        else:
            numbers = [sites] if isinstance(sites, int) else sites
        for number in numbers:
            if number not in tables.numbers:
                remedy = nearest_precincts(number, tables.numbers)
                raise self._fail(f"precinct {number} does not exist", remedy, "sites")
        if not numbers:
            raise self._fail("no precinct is named", "Name at least one.", "sites")
        if twice := [number for number, times in Counter(numbers).items() if times > 1]:
            raise self._fail(f"precinct {twice[0]} is named twice", "Name each precinct once.", "sites")
        return tuple(tables.row(number) for number in numbers)

    def _numbers(self, pool: Sequence[int]) -> list[int]:
        if self.part.choice == "listed":
            if self.part.number:
                raise self._fail("listed sites are all studied", "Leave it out, or set choice.", "number")
            return [len(pool)]
        most = min(MOST_SITES, len(pool) - 1) if self.part.sites is None else min(MOST_SITES, len(pool))
        if not self.part.number or not all(1 <= each <= most for each in self.part.number):
            raise self._fail("how many sites?", f"Give numbers from 1 to {most}, such as [1, {most}].", "number")
        return self.part.number

    def _pairs(self) -> list[tuple[int, int]]:
        pairs = [(each[0], each[1]) for each in self.part.months if len(each) == 2]
        if len(pairs) != len(self.part.months) or not pairs or min(min(pair) for pair in pairs) < 1:
            raise self._fail("needs pairs of months", "Write [[before, after]], such as [[24, 24]].", "months")
        return pairs

    def _starts(self, pool: Sequence[int], number: int) -> tuple[int, ...]:
        start = self.part.start
        if self.part.sites == RECORD and self.part.choice == "listed":
            if start is not None:
                raise self._fail("the record's sites have dates of their own", "Leave it out.", "start")
            openings = record_panel(self.tables).openings
            return tuple(openings[self.tables.numbers[row]] for row in pool)
        if start is None:
            raise self._fail("the study has no start", "Add one, such as start = 2018-01-01.", "start")
        first = int((np.datetime64(start, "M") - self.tables.months[0]).astype(int))
        return tuple(first + k * self.part.months_between_starts for k in range(number))

    def _check_months(self, starts: Sequence[int], before: int, after: int) -> None:
        looks_back = {"highest_last_year": PEAK_MONTHS, "largest_rise": RISE_MONTHS}.get(self.part.choice, 0)
        months, key = self.tables.months, "months" if self.part.sites == RECORD else "start"
        first, last = max(before, looks_back), len(months) - after
        if min(starts) < first or max(starts) > last:
            span = f"from {months[0] + first} to {months[0] + last}" if first <= last else "at no month of the record"
            message = f"{before} months before and {after} after do not lie on record"
            raise self._fail(message, f"With so many, sites can start {span}.", key)
