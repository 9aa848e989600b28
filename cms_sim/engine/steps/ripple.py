"""Step 7, Ripple: norms and trust move in those touched and, one step weaker, in their ties.

A shooting hardens norms and lowers trust around its victims; a mediation softens norms and raises trust in both
parties (T2-001, T2-006; peers about half as much: T3-012, T3-013). Public education by open sites softens a
precinct's norm and fades when it stops; patrol lowers trust. All are sums of whole millionths. Reads shooting,
resolved, site. Writes person (norm, trust), local.
"""

from __future__ import annotations

import numpy as np

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import N_HARMED, N_RESOLVED, N_SHOOTINGS
from cms_sim.engine.people import move, street_row
from cms_sim.engine.steps.exposure import first_harmed_today
from cms_sim.engine.steps.harm import SHOOTING_RESPONSE


@bare_kernel
def ripple(city, plan, rules, state, day):  # type: ignore[no-untyped-def]
    """Move norms and trust by what happened today."""
    if state.count[N_SHOOTINGS] > 0:
        for h in range(first_harmed_today(state), state.count[N_HARMED]):
            _move(
                city,
                rules,
                state,
                np.int64(state.harmed[h].resident),
                day,
                rules.norm_after_shooting,
                -rules.trust_after_shooting,
            )
    for r in range(state.count[N_RESOLVED]):
        conflict = state.conflict[state.resolved[r]]
        _move(
            city,
            rules,
            state,
            np.int64(conflict.instigator),
            day,
            -rules.norm_after_mediation,
            rules.trust_after_mediation,
        )
        _move(
            city,
            rules,
            state,
            np.int64(conflict.opponent),
            day,
            -rules.norm_after_mediation,
            rules.trust_after_mediation,
        )
    if plan.site.shape[0] + plan.patrol.shape[0] > 0:
        _local(plan, rules, state, day)


@bare_kernel
def _move(city, rules, state, who, day, norm, trust):  # type: ignore[no-untyped-def]
    """The person by the whole step, street ties by the peers' share of it."""
    peer = rules.peer_share
    move(state, rules, who, day, np.int64(norm), np.int64(trust))
    row = street_row(city, who)
    if row >= 0:
        peer_norm, peer_trust = np.int64(norm * peer), np.int64(trust * peer)
        for t in range(city.street_start[row], city.street_start[row + 1]):
            if city.street_tie[t] >= 0:
                move(state, rules, np.int64(city.street_tie[t]), day, peer_norm, peer_trust)


@bare_kernel
def _local(plan, rules, state, day):  # type: ignore[no-untyped-def]
    """Each precinct's own shift fades a little and moves by education, responses to shootings and patrol."""
    for slot in range(state.local.shape[0]):
        here = state.local[slot]
        norm = here.norm * rules.fade_norm[1]
        trust = here.trust * rules.fade_trust[1]
        for s in range(plan.precinct[slot].first_site, plan.precinct[slot].sites_end):
            if state.site[s].open:
                share = (plan.site[s].place_to - plan.site[s].place_from) / 65536.0 * state.site[s].fidelity
                norm -= rules.education_norm_per_day * share
                trust += rules.education_trust_per_day * share
        for t in range(plan.precinct[slot].first_patrol, plan.precinct[slot].patrols_end):
            patrol = plan.patrol[t]
            if patrol.from_day <= day < patrol.until_day:
                trust -= rules.patrol_trust_per_day * min(1.0, patrol.officers / rules.patrol_officers)
        here.norm = np.int64(norm)
        here.trust = np.int64(trust)
    for s in range(state.count[N_SHOOTINGS]):
        conflict = state.conflict[state.shooting[s]]
        if conflict.responded & SHOOTING_RESPONSE:
            state.local[conflict.slot].norm -= np.int64(rules.response_norm)
