"""Whether a plan narrows or widens the gaps between precincts, told only where the intervals lie apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cms_sim.evaluation.decision.decision import Decision, Estimate
from cms_sim.evaluation.words import interval

WIDENS, NARROWS = "widens", "narrows"
WORST_OFF: Final = "between the worst-off and the best-off precinct in the question"
GAPS: Final = {
    "black_or_hispanic": (
        "between precincts with a higher and with a lower share of Black or Hispanic residents",
        "by share of Black or Hispanic residents",
    ),
    "snap_households": (
        "between precincts with more and with fewer households on food assistance",
        "by share of households on food assistance",
    ),
}
"""By what precincts are halved for a ratio of rates: in words, and in few."""


@dataclass(frozen=True)
class Gap:
    """A gap that the winner clearly moves: ratios of people shot per resident, with it and without."""

    between: str
    in_short: str
    moves: str
    now: Estimate
    was: Estimate


def moved_gaps(decision: Decision) -> Iterator[Gap]:
    """The gaps that the winner clearly narrows or widens."""
    now, was = decision.plan(decision.winner).equity, decision.plans[0].equity
    pairs = [((WORST_OFF, WORST_OFF), now.rate_ratio, was.rate_ratio)]
    for name, found in now.rate_ratio_by_census.items():
        plain = name.replace("_", " ")
        pairs.append((GAPS.get(name, (plain, plain)), found, was.rate_ratio_by_census.get(name)))
    for words, after, before in pairs:
        if after is not None and before is not None and (word := _moves(after, before)):
            yield Gap(*words, word, after, before)


def widened(decision: Decision) -> list[str]:
    """In one sentence the gaps that the winner clearly widens; none where it widens none."""
    told = [f"{gap.between} (rates {ratio(gap.now)} to 1, {ratio(gap.was)} to 1 without)" for gap in _wider(decision)]
    return [f"“{decision.plan(decision.winner).title}” clearly widens the gap {', and '.join(told)}."] if told else []


def widened_in_short(decision: Decision) -> list[str]:
    """The same in a line."""
    told = [f"{gap.in_short} ({ratio(gap.was)} to 1 without it, {ratio(gap.now)} with it)" for gap in _wider(decision)]
    return [f"It clearly widens the gap {' and '.join(told)}."] if told else []


def _wider(decision: Decision) -> list[Gap]:
    return [gap for gap in moved_gaps(decision) if gap.moves == WIDENS]


def ratio(found: Estimate) -> str:
    """`1.25`, with as many decimals as its interval bears."""
    if found.low is None or found.high is None:
        return f"{found.mean:.2f}"
    _, _, decimals = interval(found.low, found.high).split(" ")[0].partition(".")
    return f"{found.mean:.{max(1, len(decimals))}f}"


def _moves(now: Estimate, was: Estimate) -> str:
    """`narrows`, `widens`; nothing where the intervals meet. The gap is the ratio's distance from 1."""
    if now.low is None or now.high is None or was.low is None or was.high is None:
        return ""
    if now.low > was.high:
        return WIDENS if was.mean >= 1.0 else NARROWS if now.mean <= 1.0 else ""
    if now.high < was.low:
        return NARROWS if now.mean >= 1.0 else WIDENS if was.mean <= 1.0 else ""
    return ""
