"""Results by precinct for other programs: GeoPackage and GeoJSON for maps, CSV for spreadsheets.

The tables are those of the report (`by_precinct`), in fewer columns and with names short enough for mapping programs.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cms_sim.errors import InputError, RunError
from cms_sim.experiment.whole_files import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from cms_sim.report.maps.boundaries import Boundaries

COLUMNS: Final[Mapping[str, str]] = {
    "precinct": "precinct",
    "name": "name",
    "new_site": "new_site",
    "residents": "residents",
    "victims_per_year": "shot_a_year",
    "averted_victims_per_year": "averted",
    "averted_victims_per_year_mean_low": "averted_low",
    "averted_victims_per_year_mean_high": "averted_high",
    "averted_victims_per_year_low_90": "runs_low",
    "averted_victims_per_year_high_90": "runs_high",
    "probability_averts": "p_averts",
    "probability_harm": "p_harm",
}
"""Columns of `by_precinct` and what they are called in an export (docs/maps.md says what they mean)."""
PLACES: Final = 6
"""Decimals of a degree: ten centimetres."""
LEADING: Final = ("=", "+", "-", "@", "\t", "\r")
"""Signs by which a spreadsheet takes a text for a formula."""


def export_table(by_precinct: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """One row per plan and precinct: plan, title, the columns of `COLUMNS`, and `told`: fewer, more, not told apart."""
    missing = sorted({"plan", *COLUMNS} - set(by_precinct.columns))
    if missing:
        remedy = "Give by_precinct.csv of a comparison that this version wrote."
        raise InputError(f"the table lacks {', '.join(missing[:4])}", remedy=remedy)
    table = by_precinct[["plan", *COLUMNS]].rename(columns=dict(COLUMNS))
    table.insert(1, "title", [titles.get(plan, plan) for plan in table["plan"]])
    table["told"] = told_of(table)
    return table


def told_of(table: pd.DataFrame) -> list[str]:
    """What each row's interval says: fewer, more, not told apart, or too few runs."""
    return [
        "fewer" if low > 0.0 else "more" if high < 0.0 else "not told apart" if low <= 0.0 <= high else "too few runs"
        for low, high in zip(table["averted_low"], table["averted_high"], strict=True)
    ]


def excel_csv(table: pd.DataFrame) -> bytes:
    """CSV that Excel opens as it is: UTF-8 with its mark, Windows line ends, no text that it takes for a formula."""
    safe = table.copy()
    for column in safe.columns:
        if not _is_number(safe[column]):
            safe[column] = safe[column].map(_text)
    safe.columns = [_text(column) for column in safe.columns]
    return safe.to_csv(index=False, float_format="%.6g", lineterminator="\r\n").encode("utf-8-sig")


def _is_number(column: Any) -> bool:
    return bool(column.dtype.kind in "biuf")


def _text(value: object) -> object:
    """A text with an apostrophe before what would begin a formula, as spreadsheets write it themselves."""
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip().startswith(LEADING) or value.startswith(LEADING) else value


def write_exports(table: pd.DataFrame, boundaries: Boundaries | None, folder: Path, plans: Sequence[str]) -> list[Path]:
    """Into `folder`: `precincts.csv`, and with boundaries `precincts.gpkg` (a layer a plan) and a GeoJSON a plan; each
    file is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [put(folder / "precincts.csv", excel_csv(table))]
    if boundaries is None or not plans:
        return written
    layers = {plan: boundaries.frame.merge(table[table["plan"] == plan], on="precinct", how="inner") for plan in plans}
    written += [put(folder / f"{plan}.geojson", _geojson(layer).encode()) for plan, layer in layers.items()]
    package = folder / "precincts.gpkg"
    write_whole(package, lambda part: _write_package(part, layers, package))
    return [*written, package]


def put(file: Path, content: bytes) -> Path:
    """Write a file that is there whole or not at all."""
    write_whole(file, lambda part: part.write_bytes(content))
    return file


def _write_package(part: Path, layers: Mapping[str, Any], package: Path) -> None:
    """A GeoPackage at `part`, which is to become `package`. Raises RunError where the disk takes nothing more."""
    from pyogrio import set_gdal_config_options

    set_gdal_config_options({"OGR_CURRENT_DATE": "2020-07-01T00:00:00.000Z"})  # the same content, the same bytes
    part.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*file.* extension", RuntimeWarning)  # it gets its own name when it is whole
        for place, (plan, layer) in enumerate(layers.items()):
            try:
                layer.to_file(part, layer=plan, driver="GPKG", engine="pyogrio", mode="a" if place else "w")
            except RuntimeError as fault:  # what pyogrio raises for a disk that takes nothing more
                remedy = "Free some space, or give a folder on another disk with --out."
                raise RunError(f"cannot be written ({str(fault)[:120]})", where=str(package), remedy=remedy) from None


def _geojson(frame: Any) -> str:
    """As the standard (RFC 7946) has it: degrees, and null for what is no number."""
    content = json.loads(frame.to_json(drop_id=True))
    for feature in content["features"]:
        feature["geometry"]["coordinates"] = _rounded(feature["geometry"]["coordinates"])
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _rounded(part: Any) -> Any:
    return [_rounded(each) for each in part] if isinstance(part, list | tuple) else round(part, PLACES)
