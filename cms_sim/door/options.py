"""Options that several commands have."""

from __future__ import annotations

import click

from cms_sim.experiment.threads import MOST_WORKERS

workers = click.option(
    "--workers",
    type=click.IntRange(0, MOST_WORKERS),
    default=0,
    help="Processes; 0 (default) is one for each core.",
)
