"""The boundaries of precincts from a file as the city publishes it: GeoJSON or a shapefile, plain or zipped.

Columns may be named as they like, and coordinates be degrees or feet: what is not sure is refused, with the remedy.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cms_sim.data.city_tables import CityTables
from cms_sim.errors import InputError
from cms_sim.evaluation.intervals import Floats
from cms_sim.report.maps.files import check_boundary_file, unreadable
from cms_sim.report.maps.places import DEGREES, check_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

FEET = "EPSG:2263"
"""Feet in New York's state plane, in which the city publishes shapefiles."""
FEET_BOX: Final = (880_000.0, 100_000.0, 1_100_000.0, 300_000.0)
"""West, south, east, north of the city in those feet, with a margin."""
DRAWN_TO_KM: Final = 0.03
"""Finer than this no line on the page is."""
LOW_KM: Final = 1.7
"""Below this two lines of a label do not fit."""
SMALLEST_KM2: Final = 0.05
"""Islands below this are drawn only where a precinct has nothing larger."""
MOST_POINTS: Final = 5_000_000


@dataclass(frozen=True)
class Outline:
    """A precinct for drawing, in km east and north of the city's corner."""

    rings: tuple[Floats, ...]
    """[n, 2] each, closed; holes too (they turn the other way)."""
    label: tuple[float, float]
    """Where most room is for a label."""
    room_km: float
    """Radius of the largest circle around it that is inside."""
    is_flat: bool
    """Whether it is there much wider than high, so that a label fits on one line only."""


@dataclass(frozen=True)
class Boundaries:
    """Outlines of precincts by number, and the frame (precinct, geometry in degrees) for exports."""

    file: Path
    outlines: dict[int, Outline]
    frame: gpd.GeoDataFrame


def load_boundaries(file: Path, city: CityTables, needed: Sequence[int]) -> Boundaries:
    """Read `file`; every precinct of `needed` must be in it. Raises InputError with place and remedy."""
    try:
        import geopandas  # noqa: F401
        import pyogrio  # noqa: F401
    except ImportError:
        remedy = "Install them: pip install 'cms-sim[maps]' (from a clone: pip install -e '.[maps]')."
        raise InputError("maps need the packages geopandas and pyogrio", remedy=remedy) from None
    path = check_boundary_file(file)
    try:
        with _quiet():
            return _load(file, path, city, needed)
    except (InputError, MemoryError):
        raise
    except Exception as fault:  # a broken file can make the libraries raise anything at all
        raise unreadable(file, fault) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """The libraries' warnings are answered by our own checks."""
    import warnings

    loud = logging.getLogger("pyogrio")
    before, loud.disabled = loud.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        loud.disabled = before


def _load(file: Path, path: str, city: CityTables, needed: Sequence[int]) -> Boundaries:
    import geopandas as gpd
    from shapely import force_2d

    table = gpd.read_file(path, engine="pyogrio")
    if not isinstance(table, gpd.GeoDataFrame) or not len(table):
        raise InputError("holds no shapes", where=str(file), remedy="Give the precincts' boundaries as published.")
    column, numbers = _precinct_column(file, table, {precinct.number for precinct in city.precincts})
    shapes = gpd.GeoSeries(table.geometry.to_numpy(), crs=table.crs)
    kept = np.array([number is not None for number in numbers])
    frame = gpd.GeoDataFrame(
        {"precinct": [number for number in numbers if number is not None]},
        geometry=force_2d(shapes[kept].to_numpy()),
        crs=table.crs,
    )
    _check_shapes(file, frame, column)
    frame = _in_degrees(file, frame)
    frame["geometry"] = _areas(frame.geometry.to_numpy())
    frame = frame.dissolve("precinct", as_index=False)
    for number in frame["precinct"][frame.geometry.is_empty]:
        remedy = "Give boundaries in finer detail, as polygons that enclose an area."
        raise InputError(f"precinct {number} (column '{column}') encloses no area", where=str(file), remedy=remedy)
    missing = sorted(set(needed) - set(frame["precinct"]))
    if missing:
        some = ", ".join(map(str, missing[:8])) + ("" if len(missing) <= 8 else " and more")
        remedy = "Give a file with all precincts in play, such as the city's police precincts as published."
        raise InputError(f"has no boundary for precincts {some} (column '{column}')", where=str(file), remedy=remedy)
    check_places(file, frame, city, column)
    return Boundaries(file, _outlines(frame), frame)


def _precinct_column(file: Path, table: gpd.GeoDataFrame, known: set[int]) -> tuple[str, list[int | None]]:
    """The column whose values are the city's precinct numbers: most of them, and one called so before others."""
    scores: list[tuple[float, str, list[int | None]]] = []
    for column in table.columns:
        if column == table.geometry.name:
            continue
        numbers = [_number(value) for value in table[column]]
        found = {number for number in numbers if number in known}
        called = _is_called_so(column)
        if found and (called or len(found) > 0.8 * len(known)):
            scores.append(
                (len(found) + (0.5 if called else 0.0), str(column), [n if n in known else None for n in numbers])
            )
    if not scores:
        message = "no column holds the numbers of precincts"
        for column in filter(_is_called_so, table.columns):
            value = next((value for value in table[column] if value is not None), None)
            remedy = f"Give numbers of this city's precincts, such as 75, in the column '{column}'."
            raise InputError(f"{message}: '{column}' holds {value!r:.40}", where=str(file), remedy=remedy)
        names = ", ".join(f"'{column}'" for column in table.columns if column != table.geometry.name) or "none"
        remedy = f"Name the column of precinct numbers 'precinct'. The columns are: {names[:300]}."
        raise InputError(message, where=str(file), remedy=remedy)
    _, column, numbers = max(scores, key=lambda score: score[0])
    return column, numbers


def _is_called_so(column: object) -> bool:
    return any(word in str(column).lower() for word in ("precinct", "pct"))


def _number(value: Any) -> int | None:
    """A precinct's number from 75, 75.0, '75', '075', '75.0' or '75th Precinct'; None for anything else."""
    if isinstance(value, str):
        said = re.fullmatch(r"\s*([0-9]{1,8})(?:\.0*|st|nd|rd|th)?\s*(?:precinct)?\s*", value, re.IGNORECASE)
        return int(said[1]) if said else None
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    number = float(value)
    return int(number) if math.isfinite(number) and number.is_integer() and abs(number) < 1e9 else None


def _check_shapes(file: Path, frame: gpd.GeoDataFrame, column: str) -> None:
    """Refuse what is no area, and far too many points."""
    for number, shape in zip(frame["precinct"], frame.geometry, strict=True):
        if shape is None or shape.is_empty or not shape.geom_type.endswith("Polygon"):
            kind = "no shape" if shape is None or shape.is_empty else f"a {shape.geom_type}"
            remedy = "Give boundaries (polygons), not points or lines."
            raise InputError(f"precinct {number} (column '{column}') is {kind}", where=str(file), remedy=remedy)
    if frame.geometry.count_coordinates().sum() > MOST_POINTS:
        raise InputError("has far too many points", where=str(file), remedy="Simplify it in a mapping program.")
    if not np.isfinite(frame.total_bounds).all():
        raise InputError("has coordinates that are no numbers", where=str(file), remedy="Download it again.")


def _in_degrees(file: Path, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Longitude and latitude, whatever the file has. A file may say nothing of that, or say degrees and mean feet."""
    west, south, east, north = frame.total_bounds
    degrees = -180.0 <= west <= east <= 180.0 and -90.0 <= south <= north <= 90.0
    feet = FEET_BOX[0] <= west and FEET_BOX[1] <= south and east <= FEET_BOX[2] and north <= FEET_BOX[3]
    stated = frame.crs is not None and not (frame.crs.is_geographic and not degrees)
    if not stated and not degrees and not feet:
        remedy = f"State its coordinate system (the .prj file of a shapefile), or save it in {DEGREES} or {FEET}."
        raise InputError(
            f"coordinates from {west:,.7g} to {east:,.7g} are neither degrees nor {FEET}'s feet",
            where=str(file),
            remedy=remedy,
        )
    if not stated:
        frame = frame.set_crs(DEGREES if degrees else FEET, allow_override=True)
    return frame.to_crs(DEGREES)


def _areas(shapes: Any) -> Any:
    """The polygons that the lines enclose: where coarse coordinates make a line run back on itself, nothing is left of
    that part."""
    from shapely import make_valid

    return make_valid(shapes, method="structure", keep_collapsed=False)


def _outlines(frame: gpd.GeoDataFrame) -> dict[int, Outline]:
    """Shapes as rings in km from the corner of the city, as fine as a page shows."""
    flat = frame.to_crs(frame.estimate_utm_crs())
    west, south, _, _ = flat.total_bounds
    shapes = _areas(flat.geometry.translate(-west, -south).scale(0.001, 0.001, origin=(0.0, 0.0)).to_numpy())
    return {int(number): _outline(shape) for number, shape in zip(frame["precinct"], shapes, strict=True)}


def _outline(shape: Any) -> Outline:
    from shapely import maximum_inscribed_circle
    from shapely.geometry.polygon import orient

    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    parts.sort(key=lambda part: -part.area)
    drawn = [part.simplify(DRAWN_TO_KM) for part in parts if part.area >= SMALLEST_KM2 or part is parts[0]]
    rings = [np.asarray(ring.coords) for part in map(orient, drawn) for ring in (part.exterior, *part.interiors)]
    circle = maximum_inscribed_circle(drawn[0])
    x, y = circle.coords[0]
    rings = [ring for ring in rings if len(ring) > 3]
    return Outline(tuple(rings), (float(x), float(y)), float(circle.length), _is_flat(drawn[0], x, y))


def _is_flat(part: Any, x: float, y: float) -> bool:
    """Whether the part is over twice as wide as high at a point in it, and low."""
    from shapely import LineString

    west, south, east, north = part.bounds
    wide = part.intersection(LineString([(west, y), (east, y)])).length
    high = part.intersection(LineString([(x, south), (x, north)])).length
    return bool(high < LOW_KM and wide > 2.0 * high)
