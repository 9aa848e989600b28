"""The points of a design: [points, names], in an order that the design and its seed fix.

Latin hypercube and Sobol from `scipy.stats.qmc`, Saltelli's and Morris' from SALib (extra `research`), the grid as the
product of the lists in their order, the last name fastest; a table as it stands.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.csv_table import read_rows
from cms_sim.errors import InputError
from cms_sim.experiment.sweep.design import Design
from cms_sim.experiment.sweep.spans import Varied


def count_points(design: Design, varied: Sequence[Varied]) -> int:
    """How many points the design has (a table is read for it)."""
    given = design.points or 0
    if design.method == "grid":
        return math.prod(len(each.steps) for each in varied)
    if design.method == "table":
        return len(read_table(design)[1])
    return {"saltelli": given * (len(varied) + 2), "morris": given * (len(varied) + 1)}.get(design.method, given)


def make_points(design: Design, varied: Sequence[Varied]) -> NDArray[np.float64]:
    """[points, names] the values at every point."""
    if design.method == "grid":
        product = list(itertools.product(*(each.steps for each in varied)))
        return np.array(product, dtype=np.float64).reshape(len(product), len(varied))
    if design.method == "table":
        return read_table(design)[1]
    places = unit_points(design, [each.name for each in varied])
    return np.stack([each.at(places[:, column]) for column, each in enumerate(varied)], axis=1)


def unit_points(design: Design, names: Sequence[str]) -> NDArray[np.float64]:
    """[points, names] places between 0 and 1 of a sampled design, before they become values."""
    assert design.points is not None
    if design.method == "saltelli":
        return _salib("sobol", problem(names), design.points, calc_second_order=False, seed=design.seed)
    if design.method == "morris":
        return _salib("morris", problem(names), design.points, seed=design.seed)
    from scipy.stats import qmc

    rng = np.random.default_rng(design.seed)
    if design.method == "sobol":
        doubled = max(0, math.ceil(math.log2(design.points)))
        places = qmc.Sobol(d=len(names), scramble=True, rng=rng).random_base2(doubled)
    else:
        places = qmc.LatinHypercube(d=len(names), rng=rng).random(design.points)
    return np.asarray(places[: design.points], dtype=np.float64)


def problem(names: Sequence[str]) -> dict[str, Any]:
    """The names as SALib knows a problem, all on 0 to 1: indices do not depend on the scale of a parameter."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _salib(sampler: str, names: Mapping[str, Any], count: int, **options: Any) -> NDArray[np.float64]:
    import importlib

    try:
        module = importlib.import_module(f"SALib.sample.{sampler}")
    except ImportError:
        raise InputError(
            "the sampling of Saltelli and of Morris needs SALib",
            where="method",
            remedy="Install it: python -m pip install 'SALib>=1.5' (or the extra 'research').",
        ) from None
    return np.asarray(module.sample(names, count, **options), dtype=np.float64)


def read_table(design: Design) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and [points, names] values of the design's CSV file. Raises InputError naming line and column."""
    assert design.table is not None
    rows = read_rows(design.folder / design.table, [], remedy="A line of names comes first, then one for each point.")
    names = tuple(rows[0].cells)
    _check_columns(design, names)
    return names, np.array([[row.number(name) for name in names] for row in rows], dtype=np.float64)


def _check_columns(design: Design, names: Collection[str]) -> None:
    """Refuse a table that names a column twice: of two values for one name, which holds?"""
    file = design.folder / str(design.table)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        header = [name.strip() for name in next(csv.reader(stream))]
    if len(header) > len(names):
        twice = next(name for name in header if header.count(name) > 1)
        raise InputError("comes twice", where=f"{file}, column '{twice}'", remedy="Keep one of the two.")
