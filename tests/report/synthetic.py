"""Made-up results with known effects, drawn by a fixed seed: what the report is tried on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cms_sim.data.city_tables import load_city_tables
from cms_sim.experiment.results import FIELDS, PlanInfo, Results

NEW = (43, 69, 70, 71, 103)
EFFECTS: Mapping[str, float] = {
    "no_programme": -0.14,
    "sites_june_2020": 0.0,
    "expansion_2020": 0.04,
    "by_need": 0.045,
    "existing_staff": 0.03,
    "services": 0.01,
    "nights_weekends": 0.035,
    "opening_late": 0.033,
    "late_payment": 0.012,
    "hot_spot_patrol": -0.004,
}
"""Share of victims that a plan of this name averts where it works, against the sites of June 2020."""

TITLES = {
    "no_programme": "No programme",
    "sites_june_2020": "Sites of June 2020",
    "expansion_2020": "Expansion of 2020",
    "by_need": "Same money by need",
    "existing_staff": "Same money into staff",
    "services": "Same money into services",
    "nights_weekends": "Expansion, nights and weekends",
    "opening_late": "Expansion, a year late",
    "late_payment": "Expansion, paid 255 days late",
    "hot_spot_patrol": "Same money into hot-spot patrol",
}


def synthetic(
    names: tuple[str, ...] = tuple(EFFECTS),
    replicates: int = 40,
    scale: float = 1.0,
    seed: int = 7,
    past_months: int = 36,
) -> Results:
    """Results of 26 precincts over four years; `scale` multiplies every effect (0 for none, negative for harm)."""
    generator = np.random.default_rng(seed)
    city = load_city_tables()
    numbers = city.sets["covered_2020"]
    rows = [city.row(number) for number in numbers]
    months = np.arange(np.datetime64("2020-07", "M") - past_months, np.datetime64("2024-07", "M"))
    monthly = city.victims[rows, -36:].mean(axis=1)
    shape = (replicates, len(names), len(numbers), len(months))
    draw = generator.normal(1.0, 0.5, replicates)
    season = 1.0 + 0.3 * np.cos((np.arange(len(months)) + months[0].astype(int) % 12 - 7) * np.pi / 6)
    level = monthly[:, None] * season * generator.lognormal(0.0, 0.15, replicates)[:, None, None]
    base = generator.poisson(level)
    victims = np.repeat(base[:, None], len(names), axis=1)
    for p, name in enumerate(names):
        share = scale * EFFECTS[name] * draw * (1.4 if "existing" in name else 1.0)
        chance = np.broadcast_to(np.clip(np.abs(share), 0, 0.9)[:, None, None], base.shape)[..., past_months:]
        change = generator.binomial(base[..., past_months:], chance)
        swap = generator.poisson(0.004, change.shape) if name != "sites_june_2020" else 0
        victims[:, p, :, past_months:] -= (np.sign(share)[:, None, None] * change).astype(int)
        victims[:, p, :, past_months:] += swap
    counts = np.zeros((*shape, len(FIELDS)), dtype=np.int32)
    victims = np.maximum(victims, 0)
    counts[..., 1] = victims
    counts[..., 0] = victims - victims // 6
    counts[..., 2] = generator.binomial(victims, 0.16)
    counts[..., 3] = generator.poisson(np.where(np.array(names) == "no_programme", 0.0, 3.0)[None, :, None, None], shape)
    counts[..., 4] = generator.binomial(counts[..., 3], 0.9)
    frame = counts[..., past_months:, 0].sum(axis=-1)
    plans = tuple(_plan(name) for name in names)
    return Results(
        name="synthetic",
        plans=plans,
        reference=names.index("sites_june_2020") if "sites_june_2020" in names else 0,
        no_programme=names.index("no_programme") if "no_programme" in names else None,
        precincts=numbers,
        precinct_names=tuple(city.precincts[row].short_name for row in rows),
        months=months,
        first_month=past_months,
        opening_month=past_months,
        counts=counts,
        causes=np.stack([frame - frame // 5, frame // 20, frame // 10, frame // 20], axis=-1).astype(np.int32),
        matched=np.stack([frame // 12, frame // 16, frame // 10, frame // 20], axis=-1).astype(np.int32),
        survey=np.broadcast_to(np.array([2.3, 2.1, 0.4, 0.42]), (*shape[:3], 4)) + generator.normal(0, 0.02, (*shape[:3], 4)),
        participants=generator.uniform(30, 60, shape[:3]),
        posts_filled=generator.uniform(0.8, 1.0, shape[:3]),
        enrolled=generator.poisson(12.0, (*shape[:3], 5)).astype(np.int32),
        residents=np.array([city.precincts[row].population for row in rows], dtype=np.int64),
        parameters={
            "shooting_chance": generator.uniform(0.08, 0.16, replicates),
            "client_effect": generator.beta(2.0, 4.0, replicates),
            "catchment_share": generator.beta(8.0, 6.5, replicates),
            "planning_level": generator.lognormal(0.0, 0.15, replicates),
        },
        hypothesis="city",
        record_victims_per_year=float(monthly.sum() * 12),
        provenance={"seed": seed, "command": "synthetic"},
    )


def _plan(name: str) -> PlanInfo:
    reference = 30.0e6
    yearly = {"no_programme": 0.0, "sites_june_2020": reference, "opening_late": reference + 9.6e6}.get(
        name, reference + 11.2e6
    )
    return PlanInfo(
        name=name,
        title=TITLES[name],
        summary=f"What '{TITLES[name]}' pays for, in one sentence.",
        cost_usd=4 * yearly,
        cost_by_fiscal_year_usd={year: yearly for year in (2021, 2022, 2023, 2024)},
        budget_usd_per_year=yearly if yearly > reference else None,
        new_precincts=NEW if "Expansion" in TITLES[name] else (),
    )
