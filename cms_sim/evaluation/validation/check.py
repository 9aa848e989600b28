"""Every row held against the histories of a hypothesis: model's interval, figure, covered or not."""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.evaluation.validation import about_sites, about_violence, about_work
from cms_sim.evaluation.validation.different import alike
from cms_sim.evaluation.validation.histories import (
    HISTORIES,
    SEED,
    Histories,
    live,
    parameters_of,
    statistics_of_record,
)
from cms_sim.evaluation.validation.row import LEVEL, WITHOUT_EFFECT, Group, Kind, Row, fitted_statistics

GROUPS: Final[tuple[Group, ...]] = (*about_sites.GROUPS, *about_work.GROUPS, *about_violence.GROUPS)
FEWEST: Final = 20
"""Histories below which the middle 90% means nothing."""
_KNOWN_SHARE: Final = 0.5
"""Share of histories that must know a statistic."""

Statistics = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Checked:
    """A row and what became of it. Values are in the row's unit."""

    row: Row
    median: float
    low: float
    high: float
    """The middle 90% of histories, with the publication's error where the row says so."""
    published: float | None
    """None of a bound."""
    covered: bool
    histories: int
    """That know the statistic."""
    moves_with: tuple[str, float] = ("", 0.0)
    """Of a prediction: the fitted statistic that it goes with most over histories, and the rank correlation."""
    after_low: float = math.nan
    after_high: float = math.nan
    """Of a row about sites: the same under the posterior that has been fitted to what sites changed."""
    asks: str = ""
    """The first of the statistics that go together with the row's own (`different.alike`)."""

    @property
    def kind(self) -> Kind:
        """As the row's."""
        return self.row.kind

    @property
    def side(self) -> str:
        """Where the model lies if the figure is not covered."""
        if self.covered:
            return ""
        aim = self.published
        if aim is None:
            return "The model's interval is not wholly within the range. "
        return "The model lies above. " if self.low > aim else "The model lies below. "


@dataclass(frozen=True)
class Validation:
    """All rows of one hypothesis."""

    hypothesis: str
    parameters: str
    """Where the draws come from."""
    histories: int
    fitted: bool
    """Whether draws come from a posterior: under priors nothing is fitted."""
    groups: tuple[tuple[Group, tuple[Checked, ...]], ...]

    @property
    def rows(self) -> tuple[Checked, ...]:
        """Of all groups, in order."""
        return tuple(each for _, rows in self.groups for each in rows)

    def count(self, covered: bool = False, predicted: bool = False) -> int:
        """Rows, or those of them that are covered, predicted, or both."""
        return sum((each.covered or not covered) and (each.kind == "predicted" or not predicted) for each in self.rows)

    def count_different(self, covered: bool = False, predicted: bool = False) -> int:
        """The same of statistics that differ: one is covered, or predicted, if every row that asks for it is."""
        asked: dict[tuple[bool, str], list[Checked]] = defaultdict(list)
        for each in self.rows:
            asked[each.row.about_sites, each.asks or each.row.statistic].append(each)
        return sum(
            all((each.covered or not covered) and (each.kind == "predicted" or not predicted) for each in rows)
            for rows in asked.values()
        )


def validate(
    hypothesis: str,
    histories: int = HISTORIES,
    from_priors: bool = False,
    workers: int = 0,
    on_progress: Callable[[int], None] = lambda done: None,
    seed: int = SEED,
) -> Validation:
    """Live what is missing and hold every row against it; `on_progress` is told histories done, of `to_live`.

    Raises InputError without a posterior, or with too few histories.
    """
    if histories < FEWEST:
        remedy = f"Give at least {FEWEST}, better {HISTORIES}."
        raise InputError(f"{histories} histories are too few for an interval", where="--histories", remedy=remedy)
    found: dict[str, Statistics] = {}
    sources: dict[str, str] = {}
    variants = ("",) if from_priors else ("", WITHOUT_EFFECT)
    for turn, variant in enumerate(variants):
        given = parameters_of(hypothesis, variant, from_priors, histories)
        done = Histories.now(hypothesis, given, histories, seed)
        found[variant] = live(done, workers, lambda so_far, before=turn * histories: on_progress(before + so_far))  # type: ignore[misc]
        sources[variant] = given.source
    without = found.get(WITHOUT_EFFECT, found[""])
    groups = check(found[""], without, statistics_of_record(load_city_tables()), both=not from_priors)
    return Validation(hypothesis, sources[""], histories, not from_priors, groups)


def to_live(histories: int, from_priors: bool) -> int:
    """Histories that `validate` lives or reads."""
    return histories * (1 if from_priors else 2)


def check(
    full: Statistics, without: Statistics, record: Mapping[str, float], both: bool = True
) -> tuple[tuple[Group, tuple[Checked, ...]], ...]:
    """Rows about sites against the histories `without`, the others against `full`; `both`: and those against `full`."""
    of = {True: without, False: full}
    asked = {
        about: alike(of[about], (row.statistic for row in every_row() if row.about_sites == about)) for about in of
    }

    def checked(row: Row) -> Checked:
        after = full if both and row.about_sites else None
        found = check_row(row, of[row.about_sites], record, after)
        return replace(found, asks=asked[row.about_sites][row.statistic])

    return tuple((group, tuple(checked(row) for row in group.rows)) for group in GROUPS)


def every_row() -> tuple[Row, ...]:
    """Of all groups, in order."""
    return tuple(row for group in GROUPS for row in group.rows)


def check_row(
    row: Row, statistics: Statistics, record: Mapping[str, float], after: Statistics | None = None
) -> Checked:
    """One row. Raises InputError where histories do not know its statistic."""
    low, median, high = predictive(row, statistics)
    published = row.published
    if published is None and not row.is_bound:
        published = record.get(row.statistic, math.nan) * row.times
        if not math.isfinite(published):
            raise InputError(f"the record does not know '{row.statistic}'", where=row.name)
    if row.is_bound:
        assert row.low is not None and row.high is not None
        covered = row.low <= low and high <= row.high
    else:
        assert published is not None
        covered = low <= published <= high
    then = predictive(row, after) if after is not None else (math.nan, math.nan, math.nan)
    known = int(np.isfinite(statistics[row.statistic]).sum())
    moves = moves_with(row, statistics) if row.kind == "predicted" else ("", 0.0)
    return Checked(row, median, low, high, published, covered, known, moves, then[0], then[2])


def moves_with(row: Row, statistics: Statistics) -> tuple[str, float]:
    """The statistic that the posterior was fitted to and that goes most with the row's own, with their rank correlation
    over histories. Close to 1 the row is fitted in all but name.
    """
    found = ("", 0.0)
    for name in sorted(fitted_statistics(row.about_sites) & statistics.keys()):
        both = np.array([statistics[row.statistic], statistics[name]], dtype=np.float64)
        ranks = both[:, np.isfinite(both).all(axis=0)].argsort(axis=1).argsort(axis=1)
        if ranks.shape[1] >= FEWEST and abs(rho := float(np.asarray(np.corrcoef(ranks))[0, 1])) > abs(found[1]):
            found = (name, rho)
    return found


def predictive(row: Row, statistics: Statistics) -> tuple[float, float, float]:
    """Low, median and high of the middle 90% of histories, with the row's error added."""
    draws = np.asarray(statistics[row.statistic], dtype=np.float64)
    known = draws[np.isfinite(draws)] * row.times
    if len(known) < _KNOWN_SHARE * len(draws):
        raise InputError(f"histories do not know '{row.statistic}'", remedy="Give more histories with --histories.")
    if row.added_error:
        chance = np.random.default_rng(zlib.crc32(row.name.encode()))
        known = known + row.added_error * chance.standard_normal(len(known))
    tail = (1.0 - LEVEL) / 2.0
    low, median, high = np.quantile(known, (tail, 0.5, 1.0 - tail))
    return float(low), float(median), float(high)


_COUNTED: Final[tuple[dict[str, bool], ...]] = (
    {},
    {"covered": True},
    {"predicted": True},
    {"covered": True, "predicted": True},
)


def last_line(validations: Sequence[Validation]) -> str:
    """The counts of rows over all of them."""
    rows, covered, predicted, both = (sum(each.count(**how) for each in validations) for how in _COUNTED)
    return f"rows = {rows}, covered = {covered}, predicted = {predicted}, predicted and covered = {both}"


def different_line(validations: Sequence[Validation]) -> str:
    """The counts of different statistics over all of them."""
    asked, covered, predicted, both = (sum(each.count_different(**how) for each in validations) for how in _COUNTED)
    return (
        f"different statistics = {asked}, covered = {covered}, predicted = {predicted}, predicted and covered = {both}"
    )


def as_json(validation: Validation) -> dict[str, Any]:
    """Everything that the table says, for machines."""
    return {
        "hypothesis": validation.hypothesis,
        "parameters": validation.parameters,
        "histories": validation.histories,
        "rows": [_row_json(group, each) for group, rows in validation.groups for each in rows],
        "counts": _counts_json("rows", validation.count),
        "different": _counts_json("statistics", validation.count_different),
    }


def _counts_json(what: str, count: Callable[..., int]) -> dict[str, int]:
    names = (what, "covered", "predicted", "predicted_and_covered")
    return {name: count(**how) for name, how in zip(names, _COUNTED, strict=True)}


def _row_json(group: Group, each: Checked) -> dict[str, Any]:
    row = each.row
    return {
        "name": row.name,
        "group": group.name,
        "words": row.words,
        "sources": list(row.sources),
        "unit": group.unit,
        "kind": row.kind,
        "published": each.published,
        "published_low": row.low,
        "published_high": row.high,
        "is_bound": row.is_bound,
        "model_median": each.median,
        "model_low": each.low,
        "model_high": each.high,
        "statistic": row.statistic,
        "asks": each.asks,
        "placebo": row.placebo,
        "posterior": row.variant if not math.isnan(each.after_low) else "",
        "histories": each.histories,
        "fitted_in_full": row.fitted_in_full,
        "moves_with": each.moves_with[0],
        "moves_with_rank_correlation": round(each.moves_with[1], 3),
        "fitted_low": None if math.isnan(each.after_low) else each.after_low,
        "fitted_high": None if math.isnan(each.after_high) else each.after_high,
        "added_error": row.added_error,
        "covered": each.covered,
        "input_by": row.input_by,
        "seen": row.seen,
        "note": row.note,
        "why": "" if each.covered else (each.side + row.why).strip(),
    }
