"""When a sweep is too small for sensitivity indices, and what it would take.

The rule: at least `FEWEST_REPLICATES` replicates (noise is known from their scatter; the interval of fewer hangs on
one or two of them), noise of at most `MOST_NOISE` of the variance of the means, and

* Sobol: at least `FEWEST_BASE_POINTS` base points, and no interval of a total index wider than +-`WIDEST_TOTAL`;
* Morris: at least `FEWEST_TRAJECTORIES` trajectories, and the greatest mu* known to +-`WIDEST_MU_STAR` of itself.

What is needed follows from how intervals narrow: with the root of the count, of points or of replicates, whichever
noise says is short.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from cms_sim.errors import InputError
from cms_sim.evaluation.morris import MorrisEffects
from cms_sim.evaluation.sobol import SobolIndices

FEWEST_REPLICATES: Final = 4
FEWEST_BASE_POINTS: Final = 64
FEWEST_TRAJECTORIES: Final = 10
MOST_NOISE: Final = 0.5
WIDEST_TOTAL: Final = 0.2
WIDEST_MU_STAR: Final = 0.5
NOISY: Final = 0.25
"""Noise share from which replicates are short rather than points; those asked for bring it down to this."""
HOPELESS: Final = 64
"""Times as many replicates or points beyond which nobody is sent: what is left beside chance is then itself chance."""


def check_replicates(replicates: int, where: str = "") -> None:
    """Raise InputError if there are too few replicates to tell noise from parameters."""
    if replicates < FEWEST_REPLICATES:
        raise InputError(
            f"{counted(replicates, 'replicate')} at each point cannot separate noise from what parameters do",
            where=where,
            remedy=f"Set replicates = {FEWEST_REPLICATES} or more in the design (16 is a fair start), and sweep into "
            "another folder.",
        )


def check_enough(found: SobolIndices | MorrisEffects, where: str = "", left_out: str = "") -> None:
    """Raise InputError with the number needed if `found` rests on too few points or replicates, or on noise.

    `left_out`: what of the sweep is not in `found`, in words: it may be all that is missing."""
    try:
        check_replicates(found.replicates, where)
        _check(found, where)
    except InputError as error:
        if not left_out:
            raise
        remedy = f"{error.remedy} First see what was left out: the column `error` says why runs failed."
        raise InputError(f"{error.message} ({left_out})", where=where, remedy=remedy) from None


def _check(found: SobolIndices | MorrisEffects, where: str) -> None:
    count, fewest, kind = _size(found)
    if found.noise_share > MOST_NOISE or not math.isfinite(_excess(found)):
        noise = (
            f"chance makes {_percent(found.noise_share)} of what the means over {found.replicates} replicates vary by"
        )
        raise InputError(noise, where=where, remedy=_more_replicates(found, _against_noise(found)))
    if count < fewest:
        raise InputError(
            f"{counted(count, kind)} is fewer than the {fewest} that indices take",
            where=where,
            remedy=_more_points(found, max(1.0, _excess(found))),
        )
    if (excess := _excess(found)) > 1.0:
        short = found.noise_share > NOISY or found.replicate_part > 0.5
        remedy = _more_replicates(found, excess) if short else _more_points(found, excess)
        raise InputError(_width(found), where=where, remedy=remedy)


def _size(found: SobolIndices | MorrisEffects) -> tuple[int, int, str]:
    if isinstance(found, SobolIndices):
        return found.base_points, FEWEST_BASE_POINTS, "base point"
    return found.trajectories, FEWEST_TRAJECTORIES, "trajectory"


def _excess(found: SobolIndices | MorrisEffects) -> float:
    """How many times as many points or replicates the widest interval takes; NaN where noise leaves none."""
    if isinstance(found, SobolIndices):
        return float(np.max(found.total_half) / WIDEST_TOTAL) ** 2
    top = int(np.argmax(found.mu_star))
    return float(found.mu_star_half[top] / (WIDEST_MU_STAR * found.mu_star[top])) ** 2


def _against_noise(found: SobolIndices | MorrisEffects) -> float:
    """How many times as many replicates bring noise down to `NOISY`."""
    signal = 1.0 - found.noise_share
    return found.noise_share / signal * (1.0 - NOISY) / NOISY if signal > 0.0 else math.inf


def _width(found: SobolIndices | MorrisEffects) -> str:
    if isinstance(found, SobolIndices):
        widest = int(np.argmax(found.total_half))
        half = f"+-{found.total_half[widest]:.2f}"
        return (
            f"the total index of '{found.names[widest]}' is known to {half} only, and to +-{WIDEST_TOTAL:g} it must be"
        )
    top = int(np.argmax(found.mu_star))
    return (
        f"mu* of '{found.names[top]}', the greatest, is {found.mu_star[top]:.3g} +-{found.mu_star_half[top]:.2g}, "
        f"and to +-{WIDEST_MU_STAR:.0%} it must be known"
    )


def _more_points(found: SobolIndices | MorrisEffects, factor: float) -> str:
    count, fewest, _ = _size(found)
    needed = math.ceil(max(fewest, count * factor))
    if isinstance(found, SobolIndices):
        needed = 2 ** math.ceil(math.log2(needed))
    if needed > HOPELESS * count:
        return _hopeless(found)
    noise = f"(noise is {_percent(found.noise_share)} of the variance of the means)"
    return f"Set points = {needed} in the design {noise}, and sweep into another folder."


def _more_replicates(found: SobolIndices | MorrisEffects, factor: float) -> str:
    if not factor <= HOPELESS:
        return _hopeless(found)
    needed = max(math.ceil(found.replicates * factor), found.replicates + 1, FEWEST_REPLICATES)
    return (
        f"Set replicates = {needed} in the design (noise is {_percent(found.noise_share)} of the variance of the means "
        "as it is), and sweep into another folder."
    )


def _hopeless(found: SobolIndices | MorrisEffects) -> str:
    return (
        f"More than {HOPELESS} times as many would be needed: in these ranges {', '.join(found.names)} move this "
        "outcome too little to be told from chance. Vary others, or in wider ranges."
    )


def _percent(share: float) -> str:
    return "all" if share >= 0.995 else f"{share:.0%}"


def counted(count: int, kind: str) -> str:
    """`1 trajectory`, `2 trajectories`."""
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{count} {kind if count == 1 else plural}"
