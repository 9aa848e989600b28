"""The smaller tables: studies, event studies, plans in pairs, and what averting a victim must be worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from cms_sim.evaluation.best import acceptability
from cms_sim.evaluation.differences import labels
from cms_sim.evaluation.intervals import Spread, spread
from cms_sim.evaluation.pairing import pair_variances
from cms_sim.evaluation.studies import NoStudy, Study, event_study, study, study_setting
from cms_sim.experiment.results import FIELDS, Results

Columns = dict[str, object]
VALUES_USD = np.geomspace(5e4, 5e6, 41)
"""What averting one victim may be worth, for `acceptability` (published: $52,585, T7-007, to $2.24 million, T7-003)."""


def spread_columns(name: str, values: Spread, ends: Sequence[str] | None = None) -> Columns:
    """A `Spread`'s arrays as columns `name`, `name_mean_low` and so on; only the `ends` named, if any are."""
    parts = asdict(values)
    return {name: parts["mean"]} | {
        f"{name}_{end}": values for end, values in parts.items() if end != "mean" and (ends is None or end in ends)
    }


def studies(results: Results) -> pd.DataFrame:
    """One row per plan that a study can be made of: `plan` and the fields of `studies.Study`."""
    found = [study(results, plan) for plan in range(len(results.plans))]
    rows = [asdict(one) | {"plan": results.plans[one.plan].name} for one in found if isinstance(one, Study)]
    return pd.DataFrame(rows, columns=list(Study.__dataclass_fields__))


def event_studies(results: Results) -> pd.DataFrame:
    """One row per plan with new sites and year around the opening: plan, year, ratio (victims over expected, the years
    lived through before the opening = 1), ratio_low_90, ratio_high_90. Needs a year on each side of the opening."""
    rows = []
    victims = results.counts[..., FIELDS.index("victims")]
    for plan, info in enumerate(results.plans):
        setting = study_setting(results, plan, window=12)
        if isinstance(setting, NoStudy):
            continue
        starts, controls = setting
        past, future = (results.opening_month or 0) // 12, (len(results.months) - (results.opening_month or 0)) // 12
        years = (*range(-past, 0), *range(1, future + 1))
        for year, values in event_study(victims[:, plan], starts, controls, years).items():
            over = spread(values, labels(results))
            rows.append((info.name, year, float(over.mean), float(over.low_90), float(over.high_90)))
    return pd.DataFrame(rows, columns=["plan", "year", "ratio", "ratio_low_90", "ratio_high_90"])


def pairs(results: Results) -> pd.DataFrame:
    """One row per ordered pair of plans: plan, other, victims_fewer_per_year (other less plan) with all suffixes,
    variance_ratio, variance_ratio_low, variance_ratio_high, replicates_saved."""
    frames, label = [], labels(results)
    counts = results.frame("victims").sum(axis=-1).astype(np.float64)
    for other, info in enumerate(results.plans):
        against = counts[:, [other]]
        columns: Columns = {"plan": [plan.name for plan in results.plans], "other": info.name}
        columns |= spread_columns("victims_fewer_per_year", spread((against - counts) / results.years, label))
        bought = pair_variances(counts, against, label)
        columns |= {
            "variance_ratio": bought.ratio,
            "variance_ratio_low": bought.ratio_low,
            "variance_ratio_high": bought.ratio_high,
            "replicates_saved": bought.replicates_saved,
        }
        frames.append(pd.DataFrame(columns).drop(index=other))
    return pd.concat(frames, ignore_index=True)


def acceptable(results: Results, candidates: Sequence[int] | None = None) -> pd.DataFrame:
    """One row per worth of a victim averted and plan: value_usd, plan, probability (of the highest net benefit)."""
    shares = acceptability(results, VALUES_USD, candidates)
    names = [plan.name for plan in results.plans]
    return pd.DataFrame(
        {
            "value_usd": np.repeat(VALUES_USD, len(names)),
            "plan": np.tile(names, len(VALUES_USD)),
            "probability": shares.ravel(),
        }
    )
