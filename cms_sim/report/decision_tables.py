"""The tables of an optimisation's report: the plans, where the money goes, and whom it reaches."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.decision.decision import Decision, Estimate, PlanResult
from cms_sim.evaluation.decision.gaps import moved_gaps
from cms_sim.evaluation.decision.words import best_chance, weighed
from cms_sim.evaluation.words import chance, interval
from cms_sim.report.decision_words import as_precise, ends, left_out, told_plans
from cms_sim.report.text_table import TextTable
from cms_sim.report.words import MINUS, NONE, count, extra_usd, in_a_cell, usd

CRITERIA: Final = {
    "averted_per_year": "Not shot a year",
    "deaths_averted_per_year": "Of them would have died",
    "cost_usd_per_year": "Extra money a year",
    "worst_off_averted_per_year": "Not shot in {worst}, the worst off",
    "averted_under_its_worse_hypothesis_per_year": "Not shot if violence spreads in the way that is worse for it",
}
"""What the front weighs, in plain words."""
KINDS: Final = {
    "reference": "nothing more",
    "finalist": "found here",
    "named": "to compare with",
    "cheaper": "for less money",
}
"""What a plan is, where its kind is no word that people use."""
CENSUS: Final = {
    "black_or_hispanic": "By share of Black or Hispanic residents",
    "snap_households": "By share of households on food assistance (SNAP)",
}


def plans_table(decision: Decision) -> TextTable:
    """The winner first, the reference last."""
    headings = (
        *(
            "Plan",
            "What it is",
            "Not shot a year",
            "95% interval",
            "Deaths averted",
            "Extra money a year",
            "Cost of each not shot",
        ),
        *("Best with probability", "Falls short by", "More shot in"),
    )
    plans = (*told_plans(decision), decision.plans[0])
    averted = _apart([plan.averted_per_year.mean for plan in plans])
    rows = [_plan_row(plan, said) for plan, said in zip(plans, averted, strict=True)]
    caption = (
        f"Plans run afresh, against “{decision.plans[0].title}”. “Falls short by”: how far it is expected to be from "
        "the best choice, a year of what is weighed; “more shot in”: share of single runs. A dash under these: named "
        "to compare with, it may spend other money in other places, so that it is no choice. Rules of thumb have the "
        f"hours that do best for them, named plans those of their files.{left_out(decision)}"
    )
    return TextTable(caption, headings, rows, strong=0, words=(1,))


def _plan_row(plan: PlanResult, averted: str) -> tuple[str, ...]:
    missed = NONE if plan.expected_regret_per_year is None else _people(plan.expected_regret_per_year)
    best = best_chance(plan.probability_best)
    kind = KINDS.get(plan.kind, plan.kind).replace(" ", "\N{NO-BREAK SPACE}")
    if plan.kind == "reference":
        return in_a_cell(plan.title), kind, *(NONE,) * 5, best, missed, NONE
    price = plan.usd_per_averted
    return (
        in_a_cell(plan.title),
        kind,
        averted,
        ends(plan.averted_per_year) or NONE,
        _people(plan.deaths_averted_per_year.mean),
        extra_usd(plan.cost_usd_per_year),
        usd(price.mean) if price is not None else "not clear",
        best,
        missed,
        chance(plan.chance_of_harm),
    )


def equity_table(decision: Decision) -> TextTable:
    """Whom each plan reaches: the worst-off precinct, and the ratio of rates between precincts."""
    first = decision.plan(decision.winner).equity
    census = list(first.rate_ratio_by_census)
    headings = (
        "Plan",
        f"Not shot a year in {first.worst_off_precinct}, the worst off",
        "Worst-off over best-off precinct",
        *(CENSUS.get(name, name.replace("_", " ")) for name in census),
    )
    rows = [
        (
            in_a_cell(plan.title),
            _averted(plan.equity.worst_off_averted_per_year) if plan.kind != "reference" else NONE,
            _ratio(plan.equity.rate_ratio),
            *(_ratio(plan.equity.rate_ratio_by_census.get(name)) for name in census),
        )
        for plan in (*told_plans(decision), decision.plans[0])
    ]
    caption = (
        "People shot per resident (census of 2010): the worst-off precinct over the best-off one in the question, and "
        "the half of all precincts with the higher share of a group over the other half (1 is equal). In brackets the "
        "95% interval of the average."
    )
    return TextTable(caption, headings, rows)


def front_table(decision: Decision) -> TextTable:
    """The plans that no other one equals in all that is weighed for the front, and what each buys."""
    told = (*told_plans(decision), decision.plans[0])
    plans = [plan for plan in told if plan.on_front]
    worst = decision.plan(decision.winner).equity.worst_off_precinct
    titles = {name: text.format(worst=worst) for name, text in CRITERIA.items() if name in decision.criteria}
    columns = [_criteria(name, [plan.criteria.get(name) for plan in plans]) for name in titles]
    rows = [(in_a_cell(plan.title), *cells) for plan, *cells in zip(plans, *columns, strict=True)]
    caption = (
        f"{len(plans)} of {len(told)} plans (the front): no other matches any of these in every column, so that who "
        "takes one instead of another gives up something for something else."
    )
    return TextTable(caption, ("Plan", *titles.values()), rows)


def _criteria(name: str, values: list[float | None]) -> list[str]:
    """A column of the front."""
    known = [value for value in values if value is not None]
    said = iter([extra_usd(value) for value in known] if name == "cost_usd_per_year" else _apart(known))
    return [NONE if value is None else next(said) for value in values]


def equity_notes(decision: Decision) -> list[str]:
    """Whether the winner narrows or widens the gaps between precincts, where the intervals lie apart."""
    title = decision.plan(decision.winner).title
    return [
        f"“{title}” {gap.moves} the gap {gap.between}: {_ratio(gap.now)} with it, {_ratio(gap.was)} without."
        for gap in moved_gaps(decision)
    ]


def groups_table(decision: Decision) -> TextTable | None:
    """People not shot under the winner by sex and age; None where that was not counted."""
    groups = decision.plan(decision.winner).equity.averted_per_year_by_group
    sexes = list(dict.fromkeys(name.partition(" ")[0] for name in groups))
    ages = list(dict.fromkeys(name.partition(" ")[2] for name in groups))
    rows = [(sex.capitalize(), *(_averted(groups.get(f"{sex} {age}")) for age in ages)) for sex in sexes]
    caption = f"People not shot a year under “{decision.plan(decision.winner).title}”, by sex and age, 95% interval."
    return TextTable(caption, ("", *ages), rows) if rows else None


def origin(decision: Decision) -> list[tuple[str, str]]:
    """Where the numbers come from: what it takes to repeat them, and to see whether they are the same."""
    known, effort = load_hypotheses(), decision.effort
    titles = {name: known[name].title if name in known else name for name in decision.hypotheses}
    draws = "; ".join(f"{effort.draws[name]} under “{titles[name]}”" for name in effort.draws)
    return [
        ("Version", decision.version),
        ("Command", _command(decision)),
        ("Seed", str(decision.problem.get("seed", "not recorded"))),
        ("What is weighed", weighed(decision)),
        ("Fresh draws", f"{draws}, on {effort.fresh_replicates} histories of each plan"),
        *((f"SHA-256: {name}", text) for name, text in decision.hashes.items()),
        ("Runs of the winner", f"rows of runs.parquet with plan = {decision.plan(decision.winner).runs_id}"),
    ]


def _command(decision: Decision) -> str:
    if not decision.command:
        return "cms-sim optimise, of the problem that decision.json holds under “problem”"
    return f"cms-sim {shlex.join(decision.command)}"


def _averted(found: Estimate | None) -> str:
    if found is None:
        return NONE
    said = ends(found)
    return f"{as_precise(found.mean, said)} ({said})" if said and found.low != found.high else _people(found.mean)


def _ratio(found: Estimate | None) -> str:
    if found is None:
        return NONE
    if found.low is None or found.high is None:
        return count(found.mean)
    said = interval(found.low, found.high)
    return f"{as_precise(found.mean, said)} ({said})"


def _apart(values: list[float]) -> list[str]:
    """Numbers of people in a column: with a decimal where two that are less than half a person apart would else look
    a whole one apart, as 27.54 and 27.49 would."""
    rounded = sorted((value, round(value)) for value in values if 9.95 <= abs(value) < 99.5)
    alike = any(b - a < 0.5 and whole != other for (a, other), (b, whole) in pairwise(rounded))
    return [f"{value:.1f}".replace("-", MINUS) if alike and abs(value) >= 9.95 else _people(value) for value in values]


def _people(averted: float) -> str:
    """A number of people with its sign; what is not 0 does not read as 0."""
    return "about 0" if 0.0 < abs(averted) < 0.05 else count(averted)
