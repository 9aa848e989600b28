"""Where panels come from: the packaged record, a city's folder, a download of the police department, simulated runs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cms_sim.data.city_records import CityTables
from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.importer import import_download
from cms_sim.errors import InputError, nearest
from cms_sim.evaluation.estimators.panel import OUTCOMES, Panel, adjacent, record_panel

RECORD: Final = "record"
SIMULATED: Final = "precinct_month.parquet"
CITY: Final = "precinct_month.csv"
PROVENANCE: Final = "provenance.json"


@dataclass(frozen=True)
class Sample:
    """Panels to be estimated and told together: one record, or the replicates of one simulated plan."""

    name: str
    panels: tuple[Panel, ...]
    simulated: bool = False
    true_percent: float | None = None
    """Simulated only: people shot in the sites' precincts in the 24 months from the start on, against the plan's
    reference in the same replicates, percent."""


def samples(source: str, outcome: str = "victims", sites: Sequence[int] = ()) -> list[Sample]:
    """What `source` holds: "record", a folder of a city or of results, or a published file (CSV).

    `sites` are the precincts under study; none: every site with 24 months on each side (simulated: every new site).
    Raises `InputError`."""
    if outcome not in OUTCOMES:
        raise InputError(f"there is no count of '{outcome}'", where="--count", remedy=nearest(outcome, OUTCOMES))
    if source == RECORD:
        return [_record(load_city_tables(), outcome, sites)]
    path = Path(source)
    if path.is_dir() and (path / SIMULATED).is_file():
        return _simulated(path, outcome, sites)
    if path.is_dir() and (path / CITY).is_file():
        return [_record(load_city_tables(path), outcome, sites)]
    if path.is_dir():
        remedy = f"Give a folder of results (with {SIMULATED}) or of a city (with {CITY})."
        raise InputError("holds neither results nor a city", where=source, remedy=remedy)
    if path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            import_download(path, Path(folder) / path.stem)
            return [_record(load_city_tables(Path(folder) / path.stem), outcome, sites)]
    beside = sorted(each.name for each in path.parent.iterdir()) if path.parent.is_dir() else []
    remedy = f"{nearest(path.name, [RECORD, *beside])} '{RECORD}' is the packaged record."
    raise InputError("there is no such file or folder", where=source, remedy=remedy)


def _record(tables: CityTables, outcome: str, sites: Sequence[int]) -> Sample:
    panel = record_panel(tables, outcome)
    panel = panel.studying(sites) if sites else panel
    if not panel.starts:
        remedy = "Sites and start months are in cms_sites.csv; a longer record gives more windows."
        raise InputError("no site has 24 months on record before and after its start", where=tables.name, remedy=remedy)
    return Sample(tables.name, (panel,))


def _simulated(folder: Path, outcome: str, sites: Sequence[int]) -> list[Sample]:
    """A sample for each plan that opens sites in precincts that its reference leaves without.

    Precincts with a site from the first month on are like any other that does not change."""
    told = _provenance(folder / PROVENANCE)
    numbers, months, counts = _counts(folder / SIMULATED, outcome)
    names, tables = list(counts), load_city_tables()
    found = []
    for plan in told["plans"]:
        if not plan["new_precincts"] or plan["name"] not in names:
            continue
        openings = _openings(plan, told, months)
        kept = sites or tuple(sorted(openings))
        if missing := [number for number in kept if number not in openings]:
            remedy = f"New sites of '{plan['name']}': {', '.join(map(str, sorted(openings)))}."
            raise InputError(f"precinct {missing[0]} gets no new site", where="--sites", remedy=remedy)
        whole = Panel(
            numbers, months, counts[plan["name"]][0], openings, frozenset(openings), adjacent(tables), (), outcome
        ).studying(kept)
        panels = tuple(replace(whole, counts=replicate) for replicate in counts[plan["name"]])
        reference = counts.get(told["scenarios"].get(plan["name"], {}).get("reference"))
        true = None if reference is None else _true_percent(panels, reference)
        found.append(Sample(plan["name"], panels, simulated=True, true_percent=true))
    if not found:
        remedy = "Compare a plan with new sites, such as expansion_2020."
        raise InputError("no plan opens a site in a precinct without one", where=str(folder), remedy=remedy)
    return found


def _provenance(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        _ = told["plans"], told["scenarios"]
    except FileNotFoundError:
        remedy = "It tells when sites open; give a folder as `cms-sim compare` writes it."
        raise InputError("there is no such file", where=str(file), remedy=remedy) from None
    except (ValueError, KeyError, TypeError) as fault:
        raise InputError(f"cannot be read ({fault})", where=str(file), remedy="Run the comparison again.") from None
    return told


def _counts(file: Path, outcome: str) -> tuple[tuple[int, ...], NDArray[np.datetime64], dict[str, NDArray[np.int64]]]:
    """Precincts, months, and by plan the counts [R, S, M]."""
    columns = ["plan", "replicate", "precinct", "month", outcome]
    try:
        frame = pd.read_parquet(file, columns=columns)
    except (OSError, ValueError, KeyError) as fault:  # Arrow's errors are of these
        remedy = f"It needs the columns {', '.join(columns)}; run the comparison again."
        raise InputError(f"cannot be read ({str(fault).splitlines()[0]})", where=str(file), remedy=remedy) from None
    frame["plan"] = frame["plan"].astype(str)
    keys = ["plan", "replicate", "precinct", "month"]
    names, replicates, precincts, months = (np.sort(frame[key].unique()) for key in keys)
    shape = (len(names), len(replicates), len(precincts), len(months))
    if len(frame) != np.prod(shape) or frame.duplicated(keys).any():
        raise InputError("lacks or repeats months of a precinct", where=str(file), remedy="Run the comparison again.")
    counts = frame.sort_values(keys)[outcome].to_numpy(dtype=np.int64).reshape(shape)
    by_plan = {str(name): counts[k] for k, name in enumerate(names)}
    return tuple(int(number) for number in precincts), np.asarray(months, dtype="datetime64[M]"), by_plan


def _openings(plan: dict[str, Any], told: dict[str, Any], months: NDArray[np.datetime64]) -> dict[int, int]:
    """Month (index) in which each precinct's first new site opens: by the scenario, or else when the plan's first
    does."""
    listed = told["scenarios"].get(plan["name"], {}).get("sites", [])
    found = {}
    for precinct in plan["new_precincts"]:
        dates = [term["from_date"] for site in listed if site["precinct"] == precinct for term in site["terms"]]
        month = np.datetime64(min(dates), "M") if dates else months[plan["opening_month"]]
        found[precinct] = int((month - months[0]).astype(int))
    return found


def _true_percent(panels: Sequence[Panel], reference: NDArray[np.int64]) -> float:
    """The plan against its reference in the sites' windows after the start, all replicates together."""
    from cms_sim.evaluation.studies import WINDOW_MONTHS

    windows = [(row, slice(start, start + WINDOW_MONTHS)) for row, start in panels[0].starts.items()]
    with_sites = sum(int(panel.counts[row, span].sum()) for panel in panels for row, span in windows)
    without = sum(int(reference[:, row, span].sum()) for row, span in windows)
    return 100.0 * (with_sites / without - 1.0) if without else float("nan")
