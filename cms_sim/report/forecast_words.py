"""What the forecast check says: one sentence for each score, a table, JSON, and the section of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from cms_sim.data.hypotheses import hypothesis
from cms_sim.evaluation.forecast.check import SCORES, Checked, Table
from cms_sim.evaluation.forecast.scores import MIDDLES
from cms_sim.report import marked_page

COVERAGE_ASKED: Final = (0.86, 0.94)
"""Coverage of the 90% interval of annual victims per precinct that is asked for."""
BINS: Final = 10
"""Of the PIT's histogram."""
HEADINGS: Final = ("forecast", "CRPS", "log score", "in 50%", "in 90%")
"""The last two: share of what came in the middle 50% and 90% of the forecast."""
_NAMES: Final = {"crps": "CRPS", "log_score": "log score"}
_FINER: Final = {"year": 2, "month": 3}


def sentence(checked: Checked, table: Table, by: str) -> str:
    """By how much the model beats the best naive forecast, or does not."""
    gain, digits = table.gain(by), _FINER[table.period] + (by == "log_score")
    model, best = (float(getattr(each, by).mean()) for each in (table.model, table.best_naive(by)))
    way = "beats" if gain.difference < 0.0 else "does not beat"
    size = abs(gain.difference)
    span = f"{gain.low:+.{digits}f} to {gain.high:+.{digits}f}"
    how = f"{size:.{digits}f} lower" if gain.difference < 0.0 else f"{size:.{digits}f} higher"
    doubt = "" if gain.settled else ", which may be chance"
    return (
        f"Fitted up to {checked.forecast.until}, under '{checked.forecast.hypothesis}', by precinct and "
        f"{table.period}: the model {way} the best naive forecast ({gain.against}): {_NAMES[by]} {model:.{digits}f} "
        f"against {best:.{digits}f}, {how} ({size / best:.0%}; difference {span}){doubt}."
    )


def sentences(checked: Checked) -> list[str]:
    """One for each length of period and score, and one on coverage."""
    found = [sentence(checked, table, by) for table in checked.tables for by in SCORES]
    return [*found, agents_sentence(checked.tables[0]), coverage_sentence(checked)]


def agents_sentence(table: Table) -> str:
    """What agents and programme add to the levels that the forecast draws."""
    gain = table.gain_of_agents("crps")
    alone = float(table.scored[1].crps.mean())
    way, doubt = "lower" if gain.difference < 0.0 else "higher", "" if gain.settled else ", which may be chance"
    return (
        f"The forecast's levels alone, without agents and programme, have a CRPS of {alone:.2f} by precinct and "
        f"{table.period}; with them it is {abs(gain.difference) / alone:.0%} {way} (difference {gain.difference:+.2f}, "
        f"{gain.low:+.2f} to {gain.high:+.2f}){doubt}."
    )


def coverage_sentence(checked: Checked) -> str:
    """Whether annual counts are covered as asked."""
    share, (low, high) = checked.tables[0].model.covered(0.9), COVERAGE_ASKED
    inside = "as asked" if low <= share <= high else f"not the {low:.0%} to {high:.0%} asked for"
    return f"{share:.1%} of annual counts lie in the model's 90% interval (randomised PIT): {inside}."


def rows(table: Table) -> list[tuple[str, ...]]:
    """Cells under `HEADINGS`."""
    digits = _FINER[table.period]
    return [
        (
            each.name,
            f"{each.crps.mean():.{digits}f}",
            f"{each.log_score.mean():.{digits + 1}f}",
            *(f"{each.covered(middle):.1%}" for middle in MIDDLES),
        )
        for each in table.scored
    ]


def pit_shares(table: Table) -> list[float]:
    """[BINS] shares of the model's PIT: 1 / BINS each if the forecast is right."""
    counts, _ = np.histogram(table.model.pit, bins=BINS, range=(0.0, 1.0))
    return [float(share) for share in counts / counts.sum()]


def as_json(checked: Checked) -> dict[str, Any]:
    """Everything that the table and the sentences say, by name."""
    said = checked.forecast
    return {
        "until": said.until,
        "hypothesis": said.hypothesis,
        "parameters": said.draws.source,
        "histories": len(said.victims),
        "held_to_bound": said.held,
        "sentences": sentences(checked),
        "periods": {table.period: _table_json(table) for table in checked.tables},
    }


def _table_json(table: Table) -> dict[str, Any]:
    gains = {by: {"best_naive": table.gain(by), "levels_alone": table.gain_of_agents(by)} for by in SCORES}
    return {
        "scores": {
            each.name: {
                **{by: float(getattr(each, by).mean()) for by in SCORES},
                **{f"in_middle_{round(100 * middle)}": each.covered(middle) for middle in MIDDLES},
            }
            for each in table.scored
        },
        "gain": {
            by: {over: {**asdict(each), "settled": each.settled} for over, each in given.items()}
            for by, given in gains.items()
        },
        "pit": pit_shares(table),
    }


def markdown(results: Sequence[Checked]) -> Iterator[str]:
    """The section of one cut: sentences, a table for each length of period."""
    for checked in results:
        said = checked.forecast
        yield f"### Up to {said.until}: {hypothesis(said.hypothesis).title}\n"
        yield (
            f"{len(said.victims)} histories, parameters: {said.draws.source}; {said.held:.2%} of precinct-months held "
            "to the engine's bound.\n"
        )
        yield from (f"* {each}" for each in sentences(checked))
        for table in checked.tables:
            yield f"\nBy precinct and {table.period}:\n"
            yield from _grid(rows(table))
        yield ""


def _grid(cells: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield "|---" + "|---:" * (len(HEADINGS) - 1) + "|"
    yield from (f"| {' | '.join(row)} |" for row in cells)


def marker(until: int) -> str:
    """The line of a page below which the section of a cut stands."""
    return f"<!-- generated by `cms-sim forecast --until {until}` -->"


def write_section(page: Path, results: Sequence[Checked]) -> None:
    """Put the section of a cut under its marker. Raises InputError for a page without it."""
    marked_page.write_section(page, marker(results[0].forecast.until), markdown(results))
