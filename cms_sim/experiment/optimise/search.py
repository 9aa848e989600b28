"""The search: explore, propose and refine on a response surface, race what it proposes, run what is left afresh.

All plans of a stage meet the same cells. Choices are made on the search's cells; what is stated rests on fresh ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.experiment.optimise.allocation import COLUMNS, SHIFT, Allocation
from cms_sim.experiment.optimise.case import Case
from cms_sim.experiment.optimise.cells import Cell, Counts, Plan, Runner, fresh_cells, search_cells, weights_of
from cms_sim.experiment.optimise.columns import Pool, best_allocation
from cms_sim.experiment.optimise.problem import Problem
from cms_sim.experiment.optimise.splits import EQUAL, NEED, TITLES, equal_split, need_split
from cms_sim.experiment.optimise.surface import Surface, fit_surface

Floats = NDArray[np.float64]
REFERENCE: Final = 0
CHEAPER: Final = (0.5, 0.75)
"""Parts of the budget for which a plan is found as well: the front says what the last dollars buy."""
FINALIST, CHEAPER_PLAN, FAIRER, RULE, NAMED, REFERENCE_PLAN = (
    "finalist",
    "cheaper",
    "for the worst off",
    "rule of thumb",
    "named",
    "reference",
)
WORST_OFF_FACTOR: Final = 3.0
"""What a victim averted in the worst-off precinct counts beside others, where a plan is sought for its sake."""


@dataclass(frozen=True)
class Entry:
    """A plan that is run afresh."""

    name: str
    title: str
    kind: str
    plan: Plan


@dataclass
class Explored:
    """Plans that the surface is fitted to, all run in the same cells of the near frame."""

    cells: list[Cell]
    plans: list[Allocation] = field(default_factory=list)
    scores: list[Floats] = field(default_factory=list)
    """[precincts] of each plan: mean part of the score."""


@dataclass(frozen=True)
class Found:
    """What a search found. The first of `entries` is the reference, the second the winner of the race."""

    case: Case
    entries: tuple[Entry, ...]
    cells: tuple[Cell, ...]
    """Fresh ones."""
    counts: Counts
    """[cells, entries, precincts of the whole frame, OUTCOMES]."""
    race_cells: tuple[Cell, ...]
    race_counts: Counts
    """[race cells, 1 + finalists, precincts in play, OUTCOMES], the reference first: what the choice was made by."""
    explored: Explored
    worst: int
    """Place of the worst-off of the precincts in play."""
    surface_error: float
    """Standard deviation of what plans proposed later scored about what the surface had said, over the mean score."""


def worst_off(case: Case, reference: Floats) -> int:
    """Place of the precinct in play with most victims per resident, given the reference's mean victims [precincts]."""
    residents = [case.tables.precincts[case.tables.row(number)].population for number in case.precincts]
    return int(np.argmax(reference / np.maximum(1, residents)))


def score_parts(case: Case, counts: Counts, worst: int) -> Floats:
    """[..., precincts] each precinct's part of the score, money apart, from `counts` [..., plans, precincts, OUTCOMES]
    of which the first plan is the reference."""
    averted = (counts[..., :1, :, :2] - counts[..., :, :, :2]).astype(np.float64)
    weigh = case.problem.weigh
    weight = np.full(averted.shape[-2], weigh.victims)
    weight[worst] += weigh.worst_off
    return np.asarray(averted[..., 0] * weight + averted[..., 1] * weigh.deaths)


def search(case: Case, runner: Runner, on_stage: Callable[[str], None] = lambda stage: None) -> Found:
    """Find the plans, race them, run them afresh. The same problem and runner give the same answer."""
    effort = case.problem.effort
    generator = np.random.Generator(np.random.Philox(case.problem.seed))
    explored = Explored(search_cells(case, 0, effort.explore_replicates))
    on_stage("Exploring")
    reference = runner.run([REFERENCE], explored.cells, whole=False)
    worst = worst_off(case, np.tensordot(weights_of(case, explored.cells), reference[:, 0, :, 0], axes=1))
    splits = {EQUAL: equal_split(case), NEED: need_split(case)}
    _explore(
        case, runner, reference, worst, explored, [*splits.values(), *_scattered(case, effort.explore_plans, generator)]
    )
    error = np.nan
    for _ in range(effort.rounds):
        on_stage("Refining")
        surface = _surface(case, explored)
        proposed = _propose(case, surface, explored, effort.proposals, generator)
        before = len(explored.plans)
        _explore(case, runner, reference, worst, explored, proposed)
        error = _surface_error(surface, explored, before) if len(explored.plans) > before else error
    surface = _surface(case, explored)
    entrants = _propose(case, surface, explored, effort.candidates, generator)
    on_stage("Racing")
    ranked, race_cells, race_counts = _race(case, runner, [*entrants, *splits.values()], worst)
    splits = {name: _best_hours(case, runner, explored.cells, plan, worst) for name, plan in splits.items()}
    entries = _entries(case, ranked, splits, surface, worst)
    on_stage("Running the finalists afresh")
    cells = fresh_cells(case)
    counts = runner.run([entry.plan for entry in entries], cells, whole=True)
    return Found(
        case, tuple(entries), tuple(cells), counts, tuple(race_cells), race_counts, explored, worst, float(error)
    )


def expected_runs(problem: Problem) -> int:
    """About how many runs a search takes."""
    effort, rules = problem.effort, 2
    plans = 1 + rules * len(problem.rules.shifts) + effort.explore_plans + effort.rounds * effort.proposals
    runs = plans * effort.explore_replicates
    running, heat = effort.candidates + rules, effort.race_replicates
    while True:
        runs += (1 + running) * heat
        if running <= effort.finalists:
            break
        running, heat = max(effort.finalists, -(-running // 2)), 2 * heat
    entries = effort.finalists + len(CHEAPER) + 1 + rules + len(problem.plans)
    return (runs + entries * effort.fresh_replicates) * len(problem.hypotheses)


def money_weight(case: Case, cost_usd: Floats) -> Floats:
    """[plans] what costs beyond the reference [plans] take off the score."""
    return np.asarray(case.problem.weigh.million_usd * cost_usd / 1e6)


# Explore and refine


def _scattered(case: Case, count: int, generator: np.random.Generator) -> list[Allocation]:
    """Plans that scatter over what each precinct may have (a Latin hypercube of its own for each), budget or not."""
    from scipy.stats import qmc

    rows = []
    for place in range(len(case.precincts)):
        points = qmc.LatinHypercube(len(COLUMNS), rng=generator).random(count)
        rows.append(np.array([_row_at(case, place, point) for point in points]))
    return [case.canonical(np.array(of_plan)) for of_plan in zip(*rows, strict=True)]


def _row_at(case: Case, place: int, point: Floats) -> NDArray[np.int64]:
    """A row that keeps to the rules at a point of the unit cube; posts are taken off where there are too many."""
    openings = case.openings(place)
    opened = openings[int(point[0] * len(openings))]
    least, most = case.bounds(place, opened)
    amounts = least + np.floor(point[:SHIFT] * (most - least + 1)).astype(np.int64)
    shift = case.same_shift(opened, int(point[SHIFT] * len(case.patterns)))
    row = np.append(np.minimum(amounts, most), shift)
    while not case.keeps_rules(place, row[None])[0]:
        spare = row[1:SHIFT] - least[1:]
        if not spare.any():
            break
        row[1 + int(np.argmax(spare))] -= 1
    return row


def _explore(
    case: Case, runner: Runner, reference: Counts, worst: int, explored: Explored, plans: Sequence[Allocation]
) -> None:
    """Run the plans that are new, and add their parts of the score."""
    new = [plan for plan in dict.fromkeys(plans) if plan not in set(explored.plans)]
    if not new:
        return
    counts = np.concatenate([reference, runner.run(new, explored.cells, whole=False)], axis=1)
    parts = np.tensordot(weights_of(case, explored.cells), score_parts(case, counts, worst)[:, 1:], axes=1)
    explored.plans += new
    explored.scores += list(parts)


def _surface(case: Case, explored: Explored) -> Surface:
    tables = np.array([plan.table for plan in explored.plans])
    return fit_surface(tables, np.array(explored.scores), len(case.patterns))


def _surface_error(surface: Surface, explored: Explored, first: int) -> float:
    """How far the plans from `first` on lie from what a surface fitted without them had said, of the mean score."""
    said = [
        sum(surface.predict(p, row[None])[0] for p, row in enumerate(plan.table)) for plan in explored.plans[first:]
    ]
    seen = np.array([scores.sum() for scores in explored.scores[first:]])
    return float(np.std(seen - np.array(said)) / max(1e-9, abs(float(seen.mean()))))


def _propose(
    case: Case, surface: Surface, explored: Explored, count: int, generator: np.random.Generator
) -> list[Allocation]:
    """The best plan on the surface, then the best on surfaces that the runs allow as well (Thompson's sampling)."""
    pool = Pool(case)
    for place in range(len(case.precincts)):
        pool.add(place, np.array([plan.table[place] for plan in explored.plans]))
    first = best_allocation(case, pool, _value(case, surface))
    assert first is not None  # `case_of` refuses a budget that does not pay for the least that the rules ask for
    found = [first.allocation]
    near = pool.only(first.contenders)
    for _ in range(2 * count):
        if len(found) == count:
            break
        choice = best_allocation(case, near, _value(case, surface.drawn(generator)), rounds=2)
        if choice is not None and choice.allocation not in found:
            found.append(choice.allocation)
    return found


def _value(case: Case, surface: Surface, factor: Floats | None = None) -> Callable[[int, NDArray[np.int64]], Floats]:
    """What rows are worth: the surface's score, less the weight of money; `factor` [precincts] weighs precincts."""
    per_usd = case.problem.weigh.million_usd / 1e6

    def value(place: int, rows: NDArray[np.int64]) -> Floats:
        worth = surface.predict(place, rows) * (1.0 if factor is None else factor[place])
        return np.asarray(worth - per_usd * (rows[:, :SHIFT] @ case.money.frame_usd))

    return value


# Race


def _race(
    case: Case, runner: Runner, entrants: Sequence[Allocation], worst: int
) -> tuple[list[Allocation], list[Cell], Counts]:
    """Sequential halving: the better half goes on to twice as many new cells, until the finalists are left.

    The finalists run a last heat among themselves. Best first; with all cells and counts, the reference first.
    """
    effort = case.problem.effort
    running = list(dict.fromkeys(entrants))
    first, heat = effort.explore_replicates, effort.race_replicates
    cells: list[Cell] = []
    counts = np.zeros((0, 1 + len(running), 0, 0), dtype=np.int32)
    while True:
        new = search_cells(case, first, heat)
        now = runner.run([REFERENCE, *running], new, whole=False)
        cells += new
        counts = now if not len(counts) else np.concatenate([counts, now])
        parts = score_parts(case, counts, worst)[:, 1:].sum(axis=-1)
        scores = np.tensordot(weights_of(case, cells), parts, axes=1)
        scores -= money_weight(case, np.array([case.cost_usd(plan) for plan in running]))
        order = np.argsort(-scores, kind="stable")
        last = len(running) <= effort.finalists
        kept = order if last else order[: max(effort.finalists, -(-len(running) // 2))]
        running = [running[k] for k in kept]
        counts = counts[:, [0, *(1 + kept)]]
        if last:
            return running, cells, counts
        first, heat = first + heat, 2 * heat


def _best_hours(case: Case, runner: Runner, cells: Sequence[Cell], plan: Allocation, worst: int) -> Allocation:
    """The same posts and places in the pattern of shifts, one for all precincts, that does best in these cells: a rule
    of thumb should not lose for its hours."""
    tables = [np.column_stack([plan.table[:, :SHIFT], np.full(len(plan.table), k)]) for k in range(len(case.patterns))]
    found = list(dict.fromkeys(case.canonical(table) for table in tables))
    counts = runner.run([REFERENCE, *found], cells, whole=False)
    parts = score_parts(case, counts, worst)[:, 1:].sum(axis=-1)
    return found[int(np.argmax(np.tensordot(weights_of(case, cells), parts, axes=1)))]


# What is run afresh


def _entries(
    case: Case, ranked: Sequence[Allocation], splits: dict[str, Allocation], surface: Surface, worst: int
) -> list[Entry]:
    """The reference, the finalists as the race ranks them, plans for less money and for the worst off, rules of thumb
    and the problem's other plans; no allocation twice."""
    rules = {plan: name for name, plan in splits.items()}
    entries = [Entry(case.reference.name, case.reference.title, REFERENCE_PLAN, REFERENCE)]
    number = 0
    for plan in ranked:
        if plan in rules:
            name = rules[plan]
            entries.append(Entry(name, TITLES[name], FINALIST, plan))
        else:
            number += 1
            entries.append(Entry(f"plan_{number}", f"Plan {number}", FINALIST, plan))
    pool = Pool(case)
    for place in range(len(case.precincts)):
        pool.add(place, np.array([plan.table[place] for plan in ranked]))
    for part in CHEAPER:
        choice = best_allocation(case, pool, _value(case, surface), part)
        if choice is not None:
            entries.append(
                Entry(f"with_{part:.0%}".rstrip("%"), f"{part:.0%} of the money", CHEAPER_PLAN, choice.allocation)
            )
    factor = np.ones(len(case.precincts))
    factor[worst] = WORST_OFF_FACTOR
    choice = best_allocation(case, pool, _value(case, surface, factor))
    assert choice is not None
    title = f"For precinct {case.precincts[worst]} first"
    entries.append(Entry("worst_off_first", title, FAIRER, choice.allocation))
    entries += [Entry(name, TITLES[name], RULE, plan) for name, plan in splits.items()]
    entries += [Entry(each.name, each.title, NAMED, 1 + k) for k, each in enumerate(case.others)]
    return list({entry.plan: entry for entry in reversed(entries)}.values())[::-1]
