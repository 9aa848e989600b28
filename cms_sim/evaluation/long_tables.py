"""The long tables: every run, and every month, as pandas frames for Parquet and figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cms_sim.evaluation.differences import OUTCOMES, averted_counts, labels
from cms_sim.evaluation.intervals import spread
from cms_sim.evaluation.money import incremental_cost_usd
from cms_sim.evaluation.norms import ITEMS
from cms_sim.evaluation.shares import monthly
from cms_sim.evaluation.studies import NoStudy, before_after, study_setting
from cms_sim.experiment.results import CAUSES, FIELDS, MATCHED, SURVEY, Results


def runs(results: Results) -> pd.DataFrame:
    """One row per plan and replicate, counts over the frame in the precincts in play.

    plan, replicate; incidents, victims, deaths, mediations, settled; averted_{victims, incidents, deaths};
    incremental_cost_usd (with averted_victims a point of the cost-effectiveness plane); shootings_{cause};
    matched_{class}; participants; enrolments; {norm, trust}_{before, after} (weighted by residents);
    study_raw_percent, study_did_percent (NaN without a study); parameter.{name} for every value drawn."""
    replicates, plans = results.counts.shape[:2]
    weight = results.residents / results.residents.sum()
    columns: dict[str, object] = {
        "plan": _categories(results, np.tile(np.arange(plans), replicates)),
        "replicate": np.repeat(np.arange(replicates, dtype=np.int32), plans),
    }
    columns |= {name: results.frame(name).sum(axis=-1).ravel() for name in FIELDS}
    columns |= {f"averted_{name}": averted_counts(results, name).sum(axis=-1).astype(int).ravel() for name in OUTCOMES}
    columns["incremental_cost_usd"] = np.tile(incremental_cost_usd(results), replicates)
    columns |= {f"shootings_{n}": results.causes[..., i].sum(axis=-1).ravel() for i, n in enumerate(CAUSES)}
    columns |= {f"matched_{n}": results.matched[..., i].sum(axis=-1).ravel() for i, n in enumerate(MATCHED)}
    columns["participants"] = results.participants.sum(axis=-1).ravel()
    columns["enrolments"] = results.enrolled.sum(axis=(-2, -1)).ravel()
    columns |= {
        f"{item}_{when}": (results.survey[..., SURVEY.index(f"{item}_{when}")] @ weight).ravel()
        for item in ITEMS
        for when in ("before", "after")
    }
    raw, did = np.full((replicates, plans), np.nan), np.full((replicates, plans), np.nan)
    for plan in range(plans):
        setting = study_setting(results, plan)
        if not isinstance(setting, NoStudy):
            found = before_after(results.counts[:, plan, ..., FIELDS.index("victims")], *setting)
            raw[:, plan], did[:, plan] = 100.0 * found.raw_change, 100.0 * found.relative_change
    columns |= {"study_raw_percent": raw.ravel(), "study_did_percent": did.ravel()}
    columns |= {f"parameter.{name}": np.repeat(values, plans) for name, values in results.parameters.items()}
    return pd.DataFrame(columns)


def precinct_month(results: Results, replicates: range | None = None) -> pd.DataFrame:
    """One row per replicate, plan, precinct and month lived through (the past too): replicate, plan, precinct, month
    and the fields of `results.FIELDS`. `replicates` takes a part, so that a large table can be written in pieces."""
    chosen = range(results.counts.shape[0]) if replicates is None else replicates
    counts = results.counts[list(chosen)]
    index = np.indices(counts.shape[:-1], dtype=np.int32).reshape(4, -1)
    columns: dict[str, object] = {
        "replicate": np.asarray(list(chosen), dtype=np.int32)[index[0]],
        "plan": _categories(results, index[1]),
        "precinct": np.asarray(results.precincts, dtype=np.int16)[index[2]],
        "month": results.months.astype("datetime64[s]")[index[3]],
    }
    return pd.DataFrame(columns | {name: counts[..., i].ravel() for i, name in enumerate(FIELDS)})


def precinct_month_mean(results: Results) -> pd.DataFrame:
    """One row per plan, precinct and month: plan, precinct, month, and the mean over replicates of each of `FIELDS`."""
    mean = results.counts.mean(axis=0)
    plan, precinct, month = np.indices(mean.shape[:-1]).reshape(3, -1)
    columns: dict[str, object] = {
        "plan": _categories(results, plan),
        "precinct": np.asarray(results.precincts)[precinct],
        "month": results.months.astype("datetime64[s]")[month],
    }
    return pd.DataFrame(columns | {name: mean[..., i].ravel() for i, name in enumerate(FIELDS)})


def city_month(results: Results) -> pd.DataFrame:
    """One row per plan and month, for trajectories with bands, in the precincts in play.

    plan, month, in_frame; victims, its _low_90 and _high_90; averted (victims, against the reference, that month);
    averted_so_far (since the frame began), with the interval of its mean (_mean_low, _mean_high) and _low_90, _high_90;
    mediations."""
    victims, mediations = monthly(results, "victims"), monthly(results, "mediations")
    averted = victims[:, [results.reference]] - victims
    in_frame = np.arange(len(results.months)) >= results.first_month
    so_far = np.cumsum(np.where(in_frame, averted, 0.0), axis=-1)
    label = labels(results)
    plans, months = victims.shape[1:]
    level, total = spread(victims, label), spread(so_far, label)
    columns = {
        "victims": level.mean,
        "victims_low_90": level.low_90,
        "victims_high_90": level.high_90,
        "averted": averted.mean(axis=0),
        "averted_so_far": total.mean,
        "averted_so_far_mean_low": total.mean_low,
        "averted_so_far_mean_high": total.mean_high,
        "averted_so_far_low_90": total.low_90,
        "averted_so_far_high_90": total.high_90,
        "mediations": mediations.mean(axis=0),
    }
    keys: dict[str, object] = {
        "plan": _categories(results, np.repeat(np.arange(plans), months)),
        "month": np.tile(results.months.astype("datetime64[s]"), plans),
        "in_frame": np.tile(in_frame, plans),
    }
    return pd.DataFrame(keys | {name: values.ravel() for name, values in columns.items()})


def _categories(results: Results, plan: NDArray[np.integer]) -> pd.Categorical[str]:
    """Plan names by index, kept as categories in the plans' order."""
    names: pd.Index[str] = pd.Index([info.name for info in results.plans])
    return pd.Categorical.from_codes(np.asarray(plan, dtype=np.int64), categories=names, ordered=True)
