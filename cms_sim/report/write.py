"""Puts a comparison's tables, pictures, pages and provenance into one folder, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cms_sim.data.city_tables import load_city_tables
from cms_sim.errors import InputError
from cms_sim.experiment.results import Results
from cms_sim.scenario.resolved import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.experiment.compare import Comparison
    from cms_sim.report.maps.boundaries import Boundaries
    from cms_sim.report.sheet import Sheet

MARK: Final = "provenance.json"
"""A folder with this file is one of ours, and may be replaced by a newer one."""
NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)


def write_report(
    comparison: Comparison, folder: Path, told: Mapping[str, Any], boundaries: Boundaries | None = None
) -> Path:
    """Write everything about `comparison` into `folder` and return it. `told`: command, started, seconds.

    With `boundaries` the maps are of the precincts' own shapes, and the folder `maps` has exports for mapping programs.

    Raises InputError when the folder cannot be written, the disk is full, or the folder holds something else."""
    from cms_sim.report.events import events_table

    results, scenarios = comparison.results, comparison.question.scenarios
    return write_results(results, events_table(results, comparison.events), scenarios, folder, told, boundaries)


def write_results(
    results: Results,
    events: pd.DataFrame,
    scenarios: Sequence[Scenario],
    folder: Path,
    told: Mapping[str, Any],
    boundaries: Boundaries | None = None,
) -> Path:
    """As `write_report`, from the parts. Written beside `folder` first and then renamed, so that `folder` is never half
    of a report: an older one of the same name stays until the new one is whole."""
    from cms_sim.report.sheet import Sheet

    check_writable(folder.parent)
    check_replaceable(folder)
    city = load_city_tables(scenarios[0].frame.city_folder if scenarios else None)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-unfinished-", dir=folder.parent))
    try:
        _fill(unfinished, Sheet(results, city, scenarios, boundaries), events, told)
        unfinished.chmod(0o777 & ~_umask())
        _swap(unfinished, folder)
    except OSError as fault:
        raise as_input_error(fault, folder.parent) from fault
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def check_writable(folder: Path) -> None:
    """Make `folder`, and raise InputError if nothing can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise as_input_error(fault, folder) from fault


def check_replaceable(folder: Path) -> None:
    """Raise InputError if `folder` holds something that is not a result of this program: that is never deleted."""
    if not (folder.exists() or folder.is_symlink()):
        return
    if folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir())):
        return
    remedy = "Choose another name with --name, or move what is there."
    raise InputError("holds something that is not a result and would be lost", where=str(folder), remedy=remedy)


def as_input_error(fault: OSError, folder: Path) -> InputError:
    """The message for a person: full disk, or a folder that cannot be written."""
    if fault.errno in NO_SPACE:
        free_mb = _free_mb(folder)
        room = f" ({free_mb:.0f} MB free)" if free_mb is not None else ""
        remedy = "Free some 20 MB, or give a folder on another disk with --out. An older result there is as it was."
        return InputError(f"the disk is full{room}", where=str(folder), remedy=remedy)
    reason = (fault.strerror or str(fault)).lower()
    remedy = "Give a folder that you may write to with --out."
    return InputError(f"cannot be written: {reason}", where=str(folder), remedy=remedy)


def _fill(folder: Path, sheet: Sheet, events: pd.DataFrame, told: Mapping[str, Any]) -> None:
    from cms_sim.report.drawing import being_drawn
    from cms_sim.report.html import details_page, report_page
    from cms_sim.report.provenance import provenance, provenance_json
    from cms_sim.report.tables import write_tables

    with being_drawn(sheet) as drawn:
        origin = provenance(sheet, sheet.scenarios, told)
        write_tables(sheet, events, folder)
        drawings = drawn()
    _write_maps(folder / "maps", sheet)
    (folder / "figures").mkdir()
    for drawing in drawings:
        drawing.write(folder / "figures")
    for name, page in (("report", report_page), ("details", details_page)):
        (folder / f"{name}.html").write_text(page(sheet, drawings, origin), encoding="utf-8")
    (folder / MARK).write_text(provenance_json(origin), encoding="utf-8")


def _write_maps(folder: Path, sheet: Sheet) -> None:
    """Results by precinct for mapping programs and Excel, where there are boundaries and a plan."""
    if sheet.boundaries is None or not sheet.compared:
        return
    from cms_sim.report.maps.exports import export_table, write_exports

    titles = {plan.name: plan.title for plan in sheet.results.plans}
    plans = [line.info.name for line in sheet.compared]
    write_exports(export_table(sheet.short_tables["by_precinct"], titles), sheet.boundaries, folder, plans)


def _swap(unfinished: Path, folder: Path) -> None:
    """Put the finished folder in place; the older one comes back if that fails."""
    if not folder.exists():
        unfinished.rename(folder)
        return
    older = Path(tempfile.mkdtemp(prefix=f".{folder.name}-older-", dir=folder.parent)) / folder.name
    folder.rename(older)
    try:
        unfinished.rename(folder)
    except OSError:
        older.rename(folder)
        raise
    finally:
        shutil.rmtree(older.parent, ignore_errors=True)


def _free_mb(folder: Path) -> float | None:
    with suppress(OSError):
        return shutil.disk_usage(folder).free / 1e6
    return None


def _umask() -> int:
    """The mask for new files; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
