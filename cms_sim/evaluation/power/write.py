"""A run's tables, pictures and words in one folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cms_sim.evaluation.power.design import Design
from cms_sim.evaluation.power.histories import Arm, parameter_draws
from cms_sim.evaluation.power.study import Study
from cms_sim.experiment.bank import rules_hash
from cms_sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.evaluation.power.summary import Found

ABOUT: Final = "about.json"


def about(design: Design, studies: Sequence[Study]) -> dict[str, Any]:
    """What a run was made of."""
    return {
        "version": __version__,
        "design": design.model_dump(mode="json", exclude_none=True),
        "studies": [asdict(study) for study in studies],
        "parameters": parameter_draws(design.hypothesis, design.seed).source,
        "histories": Arm(design.hypothesis, design.seed).name,
        "rules": rules_hash(),
    }


def as_json(told: dict[str, Any], found: Found) -> dict[str, Any]:
    """For machines."""
    return {
        **told,
        "smallest": records(found.smallest.to_dict("records")),
        "power": records(found.power.to_dict("records")),
    }


def records(rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Rows as JSON takes them; what is not known is null."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value


def write_tables(told: dict[str, Any], found: Found, reports: pd.DataFrame, words: Sequence[str], folder: Path) -> None:
    """`power` and `smallest` as CSV and Parquet, `reports` as Parquet, `about.json`, `answer.txt`."""
    for name, table in (("power", found.power), ("smallest", found.smallest)):
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")
        table.to_parquet(folder / f"{name}.parquet", index=False)
    reports.to_parquet(folder / "reports.parquet", index=False)
    (folder / ABOUT).write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "answer.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
