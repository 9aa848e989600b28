"""Where the money of an optimisation's winner goes: what each precinct gets, and what comes of it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from cms_sim.evaluation.decision.decision import Decision, PlanResult, PrecinctPart
from cms_sim.evaluation.decision.words import MOST_PLACES
from cms_sim.evaluation.words import chance, joined, many
from cms_sim.report.decision_words import as_precise, ends
from cms_sim.report.text_table import TextTable
from cms_sim.report.words import NONE, count, posts_in_words, services_in_words, usd

LEAST: Final = 0.05
"""People a year: an interval within less than that, on either side of 0, reads as `about 0`."""
HOURS: Final = {"nights_weekends": "nights and weekends"}
"""Shifts of the project whose names are no words."""


def in_short(decision: Decision) -> str:
    """What the winner is, in a sentence: a name alone says nothing."""
    winner = decision.plan(decision.winner)
    parts = sorted(_served(winner), key=lambda part: -part.usd_per_year)
    if not parts:
        return f"“{winner.title}” adds nothing."
    where = [f"{part.precinct} {part.name} ({usd(part.usd_per_year)})" for part in parts[:MOST_PLACES]]
    if rest := parts[MOST_PLACES:]:
        where.append(f"{len(rest)} more ({usd(sum(part.usd_per_year for part in rest))})")
    return f"What “{winner.title}” is: {_sums(parts)}. A year it puts into {joined(where)}."


def share_of_all(decision: Decision) -> list[str]:
    """What the winner averts beside all who are shot without it, where it is the advice and shown to avert."""
    winner = decision.plan(decision.winner)
    if not decision.is_advice or (winner.averted_per_year.low or 0.0) <= 0.0:
        return []
    if min(winner.averted_per_year.mean, sum(p.averted_per_year.mean for p in winner.precincts if p.in_play)) <= 0.0:
        return []
    everywhere, inside = winner.precincts, [part for part in winner.precincts if part.in_play]
    said = f"{_share(everywhere)} people who are shot a year without it in {_these(len(everywhere))}"
    more = f", and {_share(inside)} in the {len(inside)} of the question" if len(inside) < len(everywhere) else ""
    return [f"That is {said}{more}."]


def _share(parts: Sequence[PrecinctPart]) -> str:
    """`5% of the 551`."""
    averted = sum(part.averted_per_year.mean for part in parts)
    without = averted + sum(part.victims_per_year for part in parts)
    return f"{chance(averted / without)} of the {count(without, 1.0)}"


def _these(number: int) -> str:
    return "this precinct" if number == 1 else f"these {number} precincts"


def _served(plan: PlanResult) -> list[PrecinctPart]:
    return [part for part in plan.precincts if part.sites or any(part.staff.values()) or any(part.services.values())]


def _sums(parts: list[PrecinctPart]) -> str:
    """`10 new sites, 94 posts and 196 service places`."""
    sites, posts = sum(part.sites for part in parts), sum(sum(part.staff.values()) for part in parts)
    places = sum(sum(part.services.values()) for part in parts)
    said = [many(sites, "new site"), many(posts, "post"), many(places, "service place")]
    return joined([each for each, number in zip(said, (sites, posts, places), strict=True) if number])


def places_table(decision: Decision) -> TextTable:
    """What the winner puts where, and what comes of it: every precinct in play and every other that gets something."""
    winner = decision.plan(decision.winner)
    shown = [part for part in winner.precincts if part.in_play or part.usd_per_year > 0.0]
    rest = [part for part in winner.precincts if part not in shown]
    short = len(shown) > MOST_PLACES
    rows = [_place_row(part, short) for part in shown]
    if rest:
        rows.append((many(len(rest), "other precinct"), "nothing", "$0", *_gains(rest), NONE))
    everything = list(winner.precincts)
    total = winner.averted_per_year
    cells = (_sums(everything) or "nothing", usd(winner.cost_usd_per_year), *_gains(everything), ends(total) or NONE)
    rows.append(("All together", *cells))
    headings = (
        "Precinct",
        "What it gets",
        "Money a year",
        "On record, 2017-19",
        "Shot a year without",
        "With it",
        "Not shot",
        "95% interval",
    )
    caption = (
        f"What each precinct gets under “{winner.title}” (on the last day) and gains; people shot a year on record, "
        "and in the runs without it and with it. One that gets nothing may gain: less violence comes over from others."
        f"{' Roles, shifts and kinds of services stand in precincts.csv.' if short else ''}"
    )
    return TextTable(caption, headings, rows, strong=len(rows) - 1, words=(1,))


def _place_row(part: PrecinctPart, short: bool) -> tuple[str, ...]:
    """`short`: one line, without roles, shifts and kinds of services."""
    low, high = part.averted_per_year.low, part.averted_per_year.high
    nothing = low is not None and high is not None and -LEAST < low < 0.0 < high < LEAST
    gain, gets = ends(part.averted_per_year), _numbers(part) if short else "; ".join(_gets(part))
    return (
        f"{part.precinct} {part.name}",
        gets or "nothing",
        usd(part.usd_per_year),
        *_gains([part]),
        "about 0" if nothing else gain or NONE,
    )


def _gains(parts: list[PrecinctPart]) -> tuple[str, str, str, str]:
    """People shot on record, without and with the plan, and what it averts."""
    under = sum(part.victims_per_year for part in parts)
    averted = sum(part.averted_per_year.mean for part in parts)
    said = ends(parts[0].averted_per_year) if len(parts) == 1 else ""
    known = [part.recorded_per_year for part in parts if part.recorded_per_year is not None]
    recorded = f"{sum(known):.1f}" if len(known) == len(parts) else NONE
    return recorded, f"{under + averted:.1f}", f"{under:.1f}", as_precise(averted, said or "0.1")


def _numbers(part: PrecinctPart) -> str:
    """`2 sites, 28 posts, 48 places`."""
    numbers = {"site": part.sites, "post": sum(part.staff.values()), "place": sum(part.services.values())}
    return ", ".join(many(number, what) for what, number in numbers.items() if number)


def _gets(part: PrecinctPart) -> Iterator[str]:
    posts, places = sum(part.staff.values()), sum(part.services.values())
    if part.sites:
        yield f"{many(part.sites, 'new site')}, {_hours(part)}" if part.shifts else many(part.sites, "new site")
    if posts:
        yield f"{many(posts, 'post')} ({posts_in_words(part.staff)})"
    if places:
        yield f"{many(places, 'service place')} ({services_in_words(part.services)})"


def _hours(part: PrecinctPart) -> str:
    """`on evenings`; of sites that differ how many work when."""
    shifts = Counter(HOURS.get(shift, shift.replace("_", " ")) for shift in part.shifts)
    if len(shifts) == 1:
        return f"on {next(iter(shifts))}"
    return joined([f"{number} on {words}" for words, number in shifts.items()])
