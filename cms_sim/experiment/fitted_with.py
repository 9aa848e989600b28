"""What histories of the record hang on, and what is fitted to them: a hash of each part, so that nothing is taken for
today's that is not, and so that a message can say what has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from cms_sim.data.city_records import CityTables
from cms_sim.data.hypotheses import Hypothesis
from cms_sim.data.parameters import load_parameters
from cms_sim.data.targets import targets_hash
from cms_sim.experiment.bank import code_of, rules_hash
from cms_sim.experiment.levels import record_scenario
from cms_sim.scenario.resolved import resolved_hash

_PACKAGE: Final = Path(__file__).parent.parent
_LIVING: Final = tuple(
    f"experiment/{name}.py" for name in ("draws", "hindcast", "levels_between", "refused", "summary")
)
_STATISTICS: Final = (
    *(f"evaluation/patterns/{name}.py" for name in ("activity", "counts", "dispersion", "programme", "statistics")),
    "evaluation/estimators/panel.py",
    "evaluation/intervals.py",
    "evaluation/studies.py",
)
"""Those of the patterns that parameters are fitted to, and what they count by."""
_FITTING: Final = tuple(f"evaluation/calibration/{name}.py" for name in ("inference", "targets"))
_WORDS: Final = {
    "rules": "other rules or parameters",
    "hypothesis": "another reading of the hypothesis",
    "record": "another record",
    "sites": "other sites on record (sites_june_2020; a file of that name in ./scenarios takes its place: rename that)",
    "living": "another way of living the record's years",
    "statistics": "other statistics of a history",
    "targets": "other targets",
    "fitting": "another way of fitting",
}


def lived_with(chosen: Hypothesis, tables: CityTables) -> dict[str, str]:
    """Hashes (hex) of all that a history of the record in `tables` hangs on, parameters drawn and seed apart."""
    return {
        "rules": rules_hash(),
        "hypothesis": chosen.content_hash,
        "record": tables.content_hash,
        "sites": resolved_hash(record_scenario(tables)),
        "living": code_hash(_LIVING),
    }


def counted_with(chosen: Hypothesis, tables: CityTables) -> dict[str, str]:
    """The same of histories of which only the statistics are kept that parameters are fitted to."""
    return {**lived_with(chosen, tables), "statistics": code_hash(_STATISTICS)}


def fitted_with(chosen: Hypothesis, tables: CityTables, targets: Iterable[str]) -> dict[str, str]:
    """The same of parameters that were fitted to `targets` (their names)."""
    prior_only = sorted(name for name, each in load_parameters().items() if each.prior_only)
    fitting = hashlib.sha256(json.dumps([code_hash(_FITTING), prior_only]).encode()).hexdigest()
    return {**counted_with(chosen, tables), "targets": targets_hash(targets), "fitting": fitting}


def history_hash(chosen: Hypothesis, tables: CityTables) -> str:
    """`lived_with` in one hash."""
    return hashlib.sha256(json.dumps(lived_with(chosen, tables), sort_keys=True).encode()).hexdigest()


def other_than_today(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """In words, what was different `then`; empty for nothing."""
    return ", ".join(words for part, words in _WORDS.items() if then.get(part) != now.get(part))


@cache
def code_hash(files: tuple[str, ...]) -> str:
    """A hash (hex) of what files of the package do: paths or patterns below it."""
    found = sorted({file for pattern in files for file in _PACKAGE.glob(pattern)})
    return hashlib.sha256("".join(map(code_of, found)).encode()).hexdigest()
