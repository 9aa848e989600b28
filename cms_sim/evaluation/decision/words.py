"""The answer in sentences that claim no more than the fresh runs hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cms_sim.data.parameters import load_parameters
from cms_sim.evaluation.decision.decision import Decision, PlanResult, PrecinctPart
from cms_sim.evaluation.decision.gaps import widened
from cms_sim.evaluation.decision.rivals import best_named, either_way, named_plans, people_of
from cms_sim.evaluation.intervals import FEWEST_DRAWS
from cms_sim.evaluation.words import chance, fewer_between, many, number, runs_of

INTERVAL: Final = "95% interval of the average, for the chance of these runs alone"
MOST_PLACES: Final = 10
"""Precincts that a sentence lists; more are counted."""


def answer(decision: Decision) -> Iterator[str]:
    """What to do; whether a plan that the question names averts more; how sure that is; what would change it."""
    winner, told = decision.plan(decision.winner), best_named(decision)
    yield _what(decision, winner)
    yield from weighing(decision)
    yield named_plans(decision)
    yield from _how_sure(decision, winner)
    for contrast in decision.contrasts:
        if contrast.role != "reference" and (told is None or contrast is not told.first):
            yield contrast.sentence
        if contrast.for_its_money is not None:
            yield contrast.for_its_money
    yield _worst_off(decision, winner)
    yield from widened(decision)
    yield harm(decision)
    yield from single_runs(winner)
    yield from _assumptions(decision, winner)


def _what(decision: Decision, winner: PlanResult) -> str:
    averted, name = winner.averted_per_year, f"“{winner.title}”"
    if averted.low is None or averted.high is None:
        return f"These are examples and no advice: {too_few(decision)}."
    if (leads := nothing_more(decision)) is not None:
        return leads
    if averted.low == averted.high == 0.0:
        return f"Nothing that was found averts anything: under {name}, the first of them, {_nobody(decision)}."
    ends = either_way(averted)
    if averted.high < 0.0:
        return (
            f"No plan that was found helps: even under {name}, the first of them, more people are shot "
            f"({ends} a year; {INTERVAL})."
        )
    cost, where = f"${winner.cost_usd_per_year / 1e6:.1f}M a year", _where(winner)
    if averted.low <= 0.0 and decision.is_advice:
        return (
            f"{name} comes first by what is weighed, for {cost}: {where}. That fewer people are shot is not shown: "
            f"{ends} a year ({INTERVAL})."
        )
    if averted.low <= 0.0:
        shown = f"under {name}, the first of them, {ends} people are shot a year ({INTERVAL})"
        return f"No plan that was found is shown to avert anything: {shown}."
    span = f"{fewer_between(averted.low, averted.high)}: {INTERVAL}"
    return f"{name} averts {people_of(averted.mean)} victims a year ({span}) for {cost}: {where}."


def _nobody(decision: Decision) -> str:
    """That nothing differs in any run."""
    return f"as many people are shot as under “{decision.plans[0].title}”, in every run"


def too_few(decision: Decision) -> str:
    """How far effort must be raised for intervals."""
    fresh = min(decision.effort.draws.values())
    return (
        f"{fresh} fresh draws of what is not known are too few to say how sure anything is, which takes "
        f"{FEWEST_DRAWS}: in [effort] raise draws to {2 * FEWEST_DRAWS} and fresh_replicates to {2 * FEWEST_DRAWS}, "
        "or higher"
    )


def one_replicate(decision: Decision) -> str | None:
    """Why nothing is told by draw, where that is so, and what it takes."""
    if decision.information is not None:
        return None
    asked = decision.problem.get("effort", {}).get("draws")
    draws = int(asked) - int(asked) // 2 if asked else max(decision.effort.draws.values())
    return (
        "What each plan would miss at worst, do in each draw of what is not known, or gain by knowing it first is not "
        "told: each draw was run once, so that it cannot be told from chance. It takes two runs of each: in [effort] "
        f"raise fresh_replicates to {2 * draws} or higher, or lower draws."
    )


def is_plain(decision: Decision) -> bool:
    """Whether victims alone are weighed, each alike."""
    weigh = decision.problem.get("weigh", {})
    return float(weigh.get("victims", 1.0)) > 0.0 and not any(
        weigh.get(name) for name in ("deaths", "worst_off", "million_usd")
    )


def weighed(decision: Decision) -> str:
    """`1 for each person not shot, 3 off for each million dollars`."""
    weigh = decision.problem.get("weigh", {})
    worst = decision.plan(decision.winner).equity.worst_off_precinct
    texts = {
        "victims": "{} for each person not shot",
        "deaths": "{} for each death averted" + (" besides" if weigh.get("victims", 1.0) else ""),
        "worst_off": "{} besides for each person not shot in precinct " + f"{worst}, the worst off",
        "million_usd": "{} off for each million dollars",
    }
    values = {name: float(weigh.get(name, name == "victims")) for name in texts}
    return ", ".join(text.format(f"{values[name]:,.10g}") for name, text in texts.items() if values[name]) or "nothing"


def nothing_more(decision: Decision) -> str | None:
    """That by the problem's own weights the reference comes first, where it does and more than victims is weighed."""
    winner, reference = decision.plan(decision.winner), decision.plans[0]
    high = winner.score_per_year.high
    if is_plain(decision) or not decision.nothing_more_leads or high is None:
        return None
    weights = f"By these weights ({weighed(decision)})"
    if high < 0.0:
        return (
            f"{weights} doing nothing more than “{reference.title}” is best: what “{winner.title}”, the first of the "
            f"plans, brings is worth less than what it takes."
        )
    return (
        f"{weights} doing nothing more than “{reference.title}” comes first, though “{winner.title}”, the first of the "
        "plans, cannot be told from it."
    )


def weighing(decision: Decision) -> Iterator[str]:
    """Why a plan leads that averts fewer victims than another that may be chosen."""
    winner = decision.plan(decision.winner)
    could = [plan for plan in decision.plans if plan.probability_best is not None]
    most = max(could, key=lambda plan: plan.averted_per_year.mean)
    if is_plain(decision) or most.averted_per_year.mean < winner.averted_per_year.mean + 0.05:
        return
    if not decision.nothing_more_leads:
        yield (
            f"Under “{most.title}” fewer people are shot ({number(most.averted_per_year.mean)} fewer a year, under "
            f"“{winner.title}” {signed(winner.averted_per_year.mean)}), but what is weighed is "
            f"{weighed(decision)}: by that “{winner.title}” is ahead."
        )


def signed(averted: float) -> str:
    """`10 fewer`, `2 more`, `about as many`."""
    if abs(averted) < 0.05:
        return "about as many"
    return f"{number(abs(averted))} {'fewer' if averted >= 0.0 else 'more'}"


def first_choice(decision: Decision) -> str | None:
    """The probability of being best, of the winner where it is shown to help, of the reference where that leads."""
    if decision.plan(decision.winner).score_per_year.low is None:
        return None
    if decision.nothing_more_leads:
        leader, name = decision.plans[0], "doing nothing more"
    elif decision.is_advice:
        leader, name = decision.plan(decision.winner), f"“{decision.plan(decision.winner).title}”"
    else:
        return None
    best = f"the best of {decision.choices} choices, on average over what is not known,"
    return f"{name} is {best} with {best_chance(leader.probability_best)} probability"


def best_chance(probability: float | None) -> str:
    """A probability of being best, `–` where none is stated: from samples, so that it is never certain."""
    return "–" if probability is None else chance(min(max(probability, 0.001), 0.999))


def _how_sure(decision: Decision, winner: PlanResult) -> Iterator[str]:
    said = first_choice(decision)
    if said is None:
        return
    short = missed(decision, winner.expected_regret_per_year or 0.0)
    more = "" if decision.nothing_more_leads else f"; it is expected to fall short of the best choice by {short}"
    yield f"{said[0].upper()}{said[1:]}{more}."
    if len(decision.likely_best) > 1:
        titles = [f"“{decision.plan(name).title}”" for name in decision.likely_best]
        yield f"With 80% probability the best is one of {len(titles)}: {', '.join(titles)}."


def missed(decision: Decision, per_year: float) -> str:
    """`0.3 people a year`; where more than victims is weighed, `0.3 a year of what is weighed`."""
    size = "less than 0.1" if abs(per_year) < 0.05 else number(per_year)
    if not is_plain(decision):
        return f"{size} a year of what is weighed"
    return f"{size} {'person' if size == '1' else 'people'} a year"


def harm(decision: Decision) -> str:
    """In how many runs more people are shot, and in how many draws on average."""
    winner, reference = decision.plan(decision.winner), f"“{decision.plans[0].title}”"
    if not winner.chance_of_harm:
        return f"In no run of “{winner.title}” are more people shot than under {reference}."
    said = f"More people are shot under “{winner.title}” than under {reference} in {runs_of(winner.chance_of_harm)}"
    on_average = winner.robustness.share_harm
    if on_average is None:
        return f"{said}."
    draws = chance(on_average) if on_average else "none"
    return f"{said}, and on average in {draws} of the draws of what is not known."


def single_runs(plan: PlanResult) -> Iterator[str]:
    """Where one future may fall, which an average over many does not say; nothing where that was not kept."""
    if plan.nine_runs_in_ten_per_year is not None:
        ends = fewer_between(*plan.nine_runs_in_ten_per_year)
        said = ends if "more" in ends or "fewer" in ends else "as many" if ends == "none" else f"{ends} fewer"
        yield f"In nine single runs of ten {said} people are shot a year."


def _worst_off(decision: Decision, winner: PlanResult) -> str:
    """What the worst-off precinct gains, and the rate ratio with the plan and without."""
    equity, before = winner.equity, decision.plans[0].equity.rate_ratio
    gains = equity.worst_off_averted_per_year
    told = (
        f"Precinct {equity.worst_off_precinct}, with most victims per resident, has {signed(gains.mean)} victims a year"
    )
    if equity.rate_ratio is None or before is None:
        return f"{told}."
    now = equity.rate_ratio.mean
    return f"{told}; its rate is {now:.1f} times that of the best-off precinct in play ({before.mean:.1f} without)."


def not_found(decision: Decision) -> str:
    """What is said where no region is told: that none was found, or that nobody could look."""
    if decision.plan(decision.winner).robustness.tree_skill is None:
        return (
            "Under which assumptions another plan would be ahead was not examined: draws are too few, or do not differ."
        )
    return (
        "No assumption was found under which another plan that may be chosen is clearly ahead; that is no proof that "
        "there is none."
    )


def _assumptions(decision: Decision, winner: PlanResult) -> Iterator[str]:
    found = winner.robustness.stops_being_best
    for region in found:
        other = decision.plan(region.best_there).title
        yield (
            f"Where {region.text} ({chance(region.share_of_futures)} of draws), “{other}” is ahead of "
            f"“{winner.title}” by {missed(decision, -region.lead_per_year.mean)}."
        )
    if not found:
        yield not_found(decision)
    if (reason := one_replicate(decision)) is not None:
        yield reason
    if decision.careful_choice is not None and decision.careful_choice != decision.winner:
        careful = decision.plan(decision.careful_choice)
        at_worst, own = (missed(decision, plan.robustness.maximum_regret_per_year or 0.0) for plan in (careful, winner))
        yield (
            f"“{careful.title}” is the careful choice: at worst, over all draws, it falls short of the best choice by "
            f"{at_worst}, “{winner.title}” by {own}."
        )
    yield from information(decision)


def information(decision: Decision) -> list[str]:
    """What it would be worth to know first."""
    told = decision.information
    if told is None or decision.plan(decision.winner).score_per_year.low is None:
        return []
    said = [f"Knowing all that is not known before choosing would gain {missed(decision, told.everything_per_year)}."]
    if told.changes_the_choice > 0.0:
        ahead = missed(decision, told.everything_per_year / told.changes_the_choice)
        said = [f"{said[0][:-1]}: in {chance(told.changes_the_choice)} of draws another plan is first, by {ahead}."]
    known = [each for each in told.by_parameter if each.is_told]
    if not known:
        return [*said, "No single unknown is worth knowing first by more than what chance in these runs would show."]
    first, *others = (f"{parameter(each.name)} ({missed(decision, each.value_per_year)})" for each in known[:3])
    if known[0].value_per_year <= 0.5 * told.everything_per_year:
        return [*said, f"Most worth knowing: {'; '.join((first, *others))}."]
    besides = [f"Worth knowing besides: {'; '.join(others)}."] if others else []
    return [*said, f"Most of it lies in {first}.", *besides]


def parameter(name: str) -> str:
    """What a parameter means, in words."""
    known = load_parameters().get(name)
    if known is None:
        return "how violence spreads" if name == "hypothesis" else name
    return f"{known.meaning[:1].lower()}{known.meaning[1:]}"


def _where(plan: PlanResult) -> str:
    """What it adds, precinct by precinct, most money first."""
    parts = [part for part in plan.precincts if part.sites or any(part.staff.values()) or any(part.services.values())]
    parts.sort(key=lambda part: -part.usd_per_year)
    told = [f"{_added(part)} in precinct {part.precinct} ({_millions(part)})" for part in parts[:MOST_PLACES]]
    if rest := parts[MOST_PLACES:]:
        told.append(f"the rest in {len(rest)} more ({_millions(*rest)})")
    return ", ".join(told) or "nothing is added"


def _added(part: PrecinctPart) -> str:
    """`28 posts`; where there are none, sites and places of services."""
    posts = sum(part.staff.values())
    numbers = {"post": posts} if posts else {"site": part.sites, "service place": sum(part.services.values())}
    return " and ".join(many(number, what) for what, number in numbers.items() if number)


def _millions(*parts: PrecinctPart) -> str:
    return f"${sum(part.usd_per_year for part in parts) / 1e6:.1f}M"
