"""A file of boundaries before anything parses it: small enough, of a known kind, and nothing that leads elsewhere."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Final

from cms_sim.errors import InputError, nearest
from cms_sim.scenario.source import is_there

ENDINGS: Final = (".geojson", ".json", ".shp", ".zip")
MOST_BYTES: Final = 60_000_000
MOST_UNPACKED_BYTES: Final = 200_000_000
MOST_ENTRIES: Final = 200
SHAPEFILE: Final = b"\x00\x00\x27\x0a"
"""First bytes of a shapefile."""
BESIDE: Final = (".shx", ".dbf")
"""What a shapefile cannot be read without."""


def check_boundary_file(file: Path) -> str:
    """What to open: the file, or the shapefile in a zip. Raises InputError."""
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        remedy = f"Give GeoJSON or a shapefile (plain or zipped). {nearest(ending, ENDINGS)}"
        raise InputError(f"'{file.name}' is no file of boundaries", where=str(file), remedy=remedy)
    if not is_there(file.is_file):
        remedy = "Check the path; the city publishes its police precincts as GeoJSON and shapefile."
        raise InputError("there is no such file", where=str(file), remedy=remedy)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _too_large(file, file.stat().st_size)
        if ending == ".zip":
            return _in_zip(file)
        return _shapefile(file) if ending == ".shp" else _geojson(file)
    except OSError as error:
        remedy = "Check the permissions."
        raise InputError(f"cannot be read ({error.strerror})", where=str(file), remedy=remedy) from None


def _too_large(file: Path, size: int) -> InputError:
    remedy = "Give precincts only, without finer detail than the city publishes."
    return InputError(f"{size / 1e6:,.0f} MB is far too large", where=str(file), remedy=remedy)


def _geojson(file: Path) -> str:
    remedy = "Download it again, or save it from a mapping program as GeoJSON."
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise InputError("is not GeoJSON (broken or cut short)", where=str(file), remedy=remedy) from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise InputError("is JSON but no collection of features", where=str(file), remedy=remedy)
    features = content.get("features")
    sound = isinstance(features, list) and all(isinstance(each, dict) and "geometry" in each for each in features)
    if not sound or not features:
        raise InputError("holds no features with shapes", where=str(file), remedy=remedy)
    return str(file)


def _shapefile(file: Path) -> str:
    for ending in BESIDE:
        if not any(is_there(file.with_suffix(each).is_file) for each in (ending, ending.upper())):
            remedy = "A shapefile is several files of one name: keep .shp, .shx, .dbf and .prj together, or zipped."
            raise InputError(f"its part {file.with_suffix(ending).name} is missing", where=str(file), remedy=remedy)
    with file.open("rb") as content:
        if content.read(4) != SHAPEFILE:
            raise InputError("is no shapefile", where=str(file), remedy="Download it again, all its parts.")
    return str(file)


def _in_zip(file: Path) -> str:
    remedy = "Zip the .shp, .shx, .dbf and .prj of one shapefile, and nothing else."
    try:
        with zipfile.ZipFile(file) as whole:
            entries = [each for each in whole.infolist() if not each.filename.startswith("__MACOSX/")]
            size = sum(entry.file_size for entry in entries)
            if size > MOST_UNPACKED_BYTES or len(entries) > MOST_ENTRIES:
                raise _too_large(file, size)
            if any(entry.flag_bits & 1 for entry in entries):
                raise InputError("has a password", where=str(file), remedy="Zip it again without one.")
            names = {entry.filename.lower(): entry for entry in entries}
            shapes = [name for name in names if name.endswith(".shp")]
            if len(shapes) != 1:
                raise InputError(f"holds {len(shapes)} shapefiles instead of one", where=str(file), remedy=remedy)
            for ending in BESIDE:
                if shapes[0].removesuffix(".shp") + ending not in names:
                    raise InputError(f"the part {ending} of its shapefile is missing", where=str(file), remedy=remedy)
            shape = names[shapes[0]]
            if whole.read(shape)[:4] != SHAPEFILE or whole.testzip() is not None:
                raise InputError("its shapefile is broken", where=str(file), remedy=remedy)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        raise InputError("is not a zip file (broken or cut short)", where=str(file), remedy=remedy) from None
    return f"/vsizip/{{{file.resolve()}}}/{shape.filename}"
