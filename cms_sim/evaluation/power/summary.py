"""From what studies reported to what they are worth: bias, coverage, false alarms, power, the smallest effect found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.evaluation.intervals import Floats
from cms_sim.evaluation.power.detectable import FEWEST, NAN, ONE_SIDE, UNKNOWN, Smallest, critical, crossing, detectable
from cms_sim.evaluation.power.tasks import PLANTED
from cms_sim.evaluation.studies import SIGNIFICANT_P, SIGNIFICANT_Z

if TYPE_CHECKING:
    import pandas as pd

KEYS: Final = ["study", "estimator"]


@dataclass(frozen=True)
class Found:
    """The two tables of a run."""

    power: pd.DataFrame
    """A row for each study, estimator, kind and size of effect (`_summary` says what of)."""
    smallest: pd.DataFrame
    """A row for each study and estimator: what it does without an effect, and the smallest falls that it shows and
    detects (`_smallest`)."""


def summarised(reports: pd.DataFrame) -> Found:
    """Both tables, in the order of the reports."""
    import pandas as pd

    power, smallest = [], []
    for (study, estimator), group in reports.groupby(KEYS, sort=False):
        names = {"study": study, "estimator": estimator}
        planted = group[group["kind"] == PLANTED]
        null = planted[planted["effect_percent"] == 0.0]
        critical = _critical(null)
        rows = [
            {**names, "kind": kind, "effect_percent": effect, **_summary(each, critical)}
            for (kind, effect), each in group.groupby(["kind", "effect_percent"], sort=False, dropna=False)
        ]
        power += rows
        smallest.append({**names, **_without(null, critical), **_smallest(rows, planted)})
    return Found(pd.DataFrame(power), pd.DataFrame(smallest))


@dataclass(frozen=True)
class Critical:
    """What studies without an effect report in all but 5 of 100 cases."""

    low: float
    """Percent: 2.5% report less."""
    high: float
    z: float
    """Log ratio less its mean, over its standard error: 5% report more on either side together. With an error that is
    right, 1.96."""


def _critical(null: pd.DataFrame) -> Critical:
    values, z = null["value"].dropna().to_numpy(), _z(null)
    low, high = (critical(values, each) if len(values) >= FEWEST else NAN for each in (ONE_SIDE, 1 - ONE_SIDE))
    z = z[np.isfinite(z)]
    apart = np.quantile(np.abs(z - z.mean()), 1 - SIGNIFICANT_P) if len(z) >= FEWEST else NAN
    return Critical(low, high, float(apart))


def _z(reports: pd.DataFrame) -> Floats:
    """Log ratio over its standard error, as the interval has it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value, low, high = (np.log1p(reports[name].to_numpy() / 100.0) for name in ("value", "low", "high"))
        return np.asarray(value / ((high - low) / (2.0 * SIGNIFICANT_Z)))


def _summary(reports: pd.DataFrame, critical: Critical) -> dict[str, Any]:
    """Of one estimator under one effect. Shares are of the histories in which it could say something, each with its
    Wilson interval; `fall` is an interval wholly below no change, `calibrated_fall` a value below what all but 2.5% of
    studies report without an effect."""
    known = reports[reports["value"].notna()]
    value, truth, low, high = (known[name].to_numpy() for name in ("value", "true_percent", "low", "high"))
    tested = np.isfinite(low) & np.isfinite(high)
    can_test = bool(tested.any())
    holds = (low <= truth) & (truth <= high)
    calibrated = value < critical.low if np.isfinite(critical.low) else None
    return {
        "histories": len(reports),
        "unknown": len(reports) - len(known),
        "true_percent": _mean(truth),
        "estimate_percent": _mean(value),
        "bias_points": _mean(value - truth),
        "bias_error_points": float(np.std(value - truth, ddof=1) / np.sqrt(len(value))) if len(value) > 1 else NAN,
        "rmse_points": float(np.sqrt(np.mean(np.square(value - truth)))) if len(value) else NAN,
        **_share("coverage", holds[tested] if can_test else None),
        **_share("fall", high < 0.0 if can_test else None),
        **_share("rise", low > 0.0 if can_test else None),
        **_share("calibrated_fall", calibrated),
    }


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else NAN


def _share(name: str, shown: NDArray[np.bool_] | None) -> dict[str, float]:
    """A share with its 95% interval (Wilson)."""
    from scipy.stats import binomtest

    if shown is None or not len(shown):
        return {name: NAN, f"{name}_low": NAN, f"{name}_high": NAN}
    found = binomtest(int(shown.sum()), len(shown))
    low, high = found.proportion_ci(method="wilson")
    return {name: float(shown.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}


def _without(null: pd.DataFrame, critical: Critical) -> dict[str, Any]:
    """What the study does where nothing happened. `error_times`: how many times as large its standard error would have
    to be for 5 of 100 to cry wolf, were its bias taken off: an error cannot mend a bias."""
    known = null[null["value"].notna()]
    value, low, high = (known[name].to_numpy() for name in ("value", "low", "high"))
    can_test = bool(np.isfinite(low).any())
    return {
        "histories": len(null),
        "unknown": len(null) - len(known),
        "bias_points": _mean(value),
        "spread_points": float(np.std(value, ddof=1)) if len(value) > 1 else NAN,
        **_share("false_alarm", (high < 0.0) | (low > 0.0) if can_test else None),
        "false_fall": float((high < 0.0).mean()) if can_test else NAN,
        "critical_low_percent": critical.low,
        "critical_high_percent": critical.high,
        "error_times": critical.z / SIGNIFICANT_Z,
    }


def _smallest(rows: list[dict[str, Any]], planted: pd.DataFrame) -> dict[str, float]:
    """The smallest fall of which 8 of 10 studies show a fall by their own interval, cry of wolf or not, and the
    smallest that they detect (`detectable`), percent below 0.

    Of each also the planted falls on either side: `missed` (0: none that was planted) and `found` (NaN: none that was
    planted; 0: also where nothing happened). Ends of the range are 0 for less than any fall planted, and infinite for
    more."""
    falls = sorted((-row["true_percent"], row["fall"]) for row in rows if row["kind"] == PLANTED)
    sizes, power = np.array([each for each in falls if each[0] >= 0.0]).T
    felt = len(set(sizes.tolist())) == len(sizes)
    own = crossing(sizes, power) if felt else UNKNOWN
    found, low, high = detectable(planted)
    return {
        **_sides("shown", own),
        **_sides("detectable", found),
        "detectable_low_percent": _fall(low),
        "detectable_high_percent": _fall(high),
        "least_planted_percent": _fall(min(sizes[sizes > 0.0], default=NAN)),
        "most_planted_percent": _fall(max(sizes[sizes > 0.0], default=NAN)),
    }


def _sides(name: str, found: Smallest) -> dict[str, float]:
    sides = {"": found.value, "_missed": found.missed, "_found": found.found}
    return {f"{name}{side}_percent": _fall(value) for side, value in sides.items()}


def _fall(size: float) -> float:
    """A size as a change in percent."""
    return -float(size) if size else 0.0
