"""When a sweep is too small for sensitivity indices, and what it would take.

The rule: at least `FEWEST_REPLICATES` replicates (noise is known from their scatter; the interval of fewer hangs on
one or two of them), noise of at most `MOST_NOISE` of the variance of the means, and

* Sobol: at least `FEWEST_BASE_POINTS` base points, and no interval of a total index wider than +-`WIDEST_TOTAL`;
* Morris: at least `FEWEST_TRAJECTORIES` trajectories, and the greatest mu* known to +-`WIDEST_MU_STAR` of itself.

What is needed follows from how intervals narrow: with the root of the count, of points or of replicates, whichever
noise says is short. It is a least number, and said to be, where what is left beside noise may be chance as well.
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
FAIR: Final = {FEWEST_BASE_POINTS: 256, FEWEST_TRAJECTORIES: 20}
"""Points that suffice as a rule, by the fewest of their kind."""
NOISY: Final = 0.25
"""Noise share from which replicates are short rather than points; those asked for bring it down to this."""
SURE: Final = 2.0
"""Standard errors of the noise share by which something else than noise must be left to reckon with it."""
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
        replicates = counted(found.replicates, "replicate")
        short = f"chance makes {_percent(found.noise_share)} of what the means over {replicates} vary by"
    elif count < fewest:
        short = f"{counted(count, kind)} is fewer than the {fewest} that indices take"
    elif _excess(found) > 1.0:
        short = _width(found)
    else:
        return
    raise InputError(short, where=where, remedy=_remedy(found))


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


def _factors(found: SobolIndices | MorrisEffects) -> tuple[float, float]:
    """How many times as many points and replicates it takes; both, since either alone may not be enough.

    Replicates bring noise down to `NOISY`; intervals then narrow by what is left of the variance, on which they rest
    (twice in an index, once in an effect). Of what remains too wide, replicates bear what only they narrow, down to
    half of the width allowed, and points the rest.
    """
    share = found.noise_share if _may_be_chance(found) else min(1.0, found.noise_share + found.noise_share_error)
    if found.noise_share >= 1.0 or share >= 1.0:
        return 1.0, math.inf
    replicates = max(1.0, share / (1.0 - share) * (1.0 - NOISY) / NOISY) if found.noise_share > NOISY else 1.0
    cleaner = min(1.0, (1.0 - found.noise_share) / (1.0 - NOISY)) ** (2 if isinstance(found, SobolIndices) else 1)
    excess = _excess(found) * cleaner if math.isfinite(_excess(found)) else 1.0
    dice = excess * found.replicate_part / replicates
    more = max(1.0, 2.0 * dice)
    return max(1.0, excess * (1.0 - found.replicate_part) / (1.0 - dice / more)), replicates * more


def _may_be_chance(found: SobolIndices | MorrisEffects) -> bool:
    """Whether what is left beside noise is within what chance makes of nothing."""
    return 1.0 - found.noise_share < SURE * found.noise_share_error


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


def _remedy(found: SobolIndices | MorrisEffects) -> str:
    """What to set in the design: points, replicates or both."""
    count, fewest, _ = _size(found)
    by_points, by_replicates = _factors(found)
    if max(by_points, by_replicates) > HOPELESS:
        return _hopeless(found)
    hidden = found.noise_share > MOST_NOISE  # so wide are the intervals that they hardly say what it takes
    points = math.ceil(max(FAIR[fewest] if hidden else fewest, count * by_points))
    if isinstance(found, SobolIndices):
        points = 2 ** math.ceil(math.log2(points))
    replicates = max(FEWEST_REPLICATES, math.ceil(found.replicates * by_replicates))
    if points <= count and replicates <= found.replicates:
        replicates = found.replicates + 1
    wanted = {"points": (points, count), "replicates": (replicates, found.replicates)}
    words = " and ".join(f"{name} = {needed}" for name, (needed, there) in wanted.items() if needed > there)
    noise = f"noise is {_percent(found.noise_share)} of the variance of the means as it is"
    if by_replicates > 1.0 and _may_be_chance(found):
        return (
            f"Set {words} in the design at least, and sweep into another folder: {noise}, and what is left may be "
            "chance as well. Then these names move this outcome too little to be told, or not at all."
        )
    return f"Set {words} in the design ({noise}), and sweep into another folder."


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
