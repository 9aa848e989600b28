"""Fresh runs as numbers: what each plan averts in each world, and means over draws and hypotheses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cms_sim.evaluation.decision.decision import Estimate
from cms_sim.evaluation.intervals import (
    FEWEST_DRAWS,
    LEVEL,
    Floats,
    Labels,
    enough,
    fewest_for_range,
    standard_error,
    t_quantile,
)
from cms_sim.experiment.optimise.cells import OUTCOMES
from cms_sim.experiment.optimise.search import REFERENCE, Found, money_weight, score_parts

VICTIMS, DEATHS = OUTCOMES.index("victims"), OUTCOMES.index("deaths")


@dataclass(frozen=True, eq=False)
class Fresh:
    """The fresh runs of what a search found; cells are paired over plans, and amounts are a year."""

    found: Found

    @cached_property
    def years(self) -> float:
        """Length of the frame."""
        frame = self.found.case.reference.frame
        return (frame.until_date - frame.starts).days / 365.25

    @cached_property
    def cost_usd(self) -> Floats:
        """[plans] beyond the reference, over the frame."""
        return np.array([self.found.case.extra_usd(entry.plan) for entry in self.found.entries])

    @cached_property
    def averted(self) -> Floats:
        """[cells, plans, precincts, OUTCOMES] fewer than under the reference, a year."""
        counts = self.found.counts.astype(np.float64)
        return (counts[:, [REFERENCE]] - counts) / self.years

    @cached_property
    def victims(self) -> Floats:
        """[cells, plans] averted, a year."""
        return np.asarray(self.averted[..., VICTIMS].sum(axis=-1))

    @cached_property
    def score(self) -> Floats:
        """[cells, plans] what the problem weighs, a year."""
        found = self.found
        worst = found.case.reference.frame.precincts.index(found.case.precincts[found.worst])
        parts = score_parts(found.case, found.counts, worst).sum(axis=-1) / self.years
        return np.asarray(parts - money_weight(found.case, self.cost_usd) / self.years)

    @cached_property
    def hypotheses(self) -> dict[str, float]:
        """Weights; they add up to 1."""
        given = self.found.case.problem.hypotheses
        return {name: weight / sum(given.values()) for name, weight in given.items()}

    def of(self, name: str) -> tuple[Labels, Labels]:
        """Cells of a hypothesis: which they are, and the draw of each, numbered from 0."""
        cells = self.found.cells
        which = np.array([k for k, cell in enumerate(cells) if cell.hypothesis == name], dtype=np.intp)
        _, label = np.unique([cells[k].draw for k in which], return_inverse=True)
        return which, label.astype(np.intp).reshape(-1)

    @cached_property
    def strata(self) -> list[tuple[float, Labels, Labels]]:
        """Weight, cells and labels of each hypothesis."""
        return [(weight, *self.of(name)) for name, weight in self.hypotheses.items()]

    def mean(self, samples: Floats) -> Floats:
        """Mean of `samples` [cells, ...], hypotheses as they are weighed."""
        return np.asarray(sum(weight * samples[which].mean(axis=0) for weight, which, _ in self.strata))

    def scatter(self, samples: Floats) -> Floats:
        """[draws, ...] each draw's part in the error of the mean of `samples` [cells, ...].

        Draws and dice of one number may be shared by hypotheses, so a draw's cells are one cluster under all of them.
        """
        parts = np.zeros((1 + max(int(label.max()) for _, _, label in self.strata), *samples.shape[1:]))
        for weight, which, label in self.strata:
            own = samples[which]
            np.add.at(parts, label, weight / len(which) * (own - own.mean(axis=0)))
        return np.asarray(parts * np.sqrt(len(parts) / max(1, len(parts) - 1)))

    def covariance(self, samples: Floats) -> tuple[Floats, int]:
        """[plans, plans] of the mean of `samples` [cells, plans], clustered by draw, and its degrees of freedom."""
        parts = self.scatter(samples)
        return np.asarray(parts.T @ parts), len(parts) - 1

    def estimate(self, samples: Floats) -> Estimate:
        """Of `samples` [cells]: Student's t over draws."""
        mean, parts = float(self.mean(samples)), self.scatter(samples)
        if len(parts) < FEWEST_DRAWS:
            return Estimate(mean, None, None)
        half = t_quantile(0.5 + LEVEL / 2.0, len(parts) - 1) * float(np.sqrt(np.square(parts).sum()))
        return Estimate(mean, mean - half, mean + half)

    def nine_in_ten(self, samples: Floats) -> tuple[float, float] | None:
        """Where 90 of 100 single runs of `samples` [cells] fall, hypotheses as they are weighed; None for too few."""
        level = 0.9
        if len(samples) < fewest_for_range(level):
            return None
        weights = np.zeros(len(samples))
        for weight, which, _ in self.strata:
            weights[which] = weight / len(which)
        tails = (0.5 - level / 2.0, 0.5 + level / 2.0)
        low, high = np.quantile(samples, tails, weights=weights, method="inverted_cdf")
        return float(low), float(high)

    def only(self, name: str, samples: Floats) -> Estimate:
        """Of `samples` [cells] under one hypothesis."""
        which, label = self.of(name)
        mean = float(samples[which].mean())
        if not enough(label):
            return Estimate(mean, None, None)
        half = t_quantile(0.5 + LEVEL / 2.0, int(label.max())) * float(standard_error(samples[which], label))
        return Estimate(mean, mean - half, mean + half)

    @cached_property
    def tells_chance(self) -> bool:
        """Whether every hypothesis has draws of more than one replicate: else a draw's mean may be all chance."""
        return all(len(which) > int(label.max()) + 1 for _, which, label in self.strata)

    def futures(self, samples: Floats) -> Iterator[tuple[str, float, Floats, Floats]]:
        """Each hypothesis with its weight: means by draw [draws, plans] of `samples` [cells, plans], and the covariance
        of such a mean by chance alone [plans, plans] (zeros where each draw has one replicate: it cannot be told)."""
        for name, weight in self.hypotheses.items():
            which, label = self.of(name)
            draws, own = int(label.max()) + 1, samples[which]
            means = np.zeros((draws, samples.shape[1]))
            np.add.at(means, label, own)
            each = np.bincount(label, minlength=draws)
            means /= each[:, None]
            left = own - means[label]
            freedom = len(own) - draws
            chance = left.T @ left / max(1, freedom) * (1.0 / each).mean()
            yield name, weight, means, chance if freedom > 0 else np.zeros_like(chance)
