"""Synthetic `Results` of any shape, for tests of evaluation, report and command line: plausible, repeatable, no engine.

Plans share each replicate's shootings; a plan keeps each with chance 1 - effect in the precincts it serves, so a plan
with effect 0 is its reference to the last count and a negative effect adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cms_sim.experiment.results import CAUSES, FIELDS, MATCHED, SURVEY, PlanInfo, Results


@dataclass(frozen=True)
class MadePlan:
    """A synthetic plan: `effect` is the share of shootings averted in its new precincts (all, if it has none)."""

    name: str
    effect: float = 0.0
    cost_usd: float = 30e6
    new_precincts: tuple[int, ...] = ()


REFERENCE = MadePlan("kept", 0.0, 30e6)
NO_PROGRAMME = MadePlan("none", -0.15, 0.0)
EXPANSION = MadePlan("expansion", 0.15, 70e6, (43, 69))
BY_NEED = MadePlan("by_need", 0.20, 70e6, (43,))
HARMFUL = MadePlan("harmful", -0.25, 50e6, (69,))
SAME = MadePlan("same", 0.0, 30e6)
PLANS = (REFERENCE, NO_PROGRAMME, EXPANSION, BY_NEED, HARMFUL, SAME)


def make_results(
    replicates: int = 60,
    plans: Sequence[MadePlan] = PLANS,
    precincts: Sequence[int] = (40, 43, 69, 73, 75),
    past_months: int = 24,
    frame_months: int = 48,
    *,
    victims_per_month: float = 4.0,
    opening_month: int | None = 24,
    draws: int | None = None,
    seed: int = 1,
) -> Results:
    """`Results` with the first plan as reference. `draws` parameter draws are used in turn (one a replicate unless
    told); the drawn level is the parameter `level`."""
    generator = np.random.Generator(np.random.PCG64(seed))
    months, slots = past_months + frame_months, len(precincts)
    level = generator.lognormal(0.0, 0.2, draws or replicates)[np.arange(replicates) % (draws or replicates)]
    weight = np.linspace(0.5, 1.5, slots)[None, :, None] * victims_per_month * level[:, None, None]
    base = generator.poisson(np.broadcast_to(weight, (replicates, slots, months)))
    lived = np.stack(
        [_under(plan, base, precincts, past_months, seed + index) for index, plan in enumerate(plans)], axis=1
    )
    counts = _fields(lived, past_months)
    frame = lived[..., past_months:].sum(axis=-1)
    opened = np.array([[p in plan.new_precincts for p in precincts] for plan in plans])
    sites = opened | np.array([[plan.cost_usd > 0.0 and p in (40, 73) for p in precincts] for plan in plans])
    staffed = np.broadcast_to(sites, frame.shape)
    return Results(
        name="made",
        plans=tuple(_info(plan, frame_months, precincts) for plan in plans),
        reference=0,
        no_programme=next((i for i, plan in enumerate(plans) if plan.cost_usd == 0.0), None),
        precincts=tuple(precincts),
        precinct_names=tuple(f"Precinct {number}" for number in precincts),
        months=np.datetime64("2018-07", "M") + np.arange(months),
        first_month=past_months,
        opening_month=opening_month,
        counts=counts,
        causes=_causes(frame),
        matched=_matched(frame),
        survey=_survey(staffed, generator),
        participants=np.where(staffed, 50.0, 0.0),
        posts_filled=np.where(staffed, 0.8, np.nan),
        enrolled=np.where(staffed[..., None], np.array([20, 5, 6, 8, 2]), 0).astype(np.int32),
        residents=np.linspace(80_000, 160_000, slots).astype(np.int64),
        parameters={"level": level},
        hypothesis="city",
        record_victims_per_year=200.0,
    )


def _under(plan: MadePlan, base: np.ndarray, precincts: Sequence[int], past_months: int, seed: int) -> np.ndarray:
    """[R, S, M] victims under a plan: its own thinning (or adding) of the shared victims, from the frame on."""
    generator = np.random.Generator(np.random.PCG64(seed))
    served = np.isin(precincts, plan.new_precincts or precincts)[None, :, None]
    changed = generator.binomial(base, abs(plan.effect)) * np.where(plan.effect >= 0.0, -1, 1)
    return base + np.where(served & (np.arange(base.shape[-1]) >= past_months), changed, 0)


def _fields(victims: np.ndarray, past_months: int) -> np.ndarray:
    made = {
        "incidents": victims - victims // 6,
        "victims": victims,
        "deaths": victims // 5,
        "mediations": np.full_like(victims, 3),
        "settled": np.full_like(victims, 2),
    }
    return np.stack([made[name] for name in FIELDS], axis=-1).astype(np.int32)


def _causes(frame: np.ndarray) -> np.ndarray:
    parts = {"retaliation": frame // 10, "contagion": frame // 5, "imported": frame // 20}
    parts["background"] = frame - sum(parts.values())
    return np.stack([parts[name] for name in CAUSES], axis=-1).astype(np.int32)


def _matched(frame: np.ndarray) -> np.ndarray:
    fewer = frame[:, :1] - frame
    made = {"averted": np.maximum(fewer, 0), "added": np.maximum(-fewer, 0), "moved": np.abs(fewer) // 3}
    made["changed"] = np.abs(fewer) // 4
    return np.stack([made[name] for name in MATCHED], axis=-1).astype(np.int32)


def _survey(staffed: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    noise = generator.normal(0.0, 0.01, (*staffed.shape[:1], 1, *staffed.shape[2:]))
    made = {
        "norm_before": np.full(staffed.shape, 2.5),
        "norm_after": np.where(staffed, 2.2, 2.5) + noise,
        "trust_before": np.full(staffed.shape, 0.4),
        "trust_after": np.where(staffed, 0.44, 0.4) + noise,
    }
    return np.stack([made[name] for name in SURVEY], axis=-1)


def _info(plan: MadePlan, frame_months: int, precincts: Sequence[int]) -> PlanInfo:
    years = max(1, frame_months // 12)
    return PlanInfo(
        name=plan.name,
        title=plan.name.replace("_", " ").capitalize(),
        summary=f"A synthetic plan with effect {plan.effect:g}.",
        cost_usd=plan.cost_usd,
        cost_by_fiscal_year_usd={2021 + year: plan.cost_usd / years for year in range(years)},
        budget_usd_per_year=None,
        new_precincts=tuple(number for number in plan.new_precincts if number in precincts),
    )
