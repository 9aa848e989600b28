"""Sensitivity in words: what was varied, what came out, and what can be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cms_sim.evaluation.morris import MorrisEffects
from cms_sim.evaluation.sensitivity import BEST, Sensitivity
from cms_sim.evaluation.sobol import SobolIndices

OUTCOMES: Final[Mapping[str, str]] = {
    "victims": "the number of people shot",
    "incidents": "the number of shootings",
    "deaths": "the number of people killed",
    "mediations": "the number of attempts to mediate",
    "settled": "the number of conflicts settled",
    "averted": "the number of people not shot",
    "cost_usd": "the plan's cost in dollars",
    "participants": "the number of participants in caseloads",
    "enrolled": "the number of enrolments in services",
    "retaliation_share": "the share of shootings that retaliate",
    "contagion_share": "the share of shootings by contagion",
    "norm_after": "willingness to use violence (1 to 5)",
    "trust_after": "trust in the police (0 to 1)",
    BEST: "whether the plan averts most",
}
"""Outcomes of a sweep in plain words; those of an extension go by their names."""

_MOST_NAMES: Final = 3


def outcome_words(outcome: str) -> str:
    """An outcome in plain words."""
    return OUTCOMES.get(outcome, _plain(outcome))


def finding(found: Sensitivity) -> str:
    """What the indices say, in one sentence that claims no more than the intervals hold."""
    what, table = outcome_words(found.outcome), found.frame()
    size = "total" if isinstance(found.indices, SobolIndices) else "mu_star"
    low, high = table[size] - table[f"{size}_half"], table[size] + table[f"{size}_half"]
    if low[0] <= (0.0 if size == "total" else table["floor"][0]):
        return f"Nothing that was varied clearly moves {what}"
    level = [_plain(str(name)) for name in table["name"][high >= low[0]]]
    begins = f"{what[0].upper()}{what[1:]} hangs most on"
    if len(level) > _MOST_NAMES:
        return f"{begins} {level[0]} and {len(level) - 1} others, which these runs do not rank"
    if len(level) > 1:
        return f"{begins} {', '.join(level[:-1])} and {level[-1]}, which these runs do not rank"
    return f"{begins} {level[0]}" + (f": {share(table[size][0])} of its variance" if size == "total" else "")


def asked(found: Sensitivity) -> str:
    """What the indices are of, and from how many points and replicates."""
    found_in = found.indices
    against = f", against “{found.reference}”" if found.outcome == "averted" else ""
    count = (
        f"{found_in.base_points} base points"
        if isinstance(found_in, SobolIndices)
        else f"{found_in.trajectories} trajectories"
    )
    return f"{found.outcome} of “{found.plan}”{against} · {count}, {found_in.replicates} replicates"


def noise(found: SobolIndices | MorrisEffects) -> str:
    """What chance leaves in the means."""
    return f"noise is {share(found.noise_share)} of the variance of the means over {found.replicates} replicates"


def left_out(found: Sensitivity) -> list[str]:
    """What failed or unfinished runs took with them."""
    return [f"{found.gaps}."] if found.gaps else []


def share(value: float) -> str:
    """A share in percent."""
    return "under 1%" if 0.0 < value < 0.005 else f"{min(max(value, 0.0), 1.0):.0%}"


def _plain(name: str) -> str:
    return name.replace("_", " ")
