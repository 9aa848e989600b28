"""One comparison under two hypotheses: do the plans rank the same, and are they told apart where they do not?

Runs under two hypotheses are not paired: each has its own network and its own draws. So ranks are held against each
other, and each order of two plans with what its own paired runs say of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from cms_sim.errors import InputError
from cms_sim.evaluation.differences import averted_counts, labels
from cms_sim.evaluation.intervals import FEWEST_DRAWS, Floats, enough, mean_interval
from cms_sim.evaluation.tables import summary
from cms_sim.experiment.results import Results

if TYPE_CHECKING:
    import pandas as pd

Found = Mapping[str, Results]
"""By hypothesis; the same plans in the same order."""

COLUMNS: Final = (
    "victims_per_year",
    "averted_victims_per_year",
    "averted_victims_per_year_mean_low",
    "averted_victims_per_year_mean_high",
    "averted_victims_per_year_low_90",
    "averted_victims_per_year_high_90",
    "averted_percent",
    "probability_harm",
    "probability_best",
    "cost_per_victim_averted_brief",
)
"""Of `tables.summary`, for each hypothesis beside the other."""


@dataclass(frozen=True)
class Pair:
    """Two plans that rank otherwise under one hypothesis than under the other."""

    plans: tuple[int, int]
    """The one that averts more under the first hypothesis comes first."""
    told_apart: tuple[bool, ...]
    """By hypothesis: whether the 95% interval of their paired difference leaves zero out."""


@dataclass(frozen=True)
class Ranking:
    """How plans rank on people not shot, on average, under each hypothesis."""

    hypotheses: tuple[str, ...]
    titles: tuple[str, ...]
    """Of all plans."""
    orders: tuple[tuple[int, ...], ...]
    """[hypothesis] plans (indices), the one that averts most first; no programme is none of them."""
    turned: tuple[Pair, ...]
    pairs: int
    told_apart: int
    """Pairs in the same order that are told apart under every hypothesis."""
    has_enough: bool
    """Whether the runs are enough to tell anything apart."""

    @property
    def is_same(self) -> bool:
        """Whether no pair of plans is turned round."""
        return not self.turned

    @property
    def same_leader(self) -> bool:
        """Whether the same plan averts most."""
        return len({order[0] for order in self.orders}) == 1

    @property
    def turned_for_sure(self) -> tuple[Pair, ...]:
        """Pairs that are told apart both ways: here the advice hangs on the hypothesis."""
        return tuple(pair for pair in self.turned if all(pair.told_apart))


def ranking(found: Found) -> Ranking:
    """Of two comparisons or more. Raises InputError when they are not of the same plans."""
    first, *others = found.values()
    names = [plan.name for plan in first.plans]
    for other in others:
        if [plan.name for plan in other.plans] != names:
            raise InputError("the two comparisons are not of the same plans", where=", ".join(found))
    plans = [plan for plan in range(len(names)) if plan != first.no_programme]
    counts = [averted_counts(results).sum(axis=-1) for results in found.values()]
    orders = tuple(tuple(sorted(plans, key=lambda plan, of=each: -of[:, plan].mean())) for each in counts)  # type: ignore[misc]
    judged = [
        (pair, [_apart(each, results, pair) for each, results in zip(counts, found.values(), strict=True)])
        for pair in combinations(orders[0], 2)
    ]
    return Ranking(
        hypotheses=tuple(found),
        titles=tuple(plan.title for plan in first.plans),
        orders=orders,
        turned=tuple(Pair(pair, tuple(clear for _, clear in said)) for pair, said in judged if _turned(said)),
        pairs=len(judged),
        told_apart=sum(all(clear for _, clear in said) and not _turned(said) for _, said in judged),
        has_enough=all(enough(labels(results)) for results in found.values()),
    )


def _apart(counts: Floats, results: Results, pair: tuple[int, int]) -> tuple[float, bool]:
    """By how much the first of the pair averts more than the second, and whether that is told from nothing."""
    difference = counts[:, pair[0]] - counts[:, pair[1]]
    low, high = mean_interval(difference, labels(results))
    return float(difference.mean()), bool(low > 0.0 or high < 0.0)


def _turned(said: Sequence[tuple[float, bool]]) -> bool:
    means = [mean for mean, _ in said]
    return min(means) < 0.0 < max(means)


def sentences(ranked: Ranking) -> list[str]:
    """What a reader may take from it, and no more."""
    if not ranked.has_enough:
        return [f"Fewer than {FEWEST_DRAWS} runs cannot tell plans apart: nothing is said of their ranks."]
    if len(ranked.orders[0]) < 2:
        return ["There is one plan, so there is nothing to rank."]
    both = f"Of {ranked.pairs} pairs of plans {ranked.told_apart} are told apart, in the same order, under each."
    if ranked.is_same:
        return [f"The ranking is the same under each hypothesis: {_named(ranked, ranked.orders[0])}.", both]
    each = (f"{name}: {_named(ranked, order)}" for name, order in zip(ranked.hypotheses, ranked.orders, strict=True))
    sure = (
        "The ranking hangs on the hypothesis: plans that are told apart under each come in another order."
        if ranked.turned_for_sure
        else "Averages come in another order under each hypothesis, but no two plans are told apart both ways round."
    )
    leader = "The same plan averts most under each." if ranked.same_leader else "Another plan averts most under each."
    return [f"{sure} {leader}", *(f"{one}." for one in each), *(_said(ranked, pair) for pair in ranked.turned), both]


def _named(ranked: Ranking, order: Sequence[int]) -> str:
    return "; ".join(f"{place}. {ranked.titles[plan]}" for place, plan in enumerate(order, 1))


def _said(ranked: Ranking, pair: Pair) -> str:
    above, below = (ranked.titles[plan] for plan in pair.plans)
    sure = [name for name, clear in zip(ranked.hypotheses, pair.told_apart, strict=True) if clear]
    if len(sure) == len(ranked.hypotheses):
        end = "they are told apart under each, so that which is better hangs on the hypothesis"
    elif sure:
        end = f"they are told apart only under {' and '.join(sure)}"
    else:
        end = "they are told apart under none: chance may have turned them"
    return f"“{above}” averts more than “{below}” under {ranked.hypotheses[0]} and less under another; {end}."


def side_by_side(found: Found) -> pd.DataFrame:
    """One row per plan: plan, title, role, then each of `COLUMNS` and `rank` by hypothesis (`city.rank`), no programme
    without one.
    """
    import pandas as pd

    ranked = ranking(found)
    tables = {}
    for (name, results), order in zip(found.items(), ranked.orders, strict=True):
        ranks = np.full(len(results.plans), np.nan)
        ranks[list(order)] = np.arange(1, len(order) + 1)
        tables[name] = summary(results, sorted(order)).assign(rank=ranks)
    first = next(iter(tables.values()))
    parts = [table[[*COLUMNS, "rank"]].add_prefix(f"{name}.") for name, table in tables.items()]
    return pd.concat([first[["plan", "title", "role"]], *parts], axis=1)
