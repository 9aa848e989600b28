"""What is not known, and whether the advice hangs on it: each uncertain parameter against what the plans avert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cms_sim.data.parameters import Parameter, load_parameters
from cms_sim.evaluation.identified import by_prior_only
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.words import number
from cms_sim.report.sheet import Sheet

FEWEST_RUNS: Final = 16
CLEAR: Final = 2.6
"""Standard errors that count as clear here: 1 in 100, because a dozen and more parameters are looked at."""


@dataclass(frozen=True)
class Assumption:
    """One uncertain parameter of the runs. `low` to `high` holds 90 of 100 draws."""

    name: str
    known: Parameter | None
    low: float
    high: float
    correlation: float
    """Rank correlation with what the leading plan averts; NaN without a plan."""
    moves_result: bool
    middle: float
    rivals: tuple[str | None, str | None]
    """The plan that clearly averts more than the leader where the parameter is below, and above, its middle."""
    prior_only: bool
    """Whether the data say nothing of it (`evaluation.identified`)."""

    @property
    def changes_advice(self) -> bool:
        """Whether in one half of its draws another plan leads clearly."""
        return any(self.rivals)


def value_text(value: float) -> str:
    """A parameter's value to two digits, however small."""
    return number(value) if abs(value) >= 1.0 else f"{value:.2g}"


def assumptions(sheet: Sheet) -> list[Assumption]:
    """Every parameter that varies between the runs; what moves the result most comes first.

    None where the runs are fewer than `FEWEST_RUNS`: nothing can be said of how they vary."""
    leader, table = sheet.leader, load_parameters()
    if sheet.replicates < FEWEST_RUNS:
        return []
    unknown = by_prior_only(sheet.results.hypothesis)
    found = []
    for name, values in sheet.results.parameters.items():
        if np.ptp(values) == 0.0:
            continue
        correlation = _rank_correlation(values, leader.runs) if leader is not None else float("nan")
        middle = float(np.median(values))
        found.append(
            Assumption(
                name=name,
                known=table.get(name),
                low=float(np.quantile(values, 0.05)),
                high=float(np.quantile(values, 0.95)),
                correlation=correlation,
                moves_result=abs(correlation) > CLEAR / np.sqrt(max(len(values) - 1, 1)),
                middle=middle,
                rivals=(_rival(sheet, values < middle), _rival(sheet, values >= middle)),
                prior_only=name in unknown,
            )
        )
    return sorted(
        found, key=lambda a: (not a.changes_advice, not a.moves_result, -abs(np.nan_to_num(a.correlation)), a.name)
    )


def _rank_correlation(a: Floats, b: Floats) -> float:
    if np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return 0.0
    return float(np.corrcoef(pd.Series(a).rank(), pd.Series(b).rank())[0, 1])


def _rival(sheet: Sheet, half: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> str | None:
    """The plan that clearly averts more than the leader in these runs, if one does."""
    leader = sheet.leader
    if leader is None or half.sum() < FEWEST_RUNS // 2:
        return None
    best = max(sheet.compared, key=lambda line: float(line.runs[half].mean()))
    ahead = best.runs[half] - leader.runs[half]
    error = float(ahead.std(ddof=1)) / np.sqrt(len(ahead))
    return best.info.title if best is not leader and ahead.mean() > CLEAR * error else None
