"""`cms-sim workbook`: a plan as a spreadsheet and back."""

from __future__ import annotations

from pathlib import Path

import click

from cms_sim.errors import InputError

_FILE = click.Path(path_type=Path)


@click.group()
def workbook() -> None:
    """A plan as one spreadsheet workbook (.xlsx), and back (docs/workbooks.md)."""


@workbook.command()
@click.argument("plan")
@click.argument("out", type=_FILE)
@click.option("--unit-costs", type=_FILE, default=None, help="Prices of your own (TOML or workbook).")
def write(plan: str, out: Path, unit_costs: Path | None) -> None:
    """Write PLAN (a name or a file) as the workbook OUT.xlsx."""
    from cms_sim.scenario.files import load_scenario
    from cms_sim.scenario.workbook.prices import read_unit_costs
    from cms_sim.scenario.workbook.write import workbook_bytes

    _check_new(out, ".xlsx")
    _write(out, workbook_bytes(load_scenario(plan), out, read_unit_costs(unit_costs)))
    click.echo(f"Wrote {out}. Fill it in, then: cms-sim check {out}")


@workbook.command()
@click.argument("file", type=_FILE)
@click.argument("out", type=_FILE)
def read(file: Path, out: Path) -> None:
    """Check the workbook FILE and write it as the scenario file OUT.toml."""
    from cms_sim.scenario.content import content_of, scenario_text
    from cms_sim.scenario.files import load_reference, load_scenario
    from cms_sim.scenario.source import WORKBOOKS

    if file.suffix.lower() not in WORKBOOKS:
        raise InputError("is no workbook", where=str(file), remedy="Give a file that ends in .xlsx.")
    _check_new(out, ".toml")
    scenario = load_scenario(file)
    load_reference(scenario)  # refuses what cannot be held against anything
    _write(out, scenario_text(content_of(scenario, out)).encode())
    click.echo(f"Wrote {out}. Check it with: cms-sim check {out}")


def _write(out: Path, content: bytes) -> None:
    from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

    with words_for_the_disk(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, lambda part: part.write_bytes(content))


def _check_new(out: Path, ending: str) -> None:
    if out.suffix.lower() != ending:
        raise InputError(
            f"'{out.name}' does not end in {ending}", where=str(out), remedy=f"Name it {out.stem}{ending}."
        )
    if out.exists():
        raise InputError("the file exists already", where=str(out), remedy="Choose another name, or delete it first.")
