"""A comparison under each hypothesis, side by side: a table, a page, and where it comes from."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cms_sim.data.hypotheses import load_hypotheses
from cms_sim.evaluation.both import Found, Ranking, ranking, sentences, side_by_side
from cms_sim.evaluation.intervals import LEVEL
from cms_sim.evaluation.words import UNKNOWN, about, chance, interval
from cms_sim.report.html import rendered
from cms_sim.report.provenance import content_hash
from cms_sim.report.tables import csv_bytes
from cms_sim.report.write import MARK, as_input_error, check_replaceable, check_writable
from cms_sim.version import __version__

CAPTION: Final = (
    f"People not shot a year beyond the reference ({LEVEL:.0%} interval of the average), the share of runs in which "
    "the plan is best, and what a person not shot costs."
)


def write_both(found: Found, name: str, out: Path, told: Mapping[str, Any]) -> Path:
    """Write `out/NAME-both`: page, table and provenance. `told`: command, started.

    Raises InputError when it cannot be written, or would replace something that is not a result.
    """
    folder = out / f"{name}-both"
    check_writable(out)
    check_replaceable(folder)
    ranked = ranking(found)
    files = {
        "both.csv": csv_bytes(side_by_side(found)),
        "both.html": both_page(found, ranked, name).encode(),
        MARK: both_json(found, ranked, name, told).encode(),
    }
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-unfinished-", dir=out))
    try:
        for file, content in files.items():
            (unfinished / file).write_bytes(content)
        unfinished.chmod(out.stat().st_mode & 0o777)
        if folder.exists():
            shutil.rmtree(folder)
        unfinished.rename(folder)
    except OSError as fault:
        raise as_input_error(fault, out) from fault
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def both_json(found: Found, ranked: Ranking, name: str, told: Mapping[str, Any]) -> str:
    """Where it comes from, and the ranking, for machines; the content hashes are those of the single reports."""
    plans = [plan.name for plan in next(iter(found.values())).plans]
    content = {
        "cms_sim": __version__,
        "name": name,
        **told,
        "hypotheses": {
            each: {"content": content_hash(results), "replicates": results.replicates, "report": f"{name}-{each}"}
            for each, results in found.items()
        },
        "ranking": {
            "same": ranked.is_same,
            "same_leader": ranked.same_leader,
            "orders": {
                each: [plans[plan] for plan in order]
                for each, order in zip(ranked.hypotheses, ranked.orders, strict=True)
            },
            "turned": [{**asdict(pair), "plans": [plans[plan] for plan in pair.plans]} for pair in ranked.turned],
            "words": sentences(ranked),
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def both_page(found: Found, ranked: Ranking, name: str) -> str:
    """One file, no script, nothing fetched; links lead to the two reports beside it."""
    known = load_hypotheses()
    return rendered(
        "both.html.j2",
        title=f"{name}: under each hypothesis",
        name=name,
        sentences=sentences(ranked),
        caption=CAPTION,
        hypotheses=[
            {"name": each, "title": known[each].title, "meaning": known[each].meaning, "runs": results.replicates}
            for each, results in found.items()
        ],
        rows=rows(found),
    )


def rows(found: Found) -> list[dict[str, Any]]:
    """Of the table: a plan's title, and for each hypothesis its cells."""
    table = side_by_side(found)
    return [
        {"title": row["title"], "cells": [cell for name in found for cell in _cells(row, name)]}
        for _, row in table.iterrows()
    ]


def _cells(row: Any, name: str) -> tuple[str, ...]:
    if row["role"] == "reference":
        return _rank(row[f"{name}.rank"]), "reference", chance(row[f"{name}.probability_best"]), ""
    mean, low, high = (row[f"{name}.averted_victims_per_year{end}"] for end in ("", "_mean_low", "_mean_high"))
    span = interval(low, high)
    averted = f"{about(mean)}{f' ({span})' if span != UNKNOWN else ''}"
    if row["role"] != "plan":
        return "", averted, "", ""
    best = chance(row[f"{name}.probability_best"])
    return _rank(row[f"{name}.rank"]), averted, best, str(row[f"{name}.cost_per_victim_averted_brief"])


def _rank(value: float) -> str:
    return f"{value:.0f}"
