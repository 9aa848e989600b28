"""The tables of an optimisation's report: the plans, where the money goes, and whom it reaches."""

from __future__ import annotations

from typing import Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.decision.decision import Decision, Estimate, PlanResult, PrecinctPart
from cms_sim.evaluation.decision.words import weighed
from cms_sim.evaluation.words import chance, interval
from cms_sim.report.decision_words import ends, left_out, told_plans
from cms_sim.report.text_table import TextTable
from cms_sim.report.words import NONE, count, extra_usd, usd

CRITERIA: Final = {
    "averted_per_year": "Not shot a year",
    "deaths_averted_per_year": "Of them would have died",
    "cost_usd_per_year": "Money beyond a year",
    "worst_off_averted_per_year": "Not shot in {worst}, the worst off",
    "averted_under_its_worse_hypothesis_per_year": "Not shot under the reading that is worse for it",
}
"""What the front weighs, in plain words."""
HASHED: Final = {"city": "the city's tables", "parameters": "the parameters' table", "prices": "the prices"}
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
            "Money beyond",
            "A person not shot",
        ),
        *("Best with", "Expected miss", "More shot in"),
    )
    rows = [_plan_row(plan) for plan in (*told_plans(decision), decision.plans[0])]
    caption = (
        "Plans run afresh. “Best with”: probability of being the best choice; “expected miss”: what choosing it is "
        "expected to miss a year of what is weighed; “more shot in”: share of single runs. A dash under these: the "
        "problem names it to be held against, and it may spend other money in other places, so that it is no choice."
        f"{left_out(decision)}"
    )
    return TextTable(caption, headings, rows, strong=0, words=(1,))


def _plan_row(plan: PlanResult) -> tuple[str, ...]:
    if plan.kind == "reference":
        best = NONE if plan.probability_best is None else chance(plan.probability_best)
        missed = NONE if plan.expected_regret_per_year is None else count(plan.expected_regret_per_year)
        return plan.title, plan.kind, "reference", "", "", "", "", best, missed, ""
    price = plan.usd_per_averted
    return (
        plan.title,
        plan.kind,
        _people(plan.averted_per_year.mean),
        ends(plan.averted_per_year) or NONE,
        _people(plan.deaths_averted_per_year.mean),
        extra_usd(plan.cost_usd_per_year),
        usd(price.mean) if price is not None else "not clear",
        NONE if plan.probability_best is None else chance(plan.probability_best),
        NONE if plan.expected_regret_per_year is None else count(plan.expected_regret_per_year),
        chance(plan.chance_of_harm),
    )


def places_table(decision: Decision) -> TextTable:
    """What the winner puts where, and what comes of it: every precinct in play and every other that gets something."""
    winner = decision.plan(decision.winner)
    shown = [part for part in winner.precincts if part.in_play or part.usd_per_year > 0.0]
    rows = [_place_row(part) for part in shown]
    rest = [part for part in winner.precincts if part not in shown]
    if rest:
        gain = sum(part.averted_per_year.mean for part in rest)
        rows.append(
            (
                f"{len(rest)} other precinct{'s' * (len(rest) != 1)}",
                "nothing",
                "$0",
                NONE,
                _people(gain),
                NONE,
            )
        )
    headings = (
        "Precinct",
        "What it gets",
        "Money a year",
        "Shot a year under the plan",
        "Not shot a year",
        "95% interval",
    )
    caption = f"What each precinct gets and gains under “{winner.title}”, on the last day compared."
    return TextTable(caption, headings, rows, words=(1,))


def _place_row(part: PrecinctPart) -> tuple[str, ...]:
    posts, places = sum(part.staff.values()), sum(part.services.values())
    roles = ", ".join(f"{number} {_role(role, number)}" for role, number in part.staff.items() if number)
    gets = [
        f"{part.sites} new site{'s' * (part.sites != 1)}" if part.sites else "",
        f"{posts} posts ({roles})" if posts else "",
        f"{places} service places" if places else "",
        f"hours: {', '.join(shift.replace('_', ' ') for shift in part.shifts)}" if part.shifts else "",
    ]
    gain = part.averted_per_year
    return (
        f"{part.precinct} {part.name}",
        "; ".join(filter(None, gets)) or "nothing",
        usd(part.usd_per_year),
        f"{part.victims_per_year:.1f}",
        _people(gain.mean),
        ends(gain) or NONE,
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
            plan.title,
            _averted(plan.equity.worst_off_averted_per_year) if plan.kind != "reference" else NONE,
            _ratio(plan.equity.rate_ratio),
            *(_ratio(plan.equity.rate_ratio_by_census.get(name)) for name in census),
        )
        for plan in (*told_plans(decision), decision.plans[0])
    ]
    caption = (
        "People shot per resident: the worst-off precinct over the best-off one, and the half of the precincts with "
        "the "
        "higher share of a group over the other half (1 is equal). In brackets the 95% interval of the average."
    )
    return TextTable(caption, headings, rows)


def front_table(decision: Decision) -> TextTable:
    """The plans that no other one equals in all that is weighed for the front, and what each buys."""
    told = (*told_plans(decision), decision.plans[0])
    plans = [plan for plan in told if plan.on_front]
    worst = decision.plan(decision.winner).equity.worst_off_precinct
    titles = {name: text.format(worst=worst) for name, text in CRITERIA.items() if name in decision.criteria}
    rows = [(plan.title, *(_criterion(name, plan.criteria.get(name)) for name in titles)) for plan in plans]
    caption = (
        f"{len(plans)} of {len(told)} plans that no other one equals in all of these (the front): who takes "
        "another of them gives up something for something else."
    )
    return TextTable(caption, ("Plan", *titles.values()), rows)


def _criterion(name: str, value: float | None) -> str:
    if value is None:
        return NONE
    return extra_usd(value) if name == "cost_usd_per_year" else _people(value)


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
    weights = "; ".join(f"“{titles[name]}” {share:.0%}" for name, share in decision.hypotheses.items())
    draws = "; ".join(f"{effort.draws[name]} under “{titles[name]}”" for name in effort.draws)
    return [
        ("Version", decision.version),
        ("Command", "cms-sim optimise, of the problem that decision.json holds under “problem”"),
        ("Seed", str(decision.problem.get("seed", "not recorded"))),
        ("What is weighed", weighed(decision)),
        ("Readings", weights),
        ("Fresh draws of what is not known", f"{draws}, on {effort.fresh_replicates} histories of each plan"),
        *((f"SHA-256 of {HASHED.get(name, name)}", text) for name, text in decision.hashes.items()),
        ("Runs of the winner", f"rows of runs.parquet with plan = {decision.plan(decision.winner).runs_id}"),
    ]


def _role(name: str, number: int) -> str:
    words = name.replace("_", " ")
    return words.removesuffix("s") if number == 1 else words


def _averted(found: Estimate | None) -> str:
    if found is None:
        return NONE
    return f"{_people(found.mean)} ({ends(found)})" if found.low != found.high else _people(found.mean)


def _ratio(found: Estimate | None) -> str:
    if found is None:
        return NONE
    if found.low is None or found.high is None:
        return count(found.mean)
    return f"{count(found.mean)} ({interval(found.low, found.high)})"


def _people(averted: float) -> str:
    """A number of people with its sign; what is not 0 does not read as 0."""
    return "about 0" if 0.0 < abs(averted) < 0.05 else count(averted)
