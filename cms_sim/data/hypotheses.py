"""Hypotheses of contagion: overrides of priors and of the network that go together."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from cms_sim.data.parameters import Prior, load_parameters, prior_of
from cms_sim.errors import InputError, nearest

TABLE = Path(__file__).parent / "tables" / "hypotheses.toml"
DEFAULT_HYPOTHESIS = "city"


@dataclass(frozen=True)
class Hypothesis:
    """A named reading of how violence spreads."""

    name: str
    title: str
    meaning: str
    network: Mapping[str, float]
    """Network parameters that differ from the table's defaults."""
    priors: Mapping[str, Prior]
    """Priors that replace the table's."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of what it changes in the model; its words apart."""
        priors = {name: asdict(prior) for name, prior in self.priors.items()}
        content = json.dumps([dict(self.network), priors], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


@cache
def load_hypotheses() -> dict[str, Hypothesis]:
    """Every hypothesis by name."""
    found = {}
    for name, entry in tomllib.loads(TABLE.read_text(encoding="utf-8")).items():
        priors = {key: prior_of(law, f"hypotheses.toml: {name}.{key}") for key, law in entry["priors"].items()}
        unknown = (set(priors) | set(entry["network"])) - set(load_parameters())
        if unknown:
            raise InputError(
                f"unknown parameter '{min(unknown)}'",
                where=f"hypotheses.toml: {name}",
                remedy=nearest(min(unknown), load_parameters()),
            )
        found[name] = Hypothesis(name, entry["title"], entry["meaning"], entry["network"], priors)
    return found


def hypothesis(name: str) -> Hypothesis:
    """One hypothesis; InputError for an unknown name."""
    table = load_hypotheses()
    if name not in table:
        raise InputError(f"unknown hypothesis '{name}'", where="--hypothesis", remedy=nearest(name, table))
    return table[name]
