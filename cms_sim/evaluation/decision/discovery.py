"""Under which assumptions a plan stops being best: regression trees over parameter draws (scikit-learn's CART).

A first tree is grown on the plan's lead over the best other plan, by draw. Among many near-equal plans that lead is
mostly the chance of the maximum, so where this tree tells nothing, one split is sought for each rival alone.

What is told: a part of a tree that has skill in draws it was not grown on, where the plan is behind one rival by an
interval that leaves out 0, at a level widened for the rivals among which it was picked (Bonferroni: in the first tree
all others; alone, those whose own tree has skill). The interval by itself takes no account of the split's being sought
in the same draws; skill does. Of twelve equal plans where nothing matters, some rival's interval leaves out 0 in more
than 1 answer of 10, and something is told in under 1 of 20. What is told is picked for being large: such a deficit is
a fifth too large on average, and its interval holds the true one in 9 cases of 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import Condition, Estimate, Region
from cms_sim.evaluation.decision.futures import HYPOTHESIS, Futures
from cms_sim.evaluation.intervals import FEWEST_DRAWS, LEVEL, Floats, Labels, t_quantile

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeRegressor

DEPTH: Final = 2
SMALLEST_SHARE: Final = 0.1
"""Of draws, in a part of the tree."""
FOLDS: Final = 5
SPLITS: Final = 4
"""Into folds: the skill of one split is half chance."""
LEAST_SKILL: Final = 0.05
"""Share of the lead's variance that the first tree must tell in draws it was not grown on."""
LEAST_SKILL_ALONE: Final = 0.1
"""The same of a tree for one rival: there are as many of them as rivals, and one may have some by chance."""
MOST_ALONE: Final = 2
"""Parts told where rivals are looked at alone, one for each rival."""


@dataclass(frozen=True)
class _Case:
    """A plan, and what may be assumed."""

    futures: Futures
    plan: int
    names: tuple[str, ...]
    """Of plans."""
    columns: Mapping[str, Floats]
    """[futures] of each assumption that differs; a hypothesis is its place in `kinds`."""
    kinds: tuple[str, ...]
    units: Mapping[str, str]

    @cached_property
    def table(self) -> Floats:
        """[futures, assumptions]."""
        return np.column_stack(list(self.columns.values()))

    @cached_property
    def draw(self) -> Labels:
        """[futures] the draw's number under its hypothesis: hypotheses may share draws and dice of one number."""
        kinds = self.futures.hypothesis
        return np.array([kinds[:place].count(kind) for place, kind in enumerate(kinds)], dtype=np.intp)

    @property
    def least(self) -> int:
        """Draws in a part."""
        return max(FEWEST_DRAWS, int(SMALLEST_SHARE * len(self.futures.weight)))


def regions(
    futures: Futures, plan: int, names: tuple[str, ...], parameters: Mapping[str, Floats], units: Mapping[str, str]
) -> tuple[tuple[Region, ...], float | None]:
    """Parts of the assumptions in which the plan is behind another, the largest first, and the skill of the tree that
    they are of (None: too few draws); where rivals are looked at alone, of the first part's, and the parts with the
    largest share of draws x deficit first."""
    kinds = tuple(sorted(set(futures.hypothesis)))
    columns = {name: values for name, values in parameters.items() if np.ptp(values) > 0.0}
    if len(kinds) > 1:
        columns[HYPOTHESIS] = np.array([float(kinds.index(own)) for own in futures.hypothesis])
    case = _Case(futures, plan, names, columns, kinds, units)
    others = np.delete(np.arange(len(names)), plan)
    lead = futures.shrunk[:, plan] - futures.shrunk[:, others].max(axis=1)
    if len(lead) < 2 * FOLDS or len(lead) < 2 * case.least or not columns or np.ptp(lead) == 0.0:
        return (), None
    skill = _skill(case, lead, DEPTH)
    found = _behind(case, lead, DEPTH, others, len(others)) if skill >= LEAST_SKILL else []
    if found:
        return tuple(found), skill
    alone = _alone(case, others)
    return tuple(region for region, _ in alone), alone[0][1] if alone else skill


def _alone(case: _Case, others: Labels) -> list[tuple[Region, float]]:
    """One part for each rival whose own tree of one split tells where the plan is behind, with that tree's skill."""
    leads = {int(rival): case.futures.shrunk[:, case.plan] - case.futures.shrunk[:, rival] for rival in others}
    skills = {rival: _skill(case, lead, 1) for rival, lead in leads.items()}
    skilled = [rival for rival, skill in skills.items() if skill >= LEAST_SKILL_ALONE]
    found = [
        (region, skills[rival])
        for rival in skilled
        for region in _behind(case, leads[rival], 1, np.array([rival]), len(skilled))[:1]
    ]
    return sorted(found, key=lambda each: each[0].share_of_futures * each[0].lead_per_year.mean)[:MOST_ALONE]


def _behind(case: _Case, lead: Floats, depth: int, rivals: Labels, picked_among: int) -> list[Region]:
    """Parts of the tree on `lead` in which the plan is behind the one of `rivals` with the highest mean there."""
    weight, table = case.futures.weight, case.table
    tree = _tree(depth, case.least).fit(table, lead, sample_weight=weight)
    leaf = tree.apply(table)
    found = []
    for number in np.unique(leaf):
        inside = leaf == number
        rival = int(rivals[np.argmax(weight[inside] @ case.futures.means[inside][:, rivals])])
        deficit = _lead(case, rival, inside, picked_among)
        if deficit.high is not None and deficit.high < 0.0:
            conditions = _conditions(tree, int(number), list(case.columns), case.kinds, case.units)
            text = " and ".join(map(_words, conditions))
            found.append(Region(text, conditions, float(weight[inside].sum()), deficit, case.names[rival]))
    return sorted(found, key=lambda region: -region.share_of_futures)


def _lead(case: _Case, rival: int, inside: NDArray[np.bool_], picked_among: int) -> Estimate:
    """Over a rival in the draws inside, as simulated: Student's t over draws, for `picked_among` statements at once."""
    means, weight = case.futures.means[inside], case.futures.weight[inside] / case.futures.weight[inside].sum()
    lead = means[:, case.plan] - means[:, rival]
    mean = float(weight @ lead)
    draws = len(np.unique(case.draw[inside]))
    if draws < FEWEST_DRAWS:
        return Estimate(mean, None, None)
    parts = np.bincount(case.draw[inside], weight * (lead - mean))
    error = float(np.sqrt(parts @ parts * draws / (draws - 1)))
    half = t_quantile(1.0 - (1.0 - LEVEL) / (2.0 * picked_among), draws - 1) * error
    return Estimate(mean, mean - half, mean + half)


def check_library() -> None:
    """Raise InputError where scikit-learn is not installed."""
    if find_spec("sklearn") is None:
        remedy = "Install it: pip install 'cms-sim[decide]'"
        raise InputError("the library 'scikit-learn' is not installed", remedy=remedy)


def _tree(depth: int, least: int) -> DecisionTreeRegressor:
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor(max_depth=depth, min_samples_leaf=least, random_state=0)


def _skill(case: _Case, lead: Floats, depth: int) -> float:
    """1 - the error in left-out folds, each of whole draws, over that of the mean of the others."""
    weight, table, draw = case.futures.weight, case.table, case.draw
    generator = np.random.Generator(np.random.Philox(len(lead)))
    wrong = missed = 0.0
    for _ in range(SPLITS):
        fold = (generator.permutation(int(draw.max()) + 1) % FOLDS)[draw]
        for out in (fold == left_out for left_out in range(FOLDS)):
            tree = _tree(depth, max(2, int(case.least * (1.0 - 1.0 / FOLDS))))
            tree.fit(table[~out], lead[~out], sample_weight=weight[~out])
            plain = np.average(lead[~out], weights=weight[~out])
            wrong += float(weight[out] @ (lead[out] - tree.predict(table[out])) ** 2)
            missed += float(weight[out] @ (lead[out] - plain) ** 2)
    return 1.0 - wrong / missed if missed > 0.0 else 0.0


def _conditions(
    tree: DecisionTreeRegressor, leaf: int, names: list[str], kinds: tuple[str, ...], units: Mapping[str, str]
) -> tuple[Condition, ...]:
    """What leads to a leaf, one condition for each name."""
    parts = tree.tree_
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    node = leaf
    while node:
        parent = int(np.flatnonzero((parts.children_left == node) | (parts.children_right == node))[0])
        name, limit = names[parts.feature[parent]], float(parts.threshold[parent])
        if parts.children_left[parent] == node:
            high[name] = min(limit, high.get(name, np.inf))
        else:
            low[name] = max(limit, low.get(name, -np.inf))
        node = parent
    found = []
    for name in sorted({*low, *high}):
        if name == HYPOTHESIS:
            inside = [k for k in range(len(kinds)) if low.get(name, -1.0) < k <= high.get(name, np.inf)]
            found.append(Condition(name, "", None, None, " or ".join(kinds[k] for k in inside)))
        else:
            found.append(Condition(name, units.get(name, ""), low.get(name), high.get(name), None))
    return tuple(found)


def _words(condition: Condition) -> str:
    if condition.value is not None:
        return f"the hypothesis is {condition.value}"
    low, high = condition.low, condition.high
    if low is not None and high is not None:
        return f"{condition.name} is {low:.3g} to {high:.3g}"
    return f"{condition.name} is above {low:.3g}" if low is not None else f"{condition.name} is at most {high:.3g}"
