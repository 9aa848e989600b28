"""What an outcome of a sweep hangs on: Morris effects or Sobol indices of a plan, with noise kept apart.

Functions take plain tables; `analyse` takes a sweep. *Which plan is best* is asked in each replicate: the outcome
`best` is 1 where the plan averts most of all plans, the reference with its 0 among them, and 0 where not; ties are
split. Its mean over replicates is the plan's chance of being best at a point, so that noise is separated as for any
other outcome (whether the *mean* is highest has no replicates, and no noise that could be known).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.errors import InputError, nearest
from cms_sim.evaluation.enough import check_enough, check_replicates, counted
from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.morris import MorrisEffects, morris_effects
from cms_sim.evaluation.research import needs
from cms_sim.evaluation.sobol import SobolIndices, sobol_indices

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.experiment.sweep.read import Sweep

BEST: Final = "best"
AVERTED: Final = "averted"
MORRIS_STEP: Final = 2.0 / 3.0
"""Step of SALib's Morris sample with 4 levels, which `cms_sim.experiment.sweep.points` draws."""
REMEDY: Final = (
    'Sweep a design with method = "morris" (points = 20: which parameters matter at all) or method = "saltelli" '
    "(points = 256: what share each one has)."
)
UNFINISHED: Final = "Let the sweep finish: the same `cms-sim sweep` goes on where it ended."
FAILED: Final = "The column `error` of its runs says why they failed: mend that, and sweep into another folder."


@dataclass(frozen=True)
class Sensitivity:
    """Indices of one outcome of one plan."""

    outcome: str
    plan: str
    reference: str
    indices: SobolIndices | MorrisEffects
    left_out: int
    """Base points or trajectories without a value in every replicate that counts: failed or not run."""
    replicates_left_out: int

    @property
    def method(self) -> str:
        """`sobol` or `morris`."""
        return "sobol" if isinstance(self.indices, SobolIndices) else "morris"

    @property
    def gaps(self) -> str:
        """What runs without a value took with them, in words; nothing where all have one."""
        lost = {"base point" if self.method == "sobol" else "trajectory": self.left_out}
        lost["replicate"] = self.replicates_left_out
        words = " and ".join(counted(count, kind) for kind, count in lost.items() if count)
        return words and f"{words} left out, for runs without a value: failed, not run yet, or a share of nothing"

    def frame(self) -> pd.DataFrame:
        """A row for each parameter, what matters most first."""
        import pandas as pd

        found = self.indices
        per_name = {name: values for name, values in vars(found).items() if isinstance(values, np.ndarray)}
        table = pd.DataFrame({"outcome": self.outcome, "plan": self.plan, "name": found.names, **per_name})
        table["noise_share"] = found.noise_share
        table["replicates"] = found.replicates
        return table.sort_values("total" if self.method == "sobol" else "mu_star", ascending=False, ignore_index=True)


def analyse(sweep: Sweep, outcome: str = AVERTED, plan: str | None = None) -> Sensitivity:
    """Indices of `outcome` (a column of the sweep, or `best`) of `plan` (the first after the reference).

    Raises InputError for a design without a fitting method, unknown names, an outcome that never varies, and with the
    number needed for a sweep that is too small (`cms_sim.evaluation.enough`).
    """
    needs("SALib")
    method, plans, where = sweep.design.method, sweep.plans, str(sweep.folder)
    if method not in ("saltelli", "morris"):
        raise InputError(f"method = '{method}' gives no sensitivity indices", where=where, remedy=REMEDY)
    if sweep.runs.empty:
        raise InputError("nothing is finished", where=where, remedy=UNFINISHED)
    if outcome not in (*sweep.outcomes, BEST):
        raise InputError(f"no outcome '{outcome}'", where=where, remedy=nearest(outcome, (*sweep.outcomes, BEST)))
    chosen = plan or (candidates(sweep, outcome)[0])
    if chosen not in plans:
        raise InputError(f"no plan '{chosen}'", where=where, remedy=nearest(chosen, plans))
    names = tuple(str(name) for name in sweep.points.columns)
    shape = (len(sweep.points), sweep.design.replicates)
    check_replicates(sweep.design.replicates, where)
    if outcome == BEST:
        table = best_table([outcome_table(sweep.runs, each, AVERTED, shape) for each in plans], plans.index(chosen))
    else:
        table = outcome_table(sweep.runs, chosen, outcome, shape)
    block = len(names) + (2 if method == "saltelli" else 1)
    kept, columns = without_gaps(table, block)
    if not len(kept):
        remedy = UNFINISHED if len(sweep.runs) < np.prod(shape) * len(plans) else FAILED
        raise InputError("no point has a value in any replicate that others have", where=where, remedy=remedy)
    whole = table[np.ix_(kept, columns)]
    place = f"{where}: {outcome} of '{chosen}'"
    if (whole == whole[0]).all():
        remedy = "Ask for another outcome, or vary what could move this one."
        raise InputError("is the same at every point", where=place, remedy=remedy)
    points = sweep.points.to_numpy(dtype=np.float64)[kept]
    found = sobol_indices(names, whole) if method == "saltelli" else morris_effects(names, points, whole, MORRIS_STEP)
    gaps = (len(table) - len(kept)) // block
    answer = Sensitivity(outcome, chosen, plans[0], found, gaps, shape[1] - len(columns))
    check_enough(found, place, answer.gaps)
    return answer


def plans_of(sweep: Sweep) -> list[str]:
    """Names of the plans, the reference first."""
    return list(sweep.plans)


def candidates(sweep: Sweep, outcome: str) -> tuple[str, ...]:
    """Plans of which `outcome` may be asked: of victims averted, all but the reference, of which it is 0."""
    return sweep.plans[1:] if outcome == AVERTED and len(sweep.plans) > 1 else sweep.plans


def outcome_table(runs: pd.DataFrame, plan: str, outcome: str, shape: tuple[int, int]) -> Floats:
    """[points, replicates] an outcome of a plan; NaN where a run failed or was not made."""
    own = runs[runs["plan"] == plan]
    table = np.full(shape, np.nan)
    table[own["point"].to_numpy(), own["replicate"].to_numpy()] = own[outcome].to_numpy(dtype=np.float64)
    return table


def best_table(averted: Sequence[Floats], plan: int) -> Floats:
    """[points, replicates] 1 where `plan` averts most of all plans, ties split, else 0; NaN where one is NaN."""
    together = np.stack(averted)
    first = together == together.max(axis=0)
    return np.where(np.isnan(together).any(axis=0), np.nan, first[plan] / np.maximum(1, first.sum(axis=0)))


def without_gaps(table: Floats, block: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows (in whole blocks of `block`) and columns of `table` [P, R] that together hold no NaN.

    Again and again, the block or the replicate with the greatest share of gaps is left out."""
    gaps: NDArray[np.bool_] = np.asarray(np.isnan(table).reshape(-1, block, table.shape[1]).any(axis=1))
    rows, columns = np.arange(len(gaps)), np.arange(table.shape[1])
    while (left := gaps[np.ix_(rows, columns)]).any():
        by_row, by_column = left.mean(axis=1), left.mean(axis=0)
        if by_row.max() >= by_column.max():
            rows = np.delete(rows, by_row.argmax())
        else:
            columns = np.delete(columns, by_column.argmax())
    return (rows[:, None] * block + np.arange(block)).ravel(), columns
