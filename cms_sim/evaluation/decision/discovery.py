"""Under which assumptions a plan stops being best: a regression tree over parameter draws (scikit-learn's CART).

The tree is grown on the plan's lead over the best other plan, by draw. Parts of it in which the plan is behind are told
only where the tree says something of draws that it was not grown on.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from cms_sim.errors import InputError
from cms_sim.evaluation.decision.decision import Condition, Estimate, Region
from cms_sim.evaluation.decision.futures import HYPOTHESIS, Futures
from cms_sim.evaluation.intervals import FEWEST_DRAWS, LEVEL, Floats, t_quantile

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeRegressor

DEPTH: Final = 2
SMALLEST_SHARE: Final = 0.1
"""Of draws, in a part of the tree."""
FOLDS: Final = 5
LEAST_SKILL: Final = 0.05
"""Share of the lead's variance that a tree must tell in draws it was not grown on."""


def regions(
    futures: Futures, plan: int, names: tuple[str, ...], parameters: Mapping[str, Floats], units: Mapping[str, str]
) -> tuple[tuple[Region, ...], float | None]:
    """Parts of the assumptions in which the plan is behind another, and the tree's skill (None: too few draws)."""
    kinds = sorted(set(futures.hypothesis))
    columns = {name: values for name, values in parameters.items() if np.ptp(values) > 0.0}
    if len(kinds) > 1:
        columns[HYPOTHESIS] = np.array([float(kinds.index(own)) for own in futures.hypothesis])
    others = np.delete(futures.shrunk, plan, axis=1)
    lead = futures.shrunk[:, plan] - others.max(axis=1)
    least = max(FEWEST_DRAWS, int(SMALLEST_SHARE * len(lead)))
    if len(lead) < 2 * FOLDS or len(lead) < 2 * least or not columns or np.ptp(lead) == 0.0:
        return (), None
    table = np.column_stack(list(columns.values()))
    skill = _skill(table, lead, futures.weight, least)
    if skill < LEAST_SKILL:
        return (), skill
    tree = _tree(least).fit(table, lead, sample_weight=futures.weight)
    leaf = tree.apply(table)
    found = []
    for number in np.unique(leaf):
        inside = leaf == number
        rival, behind = _behind(futures, plan, inside)
        if behind.high is not None and behind.high < 0.0:
            conditions = _conditions(tree, int(number), list(columns), kinds, units)
            text = " and ".join(map(_words, conditions))
            found.append(Region(text, conditions, float(futures.weight[inside].sum()), behind, names[rival]))
    return tuple(sorted(found, key=lambda region: -region.share_of_futures)), skill


def check_library() -> None:
    """Raise InputError where scikit-learn is not installed."""
    if find_spec("sklearn") is None:
        remedy = "Install it: pip install 'cms-sim[decide]'"
        raise InputError("the library 'scikit-learn' is not installed", remedy=remedy)


def _tree(least: int) -> DecisionTreeRegressor:
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=least, random_state=0)


def _skill(table: Floats, lead: Floats, weight: Floats, least: int) -> float:
    """1 - the error in left-out folds over that of the mean of the others."""
    fold = np.random.Generator(np.random.Philox(len(lead))).permutation(len(lead)) % FOLDS
    wrong = missed = 0.0
    for left_out in range(FOLDS):
        out = fold == left_out
        tree = _tree(max(2, int(least * (1.0 - 1.0 / FOLDS)))).fit(table[~out], lead[~out], sample_weight=weight[~out])
        plain = np.average(lead[~out], weights=weight[~out])
        wrong += float(weight[out] @ (lead[out] - tree.predict(table[out])) ** 2)
        missed += float(weight[out] @ (lead[out] - plain) ** 2)
    return 1.0 - wrong / missed if missed > 0.0 else 0.0


def _behind(futures: Futures, plan: int, inside: np.ndarray) -> tuple[int, Estimate]:
    """The other plan with the highest mean over the draws inside, and the lead over it."""
    means, weight = futures.means[inside], futures.weight[inside] / futures.weight[inside].sum()
    average = weight @ means
    rival = int(np.argmax(np.where(np.arange(len(average)) == plan, -np.inf, average)))
    lead = means[:, plan] - means[:, rival]
    mean = float(weight @ lead)
    error = float(np.sqrt((weight**2) @ (lead - mean) ** 2 * len(lead) / max(1, len(lead) - 1)))
    half = t_quantile(0.5 + LEVEL / 2.0, len(lead) - 1) * error
    return rival, Estimate(mean, mean - half, mean + half)


def _conditions(
    tree: DecisionTreeRegressor, leaf: int, names: list[str], kinds: list[str], units: Mapping[str, str]
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
