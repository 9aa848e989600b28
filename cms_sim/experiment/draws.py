"""Parameter draws: what is not known, drawn once for each replicate.

Until a posterior exists, draws come from the priors of the table and of a hypothesis, by a scrambled Sobol sequence:
a fixed set for a number of draws and a seed. A posterior sample will stand behind the same `ParameterDraws`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.hypotheses import Hypothesis
from cms_sim.data.parameters import Prior, load_parameters
from cms_sim.engine.rules import behaviour_parameters
from cms_sim.errors import InputError, nearest


@dataclass(frozen=True)
class ParameterDraws:
    """Draws of the uncertain parameters, in the order of `names`; every other parameter stays at its default."""

    names: tuple[str, ...]
    values: NDArray[np.float64]
    """[draws, parameters]."""
    fixed: Mapping[str, float]
    """Parameters that a scenario or the user holds at a value of their own."""
    source: str
    """`priors of ...`, `posterior ...` or `fixed`."""

    def __len__(self) -> int:
        return len(self.values)

    def of(self, draw: int) -> dict[str, float]:
        """Values of one draw by name; draws beyond the last start again from the first."""
        row = self.values[draw % len(self.values)]
        return {**dict(zip(self.names, (float(value) for value in row), strict=True)), **self.fixed}


def uncertain_parameters(hypothesis: Hypothesis) -> dict[str, Prior]:
    """Priors of the behaviour parameters that are uncertain under a hypothesis, by name."""
    table = load_parameters()
    priors = {name: table[name].prior for name in behaviour_parameters()}
    found = {name: prior for name, prior in priors.items() if prior is not None}
    return {**found, **hypothesis.priors}


def draw_from_priors(
    count: int, seed: int, hypothesis: Hypothesis, overrides: Mapping[str, float | Prior] | None = None
) -> ParameterDraws:
    """`count` draws from the priors; `overrides` fixes a parameter (a number) or gives it another prior.

    Raises InputError for an override of an unknown parameter.
    """
    from scipy.stats import qmc

    priors = uncertain_parameters(hypothesis)
    fixed: dict[str, float] = {}
    for name, value in (overrides or {}).items():
        if name not in behaviour_parameters():
            raise InputError(f"unknown parameter '{name}'", remedy=nearest(name, behaviour_parameters()))
        if isinstance(value, Prior):
            priors[name] = value
        else:
            fixed[name] = float(value)
    names = tuple(sorted(set(priors) - set(fixed)))
    sampler = qmc.Sobol(d=max(1, len(names)), scramble=True, rng=np.random.default_rng(seed))
    places = sampler.random_base2(max(0, int(np.ceil(np.log2(max(1, count))))))[:count]
    values = np.array(
        [[priors[name].quantile(float(u)) for name, u in zip(names, row, strict=False)] for row in places]
    )
    return ParameterDraws(
        names, values.reshape(count, len(names)), fixed, f"priors of the hypothesis '{hypothesis.name}'"
    )


def fixed_draws(hypothesis: Hypothesis, overrides: Mapping[str, float] | None = None) -> ParameterDraws:
    """One draw: every parameter at its default, those of the hypothesis at the median of their prior."""
    medians = {name: prior.quantile(0.5) for name, prior in hypothesis.priors.items()}
    return ParameterDraws((), np.zeros((1, 0)), {**medians, **(overrides or {})}, "fixed at defaults")
