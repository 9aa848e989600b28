"""An optimisation's result, made up: a reference, a winner, a runner-up and an equal split, in three precincts."""

from __future__ import annotations

from dataclasses import replace

from cms_sim.evaluation.decision.decision import (
    FORM,
    BreakEven,
    Condition,
    Contrast,
    Decision,
    Effort,
    Equity,
    Estimate,
    Information,
    Known,
    PlanResult,
    PrecinctPart,
    Region,
    Robustness,
)
from cms_sim.evaluation.decision.measures import CRITERIA

GROUPS = {"women 18-24": Estimate(1.0, 0.4, 1.6), "men 18-24": Estimate(9.0, 7.0, 11.0)}
NOTHING = Estimate(0.0, 0.0, 0.0)
REGION = Region(
    "detection is at most 0.02",
    (Condition("detection", "probability per conflict-day", None, 0.02, None),),
    0.25,
    Estimate(-1.4, -2.0, -0.8),
    "second",
)


def made_plan(name: str, kind: str, averted: Estimate, best: float | None = 0.1) -> PlanResult:
    """A plan of which only what is averted differs from the others."""
    places = tuple(
        PrecinctPart(
            precinct=number,
            name=f"Place {number}",
            in_play=number != 75,
            sites=int(number == 43),
            staff={"supervisors": 1, "violence_interrupters": 4} if number == 43 else {},
            services={"employment_slots": 10} if number == 43 else {},
            shifts=("evenings",) if number == 43 else (),
            usd_per_year=1e6 if number == 43 else 0.0,
            victims_per_year=20.0,
            victims_per_100k_per_year=18.0,
            averted_per_year=averted if number == 43 else NOTHING,
        )
        for number in (43, 69, 75)
    )
    ratio = Estimate(1.4, 1.3, 1.5)
    return PlanResult(
        name=name,
        title=name.replace("_", " ").capitalize(),
        kind=kind,
        keeps_rules=True,
        file=f"plans/{name}.toml",
        runs_id=name,
        cost_usd_per_year=0.0 if kind == "reference" else 5e6,
        cost_usd=0.0 if kind == "reference" else 20e6,
        opening_usd=0.0 if kind == "reference" else 4e5,
        cost_by_fiscal_year_usd={} if kind == "reference" else {2021: 5.4e6, 2022: 5e6, 2023: 5e6, 2024: 4.6e6},
        averted_per_year=averted,
        deaths_averted_per_year=Estimate(averted.mean / 5, None, None),
        averted_by_hypothesis_per_year={"city": averted, "chicago": Estimate(averted.mean + 4, None, None)},
        usd_per_averted=Estimate(5e6 / averted.mean, 4e5, 6e5) if averted.low and averted.low > 0.0 else None,
        chance_of_harm=0.12,
        score_per_year=averted,
        probability_best=best,
        expected_regret_per_year=0.34,
        on_front=True,
        criteria={
            "averted_per_year": averted.mean,
            "deaths_averted_per_year": averted.mean / 5,
            "cost_usd_per_year": 0.0 if kind == "reference" else 5e6,
            "worst_off_averted_per_year": averted.mean,
            "averted_under_its_worse_hypothesis_per_year": averted.mean,
        },
        precincts=places,
        equity=Equity(43, averted, 18.0, ratio, {"black_or_hispanic": ratio, "snap_households": None}, GROUPS),
        robustness=Robustness(0.6, 0.04, {"city": 0.04}, 2.6, {"city": 0.1}, (REGION,), 0.4),
    )


def made_decision(
    averted: Estimate = Estimate(10.0, 8.0, 12.0),  # noqa: B008  (frozen)
    not_told_apart: tuple[str, ...] = (),
) -> Decision:
    """A decision whose winner averts so much."""
    winner = made_plan("first", "finalist", averted, 0.7)
    plans = (
        made_plan("kept", "reference", NOTHING),
        winner,
        made_plan("second", "finalist", Estimate(7.0, 5.0, 9.0)),
        replace(made_plan("announced", "named", Estimate(6.0, 4.0, 8.0)), probability_best=None),
    )
    ahead, behind = Estimate(3.0, 1.0, 5.0), Estimate(4.0, 2.0, 6.0)
    return Decision(
        form=FORM,
        title="A question",
        answer=("An answer.",),
        winner="first",
        likely_best=("first", "second"),
        careful_choice="first",
        not_told_apart=not_told_apart,
        plans=plans,
        criteria=CRITERIA,
        contrasts=(
            Contrast("second", "runner-up", ahead, 0.98, True, "First averts 3 more than Second."),
            Contrast("announced", "named", behind, 0.99, True, "First averts 4 more than Announced."),
        ),
        information=Information(0.6, (Known("detection", "probability", 0.4, 0.1),), 0.2),
        break_even=(
            BreakEven("society", "Society", 2.2, 0.22, 2e7, Estimate(6e7, 4e7, 8e7), Estimate(4.1, 3.0, 5.2)),
            BreakEven(
                "taxpayers", "Taxpayers", 40.0, 4.0, 1e6, Estimate(-1.5e7, -1.6e7, -1.4e7), Estimate(0.25, 0.2, 0.3)
            ),
        ),
        effort=Effort(2000, 500, 40, {"city": 32}, 64, 21.4, 0.1),
        problem={"budget": {"usd_per_year": 5e6}},
        starts="2020-07-01",
        ends="2024-06-30",
        hypotheses={"city": 0.5, "chicago": 0.5},
        parameters={"city": "posterior of the hypothesis 'city'", "chicago": "priors of the hypothesis 'chicago'"},
        hashes={"city": "0a" * 32, "parameters": "1b" * 32, "prices": "2c" * 32},
        version="0.1.0",
    )
