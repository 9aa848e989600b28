"""What would be best if the parameters were known: each plan's expected score under each draw, chance taken out.

A draw has few replicates, so its mean is partly chance. Replicates of one draw say how much: means are drawn towards
those of their hypothesis as far as chance explains them, and what stays open is drawn at random (linear Bayes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.engine.rules import default_values
from cms_sim.evaluation.best import first_share
from cms_sim.evaluation.decision.decision import Information, Known
from cms_sim.evaluation.decision.fresh import Fresh
from cms_sim.evaluation.intervals import Floats
from cms_sim.experiment.draws import ParameterDraws

SAMPLES: Final = 60
"""Of what chance leaves open, for each draw."""
DEGREE: Final = 3
"""Of the polynomial in ranks that says what a parameter tells of a score."""
SHUFFLES: Final = 300
HYPOTHESIS: Final = "hypothesis"
_SEED: Final = 20200701


@dataclass(frozen=True)
class Futures:
    """Expected scores by draw, all hypotheses one after the other."""

    hypothesis: tuple[str, ...]
    """[futures]."""
    weight: Floats
    """[futures]; adds up to 1."""
    means: Floats
    """[futures, plans] as simulated, chance included."""
    shrunk: Floats
    """[futures, plans] best estimate, chance taken out."""
    samples: Floats
    """[futures, SAMPLES, plans] what may be true."""

    def share(self, true: Floats) -> Floats:
        """Weighted share over draws of `true` [futures, SAMPLES, ...]."""
        return np.asarray(np.tensordot(self.weight, true.mean(axis=1), axes=1))

    @property
    def share_best(self) -> Floats:
        """[plans] weight of draws in which the plan's expected score is the highest; ties are split."""
        shares = [weight * first_share(own) for weight, own in zip(self.weight, self.samples, strict=True)]
        return np.asarray(np.sum(shares, axis=0))

    @property
    def largest_regret(self) -> Floats:
        """[plans] the largest shortfall from a draw's best plan that is to be expected over all draws: best estimates
        alone, drawn towards their mean, would show too little of it."""
        short = self.samples.max(axis=-1, keepdims=True) - self.samples
        return np.asarray(short.max(axis=0).mean(axis=0))

    @property
    def value_of_everything(self) -> float:
        """What choosing after one knows the draw gains over choosing before."""
        known = float(self.share(self.samples.max(axis=-1)))
        return max(0.0, known - float(self.share(self.samples).max()))


def futures_of(fresh: Fresh, samples: Floats) -> Futures:
    """Expected values by draw of `samples` [cells, plans]."""
    generator = np.random.Generator(np.random.Philox(_SEED))
    names: list[str] = []
    parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    for name, weight, means, chance in fresh.futures(samples):
        middle, count = means.mean(axis=0), len(means)
        seen = np.atleast_2d(np.cov(means.T)) if count > 1 else np.zeros_like(chance)
        true = _positive(seen - chance)
        both = true + chance
        gain = true @ np.linalg.pinv(both, hermitian=True)
        shrunk = middle + (means - middle) @ gain.T
        root = _root(true - gain @ true)
        drawn = shrunk[:, None] + generator.standard_normal((count, SAMPLES, len(middle))) @ root.T
        names += [name] * count
        parts.append((np.full(count, weight / count), means, shrunk, drawn))
    return Futures(tuple(names), *(np.concatenate([part[k] for part in parts]) for k in range(4)))


def true_effects(fresh: Fresh, place: int) -> dict[str, Floats]:
    """[SAMPLES, draws] of each hypothesis: what the plan at `place` may truly avert a year under each draw.

    Normal at two levels: draws scatter about a mean of all, replicates about their draw's mean. Neither mean is known
    but by these runs, which is in the samples; the chance of a single run is not."""
    generator = np.random.Generator(np.random.Philox(_SEED + 2))
    found = {}
    for name, _, columns, chances in fresh.futures(fresh.victims[:, [place]]):
        means, chance, count = columns[:, 0], float(chances[0, 0]), len(columns)
        true = max(0.0, float(means.var(ddof=1)) - chance) if count > 1 else 0.0
        both = true + chance
        kept = true / both if both > 0.0 else 0.0
        middle = means.mean() + np.sqrt(both / count) * generator.standard_normal((SAMPLES, 1))
        left = np.sqrt(kept * chance) * generator.standard_normal((SAMPLES, count))
        found[name] = np.asarray(middle + kept * (means - middle) + left)
    return found


def harm_by_draw(fresh: Fresh, place: int) -> dict[str, float]:
    """Share of each hypothesis' draws in which the plan at `place` truly averts less than nothing, as far as these runs
    tell: near a half for a plan that cannot be told from nothing, and 0 where in no run more people are shot."""
    harmed = {name: bool((fresh.victims[fresh.of(name)[0], place] < 0.0).any()) for name in fresh.hypotheses}
    samples = true_effects(fresh, place)
    return {name: float((samples[name] < 0.0).mean()) if harmed[name] else 0.0 for name in samples}


def effect_range(fresh: Fresh, place: int) -> tuple[float, float]:
    """Where 95 of 100 parameter draws put what the plan at `place` averts a year, hypotheses as they are weighed."""
    samples = true_effects(fresh, place)
    values = np.concatenate([samples[name].ravel() for name in samples])
    weights = np.concatenate([np.full(part.size, fresh.hypotheses[name] / part.size) for name, part in samples.items()])
    low, high = np.quantile(values, (0.025, 0.975), weights=weights, method="inverted_cdf")
    return float(low), float(high)


def parameters_of(fresh: Fresh, draws: Mapping[str, ParameterDraws]) -> dict[str, Floats]:
    """[futures] of each parameter that is uncertain under some hypothesis; at its default where it is not."""
    cells = fresh.found.cells
    rows = []
    for name in fresh.hypotheses:
        which, _ = fresh.of(name)
        for draw in sorted({cells[k].draw for k in which}):
            rows.append({**default_values(), **draws[name].of(draw)})
    names = sorted({name for each in draws.values() for name in each.names})
    return {name: np.array([row[name] for row in rows]) for name in names}


def information(
    futures: Futures, parameters: Mapping[str, Floats], units: Mapping[str, str], choice: int
) -> Information:
    """Value of perfect information beyond taking `choice`, in all, by parameter and of the hypothesis (regression on
    the parameter's ranks: Strong, Oakley and Brennan, Medical Decision Making 2014), noise taken off by shuffling.

    Of many things that mean nothing the likeliest looks like something, so the bar is set by the highest of all in each
    shuffle."""
    fits = {name: _fit(futures, basis) for name, basis in _bases(futures, parameters).items()}
    orders = _orders(futures)
    by_chance = {
        name: np.array([_value(futures, fit, futures.means[order]) for order in orders]) for name, fit in fits.items()
    }
    everything = futures.value_of_everything
    over = np.array([values - values.mean() for values in by_chance.values()])
    noise = float(np.quantile(over.max(axis=0), 0.95)) if fits else 0.0
    known = [(name, _value(futures, fit, futures.means) - float(by_chance[name].mean())) for name, fit in fits.items()]
    found = [Known(name, units.get(name, ""), max(0.0, min(value, everything)), noise) for name, value in known]
    return Information(
        everything_per_year=everything,
        by_parameter=tuple(sorted(found, key=lambda each: -each.value_per_year)),
        changes_the_choice=float(1.0 - futures.share_best[choice]),
    )


def _orders(futures: Futures) -> list[NDArray[np.intp]]:
    """Futures shuffled. Draws and dice of one number may be shared by hypotheses, so where each hypothesis has as many
    draws, those of one number stay together, and what is shuffled is which draw they are and which of them is whose."""
    generator = np.random.Generator(np.random.Philox(_SEED + 1))
    sizes = {futures.hypothesis.count(kind) for kind in futures.hypothesis}
    rows = len(set(futures.hypothesis)) if len(sizes) == 1 else 1
    table = np.arange(len(futures.weight)).reshape(rows, -1)
    columns = table.shape[1]
    return [generator.permuted(table[:, generator.permutation(columns)], axis=0).reshape(-1) for _ in range(SHUFFLES)]


def _bases(futures: Futures, parameters: Mapping[str, Floats]) -> dict[str, Floats]:
    """[futures, terms] by what may be known: of each parameter that differs, and of the hypothesis."""
    bases: dict[str, Floats] = {}
    for name, values in parameters.items():
        if np.ptp(values) > 0.0:
            ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
            bases[name] = np.asarray(
                np.polynomial.legendre.legvander(2.0 * ranks / max(1, len(ranks) - 1) - 1.0, DEGREE)
            )
    kinds = sorted(set(futures.hypothesis))
    if len(kinds) > 1:
        bases[HYPOTHESIS] = np.array([[own == kind for kind in kinds] for own in futures.hypothesis], dtype=np.float64)
    return bases


def _fit(futures: Futures, basis: Floats) -> Floats:
    """[futures, futures] what a regression on the basis makes of means."""
    root = np.sqrt(futures.weight)[:, None]
    return np.asarray(basis @ np.linalg.pinv(root * basis) * root.T)


def _value(futures: Futures, fit: Floats, means: Floats) -> float:
    """What choosing after one knows where a draw lies gains over choosing before."""
    return float(futures.weight @ (fit @ means).max(axis=1) - (futures.weight @ means).max())


def _positive(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
