"""Random plans and parameters of two small neighbouring precincts, for Hypothesis."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from cms_sim.scenario.resolved import Patrol, Site
from cms_sim.scenario.schema import Services, Staff
from tests.engine.worlds import patrol, site, term

NUMBERS = (11, 22)
DAYS = 300
SHIFT_NAMES = ("always", "evenings", "nights_weekends", "every_night", "office_hours")

staffs = st.builds(
    Staff,
    violence_interrupters=st.integers(0, 4),
    outreach_workers=st.integers(0, 3),
    hospital_responders=st.integers(0, 1),
    supervisors=st.integers(0, 1),
)
slots = st.integers(0, 3)
services = st.builds(
    Services,
    employment_slots=slots,
    mental_health_slots=slots,
    trauma_counselling_slots=slots,
    school_mediation_slots=slots,
    legal_aid_slots=slots,
)


@st.composite
def sites(draw: st.DrawFn) -> list[Site]:
    found = []
    for precinct in NUMBERS:
        for site_id in range(1, draw(st.integers(0, 2)) + 1):
            dates: list[int | None] = [*sorted(draw(st.sets(st.integers(0, DAYS), min_size=1, max_size=3)))]
            dates.append(draw(st.sampled_from([None, DAYS - 40])))
            if dates[-1] is not None and dates[-2] is not None and dates[-2] >= dates[-1]:
                dates[-1] = None
            terms = [
                term(
                    first or 0,
                    after,
                    staff=draw(staffs),
                    services=draw(services),
                    shift=draw(st.sampled_from(SHIFT_NAMES)),
                    delay=draw(st.sampled_from([0, 255])),
                )
                for first, after in pairwise(dates)
            ]
            found.append(site(precinct, *terms, site_id=site_id, share=draw(st.sampled_from([None, 0.3, 0.5]))))
    return found


def values() -> st.SearchStrategy[dict[str, float]]:
    """A violent city in which everything occurs within months."""
    return st.fixed_dictionaries(
        {
            "shooting_chance": st.floats(0.1, 0.16),
            "branching_retaliation": st.floats(0.0, 0.3),
            "branching_contagion": st.floats(0.0, 0.4),
            "contagion_lag_mean_days": st.just(40.0),
            "fatal_chance": st.floats(0.1, 0.6),
            "place_taken_up_days": st.floats(1.0, 90.0),
            "detection": st.floats(0.01, 0.09),
            "backfire": st.floats(0.0, 0.5),
            "turnover_per_year": st.floats(0.0, 4.0),
            "recruits_per_day": st.floats(0.1, 0.9),
            "referral_per_week": st.floats(0.1, 0.9),
            "caseload_limit": st.sampled_from([0.0, 1.0, 5.0, 15.0, 32.0]),
            "mediations_per_shift": st.sampled_from([1.0, 2.0]),
            "client_stay_mean_days": st.floats(7.0, 200.0),
        }
    )


def patrols() -> st.SearchStrategy[list[Patrol]]:
    return st.sets(st.sampled_from([11, 22])).map(
        lambda chosen: [patrol(number, officers=20 if number == 11 else 3) for number in sorted(chosen)]
    )
