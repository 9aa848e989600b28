"""The main job under each hypothesis, with the results side by side."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.door.main_job import reported
from cms_sim.errors import InputError
from cms_sim.experiment.compare import Request, plans_of, question_of

BOTH: Final = "both"
"""What stands for every hypothesis on the command line."""


def run_both(request: Request, out: Path, boundaries_file: Path | None = None) -> bool:
    """Compare under each hypothesis, exactly as by itself, into `out/NAME-<hypothesis>`, then side by side into
    `out/NAME-both`; False when Ctrl-C ended it early, with what was finished.

    Whatever can be refused under any of them is refused before the first is run.
    """
    from cms_sim.evaluation.both import ranking, sentences
    from cms_sim.report.both import write_both
    from cms_sim.report.write import check_replaceable

    requests = requests_of(request)
    for folder in (*(each.name for each in requests.values()), f"{request.name}-{BOTH}"):
        check_replaceable(out / folder)
    for each in requests.values():
        question_of(each, plans_of(each))
    started, found = datetime.now(UTC), {}
    for name, each in requests.items():
        click.echo(f"Under “{load_hypotheses()[name].title}” ({name}):")
        comparison, is_done = reported(each, out, boundaries_file)
        if not is_done:
            click.echo("Not put side by side: the same command runs both again.", err=True)
            return False
        found[name] = comparison.results
        click.echo("")
    told = {"command": sys.argv[1:] or ["compare"], "started": started.isoformat()}
    written = write_both(found, request.name, out, told)
    for sentence in sentences(ranking(found)):
        click.echo(sentence)
    click.echo(f"Side by side: {written / 'both.html'}")
    return True


def requests_of(request: Request) -> dict[str, Request]:
    """The single comparisons, by hypothesis. Raises InputError for a posterior's file, which is of one of them."""
    if request.parameters.endswith(".json"):
        remedy = "Give --parameters posterior or prior, or one hypothesis."
        raise InputError("a posterior's file is of one hypothesis", where="--parameters", remedy=remedy)
    return {name: replace(request, hypothesis=name, name=f"{request.name}-{name}") for name in load_hypotheses()}
