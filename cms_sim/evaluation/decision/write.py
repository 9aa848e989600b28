"""A decision's folder: the decision, a scenario file for each plan that was found, and flat tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cms_sim.evaluation.decision.decide import PLANS
from cms_sim.evaluation.decision.decision import DECISION, MAPS, PDF, REPORT, Decision, Estimate, PlanResult
from cms_sim.evaluation.decision.decision_file import write_decision
from cms_sim.experiment.optimise.allocation import Allocation
from cms_sim.experiment.optimise.search import Found
from cms_sim.experiment.whole_files import write_whole
from cms_sim.scenario.content import content_of, scenario_text

MAP_FILES: Final = (".csv", ".geojson", ".gpkg", ".png", ".svg")


def write_folder(decision: Decision, found: Found, folder: Path) -> None:
    """Write everything; `decision.json` comes last, so that where it is all of it is.

    What was told of an older decision goes first: its report and its maps would contradict the new one.
    """
    for old in _older(folder):
        old.unlink(missing_ok=True)
    plans = folder / PLANS
    plans.mkdir(parents=True, exist_ok=True)
    for old in plans.glob("*.toml"):
        old.unlink()
    for entry in found.entries:
        if isinstance(entry.plan, Allocation):
            file = plans / f"{entry.name}.toml"
            scenario = found.case.scenario(entry.plan, entry.name, entry.title)
            summary = f"Found by cms-sim optimise for: {found.case.problem.title}."
            own = scenario.model_copy(update={"summary": summary, "folder": plans, "default_set": False})
            _write(file, scenario_text(content_of(own, file)))
    _table(folder / "plans.csv", [_plan_row(plan) for plan in decision.plans])
    _table(folder / "precincts.csv", [row for plan in decision.plans for row in _precinct_rows(plan)])
    write_decision(decision, folder)


def _older(folder: Path) -> Iterator[Path]:
    """The decision in a folder, and what `cms-sim report` and `cms-sim map` made of it there."""
    yield from (folder / name for name in (DECISION, REPORT, PDF))
    yield from (file for file in sorted((folder / MAPS).glob("*")) if file.suffix in MAP_FILES)


def _plan_row(plan: PlanResult) -> dict[str, Any]:
    own = {
        "plan": plan.name,
        "title": plan.title,
        "kind": plan.kind,
        "cost_usd_per_year": round(plan.cost_usd_per_year),
    }
    sure = {
        "chance_of_harm": plan.chance_of_harm,
        "probability_best": plan.probability_best,
        "expected_regret_per_year": plan.expected_regret_per_year,
        "on_front": plan.on_front,
        "share_best": plan.robustness.share_best,
        "share_harm": plan.robustness.share_harm,
        "maximum_regret_per_year": plan.robustness.maximum_regret_per_year,
        "worst_off_precinct": plan.equity.worst_off_precinct,
    }
    estimates = {
        "averted_per_year": plan.averted_per_year,
        "deaths_averted_per_year": plan.deaths_averted_per_year,
        "usd_per_averted": plan.usd_per_averted,
        "worst_off_averted_per_year": plan.equity.worst_off_averted_per_year,
        "rate_ratio": plan.equity.rate_ratio,
    }
    return own | sure | {name: value for key, each in estimates.items() for name, value in _ends(key, each)}


def _precinct_rows(plan: PlanResult) -> Iterator[dict[str, Any]]:
    for part in plan.precincts:
        yield {
            "plan": plan.name,
            "precinct": part.precinct,
            "name": part.name,
            "in_play": part.in_play,
            "sites": part.sites,
            **part.staff,
            **part.services,
            "shifts": " ".join(part.shifts),
            "usd_per_year": round(part.usd_per_year),
            "victims_per_year": part.victims_per_year,
            "victims_per_100k_per_year": part.victims_per_100k_per_year,
            **dict(_ends("averted_per_year", part.averted_per_year)),
        }


def _ends(name: str, estimate: Estimate | None) -> Iterator[tuple[str, float | None]]:
    yield name, estimate.mean if estimate else None
    yield f"{name}_low", estimate.low if estimate else None
    yield f"{name}_high", estimate.high if estimate else None


def _table(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    def write(part: Path) -> None:
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows({key: _short(value) for key, value in row.items()} for row in rows)

    write_whole(file, write)


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _write(file: Path, text: str) -> None:
    write_whole(file, lambda part: part.write_text(text, encoding="utf-8"))
