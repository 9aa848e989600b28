"""Which parameters a recovery finds wanting, by rule: more than chance lets right posteriors show.

For each parameter it is asked whether its intervals held the truth as often as they say (exact binomial test over the
left-out histories, each of `LEVELS`) and whether ranks are even (chi-square test). Bonferroni's rule shares the error
rate between all parameters and tests of one posterior, so that a posterior of which all is right names any parameter
at all in at most `ERROR_RATE` of recoveries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cms_sim.evaluation.calibration.recovery import LEVELS, Recovered

ERROR_RATE: Final = 0.05


@dataclass(frozen=True)
class Verdict:
    """What recovery says of one parameter of a posterior."""

    recovered: Recovered
    faults: tuple[str, ...]
    """In words, beyond chance; empty for most."""

    @property
    def words(self) -> str:
        """`learned`, `not identified`, and what is wrong where something is."""
        learned = self.recovered.is_identified
        found = "learned" if learned else "not identified"
        return f"{found}, {'but' if learned else 'and'} {' and '.join(self.faults)}" if self.faults else found


def verdicts(recovered: Sequence[Recovered]) -> list[Verdict]:
    """One for each parameter of a posterior, in its order."""
    level = test_level(len(recovered))
    return [Verdict(each, tuple(_faults(each, level))) for each in recovered]


def test_level(parameters: int) -> float:
    """Each test's share of the error rate."""
    return ERROR_RATE / (parameters * (len(LEVELS) + 1))


def coverage_interval(recovered: Recovered, level: float) -> tuple[float, float]:
    """95% interval of the share of truths that the interval of `level` holds (Wilson)."""
    from scipy.stats import binomtest

    low, high = binomtest(_held(recovered, level), recovered.truths).proportion_ci(method="wilson")
    return float(low), float(high)


def _faults(recovered: Recovered, test_level: float) -> list[str]:
    from scipy.stats import binomtest

    found = []
    for level in LEVELS:
        if binomtest(_held(recovered, level), recovered.truths, level).pvalue < test_level:
            often = "rarely" if recovered.coverage[level] < level else "often"
            found.append(f"its {level:.0%} interval holds too {often}")
    return [*found, "its ranks are uneven"] if recovered.p_uniform < test_level else found


def _held(recovered: Recovered, level: float) -> int:
    return round(recovered.coverage[level] * recovered.truths)
