"""The answer in sentences that claim no more than the fresh runs hold."""

from __future__ import annotations

from collections.abc import Iterator

from cms_sim.evaluation.decision.decision import Decision, Estimate, PlanResult


def contrast_sentence(winner: str, other: str, ahead: Estimate, apart: bool) -> str:
    """The winner against one other plan."""
    if ahead.low is None:
        return f"{winner} and {other}: too few draws to tell them apart."
    if not apart:
        return f"{winner} and {other} cannot be told apart: {_range(ahead)} victims a year between them."
    word = "more" if ahead.mean > 0.0 else "fewer"
    return f"{winner} averts {_size(ahead)} victims a year {word} than {other}."


def answer(decision: Decision, usd_per_victim: float | None = None) -> Iterator[str]:
    """What to do, how sure that is, what would change it."""
    winner = decision.plan(decision.winner)
    averted = winner.averted_per_year
    if averted.low is None:
        yield "There are too few draws to say anything surely: raise [effort]."
    elif averted.high is not None and averted.high < 0.0:
        yield f"No plan that was found averts anything: {winner.title} does harm, {_range(averted)} victims a year."
    elif averted.low <= 0.0:
        yield f"No plan is shown to avert anything: {winner.title} comes first with {_range(averted)} victims a year."
    else:
        yield (
            f"{winner.title} averts {averted.mean:.1f} victims a year ({_range(averted)}) for "
            f"${winner.cost_usd_per_year / 1e6:.1f}M a year: {_where(winner)}."
        )
    count = sum(plan.probability_best is not None for plan in decision.plans) - 1
    yield (
        f"It is the best of the {count} plans that were run afresh and keep to the rules with "
        f"{_percent(winner.probability_best or 0.0)} probability; choosing it is expected to miss "
        f"{winner.expected_regret_per_year or 0.0:.2g} a year."
    )
    if len(decision.likely_best) > 1:
        titles = [decision.plan(name).title for name in decision.likely_best]
        yield f"With 80% probability the best is one of {len(titles)}: {', '.join(titles)}."
    for contrast in decision.contrasts:
        if contrast.role != "reference":
            yield contrast.sentence
    yield _worst_off(decision, winner)
    harm = winner.robustness.share_harm
    yield (
        f"It does harm on average in {_percent(harm)} of parameter draws, and more people are shot than without it "
        f"in {_percent(winner.chance_of_harm)} of single runs."
    )
    yield from _assumptions(decision, winner)
    if usd_per_victim is not None and averted.mean > 0.0:
        needed = winner.cost_usd_per_year / usd_per_victim
        yield f"At ${usd_per_victim:,.0f} a victim it pays if it averts {needed:.1f} a year."


def _worst_off(decision: Decision, winner: PlanResult) -> str:
    """What the worst-off precinct gains, and the rate ratio with the plan and without."""
    equity, before = winner.equity, decision.plans[0].equity.rate_ratio
    gains = equity.worst_off_averted_per_year
    told = f"Precinct {equity.worst_off_precinct}, with most victims per resident, has {gains.mean:.1f} fewer a year"
    if equity.rate_ratio is None or before is None:
        return f"{told}."
    now = equity.rate_ratio.mean
    return f"{told}; its rate is {now:.1f} times that of the best-off precinct in play ({before.mean:.1f} without)."


def _assumptions(decision: Decision, winner: PlanResult) -> Iterator[str]:
    found = winner.robustness.stops_being_best
    if found:
        region = found[0]
        other = decision.plan(region.best_there).title
        yield (
            f"It stops being best where {region.text} ({_percent(region.share_of_futures)} of draws): there {other} "
            f"is ahead by {-region.lead_per_year.mean:.2g} a year."
        )
    else:
        yield "No assumption was found under which another plan is clearly ahead of it."
    if decision.careful_choice != decision.winner:
        careful = decision.plan(decision.careful_choice)
        yield (
            f"{careful.title} is the careful choice: in no draw does it miss more than "
            f"{careful.robustness.maximum_regret_per_year or 0.0:.2g} a year, "
            f"{winner.title} {winner.robustness.maximum_regret_per_year or 0.0:.2g}."
        )
    known = [each for each in decision.information.by_parameter if each.value_per_year > each.noise_per_year]
    most = f"; most of it lies in {known[0].name} ({known[0].value_per_year:.2g})" if known else ""
    gain = decision.information.everything_per_year
    yield f"Knowing every parameter before choosing would gain {gain:.2g} a year{most}."


def _where(plan: PlanResult) -> str:
    """What it adds, precinct by precinct."""
    parts = [part for part in plan.precincts if part.sites or any(part.staff.values()) or any(part.services.values())]
    told = []
    for part in sorted(parts, key=lambda part: -part.usd_per_year):
        posts = sum(part.staff.values())
        told.append(f"precinct {part.precinct} {posts} posts (${part.usd_per_year / 1e6:.1f}M)")
    return ", ".join(told) or "nothing is added"


def _range(estimate: Estimate) -> str:
    return f"{estimate.low:.1f} to {estimate.high:.1f}"


def _size(estimate: Estimate) -> str:
    """A difference told as a positive number."""
    assert estimate.low is not None and estimate.high is not None
    low, high = sorted((abs(estimate.low), abs(estimate.high)))
    return f"{abs(estimate.mean):.1f} ({low:.1f} to {high:.1f})"


def _percent(share: float) -> str:
    if 0.0 < share < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 < share < 1.0 else f"{share:.0%}"
