"""`cms-sim optimise`: the best use of a budget, with progress while it runs and the answer in sentences."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cms_sim.door import options

if TYPE_CHECKING:
    from cms_sim.data.unit_costs import UnitCosts
    from cms_sim.evaluation.decision.decision import Decision, Estimate
    from cms_sim.experiment.optimise.problem import Problem

INTERRUPTED: Final = 130
BOTH: Final = "both"
LINE_EVERY_S: Final = 15.0
"""Where there is no terminal, a line of progress comes so often."""
_FILE: Final = click.Path(path_type=Path)
_FOLDER: Final = click.Path(path_type=Path, file_okay=False)
Shown = tuple[Callable[[str], None], Callable[[int], None]]


@click.command()
@click.argument("problem", type=click.Path(path_type=Path), required=False)
@click.option("--budget-usd", type=float, default=None, help="Core money a year (default: what the problem says).")
@click.option("--unit-costs", type=_FILE, default=None, help="Prices of your own, as a table or a workbook.")
@click.option("--hypothesis", default=None, help="city, chicago or both (default: what the problem says).")
@click.option("--parameters", default="posterior", help="posterior (default), prior, fixed, or a posterior's file.")
@options.workers
@click.option("--out", type=_FOLDER, default=None, help="Folder of results (default results/optimise/NAME).")
@click.option("--page", type=_FILE, default=None, help="Also write the answer below the marker of this page.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision for machines.")
def optimise(
    problem: Path | None,
    budget_usd: float | None,
    unit_costs: Path | None,
    hypothesis: str | None,
    parameters: str,
    workers: int,
    out: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Find the best sites, staff, shifts and services for a budget, and say how sure that is (docs/optimise.md).

    PROBLEM is a TOML file; without one: ten million dollars a year for the five precincts of June 2020.
    """
    from cms_sim.experiment.optimise.problem import built_in, load_problem
    from cms_sim.scenario.workbook.prices import read_unit_costs

    if page is not None:
        _check_page(page)
    prices = read_unit_costs(unit_costs)
    read = load_problem(problem) if problem else built_in()
    asked = _changed(read, budget_usd, hypothesis, unit_costs)
    folder = out or Path("results/optimise") / _folder_name(problem, read, asked, unit_costs)
    try:
        decision = _decide(asked, prices, parameters, workers, folder)
    except KeyboardInterrupt:
        click.echo("Interrupted. What is finished is kept; to go on, give the same command again.", err=True)
        sys.exit(INTERRUPTED)
    if page is not None:
        _write_page(decision, page)
    if as_json:
        click.echo(json.dumps(asdict(decision), indent=1))
        return
    _show(decision)
    click.echo(f"\nAll of it: {folder}")


def _check_page(page: Path) -> None:
    from cms_sim.report.decision_section import MARKER
    from cms_sim.report.marked_page import check_page

    check_page(page, MARKER)


def _write_page(decision: Decision, page: Path) -> None:
    from cms_sim.data.city_tables import load_city_tables
    from cms_sim.report.decision_plots import plans_picture, winner_map
    from cms_sim.report.decision_section import MARKER, section
    from cms_sim.report.marked_page import write_section

    pictures = (plans_picture(decision), winner_map(decision, load_city_tables()))
    drawn = [replace(each.finished(), name=f"{page.stem}_{each.name}") for each in pictures]  # pages share their folder
    write_section(page, MARKER, section(decision, drawn), drawn)


def _folder_name(file: Path | None, read: Problem, asked: Problem, unit_costs: Path | None) -> str:
    """Of the results: another budget than the file's, and other prices, have a folder of their own."""
    parts = [file.stem if file else "ten_million"]
    if asked.budget != read.budget:
        parts.append(f"{asked.budget.usd_per_year:.0f}-usd")
    return "-".join((*parts, *([unit_costs.stem] if unit_costs else ())))


def _changed(problem: Problem, budget_usd: float | None, hypothesis: str | None, unit_costs: Path | None) -> Problem:
    from cms_sim.data.hypotheses import load_hypotheses
    from cms_sim.errors import InputError, nearest
    from cms_sim.experiment.optimise.problem import with_changes

    if budget_usd is not None and not 0.0 < budget_usd < 1e12:
        raise InputError(f"{budget_usd:g} is no budget", where="--budget-usd", remedy="Give US dollars a year.")
    known = list(load_hypotheses())
    if hypothesis is not None and hypothesis not in (*known, BOTH):
        remedy = nearest(hypothesis, (*known, BOTH))
        raise InputError(f"there is no hypothesis '{hypothesis}'", where="--hypothesis", remedy=remedy)
    names = {None: None, BOTH: dict.fromkeys(known, 1.0)}.get(hypothesis, {str(hypothesis): 1.0})
    changed = with_changes(problem, budget_usd, names)
    return changed.model_copy(
        update={"title": f"{changed.title}, at the prices of {unit_costs.name}"} if unit_costs else {}
    )


def _decide(problem: Problem, unit_costs: UnitCosts, parameters: str, workers: int, folder: Path) -> Decision:
    from cms_sim.evaluation.decision.decide import decide
    from cms_sim.evaluation.decision.discovery import check_library
    from cms_sim.evaluation.decision.write import write_folder
    from cms_sim.experiment.optimise.case import case_of
    from cms_sim.experiment.optimise.cells import draws_of
    from cms_sim.experiment.optimise.runs import Kept, folder_for, workers_for
    from cms_sim.experiment.optimise.search import expected_runs, search
    from cms_sim.experiment.whole_files import words_for_the_disk

    check_library()
    case = case_of(problem, unit_costs)
    draws = draws_of(case, parameters)
    with folder_for(case, draws, folder), _progress(expected_runs(problem)) as (on_stage, on_runs):
        on_stage("Preparing (minutes the first time)")
        with workers_for(case, draws, workers) as live:
            kept = Kept(case, folder, live, lambda count, whole: on_runs(count))
            found = search(case, kept, on_stage)
        on_stage("Weighing")
        decision = decide(found, draws, kept.known, sys.argv[1:])
        kept.gather()
        with words_for_the_disk(folder):
            write_folder(decision, found, folder)
    return decision


@contextmanager
def _progress(expected: int) -> Iterator[Shown]:
    """A bar on a terminal, a line now and then elsewhere: stage, runs of about as many as are expected."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(expected)
        return
    text = TextColumn("{task.description}")
    count = TextColumn("{task.completed:,} of about {task.total:,} runs")
    with Progress(text, BarColumn(bar_width=20), count, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("Starting", total=expected)
        yield (lambda stage: bar.update(task, description=stage)), (lambda runs: bar.update(task, advance=runs))


def _lines(expected: int) -> Shown:
    state = {"runs": 0, "next": 0.0}

    def on_stage(stage: str) -> None:
        click.echo(f"{stage} ({state['runs']:,.0f} of about {expected:,} runs)", err=True)

    def on_runs(runs: int) -> None:
        state["runs"] += runs
        if time.monotonic() >= state["next"]:
            state["next"] = time.monotonic() + LINE_EVERY_S
            click.echo(f"{state['runs']:,.0f} of about {expected:,} runs", err=True)

    return on_stage, on_runs


def _show(decision: Decision) -> None:
    """The answer, and the plans side by side."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from cms_sim.evaluation.decision.words import best_chance

    for sentence in decision.answer:
        click.echo(sentence)
    table = Table(box=box.ASCII2, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("plan")
    for heading in ("averted a year (95%)", "deaths", "$M a year", "best", "regret", "worst off", "harm", "front"):
        table.add_column(heading, justify="right", no_wrap=True)
    for plan in decision.plans:
        table.add_row(
            plan.title,
            _cell(plan.averted_per_year),
            f"{plan.deaths_averted_per_year.mean:z.1f}",
            f"{plan.cost_usd_per_year / 1e6:z.1f}",
            best_chance(plan.probability_best).replace("less than ", "<").replace("more than ", ">"),
            "" if plan.expected_regret_per_year is None else f"{plan.expected_regret_per_year:.2f}",
            f"{plan.equity.worst_off_averted_per_year.mean:z.1f}",
            "" if plan.robustness.share_harm is None else f"{plan.robustness.share_harm:.0%}",
            "yes" if plan.on_front else "",
        )
    console = Console()
    console.width = max(console.width, 110)
    console.print(table)


def _cell(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{estimate.mean:z.1f}"
    return f"{estimate.mean:z.1f} ({estimate.low:z.1f} to {estimate.high:z.1f})"
