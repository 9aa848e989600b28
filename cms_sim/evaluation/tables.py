"""The tables of a comparison, as pandas frames: what the command line prints and the report shows and saves.

Suffixes of columns, for any quantity: `_mean_low`, `_mean_high` the 95% interval of the mean (how well these runs
know the average); `_low_90`, `_high_90` (and `_95`) the range of single runs, parameters and chance included. Counts
are of the precincts in play, per year of the frame, unless a name says otherwise; averted is against the reference.

| column of `summary` | meaning |
|---|---|
| plan, title, role | name; title; 'reference', 'no programme' or 'plan' |
| victims_per_year + `_low_90`, `_high_90` | people shot |
| averted_{victims, incidents, deaths}_per_year + all six suffixes | reference less plan, run by run |
| averted_percent + `_mean_low`, `_mean_high`, `_low_90`, `_high_90` | of the reference's victims |
| averted_against_none_per_year + `_low_90`, `_high_90` | victims, against no programme; NaN without that plan |
| probability_averts, probability_harm | share of runs with at least one victim averted; added |
| cost_usd, incremental_cost_usd | whole frame; beyond the reference |
| cost_usd_per_year, incremental_cost_usd_per_year | the same, a year |
| cost_per_{victim, death}_averted_usd | NaN unless the plan costs more and averts |
| .._low_usd, .._high_usd, .._set | Fieller's 95% set of the average: two ends, shape (`money.Shape`); as above |
| .._low_90_usd, .._high_90_usd | range of single runs, infinite where none is averted; as above |
| .._text, .._brief | in words, as a sentence's end and as a table's cell |
| probability_best + `_low`, `_high` | share of runs in which it averts most victims; Wilson 95% |
| probability_highest_mean, probability_lowest_cost | by bootstrap of means; by cost per victim averted |
| regret_victims_per_year, p_against_leader, told_apart | mean shortfall from each run's best; Holm p; p < 0.05 |
| mediations_per_month, mediations_per_site_month, settled_share | attempts; of them settled for good or for now |
| participants, posts_filled_share, enrolments_{service}_per_year | mean caseload; share of posts; by kind |
| {retaliation, contagion, descended}_share | of shootings in the frame; what grew from elsewhere is in none |
| matched_{averted, added, moved, changed}_per_year | shootings against the reference's, by lineage |
| {norm, trust}_change_percent | survey, first to last morning, all precincts in play |
| {norm, trust}_change_new_sites_percent, .._others_percent | the same by group; NaN without new sites |
| study_raw_percent, study_did_percent, study_true_percent, study_note | what a study would report; why none |
| variance_ratio + `_low`, `_high`, replicates_saved | what pairing bought |
| verdict | one or two sentences |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from cms_sim.data.city_tables import CityTables
from cms_sim.engine.arrays import SERVICE_NAMES
from cms_sim.evaluation.best import best
from cms_sim.evaluation.differences import OUTCOMES, Averted, averted, averted_by_precinct, labels
from cms_sim.evaluation.intervals import LEVEL, Spread, ratio, spread
from cms_sim.evaluation.long_tables import city_month, precinct_month_mean, runs
from cms_sim.evaluation.money import cost_per_averted, incremental_cost_usd
from cms_sim.evaluation.norms import ITEMS, survey_change
from cms_sim.evaluation.pairing import pairing
from cms_sim.evaluation.record import recent_victims_per_year
from cms_sim.evaluation.shares import (
    activity,
    contagion_share,
    descended_share,
    matched_per_year,
    retaliation_share,
)
from cms_sim.evaluation.side_tables import (
    Columns,
    acceptable,
    event_studies,
    pairs,
    spread_columns,
    studies,
)
from cms_sim.evaluation.studies import NoStudy, study
from cms_sim.evaluation.words import WITHOUT, cost_brief, cost_text, plan_verdict, verdict
from cms_sim.experiment.results import SURVEY, Results


@dataclass(frozen=True)
class Tables:
    """Every table of a comparison. One row of each: see the function of the same name."""

    summary: pd.DataFrame
    by_precinct: pd.DataFrame
    runs: pd.DataFrame
    city_month: pd.DataFrame
    precinct_month_mean: pd.DataFrame
    studies: pd.DataFrame
    event_study: pd.DataFrame
    pairs: pd.DataFrame
    acceptability: pd.DataFrame
    verdict: tuple[str, ...]
    """Sentences on the comparison as a whole."""


def build_tables(results: Results, candidates: Sequence[int] | None = None, city: CityTables | None = None) -> Tables:
    """All tables; `candidates` are the plans that compete for being best (indices; all unless told), `city` has the
    record that stands beside the precincts."""
    titles = [plan.title for plan in results.plans]
    return Tables(
        summary=summary(results, candidates),
        by_precinct=by_precinct(results, city),
        runs=runs(results),
        city_month=city_month(results),
        precinct_month_mean=precinct_month_mean(results),
        studies=studies(results),
        event_study=event_studies(results),
        pairs=pairs(results),
        acceptability=acceptable(results, candidates),
        verdict=tuple(verdict(best(results, candidates=candidates), averted(results), titles, results.no_programme)),
    )


def summary(results: Results, candidates: Sequence[int] | None = None) -> pd.DataFrame:
    """One row per plan, in the plans' order; columns as in the module's table."""
    main = averted(results)
    return pd.DataFrame(
        _names(results)
        | _outcomes(results, main)
        | _costs(results)
        | _ranking(results, candidates)
        | _programme(results)
        | _survey(results)
        | _study_columns(results)
        | _pairing(results)
        | {"verdict": [plan_verdict(main, plan, results.no_programme) for plan in range(len(results.plans))]}
    )


def _names(results: Results) -> Columns:
    roles = ["plan"] * len(results.plans)
    if results.no_programme is not None:
        roles[results.no_programme] = "no programme"
    roles[results.reference] = "reference"
    return {"plan": [p.name for p in results.plans], "title": [p.title for p in results.plans], "role": roles}


def _outcomes(results: Results, main: Averted) -> Columns:
    victims = spread(results.frame("victims").sum(axis=-1) / results.years, labels(results))
    columns = spread_columns("victims_per_year", victims, ("low_90", "high_90"))
    for outcome in OUTCOMES:
        columns |= spread_columns(f"averted_{outcome}_per_year", averted(results, outcome).per_year)
    for end in ("", "_mean_low", "_mean_high", "_low_90", "_high_90"):
        columns[f"averted_percent{end}"] = getattr(main, f"percent{end}")
    none = results.no_programme
    against = averted(results, reference=none).per_year if none is not None else _nothing(len(results.plans))
    columns |= spread_columns("averted_against_none_per_year", against, ("low_90", "high_90"))
    return columns | {"probability_averts": main.probability_averts, "probability_harm": main.probability_harm}


def _nothing(plans: int) -> Spread:
    return Spread(*(np.full(plans, np.nan) for _ in range(7)))


def _costs(results: Results) -> Columns:
    total, extra = np.array([plan.cost_usd for plan in results.plans]), incremental_cost_usd(results)
    none = results.no_programme
    columns: Columns = {
        "cost_usd": total,
        "incremental_cost_usd": extra,
        "cost_usd_per_year": total / results.years,
        "incremental_cost_usd_per_year": extra / results.years,
    }
    for outcome in ("victims", "deaths"):
        name, costs = f"cost_per_{outcome.removesuffix('s')}_averted", cost_per_averted(results, outcome)
        columns |= {
            f"{name}_usd": [cost.usd for cost in costs],
            f"{name}_low_usd": [cost.fieller.low for cost in costs],
            f"{name}_high_usd": [cost.fieller.high for cost in costs],
            f"{name}_set": ["" if math.isnan(cost.usd) else cost.fieller.shape.value for cost in costs],
            f"{name}_low_90_usd": [cost.low_90_usd for cost in costs],
            f"{name}_high_90_usd": [cost.high_90_usd for cost in costs],
            f"{name}_text": [WITHOUT if plan == none else cost_text(cost) for plan, cost in enumerate(costs)],
            f"{name}_brief": [WITHOUT if plan == none else cost_brief(cost) for plan, cost in enumerate(costs)],
        }
    return columns


def _ranking(results: Results, candidates: Sequence[int] | None) -> Columns:
    found = best(results, candidates=candidates)
    return {
        "probability_best": found.probability,
        "probability_best_low": found.probability_low,
        "probability_best_high": found.probability_high,
        "probability_highest_mean": found.probability_highest_mean,
        "probability_lowest_cost": found.probability_lowest_cost,
        "regret_victims_per_year": found.regret_per_year,
        "p_against_leader": found.p_value,
        "told_apart": found.p_value < 1.0 - LEVEL,
    }


def _programme(results: Results) -> Columns:
    done = asdict(activity(results))
    services = done.pop("enrolments_per_year")
    columns: Columns = done | {
        f"enrolments_{name}_per_year": services[:, kind] for kind, name in enumerate(SERVICE_NAMES)
    }
    for name, share in (
        ("retaliation", retaliation_share(results)),
        ("contagion", contagion_share(results)),
        ("descended", descended_share(results)),
    ):
        columns |= {f"{name}_share": share.share, f"{name}_share_low": share.low, f"{name}_share_high": share.high}
    return columns | {f"matched_{name}_per_year": values for name, values in matched_per_year(results).items()}


def _survey(results: Results) -> Columns:
    columns: Columns = {}
    for item in ITEMS:
        change = survey_change(results, item)
        columns |= spread_columns(f"{item}_change_percent", change.city, ("low_90", "high_90"))
        columns |= spread_columns(f"{item}_change_new_sites_percent", change.new_sites, ("low_90", "high_90"))
        columns |= spread_columns(f"{item}_change_others_percent", change.others, ("low_90", "high_90"))
        columns |= spread_columns(
            f"{item}_new_sites_against_reference_percent", change.against_reference, ("low_90", "high_90")
        )
    return columns


def _study_columns(results: Results) -> Columns:
    found = [study(results, plan) for plan in range(len(results.plans))]
    names = ("raw_percent", "did_percent", "true_percent")
    columns: Columns = {f"study_{name}": [getattr(one, name, np.nan) for one in found] for name in names}
    return columns | {"study_note": [one.reason if isinstance(one, NoStudy) else "" for one in found]}


def _pairing(results: Results) -> Columns:
    bought = pairing(results)
    return {
        "variance_ratio": bought.ratio,
        "variance_ratio_low": bought.ratio_low,
        "variance_ratio_high": bought.ratio_high,
        "replicates_saved": bought.replicates_saved,
    }


def by_precinct(results: Results, city: CityTables | None = None) -> pd.DataFrame:
    """One row per plan and precinct: plan, precinct, name, residents, new_site, victims_per_year,
    record_2017_2019_victims_per_year (mean of the record of `city`; NaN where that is not known),
    averted_{victims, incidents, deaths}_per_year with all suffixes, averted_percent, probability_averts,
    probability_harm, mediations_per_year, participants, posts_filled_share, norm_change_percent, trust_change_percent.
    The means of averted add up to the summary's."""
    plans, precincts = len(results.plans), len(results.precincts)
    new = [[precinct in plan.new_precincts for precinct in results.precincts] for plan in results.plans]
    columns: Columns = {
        "plan": np.repeat([plan.name for plan in results.plans], precincts),
        "precinct": np.tile(results.precincts, plans),
        "name": np.tile(results.precinct_names, plans),
        "residents": np.tile(results.residents, plans),
        "new_site": np.ravel(new),
        "victims_per_year": results.frame("victims").mean(axis=0).ravel() / results.years,
        "record_2017_2019_victims_per_year": np.tile(recent_victims_per_year(results.precincts, city), plans),
    }
    for outcome in OUTCOMES:
        parts = spread_columns(f"averted_{outcome}_per_year", averted_by_precinct(results, outcome).per_year)
        columns |= {name: np.ravel(np.asarray(values)) for name, values in parts.items()}
    main = averted_by_precinct(results)
    staffed = (~np.isnan(results.posts_filled)).any(axis=0)
    filled = np.nanmean(np.where(staffed, results.posts_filled, 0.0), axis=0)
    survey = dict(zip(SURVEY, np.moveaxis(results.survey.mean(axis=0), -1, 0), strict=True))
    columns |= {
        "averted_percent": main.percent.ravel(),
        "probability_averts": main.probability_averts.ravel(),
        "probability_harm": main.probability_harm.ravel(),
        "mediations_per_year": results.frame("mediations").mean(axis=0).ravel() / results.years,
        "participants": results.participants.mean(axis=0).ravel(),
        "posts_filled_share": np.where(staffed, filled, np.nan).ravel(),
        "norm_change_percent": (100.0 * ratio(survey["norm_after"], survey["norm_before"]) - 100.0).ravel(),
        "trust_change_percent": (100.0 * ratio(survey["trust_after"], survey["trust_before"]) - 100.0).ravel(),
    }
    return pd.DataFrame(columns)
