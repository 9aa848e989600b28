"""`cms-sim sensitivity`: what an outcome of a sweep hangs on, on the screen and in the sweep's folder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cms_sim.errors import InputError


def sensitivity(given: Path, outcome: str, plan: str | None, as_json: bool) -> None:
    """Analyse `outcome` of `plan` (of every plan that it can be asked of) in the sweep of a folder or a design.

    Plans whose runs do not suffice are told; when there is no other, that is raised as the InputError that it is.
    """
    from cms_sim.evaluation.sensitivity import analyse, candidates
    from cms_sim.evaluation.varied import varied_in
    from cms_sim.experiment.sweep.read import load_sweep
    from cms_sim.report import sensitivity_tables as tables

    sweep = load_sweep(sweep_folder(given))
    names = varied_in(sweep)
    plans = (plan,) if plan else candidates(sweep, outcome)
    refused: dict[str, InputError] = {}
    found = []
    for each in plans:
        try:
            found.append(analyse(sweep, outcome, each))
        except InputError as error:
            refused[each] = error
    if not found:
        *others, last = {str(reason): reason for reason in refused.values()}.values()
        for reason in others:
            click.echo(f"Not given: {reason}", err=True)
        raise last
    told = []
    for one in found:
        files = tables.write_sensitivity(one, names, sweep.folder)
        told.append(tables.as_json(one, names, files))
        if not as_json:
            tables.print_sensitivity(one, names)
            click.echo(f"Written: {', '.join(map(str, files))}\n")
    if as_json:
        reasons = {each: str(error) for each, error in refused.items()}
        click.echo(json.dumps({"found": told, "refused": reasons}, indent=1))
        return
    for reason in refused.values():
        click.echo(f"Not given: {reason}", err=True)


def sweep_folder(given: Path) -> Path:
    """The folder itself, or where the sweep of a DESIGN.toml goes unless told otherwise."""
    if given.suffix != ".toml":
        return given
    if not given.is_file():
        raise InputError("there is no such design", where=str(given), remedy="Give a design, or the folder of a sweep.")
    folder = Path("results") / given.stem
    if not (folder / "design.json").is_file():
        remedy = f"Run it first: cms-sim sweep {given}. Or give the folder of its sweep."
        raise InputError(f"its sweep is not in {folder}", where=str(given), remedy=remedy)
    return folder
