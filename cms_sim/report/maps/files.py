"""A file of boundaries before anything parses it: small enough, of a known kind, and nothing that leads elsewhere."""

from __future__ import annotations

import json
import struct
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
HEAD_BYTES: Final = 100
"""Of a shapefile's part; its length is said there."""
BESIDE: Final = (".shx", ".dbf")
"""What a shapefile cannot be read without."""
SAID_OF: Final = ((".dbf", ("dbf", "codec")), (".shx", (".shx", "entity")), (".shp", (".shp",)))
"""Parts of a shapefile, and words by which the library's faults tell which of them it could not read."""
PARTS_REMEDY: Final = "Download it again, all its parts (.shp, .shx, .dbf, .prj), or save it as GeoJSON."


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
    _check_part_file(file, file, ".shp")
    for ending in BESIDE:
        parts = (file.with_suffix(each) for each in (ending, ending.upper()))
        part = next((each for each in parts if is_there(each.is_file)), None)
        if part is None:
            remedy = "A shapefile is several files of one name: keep .shp, .shx, .dbf and .prj together, or zipped."
            raise InputError(f"its part {file.with_suffix(ending).name} is missing", where=str(file), remedy=remedy)
        _check_part_file(file, part, ending)
    return str(file)


def _check_part_file(file: Path, part: Path, ending: str) -> None:
    with part.open("rb") as content:
        _check_part(file, ending, content.read(HEAD_BYTES), part.stat().st_size)


def _check_part(file: Path, ending: str, head: bytes, size: int) -> None:
    """Refuse a part of a shapefile that is not one, or is shorter than its `head` says."""
    if ending == ".shp" and head[:4] != SHAPEFILE:
        raise InputError("is no shapefile", where=str(file), remedy=PARTS_REMEDY)
    if ending == ".dbf":
        records, head_bytes, record_bytes = struct.unpack("<IHH", head[4:12].ljust(8, b"\0"))
        is_one, length = head_bytes > 32, head_bytes + records * record_bytes
    else:
        is_one, length = head[:4] == SHAPEFILE and len(head) == HEAD_BYTES, 2 * int.from_bytes(head[24:28], "big")
    if not is_one or size < length:
        raise _broken_part(file, ending, "is cut short" if is_one else "is broken or cut short")


def _broken_part(file: Path, ending: str, words: str = "cannot be read") -> InputError:
    return InputError(f"the part {ending} of its shapefile {words}", where=str(file), remedy=PARTS_REMEDY)


def unreadable(file: Path, fault: Exception) -> InputError:
    """What to say where the libraries could not read a file that looked sound, for whatever they raise."""
    said = str(fault).lower()
    is_geojson = file.suffix.lower() in (".geojson", ".json")
    if type(fault).__name__ in ("CRSError", "ProjError"):
        part = "what it says of its coordinate system (crs)" if is_geojson else "its coordinate system (the part .prj)"
        remedy = "Download it again, or leave that out where coordinates are degrees or the city's feet (EPSG:2263)."
        return InputError(f"{part} cannot be read", where=str(file), remedy=remedy)
    remedy = "Download it again, or save it again from a mapping program as GeoJSON."
    if "linearring" in said:
        message = "holds a polygon whose line is not closed, or has coordinates that are no numbers"
        return InputError(message, where=str(file), remedy=remedy)
    if "does not exist" in said and file.suffix.lower() == ".zip":
        message = "its name, or that of the shapefile in it, has signs with which it cannot be opened"
        return InputError(message, where=str(file), remedy="Name both in letters and digits, such as precincts.zip.")
    for ending, words in () if is_geojson else SAID_OF:
        if any(word in said for word in words):
            return _broken_part(file, ending)
    reason = f" ({str(fault).splitlines()[0][:120]})" if said and isinstance(fault, RuntimeError | ValueError) else ""
    return InputError(f"cannot be read as boundaries{reason}", where=str(file), remedy=remedy)


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
            if whole.testzip() is not None:
                raise InputError("its shapefile is broken", where=str(file), remedy=remedy)
            for ending in (".shp", *BESIDE):
                part = names[shapes[0].removesuffix(".shp") + ending]
                _check_part(file, ending, whole.read(part)[:HEAD_BYTES], part.file_size)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        raise InputError("is not a zip file (broken or cut short)", where=str(file), remedy=remedy) from None
    return f"/vsizip/{{{file.resolve()}}}/{shape.filename}"
