"""`cms-sim money`: what a plan costs month by month, and what is owed when the city pays late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cms_sim.errors import InputError

if TYPE_CHECKING:
    from cms_sim.scenario.cost_months import MonthCost

_FILE = click.Path(path_type=Path)
INTEREST = 0.06


@click.command()
@click.argument("plan")
@click.option("--unit-costs", type=_FILE, default=None, help="Prices of your own, as a table or a workbook.")
@click.option(
    "--interest", type=float, default=INTEREST, help=f"A year, on what is owed (default {INTEREST}, assumed)."
)
@click.option("--out", type=_FILE, default=None, help="A CSV file to write, one row a month.")
def money(plan: str, unit_costs: Path | None, interest: float, out: Path | None) -> None:
    """Say what PLAN costs by fiscal year and month: opening, running, paid, owed (docs/money.md)."""
    from cms_sim.scenario.cost_months import carrying_cost_usd, months_of
    from cms_sim.scenario.files import load_scenario
    from cms_sim.scenario.workbook.prices import read_unit_costs

    if not 0.0 <= interest < 1.0:
        raise InputError(f"{interest} is no rate", where="--interest", remedy="Give a share a year, such as 0.06.")
    months = months_of(load_scenario(plan), read_unit_costs(unit_costs))
    for line in _lines(months):
        click.echo(line)
    if any(month.owed_usd > 0.5 for month in months):
        worst = max(months, key=lambda month: month.owed_usd)
        click.echo(f"Most is owed at the end of {worst.month:%B %Y}: ${worst.owed_usd:,.0f}")
        usd = carrying_cost_usd(months, interest)
        click.echo(f"To carry what is owed costs ${usd:,.0f} over the frame, at {interest:.1%} a year")
    if out is not None:
        _write(months, out)
        click.echo(f"Wrote {out}")


def _lines(months: Sequence[MonthCost]) -> Iterator[str]:
    """One line a fiscal year, and all of it."""
    yield f"{'':8}{'opening':>16}{'running':>16}{'spent':>16}{'paid':>16}{'owed at its end':>18}"
    years = sorted({month.fiscal_year for month in months})
    parts = [(f"FY{year}", [month for month in months if month.fiscal_year == year]) for year in years]
    for name, part in (*parts, ("all", list(months))):
        sums = [sum(getattr(month, each) for month in part) for each in _SUMS]
        cells = "".join(f"{f'${usd:,.0f}':>16}" for usd in sums)
        yield f"{name:8}{cells}{f'${max(0.0, part[-1].owed_usd):,.0f}':>18}"


_SUMS = ("start_up_usd", "running_usd", "spent_usd", "paid_usd")


def _write(months: Sequence[MonthCost], out: Path) -> None:
    from cms_sim.experiment.whole_files import words_for_the_disk, write_whole

    rows = ["month,fiscal_year,start_up_usd,running_usd,spent_usd,paid_usd,owed_usd"]
    for month in months:
        sums = ",".join(f"{getattr(month, name):.2f}" for name in (*_SUMS, "owed_usd"))
        rows.append(f"{month.month},{month.fiscal_year},{sums}")
    text = "\n".join(rows) + "\n"
    with words_for_the_disk(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, lambda part: part.write_text(text, encoding="utf-8"))
