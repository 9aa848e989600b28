"""Boundaries made up for tests: a square around where the tables have each precinct of a city."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cms_sim.data.city_records import CityTables

SIDE = 0.008
"""Degrees."""


def square(lon: float, lat: float, side: float = SIDE) -> list[list[list[float]]]:
    half = side / 2.0
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    return [[[lon + x, lat + y] for x, y in corners]]


def features(city: CityTables, name: str = "precinct") -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "properties": {name: precinct.number, "label": precinct.short_name},
            "geometry": {"type": "Polygon", "coordinates": square(precinct.label_lon, precinct.label_lat)},
        }
        for precinct in city.precincts
    ]


def geojson(made: Sequence[object], **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", **more, "features": made})


def write_geojson(file: Path, made: Sequence[object], **more: object) -> Path:
    file.write_text(geojson(made, **more), encoding="utf-8")
    return file
