"""The command line: `cms-sim`, and `python run_sim.py`.

Only what a command needs is imported, inside it: `cms-sim --help` answers at once.
"""

from __future__ import annotations

import errno
import io
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from cms_sim.door import options
from cms_sim.door.ctrl_c import hear_every_ctrl_c
from cms_sim.door.demo_cli import demo
from cms_sim.door.evaluate_cli import evaluate
from cms_sim.door.forecast_cli import forecast
from cms_sim.door.identify_cli import identify
from cms_sim.door.map_cli import map_results
from cms_sim.door.money_cli import money
from cms_sim.door.optimise_cli import optimise
from cms_sim.door.power_cli import power
from cms_sim.door.report_cli import report
from cms_sim.door.validate_cli import validate
from cms_sim.door.workbook_cli import workbook
from cms_sim.errors import SHORT_OF_MEMORY, CmsSimError, InputError
from cms_sim.experiment.threads import one_thread_from_now
from cms_sim.version import __version__

INTERRUPTED = 130
_OUT = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path)


class _Commands(click.Group):
    """Commands in the order in which they are needed; an unknown one is answered with the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from cms_sim.errors import nearest

        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise InputError(f"unknown command '{args[0]}'", remedy=nearest(args[0], self.commands))
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cms-sim")
def commands() -> None:
    """Simulate New York City's Crisis Management System: what would a coverage plan avert, and how sure is that?

    Without a command, `python run_sim.py` compares the shipped plans for the 26 precincts of 2020.
    """


@commands.command()
@click.argument("scenarios", nargs=-1)
@click.option("--replicates", type=int, default=None, help="Paired replicates (default 64).")
@click.option("--seed", type=int, default=None, help="Seed: the same seed gives identical tables (default 2020).")
@click.option("--hypothesis", default=None, help="How violence spreads: city (default), chicago, or both.")
@click.option("--workers", type=int, default=0, help="Processes; 0 (default) is one for each core.")
@click.option("--parameters", default="posterior", help="posterior (default), prior, fixed, or a posterior's file.")
@click.option("--events", type=int, default=None, help="Replicates whose events are written (default 4).")
@click.option("--name", default="default", help="Name of the folder of results.")
@click.option("--unit-costs", type=_FILE, default=None, help="Prices of your own, as a table or a workbook.")
@click.option("--boundaries", type=_FILE, default=None, help="Precincts as GeoJSON or shapefile, for maps of shapes.")
@click.option("--pdf", is_flag=True, help="Print the report as a PDF as well (report.pdf beside it).")
@click.option("--out", type=_OUT, default=Path("results"), help="Where the folder goes (default ./results).")
def compare(
    scenarios: tuple[str, ...],
    replicates: int | None,
    seed: int | None,
    hypothesis: str | None,
    workers: int,
    parameters: str,
    events: int | None,
    name: str,
    unit_costs: Path | None,
    boundaries: Path | None,
    pdf: bool,
    out: Path,
) -> None:
    """Compare coverage plans (names or files; none: the default set) with their reference."""
    from cms_sim.door.both_job import BOTH, requests_of, run_both
    from cms_sim.door.main_job import run_and_report
    from cms_sim.door.report_cli import PDF, write_pdf
    from cms_sim.experiment.compare import Request
    from cms_sim.report.pdf import check_pdf

    run, one = (run_both, None) if hypothesis == BOTH else (run_and_report, hypothesis)
    given = {"replicates": replicates, "seed": seed, "hypothesis": one, "keep_events": events}
    request = Request(
        scenarios=scenarios,
        workers=workers,
        parameters=parameters,
        name=name,
        unit_costs=unit_costs,
        **{key: value for key, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    if pdf:
        check_pdf()
    if not run(request, out, boundaries):
        sys.exit(INTERRUPTED)
    if pdf:
        for each in requests_of(request).values() if hypothesis == BOTH else (request,):
            write_pdf(out / each.name, out / each.name / PDF)


@commands.command()
@click.argument("design", type=_FILE)
@click.option("--out", type=_OUT, default=None, help="Folder of results (default ./results/NAME, NAME the design's).")
@click.option("--workers", type=int, default=0, help="Processes; 0 (default) is one for each core, 1 this one itself.")
@click.option("--cluster", metavar="ADDRESS", default=None, help="Address of a Dask scheduler whose workers run it.")
@click.option("--resume", is_flag=True, help="Only go on with a sweep that was begun (the default where there is one).")
def sweep(design: Path, out: Path | None, workers: int, cluster: str | None, resume: bool) -> None:
    """Run a design: plans at many points of parameters and levers, with replicates at each (docs/sweeps.md)."""
    from cms_sim.door import sweep_cli

    if not sweep_cli.sweep(design, out, workers, cluster, resume):
        sys.exit(INTERRUPTED)


@commands.command()
@click.option("--hypothesis", default=None, help="city or chicago (default both).")
@click.option(
    "--draws", type=click.IntRange(200, 1_000_000), default=2048, help="Histories in the bank (default 2048)."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=2006, help="Same seed, same posterior (default 2006)."
)
@options.workers
@click.option("--ship", is_flag=True, help="Put the posteriors into the package, for every comparison.")
@click.option("--json", "as_json", is_flag=True, help="Print what recovery found as JSON.")
@click.option("--out", type=_OUT, default=Path("results/calibration"), help="Folder (default ./results/calibration).")
def calibrate(
    hypothesis: str | None, draws: int, seed: int, workers: int, ship: bool, as_json: bool, out: Path
) -> None:
    """Fit the uncertain parameters to the record of 2006-2019 and the literature (docs/calibration.md)."""
    one_thread_from_now()  # before NumPy is loaded: thousands of small regressions
    from cms_sim.door import calibrate_cli

    if not calibrate_cli.calibrate(hypothesis, draws, seed, workers, ship, as_json, out):
        sys.exit(INTERRUPTED)


@commands.command()
@click.argument("folder_or_design", type=_FILE)
@click.option("--outcome", default="averted", help="A column of the runs, or `best`: which plan is (default averted).")
@click.option("--plan", default=None, help="One plan (default: each that the outcome can be asked of).")
@click.option("--json", "as_json", is_flag=True, help="Print the indices as JSON.")
def sensitivity(folder_or_design: Path, outcome: str, plan: str | None, as_json: bool) -> None:
    """What an outcome of a sweep hangs on: Morris effects or Sobol indices, noise apart (docs/sensitivity.md)."""
    from cms_sim.door import sensitivity_cli

    sensitivity_cli.sensitivity(folder_or_design, outcome, plan, as_json)


@commands.command()
@click.argument("file")
@click.option("--unit-costs", type=_FILE, default=None, help="Prices of your own, as a table or a workbook.")
def check(file: str, unit_costs: Path | None) -> None:
    """Check a scenario file: what it resolves to, what it costs, whether it fits its budget."""
    from cms_sim.scenario.check import check_file

    for line in check_file(Path(file), unit_costs):
        click.echo(line)


@commands.command()
@click.argument("name")
@click.option("--extends", default="sites_june_2020", help="Scenario to start from (default sites_june_2020).")
@click.option("--out", type=_FILE, default=None, help="File to write (default ./scenarios/NAME.toml).")
def new(name: str, extends: str, out: Path | None) -> None:
    """Write a commented scenario file to start from."""
    from cms_sim.scenario.new import new_scenario_text

    file = out or Path("scenarios") / f"{name}.toml"
    if file.exists():
        raise InputError("the file exists already", where=str(file), remedy="Choose another name, or delete it first.")
    text = new_scenario_text(name, extends, file)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError:
        file.unlink(missing_ok=True)  # nothing half-written stays
        raise
    click.echo(f"Wrote {file}. Edit it, then: cms-sim check {file}")


@commands.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from cms_sim.scenario.json_schema import schema_json

    click.echo(schema_json())


@commands.command()
@click.option("--precincts", default="covered_2020", help="A named set, `all`, or numbers with commas between.")
@click.option("--hypothesis", default="city", help="city or chicago: each has its own network.")
def city(precincts: str, hypothesis: str) -> None:
    """Build a city's residents and network, and say how concentrated it is."""
    from cms_sim.door.describe import describe_city

    for line in describe_city(precincts, hypothesis):
        click.echo(line)


@commands.command("import-data")
@click.argument("file", type=_FILE)
@click.option("--out", type=_OUT, default=Path("city"), help="Folder of the city's tables to write (default ./city).")
def import_data(file: Path, out: Path) -> None:
    """Turn the police department's published shootings (CSV) into a city's tables; report what had to be handled."""
    from cms_sim.data.importer import import_download

    for line in import_download(file, out).lines():
        click.echo(line)


@commands.command()
@click.option("--markdown", is_flag=True, help="As a table for the documentation.")
def parameters(markdown: bool) -> None:
    """List every parameter with unit, default, prior and source."""
    from cms_sim.door.describe import describe_parameters, parameters_markdown

    for line in parameters_markdown() if markdown else describe_parameters():
        click.echo(line)


@commands.command()
def steps() -> None:
    """Print the order of the day, and what each step reads and writes."""
    from cms_sim.door.describe import describe_steps

    for line in describe_steps():
        click.echo(line)


@commands.command()
@click.option(
    "--draws", type=click.IntRange(1, 100_000), default=None, help="Draws to solve (default: those of the main job)."
)
@click.option("--hypothesis", default=None, help="city or chicago (default: both).")
@options.workers
def levels(draws: int | None, hypothesis: str | None, workers: int) -> None:
    """Solve the background levels of the main job's parameter draws again, and write them into the package."""
    from cms_sim.door.main_job import solve_bank

    solve_bank(draws, hypothesis, workers)


commands.add_command(evaluate)
commands.add_command(identify)
commands.add_command(demo)
commands.add_command(forecast)
commands.add_command(validate)
commands.add_command(power)
commands.add_command(workbook)
commands.add_command(report)
commands.add_command(map_results)
commands.add_command(money)
commands.add_command(optimise)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 failed while running, 2 bad input, 130 interrupted."""
    logging.basicConfig(level=logging.WARNING, format="cms-sim: %(message)s")
    hear_every_ctrl_c()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that a terminal lacks must not cost a finished run
    try:
        commands.main(list(arguments) if arguments is not None else None, prog_name="cms-sim", standalone_mode=False)
    except CmsSimError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _say(_words_for_usage(error))
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; nothing unfinished was kept")
        sys.exit(INTERRUPTED)
    except OSError as error:
        _say(_words_for(error))
        sys.exit(2)
    except MemoryError:
        _say(f"not enough memory\n  {SHORT_OF_MEMORY[:-1]}, or with fewer replicates or precincts.")
        sys.exit(1)
    sys.exit(0)


def _say(message: str) -> None:
    click.echo(f"cms-sim: {message}", err=True)


def _words_for_usage(error: click.ClickException) -> str:
    """What is wrong with the command line, and where its options are listed."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    remedy = f"\n  See: {context.command_path} --help" if context else ""
    return f"{error.format_message()}{remedy}"


def _words_for(error: OSError) -> str:
    """A message for a failure of the file system, with its remedy."""
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{place}the disk is full\n  Free some space, or choose another place with --out."
    return f"{place}{(error.strerror or str(error)).lower()}\n  Choose another place (--out), or mend this one."
