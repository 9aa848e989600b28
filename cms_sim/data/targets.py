"""The statistics that parameters are fitted to, from `tables/targets.toml`: what is observed, and how exactly.

A statistic of the record needs no error of its own: a history of the model is one record, chance included. A published
figure about other sites, or from few people, is observed with the error that its entry states, which is added to each
history before it is compared (a measurement model; classed assumed where no interval was published).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cms_sim.data.toml_table import read_toml

TABLE: Final = Path(__file__).parent / "tables" / "targets.toml"
EFFECT: Final = "effect"
"""The group of statistics of what sites changed: left out where these are to be predicted."""


@dataclass(frozen=True)
class Target:
    """One statistic of a history."""

    name: str
    """As in `evaluation.patterns`."""
    group: str
    source: str
    """Evidence ids, or `record`."""
    observed: float | None = None
    """None: the record's own, computed by the same code."""
    error: float = 0.0
    """Standard deviation of the measurement, on the scale of `logarithm`."""
    logarithm: bool = False
    assumed: str = ""
    """Why the error is what it is, where it is not published."""


@cache
def load_targets() -> tuple[Target, ...]:
    """All targets, in the table's order."""
    return tuple(Target(name, **entry) for name, entry in read_toml(TABLE).items())


def targets_of(groups: Sequence[str] | None = None) -> tuple[Target, ...]:
    """All targets, or those of some groups."""
    return tuple(target for target in load_targets() if groups is None or target.group in groups)


def groups() -> tuple[str, ...]:
    """Names of the groups, in order."""
    return tuple(dict.fromkeys(target.group for target in load_targets()))


def targets_hash(names: Iterable[str]) -> str:
    """SHA-256 of what is observed, and how exactly, of the targets of these names; a name that is no target's counts
    as another table.
    """
    table = {target.name: [target.observed, target.error, target.logarithm] for target in load_targets()}
    content = json.dumps({name: table.get(name) for name in names}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
