"""Sensitivity as a table for the terminal, and as files in the folder of the sweep."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cms_sim.errors import InputError
from cms_sim.evaluation.sensitivity import Sensitivity
from cms_sim.evaluation.sobol import SobolIndices
from cms_sim.evaluation.varied import Varied
from cms_sim.report.sensitivity_words import asked, finding, left_out, noise

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

FOLDER: Final = "sensitivity"
"""In the folder of a sweep."""
WIDTH: Final = 100
_SOBOL: Final = {"first": "by itself\n(first order)", "total": "in all\n(total)"}
_MORRIS: Final = {"mu_star": "mu*\nmean size", "mu": "mu\nmean", "sigma": "sigma\nunevenness"}


def table(found: Sensitivity, names: Mapping[str, Varied]) -> pd.DataFrame:
    """The indices with what was varied, in which unit and between which values: a row for each name."""
    frame = found.frame()
    told = [names[name] for name in frame["name"]]
    for place, column in enumerate(("meaning", "unit", "low", "high"), start=3):
        frame.insert(place, column, [getattr(each, column) for each in told])
    return frame


def print_sensitivity(found: Sensitivity, names: Mapping[str, Varied], console: Console | None = None) -> None:
    """Print the indices, what matters most first, each with its 95% interval."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    screen = console or Console()
    screen.width = min(screen.width, WIDTH) if screen.is_terminal else WIDTH
    shown = _SOBOL if isinstance(found.indices, SobolIndices) else _MORRIS
    lines = Table(box=box.SIMPLE_HEAD if screen.is_terminal else box.ASCII2, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("", "range", *shown.values()):
        lines.add_column(heading, justify="right" if heading in shown.values() else "left", no_wrap=bool(heading))
    for _, row in found.frame().iterrows():
        name = names[str(row["name"])]
        cells = [f"{row[column]:.3g} ±{row[f'{column}_half']:.2g}" for column in shown]
        if "total" in shown:
            cells = [f"{row[column]:.2f} ±{row[f'{column}_half']:.2f}" for column in shown]
        lines.add_row(name.name, f"{name.low:.3g} to {name.high:.3g}", *cells)
    for sentence in (f"{finding(found)}.", asked(found)):
        screen.print(sentence, highlight=False)
    screen.print(lines)
    for sentence in (_below(found), *left_out(found)):
        screen.print(sentence, highlight=False)


def _below(found: Sensitivity) -> str:
    """How much of it is chance."""
    words = noise(found.indices)
    if isinstance(found.indices, SobolIndices):
        return f"{words[0].upper()}{words[1:]}; it is taken off the indices. ± is a 95% interval."
    floor = float(found.indices.floor.mean())
    return f"Noise alone would show a mu* of about {floor:.2g}; {words}. ± is a 95% interval."


def write_sensitivity(found: Sensitivity, names: Mapping[str, Varied], folder: Path) -> list[Path]:
    """Write table and picture (CSV, PNG, SVG) into `folder/sensitivity`; the files written.

    Raises InputError when they cannot be."""
    from cms_sim.report.sensitivity_plot import sensitivity_plot

    drawing = sensitivity_plot(found, names).finished()
    csv = table(found, names).to_csv(index=False).encode()
    contents = {".csv": csv, ".png": drawing.png, ".svg": drawing.svg}
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
        return [_write(folder / FOLDER / f"{drawing.name}{ending}", content) for ending, content in contents.items()]
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        remedy = "Copy the sweep to a place with room that you may write to, or print the indices with --json."
        raise InputError(f"cannot be written: {reason}", where=str(folder / FOLDER), remedy=remedy) from fault


def _write(file: Path, content: bytes) -> Path:
    """Write a file whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        return part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def as_json(found: Sensitivity, names: Mapping[str, Varied], files: list[Path]) -> dict[str, Any]:
    """Everything about one outcome of one plan, for programs."""
    return {
        "outcome": found.outcome,
        "plan": found.plan,
        "reference": found.reference,
        "method": found.method,
        "noise_share": found.indices.noise_share,
        "replicates": found.indices.replicates,
        "left_out": {"blocks": found.left_out, "replicates": found.replicates_left_out},
        "names": table(found, names).drop(columns=["outcome", "plan", "noise_share", "replicates"]).to_dict("records"),
        "files": [str(file) for file in files],
    }
