"""With feedbacks off, a mediated conflict removes its own subtree and nothing else."""

from __future__ import annotations

import pytest

from cms_sim.engine.arrays import N_CONFLICTS, OUTCOME_GOOD, OUTCOME_SHOOTING
from cms_sim.engine.simulate import simulate
from tests.engine.worlds import BEGINS, make_world, numbers_of, plans, scenario, site

NO_FEEDBACK = {
    "fatal_chance": 0.0,
    "norm_slope": 0.0,
    "trauma_slope": 0.0,
    "client_effect": 0.0,
    "employment_effect": 0.0,
    "mental_health_effect": 0.0,
    "counselling_effect": 0.0,
    "school_effect": 0.0,
    "legal_effect": 0.0,
    "hospital_response_effect": 0.0,
    "shooting_response_effect": 0.0,
    "backfire": 0.0,
    "settled_for_now": 0.0,
    "mediations_per_shift": 1000.0,
}
LIVELY = {"shooting_chance": 0.16, "branching_retaliation": 0.25, "branching_contagion": 0.35, "detection": 0.06}


@pytest.mark.parametrize("replicate", range(4))
def test_a_mediated_conflict_removes_its_own_subtree_and_nothing_else(replicate: int) -> None:
    values = NO_FEEDBACK | LIVELY | {"contagion_lag_mean_days": 40.0}
    world = make_world(2, 2000, connected=True, level=1.5, replicate=replicate, values=values)
    programme = scenario([site(11), site(22, share=1.0)], numbers=numbers_of(world))
    none, some = plans(world, scenario(numbers=numbers_of(world)), programme)
    logs = []
    for plan in (none, some):
        state = simulate(world, plan, BEGINS, BEGINS + 700)
        rows = state.conflict[: state.count[N_CONFLICTS]]
        logs.append({int(row["key"]): row for row in rows})
        parents = {int(row["key"]): int(rows["key"][row["parent"]]) for row in rows if row["parent"] >= 0}
        if plan is none:
            parent_of = parents
    without, with_sites = logs
    assert with_sites.keys() <= without.keys()  # nothing is added
    shot = {key for key, row in without.items() if row["outcome"] == OUTCOME_SHOOTING}
    still = {key for key, row in with_sites.items() if row["outcome"] == OUTCOME_SHOOTING}
    good = {key for key, row in with_sites.items() if row["outcome"] == OUTCOME_GOOD}
    assert still <= shot
    averted = shot - still
    own = averted & good
    for key in averted - own:
        above = key
        while above not in own:
            assert above in parent_of, "averted, but no ancestor was mediated"
            above = parent_of[above]
    for key in still:  # what is left happened to the same people at the same time
        for field in ("instigator", "opponent", "open_day", "head_day", "head_hour", "victims", "relation", "cause"):
            assert with_sites[key][field] == without[key][field]
    missing = without.keys() - with_sites.keys()
    assert all(parent_of[key] in averted for key in missing)
    assert len(own) > 20
    assert len(averted) > len(own)
