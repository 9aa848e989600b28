"""Finding, reading and joining scenario files.

A name is looked up in `./scenarios`, then among the shipped ones: beside the package (a clone) or, installed, under
`share/cms-sim/scenarios` of the environment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cms_sim.errors import InputError, nearest
from cms_sim.scenario.problems import input_error
from cms_sim.scenario.resolve import resolve
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.schema import DEFAULT_REFERENCE, ScenarioFile
from cms_sim.scenario.source import PLANS, WORKBOOKS, Source, is_there, read_source, where

if TYPE_CHECKING:
    from cms_sim.data.city_tables import CityTables

_OWN_KEYS = ("title", "summary", "extends", "default_set", "order")
"""What a file says of itself alone and does not hand down."""
_JOINED_LISTS = ("add", "patrol", "surge")
"""Lists to which a child's entries are added."""


@cache
def shipped_folder() -> Path | None:
    """The folder of the shipped scenarios, or None when the installation lacks it."""
    return next((folder for folder in _candidates() if (folder / f"{DEFAULT_REFERENCE}.toml").is_file()), None)


def _candidates() -> Iterator[Path]:
    root = Path(__file__).resolve().parents[2]
    yield root / "scenarios"
    yield root / "share" / "cms-sim" / "scenarios"  # pip install --target
    with suppress(metadata.PackageNotFoundError):
        for file in metadata.files("cms-sim") or []:
            if file.name == f"{DEFAULT_REFERENCE}.toml":
                yield Path(str(file.locate())).resolve().parent


def list_scenarios() -> dict[str, Path]:
    """Scenario files by name: the shipped ones and those in ./scenarios, which win; sorted by name."""
    shipped = shipped_folder()
    folders = [shipped] if shipped else []
    found = {file.stem: file for folder in (*folders, Path("scenarios")) for file in folder.glob("*.toml")}
    return dict(sorted(found.items()))


def load_scenario(
    name_or_path: str | Path, *, city: CityTables | None = None, parameter_names: Collection[str] | None = None
) -> Scenario:
    """The resolved scenario of a name (shipped or in ./scenarios) or of a path to a file.

    `city` and `parameter_names` replace the tables that the file itself asks for (its `constants.city`, or New York)
    and the packaged parameter table. Raises InputError naming file, line or key, and the remedy.
    """
    path = find_scenario(name_or_path)
    try:
        chain = _chain(path)
        merged: dict[str, Any] = {}
        for source in reversed(chain):
            merged = _joined(merged, _own_content(source))
        return resolve(_validated(merged, chain[0]), path, chain, city, parameter_names)
    except InputError as error:
        if path.suffix.lower() not in WORKBOOKS:
            raise
        from cms_sim.scenario.workbook.read import in_words

        raise in_words(error) from None


def load_reference(scenario: Scenario, *, city: CityTables | None = None) -> Scenario:
    """The scenario's reference in its own frame and under its own uncertainties: the two differ in levers only."""
    if scenario.reference == scenario.name:
        return scenario
    try:
        path = find_scenario(scenario.reference, beside=scenario.folder)
    except InputError as error:
        place = where([read_source(scenario.file)], "reference") if scenario.file.is_file() else scenario.name
        raise InputError(error.message, where=place, remedy=error.remedy) from None
    return load_scenario(path, city=city).under(scenario)


def load_default_set(*, city: CityTables | None = None) -> tuple[Scenario, ...]:
    """The scenarios marked `default_set`, in their order of display."""
    everyone = [load_scenario(path, city=city) for path in list_scenarios().values()]
    return tuple(sorted((s for s in everyone if s.default_set), key=lambda s: (s.order, s.name)))


def find_scenario(name_or_path: str | Path, *, beside: Path | None = None) -> Path:
    """The file that a name or path stands for; `beside` is a folder to look in first.

    Raises InputError with the nearest name when there is none.
    """
    given = Path(name_or_path)
    is_path = given.suffix.lower() in PLANS or len(given.parts) > 1
    near = (beside or Path()) / (given if is_path else f"{given}.toml")
    if is_there(near.is_file) and (is_path or beside):
        return near
    known = list_scenarios()
    if not is_path and given.name in known:
        return known[given.name]
    if is_there(near.is_dir):
        raise InputError("is a folder, not a scenario file", where=str(near), remedy="Give a .toml file in it.")
    if is_path or not beside:
        names = {file.name for file in near.parent.glob("*.toml") if _is_scenario(file)}
    else:
        names = {file.stem for file in beside.glob("*.toml") if _is_scenario(file)}
    raise InputError(
        f"there is no scenario file '{name_or_path}'",
        where=str(beside or ""),
        remedy=nearest(given.name, sorted({*known, *names})),
    )


def _is_scenario(file: Path) -> bool:
    """Whether a TOML file has a scenario's tables and nothing else at its top: what may be named as a remedy."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return "title" in content and set(content) <= set(ScenarioFile.model_fields)


def _chain(path: Path) -> list[Source]:
    """The file and those that it extends, child first."""
    chain = [read_source(path)]
    seen = [path.resolve()]
    while (parent := chain[-1].content.get("extends")) is not None:
        place = chain[-1].where("extends")
        if not isinstance(parent, str):
            raise InputError("extends must be a text", where=place, remedy='Write extends = "sites_june_2020".')
        try:
            path = find_scenario(parent, beside=chain[-1].path.parent)
        except InputError as error:
            raise InputError(error.message, where=place, remedy=error.remedy) from None
        if path.resolve() in seen:
            names = " -> ".join(file.stem for file in [*seen, path])
            raise InputError(
                f"extends runs in a circle: {names}", where=place, remedy="Let one of them extend nothing."
            )
        seen.append(path.resolve())
        chain.append(read_source(path))
    return chain


def _own_content(source: Source) -> dict[str, Any]:
    """What a file sets, checked by itself; a city folder is taken from where the file stands."""
    content = _validated(source.content, source).model_dump(exclude_unset=True, by_alias=True)
    constants = content.get("constants", {})
    if constants.get("city"):
        folder = source.path.parent / constants["city"]
        constants["city"] = str(folder.resolve() if is_there(folder.exists) else folder.absolute())
    _keyed_sites(content, source)
    return content


def _validated(content: Mapping[str, Any], source: Source) -> ScenarioFile:
    try:
        return ScenarioFile.model_validate(content)
    except ValidationError as failure:
        raise input_error(source, failure) from None


def _keyed_sites(content: dict[str, Any], source: Source) -> dict[tuple[int, int], dict[str, Any]]:
    """The sites of one file by (precinct, site_id); a key that stands twice is an error."""
    sites: dict[tuple[int, int], dict[str, Any]] = {}
    for index, site in enumerate(content.get("levers", {}).get("sites", [])):
        key = (site["precinct"], site["site_id"])
        if key in sites:
            raise InputError(
                f"precinct {key[0]} has two sites with site_id {key[1]}",
                where=source.where("levers", "sites", index),
                remedy="Give the second one another site_id, or put it under [[levers.sites.changes]] of the first.",
            )
        sites[key] = site
    return sites


def _joined(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """The child laid over the parent: tables key by key, sites by (precinct, site_id); all else replaced."""
    inherited = {name: value for name, value in parent.items() if name not in _OWN_KEYS}
    return _laid_over(inherited, child)


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for name, value in above.items():
        old = below.get(name)
        if isinstance(value, dict) and isinstance(old, dict) and "law" not in value:
            result[name] = _laid_over(old, value)
        elif name == "sites" and isinstance(old, list):
            sites = {(site["precinct"], site["site_id"]): site for site in old}
            for site in value:
                key = (site["precinct"], site["site_id"])
                sites[key] = _laid_over(sites.get(key, {}), site)
            result[name] = list(sites.values())
        elif name in _JOINED_LISTS and isinstance(old, list):
            result[name] = [*old, *value]
        else:
            result[name] = value
    return result
