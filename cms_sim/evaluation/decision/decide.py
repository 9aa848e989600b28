"""From what a search found to the decision: every number of `decision.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.parameters import load_parameters, parameters_hash
from cms_sim.evaluation.decision import measures
from cms_sim.evaluation.decision.decision import (
    FORM,
    Contrast,
    Decision,
    Effort,
    Estimate,
    PlanResult,
    Robustness,
)
from cms_sim.evaluation.decision.discovery import regions
from cms_sim.evaluation.decision.fresh import DEATHS, VICTIMS, Fresh
from cms_sim.evaluation.decision.futures import (
    Futures,
    effect_range,
    futures_of,
    harm_by_draw,
    information,
    parameters_of,
)
from cms_sim.evaluation.decision.money import acceptability, break_even
from cms_sim.evaluation.decision.rivals import contrast_sentence
from cms_sim.evaluation.decision.stated import Stated, likely_set, state
from cms_sim.evaluation.decision.words import answer
from cms_sim.experiment.draws import ParameterDraws
from cms_sim.experiment.optimise.allocation import Allocation
from cms_sim.experiment.optimise.runs import plan_id
from cms_sim.experiment.optimise.search import CHEAPER_PLAN, FINALIST, NAMED, REFERENCE_PLAN, RULE, Found
from cms_sim.version import __version__

PLANS: Final = "plans"
"""Folder of the scenario files of what was found."""


def decide(found: Found, draws: Mapping[str, ParameterDraws], runs: int = 0, command: Sequence[str] = ()) -> Decision:
    """The decision; `draws` as the search had them; `runs`, how many were simulated or found, and `command`, by which
    it was asked, for the record."""
    fresh = Fresh(found)
    entries = found.entries
    choices = _choices(found)
    finalists = [choices.index(place) for place in choices if entries[place].kind == FINALIST]
    own = fresh.score[:, choices]
    stated = state(fresh.mean(own), *fresh.covariance(own), finalists)
    scores = futures_of(fresh, own)
    winner = _cheapest_of_alike(fresh, choices, 1 + int(np.argmax(stated.samples[:, 1:].mean(axis=0))))
    before = int(np.argmax(stated.samples.mean(axis=0)))
    parameters, units = parameters_of(fresh, draws), {name: each.unit for name, each in load_parameters().items()}
    names = tuple(entry.name for entry in entries)
    could = tuple(names[place] for place in choices)
    values = [measures.criteria(fresh, place) for place in range(len(entries))]
    fronts = measures.on_front(values)
    results = []
    for place, entry in enumerate(entries):
        choice = choices.index(place) if place in choices else None
        robust = _robustness(fresh, place)
        if choice is not None:
            robust = _among(robust, fresh, scores, choice)
        if choice is not None and (place == winner or entry.kind == FINALIST):
            behind, skill = regions(scores, choice, could, parameters, units)
            robust = replace(robust, stops_being_best=behind, tree_skill=skill)
        results.append(_result(fresh, stated, (place, choice), robust, values[place], fronts[place]))
    order = [0, winner, *(place for place in np.argsort(-fresh.mean(fresh.score)) if place not in (0, winner))]
    contrasts = tuple(_contrasts(fresh, winner))
    apart = {name for name, ahead in _against(fresh, winner).items() if _leaves_out_0(ahead)}
    decision = Decision(
        form=FORM,
        title=found.case.problem.title,
        answer=(),
        winner=names[winner],
        likely_best=tuple(could[choice] for choice in likely_set(stated.probability_best)),
        careful_choice=could[int(np.argmin(scores.largest_regret))] if fresh.tells_chance else None,
        not_told_apart=tuple(name for name in names if name != names[winner] and name not in apart),
        plans=tuple(results[place] for place in order),
        criteria=measures.CRITERIA,
        contrasts=contrasts,
        information=information(scores, parameters, units, before) if fresh.tells_chance else None,
        acceptability=acceptability(fresh, choices) if fresh.tells_chance else (),
        break_even=tuple(break_even(fresh, winner, results[winner].cost_by_fiscal_year_usd)),
        effort=_effort(fresh, runs, winner),
        problem=found.case.content(),
        starts=found.case.reference.frame.starts.isoformat(),
        ends=found.case.reference.frame.ends.isoformat(),
        hypotheses=fresh.hypotheses,
        parameters={name: each.source for name, each in draws.items()},
        hashes=_hashes(found),
        version=__version__,
        command=tuple(command),
    )
    return replace(decision, answer=tuple(answer(decision)))


def _choices(found: Found) -> list[int]:
    """What may be chosen: everything but the problem's other plans, which may spend other money in other places. The
    reference comes first: doing nothing more is a choice."""
    return [place for place, entry in enumerate(found.entries) if entry.kind != NAMED]


def _cheapest_of_alike(fresh: Fresh, choices: Sequence[int], first: int) -> int:
    """Of the plans under which all is the same in every run as under the choice at `first`, the one that costs least:
    which of them scores highest is an accident of sampling."""
    counts = fresh.found.counts
    alike = [place for place in choices[1:] if np.array_equal(counts[:, place], counts[:, choices[first]])]
    return min(alike, key=lambda place: fresh.cost_usd[place])


def _result(
    fresh: Fresh,
    stated: Stated,
    at: tuple[int, int | None],
    robustness: Robustness,
    values: Mapping[str, float],
    front: bool,
) -> PlanResult:
    """`at`: the plan's place among all, and among those that may be chosen."""
    found, (place, choice) = fresh.found, at
    entry, case = found.entries[place], found.case
    averted = fresh.estimate(fresh.victims[:, place])
    cost = float(fresh.cost_usd[place])
    made = isinstance(entry.plan, Allocation)
    scenario, parts = measures.scenario_of(fresh, entry), measures.precinct_parts(fresh, place)
    books = case.beyond_reference(scenario)
    return PlanResult(
        name=entry.name,
        title=entry.title,
        kind=entry.kind,
        keeps_rules=case.is_feasible(entry.plan) if isinstance(entry.plan, Allocation) else None,
        file=f"{PLANS}/{entry.name}.toml" if made else scenario.name,
        runs_id=plan_id(entry.plan),
        cost_usd_per_year=cost / fresh.years,
        cost_usd=cost,
        opening_usd=books.by_kind().get("site.start_up", 0.0),
        cost_by_fiscal_year_usd=books.by_fiscal_year(),
        averted_per_year=averted,
        deaths_averted_per_year=fresh.estimate(fresh.averted[:, place, :, DEATHS].sum(axis=-1)),
        averted_by_hypothesis_per_year={name: fresh.only(name, fresh.victims[:, place]) for name in fresh.hypotheses},
        usd_per_averted=_price(cost / fresh.years, averted),
        chance_of_harm=float(fresh.mean((fresh.victims[:, place] < 0.0).astype(np.float64))),
        score_per_year=fresh.estimate(fresh.score[:, place]),
        probability_best=None if choice is None else float(stated.probability_best[choice]),
        expected_regret_per_year=None if choice is None else float(stated.regret[choice]),
        on_front=front,
        criteria=values,
        precincts=parts,
        equity=measures.equity(fresh, place),
        robustness=robustness,
        expected_range_per_year=effect_range(fresh, place) if fresh.tells_chance else None,
        nine_runs_in_ten_per_year=fresh.nine_in_ten(fresh.victims[:, place]),
        within_budget=measures.within_budget(case, scenario) if entry.kind == NAMED else None,
        breaks_rules_in=measures.breaks_rules_in(case, parts) if entry.kind == NAMED else None,
    )


def _price(usd_per_year: float, averted: Estimate) -> Estimate | None:
    """Dollars for each victim averted; the cost is known, so that its interval is that of averted turned over."""
    if usd_per_year <= 0.0 or averted.low is None or averted.high is None or averted.low <= 0.0:
        return None
    return Estimate(usd_per_year / averted.mean, usd_per_year / averted.high, usd_per_year / averted.low)


def _robustness(fresh: Fresh, place: int) -> Robustness:
    harm = harm_by_draw(fresh, place) if fresh.tells_chance else {}
    return Robustness(
        share_best=None,
        share_harm=sum(fresh.hypotheses[name] * share for name, share in harm.items()) if harm else None,
        share_harm_by_hypothesis=harm,
        maximum_regret_per_year=None,
        regret_by_hypothesis_per_year={},
        stops_being_best=(),
        tree_skill=None,
    )


def _among(robust: Robustness, fresh: Fresh, scores: Futures, choice: int) -> Robustness:
    """With how the plan fares among those that may be chosen."""
    kinds = np.array(scores.hypothesis)
    middle = {name: scores.shrunk[kinds == name].mean(axis=0) for name in fresh.hypotheses}
    return replace(
        robust,
        share_best=float(scores.share_best[choice]) if fresh.tells_chance else None,
        maximum_regret_per_year=float(scores.largest_regret[choice]) if fresh.tells_chance else None,
        regret_by_hypothesis_per_year={name: float(own.max() - own[choice]) for name, own in middle.items()},
    )


def _hashes(found: Found) -> dict[str, str]:
    """Of what runs and prices rest on."""
    prices = json.dumps({name: cost.usd for name, cost in sorted(found.case.unit_costs.items())})
    return {
        "city": found.case.tables.content_hash,
        "parameters": parameters_hash(),
        "prices": hashlib.sha256(prices.encode()).hexdigest(),
    }


def _against(fresh: Fresh, winner: int) -> dict[str, Estimate]:
    """What the winner scores beyond each other plan."""
    names = [entry.name for entry in fresh.found.entries]
    ahead = fresh.score[:, [winner]] - fresh.score
    return {name: fresh.estimate(ahead[:, place]) for place, name in enumerate(names) if place != winner}


def _leaves_out_0(estimate: Estimate) -> bool:
    low, high = estimate.low, estimate.high
    return low is not None and high is not None and low * high > 0.0


def _contrasts(fresh: Fresh, winner: int) -> list[Contrast]:
    """The winner against the next plan, rules of thumb, the problem's other plans and the reference."""
    entries, found = fresh.found.entries, []
    draws = state(fresh.mean(fresh.victims), *fresh.covariance(fresh.victims), [winner, *_beaten(fresh, winner)])
    for place, role in _rivals(fresh, winner).items():
        ahead, sentence = _held(fresh, winner, place)
        better = draws.probability_better(winner, place)
        beside = _for_its_money(fresh, winner, place) if role == NAMED else None
        found.append(Contrast(entries[place].name, role, ahead, better, _leaves_out_0(ahead), sentence, beside))
    return found


def _held(fresh: Fresh, plan: int, other: int) -> tuple[Estimate, str]:
    """Victims averted by one plan beyond another, and the same in a sentence."""
    first, second = (fresh.found.entries[place].title for place in (plan, other))
    ahead = fresh.estimate(fresh.victims[:, plan] - fresh.victims[:, other])
    extra = float(fresh.cost_usd[plan] - fresh.cost_usd[other]) / fresh.years
    return ahead, contrast_sentence(first, second, ahead, _leaves_out_0(ahead), extra)


def _for_its_money(fresh: Fresh, winner: int, named: int) -> str | None:
    """A named plan against the dearest of the plans for part of the budget that cost no more than it."""
    cost = fresh.cost_usd
    cheaper = [
        place
        for place, entry in enumerate(fresh.found.entries)
        if entry.kind == CHEAPER_PLAN and cost[place] <= cost[named] < cost[winner]
    ]
    return _held(fresh, max(cheaper, key=lambda place: cost[place]), named)[1] if cheaper else None


def _rivals(fresh: Fresh, winner: int) -> dict[int, str]:
    """Places of the plans that the winner is held against, and as what."""
    entries, mean = fresh.found.entries, fresh.mean(fresh.score)
    finalists = _beaten(fresh, winner)
    roles = {max(finalists, key=lambda place: mean[place]): "runner-up"} if finalists else {}
    splits = {"equal_split": "equal split", "need_split": "split by need"}
    for place, entry in enumerate(entries):
        if entry.name in splits:
            roles[place] = splits[entry.name]
        elif entry.kind in (RULE, NAMED, REFERENCE_PLAN):
            roles[place] = "reference" if entry.kind == REFERENCE_PLAN else NAMED
    return {place: role for place, role in roles.items() if place != winner}


def _beaten(fresh: Fresh, winner: int) -> list[int]:
    """The other finalists."""
    entries = fresh.found.entries
    return [place for place, entry in enumerate(entries) if entry.kind == FINALIST and place != winner]


def _effort(fresh: Fresh, runs: int, winner: int) -> Effort:
    found = fresh.found
    return Effort(
        runs=runs,
        fresh_runs=found.counts.shape[0] * found.counts.shape[1],
        plans=len({*found.explored.plans, *(entry.plan for entry in found.entries)}),
        draws={name: int(fresh.of(name)[1].max()) + 1 for name in fresh.hypotheses},
        fresh_replicates=len(found.cells),
        saved_by_pairing=saved_by_pairing(
            found.counts[..., VICTIMS].sum(axis=-1), winner, list(_rivals(fresh, winner))
        ),
        surface_error=None if np.isnan(found.surface_error) else found.surface_error,
    )


def saved_by_pairing(victims: NDArray[Any], winner: int, rivals: Sequence[int]) -> float | None:
    """Variance of the winner's difference from a rival [cells, plans] with draws and dice of their own over that in
    pairs: the least over `rivals`, since plans that are nearly the same share nearly everything."""
    own = victims.astype(np.float64)
    alone = own.var(axis=0, ddof=1)
    paired = (own[:, rivals] - own[:, [winner]]).var(axis=0, ddof=1)
    differ = paired > 0.0
    return float(((alone[rivals] + alone[winner])[differ] / paired[differ]).min()) if differ.any() else None
