"""Whether shapes can be the precincts whose numbers they bear, by what the city's tables know of each: its middle and
its area."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from cms_sim.data.city_tables import CityTables
from cms_sim.errors import InputError
from cms_sim.evaluation.intervals import Floats

if TYPE_CHECKING:
    import geopandas as gpd

DEGREES: Final = "EPSG:4326"
"""Longitude and latitude."""
FARTHEST_DEGREES: Final = 0.15
"""About 15 km: a part of a precinct that is farther than that from where the city's tables have it is not the one
meant. The farthest island of New York's, in Jamaica Bay, is at half of that."""
REACH_DEGREES: Final = 0.3
"""No point of a precinct is so far from its middle: the farthest of New York's is at 0.09."""
BESIDE_DEGREES: Final = 0.02
"""About 2 km: a shape that ends so far from its precinct's middle is not all of it, as an island alone is not."""
MISSES_KM: Final = 0.2
"""By so much a shape may miss the point that the city's tables have in the middle of its precinct, and take in that of
another, as coarse shapes do: that point is farther than 0.3 km from the border in every precinct but one."""
SMALLEST_SHARE, LARGEST_SHARE = 0.01, 50.0
"""Of the area in the city's tables. Boundaries as published are within half a percent of it, those with coordinates
rounded to a kilometre from a half to one and a half; with the waters off the shore a precinct may be many times it."""
MOST_OVERLAP: Final = 0.5
"""Of a precinct's area, in the shapes of others: precincts share none, coarse shapes a little along their borders."""


def check_places(file: Path, frame: gpd.GeoDataFrame, city: CityTables, column: str) -> None:
    """Refuse shapes in degrees (`frame`, by precinct) that cannot be these precincts of the city. Raises InputError."""
    _check_distances(file, frame, city)
    _check_areas(file, frame, city, column)
    _check_middles(file, frame, city, column)
    _check_overlaps(file, frame, column)
    _check_whole(file, frame, city)


def _check_distances(file: Path, frame: gpd.GeoDataFrame, city: CityTables) -> None:
    """Refuse shapes of which a part lies elsewhere than the city's tables have these precincts, or reaches there."""
    from shapely import get_coordinates, get_parts

    places = _middles(city)
    for number, shape in zip(frame["precinct"], frame.geometry, strict=True):
        parts = get_parts(shape)
        middles = np.array([(point.x, point.y) for point in (part.representative_point() for part in parts)])
        words = "lies at" if len(parts) == 1 else "has a part at"
        _check_near(file, f"precinct {number} {words}", middles, places[number], FARTHEST_DEGREES)
        _check_near(file, f"precinct {number} reaches to", get_coordinates(shape), places[number], REACH_DEGREES)


def _check_whole(file: Path, frame: gpd.GeoDataFrame, city: CityTables) -> None:
    """Refuse shapes that end far from the middles of their precincts."""
    from shapely import Point, get_coordinates, shortest_line

    places = _middles(city)
    for number, shape in zip(frame["precinct"], frame.geometry, strict=True):
        nearest = get_coordinates(shortest_line(shape, Point(places[number])))[:1]
        _check_near(file, f"precinct {number} ends at", nearest, places[number], BESIDE_DEGREES)


def _middles(city: CityTables) -> dict[int, tuple[float, float]]:
    return {precinct.number: (precinct.label_lon, precinct.label_lat) for precinct in city.precincts}


def _check_near(file: Path, words: str, points: Floats, place: tuple[float, float], farthest: float) -> None:
    """Refuse `points` ([n, 2], degrees) of which one is farther than that from where the tables have the precinct."""
    away = np.hypot(*(points - place).T)
    if not away.max() < farthest:
        (x, y), (lon, lat) = points[away.argmax()], place
        raise InputError(
            f"{words} {x:.2f}, {y:.2f}, but the city's tables have it at {lon:.2f}, {lat:.2f}",
            where=str(file),
            remedy="Give this city's precincts, each shape under its own number; if they are, state the coordinate "
            "system, or swap east and north back.",
        )


def _check_areas(file: Path, frame: gpd.GeoDataFrame, city: CityTables, column: str) -> None:
    """Refuse shapes far smaller or larger than their precincts are."""
    known = {precinct.number: precinct.area_km2 for precinct in city.precincts}
    areas_km2 = frame.to_crs(frame.estimate_utm_crs()).area / 1e6
    for number, area_km2 in zip(frame["precinct"], areas_km2, strict=True):
        if not SMALLEST_SHARE < area_km2 / known[number] < LARGEST_SHARE:
            size = f"{area_km2:,.1f}" if area_km2 >= 0.1 else "less than 0.1"
            message = f"precinct {number} (column '{column}') has {size} km², but the city's tables have "
            remedy = "Give each precinct's own boundary, as published."
            raise InputError(f"{message}{known[number]:,.1f} km²", where=str(file), remedy=remedy)


def _check_middles(file: Path, frame: gpd.GeoDataFrame, city: CityTables, column: str) -> None:
    """Refuse shapes that bear each other's numbers: where the middle of a precinct lies in another number's shape and
    outside its own, or deep in another's."""
    import geopandas as gpd

    lon, lat = zip(*_middles(city).values(), strict=True)
    system = frame.estimate_utm_crs()
    points, shapes = gpd.GeoSeries.from_xy(lon, lat, crs=DEGREES).to_crs(system), frame.geometry.to_crs(system)
    own = dict(zip(frame["precinct"], shapes, strict=True))
    found = []
    for place, row in zip(*points.sindex.query(shapes, predicate="contains")[::-1], strict=True):
        number, other, point = city.precincts[place].number, frame["precinct"].iloc[row], points.iloc[place]
        is_missed = number in own and own[number].distance(point) > 1000.0 * MISSES_KM
        if number != other and (is_missed or shapes.iloc[row].boundary.distance(point) > 1000.0 * MISSES_KM):
            found.append((number, other))
    if found:
        found.sort()
        some = ", ".join(f"{number}'s middle lies in the shape numbered {other}" for number, other in found[:4])
        more = "" if len(found) <= 4 else f", and {len(found) - 4} more"
        remedy = f"Give boundaries whose column '{column}' holds each precinct's own number, as published."
        raise InputError(f"shapes bear other precincts' numbers: {some}{more}", where=str(file), remedy=remedy)


def _check_overlaps(file: Path, frame: gpd.GeoDataFrame, column: str) -> None:
    """Refuse shapes that lie over those of other numbers."""
    from shapely import STRtree, area, intersection

    shapes, numbers = frame.geometry.to_numpy(), frame["precinct"].to_numpy()
    ours, others = STRtree(shapes).query(shapes, predicate="intersects")
    ours, others = ours[ours != others], others[ours != others]
    shared = area(intersection(shapes[ours], shapes[others]))  # in degrees, in which they are valid
    overlaps = np.bincount(ours, shared, len(shapes)) / area(shapes)
    place = overlaps.argmax()
    if overlaps[place] > MOST_OVERLAP:
        most = numbers[others[ours == place][shared[ours == place].argmax()]]
        message = f"precincts {numbers[place]} and {most} (column '{column}') lie over each other"
        raise InputError(message, where=str(file), remedy="Give each precinct's own boundary, as published.")
